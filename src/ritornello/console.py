"""What the commands print: tables, summaries and progress for people, and the same facts as JSON.

Rich waits inside: JSON has no use for it, and it takes as long to import as a minute of music to analyse.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

import click

from ritornello.errors import AudioError
from ritornello.rights import Basis, Provenance, Use, effects, to_json
from ritornello.spotify import rounding, shapes
from ritornello.track import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console
    from rich.table import Table

    from ritornello import ask, importing, scan
    from ritornello.datasets import export
    from ritornello.habits import Habits, Month, Rate, Shared
    from ritornello.library.clients import Client
    from ritornello.library.listeners import Listener
    from ritornello.library.matches import Match
    from ritornello.library.rights import Rule
    from ritornello.open_features import Joined
    from ritornello.playlist import Playlist, User
    from ritornello.recommend.known import Known
    from ritornello.rights import Consent
    from ritornello.study.summary import Summary
    from ritornello.track import Analysed, Featured

NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")

_SHADES = " ░▒▓█"
_NAMES = {name: "duration_ms" if name == "duration" else name for name in FEATURES}
"""Our feature to Spotify's key."""


def out(*, stderr: bool = False) -> Console:
    """For results; made when needed, so that it is the standard output of that moment."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, stderr=stderr)


def _table(*columns: str, title: str | None = None) -> Table:
    from rich.table import Table

    return Table(*columns, title=title, title_justify="left")


def print_json(data: object) -> None:
    """One JSON document on standard output; names that are no text come out escaped."""
    click.echo(json.dumps(data, indent=2))


# Features and analysis ---------------------------------------------------------------------------------------------


def features_json(path: Path, result: Featured | AudioError) -> dict[str, Any]:
    """One object of ``features --json``: the thirteen features as they are served, and what they rest on."""
    if isinstance(result, AudioError):
        return {"path": str(path), "error": result.reason}
    served: dict[str, Any] = dict(shapes.audio_features(result.features, result.audio_id, ""))
    return {
        "path": str(path),
        **{key: served[key] for key in _NAMES.values()},
        "tempo_candidates": [
            [rounding.level(candidate.bpm), rounding.confidence(candidate.confidence)]
            for candidate in result.features.tempo_candidates
        ],
        "beats": [rounding.seconds(beat.start) for beat in result.beats],
        "downbeats": [rounding.seconds(bar.start) for bar in result.bars],
        "confidence": {_NAMES[name]: rounding.confidence(result.features.confidence[name]) for name in FEATURES},
        "warnings": list(result.warnings),
    }


def print_features(rows: Sequence[dict[str, Any]]) -> None:
    """One column a file would grow too wide: one table a file, feature beside value and confidence."""
    for row in rows:
        if "error" in row:
            out().print(f"[red]{_plain(row['path'])}[/]: {_plain(row['error'])}")
            continue
        table = _table(title=_plain(row["path"]))
        table.add_column("feature")
        table.add_column("value", justify="right")
        table.add_column("confidence", justify="right")
        for key in _NAMES.values():
            table.add_row(key, _value(row, key), f"{row['confidence'][key]:.2f}")
        out().print(table)
        _print_tempos(row["tempo_candidates"])
        _print_warnings(row["warnings"])


def print_analysis(path: Path, analysed: Analysed) -> None:
    """The analysis at a glance: counts, tempo readings and the sections."""
    analysis = analysed.analysis
    out().print(f"{_plain(path)}: {_clock(analysis.duration)}, {_plain(analysis.input_process)}")
    counts = ("bars", "beats", "tatums", "sections", "segments")
    out().print(", ".join(f"{len(getattr(analysis, name))} {name}" for name in counts))
    out().print(f"key {_key(analysis.key, analysis.mode)}, {analysis.time_signature}/4, {analysis.loudness:.1f} LUFS")
    _print_tempos([[candidate.bpm, candidate.confidence] for candidate in analysed.features.tempo_candidates])
    table = _table("section", "start", "length", "LUFS", "BPM", "key", "meter", "confidence")
    for number, part in enumerate(analysis.sections, 1):
        row = (number, _clock(part.start), _clock(part.duration), f"{part.loudness:.1f}", f"{part.tempo:.1f}")
        key = _key(part.key, part.mode)
        table.add_row(*map(str, row), key, f"{part.time_signature}/4", f"{part.confidence:.2f}")
    out().print(table)
    _print_warnings(analysed.warnings)


def _print_tempos(candidates: Sequence[Sequence[float]]) -> None:
    readings = ", ".join(f"{bpm:.1f} ({confidence:.2f})" for bpm, confidence in candidates)
    out().print(f"tempo readings in BPM, best first, with confidence: {readings or 'none, there is no pulse'}")


def _print_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings:
        out().print(f"[yellow]warning[/]: {_plain(warning)}")


def _value(row: dict[str, Any], key: str) -> str:
    value = row[key]
    if key == "key":
        return f"{value} ({NOTES[value]})" if value >= 0 else f"{value} (none)"
    if key == "mode":
        return f"{value} ({'major' if value else 'minor'})"
    return str(value)


def _key(key: int, mode: int) -> str:
    return f"{NOTES[key]} {'major' if mode else 'minor'}" if key >= 0 else "none"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _plain(text: object) -> str:
    """Text for a terminal: no markup, and nothing that it cannot encode."""
    from rich.markup import escape

    encoding = sys.stdout.encoding or "utf-8"
    return escape(str(text).encode(encoding, "backslashreplace").decode(encoding))


# Scan --------------------------------------------------------------------------------------------------------------


def print_summary(summary: scan.Summary) -> None:
    """What a scan did, then a line for each file that was refused or is doubtful."""
    counts = ("analysed", "unchanged", "moved", "retagged", "forgotten", "refused")
    out().print(", ".join(f"{getattr(summary, name)} {name}" for name in counts))
    if summary.analysed:
        length, took = _clock(summary.audio_seconds), _clock(summary.wall_seconds)
        out().print(f"{length} of audio in {took}, {summary.rate:.1f} times real time")
    for remark in summary.refusals:
        out().print(f"[red]refused[/] {_plain(remark.path)}: {_plain(remark.reason)}")
    for remark in summary.warnings:
        out().print(f"[yellow]warning[/] {_plain(remark.path)}: {_plain(remark.reason)}")
    if not summary.usable and not summary.refused:
        out().print("no audio files found: expected a folder with mp3, m4a, ogg, opus, flac, wav, aiff or wma in it")
    if summary.interrupted:
        out().print("stopped; the same command goes on where it ended")


class Bar:
    """The progress of a scan, on standard error; silent where that is not a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("{task.fields[file]}", markup=False),
        )
        console = out(stderr=True)
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._progress.add_task("scan", total=None, counts="looking for files", file="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, state: scan.Progress) -> None:
        """Time left is reckoned by bytes, which tell more of the work than the number of files."""
        counts = f"{state.files_done}/{state.files} files, {state.files_per_second:.1f}/s"
        counts += f", {state.audio_rate:.0f} × real time, {state.summary.refused} refused"
        name = state.current.name if state.current else ""
        name = name.encode("utf-8", "backslashreplace").decode()
        self._progress.update(self._task, total=state.bytes, completed=state.bytes_done, counts=counts, file=name)


# Histories ---------------------------------------------------------------------------------------------------------


class _Status:
    """A line on standard error that changes; silent where that is not a terminal."""

    def __init__(self) -> None:
        from rich.status import Status

        console = out(stderr=True)
        self._status = Status("reading", console=console) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def tell(self, text: str) -> None:
        """Change the line."""
        if self._status:
            self._status.update(text)


class Rows(_Status):
    """How many rows were read."""

    def show(self, rows: int) -> None:
        """Tell the number."""
        self.tell(f"{rows:,} rows read")


def print_account(account: importing.Account, as_json: bool) -> None:
    """What became of every row; files of which nothing was imported on standard error."""
    for _, reason in account.failed:
        out(stderr=True).print(f"[red]nothing imported[/]: {_plain(reason)}")
    if as_json:
        told = ("rows", "kept", "duplicates", "matched", "zone", "zone_inferred")
        failed = [{"file": str(path), "reason": reason} for path, reason in account.failed]
        rest = {"refused": dict(account.refused.most_common()), "failed": failed}
        print_json({name: getattr(account, name) for name in told} | rest)
        return
    out().print(f"{account.rows:,} rows read = {account.kept:,} kept", end="")
    out().print(f" + {account.duplicates:,} duplicates + {account.refused.total():,} refused")
    for reason, count in account.refused.most_common():
        out().print(f"  {count:,} refused: {reason}")
    out().print(f"{account.matched:,} plays are of music in this library")
    _print_zone(account.zone, account.zone_inferred)


def _print_zone(zone: str | None, inferred: bool) -> None:
    if zone is None:
        out().print("hours and days are told in UTC: say --zone, such as --zone Europe/Berlin, to have them local")
    else:
        out().print(f"time zone {zone}" + (", inferred: say --zone if that is wrong" if inferred else ""))


def print_listeners(listeners: Sequence[Listener], as_json: bool) -> None:
    """Whose plays are here."""
    if as_json:
        print_json([_listener(one) for one in listeners])
        return
    table = _table("listener", "plays", "first (UTC)", "last (UTC)", "time zone")
    for one in listeners:
        zone = f"{one.zone} (inferred)" if one.inferred else one.zone or "not known"
        table.add_row(_plain(one.name), f"{one.plays:,}", _day(one.first), _day(one.last), zone)
    out().print(table)


def print_matches(found: Sequence[Match], as_json: bool) -> None:
    """What songs are taken for."""
    if as_json:
        print_json(
            [
                _song(one) | {"track": one.track_id, "by": one.by, "score": one.score, "state": one.state}
                for one in found
            ]
        )
        return
    table = _table("song", "named", "plays", "track", "its name", "by", "score", "state")
    for one in found:
        named = _plain(f"{one.song.artist} – {one.song.title}")
        is_ = (one.track_id or "", _plain(one.track or "not there now"), one.by or "", f"{one.score or 0:.2f}")
        table.add_row(one.song_id, named, f"{one.plays:,}", *is_, one.state)
    out().print(table)


def print_missing(found: Sequence[Match], as_json: bool) -> None:
    """Songs without audio."""
    if as_json:
        print_json([_song(one) for one in found])
        return
    table = _table("song", "artist", "title", "plays")
    for one in found:
        table.add_row(one.song_id, _plain(one.song.artist), _plain(one.song.title), f"{one.plays:,}")
    out().print(table)


def _song(one: Match) -> dict[str, object]:
    return {
        "song": one.song_id,
        "artist": one.song.artist,
        "title": one.song.title,
        "album": one.song.album,
        "plays": one.plays,
    }


def print_habits(found: Habits, as_json: bool) -> None:
    """Everything of one listener: tables, bars and a map of the week."""
    if as_json:
        print_json(_plainly(asdict(found)))
        return
    out().print(f"[bold]{_plain(found.listener)}[/]: {found.plays:,} plays, {found.hours:,.0f} hours", end="")
    out().print(f", {found.first or '-'} to {found.last or '-'} ({found.zone})")
    for kind, ranked in found.top.items():
        if ranked:
            _print_ranked(
                kind,
                [
                    (_plain(one.name if one.artist is None else f"{one.artist} – {one.name}"), one.plays)
                    for one in ranked
                ],
            )
    streaks, sessions = found.streaks, found.sessions
    out().print(f"{streaks.days:,} days with music; longest streak {streaks.longest} days, from {streaks.longest_from}")
    out().print(f"{sessions.count:,} sessions, half of them longer than {sessions.median_minutes} min")
    out().print(f"skipped {_share(found.skipped)}; chosen by hand {_share(found.chosen)}")
    out().print(f"as diverse as {found.diversity:.1f} artists played equally")
    _print_clock(found.clock)
    if found.months:
        _print_months(found.months)


def print_shared(found: Shared, as_json: bool) -> None:
    """What listeners share."""
    if as_json:
        print_json(_plainly(asdict(found)))
        return
    out().print(f"{found.listeners:,} listeners")
    for title, named in (("artists", found.artists), ("tracks", found.tracks)):
        _print_ranked(f"{title} by listeners", [(_plain(name), count) for name, count in named])
    for title, pairs in (("artists", found.artists_together), ("tracks", found.tracks_together)):
        rows = [(_plain(f"{pair.one} + {pair.other}"), pair.listeners) for pair in pairs]
        _print_ranked(f"{title} heard together by listeners", rows)


def _print_ranked(title: str, rows: Sequence[tuple[str, int]]) -> None:
    from rich.bar import Bar as Length

    table = _table(title, "", "")
    most = max((count for _, count in rows), default=1)
    for name, count in rows:
        table.add_row(name, f"{count:,}", Length(most, 0, count, width=30))
    out().print(table)


def _print_clock(grid: Sequence[Sequence[int]]) -> None:
    most = max(max(row) for row in grid) or 1
    out().print("plays by weekday and hour")
    out().print("     " + "".join(f"{hour:<6}" for hour in range(0, 24, 3)))
    for day, row in zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), grid, strict=True):
        out().print(f"{day}  " + "".join(_plain(_SHADES[math.ceil(count / most * 4)] * 2) for count in row))


def _print_months(months: Sequence[Month]) -> None:
    from rich.bar import Bar as Length

    most = max(one.plays for one in months)
    table = _table("month", "plays", "", "new tracks", "new artists", "energy", "valence", "tempo")
    for one in months:
        sound = [f"{one.features[name]:.2f}" if one.features else "" for name in ("energy", "valence", "tempo")]
        length = Length(most, 0, one.plays, width=20)
        table.add_row(one.month, f"{one.plays:,}", length, f"{one.new_tracks:,}", f"{one.new_artists:,}", *sound)
    out().print(table)


def _share(rate: Rate) -> str:
    return "not known" if rate.share is None else f"{rate.share:.0%} (known of {rate.known:,} plays)"


def _plainly(told: Any) -> Any:
    """Dates as text."""
    if isinstance(told, dict):
        return {key: _plainly(value) for key, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [_plainly(one) for one in told]
    return told.isoformat() if isinstance(told, date) else told


def print_joined(joined: Joined, as_json: bool) -> None:
    """What dumps said of songs without audio."""
    if as_json:
        print_json(asdict(joined))
        return
    ways = f"{joined.by_musicbrainz:,} by MusicBrainz id and {joined.by_isrc:,} by ISRC"
    out().print(f"{joined.wanted:,} songs and tracks without audio have an ISRC or a MusicBrainz id")
    out().print(f"found {ways}: {joined.values:,} values")


def print_erased(name: str, plays: int, as_json: bool) -> None:
    """That it is done."""
    if as_json:
        print_json({"listener": name, "erased_plays": plays})
    else:
        out().print(f"{_plain(name)} is erased, with {plays:,} plays")


def _listener(one: Listener) -> dict[str, object]:
    return {
        "listener": one.name,
        "plays": one.plays,
        "first": _day(one.first) or None,
        "last": _day(one.last) or None,
        "zone": one.zone,
        "zone_inferred": one.inferred,
    }


def _day(moment: int | None) -> str:
    return "" if moment is None else f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d}"


# Rights ------------------------------------------------------------------------------------------------------------

_NO_ADVICE = "What licences and laws say of what was declared; no legal advice, and nobody checked the declarations."


def print_rule(rule: Rule) -> None:
    """A rule, and what follows from it."""
    said = Provenance(
        licence=rule.licence,
        basis=rule.basis,
        jurisdiction=rule.jurisdiction,
        reserved=rule.reserved,
        scope=rule.scope,
    )
    out().print(f"{_plain(rule.path)}: {_plain(_by_right(said))}")
    if rule.basis is Basis.LICENCE and rule.licence is None:
        out().print("which licence is what each file says; `ritornello rights list` shows what they are")
    else:
        _print_effects(said)
    out().print(_NO_ADVICE)


def print_rights(
    rules: Sequence[Rule], counts: Mapping[Provenance, int], consents: Mapping[str, Consent], as_json: bool
) -> None:
    """Rules, what files are under with its effect, and what listeners agreed to."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], _by_right(pair[0])))
    if as_json:
        print_json(
            {
                "rules": [_rule(rule) for rule in rules],
                "files": [{"count": count, **_effects_json(row)} for row, count in ordered],
                "consents": [
                    {"listener": name, "id": one.id, "scope": sorted(one.scope), "withdrawn": one.withdrawn}
                    for name, one in consents.items()
                    if "\0" not in name
                ],
            }
        )
        return
    for rule in rules:
        out().print(f"rule {_plain(rule.path)}: {rule.basis}{f', {rule.licence}' if rule.licence else ''}")
    table = _table("files", "by what right", "said by", *Use)
    for row, count in ordered:
        answers = (str(verdict) for verdict in effects(row).values())
        table.add_row(str(count), _plain(_by_right(row)), row.evidence or "nobody", *answers)
    out().print(table)
    for name, one in consents.items():
        if "\0" not in name:
            out().print(f"listener {_plain(name)}: {'withdrew' if one.withdrawn else ', '.join(sorted(one.scope))}")
    out().print(_NO_ADVICE)


def print_provenance(told: Sequence[Provenance], as_json: bool) -> None:
    """Where a track comes from, once for each of its files."""
    if as_json:
        print_json([_effects_json(row) for row in told])
        return
    for row in told:
        out().print(f"audio {row.audio_id}: {_plain(_by_right(row))}, said by {row.evidence or 'nobody'}")
        out().print(f"analysis {row.analysis_version}, model {_plain(row.model_version)}, {_plain(row.software)}")
        _print_effects(row)
    out().print(_NO_ADVICE)


def _print_effects(row: Provenance) -> None:
    table = _table("use", "answer", "why")
    for use, verdict in effects(row).items():
        table.add_row(use, str(verdict), _plain(verdict.reason))
    out().print(table)


def _effects_json(row: Provenance) -> dict[str, Any]:
    told = {
        use: {"answer": verdict.answer, "conditions": list(verdict.conditions), "reason": verdict.reason}
        for use, verdict in effects(row).items()
    }
    return {**to_json(row), "permits": told}


def _rule(rule: Rule) -> dict[str, Any]:
    given = ("basis", "licence", "jurisdiction", "reserved", "credit")
    return {"path": str(rule.path), **{name: getattr(rule, name) for name in given}, "scope": sorted(rule.scope)}


def _by_right(row: Provenance) -> str:
    """Such as ``bought, EU, not reserved``."""
    if row.basis is None:
        return "unknown"
    parts = [str(row.basis)]
    if row.basis is Basis.LICENCE:
        parts.append(row.licence or "none named")
    if row.jurisdiction:
        parts.append(row.jurisdiction)
    if row.reserved is not None:
        parts.append("reserved" if row.reserved else "not reserved")
    return ", ".join([*parts, *sorted(row.scope)])


# Data sets ---------------------------------------------------------------------------------------------------------


def print_exported(summary: export.Summary, as_json: bool) -> None:
    """What was written, and what was left out and why."""
    if as_json:
        rows = {table: dict(counts) for table, counts in summary.rows.items()}
        print_json({"folder": str(summary.folder), "use": summary.use, "rows": rows, "refused": summary.refused})
        return
    for table, counts in summary.rows.items():
        told = ", ".join(f"{count} {split}" for split, count in counts.items())
        out().print(f"{table}: {sum(counts.values())} rows{f' ({told})' if told else ''}")
    for table, reasons in summary.refused.items():
        for reason, count in reasons.most_common():
            out().print(f"refused {count} of {table}: {_plain(reason)}")
    out().print(f"{_plain(summary.folder)} is for {summary.use}; README.md there says more. {_NO_ADVICE}")


def print_verified(folder: Path, about: Mapping[str, Any], wrong: Sequence[str], as_json: bool) -> None:
    """Whether a data set is what it says."""
    if as_json:
        print_json({"folder": str(folder), "use": about["use"], "wrong": list(wrong)})
        return
    for sentence in wrong:
        out().print(f"[red]wrong[/] {_plain(sentence)}")
    if not wrong:
        files, rows = len(about["files"]), sum(sum(counts.values()) for counts in about["rows"].values())
        out().print(f"{_plain(folder)}: {files} files and {rows} rows are as exported, and permit {about['use']}")


# Models ------------------------------------------------------------------------------------------------------------


class Epochs(_Status):
    """The progress of a training."""

    def show(self, epoch: int, train: float, validation: float) -> None:
        """After each epoch."""
        self.tell(f"epoch {epoch + 1}: loss {train:.4f}, of the validation split {validation:.4f}")


def print_trained(folder: Path, figures: Mapping[str, Mapping[str, float]], as_json: bool) -> None:
    """The figures of the test split, beside methods without a network."""
    if as_json:
        print_json({"model": str(folder), "test": figures})
        return
    measures = list(next(iter(figures.values())))
    table = _table("test split", *measures)
    for method, found in figures.items():
        table.add_row(method, *(f"{found[measure]:.3g}" for measure in measures))
    out().print(table)
    out().print(f"{_plain(folder)} is written; README.md there says what it may be used for")


def print_scored(scored: int, found: Mapping[str, Sequence[tuple[str, str, float]]], as_json: bool) -> None:
    """The tracks that have most of each trait."""
    if as_json:
        told = {
            name: [{"id": i, "track": title, "value": value} for i, title, value in rows]
            for name, rows in found.items()
        }
        print_json({"scored": scored, "highest": told})
        return
    out().print(f"{scored} tracks scored")
    for name, rows in found.items():
        _print_ranks(rows, name)


def print_ranked(found: Sequence[tuple[str, str, float]], as_json: bool) -> None:
    """Tracks with their chances."""
    if as_json:
        print_json([{"id": id_, "track": title, "chance": chance} for id_, title, chance in found])
    else:
        _print_ranks(found, "next")


def _print_ranks(rows: Sequence[tuple[str, str, float]], title: str) -> None:
    table = _table("id", "track", "0..1", title=_plain(title))
    for id_, name, value in rows:
        table.add_row(id_, _plain(name), f"{value:.3f}")
    out().print(table)


# Serving -----------------------------------------------------------------------------------------------------------


def print_clients(clients: Sequence[Client], as_json: bool) -> None:
    """Who may ask for tokens."""
    if as_json:
        print_json([_client(client) for client in clients])
        return
    table = _table("client id", "name", "created (UTC)", "redirect URIs")
    for client in clients:
        table.add_row(
            client.id, _plain(client.name), f"{client.created:%Y-%m-%d %H:%M}", _plain(" ".join(client.redirect_uris))
        )
    out().print(table)


def print_users(users: Sequence[User], as_json: bool) -> None:
    """Who can sign in, and who owns playlists."""
    if as_json:
        print_json([_user(user) for user in users])
        return
    table = _table("name", "shown as", "e-mail", "country")
    for user in users:
        table.add_row(_plain(user.id), _plain(user.display_name), _plain(user.email), user.country)
    out().print(table)


def print_user(user: User, said: str, as_json: bool) -> None:
    """What was done with a user."""
    if as_json:
        print_json(_user(user))
    else:
        click.echo(f"{user.id} {said}")


def print_tokens(access_token: str, refresh_token: str, as_json: bool) -> None:
    """The only time that they are told."""
    if as_json:
        print_json({"access_token": access_token, "refresh_token": refresh_token})
    else:
        click.echo(f"access token   {access_token}  (valid for an hour)\nrefresh token  {refresh_token}")


def print_imported(counts: Mapping[str, int], bound: int, as_json: bool) -> None:
    """How many of each kind a catalogue file had."""
    if as_json:
        print_json({**{f"{kind}s": count for kind, count in counts.items()}, "with_audio": bound})
    else:
        told = ", ".join(f"{count} {kind}s" for kind, count in counts.items() if count)
        click.echo(f"imported {told or 'nothing'}; {bound} tracks of catalogues have audio")


def _user(user: User) -> dict[str, str]:
    return {"user": user.id, "display_name": user.display_name, "email": user.email, "country": user.country}


def print_new_client(client: Client, secret: str, as_json: bool) -> None:
    """The only time that the secret is told."""
    if as_json:
        print_json({**_client(client), "client_secret": secret})
    else:
        click.echo(f"client id      {client.id}\nclient secret  {secret}  (keep it: it is not shown again)")


def print_revoked(client_id: str, as_json: bool) -> None:
    """That it is done."""
    if as_json:
        print_json({"client_id": client_id, "revoked": True})
    else:
        click.echo(f"{client_id} is revoked")


def _client(client: Client) -> dict[str, object]:
    return {
        "client_id": client.id,
        "name": client.name,
        "created": f"{client.created:%Y-%m-%dT%H:%M:%SZ}",
        "redirect_uris": list(client.redirect_uris),
    }


def print_recommended(found: ask.Found, saved: str | None, explain: bool, as_json: bool) -> None:
    """How a wish was understood, the tracks, and why each is there."""
    rows: list[dict[str, Any]] = [
        {
            "id": track.id,
            "title": track.name,
            "artists": ", ".join(artist.name for artist in track.artists),
            "score": round(why.score, 4),
            "reasons": list(why.reasons),
        }
        for track, why in zip(found.tracks, found.answer.tracks, strict=True)
    ]
    if as_json:
        asked = found.asked
        wish = {"seeds": asked.seeds, "parameters": asked.parameters, "unread": asked.unread}
        pools = [{"seed": one.id, "initial": one.initial, "filtered": one.filtered} for one in found.answer.pools]
        print_json({"wish": wish, "pools": pools, "tracks": rows, "playlist": saved})
        return
    told = out(stderr=True)
    told.print(f"understood as: ritornello recommend {_plain(found.asked.options())}")
    if found.asked.unread:
        told.print(f"not understood: {_plain(', '.join(found.asked.unread))}")
    table = _table("title", "artists", *(["because"] if explain else []))
    for row in rows:
        because = ["; ".join(row["reasons"])] if explain else []
        table.add_row(*(_plain(str(text)) for text in (row["title"], row["artists"], *because)))
    out().print(table)
    if saved:
        told.print(f"saved as playlist {saved}")


def print_learned(known: Known, as_json: bool) -> None:
    """What taste was learned from."""
    listeners, tracks = (
        (0, 0) if known.heard is None else (known.heard.shape[0], len(set(known.heard.indices.tolist())))
    )
    if as_json:
        print_json({"listeners": listeners, "tracks": tracks})
    else:
        click.echo(
            f"learned from {listeners:,} listeners and playlists, and {tracks:,} tracks"
            if listeners
            else "nothing to learn from: nobody has played, saved or listed a track of this library"
        )


def print_made(names: Sequence[str], as_json: bool) -> None:
    """The playlists that were made."""
    if as_json:
        print_json({"made": list(names)})
    else:
        click.echo("\n".join(names) or "nothing to make: all are of this day and week, or there is too little music")


def print_playlists(found: Sequence[Playlist], as_json: bool) -> None:
    """All playlists."""
    rows = [{"id": one.id, "name": one.name, "owner": one.owner_id, "tracks": one.total} for one in found]
    if as_json:
        print_json(rows)
        return
    table = _table("id", "name", "owner", "tracks")
    for row in rows:
        table.add_row(*(_plain(str(value)) for value in row.values()))
    out().print(table)


def print_serving(address: str, loopback: bool) -> None:
    """Where the server is, and who can reach it."""
    out(stderr=True).print(f"serving at {address} (Ctrl-C stops)")
    if not loopback:
        warn("every machine in the network can reach this server, and what it says is not encrypted")


def print_welcome(address: str, client: Client, secret: str, words: str) -> None:
    """Where the server is, how to get in, and code to paste."""
    click.echo(_WELCOME.format(address=address, id=client.id, secret=secret, words=words))


def print_piece(path: Path) -> None:
    """A demo piece that is written."""
    out(stderr=True).print(f"wrote {_plain(path)}")


def print_study(summary: Summary, as_json: bool) -> None:
    """What one step of a study did."""
    for warning in summary.warnings:
        warn(warning)
    if as_json:
        print_json({**summary.facts, "warnings": summary.warnings})
        return
    for line in summary.lines:
        out().print(_plain(line))


def warn(text: str) -> None:
    """One line on standard error."""
    out(stderr=True).print(f"[yellow]warning[/]: {_plain(text)}")


_WELCOME = """\
Serving at     {address}  (pages to look at and to listen; the API is told at {address}/docs)
Client id      {id}
Client secret  {secret}

Paste this into Python (pip install spotipy):

    import spotipy
    from spotipy.cache_handler import MemoryCacheHandler
    from spotipy.oauth2 import SpotifyClientCredentials

    SpotifyClientCredentials.OAUTH_TOKEN_URL = "{address}/api/token"
    auth = SpotifyClientCredentials("{id}", "{secret}", cache_handler=MemoryCacheHandler())
    spotify = spotipy.Spotify(auth_manager=auth)
    spotify.prefix = "{address}/v1/"
    for track in spotify.search({words!r}, type="track")["tracks"]["items"]:
        features = spotify.audio_features(track["uri"])[0]
        print(track["name"], features["tempo"], features["key"], features["energy"])

Ctrl-C stops.
"""
