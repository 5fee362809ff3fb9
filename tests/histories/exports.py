"""Exports made by hand: rows as each service writes them, and zips of them; personal values can be searched for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

PERSONAL = {
    "username": "zarathustra-username",
    "platform": "Android OS 4.2.2 API 17 (zarathustra, GT-I9195)",
    "conn_country": "SE",
    "ip_addr_decrypted": "198.51.100.77",
    "user_agent_decrypted": "zarathustra-agent/1.0",
}
IDS = {name: (name * 22)[:22] for name in ("Crying", "Venus", "Army")}


def old(ts: str, title: Any = "Crying", ms: Any = 180_000, **changes: Any) -> dict[str, Any]:
    """A row of ``endsong_0.json``, with all of its keys."""
    row: dict[str, Any] = {
        "ts": ts,
        **PERSONAL,
        "ms_played": ms,
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": title and "Björk",
        "master_metadata_album_album_name": title and "Debut",
        "spotify_track_uri": title and f"spotify:track:{IDS.get(title, (title * 22)[:22])}",
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "clickrow",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": None,
        "offline": False,
        "offline_timestamp": 0,
        "incognito_mode": False,
    }
    return {**row, **changes}


def new(ts: str, title: Any = "Crying", ms: Any = 180_000, **changes: Any) -> dict[str, Any]:
    """A row of ``Streaming_History_Audio_….json`` since 2024."""
    row = old(ts, title, ms)
    for key in ("username", "user_agent_decrypted"):
        del row[key]
    row["ip_addr"] = row.pop("ip_addr_decrypted")
    row |= {f"audiobook_{key}": None for key in ("title", "uri", "chapter_uri", "chapter_title")}
    return {**row, **changes}


def account(end: str, title: str = "Crying", ms: Any = 180_000, artist: str = "Björk") -> dict[str, Any]:
    """A row of ``StreamingHistory_music_0.json``."""
    return {"endTime": end, "artistName": artist, "trackName": title, "msPlayed": ms}


def listen(at: int, title: Any = "Crying", **more: Any) -> dict[str, Any]:
    """A listen of ListenBrainz."""
    return {
        "listened_at": at,
        "user_name": PERSONAL["username"],
        "recording_msid": "0f0a2f52-7a4b-4f3a-8d43-111111111111",
        "track_metadata": {"artist_name": "Björk", "track_name": title, "release_name": "Debut", **more},
    }


def write(path: Path, rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False), encoding="utf-8")
    return path


def pack(path: Path, files: dict[str, object]) -> Path:
    """A zip; what is no text or bytes is written as JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, rows in files.items():
            data = rows if isinstance(rows, (bytes, str)) else json.dumps(rows, ensure_ascii=False)
            package.writestr(name, data)
    return path
