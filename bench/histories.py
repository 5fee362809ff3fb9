"""Time and memory of importing a long history, made up here: rows of Spotify's extended history in a zip.

::

    uv run python -m bench.histories --rows 300000

Prints CPU seconds, wall seconds and peak memory of the import in a process of its own, then of the same import again.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

SONGS, ARTISTS, PART = 40_000, 6_000, 16_000
"""What a listener of many years has heard, and the rows of one part."""
_START = 1_325_376_000
_CODE = """
import resource, sys, time
from pathlib import Path
from ritornello import importing
from ritornello.library import Library
before = time.perf_counter(), time.process_time()
with Library.open(sys.argv[2]) as library:
    account = importing.import_files([Path(sys.argv[1])], library, "bench")
wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
print(f"{account.rows} rows, {account.kept} kept: {wall:.1f} s, {cpu:.1f} s of CPU, {peak:.0f} MiB at most")
"""


def write(path: Path, rows: int, seed: int = 0) -> None:
    """Write a zip as Spotify sends it, with all keys of an old export."""
    chance = random.Random(seed)
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    songs = [
        (f"Song {number}", f"Artist {chance.randrange(ARTISTS)}", f"Album {number // 9}", chance.choices(letters, k=22))
        for number in range(SONGS)
    ]
    moment = _START
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, first in enumerate(range(0, rows, PART)):
            told = []
            for _ in range(min(PART, rows - first)):
                title, artist, album, letters_of = songs[min(int(chance.expovariate(1 / 6000)), SONGS - 1)]
                played = chance.choice((chance.randrange(30_000), 180_000 + chance.randrange(120_000)))
                moment += played // 1000 + chance.choice((0, 1, 600))
                told.append(_row(moment, played, title, artist, album, "".join(letters_of)))
            name = f"Spotify Extended Streaming History/Streaming_History_Audio_{part}.json"
            package.writestr(name, json.dumps(told, indent=2))


def _row(moment: int, played: int, title: str, artist: str, album: str, id_: str) -> dict[str, object]:
    return {
        "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
        "username": "somebody",
        "platform": "Android OS 4.2.2 API 17 (samsung, GT-I9195)",
        "ms_played": played,
        "conn_country": "SE",
        "ip_addr_decrypted": "192.0.2.1",
        "user_agent_decrypted": "unknown",
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": f"spotify:track:{id_}",
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "trackdone",
        "reason_end": "trackdone" if played > 30_000 else "fwdbtn",
        "shuffle": False,
        "skipped": None,
        "offline": False,
        "offline_timestamp": moment - played // 1000,
        "incognito_mode": False,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        package, library = Path(folder) / "history.zip", Path(folder) / "library.sqlite"
        write(package, rows)
        print(f"zip of {package.stat().st_size / 1e6:.0f} MB")
        for said in ("first", "again"):
            told = subprocess.run([sys.executable, "-c", _CODE, package, library], check=True, stdout=subprocess.PIPE)
            print(f"{said}: {told.stdout.decode().strip()}")
        print(f"library of {library.stat().st_size / 1e6:.0f} MB")
    print(f"this bench itself: {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s of CPU")


if __name__ == "__main__":
    main()
