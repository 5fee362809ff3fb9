"""Music of Debian packages with the licence of each file beside it: ``python -m bench.collection UNPACKED MUSIC``.

UNPACKED holds a folder for each package, as ``dpkg-deb -x`` unpacks it. Each audio file is linked into MUSIC, and what
the package's machine-readable ``copyright`` says of it is written beside it as REUSE has it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

from ritornello.spotify import ids

SUFFIXES = {".ogg", ".mp3", ".flac", ".wav", ".opus", ".m4a"}
LEAST = 30_000
"""Bytes below which a file is a click or a blip."""


def stanzas(path: Path) -> list[tuple[list[str], str, str]]:
    """Patterns, licence and holders of each ``Files`` paragraph; see Debian's copyright format 1.0."""
    found = []
    for paragraph in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
        fields = {
            name.lower(): " ".join(value.split())
            for name, value in re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        }
        licence = re.search(r"^License:[ \t]*(.*)$", paragraph, re.MULTILINE | re.IGNORECASE)
        if "files" in fields and licence:
            found.append((fields["files"].split(), licence[1].strip(), fields.get("copyright", "")))
    return found


def said(told: list[tuple[list[str], str, str]], file: Path, root: Path) -> tuple[str, str] | None:
    """What the last paragraph that fits says. Patterns are of the source package, whose folders differ: ends decide."""
    parts = file.relative_to(root).parts
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    best = None
    for patterns, licence, by in told:
        for pattern in patterns:
            tail = [pattern.split("/", cut)[-1] for cut in range(pattern.count("/") + 1)]
            named = pattern != "*" and any(
                fnmatchcase(end, one) for end in ends for one in tail if one not in ("*", "*.ogg")
            )
            if named or (pattern == "*" and best is None):
                best = licence, by
    return best


def record(package: str, file: Path, link: Path, by: str) -> dict[str, object]:
    """A line of a catalogue; what it is follows from the folders that its makers put it in."""
    where = "/".join(file.parts[-4:]).lower()
    by = f"{by}, {file.parent.name}" if "voices" in where else by
    kind = "voice" if "voice" in where or "asterisk" in package else "music" if "music" in where else "effect"
    return {
        "kind": "track",
        "id": ids.of_name("track", f"{package}/{file.name}"),
        "name": file.stem,
        "artists": [re.sub(r"\s*<[^>]*>", "", by)[:100] or package],
        "album": package,
        "genres": [kind],
        "path": str(link.absolute()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("unpacked", type=Path)
    parser.add_argument("music", type=Path)
    parser.add_argument(
        "--catalogue", type=Path, help="also write a catalogue: holders as artists, what it is as genre"
    )
    parser.add_argument("--packages", nargs="*", help="only these")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    lines: list[dict[str, object]] = []
    for package in sorted(arguments.unpacked.iterdir()):
        if arguments.packages and package.name not in arguments.packages:
            continue
        told = [one for path in package.glob("usr/share/doc/*/copyright") for one in stanzas(path)]
        for file in sorted(package.rglob("*")):
            if file.suffix.lower() not in SUFFIXES or not file.is_file() or file.stat().st_size < LEAST:
                continue
            link = arguments.music / package.name / file.name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                os.link(file, link)
            found = said(told, file, package)
            if found is not None:
                text = f"SPDX-FileCopyrightText: {found[1]}\nSPDX-License-Identifier: {found[0]}\n"
                link.with_name(link.name + ".license").write_text(text, encoding="utf-8")
            counts[found[0] if found else "nothing said"] += 1
            lines.append(record(package.name, file, link, found[1] if found else ""))
    if arguments.catalogue:
        arguments.catalogue.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    for licence, count in counts.most_common():
        print(f"{count:5} {licence}")


if __name__ == "__main__":
    main()
