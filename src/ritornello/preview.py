"""The most telling half minute of a track, as an MP3.

What is loud and comes back is what people know a song by: of all half minutes that start with a section, the one is cut
that is loud and has most of its likeness elsewhere in the track. The stored analysis says which; only that half minute
is encoded.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello.sound.decode import Decoding
from ritornello.sound.downmix import mono
from ritornello.sound.encode import write
from ritornello.sound.waveform import Waveform

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SECONDS = 30
_RATE = 44_100
_BIT_RATE = 96_000
_FADE = 0.5
"""Seconds that the cut fades in and out."""


def make(source: Path, document: bytes, target: Path) -> None:
    """Cut the most telling half minute of a file and write it as an MP3.

    Parameters
    ----------
    source
        The audio file.
    document
        Its analysis, as JSON.
    target
        Ends in ``.mp3``; overwritten.
    """
    sound = cut(source, start(json.loads(document)))
    # An encoder pads a little; the clip must not be longer than half a minute.
    write(target, sound, bit_rate=_BIT_RATE)


def start(document: dict[str, Any]) -> float:
    """Where the most telling half minute starts.

    Parameters
    ----------
    document
        An analysis as it is served.

    Returns
    -------
    float
        Seconds; 0 for a track of up to half a minute.
    """
    duration = float(document["track"]["duration"])
    last = duration - SECONDS
    if last <= 0 or not document["segments"]:
        return 0.0
    candidates = sorted({float(section["start"]) for section in document["sections"] if section["start"] <= last})
    candidates = candidates or [0.0]
    loud, likeness = _by_second(document["segments"], int(duration))
    seconds = [min(int(at), len(loud) - SECONDS) for at in candidates]
    # Loudness in deviations of the track's own, so that where all is equally loud what comes back decides.
    power = np.array([loud[at : at + SECONDS].mean() for at in seconds]) / max(float(loud.std()), 1.0)
    again = np.array([_recurrence(likeness, at) for at in seconds])
    return candidates[int(np.argmax(power + again))]


def cut(source: Path, at: float) -> Waveform:
    """Read half a minute of a file, in mono or stereo at 44.1 kHz, with short fades.

    Parameters
    ----------
    source
        The audio file.
    at
        Where to start, in seconds.
    """
    kept: list[NDArray[np.float32]] = []
    passed = 0.0
    rate = _RATE
    blocks = Decoding(source).blocks()
    for block in blocks:
        rate = block.rate
        channels = block.samples if len(block.layout) <= 2 else (mono(block),)
        first = max(round((at - passed) * rate), 0)
        end = max(round((at + SECONDS - passed) * rate), 0)
        kept.append(np.stack([channel[first:end] for channel in channels], axis=1))
        passed += len(channels[0]) / rate
        if passed >= at + SECONDS:
            break
    blocks.close()  # type: ignore[attr-defined]
    sound = Waveform(np.concatenate(kept), rate).resampled(_RATE)
    # An MP3 has a silent start of up to 1,152 samples and ends with a whole frame.
    samples = sound.samples[: SECONDS * _RATE - 3 * 1152].copy()
    ramp = np.linspace(0.0, 1.0, min(round(_FADE * _RATE), len(samples)), dtype=np.float32)[:, None]
    samples[: len(ramp)] *= ramp
    samples[len(samples) - len(ramp) :] *= ramp[::-1]
    return Waveform(samples, _RATE)


def _by_second(segments: list[dict[str, Any]], length: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Loudness in dB and a unit vector of pitches and timbre for each whole second."""
    moments = np.array([segment["start"] for segment in segments])
    at = np.clip(np.searchsorted(moments, np.arange(length) + 0.5) - 1, 0, None)
    loud = np.array([segment["loudness_max"] for segment in segments])[at]
    pitches = np.array([segment["pitches"] for segment in segments])
    timbre = np.array([segment["timbre"] for segment in segments])
    vectors = np.concatenate([_centred(pitches), _centred(timbre)], axis=1)
    # A mean over neighbouring segments: single notes differ from one chorus to the next.
    smooth = np.stack(
        [np.convolve(column, np.ones(9) / 9, mode="same")[: len(segments)] for column in vectors.T], axis=1
    )
    chosen = smooth[at]
    return loud, chosen / np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), 1e-9)


def _recurrence(likeness: NDArray[np.float64], at: int) -> float:
    """How like the half minute is to the other half minute that is most like it, as a mean cosine."""
    window = likeness[at : at + SECONDS]
    others = [other for other in range(len(likeness) - SECONDS + 1) if abs(other - at) >= SECONDS // 2]
    return max((float((window * likeness[other : other + SECONDS]).sum(1).mean()) for other in others), default=0.0)


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred: NDArray[np.float64] = (values - values.mean(0)) / np.maximum(values.std(0), 1e-9)
    return centred
