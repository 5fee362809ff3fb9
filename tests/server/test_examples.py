"""The examples run as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.server.conftest import Server

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_an_untouched_client_reaches_the_server_under_spotifys_name(server: Server) -> None:
    command = [sys.executable, str(EXAMPLES / "clients" / "drop_in.py"), str(server.library.path)]
    done = subprocess.run([*command, server.client_id, server.client_secret], capture_output=True, text=True)
    assert done.stdout == f"Début https://api.spotify.com/v1/albums/{server.tracks[0].album.id}\n", done.stderr
