"""People who do not exist: their consent, histories, answers and the sound of their music, with effects that are
known.
"""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from ritornello.study.consent import SCOPES
from ritornello.study.models.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ritornello.study.models.panel import Numbers

START = datetime(2024, 3, 4, tzinfo=UTC)
ZONES = ("Europe/Berlin", "Europe/Lisbon", "America/New_York")
_TRACK_MS = 200_000
_TRACKS, _PER_ARTIST = 1500, 6
_CLOCK = 0.25
"""How much mood and music both follow the hour, in standard deviations."""


@dataclass(frozen=True)
class Donors:
    """The files of a made-up study, and what is true of it."""

    folder: Path
    ids: tuple[str, ...]
    """Of everybody who filled in the consent form and agreed to take part."""
    slope: float
    """The true slope within people, in standard deviations."""
    defects: Mapping[str, str]
    """What was done wrong, by a word; its id."""

    @property
    def consents(self) -> Path:
        """The consent form's export."""
        return self.folder / "consents.csv"

    @property
    def answers(self) -> Path:
        """The survey's export."""
        return self.folder / "answers.csv"

    @property
    def sounds(self) -> Path:
        """Features of tracks."""
        return self.folder / "sounds.csv"

    @property
    def inbox(self) -> Path:
        """The files that people send, by their id; to be renamed to their codes."""
        return self.folder / "inbox"


def panel(
    people: int,
    prompts: int,
    slope: float = 0.0,
    *,
    spread: float = 0.0,
    seed: int = 0,
    carried: float = 0.3,
    heard: float = 0.75,
) -> Panel:
    """Occasions of people who do not exist, without the way through files.

    Parameters
    ----------
    people, prompts
        How many, and how many each.
    slope
        Of mood on energy within people, in standard deviations of both.
    spread
        Standard deviation of slopes between people.
    carried
        How much of a mood is left at the next prompt.
    heard
        The share of prompts after music.
    """
    rng = np.random.default_rng(seed)
    shape = (people, prompts)
    hours = np.sort(rng.uniform(8, 23, shape), axis=1)
    rhythm = np.cos((hours - 15) / 24 * 2 * np.pi)
    music = rng.normal(size=shape) + _CLOCK * rhythm
    own = slope + spread * rng.normal(size=(people, 1))
    mood = own * music + _carried(rng, shape, carried) + _CLOCK * rhythm
    mood += rng.normal(size=(people, 1))
    level = music + rng.normal(size=(people, 1))
    silent = rng.random(shape) > heard
    time = np.arange(prompts) * 3 * 3600 * 1000.0
    columns: dict[str, Any] = {
        "valence": mood,
        "arousal": rng.normal(size=shape),
        "energy": np.where(silent, np.nan, level),
        "after_energy": rng.normal(size=shape),
        "repetition": rng.random(shape),
        "diversity": rng.random(shape),
        "local_hour": hours,
        "weekend": (np.arange(prompts) // 5 % 7 >= 5) * np.ones(shape),
        "plays": np.where(silent, 0.0, 5.0),
    }
    codes = tuple(f"P-{number}" for number in range(people))
    return Panel(
        np.repeat(np.arange(people), prompts),
        codes,
        np.tile(time, people),
        {name: np.asarray(value, float).ravel() for name, value in columns.items()},
    )


def write(folder: Path, people: int = 60, prompts: int = 40, slope: float = 0.15, *, seed: int = 1) -> Donors:
    """Write the files of a study: what its survey tool and its participants would send.

    The last eight people have a defect each: see :attr:`Donors.defects`.
    """
    rng = np.random.default_rng(seed)
    (folder / "inbox").mkdir(parents=True)
    energies = np.sort(rng.beta(2, 2, _TRACKS))
    ids = tuple(f"S{number:03}" for number in range(people))
    defects = dict(
        zip(
            ("damaged", "no_model", "no_features", "shared", "sleeper", "twice", "silent", "leaves"),
            ids[-8:],
            strict=True,
        )
    )
    zones = {id_: ZONES[number % 3] for number, id_ in enumerate(ids)}
    _write_consents(folder, ids, zones, defects, rng)
    _write_sounds(folder, energies, rng)
    answers = []
    for id_ in ids:
        moments = _prompts(rng, zones[id_], prompts)
        plays, music = _history(rng, moments, energies, silent=id_ == defects["silent"])
        answers += _answers(rng, id_, zones[id_], moments, music, slope)
        _spoil(rng, folder, id_, plays, defects)
    _table(folder / "answers.csv", answers)
    _strangers(folder, answers)
    return Donors(folder, ids, slope, defects)


def _prompts(rng: np.random.Generator, zone: str, count: int) -> list[datetime]:
    """Four a day, at local times."""
    clock = ZoneInfo(zone)
    found = []
    for number in range(count):
        hour = (10, 13, 17, 21)[number % 4] + rng.uniform(-0.9, 0.9)
        day = (START + timedelta(days=number // 4)).replace(tzinfo=clock)
        found.append((day + timedelta(hours=hour)).astimezone(UTC).replace(microsecond=0))
    return found


def _history(
    rng: np.random.Generator, moments: Sequence[datetime], energies: Numbers, *, silent: bool
) -> tuple[list[dict[str, Any]], Numbers]:
    """Plays of one person, and the mean energy of the hour before each prompt (NaN: nothing)."""
    taste = rng.normal(0, 0.6)
    plays: list[dict[str, Any]] = []
    music = np.full(len(moments), np.nan)
    for number, moment in enumerate(moments):
        if silent or rng.random() > 0.75:
            continue
        wish = taste + rng.normal() + _CLOCK * np.cos((moment.hour - 15) / 24 * 2 * np.pi)
        middle = _TRACKS / (1 + np.exp(-1.2 * wish))
        count = int(rng.integers(6, 14))
        some = np.clip(np.round(middle + rng.normal(0, 60, count)), 0, _TRACKS - 1).astype(int)
        end = moment - timedelta(seconds=float(rng.uniform(60, 400)))
        heard = []
        for track in some[::-1]:
            skip = rng.random() < 0.15
            length = int(rng.uniform(3_000, 20_000)) if skip else _TRACK_MS
            plays.append(_row(track, end, length, skip=skip, chosen=bool(rng.random() < 0.3)))
            if moment - end < timedelta(minutes=60):
                heard.append((energies[track], length))
            end -= timedelta(milliseconds=length + 2_000)
        for later in range(2, int(rng.integers(2, 6))):
            track = int(rng.integers(0, _TRACKS))
            plays.append(_row(track, moment + timedelta(minutes=4 * later), _TRACK_MS, skip=False, chosen=False))
        music[number] = np.average([one for one, _ in heard], weights=[length for _, length in heard])
    earlier = moments[0] - timedelta(days=20)
    for number in range(60):
        track = int(rng.integers(0, _TRACKS))
        plays.append(_row(track, earlier + timedelta(hours=6 * number), _TRACK_MS, skip=False, chosen=True))
    return plays, music


def _answers(
    rng: np.random.Generator, id_: str, zone: str, moments: Sequence[datetime], music: Numbers, slope: float
) -> list[dict[str, Any]]:
    """What one person answers, on sliders from 0 to 100, at local times without a zone."""
    level = np.nanmean(music) if np.isfinite(music).any() else 0.0
    # 0.13 is how much the mean energy of an hour varies within these people.
    deviation = np.nan_to_num((music - level) / 0.13)
    local = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    rhythm = np.cos((np.array([one.hour + one.minute / 60 for one in local]) - 15) / 24 * 2 * np.pi)
    rest = _carried(rng, (1, len(moments)), 0.3)[0]
    mood = slope * deviation + _CLOCK * rhythm + np.sqrt(1 - slope**2) * rest
    valence = np.clip(np.round(55 + 8 * rng.normal() + 14 * mood), 0, 100)
    arousal = np.clip(np.round(50 + 8 * rng.normal() + 14 * rng.normal(size=len(moments))), 0, 100)
    found = []
    for number, moment in enumerate(local):
        answered = rng.random() < 0.85
        row: dict[str, Any] = {"participant": id_, "sent": f"{moment:%Y-%m-%dT%H:%M:%S}", "IPAddress": "198.51.100.7"}
        row |= {
            "valence": int(valence[number]) if answered else "",
            "arousal": int(arousal[number]) if answered else "",
        }
        found.append(row)
    return found


def _spoil(
    rng: np.random.Generator, folder: Path, id_: str, plays: list[dict[str, Any]], defects: Mapping[str, str]
) -> None:
    """Write the zip of one person, and do to it what is wrong with it."""
    inbox = folder / "inbox"
    if id_ == defects["shared"]:
        plays += [{**row, "spotify_track_uri": None, **_names(int(rng.integers(0, _TRACKS)))} for row in plays[::2]]
    if id_ == defects["sleeper"]:
        night = START + timedelta(days=2, hours=1)
        plays += [
            _row(7, night + timedelta(seconds=200 * number), _TRACK_MS, skip=False, chosen=False)
            for number in range(60)
        ]
    if id_ == defects["silent"]:
        plays = plays[:30]
    plays.append({**_row(3, START, _TRACK_MS, skip=False, chosen=True), "incognito_mode": True})
    plays.append({**_row(3, START, _TRACK_MS, skip=False, chosen=True), **_podcast()})
    plays.append(_row(5, START - timedelta(days=900), _TRACK_MS, skip=False, chosen=True))
    plays.sort(key=lambda row: row["ts"])
    text = json.dumps(plays)
    if id_ == defects["damaged"]:
        text = text[: len(text) // 2]
    for copy in ("", "_again") if id_ == defects["twice"] else ("",):
        with zipfile.ZipFile(inbox / f"{id_}{copy}.zip", "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("Spotify Extended Streaming History/Streaming_History_Audio_2024_0.json", text)
            package.writestr("Spotify Account Data/Userdata.json", json.dumps({"email": f"{id_}@example.org"}))


def _strangers(folder: Path, answers: list[dict[str, Any]]) -> None:
    """A file that nobody sent, one of somebody who did not agree, and answers of somebody who is not in the study."""
    for name in ("no_code", "P-222222"):
        with zipfile.ZipFile(folder / "inbox" / f"{name}.zip", "w") as package:
            package.writestr("endsong_0.json", json.dumps([_row(1, START, _TRACK_MS, skip=False, chosen=True)]))
    _table(folder / "answers.csv", [*answers, {**answers[0], "participant": "S999"}])


def _row(track: int, end: datetime, ms: int, *, skip: bool, chosen: bool) -> dict[str, Any]:
    """A row of Spotify's extended history; its start in milliseconds for every other track, as older exports have
    it.
    """
    start = end - timedelta(milliseconds=ms)
    return {
        "ts": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "platform": "android",
        "ms_played": ms,
        "conn_country": "DE",
        "ip_addr": "198.51.100.7",
        **_names(track),
        "spotify_track_uri": f"spotify:track:{track:022}",
        "reason_start": "clickrow" if chosen else "trackdone",
        "reason_end": "fwdbtn" if skip else "trackdone",
        "shuffle": False,
        "skipped": skip,
        "offline": False,
        "offline_timestamp": round(start.timestamp() * (1000 if track % 2 else 1)),
        "incognito_mode": False,
    }


def _names(track: int) -> dict[str, str]:
    return {
        "master_metadata_track_name": f"Piece {track}",
        "master_metadata_album_artist_name": f"Ensemble {track // _PER_ARTIST}",
        "master_metadata_album_album_name": f"Album {track // _PER_ARTIST}",
    }


def _podcast() -> dict[str, Any]:
    return {**dict.fromkeys(_names(0)), "spotify_track_uri": None, "episode_name": "Talk", "spotify_episode_uri": "e"}


def _write_consents(
    folder: Path, ids: Sequence[str], zones: Mapping[str, str], defects: Mapping[str, str], rng: np.random.Generator
) -> None:
    rows: list[dict[str, Any]] = []
    without = {defects["no_model"]: "train_model", defects["no_features"]: "features"}
    for id_ in ids:
        agreed = {scope: "no" if scope in ("health_items", without.get(id_)) else "yes" for scope in SCOPES}
        about = {
            "about_age": str(rng.choice(["18-24", "25-34", "35-49"])),
            "about_gender": str(rng.choice(["f", "m", "d"])),
        }
        rows.append({"id": id_, **agreed, "zone": zones[id_], **about})
    rows.append({"id": "S998", **dict.fromkeys(SCOPES, "no"), "zone": "", "about_age": "", "about_gender": ""})
    _table(folder / "consents.csv", rows)


def _write_sounds(folder: Path, energies: Numbers, rng: np.random.Generator) -> None:
    """Features of all tracks but a tenth."""
    rows = []
    for track in np.flatnonzero(rng.random(_TRACKS) > 0.1):
        names = _names(int(track))
        title, artist = names["master_metadata_track_name"], names["master_metadata_album_artist_name"]
        energy = round(float(energies[track]), 4)
        valence, tempo = round(float(rng.random()), 4), round(float(rng.uniform(70, 170)), 1)
        rows.append({"artist": artist, "title": title, "energy": energy, "valence": valence, "tempo": tempo})
    _table(folder / "sounds.csv", rows)


def _carried(rng: np.random.Generator, shape: tuple[int, int], share: float) -> NDArray[np.float64]:
    """Noise of standard deviation 1 of which a share is left at the next prompt."""
    found = rng.normal(size=shape)
    for column in range(1, shape[1]):
        found[:, column] = share * found[:, column - 1] + np.sqrt(1 - share**2) * found[:, column]
    return found


def _table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
