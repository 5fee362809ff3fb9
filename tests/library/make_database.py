"""Writes the library that stays behind for the newest migration: ``python -m tests.library.make_database``."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import zstandard

from ritornello.library import Library, schema
from tests.library import rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.sqlite"
        debut = rows.album("Début", "Björk", release_date="1993-07-05")
        with Library.open(path) as library, library.begin() as connection:
            rows.put(
                connection, rows.track("Human Behaviour", "Björk", on=debut, external_ids={"isrc": "GBAPK9300001"})
            )
        plain = sqlite3.connect(path)
        plain.execute("PRAGMA journal_mode=DELETE")
        plain.execute("VACUUM")
        plain.close()
        kept = Path(__file__).parent / "databases" / f"{schema.HEAD}.sqlite.zst"
        kept.write_bytes(zstandard.compress(path.read_bytes(), level=19))


if __name__ == "__main__":
    main()
