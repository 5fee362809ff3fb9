from __future__ import annotations

from pathlib import Path

import pytest

from ritornello import importing
from ritornello.errors import BadRequest, Unknown
from ritornello.library import Library, listeners, matches, tracks
from ritornello.track import Track
from tests.histories.exports import listen, old, write
from tests.library import rows

HUMAN, OTHER = "7xGfFoTpQ2E7fRF5lN10tr", "0" * 22
MBID = "0f0a2f52-7a4b-4f3a-8d43-222222222222"


@pytest.fixture
def audio(library: Library) -> dict[str, Track]:
    with library.begin() as connection:
        debut = rows.album("Debut", "Björk")
        made = [
            rows.track("Human Behaviour", "Björk", on=debut, external_ids={"spotify": HUMAN}),
            rows.track("Crying", "Björk", on=debut, duration=180.0),
            rows.track("Crying (Live)", "Björk", duration=180.0),
            rows.track("Other", "Someone", external_ids={"isrc": "GBAPK9300001"}),
            rows.track("Third", "Someone", external_ids={"musicbrainz_recording": MBID}),
        ]
        return {one.name: rows.put(connection, one) for one in made}


def heard(library: Library, folder: Path, *rows_: object, name: str = "ann") -> importing.Account:
    return importing.import_files([write(folder / "x.json", list(rows_))], library, name)


def held(library: Library) -> dict[str, tuple[str | None, str | None, str | None]]:
    with library.connect() as connection:
        found = matches.held(connection)
    assert len({one.song_id for one in found}) == len(found), "a song is one track"
    return {one.song.title: (one.track_id, one.by, one.state) for one in found}


def uri(id_: str) -> dict[str, str]:
    return {"spotify_track_uri": f"spotify:track:{id_}"}


def test_songs_are_matched_by_id_then_by_name(library: Library, audio: dict[str, Track], tmp_path: Path) -> None:
    found = heard(
        library,
        tmp_path,
        old("2023-01-01T10:00:00Z", "Called otherwise at Spotify", **uri(HUMAN)),
        old("2023-01-01T11:00:00Z", "crying - Remastered 2013"),
        old("2023-01-01T12:00:00Z", "Venus as a Boy"),
        old("2023-01-01T13:00:00Z", "Venus as a Boy"),
        old("2023-01-01T14:00:00Z", "Army of Me"),
    )
    assert found.matched == 2
    assert held(library) == {
        "Called otherwise at Spotify": (audio["Human Behaviour"].id, "spotify", "found"),
        "crying - Remastered 2013": (audio["Crying"].id, "names", "found"),
    }
    with library.connect() as connection:
        left = matches.missing(connection)
        assert [(one.song.title, one.plays) for one in left] == [("Venus as a Boy", 2), ("Army of Me", 1)]
        assert matches.missing(connection, "bob") == []


def test_listens_are_matched_by_isrc_and_musicbrainz(library: Library, audio: dict[str, Track], tmp_path: Path) -> None:
    told = {"additional_info": {"isrc": "GB-APK-93-00001"}}, {"mbid_mapping": {"recording_mbid": MBID}}
    heard(library, tmp_path, listen(1_700_000_000, "a", **told[0]), listen(1_700_000_100, "b", **told[1]))
    assert {title: by for title, (_, by, _) in held(library).items()} == {"a": "isrc", "b": "musicbrainz"}


def test_a_matched_file_answers_to_the_spotify_id(library: Library, audio: dict[str, Track], tmp_path: Path) -> None:
    heard(library, tmp_path, old("2023-01-01T10:00:00Z", "Crying", **uri(OTHER)))
    with library.connect() as connection:
        assert [one and one.name for one in tracks.get(connection, [OTHER, HUMAN])] == ["Crying", "Human Behaviour"]
        assert tracks.features(connection, [OTHER])[0] is not None
    listeners.erase(library, "ann")
    with library.connect() as connection:
        assert tracks.get(connection, [OTHER]) == [None]


def test_audio_that_comes_later_is_matched(library: Library, tmp_path: Path) -> None:
    assert heard(library, tmp_path, old("2023-01-01T10:00:00Z", **uri(OTHER))).matched == 0
    with library.begin() as connection:
        made = rows.put(connection, rows.track("Crying", "Björk", duration=180.0))
        matches.refresh(connection)
        assert matches.count(connection, "ann") == 1
        assert tracks.resolve(connection, [OTHER]) == {OTHER: made.id}


def test_how_long_a_song_plays_to_its_end_tells_versions_apart(
    library: Library, audio: dict[str, Track], tmp_path: Path
) -> None:
    heard(library, tmp_path, *(old(f"2023-01-01T1{hour}:00:00Z", ms=400_000, **uri(OTHER)) for hour in range(3)))
    assert held(library) == {}


def test_what_a_person_decides_stays(library: Library, audio: dict[str, Track], tmp_path: Path) -> None:
    row = old("2023-01-01T10:00:00Z", **uri(OTHER))
    heard(library, tmp_path, row)
    with library.begin() as connection:
        matches.refuse(connection, OTHER)
    assert held(library) == {}
    heard(library, tmp_path, row)
    assert held(library) == {}
    with library.begin() as connection:
        matches.confirm(connection, OTHER, audio["Crying (Live)"].id)
    heard(library, tmp_path, row)
    assert held(library) == {"Crying": (audio["Crying (Live)"].id, "hand", "confirmed")}
    with library.begin() as connection:
        matches.confirm(connection, OTHER, audio["Crying"].id)
    heard(library, tmp_path, row)
    assert held(library) == {"Crying": (audio["Crying"].id, "hand", "confirmed")}


def test_decisions_about_nothing_are_refused(library: Library, audio: dict[str, Track], tmp_path: Path) -> None:
    heard(library, tmp_path, old("2023-01-01T10:00:00Z", "Venus", **uri(OTHER)))
    with library.begin() as connection:
        with pytest.raises(Unknown, match="song"):
            matches.confirm(connection, "x", audio["Crying"].id)
        with pytest.raises(Unknown, match="track"):
            matches.confirm(connection, OTHER, "x")
        with pytest.raises(BadRequest, match="taken for no track"):
            matches.refuse(connection, OTHER)
