"""An untouched spotipy reaches Ritornello under Spotify's own names; docs/clients/drop-in.md tells the lasting way.

python examples/clients/drop_in.py LIBRARY CLIENT_ID CLIENT_SECRET      (pip install spotipy trustme)
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import spotipy
import trustme
import uvicorn
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials

from ritornello.library import Library
from ritornello.server.app import create_app

NAMES = ("api.spotify.com", "accounts.spotify.com")


def main(path: str, client_id: str, secret: str) -> None:
    """Serve both names with a certificate of our own, lead our own look-ups there, and ask."""
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder, Library.open(path) as library, socket.socket() as listener:
        root, own = Path(folder) / "root.pem", Path(folder) / "own.pem"
        authority.cert_pem.write_to_path(str(root))
        authority.issue_cert(*NAMES).private_key_and_cert_chain_pem.write_to_path(str(own))
        os.environ["REQUESTS_CA_BUNDLE"] = str(root)
        listener.bind(("127.0.0.1", 0))
        lead(listener.getsockname()[1])
        app = create_app(library, public_url="https://api.spotify.com")
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ssl_certfile=str(own), proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            ask(client_id, secret)
        finally:
            server.should_exit = True
            thread.join()


def lead(port: int) -> None:
    """What the hosts file does for the whole machine, for this program alone."""
    original = socket.getaddrinfo

    def look_up(host: Any, wanted: Any, *rest: Any, **more: Any) -> Any:
        here = ("127.0.0.1", port) if host in NAMES else (host, wanted)
        return original(*here, *rest, **more)

    socket.getaddrinfo = look_up


def ask(client_id: str, secret: str) -> None:
    """Not a line of this knows of Ritornello."""
    manager = SpotifyClientCredentials(client_id, secret, cache_handler=MemoryCacheHandler())
    spotify = spotipy.Spotify(auth_manager=manager)
    album = spotify.new_releases()["albums"]["items"][0]
    print(album["name"], album["href"])  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
