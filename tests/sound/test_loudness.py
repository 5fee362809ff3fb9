"""Loudness against the standard's own anchors and against pyloudnorm."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from ritornello.sound import loudness
from ritornello.sound.waveform import Samples, Waveform
from tests import sounds
from tests.heard import analysed


def reference(samples: Samples, rate: int = sounds.RATE) -> float:
    return float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64)))


def test_a_full_scale_sine_in_one_channel_reads_minus_three() -> None:
    # BS.1770-4, annex 1: 0 dBFS at 997 Hz in one front channel reads -3.01 LKFS.
    tone = sounds.tone(997, 10, level=-0.01)
    assert analysed(tone).loudness == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize("level", [-6.0, -18.0, -30.0, -45.0])
def test_a_level_step_in_is_the_same_step_out(level: float) -> None:
    assert analysed(sounds.tone(997, 6, level=level)).loudness == pytest.approx(level - 3.01, abs=0.1)


@pytest.mark.parametrize("rate", [11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 192000])
def test_white_noise_agrees_with_the_k_curve_at_every_rate(rate: int) -> None:
    samples = sounds.noise(8, -20.0, rate=rate)
    power = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2 * 2 / len(samples) ** 2
    weighted = power @ loudness.k_weights(np.linspace(0, rate / 2, len(power)))
    truth = -0.691 + 10 * np.log10(weighted)
    assert analysed(Waveform(samples, rate)).loudness == pytest.approx(truth, abs=0.05)


def test_short_clicks_are_gated_as_the_standard_gates_them() -> None:
    clicks = sounds.clicks(97, 12)
    assert analysed(clicks).loudness == pytest.approx(reference(clicks), abs=0.15)


def test_stereo_counts_the_side_signal() -> None:
    left, right = sounds.noise(8, -20.0, seed=1), sounds.noise(8, -20.0, seed=2)
    both = np.stack([left, right], axis=1)
    assert analysed(Waveform(both, sounds.RATE)).loudness == pytest.approx(reference(both), abs=0.2)
    opposite = np.stack([left, -left], axis=1)
    assert analysed(Waveform(opposite, sounds.RATE)).loudness == pytest.approx(reference(opposite), abs=0.2)


@pytest.mark.parametrize("frequency", [40, 60, 100, 300, 1000, 2000, 3500, 5000, 7000, 10000, 15000, 20000])
def test_the_k_curve_holds_from_bass_to_treble(frequency: float) -> None:
    samples = sounds.tone(frequency, 6)
    gain = float(loudness.k_weights(np.array([frequency]))[0])
    truth = -0.691 + 10 * np.log10(gain * np.mean(samples.astype(np.float64) ** 2))
    # A tenth of a second of deep bass has no sharp spectrum, and the curve is steep there.
    assert analysed(samples).loudness == pytest.approx(truth, abs=0.25 if frequency < 100 else 0.12)


def test_quiet_stretches_are_gated() -> None:
    loud, quiet = sounds.tone(997, 10, -12), sounds.tone(997, 10, -50)
    samples = np.concatenate([loud, quiet])
    assert analysed(samples).loudness == pytest.approx(reference(samples), abs=0.15)


def test_silence_reads_the_bottom_of_the_scale() -> None:
    assert analysed(np.zeros(3 * sounds.RATE, np.float32)).loudness == loudness.FLOOR


def test_surround_channels_weigh_more_and_the_subwoofer_nothing() -> None:
    silence = np.zeros(6 * sounds.RATE, np.float32)
    tone = sounds.tone(997, 6)
    channels = {name: [silence] * 6 for name in ("front", "sub", "surround")}
    channels = {name: list(parts) for name, parts in channels.items()}
    channels["front"][0], channels["sub"][3], channels["surround"][4] = tone, tone, tone
    front, sub, surround = (
        analysed(Waveform(np.stack(parts, axis=1), sounds.RATE)).loudness for parts in channels.values()
    )
    assert front == pytest.approx(-15.01, abs=0.1)
    assert sub == loudness.FLOOR
    assert surround == pytest.approx(front + 10 * np.log10(1.41), abs=0.05)


def test_fades_are_found_where_they_are() -> None:
    seconds, fade_in, fade_out = 40, 4.0, 8.0
    time = np.arange(seconds * sounds.RATE) / sounds.RATE
    decibels = np.minimum(0, -50 * (1 - time / fade_in)) + np.minimum(0, -50 * (1 - (seconds - time) / fade_out))
    analysis = analysed((sounds.noise(seconds, -20) * 10 ** (decibels / 20)).astype(np.float32))
    assert analysis.end_of_fade_in == pytest.approx(fade_in, abs=0.6)
    assert analysis.start_of_fade_out == pytest.approx(seconds - fade_out, abs=0.8)


def test_steady_sound_has_no_fades() -> None:
    analysis = analysed(sounds.noise(20))
    assert analysis.end_of_fade_in == 0.0
    assert analysis.start_of_fade_out == analysis.duration


def test_leading_silence_counts_as_fade_in() -> None:
    sound = np.concatenate([np.zeros(2 * sounds.RATE, np.float32), sounds.noise(20)])
    assert analysed(sound).end_of_fade_in == pytest.approx(2.0, abs=0.5)
