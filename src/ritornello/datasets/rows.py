"""A library as rows: tracks, listening sessions and spectrograms, each with the verdict on one use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello import preview
from ritornello.datasets.tables import MEL_BANDS, MEL_FRAMES, WINDOW
from ritornello.errors import AudioError
from ritornello.library import artists, embeddings, files, open_features, plays, rights, tracks, values
from ritornello.recommend.related import same_name
from ritornello.rights import Condition, Provenance, Use, Verdict, permits, strictest, to_json
from ritornello.sound.spectrum import RATE, Frames, Power, decibels, hann, mel_weights
from ritornello.sound.spectrum import WINDOW as FRAME
from ritornello.sound.waveform import Waveform
from ritornello.track import FEATURES
from ritornello.traits.embedding import unpack

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ritornello.library.open_features import OpenFeature, Published
    from ritornello.rights import Consent
    from ritornello.track import AudioFeatures, Embedding, Track

_GAP = 20 * 60 * 1000
"""Milliseconds without a play after which another session begins."""
_LEAST_MS = 30_000
"""A play shorter than this was skipped."""

Row = dict[str, Any]


@dataclass(slots=True)
class Gate:
    """Who passes: a use, the conditions that are accepted, and a count of what was refused and why."""

    use: Use
    accepted: frozenset[Condition]
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    passed: dict[Use, set[Verdict]] = field(default_factory=dict)
    """By use, all verdicts on rows that passed."""
    licences: Counter[str] = field(default_factory=Counter)

    def judge(self, told: Sequence[Provenance]) -> tuple[Provenance, Verdict] | str:
        """The provenance under which a track passes, and the verdict; or why it does not."""
        judged = [(row, _judged(_unnamed(row), self.use)) for row in told]
        open_ = [(row, verdict) for row, verdict in judged if self._passes(verdict)]
        if open_:
            return min(open_, key=lambda pair: len(pair[1].conditions))
        verdict = min((verdict for _, verdict in judged), key=lambda one: one.answer == "no")
        if verdict.answer == "no":
            return verdict.reason
        return f"only on condition: {', '.join(c for c in verdict.conditions if c not in self.accepted)}, not accepted"

    def together(self) -> dict[Use, Verdict]:
        """For every use, what all rows that passed allow together."""
        return {use: strictest(sorted(told, key=str)) for use, told in self.passed.items()}

    def _passes(self, verdict: Verdict) -> bool:
        return verdict.answer != "no" and self.accepted.issuperset(verdict.conditions)

    def refuse(self, table: str, reason: str, count: int = 1) -> None:
        """Count rows that do not pass."""
        self.refused.setdefault(table, Counter())[reason] += count

    def count(self, row: Provenance) -> None:
        """Count a row that passes."""
        for use, verdict in _effects(_unnamed(row)).items():
            self.passed.setdefault(use, set()).add(verdict)
        self.licences[row.licence if row.licence and row.basis == "licence" else f"none, basis {row.basis}"] += 1


def group_artists(connection: Connection, gate: Gate, add: Any) -> None:
    """Tell ``add`` the artists of every track that passes."""
    known = {rule.path: rule for rule in rights.rules(connection)}
    for ids in rights.batches(connection):
        credited = artists.credited(connection, ids)
        for id_, told in rights.of_tracks(connection, ids, known).items():
            if not isinstance(gate.judge(told), str):
                add(credited.get(id_) or [id_])


def of_tracks(connection: Connection, gate: Gate) -> Iterator[Row]:
    """Rows of the table of tracks; what does not pass is counted."""
    known = {rule.path: rule for rule in rights.rules(connection)}
    for ids in rights.batches(connection):
        told = rights.of_tracks(connection, ids, known)
        judged = {id_: gate.judge(told[id_]) for id_ in ids}
        for one in judged.values():
            if isinstance(one, str):
                gate.refuse("tracks", one)
        open_ = [id_ for id_ in ids if not isinstance(judged[id_], str)]
        lying = embeddings.get(connection, open_)
        found = zip(tracks.get(connection, open_), tracks.features(connection, open_), lying, strict=True)
        for track, computed, embedding in found:
            assert track is not None
            assert computed is not None
            passed = judged[track.id]
            assert not isinstance(passed, str)
            gate.count(passed[0])
            yield {**_track(track, computed[0]), **_embedding(embedding), **_rights(*passed)}


def agreed(connection: Connection, gate: Gate) -> Iterator[tuple[str, int]]:
    """The consent of every listener who agreed to the use, and the number of their plays."""
    known = rights.consents(connection)
    for listener, count in plays.counts(connection).items():
        told = rights.of_listener(known.get(listener))
        if told.consent is not None and not isinstance(gate.judge([told]), str):
            yield told.consent.id, count


def of_sessions(connection: Connection, gate: Gate) -> Iterator[Row]:
    """Rows of the table of sessions, of listeners who agreed and of tracks that pass; plays refused are counted."""
    known = {rule.path: rule for rule in rights.rules(connection)}
    consents = rights.consents(connection)
    for listener, count in plays.counts(connection).items():
        told = rights.of_listener(consents.get(listener))
        passed = gate.judge([told])
        if isinstance(passed, str):
            gate.refuse("plays", passed, count)
            continue
        heard = _of_known(connection, plays.of(connection, listener), gate, known)
        assert told.consent is not None
        for number, session in enumerate(_sessions(heard)):
            gate.count(told)
            hour = datetime.fromtimestamp(session[0][0] // 3_600_000 * 3600, UTC)
            ids = [id_ for _, id_ in session]
            yield {
                "session_id": f"{told.consent.id}-{number}",
                "hour": hour,
                "tracks": ids + [None] * (WINDOW - len(ids)),
                "length": len(ids),
                **_rights(*passed),
                "group": told.consent.id,
            }


def group_published(connection: Connection, gate: Gate, add: Any) -> None:
    """Tell ``add`` the artists of everything published that passes."""
    consents = rights.consents(connection)
    for found in open_features.batches(connection):
        for one in found.values():
            passing = sum(not isinstance(gate.judge(_published(one, value, consents)), str) for value in one.values)
            if passing:
                add(_artists(one), passing)


def of_published(connection: Connection, gate: Gate) -> Iterator[Row]:
    """Rows of what others published, a value a row; each keeps the licence that its source gave it."""
    consents = rights.consents(connection)
    for found in open_features.batches(connection):
        for id_, one in found.items():
            for value in one.values:
                passed = gate.judge(_published(one, value, consents))
                if isinstance(passed, str):
                    gate.refuse("open", passed)
                    continue
                gate.count(passed[0])
                yield {
                    "item_id": id_,
                    "title": one.title,
                    "artist": one.artist,
                    "name": value.name,
                    "number": value.number,
                    "text": value.text,
                    "spread": value.spread,
                    "submissions": value.submissions,
                    "mbid": value.mbid,
                    "joined_by": value.by,
                    **_rights(*passed),
                    "group": _artists(one)[0],
                }


def _published(one: Published, value: OpenFeature, consents: Mapping[str, Consent]) -> list[Provenance]:
    """Where a value comes from; of a song once for each who played it, for that it is here tells of their listening."""
    origin = values.of_open(value)
    if not one.is_song:
        return [origin]
    told = [replace(origin, listened=True, consent=consents.get(name)) for name in one.listeners]
    return told or [replace(origin, listened=True)]


def _artists(one: Published) -> list[str]:
    return list(one.artist_ids) or [f"name:{same_name(one.artist)}"]


def of_mel(connection: Connection, gate: Gate) -> Iterator[Row]:
    """Rows of spectrograms: of tracks that pass, whose audio may itself be handed on, changed."""
    known = {rule.path: rule for rule in rights.rules(connection)}
    for ids in rights.batches(connection, 50):
        for id_, told in rights.of_tracks(connection, ids, known).items():
            free = [row for row in told if _may_be_rebuilt(row)]
            passed = gate.judge(free) if free else "a spectrogram is as good as the audio, which may not be handed on"
            if isinstance(passed, str):
                gate.refuse("mel", passed)
                continue
            try:
                mel = _mel(connection, id_, passed[0].audio_id)
            except AudioError as error:
                gate.refuse("mel", error.reason)
                continue
            yield {"track_id": id_, "mel": mel, **_rights(*passed)}


def _may_be_rebuilt(row: Provenance) -> bool:
    """A spectrogram over time is as good as the sound."""
    verdict = permits(row, Use.SHARE_AUDIO)
    return verdict.answer != "no" and Condition.UNMODIFIED not in verdict.conditions


def _mel(connection: Connection, track_id: str, audio_id: str) -> Any:
    document = tracks.analysis(connection, track_id)
    source = next((path for path in files.of_audio(connection, audio_id) if path.is_file()), None)
    if document is None or source is None:
        raise AudioError(Path(track_id), "its file is not there any more")
    sound = preview.cut(source, preview.start(json.loads(document.text)))
    mono = sound.samples if sound.samples.ndim == 1 else sound.samples.mean(axis=1)
    mono = Waveform(mono.astype(np.float32), sound.rate).resampled(RATE).samples
    frames = Frames(FRAME, RATE * 30 // MEL_FRAMES, RATE)
    bands = np.full((MEL_FRAMES, MEL_BANDS), -100.0, np.float16)
    at = 0
    for part in (frames.feed(mono), frames.finish()):
        for power in Power(hann(FRAME)).each(part):
            some = decibels(power @ mel_weights(MEL_BANDS))[: MEL_FRAMES - at]
            bands[at : at + len(some)] = some
            at += len(some)
    return bands.ravel()


def _track(track: Track, features: AudioFeatures) -> Row:
    return {
        "track_id": track.id,
        "title": track.name,
        "artists": [artist.name for artist in track.artists],
        "artist_ids": [artist.id for artist in track.artists],
        "album": track.album.name,
        "release_date": track.album.release_date,
        "genres": list(track.genres),
        **{name: getattr(features, name) for name in FEATURES},
        "confidence": [features.confidence[name] for name in FEATURES],
    }


def _embedding(embedding: Embedding | None) -> Row:
    if embedding is None:
        return {"embedding_version": None, "embedding": None}
    return {"embedding_version": embedding.version, "embedding": unpack(embedding.track)[0]}


def _rights(row: Provenance, verdict: Verdict) -> Row:
    return {
        **to_json(row),
        "answer": verdict.answer,
        "conditions": list(verdict.conditions),
        "reason": verdict.reason,
    }


def _of_known(
    connection: Connection,
    found: Iterable[tuple[int, str | None, int | None]],
    gate: Gate,
    known: Mapping[Path, rights.Rule],
) -> Iterator[tuple[int, str]]:
    """Moments and our ids of those plays that were not skipped and whose track passes."""

    @lru_cache(maxsize=10_000)
    def passes(own: str) -> bool:
        told = rights.of_tracks(connection, [own], known)[own]
        return bool(told[0].model_version) and not isinstance(gate.judge(told), str)

    for moment, own, ms in found:
        if ms is not None and ms < _LEAST_MS:
            gate.refuse("plays", "skipped within 30 s")
        elif own is None or not passes(own):
            gate.refuse("plays", "its track is not in this data set")
        else:
            yield moment, own


def _sessions(heard: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Stretches without a gap, of at least two plays; longer ones are cut."""
    number, last = 0, 0

    def numbers() -> Iterator[tuple[int, tuple[int, str]]]:
        nonlocal number, last
        for play in heard:
            number += play[0] - last > _GAP
            last = play[0]
            yield number, play

    for _, members in groupby(numbers(), key=lambda pair: pair[0]):
        numbered: list[tuple[int, str]] = []
        for _, play in members:
            numbered.append(play)
            if len(numbered) == WINDOW:
                yield numbered
                numbered = []
        if len(numbered) > 1:
            yield numbered


@lru_cache(maxsize=10_000)
def _judged(row: Provenance, use: Use) -> Verdict:
    return permits(row, use)


@lru_cache(maxsize=10_000)
def _effects(row: Provenance) -> dict[Use, Verdict]:
    return {use: permits(row, use) for use in Use}


def _unnamed(row: Provenance) -> Provenance:
    """Without what no verdict looks at, so that rows of one kind are judged once."""
    return Provenance(
        licence=row.licence,
        basis=row.basis,
        jurisdiction=row.jurisdiction,
        reserved=row.reserved,
        scope=row.scope,
        weights=row.weights,
        listened=row.listened,
        consent=row.consent,
    )
