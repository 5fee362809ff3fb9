"""Train, validation and test, so that nobody is in two of them.

Artists who share a track belong together, and with them all of their tracks; so do all sessions of one listener. Such
groups are laid, in an order that only their names decide, where most is missing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


class Groups:
    """What belongs together; about 200 bytes for each name are kept."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._sizes: Counter[str] = Counter()

    def add(self, names: Iterable[str], rows: int = 1) -> None:
        """Rows that tie these names together."""
        first, *others = (self._root(name) for name in names)
        for other in others:
            first, other = sorted((first, self._root(other)))
            if first != other:
                self._parents[other] = first
                self._sizes[first] += self._sizes.pop(other, 0)
        self._sizes[first] += rows

    def of(self, name: str) -> str:
        """The name that stands for the group."""
        return self._root(name)

    def split(self) -> dict[str, str]:
        """Which split each group belongs to."""
        total = sum(self._sizes.values())
        missing = {split: share * total for split, share in SHARES.items()}
        found = {}
        for group in sorted(self._sizes, key=_drawn):
            chosen = max(missing, key=lambda split: missing[split] / SHARES[split])
            found[group] = chosen
            missing[chosen] -= self._sizes[group]
        return found

    def _root(self, name: str) -> str:
        at = self._parents.setdefault(name, name)
        while at != (above := self._parents[at]):
            self._parents[at] = self._parents[above]
            at = above
        return at


def _drawn(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
