"""How long the pages of a large library take, from the request to the last byte, on a server of its own.

    uv run --group bench python -m bench.pages --tracks 100000

Fills a library as bench.api does, with random embeddings beside the numbers. A row is one address: the first time after
the server was started, then the median of the next ones.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import platform
import socket
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.api import SEED, fill, serve
from ritornello.library import Library
from ritornello.library import schema as s

_BATCH = 10_000
_ADDRESSES = (
    ("library, first page", "/library"),
    ("filtered and sorted", "/library?min_energy=0.4&max_energy=0.6&sort=tempo&order=down"),
    ("sorted by title", "/library?sort=title"),
    ("searched", "/library?q=kana"),
    ("last page", "/library?page=100000"),
    ("map", "/library/map"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tracks", type=int, default=100_000, help="size of the library")
    parser.add_argument("--turns", type=int, default=5, help="how often each address is asked after the first time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.sqlite"
        _, names = fill(path, given.tracks)
        embed(path, names)
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {given.tracks} tracks"
        )
        print("page                    first, s   then, s     bytes")
        with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
            port = listener.getsockname()[1]
            server = multiprocessing.get_context("spawn").Process(target=serve, args=(path, listener), daemon=True)
            server.start()
            try:
                ask(port, "/health")
                for name, address in _ADDRESSES:
                    first, size = ask(port, address)
                    then = statistics.median(ask(port, address)[0] for _ in range(given.turns))
                    print(f"{name:22} {first:9.2f} {then:9.3f} {size:9}")
            finally:
                server.terminate()
                server.join()


def embed(path: Path, names: list[str]) -> None:
    """Random vectors of length 1."""
    chance = np.random.default_rng(SEED)
    with Library.open(path) as library, library.begin() as connection:
        for start in range(0, len(names), _BATCH):
            vectors = chance.normal(size=(len(names[start : start + _BATCH]), 128))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            rows = [
                {"track_id": name, "version": "bench", "track": one.astype("<f2").tobytes(), "sections": b""}
                for name, one in zip(names[start : start + _BATCH], vectors, strict=True)
            ]
            connection.execute(s.embeddings.insert(), rows)


def ask(port: int, address: str) -> tuple[float, int]:
    """Seconds until the last byte, and how many there were, compressed as a browser gets them."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", address, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (address, answer.status)
    connection.close()
    return time.perf_counter() - began, len(body)


if __name__ == "__main__":
    main()
