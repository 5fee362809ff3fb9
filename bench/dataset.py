"""How long the export of many tracks takes, and how much memory: ``python -m bench.dataset 100000 1000000``.

Each number of tracks is a library of its own, made without audio, exported in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ritornello.library import Library
from ritornello.track import FEATURES

LICENCES = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", None)
_TRACKS_PER_ARTIST = 12


def make(path: Path, tracks: int) -> None:
    """Fill a library with rows that look like those of a scan."""
    Library.open(path).close()
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA synchronous=OFF")
    artists = tracks // _TRACKS_PER_ARTIST + 1
    confidence = json.dumps(dict.fromkeys(FEATURES, 0.5))
    plain.executemany(
        "INSERT INTO artists (id, name) VALUES (?, ?)", ((_id("a", n), f"Artist {n}") for n in range(artists))
    )
    album = "INSERT INTO albums (id, name, album_type, total_tracks, external_ids) VALUES (?, ?, 'album', 12, '{}')"
    plain.executemany(album, ((_id("b", n), f"Album {n}") for n in range(artists)))
    plain.executemany(
        "INSERT INTO album_artists VALUES (?, 0, ?)", ((_id("b", n), _id("a", n)) for n in range(artists))
    )
    plain.executemany(
        "INSERT INTO tracks (id, name, album_id, duration, disc_number, track_number, explicit, popularity)"
        " VALUES (?, ?, ?, 200, 1, 1, 0, 0)",
        ((_id("t", n), f"Track {n}", _id("b", n % artists)) for n in range(tracks)),
    )
    plain.executemany(
        "INSERT INTO track_artists VALUES (?, 0, ?)", ((_id("t", n), _id("a", n % artists)) for n in range(tracks))
    )
    plain.executemany("INSERT INTO track_genres VALUES (?, 0, 'dub')", ((_id("t", n),) for n in range(tracks)))
    columns = ", ".join(f'"{name}"' for name in FEATURES)
    plain.executemany(
        f"INSERT INTO features (track_id, {columns}, tempo_candidates, confidence, analysis_version, model_version,"
        f" provenance) VALUES ({', '.join('?' * (len(FEATURES) + 1))}, '[]', ?, 1, 'fma-mfcc-1', '{{}}')",
        _features(tracks, confidence),
    )
    plain.executemany(
        "INSERT INTO embeddings VALUES (?, 'embedding-1', ?, ?)",
        ((_id("t", n), bytes(256), bytes(8 * 256)) for n in range(tracks)),
    )
    plain.executemany(
        "INSERT INTO files (path, size, mtime_ns, audio_id, status, warnings, analysis_version, model_version, licence)"
        " VALUES (?, 1, 1, ?, 'analysed', '[]', 1, 'fma-mfcc-1', ?)",
        ((f"/music/{n}.flac".encode(), _id("t", n), LICENCES[n % len(LICENCES)]) for n in range(tracks)),
    )
    plain.commit()
    plain.close()


def _features(tracks: int, confidence: str) -> Iterator[tuple[Any, ...]]:
    drawn = random.Random(1)
    for n in range(tracks):
        yield _id("t", n), *(drawn.random() for _ in FEATURES), confidence


def _id(kind: str, number: int) -> str:
    return f"{kind}{number:021}"


def measure(path: Path, folder: Path, told: Any) -> None:
    from ritornello.datasets.export import export
    from ritornello.rights import Use

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, worked = time.monotonic(), time.process_time()
    with Library.open(path) as library:
        summary = export(library, folder, Use.TRAIN_COMMERCIAL)
    told.put(
        (
            summary.written,
            time.monotonic() - started,
            time.process_time() - worked,
            before / 1024,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20,
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=int, nargs="+")
    context = multiprocessing.get_context("spawn")
    print("| tracks | rows written | wall s | CPU s | MiB before | peak MiB | MiB on disk |")
    print("|---|---|---|---|---|---|---|")
    for tracks in parser.parse_args().tracks:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "library.db"
            make(path, tracks)
            told = context.Queue()
            process = context.Process(target=measure, args=(path, Path(folder) / "rows", told))
            process.start()
            written, wall, work, before, peak, disk = told.get()
            process.join()
            print(
                f"| {tracks:,} | {written:,} | {wall:.0f} | {work:.0f} | {before:.0f} | {peak:.0f} | {disk:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
