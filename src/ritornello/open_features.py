"""Published features into the library, for songs and tracks of which there is no audio.

Joined by MusicBrainz id, or by ISRC through MusicBrainz's tables. Nothing here comes from Spotify's API.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ritornello.errors import OpenDataError
from ritornello.library import open_features as stored
from ritornello.library.open_features import OpenFeature, Unheard
from ritornello.opendata import acousticbrainz, musicbrainz

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ritornello.library import Library
    from ritornello.opendata.acousticbrainz import Value


@dataclass(frozen=True, slots=True)
class Joined:
    """What was found."""

    wanted: int
    """Songs and tracks without audio that have an ISRC or a MusicBrainz id."""
    by_musicbrainz: int
    """Those of them for which values were found by their MusicBrainz id."""
    by_isrc: int
    values: int


def join(paths: Sequence[Path], library: Library) -> Joined:
    """Read dumps and store what they say of what the library has no audio of; all of it or nothing."""
    for path in paths:
        if not path.exists():
            raise OpenDataError(f"{path} is not there: give dumps of AcousticBrainz, and MusicBrainz's tables")
    with library.connect() as connection:
        wanted = list(stored.unheard(connection))
    isrcs = {one.isrc for one in wanted if one.isrc and not one.musicbrainz}
    of_isrc = musicbrainz.recordings(paths, isrcs)
    direct = {one.musicbrainz for one in wanted if one.musicbrainz}
    asked = direct | {mbid for mbids in of_isrc.values() for mbid in mbids}
    known = acousticbrainz.values(paths, asked) if asked else {}
    found = list(_joined(wanted, of_isrc, known))
    with library.begin() as connection:
        count = stored.put(connection, found)
    ways: dict[str, set[str]] = defaultdict(set)
    for one in found:
        ways[one.by].add(one.item_id)
    return Joined(len(wanted), len(ways["musicbrainz"]), len(ways["isrc"]), count)


def _joined(
    wanted: Sequence[Unheard], of_isrc: Mapping[str, set[str]], known: Mapping[str, Mapping[str, Value]]
) -> Iterator[OpenFeature]:
    for one in wanted:
        if one.musicbrainz:
            mbid, by = one.musicbrainz, "musicbrainz"
        else:
            # Of several recordings with one ISRC the one that most people measured.
            mbids = [each for each in of_isrc.get(one.isrc or "", ()) if each in known]
            if not mbids:
                continue
            mbid, by = min(mbids, key=lambda each: (-_submissions(known[each]), each)), "isrc"
        for name, value in sorted(known.get(mbid, {}).items()):
            told = (value.number, value.text, value.spread, value.submissions)
            source = (acousticbrainz.SOURCE, acousticbrainz.LICENCE)
            yield OpenFeature(one.id, name, *told, mbid, by, *source)


def _submissions(values: Mapping[str, Value]) -> int:
    return max(value.submissions for value in values.values())
