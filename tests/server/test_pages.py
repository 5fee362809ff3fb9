"""The API documentation: complete, true, and from this machine alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.server.conftest import Server
from tests.server.test_contract import PATHS, real

OURS = ("/ritornello/v1/audio-features/{id}", "/ritornello/v1/embeddings/{id}")


def document(server: Server) -> dict[str, Any]:
    return httpx.get(f"{server.url}/openapi.json").json()  # type: ignore[no-any-return]


def test_the_page_loads_nothing_from_elsewhere(server: Server) -> None:
    page = httpx.get(f"{server.url}/docs")
    assert page.status_code == 200
    linked = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)""", page.text)
    assert len(linked) == 4
    for link in linked:
        assert "//" not in link
        assert httpx.get(urljoin(f"{server.url}/docs", link)).status_code == 200, link
    assert '"validatorUrl": null' in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_style_sheet_loads_nothing_from_elsewhere(server: Server) -> None:
    style = httpx.get(f"{server.url}/assets/swagger-ui.css").text
    assert re.findall(r"url\((?![\"']?data:)[^)]*\)|@import", style) == []


def test_a_person_who_types_the_address_sees_the_page(server: Server) -> None:
    response = httpx.get(server.url, follow_redirects=True)
    assert str(response.url) == f"{server.url}/library"


def test_every_endpoint_is_described_with_its_errors_and_its_token(server: Server) -> None:
    paths = document(server)["paths"]
    assert {*PATHS, *OURS} <= set(paths)
    for path in (*PATHS, *OURS):
        described = paths[path]["get"]
        assert {"200", "400", "401", "403", "429", "default"} <= set(described["responses"])
        assert "422" not in described["responses"]
        assert ("404" in described["responses"]) == ("{" in path)
        assert {"oauth_2_0"} == {name for one in described["security"] for name in one}
        assert described["responses"]["200"]["content"]["application/json"]["schema"]


def test_the_token_comes_from_this_server(server: Server) -> None:
    flows = document(server)["components"]["securitySchemes"]["oauth_2_0"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == "/api/token"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("AudioFeaturesObject", "/v1/audio-features/{id}"),
        ("AudioAnalysisObject", "/v1/audio-analysis/{id}"),
        ("TrackObject", "/v1/tracks/{id}"),
        ("AlbumObject", "/v1/albums/{id}"),
        ("ArtistObject", "/v1/artists/{id}"),
        ("PlaylistObject", "/v1/playlists/{playlist_id}"),
        ("PublicUserObject", "/v1/users/{user_id}"),
        ("PrivateUserObject", "/v1/me"),
        ("CategoryObject", "/v1/browse/categories/{category_id}"),
        ("RecommendationsObject", "/v1/recommendations"),
    ],
)
def test_the_described_keys_are_those_that_are_served(server: Server, name: str, path: str) -> None:
    schema = document(server)["components"]["schemas"][name]
    served = server.get(real(path, server), as_user=True).json()
    assert set(schema["required"]) <= set(served) <= set(schema["properties"])


def test_the_contract_page_names_every_endpoint(server: Server) -> None:
    page = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")
    for path in document(server)["paths"]:
        assert f"{path}`" in page or f"{path}?" in page, path
