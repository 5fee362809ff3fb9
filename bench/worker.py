"""One program on one file in a process of its own; nothing is imported here that a program might import itself."""

from __future__ import annotations

import importlib
import json
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import peers


@dataclass(frozen=True)
class Run:
    """What one process cost."""

    peer: str
    suffix: str
    import_seconds: float
    """CPU."""
    seconds: float
    """CPU, all threads, for the file that counts."""
    peak_bytes: int
    """Most memory that the process ever held."""


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak() -> int:
    """Bytes. Linux hands the parent's peak down through ``ru_maxrss``, so its own count is read where there is one."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(peer: peers.Peer, path: Path, warm_up: Path | None) -> Run:
    """Import, work once on a short file if there is one, then work on the file that counts."""
    start = _cpu()
    for module in peer.modules:
        importlib.import_module(module)
    imported = _cpu() - start
    if warm_up is not None:
        peer.work(warm_up)
    start = _cpu()
    peer.work(path)
    return Run(peer.name, path.suffix, imported, _cpu() - start, _peak())


if __name__ == "__main__":
    name, *paths = sys.argv[1:]
    chosen = next(peer for peer in peers.ALL if peer.name == name)
    print(json.dumps(asdict(measure(chosen, Path(paths[0]), Path(paths[1]) if len(paths) > 1 else None))))
