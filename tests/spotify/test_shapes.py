from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.spotify import shapes
from ritornello.spotify.paging import page
from ritornello.track import AudioFeatures
from tests.library import rows

BASE = "http://localhost:8000/v1"
VIEW = shapes.View(BASE)
INTEGERS = {
    "key", "mode", "time_signature", "duration_ms", "num_samples", "offset_seconds", "window_seconds", "timestamp",
    "status_code", "analysis_sample_rate", "analysis_channels", "popularity", "disc_number", "track_number", "total",
    "total_tracks", "limit", "offset",
}  # fmt: skip


def analysis() -> dict[str, Any]:
    shaped = shapes.audio_analysis(rows.analysis(), analysis_time=1.23456789, timestamp=1_700_000_000)
    return json.loads(json.dumps(shaped, allow_nan=False))  # type: ignore[no-any-return]


def every_number(value: Any, name: str = "") -> list[tuple[str, int | float]]:
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in every_number(each, key)]
    if isinstance(value, list):
        return [pair for each in value for pair in every_number(each, name)]
    return [(name, value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_features_have_eighteen_keys_and_spotifys_rounding() -> None:
    assert shapes.audio_features(rows.features(), "x" * 22, BASE) == {
        "danceability": 0.585,
        "energy": 0.842,
        "key": 0,
        "loudness": -5.883,
        "mode": 0,
        "speechiness": 0.0556,
        "acousticness": 0.00242,
        "instrumentalness": 0.0,
        "liveness": 0.0866,
        "valence": 0.428,
        "tempo": 118.211,
        "type": "audio_features",
        "id": "x" * 22,
        "uri": "spotify:track:" + "x" * 22,
        "track_href": f"{BASE}/tracks/{'x' * 22}",
        "analysis_url": f"{BASE}/audio-analysis/{'x' * 22}",
        "duration_ms": 10_000,
        "time_signature": 4,
    }


def test_an_analysis_has_exactly_its_keys() -> None:
    shaped = analysis()
    assert list(shaped) == ["meta", "track", "bars", "beats", "sections", "segments", "tatums"]
    assert shaped["meta"] == {
        "analyzer_version": "4.0.0",
        "platform": "Linux",
        "detailed_status": "OK",
        "status_code": 0,
        "timestamp": 1_700_000_000,
        "analysis_time": 1.23457,
        "input_process": "wav L+R 44100->22050",
    }
    assert len(shaped["track"]) == 26
    assert len(shaped["sections"][0]) == 12
    assert len(shaped["segments"][0]) == 9
    assert (shaped["track"]["codestring"], shaped["track"]["echoprintstring"]) == ("", "")
    assert (shaped["track"]["synchstring"], shaped["track"]["rhythmstring"]) == ("eJwz", "eJwz")


@pytest.mark.parametrize("shaped", [analysis(), shapes.audio_features(rows.features(), "x", BASE)])
def test_integers_are_integers_and_the_rest_are_not(shaped: Any) -> None:
    for name, number in every_number(shaped):
        assert isinstance(number, int) == (name in INTEGERS), name


def test_no_number_is_a_negative_zero() -> None:
    shaped = shapes.audio_features(rows.features(loudness=-0.0001, tempo=-0.0), "x", BASE)
    assert "-0.0" not in json.dumps(shaped)


def test_segments_and_sections_tile_the_track() -> None:
    shaped = analysis()
    for kind in ("segments", "sections"):
        assert shaped[kind][0]["start"] == 0
        for one, after in pairwise(shaped[kind]):
            assert round(one["start"] + one["duration"], 5) == after["start"]
        assert round(shaped[kind][-1]["start"] + shaped[kind][-1]["duration"], 5) == shaped["track"]["duration"]


def test_bars_start_on_beats_and_beats_on_tatums() -> None:
    shaped = analysis()
    starts = {kind: {one["start"] for one in shaped[kind]} for kind in ("bars", "beats", "tatums")}
    assert len(starts["bars"]) == 7
    assert starts["bars"] < starts["beats"] < starts["tatums"]


def test_the_loudest_moment_lies_in_its_segment() -> None:
    made = rows.analysis()
    late = replace(made, segments=tuple(replace(one, loudness_max_time=one.duration) for one in made.segments))
    shaped = shapes.audio_analysis(late, analysis_time=1, timestamp=0)
    assert all(one["loudness_max_time"] <= one["duration"] for one in shaped["segments"])


@given(st.floats(-70, 5), st.floats(0, 250), st.floats(1, 5000))
def test_features_and_analysis_agree_to_the_last_digit(loudness: float, tempo: float, duration: float) -> None:
    features = rows.features(loudness=loudness, tempo=tempo, duration=duration)
    summary = replace(rows.analysis(), loudness=loudness, tempo=tempo, duration=duration, sections=(), segments=())
    shaped = shapes.audio_features(features, "x", BASE)
    track = shapes.audio_analysis(summary, analysis_time=0, timestamp=0)["track"]
    for name in ("key", "mode", "tempo", "time_signature", "loudness"):
        assert shaped[name] == track[name]
    assert abs(shaped["duration_ms"] / 1000 - track["duration"]) <= 0.00051


def test_an_analysis_without_a_pulse_has_no_bars() -> None:
    still = replace(rows.analysis(), bars=(), beats=(), tatums=(), tempo=0.0)
    shaped = shapes.audio_analysis(still, analysis_time=0, timestamp=0)
    assert (shaped["bars"], shaped["beats"], shaped["tatums"]) == ([], [], [])


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="nan cannot be served"):
        shapes.audio_features(rows.features(valence=math.nan), "x", BASE)


ALBUM = rows.album("Début", "Björk", release_date="1993-07", total_tracks=12, cover="c0ffee", external_ids={"upc": "1"})
TRACK = rows.track("Crying", "Björk", on=ALBUM, external_ids={"isrc": "I", "acoustid": "a"}, popularity=3)


@given(
    st.builds(
        rows.features,
        **{name: st.floats(0, 1) for name in ("acousticness", "danceability", "energy", "liveness", "valence")},
        loudness=st.floats(-60, 3),
        tempo=st.floats(0, 300),
        duration=st.floats(0, 1e5),
        key=st.integers(-1, 11),
    )
)
def test_features_written_at_once_are_the_same_text(features: AudioFeatures) -> None:
    text = shapes.audio_features_text(features, "x" * 22, BASE)
    assert text == json.dumps(shapes.audio_features(features, "x" * 22, BASE))


def test_a_track_without_a_market_is_available_everywhere() -> None:
    shaped = shapes.track(TRACK, VIEW)
    assert shaped["available_markets"] == shaped["album"]["available_markets"]
    assert len(shaped["available_markets"]) == 184
    assert "is_playable" not in shaped


def test_a_track_in_a_market_is_playable() -> None:
    shaped = shapes.track(TRACK, replace(VIEW, market="SE"))
    assert shaped["is_playable"] is True
    assert "available_markets" not in shaped
    assert "available_markets" not in shaped["album"]


def test_a_track_has_the_keys_that_strict_clients_require() -> None:
    assert set(shapes.track(TRACK, VIEW)) == {
        "album", "artists", "available_markets", "disc_number", "duration_ms", "explicit", "external_ids",
        "external_urls", "href", "id", "is_local", "name", "popularity", "preview_url", "track_number", "type", "uri",
    }  # fmt: skip
    assert shapes.track(TRACK, VIEW)["external_ids"] == {"isrc": "I"}


def test_an_artist_has_the_keys_that_strict_clients_require() -> None:
    shaped = shapes.artist(replace(rows.artist("Björk"), genres=("pop",)), VIEW)
    assert shaped["followers"] == {"href": None, "total": 0}
    assert shaped["genres"] == ["pop"]
    assert set(shaped) == {
        "external_urls", "followers", "genres", "href", "id", "images", "name", "popularity", "type", "uri",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("date", "served", "precision"),
    [
        ("1993", "1993", "year"),
        ("1993-07", "1993-07", "month"),
        ("1993-07-05", "1993-07-05", "day"),
        (None, "0000", "year"),
    ],
)
def test_a_date_says_how_precise_it_is(date: str | None, served: str, precision: str) -> None:
    shaped = shapes.simplified_album(replace(ALBUM, release_date=date), VIEW)
    assert (shaped["release_date"], shaped["release_date_precision"]) == (served, precision)


def test_an_album_in_full() -> None:
    tracks = page([shapes.simplified_track(TRACK, VIEW)], total=1, limit=20, offset=0, url=BASE, params={})
    shaped = shapes.album(ALBUM, tracks, VIEW)
    assert shaped["tracks"]["items"][0]["name"] == "Crying"
    assert "album" not in shaped["tracks"]["items"][0]
    assert (shaped["label"], shaped["genres"], shaped["external_ids"]) == ("", [], {"upc": "1"})


def test_a_cover_comes_in_three_sizes_with_all_three_keys() -> None:
    shaped = shapes.simplified_album(ALBUM, VIEW)
    assert shaped["images"] == [
        {"url": f"http://localhost:8000/images/c0ffee/{size}", "height": size, "width": size} for size in (640, 300, 64)
    ]


def test_only_spotifys_own_ids_lead_to_spotifys_site() -> None:
    assert shapes.track(TRACK, VIEW)["external_urls"]["spotify"] == f"{BASE}/tracks/{TRACK.id}"
    known = replace(TRACK, external_ids={"spotify": "7xGfFoTpQ2E7fRF5lN10tr"})
    assert shapes.track(known, VIEW)["external_urls"] == {
        "spotify": "https://open.spotify.com/track/7xGfFoTpQ2E7fRF5lN10tr"
    }
