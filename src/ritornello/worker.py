"""What a process of its own does for a scan: look into one file, and hand back what it found.

A worker imports this module and what a file needs, and nothing of the library: half a second less for each of them.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing import parent_process
from typing import TYPE_CHECKING

from ritornello.sound import arithmetic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ritornello.tags import Tags
    from ritornello.track import AudioFeatures, Embedding


@dataclass(frozen=True, slots=True)
class Identified:
    """What a worker learns of a file without decoding it."""

    audio_id: str
    tags: Tags


@dataclass(frozen=True, slots=True)
class Result:
    """What a worker computes from a file."""

    audio_id: str
    features: AudioFeatures
    document: bytes
    embedding: Embedding
    genres: Mapping[str, float]
    warnings: tuple[str, ...]


def identify(path: Path) -> Identified:
    """Hash the encoded audio and read the tags."""
    from ritornello import analyze, tags

    return Identified(analyze.audio_id(path), tags.read(path))


def compute(path: Path) -> Result:
    """Decode and analyse one file, down to the document that is served."""
    from ritornello.analyze import analyze
    from ritornello.spotify.shapes import audio_analysis

    started = time.perf_counter()
    analysed = analyze(path)
    took = time.perf_counter() - started
    document = json.dumps(audio_analysis(analysed.analysis, analysis_time=took, timestamp=int(time.time())))
    return Result(
        analysed.audio_id,
        analysed.features,
        document.encode(),
        analysed.embedding,
        analysed.genres,
        analysed.warnings,
    )


def start() -> None:
    """One thread, lowest priority, and no life after the parent's."""
    arithmetic.keep_frugal()
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
    else:
        os.nice(19)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
