"""Load on the server, beside the same server answering constant bodies of the same sizes.

    uv run --group bench python -m bench.api --tracks 10000 100000

Fills a library with made-up numbers, starts a server of its own, and asks with many clients at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import random
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import zstandard
from starlette.responses import Response

from ritornello.library import Library, clients, index, spelling, tokens
from ritornello.library import schema as s
from ritornello.spotify import ids
from ritornello.track import FEATURES

WORDS = [
    f"{a}{b}{c}" for a in ("ka", "lo", "mi", "re", "su") for b in ("n", "r", "st", "l") for c in ("a", "or", "ine", "u")
]
RARE = [f"{a}{b}{c}" for a in ("dwe", "fji", "gho", "pau", "tze", "vry") for b in WORDS for c in ("ban", "dol", "mex")]
QUERIES = 2000
SAMPLE = 200
"""How many answers the constant bodies take their sizes from."""
SEED = 7


@dataclass(frozen=True)
class Figures:
    """One run of one address."""

    a_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Of the server, for each answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tracks", type=int, nargs="+", default=[10_000, 100_000], help="sizes of the library")
    parser.add_argument("--clients", type=int, default=50, help="how many ask at once")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each address is asked")
    parser.add_argument("--turns", type=int, default=2, help="how often, in turns; the best counts")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {given.clients} clients")
    print("  tracks address             bytes  answers/s of const.   p50 ms   p99 ms × const.   CPU ms × const.")
    for tracks in given.tracks:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "library.sqlite"
            token, names = fill(path, tracks)
            run(path, token, names, tracks, given)


def fill(path: Path, count: int) -> tuple[str, list[str]]:
    """A library of made-up tracks; returns a token and the tracks' ids."""
    chance = random.Random(SEED)
    names = [ids.encode(chance.randbytes(16)) for _ in range(count)]
    albums = [ids.encode(chance.randbytes(16)) for _ in range(count // 10 + 1)]
    artists = [ids.encode(chance.randbytes(16)) for _ in range(count // 50 + 1)]
    document = zstandard.compress(json.dumps(_document(chance)).encode(), level=9)
    titles = [" ".join([*chance.choices(WORDS, k=3), chance.choice(RARE)]) for _ in names]
    with Library.open(path) as library, library.begin() as connection:
        connection.execute(s.artists.insert(), [{"id": one, "name": f"Artist {one[:4]}"} for one in artists])
        connection.execute(
            s.albums.insert(),
            [{"id": one, "name": f"Album {one[:4]}", "album_type": "album", "release_date": "2001-02-03",
              "total_tracks": 10, "external_ids": {}} for one in albums],
        )  # fmt: skip
        connection.execute(
            s.tracks.insert(),
            [{"number": at + 1, "id": one, "name": titles[at], "album_id": albums[at // 10], "duration": 200.0,
              "disc_number": 1, "track_number": at % 10 + 1, "explicit": False, "popularity": 0}
             for at, one in enumerate(names)],
        )  # fmt: skip
        credited = [{"track_id": one, "position": 0, "artist_id": artists[at // 50]} for at, one in enumerate(names)]
        connection.execute(s.track_artists.insert(), credited)
        extra = {
            "tempo_candidates": [],
            "confidence": {},
            "analysis_version": 1,
            "model_version": "bench",
            "provenance": {},
        }
        numbers = [
            {name: chance.random() for name in FEATURES} | {"key": 1, "mode": 1, "time_signature": 4} for _ in names
        ]
        features = [{"track_id": one, **row, **extra} for one, row in zip(names, numbers, strict=True)]
        connection.execute(s.features.insert(), features)
        connection.execute(s.analyses.insert(), [{"track_id": one, "document": document} for one in names])
        connection.exec_driver_sql(
            "INSERT INTO track_search (rowid, title, artists, album, genres) "
            "SELECT number, name, 'Artist', 'Album', '' FROM tracks"
        )
        spelling.learn(connection, index.words(), " ".join(WORDS + RARE))
        client, _ = clients.add(connection, "bench")
        return tokens.issue(connection, client.id), names


def searches(chance: random.Random) -> list[str]:
    """Different queries: two words that many titles have, most of them; one such word or its beginning; one that few
    have, its beginning, with another, or misspelt.
    """

    def one() -> str:
        common, rare = chance.sample(WORDS, 2), chance.choice(RARE)
        slip = chance.randrange(1, len(rare) - 1)
        misspelt = rare[:slip] + "q" + rare[slip + 1 :]
        kinds = [" ".join(common), common[0], common[0][:3], rare, rare[:6], f"{common[0]} {rare}", misspelt]
        return chance.choices(kinds, weights=[50, 2, 1, 15, 10, 15, 7])[0]

    return [one() for _ in range(QUERIES)]


def _document(chance: random.Random) -> dict[str, object]:
    """About the size of an analysis of four minutes."""
    segment = dict.fromkeys(("start", "duration", "confidence", "loudness_start", "loudness_max"), 1.234)
    segments = [{**segment, "pitches": [round(chance.random(), 3) for _ in range(12)]} for _ in range(900)]
    return {"segments": segments}


def run(path: Path, token: str, names: list[str], tracks: int, given: argparse.Namespace) -> None:
    chance = random.Random(SEED)
    asked = {
        "audio-features": [f"/v1/audio-features?ids={','.join(chance.sample(names, 100))}" for _ in range(200)],
        "audio-analysis": [f"/v1/audio-analysis/{name}" for name in chance.sample(names, 200)],
        "search": [f"/v1/search?type=track&q={q.replace(' ', '%20')}" for q in searches(chance)],
    }
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = multiprocessing.get_context("fork").Process(target=serve, args=(path, listener), daemon=True)
        server.start()
        try:
            for name, addresses in asked.items():
                sizes = asyncio.run(fetch([url + address for address in addresses[:SAMPLE]], token))
                size = sum(sizes) // len(sizes)
                pairs = [("constant", [f"/constant/{each}" for each in sizes]), (name, addresses)]
                best: dict[str, Figures] = {}
                for label, paths in pairs * given.turns:
                    found = asyncio.run(load(url, paths, token, given.clients, given.seconds, server.pid))
                    if label not in best or found.a_second > best[label].a_second:
                        best[label] = found
                show(tracks, name, size, best[name], best["constant"])
        finally:
            server.terminate()
            server.join()


def serve(path: Path, listener: socket.socket) -> None:
    import uvicorn

    from ritornello.server.app import create_app

    with Library.open(path) as library:
        app = create_app(library)

        @app.get("/constant/{size}")
        def constant(size: int) -> Response:
            return Response(b"0" * size, media_type="application/json")

        uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])


async def fetch(urls: list[str], token: str) -> list[int]:
    """How many bytes each answer has."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    sizes: list[int] = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(200):
            try:
                for url in urls[len(sizes) :]:
                    async with session.get(url) as answer:
                        assert answer.status == 200, await answer.text()
                        sizes.append(len(await answer.read()))
                return sizes
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
    sys.exit("the server does not answer")


async def load(url: str, paths: list[str], token: str, many: int, seconds: float, server: int | None) -> Figures:
    """Ask with many clients over kept connections, each as soon as it has its answer."""
    took: list[float] = []
    end = time.perf_counter() + seconds
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    connector = aiohttp.TCPConnector(limit=many)
    process = psutil.Process(server)
    before = process.cpu_times()
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

        async def one(start: int) -> None:
            at = start
            while time.perf_counter() < end:
                began = time.perf_counter()
                async with session.get(url + paths[at % len(paths)]) as answer:
                    await answer.read()
                    assert answer.status == 200
                took.append(time.perf_counter() - began)
                at += 1

        await asyncio.gather(*(one(start) for start in range(many)))
    after = process.cpu_times()
    took.sort()
    return Figures(
        a_second=len(took) / seconds,
        p50_ms=took[len(took) // 2] * 1000,
        p99_ms=took[int(len(took) * 0.99)] * 1000,
        cpu_ms=(after.user + after.system - before.user - before.system) / len(took) * 1000,
    )


def show(tracks: int, name: str, size: int, found: Figures, constant: Figures) -> None:
    print(
        f"{tracks:8} {name:16} {size:8} {found.a_second:10.0f} {found.a_second / constant.a_second:9.2f} "
        f"{found.p50_ms:8.1f} {found.p99_ms:8.1f} {found.p99_ms / constant.p99_ms:8.2f} "
        f"{found.cpu_ms:8.2f} {found.cpu_ms / constant.cpu_ms:8.2f}"
    )


if __name__ == "__main__":
    main()
