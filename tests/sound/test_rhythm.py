"""Pulse, bars and meter of rhythms that are known exactly."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import ReferenceType, ref

import mir_eval
import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.pieces import compose, render
from ritornello.sound import pulse
from ritornello.sound.meter import meter
from ritornello.sound.rhythm import DOWNBEATS, overall_tempo, track_beats
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import Interval
from tests import sounds
from tests.heard import analysed, measured


def starts(intervals: tuple[Interval, ...]) -> NDArray[np.float64]:
    return np.array([interval.start for interval in intervals])


@pytest.mark.parametrize("bpm", [50, 60, 72, 85, 100, 120, 128, 140, 160, 174, 190, 205, 220])
def test_a_metronome_is_followed_at_its_own_tempo(bpm: float) -> None:
    analysis = analysed(sounds.clicks(bpm))
    assert analysis.tempo == pytest.approx(bpm, rel=0.005)
    truth = sounds.beat_times(bpm, 20)
    assert mir_eval.beat.f_measure(truth, starts(analysis.beats), 0.03) > 0.97


def from_nearest(found: NDArray[np.float64], truth: Iterable[float]) -> list[float]:
    """How much later than each true moment the nearest that was found is, seconds."""
    return [float(found[np.abs(found - time).argmin()] - time) for time in truth]


def test_beats_sit_on_the_clicks_to_a_frame() -> None:
    errors = from_nearest(starts(analysed(sounds.clicks(120)).beats), sounds.beat_times(120, 20))
    assert np.std(errors) < 0.003
    assert np.max(np.abs(errors)) < 1 / FRAME_RATE + 0.003


@pytest.mark.parametrize("style", ["rock", "folk", "waltz"])
def test_beats_sit_where_notes_start(style: str) -> None:
    score = compose(style, seconds=25.0, seed=7)
    errors = from_nearest(starts(analysed(render(score)).beats), score.truth.beats)
    assert abs(np.median(errors)) < 0.006


@pytest.mark.parametrize("bpm", [78, 80, 100, 140, 180])
@pytest.mark.parametrize("meter", [3, 4, 5, 6, 7])
def test_meter_and_downbeats(meter: int, bpm: float) -> None:
    analysis = analysed(sounds.meter(meter, bpm))
    assert analysis.tempo == pytest.approx(bpm, rel=0.01)
    if (meter, bpm) == (6, 80):
        pytest.xfail("heard as four with a confidence of 0.57: docs/pulse.md")
    assert analysis.time_signature == meter
    downbeats = sounds.beat_times(bpm, 30)[::meter]
    assert mir_eval.beat.f_measure(downbeats, starts(analysis.bars), 0.05) > 0.9


@pytest.mark.parametrize("bpm", [90, 120, 140, 160])
def test_swing_keeps_its_tempo_and_has_triplet_tatums(bpm: float) -> None:
    analysis = analysed(sounds.swing(bpm))
    assert analysis.tempo == pytest.approx(bpm, rel=0.01)
    assert len(analysis.tatums) == 3 * len(analysis.beats)


def test_straight_eighths_have_two_tatums_to_the_beat() -> None:
    beat = 0.5
    pieces = [(0.25 + i * beat / 2, sounds.kick() if i % 2 == 0 else sounds.click(0.3)) for i in range(76)]
    analysis = analysed(sounds.place(pieces, 20.0))
    assert analysis.tempo == pytest.approx(120, rel=0.01)
    assert len(analysis.tatums) == 2 * len(analysis.beats)


def test_a_tempo_change_is_followed() -> None:
    sound = np.concatenate([sounds.clicks(100, 20), sounds.clicks(120, 20)])
    truth = np.concatenate([sounds.beat_times(100, 20), 20 + sounds.beat_times(120, 20)])
    analysis = analysed(sound)
    assert mir_eval.beat.f_measure(truth, starts(analysis.beats), 0.05) > 0.9


def test_loud_offbeats_do_not_pull_the_beats_over() -> None:
    seconds, period = 60, 22  # frames, 117 BPM
    frames = int(seconds * FRAME_RATE)
    beats, offbeats = np.arange(0, frames, period), np.arange(period // 2, frames, period)
    said, strength = np.zeros((frames, 2), np.float32), np.zeros(frames)
    said[np.concatenate([beats, offbeats]), 0] = 0.6
    said[beats[::4], 1] = 0.6
    strength[beats], strength[offbeats] = 2.0, 4.0
    curve = np.full(seconds, 60 * FRAME_RATE / period)
    found = track_beats(pulse.drive(said, strength.astype(np.float32), DOWNBEATS), curve)
    assert len(found) > 100
    assert set(((found + 5) // 11 % 2).tolist()) == {0}


def test_the_two_best_readings_are_given_with_confidences_that_add_up() -> None:
    candidates = measured(sounds.clicks(120)).outline.pulse.candidates
    assert len(candidates) >= 2
    assert candidates[0].confidence > 0.6
    assert candidates[0].confidence > candidates[1].confidence
    assert sum(candidate.confidence for candidate in candidates) <= 1.0


@pytest.mark.parametrize(
    "sound",
    [np.zeros(10 * sounds.RATE, np.float32), np.full(10 * sounds.RATE, 0.5, np.float32), sounds.tone(440, 10)],
    ids=["silence", "direct current", "tone"],
)
def test_where_nothing_starts_there_is_no_pulse(sound: NDArray[np.float32]) -> None:
    analysis = analysed(sound)
    assert analysis.tempo == 0.0
    assert analysis.tempo_confidence == 0.0
    assert analysis.beats == analysis.bars == analysis.tatums == ()
    assert analysis.time_signature == 4


def test_noise_gets_a_low_confidence() -> None:
    assert analysed(sounds.noise(30)).tempo_confidence < 0.2


def test_the_tempo_of_beats_that_never_agree_is_their_median() -> None:
    assert overall_tempo(np.array([0.0, 0.5, 1.5])) == pytest.approx(80.0)
    assert overall_tempo(np.array([0.0, 0.5, 1.0, 1.5, 3.0])) == pytest.approx(120.0)


@pytest.mark.parametrize("bpm", [90, 112, 126])
def test_six_eight_in_dotted_quarters_has_two_beats_to_the_bar_and_says_six(bpm: float) -> None:
    pieces = []
    for index, start in enumerate(sounds.beat_times(bpm, 30)):
        root = (36, 41)[index // 8 % 2] + 7 * (index % 2)
        pieces += [(start, sounds.click()), (start, sounds.note(root, 0.4))]
        pieces += [(start, sounds.kick())] if index % 2 == 0 else []
        pieces += [(start + part * 20.0 / bpm, sounds.click(0.3)) for part in (1, 2)]
    analysis = analysed(sounds.place(pieces, 30))
    assert analysis.tempo == pytest.approx(bpm, rel=0.01)
    assert analysis.time_signature == 6
    assert len(analysis.tatums) == 3 * len(analysis.beats)
    assert np.median(np.diff(starts(analysis.bars))) == pytest.approx(2 * 60 / bpm, rel=0.02)


def test_a_plain_meter_is_almost_certain_and_one_of_noise_is_not() -> None:
    plain = np.tile(np.array([1.4, -0.7, -0.7], np.float32), 40)
    noise = np.random.default_rng(1).normal(size=120).astype(np.float32)
    found, few, doubtful = meter(plain, compound=False), meter(plain[:9], compound=False), meter(noise, compound=False)
    assert (found.time_signature, found.phase) == (3, 0)
    assert doubtful.confidence < 0.5 < 0.95 < found.confidence < 1
    assert few.confidence < found.confidence


def test_no_meter_is_trusted_where_nothing_was_heard() -> None:
    assert meter(np.zeros(3, np.float32), compound=False).confidence == 0


def test_a_piece_of_an_answer_does_not_keep_the_whole_answer() -> None:
    wholes: list[ReferenceType[NDArray[np.float32]]] = []

    def answer(start: int, stop: int) -> NDArray[np.float32]:
        assert not any(whole() is not None for whole in wholes)
        rows = np.arange(start, stop, dtype=np.float32)[:, None]
        wholes.append(ref(rows))
        return rows

    assert (pulse.in_pieces(answer, 100, 16, 3)[:, 0] == np.arange(100)).all()
    assert len(wholes) == 7
