from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection

from ritornello.library import Library, clients, covers, tokens
from ritornello.server.app import create_app
from ritornello.track import Track
from tests.library import rows


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

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET with the token; the path is sent as it is written, headers may be given with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(self.url + path, headers={"authorization": f"Bearer {self.token}", **given})


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
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
            client, secret = clients.add(connection, "tests")
            token = tokens.issue(connection, client.id)
        with serving(create_app(library)) as url:
            yield Server(url, library, client.id, secret, token, made, cover)


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
