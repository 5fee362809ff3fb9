"""What the steps that hear a folder of audio beside its evidence are told."""

from __future__ import annotations

import argparse
from pathlib import Path


def asked(about: str | None, *more: str) -> argparse.Namespace | None:
    """``audio``, ``evidence``, ``out``, ``jobs`` and ``more`` files of the command line; None, and why, where they are
    not there.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--audio", type=Path, required=True, metavar="DIR")
    parser.add_argument("--evidence", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1)
    for name in more:
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args()
    heard = [arguments.evidence, *(getattr(arguments, name) for name in more)]
    if not all(file.is_file() for file in heard) or not arguments.audio.is_dir():
        print("skipped: no evidence or no audio there; training/README.md says where they come from")
        return None
    return arguments
