from __future__ import annotations

import io
import json
from dataclasses import asdict, replace
from pathlib import Path

import mido
import numpy as np
import pytest

from bench import accuracy, games, peers, recordings, reliability, scores, sections, soundfont
from bench.material import Known
from ritornello.pieces import compose
from ritornello.pieces.score import Note
from ritornello.sound.waveform import Waveform

STRICT = scores.Manner(tempo=120.0, drift=0.0, rubato=0.0, swing=0.5, tuning=440.0, drums=False, transpose=0)
EIGHTHS = tuple((n / 2, 0.5, 60 + n % 5) for n in range(2 * 34))
# An upbeat of one quarter, eight bars of four, and a last bar that gives the upbeat its quarter back.
TUNE = scores.Sheet(
    parts=(EIGHTHS,),
    downbeats=tuple(1.0 + 4.0 * bar for bar in range(9)),
    end=37.0,
    meter="4/4",
    key="C major",
    bar=4.0,
    pickup=1.0,
)


def _struck(data: bytes) -> list[tuple[float, int, int]]:
    """Seconds, channel and key of each note."""
    second, found = 0.0, []
    for message in mido.MidiFile(file=io.BytesIO(data)):
        second += message.time
        if message.type == "note_on":
            found.append((round(second, 3), message.channel, message.note))
    return found


def test_a_composed_piece_keeps_its_times_and_its_drums_in_midi() -> None:
    score = compose("rock", seed=3, seconds=10.0)
    struck = _struck(soundfont.composed(score))

    firsts = sorted(round(note.start, 3) for part in score.parts for note in part.notes)
    assert sorted(second for second, channel, _ in struck if channel != 9) == pytest.approx(firsts, abs=0.0011)
    assert sum(channel == 9 for _, channel, _ in struck) == len(score.hits)


def test_tuning_is_written_as_a_fraction_of_a_semitone() -> None:
    file = mido.MidiFile(
        file=io.BytesIO(soundfont.midi([soundfont.Track(0, (Note(0, 1, 69, 0.5),))], 440 * 2 ** (0.5 / 12)))
    )
    coarse, fine = (
        next(m.value for m in file.tracks[0] if m.type == "control_change" and m.control == control)
        for control in (6, 38)
    )
    assert (coarse << 7 | fine) == 8192 + 4096


def test_an_upbeat_is_a_beat_but_no_downbeat() -> None:
    played = scores.perform(TUNE, "tune", STRICT, 16.0, np.random.default_rng(0))

    assert played.tempo == pytest.approx(120)
    assert played.beats[1] == pytest.approx(played.downbeats[0])
    assert np.diff(played.downbeats) == pytest.approx(2.0)


def test_a_repeat_keeps_the_bars_in_step() -> None:
    once = scores.perform(TUNE, "tune", STRICT, 16.0, np.random.default_rng(0))
    twice = scores.perform(TUNE, "tune", STRICT, 40.0, np.random.default_rng(0))

    assert len(twice.downbeats) > 1.9 * len(once.downbeats)
    assert np.diff(twice.downbeats) == pytest.approx(2.0)
    starts = sorted(note.start for note in twice.tracks[0].notes)
    offsets = (np.array(starts) - twice.beats[0]) / 0.25
    assert np.abs(offsets - np.round(offsets)).max() < 0.1


def test_an_upbeat_never_falls_on_the_last_bar() -> None:
    full = replace(TUNE, parts=(tuple((n / 2, 0.5, 60) for n in range(2 * 37)),))
    played = scores.perform(full, "tune", STRICT, 40.0, np.random.default_rng(0))

    starts = sorted(note.start for note in played.tracks[0].notes)
    assert np.diff(starts).min() > 0.15


def test_swing_moves_what_falls_between_the_beats() -> None:
    played = scores.perform(TUNE, "tune", replace(STRICT, swing=0.66), 16.0, np.random.default_rng(0))

    starts = np.array([note.start for note in played.tracks[0].notes])
    within = (starts - played.beats[0]) / 0.5 % 1
    assert np.median(within[(within > 0.3) & (within < 0.9)]) == pytest.approx(0.66, abs=0.02)


def test_drift_moves_the_beats_by_a_few_per_cent() -> None:
    played = scores.perform(TUNE, "tune", replace(STRICT, drift=0.03), 16.0, np.random.default_rng(0))

    spread = np.ptp(np.diff(played.beats)) / 0.5
    assert 0.01 < spread < 0.2


def test_the_splits_share_no_work() -> None:
    movements = [scores.Source("quartet", f"mozart/k155/movement{n}.mxl") for n in (1, 2, 3)]
    assert len({movement.split for movement in movements}) == 1
    assert {scores.Source("tune", f"{n}.abc").split for n in range(20)} == {"dev", "test"}


def test_beats_of_a_midi_file_follow_its_tempo_map(tmp_path: Path) -> None:
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    for number in range(60):
        if number == 40:
            track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))
        track += [mido.Message("note_on", note=60, velocity=80), mido.Message("note_off", note=60, time=480)]
    file.tracks.append(track)
    file.save(tmp_path / "song.mid")

    found = games.excerpt(tmp_path / "song.mid")

    assert found.tempo is None
    assert found.beats == pytest.approx([*np.arange(40) * 0.5, *(20 + np.arange(20) * 1.0)])
    assert found.gathered == pytest.approx(1.0)


def test_what_a_program_does_not_say_is_not_scored() -> None:
    known = Known(Path("a.flac"), "a", 120.0, (0.0, 6.0), None, "C major", None, None)
    assert accuracy.tempo(known, peers.Answer(key="C major")) is None
    assert accuracy.key_exact(known, peers.Answer(tempo=120.0)) is None
    assert accuracy.tempo(known, peers.Answer(tempo=61.0)) == 0.0
    assert accuracy.tempo_octaves(known, peers.Answer(tempo=61.0)) == 1.0


def test_a_peer_hears_a_file_once(tmp_path: Path) -> None:
    file = tmp_path / "a.flac"
    file.write_bytes(b"first")
    peer = peers.Peer("peer", "nothing", (), _refuse, ("mido",))
    said = peers.Answer(120.0, (0.5, 1.0), key="C major")
    place = accuracy.kept(peer, file, tmp_path)
    assert place is not None
    place.parent.mkdir()
    place.write_text(json.dumps(asdict(said)))

    known = [Known(file, "a", 120.0, None, None, None, None, None)]
    assert accuracy.answers(peer, known, tmp_path) == [said]

    file.write_bytes(b"second")
    other = accuracy.kept(peer, file, tmp_path)
    assert other is not None
    assert not other.exists()
    assert accuracy.kept(peers.RITORNELLO, file, tmp_path) is None


def _refuse(path: Path) -> peers.Answer:
    raise AssertionError(f"asked for {path}")


def test_every_recording_is_listed_once_and_both_splits_are_large_enough() -> None:
    found = recordings.manifest()
    assert len({(r.package, r.path) for r in found}) == len(found)
    splits = [r.split for r in found]
    assert splits.count("dev") >= 20
    assert splits.count("test") >= 20
    assert {r.package for r in found if r.split == "dev"}.isdisjoint(r.package for r in found if r.split == "test")


def test_a_map_is_moved_onto_the_guitar() -> None:
    notes = np.arange(1.0, 9.0, 0.5)
    samples = np.zeros((10 * 8000, 2), np.float32)
    for note in notes:
        start = int((note + 0.05) * 8000)
        samples[start : start + 1600] = 0.3
    assert recordings.late(Waveform(samples, 8000), notes) == pytest.approx(0.05, abs=0.011)


def test_calibrated_answers_have_no_error_and_boasts_have() -> None:
    fair = [(0.8, float(n % 10 not in (3, 7))) for n in range(1000)]
    boast = [(0.9, float(n % 10 not in (0, 2, 5, 8))) for n in range(1000)]
    assert reliability.error(reliability.bins(fair)) < 0.02
    assert reliability.error(reliability.bins(boast)) == pytest.approx(0.3, abs=0.02)


def test_sections_are_scored_by_their_inner_boundaries() -> None:
    form = sections.Form(Path("a.flac"), (0.0, 20.0, 40.0, 60.0))
    assert sections.scored(lambda _: np.array([0.0, 20.2, 41.5, 60.0]), form) == pytest.approx((0.5,) * 3 + (1.0,) * 3)
    assert sections.scored(sections.spaced, form) == pytest.approx((1.0,) * 6)


def test_joined_parts_meet_in_the_middle_of_the_fade() -> None:
    part = Waveform(np.full((20_000, 2), 0.1, np.float32), 10_000)
    sound, edges = sections.faded([part, part, part])
    assert sound.duration == pytest.approx(6.0 - 2 * sections.FADE)
    assert edges == pytest.approx((0.0, 1.75, 3.25, 5.0))
