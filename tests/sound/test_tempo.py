"""The readings of a pulse and their odds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.pieces import compose, render
from ritornello.sound import onsets, pitch, tempo
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.sound.waveform import Samples, Waveform
from ritornello.track import TempoCandidate
from tests import sounds
from tests.heard import heard


def ranked(sound: Samples | Waveform) -> tuple[TempoCandidate, ...]:
    found = heard(sound)
    risen = onsets.rises(found.bands, FRAME_RATE)
    strength = onsets.strength(risen)
    chroma = pitch.chroma(found.pitches, pitch.tuning_cents(found.tuning))
    return tempo.rank(tempo.tempogram(strength), strength, risen, chroma, pitch.PITCH_RATE)


def impulses(bpm: float, seconds: float = 30.0) -> NDArray[np.float32]:
    """Onset strength of a metronome."""
    strength = np.zeros(int(seconds * FRAME_RATE), np.float32)
    strength[np.rint(sounds.beat_times(bpm, seconds) * FRAME_RATE).astype(int)] = 1.0
    return strength


# Under one preference for 105 BPM each of these comes out as another multiple of its pulse.
@pytest.mark.parametrize(
    ("style", "bpm"), [("reggae", 72.0), ("hip-hop", 80.0), ("funk", 96.0), ("ballad", 60.0), ("drum and bass", 174.0)]
)
def test_a_style_is_counted_as_its_musicians_count_it(style: str, bpm: float) -> None:
    best = ranked(render(compose(style, tempo=bpm, seed=7, seconds=25)))[0]
    assert best.bpm == pytest.approx(bpm, rel=0.04)


@pytest.mark.parametrize("bpm", [52, 75, 110, 155, 210])
def test_a_metronome_is_surely_counted_at_its_own_tempo(bpm: float) -> None:
    best = ranked(sounds.clicks(bpm))[0]
    assert best.bpm == pytest.approx(bpm, rel=0.01)
    assert best.confidence > 0.5


@pytest.mark.parametrize("bpm", [41, 60, 79, 81, 120, 200, 239])
def test_there_are_two_readings_at_least_and_their_confidences_leave_room_for_doubt(bpm: float) -> None:
    candidates = ranked(sounds.clicks(bpm))
    confidences = [candidate.confidence for candidate in candidates]
    assert len(candidates) >= 2
    assert confidences == sorted(confidences, reverse=True)
    assert 0.0 < sum(confidences) < 1.0
    assert all(tempo.SLOWEST <= candidate.bpm <= tempo.FASTEST for candidate in candidates)


def test_readings_are_multiples_of_one_pulse() -> None:
    candidates = ranked(sounds.meter(3, 132.0))
    ratios = [candidate.bpm / candidates[0].bpm for candidate in candidates[1:]]
    simple = np.array([1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2, 3, 4])
    assert ratios
    assert all(np.abs(simple / ratio - 1).min() < 0.01 for ratio in ratios)


def scattered() -> Samples:
    """Clicks that no rule places."""
    times = np.random.default_rng(3).uniform(0, 24, 70)
    return sounds.place([(float(time), sounds.click()) for time in times], 25.0)


@pytest.mark.parametrize("sound", [sounds.noise(30, seed=5), scattered()], ids=["noise", "scattered clicks"])
def test_where_nobody_could_tap_every_reading_is_doubted(sound: Samples) -> None:
    candidates = ranked(sound)
    assert len(candidates) >= 2
    assert sum(candidate.confidence for candidate in candidates) < 0.5


def test_without_onsets_there_is_no_reading() -> None:
    frames = int(10 * FRAME_RATE)
    nothing = np.zeros(frames, np.float32)
    silence = onsets.rises(np.full((frames, 40), -100.0, np.float32), FRAME_RATE)
    assert tempo.rank(tempo.tempogram(nothing), nothing, silence, np.zeros((100, 12), np.float32), 10.0) == ()


def test_the_evidence_of_a_metronome_is_known() -> None:
    strength = impulses(100.0)
    bands = np.zeros((len(strength), 40), np.float32)
    bands[:] = np.where(strength > 0, 0.0, -50.0)[:, None]
    chroma = np.ones((300, 12), np.float32)
    found = tempo.evidence(tempo.tempogram(strength), strength, onsets.rises(bands, FRAME_RATE), chroma, 10.0)
    beat = int(np.abs(found.bpm - 100).argmin())
    half = int(np.abs(found.bpm - 50).argmin())
    column = {name: found.readings[:, place] for place, name in enumerate(tempo.READING)}
    assert column["octaves from 110, squared"][beat] == pytest.approx(np.log2(100 / 110) ** 2, abs=0.01)
    # Nothing sounds between the beats; at half the tempo every other click falls there.
    assert column["onsets half a beat on"][beat] < 0.05
    assert column["onsets half a beat on"][half] > 0.6
    assert column["top onsets to a beat, log"][beat] == pytest.approx(0.0, abs=0.15)
    assert column["top onsets to a beat, log"][half] == pytest.approx(1.0, abs=0.15)
    # The harmony never changes.
    assert abs(column["harmony four beats on"][beat]) < 0.001
    assert found.doubt[tempo.DOUBT.index("steadiness")] > 0.95


def test_of_readings_of_which_nothing_is_known_the_slower_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempo, "odds", lambda: (np.zeros(len(tempo.READING)), np.zeros(len(tempo.DOUBT))))
    strength = impulses(100.0)
    bands = np.repeat(np.where(strength > 0, 0.0, -50.0)[:, None], 40, axis=1).astype(np.float32)
    found = tempo.rank(
        tempo.tempogram(strength), strength, onsets.rises(bands, FRAME_RATE), np.ones((300, 12), np.float32), 10.0
    )
    sure = {round(reading.bpm): reading.confidence for reading in found}
    assert sure[50] / sure[100] == pytest.approx(1.65, abs=0.01)


def test_half_an_hour_is_weighed_like_half_a_minute() -> None:
    short, long = (impulses(100.0, seconds) for seconds in (30.0, 1800.0))
    best = []
    for strength in (short, long):
        bands = np.repeat(np.where(strength > 0, 0.0, -50.0)[:, None], 40, axis=1).astype(np.float32)
        chroma = np.ones((int(len(strength) / FRAME_RATE * 10), 12), np.float32)
        best.append(tempo.rank(tempo.tempogram(strength), strength, onsets.rises(bands, FRAME_RATE), chroma, 10.0)[0])
    assert best[0].bpm == pytest.approx(100, rel=0.01)
    assert best[1].bpm == pytest.approx(100, rel=0.01)
    assert best[1].confidence == pytest.approx(best[0].confidence, abs=0.1)


def test_the_weights_name_what_is_measured() -> None:
    kept = json.loads(tempo.ODDS.read_text(encoding="utf-8"))
    assert tuple(kept["reading"]) == tempo.READING
    assert tuple(kept["doubt"]) == tempo.DOUBT
    assert np.isfinite([*kept["reading"].values(), *kept["doubt"].values()]).all()
