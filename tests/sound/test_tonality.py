"""Key, tuning and pitch classes of sounds that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound import pitch
from tests import sounds
from tests.heard import analysed, heard


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_is_in_its_key(tonic: int, mode: int) -> None:
    analysis = analysed(sounds.cadence(tonic, mode, seconds=8))
    assert (analysis.key, analysis.mode) == (tonic, mode)
    assert analysis.key_confidence > 0.5


@pytest.mark.parametrize("detune", [-0.45, -0.2, 0.2, 0.45])
def test_tuning_is_found_and_does_not_change_the_key(detune: float) -> None:
    sound = sounds.cadence(2, 1, seconds=8, detune=detune)
    assert pitch.tuning_cents(heard(sound).tuning) == pytest.approx(100 * detune, abs=6)
    assert analysed(sound).key == 2


@pytest.mark.parametrize("note", range(60, 72))
def test_a_tone_has_one_pitch_class(note: int) -> None:
    segment = max(analysed(sounds.tone(440 * 2 ** ((note - 69) / 12), 2)).segments, key=lambda s: s.duration)
    pitches = np.array(segment.pitches)
    assert pitches.argmax() == note % 12
    assert pitches.max() == 1.0
    assert np.sort(pitches)[-2] < 0.2


def test_a_c_major_triad_has_its_three_pitch_classes_on_top() -> None:
    sound = sum((sounds.note(n, 3) for n in (60, 64, 67)), np.zeros(1, np.float32))
    segment = max(analysed(sound).segments, key=lambda s: s.duration)
    assert set(np.argsort(segment.pitches)[-3:]) == {0, 4, 7}


def test_noise_has_all_pitch_classes_near_one() -> None:
    pitches = np.array([segment.pitches for segment in analysed(sounds.noise(10)).segments])
    assert np.median(pitches) > 0.6
    assert pitches.min() > 0.25


def test_noise_and_silence_have_no_sure_key() -> None:
    assert analysed(sounds.noise(20)).key_confidence < 0.3
    silent = analysed(np.zeros(5 * sounds.RATE, np.float32))
    assert (silent.key, silent.key_confidence) == (0, 0.0)
    assert all(section.key == -1 for section in silent.sections)


def test_sections_have_keys_of_their_own() -> None:
    analysis = analysed(np.concatenate([sounds.cadence(0, 1, 24), sounds.cadence(6, 1, 24)]))
    assert analysis.sections[0].key == 0
    assert analysis.sections[-1].key == 6
