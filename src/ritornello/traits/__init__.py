"""The seven learned attributes of a track, each 0..1 and each with how far to trust it; and its embedding.

One file a trait, all with the same two names: ``NAME`` and ``estimate(evidence)``.
"""

from __future__ import annotations

from ritornello.sound.waveform import Waveform
from ritornello.traits import (
    acousticness,
    danceability,
    energy,
    instrumentalness,
    liveness,
    speechiness,
    valence,
)
from ritornello.traits.descriptors import describe
from ritornello.traits.heads import MODEL_VERSION, Estimate, gather
from ritornello.traits.networks import Heard

__all__ = ["MODEL_VERSION", "TRAITS", "Estimate", "estimate"]

TRAITS = (acousticness, danceability, energy, instrumentalness, liveness, speechiness, valence)


def estimate(excerpt: Waveform, heard: Heard, loudness: float, activity: float) -> dict[str, Estimate]:
    """Estimate all seven traits of a track, by name.

    Parameters
    ----------
    excerpt
        Mono at any rate, the middle 30 s of the track or all of it when it is shorter.
    heard
        What :func:`ritornello.traits.networks.hear` gave for windows from all over it.
    loudness
        Integrated loudness of the whole track, LUFS (:mod:`ritornello.sound.loudness`).
    activity
        How much starts, dB a second (:func:`ritornello.sound.onsets.activity`).
    """
    evidence = gather(heard, describe(excerpt), loudness, activity)
    return {trait.NAME: trait.estimate(evidence) for trait in TRAITS}
