"""Segments, and the twelve pitches and twelve timbre coefficients of each.

Spotify never published the basis of its timbre coefficients, only what the first four mean. Ours is the cosine basis on
the segment's spectro-temporal surface (40 mel bands × 8 slices of time), which has the same meanings and is orthogonal,
so that Euclidean distance between coefficients is distance between surfaces.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ritornello.sound import onsets
from ritornello.sound.pitch import PITCH_RATE
from ritornello.sound.rows import slice_means
from ritornello.sound.spectrum import BANDS, FINE_RATE
from ritornello.track import Segment

Floats = NDArray[np.float32]

SLICES = 8
"""Slices of time in the surface of a segment."""
SURFACE_FLOOR = -76.0
"""dB below which a band counts as silent: the scale's floor of -60 dB, spread over 40 bands."""
SHORTEST = 0.08
"""Seconds between onsets."""
LONGEST = 2.0
"""Seconds after which a weaker onset is accepted as well."""
CLEAR_ONSET = 0.6
"""Onset strength (in standard deviations over its running mean) that starts a segment."""
_CHUNK = 1024
"""Segments described at once, which keeps memory flat for long tracks."""
_DELAY = 1
"""Frames by which the peak of the flux lags behind the onset."""

BASIS = (
    # (cosine over the bands, cosine over time, sign)
    (0, 0, 1),  # average level
    (1, 0, -1),  # brightness: high bands over low
    (2, 0, 1),  # flatness: both ends as loud as the middle
    (0, 1, 1),  # attack: the start louder than the rest
    (3, 0, -1),
    (1, 1, -1),
    (4, 0, 1),
    (2, 1, 1),
    (0, 2, 1),
    (5, 0, -1),
    (3, 1, -1),
    (6, 0, 1),
)
CENTRE = np.array([0.0, -130.0, 45.0, 45.0, -20.0, 15.0, 10.0, 5.0, 5.0, -10.0, 0.0, 5.0])
"""What music tends to have, taken off so that coefficients are roughly centred on 0: rounded means over 35 pieces of
all styles that we composed. The level is left as it is."""


def segments(
    strength: Floats, bands: Floats, level: Floats, chroma: Floats, noise: Floats, duration: float
) -> tuple[Segment, ...]:
    """Cut a track at its onsets and describe each piece.

    Parameters
    ----------
    strength
        Onset strength, shape ``(frames,)``.
    bands
        Mel bands in dB, shape ``(frames, 40)``.
    level
        dB, shape ``(frames,)``.
    chroma, noise
        Shapes ``(m, 12)`` and ``(m,)``, :data:`~ritornello.sound.pitch.PITCH_RATE` frames a second.
    duration
        Seconds.

    Returns
    -------
    Segments that tile the track.
    """
    frames, sharpness = boundaries(strength)
    starts = np.append(frames / FINE_RATE, duration)
    keep = np.flatnonzero(np.append(np.diff(starts) > SHORTEST / 2, True))
    starts, sharpness, frames = starts[keep], sharpness[keep[:-1]], frames[keep[:-1]]
    colours = timbres(bands, starts)
    notes = pitches(chroma, noise, starts)
    onset_levels = np.append(level[np.minimum(frames, len(level) - 1)], level[-1])
    described = []
    for i, (start, end) in enumerate(pairwise(starts)):
        first = int(frames[i])
        last = max(min(int(np.ceil(end * FINE_RATE)), len(level)), first + 1)
        loudest = int(level[first:last].argmax())
        described.append(
            Segment(
                start=float(start),
                duration=float(end - start),
                confidence=float(sharpness[i]),
                loudness_start=float(onset_levels[i]),
                loudness_max=float(level[first + loudest]),
                loudness_max_time=float(min(loudest / FINE_RATE, end - start)),
                loudness_end=float(onset_levels[i + 1]),
                pitches=tuple(notes[i].tolist()),
                timbre=tuple(colours[i].tolist()),
            )
        )
    return tuple(described)


def boundaries(strength: Floats) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Frames at which segments start, the first being 0, and how clear each onset is (0..1; 1 for the first)."""
    apart = int(SHORTEST * FINE_RATE)
    clear = onsets.peaks(strength, CLEAR_ONSET, apart)
    edges = np.concatenate([[0], clear, [len(strength)]])
    weak = onsets.peaks(strength, 0.05, int(LONGEST / 2 * FINE_RATE))
    gap_after = np.diff(edges)[np.searchsorted(edges, weak, "right") - 1]
    frames = np.union1d(clear, weak[gap_after > LONGEST * FINE_RATE])
    sharpness = strength[frames] / (strength[frames] + 1.0)
    frames = np.maximum(frames - _DELAY, 0)
    inside = frames > apart
    return np.append(0, frames[inside]).astype(np.intp), np.append(1.0, sharpness[inside])


def timbres(bands: NDArray[np.floating], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twelve coefficients for each stretch between two edges.

    Parameters
    ----------
    bands
        dB, shape ``(frames, 40)``.
    edges
        Seconds, shape ``(n + 1,)``, ascending.

    Returns
    -------
    Shape ``(n, 12)``. The first is the mean level over that floor; the others are dB times the norm of a cosine
    pattern, less :data:`CENTRE`, and do not change with level, as long as nothing sinks below the floor.
    """
    share = np.arange(SLICES + 1) / SLICES
    cuts = edges[:-1, None] + share * np.diff(edges)[:, None]
    patterns = np.stack([sign * np.outer(_cosine(SLICES, time), _cosine(BANDS, band)) for band, time, sign in BASIS])
    coefficients = np.empty((len(cuts), len(BASIS)))
    for start in range(0, len(cuts), _CHUNK):
        piece = slice(start, start + _CHUNK)
        surface = slice_means(bands, cuts[piece] * FINE_RATE + 0.5, SURFACE_FLOOR) - SURFACE_FLOOR
        coefficients[piece] = surface.reshape(len(surface), -1) @ patterns.reshape(len(BASIS), -1).T
    coefficients[:, 0] /= np.sqrt(SLICES * BANDS)
    return np.asarray(coefficients - CENTRE)


def pitches(chroma: Floats, noise: Floats, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Relative dominance of each pitch class between two edges.

    Returns
    -------
    Shape ``(n, 12)``, each row with maximum 1: one class near 1 for a pure tone, all near 1 for noise and silence.
    """
    cuts = np.stack([edges[:-1], edges[1:]], axis=1) * PITCH_RATE + 0.5
    content = slice_means(chroma + noise[:, None], cuts)[:, 0]
    top = content.max(axis=1, keepdims=True)
    silent = top[:, 0] <= 1e-7
    content[silent], top[silent] = 1.0, 1.0
    return np.asarray(content / top)


def _cosine(size: int, order: int) -> NDArray[np.float64]:
    """Row ``order`` of the orthonormal DCT-II."""
    wave = np.cos(np.pi * order * (np.arange(size) + 0.5) / size)
    return np.asarray(wave / np.linalg.norm(wave))
