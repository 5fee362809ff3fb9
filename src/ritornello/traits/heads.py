"""From what the witnesses say of a track to a value in 0..1 and how far to trust it: the arithmetic that the traits
share.

A head adds up evidence (tags, classes, events, what labelled tracks of such an outline had; for energy also how loud
the track is and how much starts in it) to a leaning, reads the
value off a table that has the distribution of the labels, and moves it towards a second value as far as a state such
as "people talk" or "a crowd is heard" is likely. ``training/heads.py`` makes the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ritornello import weights
from ritornello.traits import cepstral
from ritornello.traits.descriptors import SECONDS, Descriptors
from ritornello.traits.networks import Heard

MODEL_VERSION = "heard-7"
"""Names the weights that spoke; raised whenever they change."""
NAMES = ("acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness", "valence")

TOLERANCE = 0.15
"""An estimate this close to its label counts as a hit."""
CLIP = 3.0
"""Standard deviations beyond which evidence is taken for the edge."""
FAR = 10.0
"""The same for loudness, which is measured and not guessed: about -57 LUFS."""
TAGS = 50 + 50 + 521
EMBEDDED = 1024 + 200 + 200
STILL = 0.25
"""Activity below which nothing is taken to start, dB a second."""
_DOUBT = 5
_TAGGED = ("mtt", "msd", "yamnet")
_EMBEDDED = ("yamnet_embedding", "mtt_embedding", "msd_embedding")

_WEIGHTS = Path(__file__).parent / "weights" / f"{MODEL_VERSION}.npz"

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a head says of one track."""

    value: float
    """0..1, on the scale of the trait."""
    confidence: float
    """0..1: how likely the value is within 0.15 of the label, as far as that is known; see :func:`estimate`."""


@dataclass(frozen=True, slots=True)
class Head:
    """One trait's part of the weights."""

    leaning: Array
    """Weights of the evidence, shape ``(evidence,)``; the leaning is a normal score among all music."""
    grid: Array
    """Leanings for which the tables stand, rising."""
    values: Array
    hits: Array
    """How likely each value is within :data:`TOLERANCE` of the label."""
    state: Array
    """Weights of the evidence for a state, then a constant: the logit of how likely it is; all 0 where there is
    none."""
    state_value: float
    """What tracks in that state are given."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All seven heads."""

    centre: Array
    scale: Array
    remoteness: Array
    """Of the sounds of the corpus, shape ``(sounds,)``."""
    heads: Mapping[str, Head]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all witnesses say of one track."""

    values: Array
    """In standard deviations of the corpus, clipped to ±3, loudness to ±10."""
    trust: float
    """0..1: how likely anything of speech, singing and music is heard, times the share of 30 seconds that sounds, times
    ``n / (n + 5)``, where ``n`` sounds of the corpus were at least as far from its middle."""


def gather(heard: Heard, statistics: Descriptors, loudness: float, activity: float) -> Evidence:
    """What the networks heard, what labelled tracks of this outline had, loudness (LUFS) and activity (dB a
    second), on one scale.
    """
    weights = load()
    outline = np.array([cepstral.estimate(name, statistics) for name in NAMES])
    said = heard.means()
    values = row(said, outline, loudness, activity)
    standard = (values - weights.centre) / weights.scale
    beyond = np.count_nonzero(weights.remoteness >= remoteness(standard))
    something = 1 - float(np.prod(1 - said["events"].astype(np.float64)))
    trust = something * beyond / (beyond + _DOUBT) * min(1.0, statistics.sounding / SECONDS)
    return Evidence(clipped(standard), float(trust))


def row(
    said: Mapping[str, NDArray[np.floating]], outline: NDArray[np.floating], loudness: float, activity: float
) -> Array:
    """What the networks said on average, by the names of their answers: 621 logits of tags and classes, four of events;
    seven estimates from the outline; the embeddings of YAMNet and of both MusiCNN; loudness in LUFS, octaves of the
    activity.

    The fourth event is a voice, be it speaking or singing.
    """
    speech, singing, music = np.asarray(said["events"], float)
    heard = np.array([speech, singing, music, 1 - (1 - speech) * (1 - singing)])
    logits = np.log((heard + 0.005) / (1.005 - heard))
    measured = np.array([loudness, np.log2(max(activity, STILL))])
    tags, embeddings = ([said[name] for name in names] for names in (_TAGGED, _EMBEDDED))
    return np.concatenate([*tags, logits, outline, *embeddings, measured]).astype(np.float64)


def clipped(standard: Array) -> Array:
    """Evidence of one track, or of many row by row, without what is too far out to be believed."""
    kept = np.clip(standard, -CLIP, CLIP)
    kept[..., -2] = np.clip(standard[..., -2], -FAR, FAR)
    return np.asarray(kept)


def estimate(name: str, evidence: Evidence) -> Estimate:
    """Value and confidence of the trait called ``name``.

    The confidence is what the table promises, or what is known of the state where that is likelier, times the trust
    that the evidence deserves.
    """
    head = load().heads[name]
    leaning = float(head.leaning @ evidence.values)
    graded, promised = (float(np.interp(leaning, head.grid, table)) for table in (head.values, head.hits))
    likely = state(head, evidence.values)
    value = likely * head.state_value + (1 - likely) * graded
    # Between two states the value is near neither label.
    promised *= max(likely, 1 - likely)
    return Estimate(float(np.clip(value, 0, 1)), promised * evidence.trust)


def state(head: Head, clipped: Array) -> float:
    """How likely the head's state is, 0..1."""
    if not head.state.any():
        return 0.0
    return float(1 / (1 + np.exp(-np.clip(head.state[:-1] @ clipped + head.state[-1], -30, 30))))


def remoteness(standard: Array) -> float:
    """Mean square of the standardised logits of tags and classes: 1 on average in the corpus."""
    return float((standard[:TAGS] ** 2).mean())


@cache
def load(path: Path = _WEIGHTS) -> Weights:
    """Read the weights beside the card that carries their SHA-256.

    Raises
    ------
    BadWeights
        If either file is missing or the weights are not those of the card.
    """
    with np.load(BytesIO(weights.read(path)), allow_pickle=False) as arrays:
        heads = {
            str(name): Head(
                leaning=arrays["leanings"][i].astype(np.float64),
                grid=arrays["grids"][i],
                values=arrays["values"][i],
                hits=arrays["hits"][i],
                state=arrays["states"][i].astype(np.float64),
                state_value=float(arrays["state_values"][i]),
            )
            for i, name in enumerate(arrays["names"])
        }
        centre, scale, remote = (arrays[key].astype(np.float64) for key in ("centre", "scale", "remoteness"))
    return Weights(centre, scale, remote, heads)
