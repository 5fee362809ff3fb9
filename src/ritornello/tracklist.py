"""Playlists as files: M3U8, XSPF (version 1) and JSPF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

FORMATS = ("m3u8", "xspf", "jspf")
_XSPF = "http://xspf.org/ns/0/"


@dataclass(frozen=True, slots=True)
class Line:
    """One track of a list."""

    title: str
    artists: str
    album: str
    duration: float
    """Seconds."""
    path: Path | None
    """None where no file of it is known."""
    uri: str


def write(name: str, lines: Sequence[Line], kind: str) -> str:
    """Write a list in one of :data:`FORMATS`."""
    return {"m3u8": m3u8, "xspf": xspf, "jspf": jspf}[kind](name, lines)


def m3u8(name: str, lines: Sequence[Line]) -> str:
    """An extended M3U in UTF-8; what has no file is left out, for a player could not play it."""
    out = ["#EXTM3U", f"#PLAYLIST:{_flat(name)}"]
    for line in lines:
        if line.path is not None:
            out += [f"#EXTINF:{round(line.duration)},{_flat(f'{line.artists} - {line.title}')}", str(line.path)]
    return "\n".join(out) + "\n"


def xspf(name: str, lines: Sequence[Line]) -> str:
    """XML that shares a list; each track has its URI as identifier, and its file where one is known."""
    ElementTree.register_namespace("", _XSPF)
    root = ElementTree.Element(f"{{{_XSPF}}}playlist", version="1")
    _add(root, "title", name)
    tracks = ElementTree.SubElement(root, f"{{{_XSPF}}}trackList")
    for line in lines:
        track = ElementTree.SubElement(tracks, f"{{{_XSPF}}}track")
        for key, value in _fields(line).items():
            _add(track, key, str(value))
    ElementTree.indent(root)
    return "<?xml version='1.0' encoding='UTF-8'?>\n" + ElementTree.tostring(root, encoding="unicode") + "\n"


def jspf(name: str, lines: Sequence[Line]) -> str:
    """The same in JSON, as ListenBrainz reads it: locations and identifiers are lists."""
    lists = ("location", "identifier")
    tracks = [{key: [value] if key in lists else value for key, value in _fields(line).items()} for line in lines]
    return json.dumps({"playlist": {"title": name, "track": tracks}}, ensure_ascii=False, indent=2) + "\n"


def _fields(line: Line) -> dict[str, str | int]:
    found: dict[str, str | int] = {} if line.path is None else {"location": line.path.as_uri()}
    return found | {
        "identifier": line.uri,
        "title": line.title,
        "creator": line.artists,
        "album": line.album,
        "duration": round(line.duration * 1000),
    }


def _add(parent: ElementTree.Element, key: str, value: str) -> None:
    # XML has no control characters, not even escaped.
    ElementTree.SubElement(parent, f"{{{_XSPF}}}{key}").text = "".join(each for each in value if each >= " ")


def _flat(text: str) -> str:
    return " ".join(text.split())
