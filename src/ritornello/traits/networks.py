"""Three frozen networks that listen: what each hears in windows of three seconds.

MusiCNN (two of them, trained on tags that listeners gave), YAMNet (521 kinds of sound on AudioSet) and the event
detector of FireRedVAD (speech, singing, music). ``training/embedding.py`` made their ONNX files from the packages that
ship them; ``weights/networks.json`` says which, and their SHA-256 is checked here. ONNX Runtime is imported when the
first window is heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ritornello import weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnxruntime import InferenceSession

    from ritornello.sound.waveform import Waveform

Floats = NDArray[np.float32]

NETWORKS_VERSION = "musicnn-yamnet-aed-1"
RATE = 16000
"""Hz; what all three were trained at."""
WINDOW = 48128
"""Samples of a window: 187 frames of MusiCNN."""
MUSICNN_FRAMES, MUSICNN_BANDS = 187, 96
YAMNET_FRAMES, YAMNET_BANDS = 96, 64
YAMNET_PATCHES = 3
"""In a window."""
AED_BANDS = 80

MOST = 8
"""Windows that are heard; of more, the ones that lie most evenly."""
LEVEL = 0.1
"""Root mean square to which all windows are brought together, so that a louder copy is heard alike."""
SILENCE = 1e-5
"""Root mean square (-100 dB of full scale) below which nothing is amplified."""

WEIGHTS = Path(__file__).parent / "weights"

_FFT = 512
_SHORT, _SHORT_HOP = 400, 160
"""25 ms every 10 ms, as YAMNet and the event detector have it."""


ANSWERS = ("mtt", "msd", "yamnet", "events", "mtt_embedding", "msd_embedding", "yamnet_embedding")


@dataclass(frozen=True, slots=True)
class Heard:
    """What the networks say of ``n`` windows.

    Attributes
    ----------
    starts
        Seconds from the start of the track, shape ``(n,)``.
    sounding
        Seconds of the windows that are not silence.
    mtt, msd
        Logits of MusiCNN's 50 tags of MagnaTagATune and of the Million Song Dataset, shape ``(n, 50)``.
    yamnet
        Logits of YAMNet's 521 classes, mean of three patches, shape ``(n, 521)``.
    events
        Probabilities of speech, singing and music, mean over the window, shape ``(n, 3)``.
    mtt_embedding, msd_embedding, yamnet_embedding
        The layers before the logits, shapes ``(n, 200)``, ``(n, 200)``, ``(n, 1024)``.
    """

    starts: NDArray[np.float64]
    sounding: float
    mtt: Floats
    msd: Floats
    yamnet: Floats
    events: Floats
    mtt_embedding: Floats
    msd_embedding: Floats
    yamnet_embedding: Floats

    def means(self) -> dict[str, Floats]:
        """Of every answer over the windows, by its name."""
        return {name: getattr(self, name).mean(axis=0) for name in ANSWERS}


def hear(windows: Sequence[Waveform], starts: Sequence[float]) -> Heard:
    """Let the three networks hear a track.

    Parameters
    ----------
    windows
        Mono, three seconds each; shorter ones are repeated until they are that long.
    starts
        Seconds from the start of the track, one a window.
    """
    chosen = sorted({int(place) for place in np.linspace(0, len(windows) - 1, MOST).round()})
    samples = levelled(np.stack([_fitted(windows[i].resampled(RATE).samples) for i in chosen]))
    patches = yamnet_patches(samples)
    shape = len(samples), YAMNET_PATCHES, -1
    # One by one: its widest layer takes 25 MB a window, and a batch is not faster.
    tagged = [_tagged(patch) for patch in musicnn_patches(samples)]
    mtt, mtt_embedding, msd, msd_embedding = (np.concatenate(parts) for parts in zip(*tagged, strict=True))
    yamnet, yamnet_embedding = network("yamnet").run(None, {"patches": patches})
    events = network("aed").run(None, {"frames": aed_frames(samples)})[0]
    sounding = np.abs(samples).max(axis=1) > 0 if samples.any() else np.zeros(len(samples), bool)
    return Heard(
        starts=np.asarray(starts, float)[chosen],
        sounding=float(np.count_nonzero(sounding)) * WINDOW / RATE,
        mtt=mtt,
        msd=msd,
        yamnet=yamnet.reshape(shape).mean(axis=1),
        events=events.mean(axis=1),
        mtt_embedding=mtt_embedding,
        msd_embedding=msd_embedding,
        yamnet_embedding=yamnet_embedding.reshape(shape).mean(axis=1),
    )


def _tagged(patch: Floats) -> list[Floats]:
    """Tags and embeddings of one window, copied: an answer of ONNX Runtime keeps all memory of its run."""
    return [np.array(part) for part in network("musicnn").run(None, {"patches": patch[None]})]


def levelled(samples: Floats) -> Floats:
    """All windows of a track brought to :data:`LEVEL` by one factor, silent ones not counted."""
    power = (samples.astype(np.float64) ** 2).mean(axis=1)
    loud = power > SILENCE**2
    factor = LEVEL / float(np.sqrt(power[loud].mean())) if loud.any() else 1.0
    return samples * np.float32(factor)


def _fitted(samples: Floats) -> Floats:
    return np.resize(samples, WINDOW) if len(samples) else np.zeros(WINDOW, np.float32)


def musicnn_patches(windows: Floats) -> Floats:
    """``log10(1 + 10⁴ · mel power)``, shape ``(n, 187, 96)``; Slaney's bands, 512 samples every 256."""
    power = _power(_frames(windows, _FFT, 256, MUSICNN_FRAMES) * _hann(_FFT))
    return np.asarray(np.log10(1 + 1e4 * (power @ _slaney())), np.float32)


def yamnet_patches(windows: Floats) -> Floats:
    """``ln(mel magnitude + 0.001)``, shape ``(3 n, 96, 64)``; HTK's bands from 125 to 7500 Hz."""
    frames = YAMNET_PATCHES * YAMNET_FRAMES
    magnitude = np.sqrt(_power(_frames(windows, _SHORT, _SHORT_HOP, frames) * _hann(_SHORT)))
    mel = magnitude @ _htk(YAMNET_BANDS, 125.0, 7500.0)
    return np.asarray(np.log(mel + np.float32(1e-3)), np.float32).reshape(-1, YAMNET_FRAMES, YAMNET_BANDS)


def aed_frames(windows: Floats) -> Floats:
    """Kaldi's filter banks of 16-bit samples, shape ``(n, 298, 80)``: mean off, pre-emphasis, Povey's window."""
    frames = _frames(windows, _SHORT, _SHORT_HOP, 1 + (windows.shape[1] - _SHORT) // _SHORT_HOP) * np.float32(32768)
    frames = frames - frames.mean(axis=2, keepdims=True)
    before = np.concatenate([frames[..., :1], frames[..., :-1]], axis=2)
    povey = (_symmetric_hann(_SHORT) ** 0.85).astype(np.float32)
    power = _power((frames - np.float32(0.97) * before) * povey)
    return np.asarray(np.log(np.maximum(power @ _kaldi(), np.float32(1.1920929e-07))), np.float32)


def _frames(windows: Floats, length: int, hop: int, count: int) -> Floats:
    return np.lib.stride_tricks.sliding_window_view(windows, length, axis=1)[:, ::hop][:, :count]


def _power(frames: Floats) -> Floats:
    spectrum = np.fft.rfft(frames, _FFT, norm="ortho")  # without a norm NumPy computes in float64
    return np.asarray((spectrum.real**2 + spectrum.imag**2) * np.float32(_FFT), np.float32)


@cache
def _hann(length: int) -> Floats:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


def _symmetric_hann(length: int) -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / (length - 1))


@cache
def _slaney() -> Floats:
    """Triangles of equal area on Slaney's scale, 0 to 8 kHz; shape ``(257, 96)``."""
    octaves = np.log(6.4) / 27
    top = 15 + np.log(RATE / 2 / 1000) / octaves
    mel = np.linspace(0, top, MUSICNN_BANDS + 2)
    edges = np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(octaves * (mel - 15)))
    bins = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    return np.asarray(_triangles(bins, edges) * 2 / (edges[2:] - edges[:-2]), np.float32)


@cache
def _htk(bands: int, low: float, high: float) -> Floats:
    """Triangles of equal height on the scale ``1127 ln(1 + f / 700)``, in which they are straight; no constant part."""
    edges = np.linspace(_mel(low), _mel(high), bands + 2)
    mel = _triangles(_mel(np.linspace(0, RATE / 2, _FFT // 2 + 1)), edges)
    mel[0] = 0
    return mel.astype(np.float32)


@cache
def _kaldi() -> Floats:
    """80 bands from 20 Hz to 8 kHz; the bin at half the rate belongs to none."""
    mel = _htk(AED_BANDS, 20.0, RATE / 2).copy()
    mel[-1] = 0
    return mel


def _mel(frequency: Any) -> Any:
    return 1127 * np.log1p(np.asarray(frequency) / 700)


def _triangles(bins: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    rising = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rising, falling))


@cache
def network(name: str, folder: Path = WEIGHTS) -> InferenceSession:
    """One of ``musicnn``, ``yamnet`` and ``aed``, ready to run on one thread.

    Raises
    ------
    BadWeights
        If a file is missing or is not the one of networks.json, or ONNX Runtime is not installed.
    """
    return weights.session(weights.checked(folder / f"{name}.onnx", card(folder)["networks"][name]["sha256"]))


@cache
def card(folder: Path = WEIGHTS) -> dict[str, Any]:
    """What networks.json says: labels, sources, hashes."""
    return weights.card(folder / "networks.json")
