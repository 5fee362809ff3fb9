"""Whether two names mean the same recording: titles and artists made plain, then compared letter by letter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

ENOUGH = 0.88
"""The score from which a song is taken for a track."""

_WEIGHTS = {"title": 0.55, "artist": 0.35, "album": 0.1}
_CLOSE, _FAR = 4.0, 15.0
"""Seconds by which copies of one recording differ, and by which only other recordings do."""
_OFF = 0.9
"""What a length between the two is worth."""

_GUEST = re.compile(
    r"\s*[\(\[](?:feat|ft|featuring|with)\b\.?\s[^\)\]]*[\)\]]|\s+(?:feat\.?|ft\.|featuring)\s[^\(\[]*", re.IGNORECASE
)
_BRACKETS = re.compile(r"[\(\[]([^\)\]]*)[\)\]]")
_SUFFIX = re.compile(r"\s[-–—]\s(.+)$")
_SAME = re.compile(
    r"\b(re-?master(ed)?|(album|single|original|lp|stereo|mono|explicit|clean) (version|mix|edit)|deluxe|bonus track"
    r"|stereo|mono|explicit|\d{4})\b",
    re.IGNORECASE,
)
"""Words after a title that leave the recording what it is, or nearly so."""
_VERSION = re.compile(
    r"\b(live|acoustic|remix|rmx|instrumental|karaoke|demo|edit|unplugged|session|version|reprise|cover|mix|dub"
    r"|a cappella|acapella|orchestral|extended|sped up|slowed|rehearsal|take)\b"
)
_SEVERAL = re.compile(
    r"\s*(?:,|;|/|&|\band\b|\bx\b|\bvs\.?\b|\bfeat\.?\b|\bft\.?\b|\bfeaturing\b|\bwith\b)\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title without what changes from release to release."""

    plain: str
    version: frozenset[str]
    """Words that make it another recording, such as ``live``."""
    numbers: tuple[str, ...]


def title(text: str) -> Title:
    """Make a title plain."""
    bare = _GUEST.sub("", text) or text
    asides = _BRACKETS.findall(bare)
    bare = _BRACKETS.sub(lambda found: "" if _tells_release(found[1]) else f" {found[1]}", bare)
    if (suffix := _SUFFIX.search(bare)) and _tells_release(suffix[1]):
        asides.append(suffix[1])
        bare = bare[: suffix.start()]
    version = frozenset(word for aside in asides for word in _version(aside))
    found = plain(bare) or plain(text)
    return Title(found, version, tuple(re.findall(r"\d+", found)))


def plain(text: str) -> str:
    """Lower case, no accents, letters and digits alone."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    words = re.findall(r"[^\W_]+", bare.replace("'", "").replace("’", ""))
    return " ".join(words) or bare.strip()


def artists(text: str) -> tuple[str, ...]:
    """Who is named: all of it as one name first, then each by themselves."""
    whole = plain(text)
    parts = [plain(part) for part in _SEVERAL.split(text) if part.strip()]
    return tuple(dict.fromkeys([whole.removeprefix("the "), *(part.removeprefix("the ") for part in parts)]))


def score(
    ours: tuple[Title, tuple[str, ...], str | None, float | None],
    theirs: tuple[Title, tuple[str, ...], str | None, float | None],
) -> float:
    """How surely two are one recording, 0..1, from title, artists, album and seconds; 0 for another version of it."""
    (title_, by, album, seconds), (other, its, on, length) = ours, theirs
    if title_.version != other.version or title_.numbers != other.numbers:
        return 0.0
    apart = abs(seconds - length) if seconds and length else 0.0
    if apart > _FAR:
        return 0.0
    told = {"title": _alike(title_.plain, other.plain), "artist": max(_alike(a, b) for a in by for b in its)}
    if told["title"] < 0.75 or told["artist"] < 0.75:
        return 0.0
    if album and on:
        told["album"] = _alike(title(album).plain, title(on).plain)
    total = sum(_WEIGHTS[name] * value for name, value in told.items()) / sum(_WEIGHTS[name] for name in told)
    return total * (_OFF if apart > _CLOSE else 1.0)


def _alike(one: str, other: str) -> float:
    return fuzz.ratio(one, other) / 100


def _tells_release(aside: str) -> bool:
    return bool(_SAME.search(aside) or _VERSION.search(aside.casefold()))


def _version(aside: str) -> list[str]:
    """The words of an aside that make it another recording; which remix it is counts too."""
    left = _SAME.sub(" ", aside).casefold()
    return plain(left).split() if _VERSION.search(left) else []
