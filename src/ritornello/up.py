"""One command from a folder to a server: this process serves, a child process scans.

The child is ``ritornello scan`` itself, at lowest priority in its workers, so the server keeps answering and a crash of
one does not take the other along.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from datetime import datetime
from typing import TYPE_CHECKING

from ritornello import folders, tags
from ritornello.errors import RitornelloError
from ritornello.library import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import FrameType

    from ritornello.library import Library
    from ritornello.library.neighbours import Neighbours
    from ritornello.study.folder import Study

CLIENT = "up"
"""The name of the client that :func:`new_client` makes."""

MIXING = 900.0
"""Seconds after which a server looks whether a day or a week has begun."""

_GRACE = 5.0
"""Seconds that an interrupted scan has to put down its pen."""


def listen(host: str, port: int, *, or_any: bool = False) -> socket.socket:
    """Take a port; where it is taken already, any free one with ``or_any``."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    for wanted in (port, 0) if or_any else (port,):
        with contextlib.suppress(OSError):
            return socket.create_server((host, wanted), family=family)
    raise RitornelloError(f"cannot listen at {host}:{port}: it is taken or not ours; give another --host or --port")


def address(listening: socket.socket) -> str:
    """The base URL under which this machine reaches a listening socket."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine can reach a listening socket."""
    host: str = listening.getsockname()[0]
    return host.startswith("127.") or host == "::1"


def open_browser(address: str) -> bool:
    """Show the pages, where this machine has a browser with a window; tells whether it has.

    The socket listens already, so a browser that is quicker than the server waits for it.
    """
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # Those of the terminal, such as w3m, would take it over.
    return type(browser) is not webbrowser.GenericBrowser and browser.open(address)


def new_client(library: Library) -> tuple[clients.Client, str]:
    """A client for this run. Secrets are stored hashed, so the one of the last run cannot be shown again: it ends."""
    with library.begin() as connection:
        for client in clients.all(connection):
            if client.name == CLIENT:
                clients.revoke(connection, client.id)
        return clients.add(connection, CLIENT)


def write_pieces(folder: Path, on_piece: Callable[[Path], None]) -> Path:
    """The folder with the demo pieces; written once, in about twenty seconds."""
    from ritornello.pieces import write_demo

    write_demo(folder, on_piece)
    return folder


def first_title(folder: Path) -> str:
    """What to search for in an example: the title of the file that a scan of the folder reads first."""
    found = next(folders.find([folder], lambda path, reason, refused: None), None)
    if found is None:
        raise RitornelloError(f"{folder}: no audio files found; give a folder with mp3, m4a, ogg, flac or others in it")
    return tags.read(found.path).title


def serve(
    library: Library,
    listening: socket.socket,
    public_url: str | None = None,
    *,
    proxies: Sequence[str] = (),
    rate_limit: int | None = None,
    study: Study | None = None,
) -> None:
    """Answer requests until Ctrl-C or a request to end."""
    import uvicorn

    from ritornello.server.app import create_app

    app = create_app(
        library,
        public_url=public_url,
        public=public_url is not None or not is_loopback(listening),
        proxies=proxies,
        rate_limit=rate_limit,
        study=study,
    )
    # Read before somebody looks: at 100,000 tracks it takes as long as all the rest of the first page.
    threading.Thread(target=app.state.browsing.columns, name="columns", daemon=True).start()
    # uvicorn raises the signal that ended it once more, when it is done.
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.suppress(KeyboardInterrupt), listening, mixing(library, app.state.neighbours):
        uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=False)).run(sockets=[listening])


@contextlib.contextmanager
def mixing(library: Library, near: Neighbours, every: float = MIXING) -> Iterator[None]:
    """Meanwhile learn from plays, and make playlists as days and weeks begin; look ``every`` so many seconds."""
    from ritornello.library import mixes

    over = threading.Event()

    def work() -> None:
        near.learn()
        while not over.wait(every):
            mixes.refresh(library, near, datetime.now().astimezone())

    worker = threading.Thread(target=work, name="mixes", daemon=True)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join(_GRACE)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


@contextlib.contextmanager
def scanning(folder: Path, library: str) -> Iterator[subprocess.Popen[bytes]]:
    """Scan in a child process meanwhile; it shows its progress in this terminal."""
    command = [sys.executable, "-m", "ritornello", "scan", "--library", library, "--", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as child:
        try:
            yield child
        finally:
            # Ctrl-C reaches the child too, and it ends by itself; every result so far is stored in any case.
            try:
                child.wait(_GRACE)
            except subprocess.TimeoutExpired:
                child.terminate()
