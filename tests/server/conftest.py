from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection

from ritornello.library import Library, catalogue, clients, covers, plays, tokens, users
from ritornello.play import Play
from ritornello.server.app import create_app
from ritornello.track import Track
from tests.library import rows

REDIRECT = "http://127.0.0.1:8888/callback"
PASSWORD = "correct horse"
NOW = int(time.time() * 1000)


@pytest.fixture(autouse=True, scope="session")
def _patience() -> Iterator[None]:
    """A busy machine may take longer than the five seconds after which httpx gives up."""
    with pytest.MonkeyPatch.context() as patch:
        for verb in ("get", "post", "put", "delete", "options", "patch", "request"):
            patch.setattr(httpx, verb, partial(getattr(httpx, verb), timeout=120))
        yield


@dataclass(frozen=True)
class Server:
    """A server on a real socket, and what a client needs to know of it."""

    url: str
    library: Library
    client_id: str
    client_secret: str
    token: str
    tracks: tuple[Track, ...]
    cover: str
    user: str
    user_token: str
    refresh_token: str
    playlist: str

    def get(self, path: str, *, as_user: bool = False, **headers: str) -> httpx.Response:
        """GET with the token; the path is sent as it is written, headers may be given with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        token = self.user_token if as_user else self.token
        return httpx.get(self.url + path, headers={"authorization": f"Bearer {token}", **given})

    def send(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """Any method, for the user."""
        headers = {"authorization": f"Bearer {self.user_token}", "content-type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        return httpx.request(method, self.url + path, content=content, headers={**headers, **more})


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", proxy_headers=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Library.open(tmp_path_factory.mktemp("library") / "library.sqlite") as library:
        with library.begin() as connection:
            cover = covers.put(connection, b"\x89PNG not really", "image/png")
            made = fill(connection, cover)
            client, secret = clients.add(connection, "tests", [REDIRECT])
            token = tokens.issue(connection, client.id)
            users.add(connection, "ann", PASSWORD, display_name="Ann", email="ann@music.example", country="SE")
            user_token, refresh_token = tokens.grant(connection, client.id, "ann", [])
            users.add(connection, "bob #1", None)
            playlist = "37i9dQZEVXbMDoHDwVN2tF"
            uris = [f"spotify:track:{track.id}" for track in made] + ["spotify:local:Me:Demo:My+song:61"]
            shelf = (("toplists", "Top lists"),)
            row = catalogue.PlaylistRow(
                playlist, "Cold", "bob #1", "songs", featured=True, categories=shelf, uris=tuple(uris)
            )
            catalogue.put_playlist(connection, row)
            played = [Play("ann", NOW - 60_000 * number, made[number % 3].id, 40_000, "test") for number in range(7)]
            plays.add(connection, played)
        with serving(create_app(library)) as url:
            yield Server(
                url, library, client.id, secret, token, made, cover, "ann", user_token, refresh_token, playlist
            )


def fill(connection: Connection, cover: str) -> tuple[Track, ...]:
    debut = rows.album("Début", "Björk", release_date="1993-07-05", total_tracks=12, cover=cover, label="One Little")
    return (
        rows.put(
            connection,
            rows.track(
                "Human Behaviour",
                "Björk",
                on=debut,
                genres=("art pop",),
                external_ids={"isrc": "GBAPK9300001", "spotify": "7xGfFoTpQ2E7fRF5lN10tr"},
            ),
        ),
        rows.put(connection, rows.track("Crying", "Björk", on=debut, track_number=2), key=-1, loudness=0.0, tempo=0.0),
        *(rows.put(connection, rows.track(f"Etude {number}", "Clara", "Robert")) for number in range(1, 6)),
    )
