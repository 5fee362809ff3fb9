"""A playlist from a sentence: words into seeds and tunables, by a table that anybody can read and no network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ritornello.recommend.kinds import ALIASES, GENRES
from ritornello.spotify import genres

_WORDS: dict[str, dict[str, float]] = {
    "calm|quiet|relaxed|relaxing|peaceful|gentle|soft|mellow": {"target_energy": 0.2, "max_energy": 0.5},
    "evening|night|late": {"target_energy": 0.35},
    "rainy|rain|melancholy|melancholic|sad|gloomy|blue": {"target_valence": 0.2},
    "happy|cheerful|sunny|joyful|uplifting|bright": {"target_valence": 0.85, "min_valence": 0.5},
    "dark|angry": {"target_valence": 0.15},
    "energetic|powerful|intense|wild": {"target_energy": 0.85, "min_energy": 0.6},
    "party|dance|dancing|danceable|groovy": {"target_danceability": 0.85, "min_danceability": 0.5},
    "workout|gym|running|run|jogging": {"target_energy": 0.9, "target_tempo": 145, "min_energy": 0.6},
    "focus|concentration|concentrate|study|studying|work|working|coding|reading": {
        "target_instrumentalness": 0.9,
        "target_energy": 0.4,
    },
    "sleep|sleeping|asleep|lullaby": {"target_energy": 0.05, "max_energy": 0.3, "max_loudness": -10},
    "acoustic|unplugged": {"target_acousticness": 0.9, "min_acousticness": 0.5},
    "electronic|synthetic": {"target_acousticness": 0.05},
    "instrumental|wordless": {"target_instrumentalness": 0.95, "min_instrumentalness": 0.5},
    "live|concert": {"target_liveness": 0.9, "min_liveness": 0.5},
    "slow": {"target_tempo": 70},
    "fast|quick": {"target_tempo": 150},
    "loud": {"target_loudness": -4},
    "popular|famous|hits": {"target_popularity": 90},
    "obscure|unknown|hidden": {"target_popularity": 5},
    "major": {"min_mode": 1},
    "minor": {"max_mode": 0},
    "waltz|waltzes": {"min_time_signature": 3, "max_time_signature": 3},
}
_NO_VOICE = re.compile(r"\b(?:no|without|not any)\s+(?:vocals?|singing|singers?|voices?|words|lyrics)\b")
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_MOST = (
    r"(?:under|below|at most|less than|no more than|not over|nothing over|nothing above|max(?:imum)?|up to|not above"
    r"|slower than|shorter than)"
)
_LEAST = (
    r"(?:over|above|at least|more than|no less than|nothing under|nothing below|min(?:imum)?|faster than|longer than)"
)
_ABOUT = r"(?:about|around|near|at|of)"
_UNITS = (
    (rf"{_NUMBER}\s*(?:bpm|beats)", "tempo", 1.0),
    (rf"{_NUMBER}\s*(?:minutes?|mins?)", "duration_ms", 60_000.0),
    (rf"{_NUMBER}\s*(?:seconds?|secs?)", "duration_ms", 1_000.0),
)
_MOST_SEEDS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence was taken to mean, to be shown and changed."""

    seeds: tuple[tuple[str, str], ...]
    """Kind and id, at most five."""
    parameters: dict[str, float]
    """By the names of the tunables."""
    unread: tuple[str, ...]
    """Words that meant nothing here."""


def read(sentence: str, labels: Iterable[str] = (), artists: Iterable[tuple[str, str]] = ()) -> Reading:
    """Read a sentence.

    Parameters
    ----------
    sentence
        In English, such as ``calm piano for a rainy evening, nothing over 90 BPM``.
    labels
        The library's own names of genres.
    artists
        Names and ids; a name counts after ``like``, ``by`` or ``from`` only, for many are common words.
    """
    text = " " + re.sub(r"\s+", " ", sentence.casefold()) + " "
    found: dict[str, float] = {}
    text = _numbers(text, found)
    text, count = _NO_VOICE.subn(" ", text)
    if count:
        found |= {"min_instrumentalness": 0.5, "target_instrumentalness": 0.95}
    seeds: list[tuple[str, str]] = []
    text = _artists(text, artists, seeds)
    text = _genres(text, labels, seeds)
    left = []
    for word in re.findall(r"[^\W\d_]+", text):
        meant = next((wish for words, wish in _WORDS.items() if word in words.split("|")), None)
        if meant is None:
            left.append(word)
        else:
            found |= meant
    return Reading(tuple(seeds[:_MOST_SEEDS]), found, tuple(word for word in left if word not in _SMALL))


def _numbers(text: str, found: dict[str, float]) -> str:
    for unit, name, scale in _UNITS:
        between = re.compile(rf"(?:between|from)\s+{_NUMBER}\s+(?:and|to)\s+{unit}")
        for match in between.finditer(text):
            found[f"min_{name}"], found[f"max_{name}"] = (_number(each) * scale for each in match.groups())
        text = between.sub(" ", text)
        for words, kind in ((_MOST, "max"), (_LEAST, "min"), (_ABOUT, "target")):
            said = re.compile(rf"\b{words}\s+{unit}")
            for match in said.finditer(text):
                found[f"{kind}_{name}"] = _number(match.group(1)) * scale
            text = said.sub(" ", text)
        for match in re.finditer(unit, text):
            found[f"target_{name}"] = _number(match.group(1)) * scale
        text = re.sub(unit, " ", text)
    return text


def _artists(text: str, artists: Iterable[tuple[str, str]], seeds: list[tuple[str, str]]) -> str:
    for name, id_ in sorted(artists, key=lambda one: -len(one[0])):
        said = re.compile(rf"\b(?:like|by|from|and)\s+{re.escape(name.casefold())}(?=\W)")
        text, count = said.subn(" like ", text) if name.casefold() in text else (text, 0)
        if count:
            seeds.append(("artist", id_))
    return text


def _genres(text: str, labels: Iterable[str], seeds: list[tuple[str, str]]) -> str:
    names = {one.replace("-", " "): one for one in (*GENRES, *ALIASES, *map(genres.normal, labels))}
    for spoken in sorted(names, key=lambda one: (-len(one), one)):
        said = re.compile(rf"(?<!\w){re.escape(spoken).replace(re.escape(' '), '[ -]')}(?!\w)")
        # Words of mood are also seeds of Spotify's; they say more as tunables.
        if any(spoken in words.split("|") for words in _WORDS) and spoken not in ("electronic", "acoustic", "dance"):
            continue
        text, count = said.subn(" ", text)
        if count:
            name = names[spoken]
            seeds.append(("genre", ALIASES.get(name, name)))
    return text


def _number(text: str) -> float:
    return float(text.replace(",", "."))


_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a an and any at but by for from i in is it like me music my no not nothing of on or playlist please play some "
        "song songs that the to track tracks tunes want with without you",
    )
)
