"""A wish in words or in options, its answer from a library, and playlists as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ritornello import tracklist
from ritornello.errors import BadRequest
from ritornello.library import files, playlists, tracks, users
from ritornello.library.catalogue import MIXER
from ritornello.library.neighbours import Neighbours
from ritornello.recommend.wish import Answer, Wish
from ritornello.spotify import ids, tunables

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ritornello.library import Library
    from ritornello.recommend.shelf import Shelf
    from ritornello.track import Track


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish as it was understood."""

    seeds: tuple[tuple[str, str], ...]
    parameters: dict[str, float]
    unread: tuple[str, ...]
    """Words of the sentence that meant nothing."""

    def options(self) -> str:
        """The same wish in options of the command, to be changed and given again."""
        seeds = [f'--{kind} "{id_}"' for kind, id_ in self.seeds]
        return " ".join([*seeds, *(f"--set {name}={value:g}" for name, value in self.parameters.items())])


@dataclass(frozen=True, slots=True)
class Found:
    """What a wish led to."""

    asked: Asked
    answer: Answer
    tracks: tuple[Track, ...]


def recommend(
    library: Library, sentence: str, seeds: Sequence[tuple[str, str]], sets: Sequence[str], limit: int
) -> Found:
    """Answer a sentence, or seeds and settings such as ``max_tempo=90``; what is given so outweighs the sentence."""
    from ritornello.recommend import sentence as sentences

    near = Neighbours(library)
    shelf = near.known().shelf
    artists = list(zip(shelf.artist_names, shelf.artist_ids, strict=True))
    reading = sentences.read(sentence, shelf.labels, artists)
    with library.connect() as connection:
        given = [(kind, _seed(connection, shelf, kind, name)) for kind, name in seeds]
    asked = Asked(tuple(given) or reading.seeds, {**reading.parameters, **_parameters(sets)}, reading.unread)
    if not 1 <= len(asked.seeds) <= 5:
        raise BadRequest(
            f"{len(asked.seeds)} seeds were found, expected 1 to 5: name a genre in the sentence, "
            "or give --track, --artist or --genre"
        )
    wanted = tunables.parse({name: str(value) for name, value in asked.parameters.items()})
    answer = near.recommend(Wish(asked.seeds, wanted, limit, explained=True))
    if not any(one.is_known for one in answer.pools):
        raise BadRequest(
            f"none of {', '.join(id_ for _, id_ in asked.seeds)} is in this library: scan music of that kind"
        )
    with library.connect() as connection:
        found = tracks.get(connection, [one.track_id for one in answer.tracks])
    return Found(asked, answer, tuple(track for track in found if track is not None))


def save(library: Library, name: str, found: Sequence[Track]) -> str:
    """Make a playlist that clients see; returns its id."""
    with library.begin() as connection:
        if users.get(connection, [MIXER])[0] is None:
            users.add(connection, MIXER, None, display_name="Ritornello")
        made = playlists.create(connection, MIXER, name)
        playlists.add(connection, made, [ids.uri("track", track.id) for track in found], MIXER, None)
        return made.id


def export(library: Library, playlist_id: str, kind: str) -> str:
    """A playlist as the text of a file."""
    with library.connect() as connection:
        found = playlists.one(connection, playlist_id)
        items = playlists.items(connection, playlist_id, playlists.MOST_ITEMS, 0)
        lines = [_line(connection, item.track, item.uri) for item in items if item.track is not None]
    return tracklist.write(found.name, lines, kind)


def _line(connection: Connection, track: Track, uri: str) -> tracklist.Line:
    # A track goes by the id under which it was listed; its audio is found by its own.
    own = tracks.resolve(connection, [track.id]).get(track.id, track.id)
    paths = files.of_audio(connection, track.external_ids.get(tracks.AUDIO, own))
    return tracklist.Line(
        title=track.name,
        artists=", ".join(artist.name for artist in track.artists),
        album=track.album.name,
        duration=track.duration,
        path=paths[0] if paths else None,
        uri=uri,
    )


def _seed(connection: Connection, shelf: Shelf, kind: str, name: str) -> str:
    """The id of what is called by its id or its name."""
    if kind == "genre":
        return name
    if kind == "track":
        known = tracks.resolve(connection, [name]).get(name)
        found = known or next(iter(tracks.called(connection, name)), None)
    else:
        from ritornello.recommend.related import same_name

        pairs = zip(shelf.artist_ids, shelf.artist_names, strict=True)
        found = next((id_ for id_, spelt in pairs if id_ == name or same_name(spelt) == same_name(name)), None)
    if found is None:
        raise BadRequest(f"there is no {kind} {name!r} in this library: give its id or its whole name")
    return found


def _parameters(sets: Sequence[str]) -> dict[str, float]:
    found = {}
    for text in sets:
        name, _, value = text.partition("=")
        if name not in tunables.PARAMETERS:
            raise BadRequest(
                f"{name!r} is no tunable: give min_, max_ or target_ with one of {', '.join(tunables.ATTRIBUTES)}"
            )
        try:
            found[name] = float(value)
        except ValueError:
            raise BadRequest(f"{text!r} was given, expected {name}=NUMBER") from None
    return found
