"""Sections of pieces whose form is known."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound import structure
from ritornello.sound.spectrum import FRAME_RATE
from tests import sounds
from tests.heard import analysed


def test_a_change_of_everything_is_a_boundary() -> None:
    verse = sounds.cadence(0, 1, 24)
    chorus = (sounds.meter(4, 120, 24) + 0.3 * sounds.noise(24, -26)).astype(np.float32)
    analysis = analysed(np.concatenate([verse, chorus, verse]))
    starts = [section.start for section in analysis.sections]
    assert starts == pytest.approx([0, 24, 48], abs=0.25)
    assert analysis.sections[0].confidence == 1.0


def cut_at(second: float, bars: list[float]) -> list[float]:
    """Where a minute of sound is cut that changes once and for good."""
    rng = np.random.default_rng(4)
    bands = rng.normal(-30, 2, (int(60 * FRAME_RATE), 40)).astype(np.float32)
    bands[int(second * FRAME_RATE) :, :20] -= 20
    chroma = np.ones((600, 12), np.float32)
    starts, _ = structure.boundaries(bands, FRAME_RATE, chroma, 10.0, bars, 60.0)
    return [float(start) for start in starts]


def test_a_boundary_moves_to_the_bar_at_which_the_sound_changes() -> None:
    bars = np.arange(0.7, 60, 2.1).tolist()
    assert cut_at(bars[14], bars) == [0.0, bars[14]]


def test_a_boundary_between_bars_stays_there() -> None:
    assert cut_at(31.0, np.arange(0.0, 60, 2.0).tolist()) == [0.0, pytest.approx(31.0, abs=0.01)]
    assert cut_at(31.0, []) == [0.0, pytest.approx(31.0, abs=0.01)]


def test_steady_sound_is_one_section() -> None:
    assert len(analysed(sounds.noise(60)).sections) == 1


def test_sections_carry_their_own_loudness_and_tempo() -> None:
    analysis = analysed(np.concatenate([0.25 * sounds.meter(4, 100, 25), sounds.meter(4, 130, 25)]))
    first, last = analysis.sections[0], analysis.sections[-1]
    assert last.loudness - first.loudness == pytest.approx(12, abs=1.5)
    assert first.tempo == pytest.approx(100, rel=0.02)
    assert last.tempo == pytest.approx(130, rel=0.02)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.0])
def test_short_sounds_are_one_section(seconds: float) -> None:
    sections = analysed(sounds.tone(300, seconds)).sections
    assert len(sections) == 1
    assert sections[0].duration == pytest.approx(seconds, abs=1e-3)
