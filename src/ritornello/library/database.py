"""Opening a library: pragmas, migrations, transactions."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from ritornello.errors import LibraryError
from ritornello.library.schema import APPLICATION_ID, HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_BUSY_MS = 30_000
"""How long a writer waits for another process to finish its transaction."""


class Library:
    """An open library. Connections are short: open one, do one thing, let it go."""

    def __init__(self, engine: Engine) -> None:
        self._readers = engine
        self._writers = engine.execution_options(ritornello_begin="BEGIN IMMEDIATE")
        self._watcher: sqlite3.Connection | None = None

    @classmethod
    def open(cls, where: Path | str) -> Self:
        """Open the library at a path or URL; create it if it is not there, bring it up to date if it is old."""
        path = _path(where)
        _check_file(path)
        library = cls(_engine(path))
        try:
            library._bring_up_to_date(path)
        except DBAPIError as error:
            library.close()
            raise LibraryError(f"{path} cannot be opened as a library: {error.orig}") from error
        except LibraryError:
            library.close()
            raise
        return library

    @property
    def path(self) -> Path:
        """The file."""
        return Path(str(self._readers.url.database))

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Read: everything seen is of one moment, and writers are not held up."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Write: all or nothing, and no other process writes meanwhile."""
        with self._writers.begin() as connection:
            yield connection

    def version(self) -> int:
        """A number that is another one after every change, whichever process made it; asking costs microseconds."""
        if self._watcher is None:
            self._watcher = sqlite3.connect(self.path, check_same_thread=False)
        changed: tuple[int] = self._watcher.execute("PRAGMA data_version").fetchone()
        return changed[0]

    def scrub(self) -> None:
        """Rewrite the file, so that nothing is left of what was deleted, neither in free pages nor in the log."""
        connection = self._readers.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
            cursor.close()
        finally:
            connection.close()
        if busy:
            raise LibraryError(
                f"{self.path} is in use, so that traces of what was deleted stay in {self.path.name}-wal for now: "
                "stop the server and do the same again"
            )

    def close(self) -> None:
        """Let go of the file."""
        self._readers.dispose()
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bring_up_to_date(self, path: Path) -> None:
        with self.connect() as connection:
            if _revision(connection, path) == HEAD:
                return
        with self.begin() as connection:
            # Asked again: another process may have migrated while this one waited for its turn.
            found = _revision(connection, path)
            if found != HEAD:
                _migrate(connection, found, path)


def _path(where: Path | str) -> Path:
    """Find the file that a path or a SQLite URL names."""
    if isinstance(where, Path) or "://" not in where:
        return Path(where)
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise LibraryError(f"{where!r} is no database URL: expected sqlite:///PATH or a path") from error
    if url.get_backend_name() != "sqlite":
        raise LibraryError(f"a library in {url.get_backend_name()} is not possible yet: give a path or sqlite:///PATH")
    if not url.database or url.database == ":memory:":
        raise LibraryError(f"{where!r} names no file: a library must be one, give a path or sqlite:///PATH")
    return Path(url.database)


def _check_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise LibraryError(f"{path} cannot be opened as a library: {error.strerror}") from error
    if start not in (b"", b"SQLite format 3\0"):
        raise LibraryError(f"{path} is not a library: it is another kind of file; give another path")


def _engine(path: Path) -> Engine:
    # Every request holds at most one connection, so the server's threads bound the pool.
    engine = create_engine(URL.create("sqlite", database=str(path)), max_overflow=-1)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        # Python's own transactions start late and only before writes; ours start where we say.
        connection.isolation_level = None
        for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("ritornello_begin", "BEGIN"))

    return engine


def _revision(connection: Connection, path: Path) -> str | None:
    """Tell which migration the file has seen; None for a new file."""
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if (
        connection.execute(text("PRAGMA application_id")).scalar_one() != APPLICATION_ID
        or "alembic_version" not in names
    ):
        raise LibraryError(f"{path} is a SQLite database, but not a library of Ritornello; give another path")
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _migrate(connection: Connection, found: str | None, path: Path) -> None:
    # Imported here because Alembic costs more to load than an up-to-date library costs to open.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(files("ritornello.library") / "migrations").replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise LibraryError(
            f"{path} was written by a newer Ritornello (its schema is {found}, the newest known here is {HEAD}): "
            "upgrade Ritornello or give another path"
        )
    command.upgrade(config, "head")
    connection.execute(text(f"PRAGMA application_id={APPLICATION_ID}"))
