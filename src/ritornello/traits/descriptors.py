"""What the heads see of a sound: statistics of its mel-frequency cepstrum, as the Free Music Archive data set has them.

The steps and their constants are those of FMA's published features (Defferrard et al., "FMA: A Dataset For Music
Analysis", ISMIR 2017), which were computed with the librosa of 2017: centred frames with reflected edges, 128 Slaney
mel bands up to half the rate, an 80 dB range below the loudest band, an orthonormal DCT-II.

FMA also has minimum, skewness and kurtosis. They are left out: its clips were cut out of MP3 files without decoding,
so nearly all begin with a frame of silence that no listener's file has, and these three hang on single frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from ritornello.sound.quantiles import median
from ritornello.sound.waveform import Waveform

RATE = 44100
"""Hz; the mel bands reach to half of it, so sound at another rate is resampled first."""
SECONDS = 30.0
"""The excerpt that FMA's statistics describe."""
STATISTICS = ("max", "mean", "median", "std")
COEFFICIENTS = 20

_FRAME = 2048
_HOP = 512
_BANDS = 128
_FLOOR = 1e-10
_RANGE = 80.0
_GATE = 10 ** (-70 / 10)
_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The outline of one excerpt.

    Attributes
    ----------
    values
        Shape ``(80,)``: :data:`STATISTICS` × 20 coefficients, statistic by statistic; dB times the DCT's scale.
    sounding
        Seconds of the excerpt that are louder than −70 dB of full scale (the absolute gate of ITU-R BS.1770) above
        40 Hz, so that neither digital silence nor a constant offset counts as sound.
    """

    values: NDArray[np.float32]
    sounding: float


def describe(excerpt: Waveform) -> Descriptors:
    """Describe the middle of a track.

    Parameters
    ----------
    excerpt
        Mono at any rate, the middle 30 s of the track or all of it when it is shorter.

    Raises
    ------
    ValueError
        If the excerpt has several channels.
    """
    samples = excerpt.samples
    if samples.ndim != 1:
        raise ValueError(f"the traits were given sound of shape {samples.shape} and expect mono: average the channels")
    if excerpt.rate != RATE:
        samples = soxr.resample(samples, excerpt.rate, RATE)
    cepstrum, sounding = _cepstrum(samples)
    values = np.concatenate([cepstrum.max(axis=0), cepstrum.mean(axis=0), median(cepstrum), cepstrum.std(axis=0)])
    return Descriptors(values.astype(np.float32), min(sounding, excerpt.duration))


def _cepstrum(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Give the 20 coefficients of each frame, shape ``(frames, 20)``, and the seconds that sound."""
    samples = np.pad(samples.astype(np.float32, copy=False), (0, max(0, _FRAME - len(samples))))
    padded = np.pad(samples, _FRAME // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    window, bands, dct = _window() * np.float32(np.sqrt(_FRAME)), _mel(), _dct()
    # Sound of mean square g puts g · N² · 3/16 into one half of its spectrum: 3/8 is the Hann window's mean square.
    gate = _GATE * _FRAME**2 * 3 / 16
    levels = np.empty((len(frames), _BANDS), np.float32)
    sounding = 0
    for first in range(0, len(frames), _BLOCK):
        # Without a norm NumPy computes in float64, which takes twice as long.
        spectrum = np.fft.rfft(frames[first : first + _BLOCK] * window, norm="ortho")
        power = spectrum.real**2 + spectrum.imag**2
        levels[first : first + _BLOCK] = 10 * np.log10(np.maximum(power @ bands, _FLOOR))
        sounding += int(np.count_nonzero(power[:, 2:].sum(axis=1) > gate))
    np.maximum(levels, levels.max() - _RANGE, out=levels)
    return levels @ dct, sounding * _HOP / RATE


@cache
def _window() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)


@cache
def _mel() -> NDArray[np.float32]:
    """Triangles of equal area on Slaney's scale, linear below 1 kHz and logarithmic above; shape ``(1025, 128)``."""
    linear, octaves = 200 / 3, np.log(6.4) / 27
    top = 15 + np.log(RATE / 2 / 1000) / octaves
    mel = np.linspace(0, top, _BANDS + 2)
    edges = np.where(mel < 15, mel * linear, 1000 * np.exp(octaves * (mel - 15)))
    bins = np.linspace(0, RATE / 2, _FRAME // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins) / np.diff(edges)[1:]
    triangles = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])
    return np.ascontiguousarray(triangles, np.float32)


@cache
def _dct() -> NDArray[np.float32]:
    """DCT-II with orthonormal rows, the first 20 of 128; shape ``(128, 20)``."""
    band = (np.arange(_BANDS)[:, None] + 0.5) * np.pi / _BANDS
    basis = np.cos(band * np.arange(COEFFICIENTS)) * np.sqrt(2 / _BANDS)
    basis[:, 0] /= np.sqrt(2)
    return np.ascontiguousarray(basis, np.float32)
