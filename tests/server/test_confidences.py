"""What Spotify's shapes have no place for, over a real socket."""

from __future__ import annotations

import httpx
import pytest

from ritornello.library import embeddings
from ritornello.track import FEATURES, Embedding
from tests.server.conftest import Server


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


@pytest.mark.parametrize("path", ["audio-features", "embeddings"])
def test_what_is_unknown_is_404_and_no_token_401(server: Server, path: str) -> None:
    unknown = server.get(f"/ritornello/v1/{path}/0000000000000000000000")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["status"] == 404
    assert httpx.get(f"{server.url}/ritornello/v1/{path}/{server.tracks[0].id}").status_code == 401
