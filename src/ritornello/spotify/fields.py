"""The ``fields`` grammar: ``a.b``, ``a(b,c(d))`` and ``!a`` choose what is left of an object."""

from __future__ import annotations

from typing import Any

from ritornello.errors import BadRequest

_DEEPEST = 20


class Choice:
    """What to keep of an object; an empty one keeps everything."""

    def __init__(self) -> None:
        self.kept: dict[str, Choice] = {}
        self.dropped: dict[str, Choice] = {}

    def of(self, found: Any) -> Any:
        """Apply to an object, or to each object of a list."""
        if isinstance(found, list):
            return [self.of(one) for one in found]
        if not isinstance(found, dict) or not (self.kept or self.dropped):
            return found
        kept = {name: self.kept[name].of(value) for name, value in found.items() if name in self.kept}
        if self.kept:
            return kept
        # `!a` drops a; `!a.b` and `!a(b)` keep a without b.
        return {
            name: self.dropped[name].of(value) if name in self.dropped else value
            for name, value in found.items()
            if name not in self.dropped or self.dropped[name].dropped
        }


def parse(text: str) -> Choice:
    """Read the parameter; raises :class:`BadRequest` where it cannot be read."""
    reader = _Reader(text)
    choice = Choice()
    reader.read_list(choice, False, 0)
    if reader.at < len(text):
        raise reader.wrong()
    return choice


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read_list(self, into: Choice, dropping: bool, depth: int) -> None:
        """``item, item, …`` up to the end or a closing bracket."""
        if depth > _DEEPEST:
            raise BadRequest(f"Invalid fields: more than {_DEEPEST} brackets inside each other")
        while True:
            self._item(into, dropping, depth)
            if self._next() != ",":
                return
            self.at += 1

    def _item(self, into: Choice, dropping: bool, depth: int) -> None:
        if self._next() == "!":
            self.at += 1
            dropping = True
        name = self._name()
        if not name:
            # A comma too many does no harm.
            if self._next() in (",", ")", ""):
                return
            raise self.wrong()
        side = into.dropped if dropping else into.kept
        inner = side.setdefault(name, Choice())
        following = self._next()
        if following == ".":
            self.at += 1
            if depth > _DEEPEST:
                raise BadRequest(f"Invalid fields: more than {_DEEPEST} names inside each other")
            self._item(inner, dropping, depth + 1)
        elif following == "(":
            self.at += 1
            self.read_list(inner, dropping, depth + 1)
            if self._next() != ")":
                raise self.wrong()
            self.at += 1

    def _name(self) -> str:
        self._next()
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "_-"):
            self.at += 1
        return self.text[start : self.at]

    def _next(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def wrong(self) -> BadRequest:
        """Say where reading stopped."""
        return BadRequest(
            f"Invalid fields: cannot read {self.text!r} from character {self.at + 1}; "
            "expected such as items(added_at,track(name)) or !tracks.items"
        )
