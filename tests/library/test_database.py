from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from dataclasses import astuple, replace
from pathlib import Path

import pytest
import zstandard
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

import ritornello.library
from ritornello.errors import LibraryError
from ritornello.library import Library, plays, schema, search, tracks
from ritornello.play import Play
from tests.library import rows

DATABASES = Path(__file__).parent / "databases"


def test_a_new_library_is_empty_and_in_wal_mode(tmp_path: Path) -> None:
    with Library.open(tmp_path / "new folder" / "library.sqlite") as library, library.connect() as connection:
        assert tracks.count(connection) == 0
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("name", ["library.sqlite", "50% off? #1 ü.sqlite"])
def test_a_library_opens_again(tmp_path: Path, name: str) -> None:
    with Library.open(tmp_path / name) as library, library.begin() as connection:
        made = rows.put(connection, rows.track("a", "b"))
    assert (tmp_path / name).exists()
    with Library.open(tmp_path / name) as library, library.connect() as connection:
        assert tracks.get(connection, [made.id]) == [made]


def test_a_library_opens_by_url(tmp_path: Path) -> None:
    Library.open(f"sqlite:///{tmp_path}/library.sqlite").close()
    assert (tmp_path / "library.sqlite").exists()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("postgresql://localhost/ritornello", "a library in postgresql is not possible yet"),
        ("sqlite://", "names no file"),
        ("nonsense://x", "not possible yet"),
    ],
)
def test_other_databases_are_refused(where: str, message: str) -> None:
    with pytest.raises(LibraryError, match=message):
        Library.open(where)


def test_another_kind_of_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"ID3" * 1000)
    with pytest.raises(LibraryError, match="is not a library: it is another kind of file"):
        Library.open(song)
    assert song.read_bytes() == b"ID3" * 1000


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "photos.sqlite") as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    connection.close()
    with pytest.raises(LibraryError, match="not a library of Ritornello"):
        Library.open(tmp_path / "photos.sqlite")
    with sqlite3.connect(tmp_path / "photos.sqlite") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    connection.close()


def test_a_damaged_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"SQLite format 3\0" + b"\x17" * 5000)
    with pytest.raises(LibraryError, match="cannot be opened as a library"):
        Library.open(tmp_path / "library.sqlite")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be opened as a library: Is a directory"):
        Library.open(tmp_path)


def test_a_newer_library_is_refused(tmp_path: Path) -> None:
    Library.open(tmp_path / "library.sqlite").close()
    with sqlite3.connect(tmp_path / "library.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(LibraryError, match=r"written by a newer Ritornello \(its schema is 9999"):
        Library.open(tmp_path / "library.sqlite")


@pytest.mark.parametrize("old", sorted(DATABASES.glob("*.sqlite.zst")), ids=lambda path: path.name)
def test_every_old_library_keeps_opening(tmp_path: Path, old: Path) -> None:
    path = tmp_path / "library.sqlite"
    path.write_bytes(zstandard.decompress(old.read_bytes(), max_output_size=1 << 24))
    with Library.open(path) as library, library.connect() as connection:
        found = search.tracks(connection, "human bjork", limit=5, offset=0).items
        assert [track.name for track in found] == ["Human Behaviour"]
        assert tracks.features(connection, [found[0].id])[0] is not None
        document = tracks.analysis(connection, found[0].id)
        assert document is not None
        assert b'"segments"' in document.text
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == schema.HEAD


def test_plays_of_an_old_library_stay_and_are_known_again(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    path.write_bytes(zstandard.decompress((DATABASES / "0002_contract.sqlite.zst").read_bytes(), 1 << 24))
    played = Play("ann", 1_700_000_000_000, "x" * 22, 40_000, "catalogue")
    with sqlite3.connect(path) as connection:
        columns = "(listener, played_at, track_id, ms_played, source)"
        connection.execute(f"INSERT INTO plays {columns} VALUES (?, ?, ?, ?, ?)", astuple(played))
    connection.close()
    with Library.open(path) as library, library.begin() as writing:
        assert plays.add(writing, [played]) == 0
        assert plays.add(writing, [replace(played, listener="bob")]) == 1
        row = writing.execute(select(schema.plays).where(schema.plays.c.listener == "ann")).one()
        assert (row.ms_played, row.source, row.quality, row.counted) == (40_000, "catalogue", "exact", True)


def test_an_old_library_is_kept_for_every_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(ritornello.library.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    revisions = {script.revision for script in scripts.walk_revisions()}
    assert {path.name.removesuffix(".sqlite.zst") for path in DATABASES.iterdir()} == revisions
    assert scripts.get_current_head() == schema.HEAD


def test_the_migrations_make_the_tables_of_the_schema(library: Library) -> None:
    with library.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda thing, name, kind, *rest: "_search" not in name and name != "alembic_version"
            },
        )
        assert compare_metadata(context, schema.metadata) == []


def test_a_failed_write_leaves_nothing(library: Library) -> None:
    def write() -> None:
        with library.begin() as connection:
            rows.put(connection, rows.track("a", "b"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    with library.connect() as connection:
        assert tracks.count(connection) == 0


def test_readers_see_one_moment_and_do_not_wait_for_a_writer(library: Library) -> None:
    with library.connect() as reader:
        assert tracks.count(reader) == 0
        with library.begin() as writer:
            rows.put(writer, rows.track("a", "b"))
            with library.connect() as other:
                assert tracks.count(other) == 0
        assert tracks.count(reader) == 0
    with library.connect() as reader:
        assert tracks.count(reader) == 1


def test_writers_take_turns(library: Library) -> None:
    def write(name: str) -> None:
        for number in range(10):
            with library.begin() as connection:
                before = tracks.count(connection)
                rows.put(connection, rows.track(f"{name}{number}", "b"))
                assert tracks.count(connection) == before + 1

    threads = [threading.Thread(target=write, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with library.connect() as connection:
        assert tracks.count(connection) == 30


def test_two_processes_may_open_a_new_library_at_once(tmp_path: Path) -> None:
    code = "import sys; from ritornello.library import Library; Library.open(sys.argv[1]).close()"
    path = tmp_path / "library.sqlite"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE) for _ in range(3)]
    for process in running:
        _, complaint = process.communicate()
        assert process.returncode == 0, complaint.decode()


def test_an_up_to_date_library_opens_without_alembic(tmp_path: Path) -> None:
    Library.open(tmp_path / "library.sqlite").close()
    code = (
        "import sys; from ritornello.library import Library; Library.open(sys.argv[1]).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "library.sqlite")], check=True)


def test_the_documentation_names_every_table(library: Library) -> None:
    page = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
    for name in schema.metadata.tables:
        assert f"`{name}`" in page, name
