"""Each format row by row, with each defect that is known of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from ritornello.histories import lastfm, listenbrainz, spotify_account, spotify_extended, zones
from ritornello.play import Heard, Refused, Song
from tests.histories.exports import IDS, account, listen, new, old


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def play(found: Heard | Refused) -> Heard:
    assert isinstance(found, Heard), found
    return found


@pytest.mark.parametrize(
    ("ts", "ms", "offline", "early_by", "quality"),
    [
        ("2023-03-19T18:20:49Z", 219_813, 1679249830, -813, "exact"),
        ("2023-03-19T18:24:13Z", 203_533, 1679250049, 467, "exact"),
        ("2023-03-19T18:31:37Z", 174_424, 1679250523, -424, "exact"),
        ("2017-12-04T20:50:34Z", 24_437, 1512420608296, 1_267, "exact"),
        ("2017-12-24T19:37:40Z", 75_788, 1514143428800, 755_412, "exact"),
        ("2022-03-22T16:22:18Z", 0, 1647540919013, 425_218_987, "doubtful"),
    ],
)
def test_offline_timestamp_is_the_start_in_seconds_or_milliseconds(
    ts: str, ms: int, offline: int, early_by: int, quality: str
) -> None:
    found = play(spotify_extended.heard(new(ts, ms=ms, offline_timestamp=offline)))
    assert found.ended_at == at(ts[:-1])
    assert found.ended_at - ms - found.started_at == early_by
    assert found.quality == quality


@pytest.mark.parametrize("offline", [0, None, 17, -5, True, "1679249830", 99_999_999_999_999, 1e20, 1893456000])
def test_where_offline_timestamp_is_nonsense_the_start_is_reckoned(offline: object) -> None:
    found = play(spotify_extended.heard(old("2023-03-19T18:20:49Z", ms=60_000, offline_timestamp=offline)))
    assert (found.started_at, found.quality) == (at("2023-03-19T18:19:49"), "exact")


def test_a_start_a_little_after_the_end_is_the_end() -> None:
    found = play(spotify_extended.heard(new("2023-03-19T18:20:49Z", ms=0, offline_timestamp=1679250050)))
    assert found.started_at == found.ended_at == at("2023-03-19T18:20:49")


def test_the_album_and_the_id_are_read() -> None:
    # One reader asks for a key that does not exist, and finds no album at all.
    found = play(spotify_extended.heard(old("2023-03-19T18:20:49Z")))
    assert found.song == Song("Crying", "Björk", "Debut", IDS["Crying"])


@pytest.mark.parametrize("given", [None, True, False, 0, 1])
def test_unknown_is_not_false(given: object) -> None:
    found = play(spotify_extended.heard(old("2023-03-19T18:20:49Z", skipped=given)))
    assert found.skipped is (None if given is None else bool(given))


@pytest.mark.parametrize(("given", "kept"), [("fwdbtn", "fwdbtn"), (None, None), ("none", None), ("me@home", "other")])
def test_only_known_reasons_are_kept(given: object, kept: str | None) -> None:
    assert play(spotify_extended.heard(old("2023-03-19T18:20:49Z", reason_end=given))).reason_end == kept


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"incognito_mode": True}, "private session"),
        ({"incognito_mode": 1}, "private session"),
        ({"master_metadata_track_name": None}, "no title"),
        ({"master_metadata_track_name": "  "}, "no title"),
        ({"master_metadata_track_name": "Unknown Track"}, "no title"),
        ({"master_metadata_album_artist_name": 7}, "no title"),
        ({"master_metadata_track_name": None, "spotify_episode_uri": "spotify:episode:1"}, "podcast"),
        ({"master_metadata_track_name": None, "episode_name": "One"}, "podcast"),
        ({"master_metadata_track_name": None, "audiobook_uri": "spotify:show:1"}, "audiobook"),
        ({"ts": None}, "bad time"),
        ({"ts": "yesterday"}, "bad time"),
        ({"ts": "1970-01-01T00:00:00Z"}, "bad time"),
        ({"ts": "2970-01-01T00:00:00Z"}, "bad time"),
        ({"ts": "0001-01-01T00:00:00+23:59"}, "bad time"),
        ({"ms_played": None}, "bad length"),
        ({"ms_played": -1}, "bad length"),
        ({"ms_played": "180000"}, "bad length"),
    ],
)
def test_rows_are_refused_for_a_reason(changes: dict[str, Any], reason: str) -> None:
    assert spotify_extended.heard({**new("2023-03-19T18:20:49Z"), **changes}) == Refused(reason)


def test_a_null_uri_does_not_lose_the_row() -> None:
    found = play(spotify_extended.heard(old("2023-03-19T18:20:49Z", spotify_track_uri=None)))
    assert found.song.spotify is None
    assert play(
        spotify_extended.heard(old("2023-03-19T18:20:49Z", spotify_track_uri="spotify:local:a:b:c:9"))
    ).song == (found.song)


def test_account_data_tell_the_end_in_utc_whatever_the_clock_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        found = play(spotify_account.heard(account("2024-03-31 01:30", ms=600_000)))
        assert play(spotify_extended.heard(old("2024-03-31T01:30:00Z"))).ended_at == at("2024-03-31T01:30:00")
    finally:
        monkeypatch.undo()
        time.tzset()
    # The night in which clocks in Berlin skip from two to three.
    assert (found.started_at, found.ended_at, found.quality) == (
        at("2024-03-31T01:20:00"),
        at("2024-03-31T01:30:00"),
        "minute",
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"endTime": "2024-01-01 10:00", "podcastName": "P", "episodeName": "E", "msPlayed": 1}, "podcast"),
        ({"endTime": "2024-01-01 10:00", "audiobookName": "P", "chapterName": "E", "msPlayed": 1}, "audiobook"),
        (account("2024-01-01 10:00", title=""), "no title"),
        (account("2024-01-01 10:00", artist="Unknown Artist"), "no title"),
        (account("2024-13-01 10:00"), "bad time"),
        (account("2024-01-01 10:00", ms=-1), "bad length"),
        ({}, "no title"),
    ],
)
def test_account_rows_are_refused_for_a_reason(row: dict[str, Any], reason: str) -> None:
    assert spotify_account.heard(row) == Refused(reason)


def test_listens_carry_ids() -> None:
    more = {
        "additional_info": {
            "duration_ms": 200_500,
            "isrc": "gb-apk-93-00001",
            "spotify_id": "https://open.spotify.com/track/" + IDS["Crying"],
            "submission_client": "secret player",
        },
        "mbid_mapping": {"recording_mbid": "0F0A2F52-7A4B-4F3A-8D43-222222222222"},
    }
    found = play(listenbrainz.heard(listen(1_700_000_000, **more)))
    assert found.song == Song(
        "Crying", "Björk", "Debut", IDS["Crying"], "GBAPK9300001", "0f0a2f52-7a4b-4f3a-8d43-222222222222", 200.5
    )
    assert (found.started_at, found.ended_at, found.ms_played) == (1_700_000_000_000, None, None)
    assert listenbrainz.heard({"track_metadata": {"artist_name": "a", "track_name": "b"}}) == Refused("bad time")
    assert listenbrainz.heard({"listened_at": 1_700_000_000, "track_metadata": None}) == Refused("no title")


def test_scrobbles_of_every_tool() -> None:
    exact = at("2023-03-19T18:20:49")
    row = {"name": "Crying", "artist": {"#text": "Björk", "mbid": ""}, "album": {"#text": ""}, "mbid": ""}
    song = Song("Crying", "Björk")
    assert lastfm.heard({**row, "date": {"uts": "1679250049", "#text": "19 Mar 2023, 18:20"}}) == Heard(
        song, "lastfm", exact
    )
    assert lastfm.heard({**row, "@attr": {"nowplaying": "true"}}) == Refused("bad time")
    assert lastfm.heard({**row, "date": {"uts": "0"}}) == Refused("bad time")
    plain = list(lastfm.rows(io.StringIO('Björk,,Crying,"19 Mar 2023 18:20"\r\n"a, b",c,d,\r\nx,y\r\n')))
    assert plain == [
        Heard(song, "lastfm", at("2023-03-19T18:20:00"), quality="minute"),
        Refused("bad time"),
        Refused("not a play"),
    ]
    header = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
    named = header + "1679250049,x,Björk,,,,Crying,\n,,Björk,,,,,\n"
    assert list(lastfm.rows(io.StringIO(named))) == [Heard(song, "lastfm", exact), Refused("no title")]


@pytest.mark.parametrize(
    ("countries", "zone"),
    [
        ({"SE": 10}, ("Europe/Stockholm", 10)),
        ({"DE": 9, "US": 1}, ("Europe/Berlin", 9)),
        ({"SE": 5, "IN": 5}, None),
        ({"US": 10}, None),
        ({"XX": 10}, None),
        ({}, None),
    ],
)
def test_the_zone_is_inferred_where_a_country_has_one_clock(countries: dict[str, int], zone: object) -> None:
    assert zones.infer(countries) == zone
