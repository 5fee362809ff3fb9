"""What Spotify's shapes have no place for, over a real socket."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from ritornello.library import Library, clients, embeddings, files, open_features, scores, tokens
from ritornello.library.open_features import OpenFeature
from ritornello.rights import Use
from ritornello.server.app import create_app
from ritornello.track import FEATURES, Embedding
from tests.library import rows
from tests.server.conftest import Server, serving


def test_every_feature_comes_with_its_confidence(server: Server) -> None:
    told = server.get(f"/ritornello/v1/audio-features/{server.tracks[0].id}").json()
    assert set(told["features"]) == set(FEATURES)
    assert told["features"]["energy"] == {"value": 0.842, "confidence": 0.5}
    assert told["tempo_candidates"][1] == {"bpm": 59.1057, "confidence": 0.2}
    assert told["model_version"] == "2026-11"


def test_an_isrc_finds_it_too(server: Server) -> None:
    assert server.get("/ritornello/v1/audio-features/7xGfFoTpQ2E7fRF5lN10tr").status_code == 200


def test_vectors_are_told_as_numbers(server: Server) -> None:
    track = server.tracks[1].id
    with server.library.begin() as connection:
        embeddings.put(connection, track, Embedding("a-1", b"\x00\x3c\x00\xb8", (b"\x00\x00\x00\x3c",)))
    told = server.get(f"/ritornello/v1/embeddings/{track}").json()
    assert told == {"id": track, "version": "a-1", "track": [1.0, -0.5], "sections": [[0.0, 1.0]]}


CARD = {
    "licence": "CC-BY-4.0",
    "consents": [],
    "permits": {"commercial": {"answer": "no", "conditions": [], "reason": "a row is not for training"}},
    "test": {"network": {"mae": 0.1}},
}


def test_traits_of_ones_own_stand_beside_the_others(server: Server) -> None:
    track = server.tracks[0].id
    with server.library.begin() as connection:
        scores.forget(connection, ["moodiness"])
        scores.put_traits(connection, ["moodiness"], "c0ffee", CARD)
        scores.put(connection, ["moodiness"], [track], [[0.25]])
    assert server.get(f"/ritornello/v1/audio-features/{track}").json()["own_traits"] == {"moodiness": 0.25}
    assert server.get(f"/ritornello/v1/traits/{track}").json() == {"id": track, "traits": {"moodiness": 0.25}}
    assert server.get(f"/ritornello/v1/traits/{server.tracks[1].id}").json()["traits"] == {}
    told = server.get("/ritornello/v1/traits").json()["traits"]
    kept = ("licence", "permits", "test")
    assert told == [{"name": "moodiness", "sha256": "c0ffee", **{key: CARD[key] for key in kept}}]
    assert server.get(f"/ritornello/v1/rights/{track}").json()["own_traits"] == {"moodiness": CARD["permits"]}
    with server.library.begin() as connection:
        scores.forget(connection, ["moodiness"])


def test_each_value_has_its_own_rights(tmp_path: Path) -> None:
    made = rows.track("Shared alike", "Somebody")
    path = Path("/music/shared alike.flac")
    published = ("AcousticBrainz", "CC0-1.0")
    with Library.open(tmp_path / "library.sqlite") as library:
        with library.begin() as connection:
            rows.put(connection, made, model_version="heard-2")
            files.put(connection, files.File(path, 1, 1, made.id, "analysed", None, (), 1, "heard-2", "CC-BY-SA-4.0"))
            value = OpenFeature(made.id, "average_loudness", 0.5, None, 0.0, 3, "mbid", "isrc", *published)
            open_features.put(connection, [value])
            client, _ = clients.add(connection, "tests")
            token = tokens.issue(connection, client.id)
        with serving(create_app(library)) as url:
            headers = {"authorization": f"Bearer {token}"}
            told = httpx.get(f"{url}/ritornello/v1/rights/{made.id}", headers=headers).json()
    assert "no legal advice" in told["notice"]
    by_kind = {one["kind"]: one for one in told["values"]}
    assert set(by_kind["measured"]["names"]) | set(by_kind["learned"]["names"]) == set(FEATURES)
    assert "tempo" in by_kind["measured"]["names"]
    assert "valence" in by_kind["learned"]["names"]

    measured, learned, published_ = (by_kind[kind]["files"][0] for kind in ("measured", "learned", "open"))
    assert measured["provenance"]["licence"] == learned["provenance"]["licence"] == "CC-BY-SA-4.0"
    assert (measured["provenance"]["weights"], learned["provenance"]["weights"]) == (
        [],
        ["Apache-2.0", "CC-BY-4.0", "ISC"],
    )
    for origin in (measured, learned, published_):
        assert set(origin["permits"]) == set(Use)
        assert all(one["reason"] for one in origin["permits"].values())
    assert measured["permits"]["share-rows"]["conditions"] == ["attribution", "share-alike"]
    assert published_["permits"]["share-rows"]["answer"] == "yes"
    assert published_["provenance"]["source"] == "AcousticBrainz"


def test_what_nobody_licensed_is_for_oneself_alone(server: Server) -> None:
    told = server.get(f"/ritornello/v1/rights/{server.tracks[0].id}").json()["values"]
    for one in told:
        assert one["files"][0]["permits"]["train-commercial"]["answer"] == "no"


@pytest.mark.parametrize("path", ["audio-features", "embeddings", "rights", "traits"])
def test_what_is_unknown_is_404_and_no_token_401(server: Server, path: str) -> None:
    unknown = server.get(f"/ritornello/v1/{path}/0000000000000000000000")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["status"] == 404
    assert httpx.get(f"{server.url}/ritornello/v1/{path}/{server.tracks[0].id}").status_code == 401
