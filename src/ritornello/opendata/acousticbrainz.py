"""AcousticBrainz (CC0, 2015 to 2022): what people's computers measured of recordings, several times for most.

Three CSV files have a few numbers of all submissions; archives of JSON have one file a submission, ``mbid-n.json``, of
low-level measurements or of what classifiers made of them. Two submissions of one recording may differ: the median is
told, how far they are apart, and how many they are. What classifiers say of a singer's gender is left out.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median, quantiles
from typing import IO, TYPE_CHECKING, Any

from ritornello.errors import OpenDataError
from ritornello.opendata.tables import members, telling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

SOURCE, LICENCE = "AcousticBrainz", "CC0-1.0"

_LOW = {
    "bpm": ("rhythm", "bpm"),
    "onset_rate": ("rhythm", "onset_rate"),
    "danceability": ("rhythm", "danceability"),
    "average_loudness": ("lowlevel", "average_loudness"),
    "dynamic_complexity": ("lowlevel", "dynamic_complexity"),
    "tuning_frequency": ("tonal", "tuning_frequency"),
}
"""Numbers that both forms have, by their column in CSV: where they lie in JSON."""
_HIGH = {
    "danceability": "danceable",
    "mood_acoustic": "acoustic",
    "mood_aggressive": "aggressive",
    "mood_electronic": "electronic",
    "mood_happy": "happy",
    "mood_party": "party",
    "mood_relaxed": "relaxed",
    "mood_sad": "sad",
    "timbre": "bright",
    "tonal_atonal": "tonal",
    "voice_instrumental": "instrumental",
}
"""Classifiers, and the class whose probability is kept, under the name of the class."""
_KEYS = re.compile(r"[A-G][#b]? (major|minor)")
_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-\d+)?\.json$")
_FILE = re.compile(r".*\.(csv|json)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Value:
    """What submissions say of one feature of one recording."""

    number: float | None
    """The median, in AcousticBrainz's own unit; None for what is no number."""
    text: str | None
    """The commonest, such as ``C minor``."""
    spread: float
    """Of numbers the distance between quartiles; of texts the share that says something else. 0 where all agree."""
    submissions: int


def values(paths: Collection[Path], wanted: Collection[str]) -> dict[str, dict[str, Value]]:
    """What dumps say of recordings: MusicBrainz id to name to value."""
    numbers: dict[tuple[str, str], list[float]] = defaultdict(list)
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in paths:
        with telling(path):
            for mbid, name, told in _submitted(path, frozenset(wanted)):
                if isinstance(told, str):
                    texts[mbid, name].append(told)
                else:
                    numbers[mbid, name].append(told)
    found: dict[str, dict[str, Value]] = defaultdict(dict)
    for (mbid, name), some in numbers.items():
        low, _, high = quantiles(some, method="inclusive") if len(some) > 1 else (0.0, 0.0, 0.0)
        found[mbid][name] = Value(median(some), None, high - low, len(some))
    for (mbid, name), said in texts.items():
        common, times = min(Counter(said).items(), key=lambda item: (-item[1], item[0]))
        found[mbid][name] = Value(None, common, 1 - times / len(said), len(said))
    return found


def _submitted(path: Path, wanted: frozenset[str]) -> Iterator[tuple[str, str, float | str]]:
    def is_wanted(name: str) -> bool:
        named = _NAME.search(name.lower())
        return _FILE.fullmatch(name) is not None and (named is None or named[1] in wanted)

    for member in members(path, is_wanted):
        if member.name.lower().endswith(".csv"):
            yield from _of_csv(member.file, wanted)
        else:
            yield from _of_json(path, member.name, member.file, wanted)


def _of_csv(file: IO[bytes], wanted: frozenset[str]) -> Iterator[tuple[str, str, float | str]]:
    names = next(csv.reader([file.readline().decode("utf-8-sig")]), [])
    if names[:2] != ["mbid", "submission_offset"]:
        return
    asked = {mbid.encode() for mbid in wanted}
    for line in file:
        # Of thirty million lines few are asked for, and looking at their beginning is quicker than reading them.
        if line[:36] not in asked:
            continue
        row = dict(zip(names, next(csv.reader([line.decode("utf-8")])), strict=False))
        for name in _LOW:
            number = _number(row.get(name))
            if number is not None:
                yield row["mbid"], name, number
        key = f"{row.get('key_key')} {row.get('key_scale')}"
        if _KEYS.fullmatch(key):
            yield row["mbid"], "key", key


def _of_json(path: Path, name: str, file: IO[bytes], wanted: frozenset[str]) -> Iterator[tuple[str, str, float | str]]:
    try:
        told = json.load(file)
    except ValueError as error:
        raise OpenDataError(f"{path}, {name}: the JSON is broken or cut short; download it again") from error
    if not isinstance(told, dict):
        return
    named = _NAME.search(name.lower())
    mbid = named[1] if named else _tagged(told)
    if mbid not in wanted:
        return
    for feature, (part, key) in _LOW.items():
        number = _number(_object(told.get(part)).get(key))
        if number is not None:
            yield mbid, feature, number
    tonal = _object(told.get("tonal"))
    key = f"{tonal.get('key_key')} {tonal.get('key_scale')}"
    if _KEYS.fullmatch(key):
        yield mbid, "key", key
    for classifier, kept in _HIGH.items():
        number = _number(_object(_object(_object(told.get("highlevel")).get(classifier)).get("all")).get(kept))
        if number is not None:
            yield mbid, kept, number


def _tagged(told: Mapping[str, Any]) -> str:
    """The recording's id in the tags of the file that was measured; ``trackid`` is its older name."""
    tags = _object(_object(told.get("metadata")).get("tags"))
    for key in ("musicbrainz_recordingid", "musicbrainz_trackid"):
        given = tags.get(key)
        first = given[0] if isinstance(given, list) and given else given
        if isinstance(first, str):
            return first.lower()
    return ""


def _number(given: object) -> float | None:
    """A finite number, also in digits; None for nothing."""
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        return None
    try:
        number = float(given)
    except ValueError:
        return None
    return number if -1e9 < number < 1e9 else None


def _object(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}
