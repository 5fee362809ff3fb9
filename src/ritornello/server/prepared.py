"""What was written for earlier answers, kept as long as nothing in the library has changed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from ritornello.library import Library

Text = TypeVar("Text")

_MOST = 32_768
"""Of texts; those of tracks take about 1.2 kB each, those of features half a kilobyte."""


class Prepared(Generic[Text]):
    """Texts by whom they are for and whose they are; from the event loop and from threads alike."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._version = -1
        self._texts: dict[tuple[Hashable, str], Text] = {}

    def moment(self) -> int:
        """The state of the library; to be asked before a connection is opened, for then texts are no older."""
        return self._library.version()

    def get(
        self, moment: int, view: Hashable, ids: Sequence[str], make: Callable[[Sequence[str]], Mapping[str, Text]]
    ) -> list[Text | None]:
        """The texts of these ids, made where they are not at hand; None for what cannot be made."""
        if moment != self._version:
            # A new one, so that a thread at work on the old one does not write into this.
            self._version, self._texts = moment, {}
        kept = self._texts
        found = {own: kept.get((view, own)) for own in ids}
        missing = [own for own, text in found.items() if text is None]
        if missing:
            for own, text in make(missing).items():
                found[own] = kept[view, own] = text
            if len(kept) > _MOST:
                # The older half, so that a library larger than this is not forgotten at once.
                for key in list(islice(kept, len(kept) // 2)):
                    kept.pop(key, None)
        return [found[own] for own in ids]
