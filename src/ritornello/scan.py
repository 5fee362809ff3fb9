"""Folders in, a library out: find audio files, analyse what is new in worker processes, store, resume, report.

A file whose size, time and versions are as stored is not opened. Any other is identified by the hash of its encoded
audio; if the library knows that audio, only path and tags are stored, else the file is decoded and analysed. Each
result is written in one transaction by the parent, so a killed scan loses at most the files in flight, and running it
again completes it.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from ritornello import __version__, sidecars, worker
from ritornello.errors import AudioError, RitornelloError, Unreadable
from ritornello.folders import Found, find
from ritornello.library import catalogue, covers, embeddings, files, genre_odds, matches, running, tracks
from ritornello.track import ANALYSIS_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection

    from ritornello.library import Library
    from ritornello.tags import Tags
    from ritornello.track import Track

PROVENANCE = {"source": "audio file", "software": f"ritornello {__version__}"}
"""Stored with every row; the same for all files, so that one answer about many tracks can tell it once."""

_PATIENCE = 300.0
_PATIENCE_PER_BYTE = 60 / 2**20
"""Seconds; an hour of 16 kbit/s speech is 7 MB. Far beyond what any whole file needs at lowest priority."""

_TELL_EVERY = 0.5
"""Seconds between two notes for those who watch from another process."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to say of one file: why it could not be used, or what was wrong with it."""

    path: str
    reason: str


@dataclass(slots=True)
class Summary:
    """What a scan did."""

    analysed: int = 0
    """Decoded and analysed now."""
    unchanged: int = 0
    """Analysed before and not touched since."""
    moved: int = 0
    """Known audio under a new path: moved, renamed or copied."""
    retagged: int = 0
    """Known audio in a file that was written to."""
    forgotten: int = 0
    """Paths that hold no file any more; their tracks stay in the library."""
    refusals: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    """Files that were analysed although something was wrong with them."""
    audio_seconds: float = 0.0
    """Of the files analysed now."""
    wall_seconds: float = 0.0
    interrupted: bool = False

    @property
    def refused(self) -> int:
        """How many files could not be used."""
        return len(self.refusals)

    @property
    def usable(self) -> int:
        """How many files are in the library after this scan."""
        return self.analysed + self.unchanged + self.moved + self.retagged

    @property
    def rate(self) -> float:
        """Seconds of audio analysed in a second."""
        return self.audio_seconds / self.wall_seconds if self.wall_seconds else 0.0

    def exit_status(self, *, strict: bool) -> int:
        """0 done, 1 nothing could be done (or, with ``strict``, not all), 130 interrupted."""
        if self.interrupted:
            return 128 + signal.SIGINT
        return int(not self.usable or (strict and self.refused > 0))

    def to_json(self) -> dict[str, Any]:
        """As ``ritornello scan --json`` prints it."""
        counts = ("analysed", "unchanged", "moved", "retagged", "forgotten", "refused")
        rest = ("audio_seconds", "wall_seconds", "rate", "interrupted")
        return {
            **{name: getattr(self, name) for name in (*counts, *rest)},
            "refusals": [asdict(remark) for remark in self.refusals],
            "warnings": [asdict(remark) for remark in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is."""

    files: int
    """To be looked into; unchanged files are not among them."""
    files_done: int
    bytes: int
    bytes_done: int
    current: Path | None
    seconds: float
    """Since the first of these files was begun."""
    summary: Summary

    @property
    def files_per_second(self) -> float:
        """Files done in a second."""
        return self.files_done / self.seconds if self.seconds else 0.0

    @property
    def audio_rate(self) -> float:
        """Seconds of audio analysed in a second."""
        return self.summary.audio_seconds / self.seconds if self.seconds else 0.0


def scan(
    paths: Iterable[Path],
    library: Library,
    *,
    jobs: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Bring the library up to date with these files and folders. Ctrl-C ends it early with ``interrupted`` set."""
    started = time.monotonic()
    summary = Summary()
    roots = [Path(path).absolute() for path in paths]
    try:
        running.write(library, _running(Progress(0, 0, 0, 0, None, 0.0, summary)))
        todo = _changed(roots, library, summary)
        if todo:
            _Scan(library, summary, todo, jobs or default_jobs(), progress).run()
        _forget(roots, library, summary)
        _read_sidecars(roots, library)
        with library.begin() as connection:
            catalogue.bind(connection)
            catalogue.refresh_mixes(connection)
            matches.refresh(connection)
    except KeyboardInterrupt:
        summary.interrupted = True
    finally:
        running.end(library)
    summary.wall_seconds = time.monotonic() - started
    return summary


def _running(now: Progress) -> running.Running:
    return running.Running(
        process=os.getpid(),
        files=now.files,
        done=now.files_done,
        bytes=now.bytes,
        bytes_done=now.bytes_done,
        analysed=now.summary.analysed,
        refused=now.summary.refused,
        current=os.fsencode(now.current.name).decode(errors="replace") if now.current else None,
        rate=now.audio_rate,
    )


def default_jobs() -> int:
    """All cores but one."""
    return max(1, (os.cpu_count() or 1) - 1)


def _changed(roots: list[Path], library: Library, summary: Summary) -> deque[Found]:
    """The files that must be looked into; the others are counted."""

    def tell(path: Path, reason: str, refused: bool) -> None:
        (summary.refusals if refused else summary.warnings).append(Remark(str(path), reason))

    todo: deque[Found] = deque()
    with library.connect() as connection:
        for found in find(roots, tell):
            known = files.get(connection, found.path)
            if known is None or not _is_current(known, found):
                todo.append(found)
            elif known.reason is not None:
                tell(found.path, known.reason, True)
            else:
                summary.unchanged += 1
                for warning in known.warnings:
                    tell(found.path, warning, False)
    return todo


def _is_current(known: files.File, found: Found) -> bool:
    versions = known.analysis_version, known.model_version
    return (known.size, known.mtime_ns, *versions) == (found.size, found.mtime_ns, *_versions())


def _versions() -> tuple[int, str]:
    from ritornello.traits import MODEL_VERSION

    return ANALYSIS_VERSION, MODEL_VERSION


def _forget(roots: list[Path], library: Library, summary: Summary) -> None:
    """Drop rows of files that are gone. A root that is gone itself is an unplugged disk: its rows stay."""
    for root in roots:
        if not root.exists():
            continue
        with library.begin() as connection:
            gone = [file.path for file in files.all(connection, under=root) if not file.path.exists()]
            for path in gone:
                files.forget(connection, path)
        summary.forgotten += len(gone)


def _read_sidecars(roots: list[Path], library: Library) -> None:
    """Licences lie in files beside the audio too, which change when the audio does not: all are looked at each time."""
    for root in roots:
        if root.exists():
            with library.begin() as connection:
                known = [file.path for file in files.all(connection, under=root)]
                files.put_sidecars(connection, root, sidecars.read(known))


# Working -----------------------------------------------------------------------------------------------------------


class _Scan:
    """One run over the files that changed: what is waiting, what is in flight, what came out."""

    def __init__(
        self,
        library: Library,
        summary: Summary,
        todo: deque[Found],
        jobs: int,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.library = library
        self.summary = summary
        self.todo = todo
        self.jobs = min(jobs, len(todo))
        self.progress = progress
        self.files, self.files_done = len(todo), 0
        self.bytes, self.bytes_done = sum(found.size for found in todo), 0
        self.in_flight: dict[Future[Any], tuple[Found, worker.Identified | None]] = {}
        self.started = time.monotonic()
        self.told = -math.inf

    def run(self) -> None:
        """Until nothing is left. Should all workers die between two files, a new pool goes on with the rest."""
        while self.todo:
            before = self.files_done
            try:
                self._run_pool()
            except BrokenExecutor as error:
                self.todo.extendleft(found for found, _ in self.in_flight.values())
                self.in_flight.clear()
                if self.files_done == before:
                    raise RitornelloError(
                        "the worker processes end before they do anything; a script that calls scan() must do so under "
                        'if __name__ == "__main__":'
                    ) from error

    def _run_pool(self) -> None:
        pool = ProcessPool(self.jobs, initializer=worker.start, context=get_context("spawn"))
        try:
            with _undisturbed():
                self._fill(pool)
            while self.in_flight:
                done, _ = wait(self.in_flight, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(pool, future)
                self._fill(pool)
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _fill(self, pool: ProcessPool) -> None:
        # One file ahead of each worker keeps it busy, and memory flat however large the folder is.
        while self.todo and len(self.in_flight) < 2 * self.jobs:
            self._submit(pool, worker.identify, self.todo.popleft(), None)

    def _submit(
        self, pool: ProcessPool, work: Callable[[Path], Any], found: Found, identified: worker.Identified | None
    ) -> None:
        patience = _PATIENCE + _PATIENCE_PER_BYTE * found.size
        future = pool.schedule(work, args=(found.path,), timeout=patience)
        self.in_flight[future] = found, identified
        self._tell()

    def _take(self, pool: ProcessPool, future: Future[Any]) -> None:
        found, identified = self.in_flight[future]
        try:
            outcome = future.result()
        except AudioError as error:
            self._refuse(found, error.reason, for_good=not isinstance(error, Unreadable))
        except (BrokenExecutor, RitornelloError):
            raise
        except ProcessExpired as error:
            self._refuse(found, f"the decoder crashed ({_ending(error.exitcode)}); the next scan tries again")
        except TimeoutError:
            self._refuse(found, "took too long; the next scan tries again")
        except Exception as error:
            self._refuse(found, f"unexpected {type(error).__name__}: {error}; the next scan tries again")
        else:
            if identified is not None:
                self._store_new(found, identified.tags, outcome)
            elif not self._store_known(found, outcome):
                del self.in_flight[future]
                self._submit(pool, worker.compute, found, outcome)
                return
        del self.in_flight[future]
        self.files_done += 1
        self.bytes_done += found.size
        self._tell()

    def _tell(self) -> None:
        current = next((found.path for found, _ in self.in_flight.values()), None)
        seconds = time.monotonic() - self.started
        now = Progress(self.files, self.files_done, self.bytes, self.bytes_done, current, seconds, self.summary)
        if self.progress is not None:
            self.progress(now)
        if seconds - self.told >= _TELL_EVERY:
            self.told = seconds
            running.write(self.library, _running(now))

    def _refuse(self, found: Found, reason: str, *, for_good: bool = False) -> None:
        """``for_good`` means that only another file or another version could change the verdict."""
        self.summary.refusals.append(Remark(str(found.path), reason))
        row = _row(found, reason=reason)
        with self.library.begin() as connection:
            files.put(connection, row if for_good else replace(row, analysis_version=0))

    def _store_known(self, found: Found, identified: worker.Identified) -> bool:
        """Store path and tags if this audio is analysed already, by the versions of today."""
        audio_id = identified.audio_id
        with self.library.begin() as connection:
            before = tracks.get(connection, [audio_id])[0]
            if before is None or files.analysed_versions(connection, audio_id) != _versions():
                return False
            tracks.put_metadata(connection, _track(connection, identified.tags, audio_id, before.duration))
            known = files.get(connection, found.path)
            same = known is not None and known.audio_id == audio_id
            warnings = known.warnings if known is not None and same else ()
            _remember(connection, _row(found, audio_id, warnings=warnings, tags=identified.tags))
        if same:
            self.summary.retagged += 1
        else:
            self.summary.moved += 1
        return True

    def _store_new(self, found: Found, tags: Tags, result: worker.Result) -> None:
        duration = result.features.duration
        with self.library.begin() as connection:
            track = _track(connection, tags, result.audio_id, duration)
            tracks.put(connection, track, result.features, result.document, PROVENANCE)
            embeddings.put(connection, track.id, result.embedding)
            _remember(connection, _row(found, result.audio_id, warnings=result.warnings, tags=tags))
            genre_odds.put(connection, track.id, result.genres, result.embedding.version)
        self.summary.analysed += 1
        self.summary.audio_seconds += duration
        self.summary.warnings.extend(Remark(str(found.path), warning) for warning in result.warnings)


def _track(connection: Connection, tags: Tags, audio_id: str, duration: float) -> Track:
    from ritornello.tags import to_track

    cover = covers.put(connection, tags.cover.data, tags.cover.mime) if tags.cover else None
    return to_track(tags, audio_id, duration, cover)


def _row(
    found: Found,
    audio_id: str | None = None,
    *,
    reason: str | None = None,
    warnings: tuple[str, ...] = (),
    tags: Tags | None = None,
) -> files.File:
    analysis_version, model_version = _versions()
    return files.File(
        path=found.path,
        size=found.size,
        mtime_ns=found.mtime_ns,
        audio_id=audio_id,
        status="analysed" if reason is None else "refused",
        reason=reason,
        warnings=warnings,
        analysis_version=analysis_version,
        model_version=model_version,
        licence=tags.licence if tags else None,
        copyright=tags.copyright if tags else None,
    )


def _remember(connection: Connection, file: files.File) -> None:
    """Store a file with what lies beside it, so that a scan that ends here leaves no file without its licence."""
    files.put(connection, file)
    files.put_sidecars(connection, file.path, sidecars.read([file.path]))


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit status {code}"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes started meanwhile leave Ctrl-C to us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
