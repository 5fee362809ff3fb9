"""How likely a track is of each genre that Spotify took as a seed, by the answers of the tagging networks.

Each network answers for every label apart, between 0 and 1, as often as people gave that label to what sounds so:
listeners of MagnaTagATune and of Last.fm for MusiCNN, annotators of AudioSet for YAMNet. Where several labels mean a
genre, the most confident counts. Genres that no label means (``swedish``, ``anime``) are never heard here.
"""

from __future__ import annotations

import json

import numpy as np

from ritornello.spotify import genres
from ritornello.traits.networks import NETWORKS_VERSION, WEIGHTS, Heard

GENRES_VERSION = NETWORKS_VERSION

LEAST = 0.02
"""Less likely genres are not told."""

_SAME = {
    "a capella": None,
    "alternative rock": "alt-rock",
    "ambient music": "ambient",
    "chill": "chill",
    "chillout": "chill",
    "christmas music": "holidays",
    "classical music": "classical",
    "dance music": "dance",
    "electronic dance music": "edm",
    "electronic music": "electronic",
    "electronica": "electronic",
    "folk music": "folk",
    "gospel music": "gospel",
    "happy music": "happy",
    "hip hop music": "hip-hop",
    "house music": "house",
    "independent music": "indie",
    "indian": "indian",
    "indie rock": "indie",
    "lullaby": "sleep",
    "music for children": "children",
    "music of bollywood": "indian",
    "music of latin america": "latin",
    "new age": "new-age",
    "new-age music": "new-age",
    "pop music": "pop",
    "psychedelic rock": "psych-rock",
    "rhythm and blues": "r-n-b",
    "rnb": "r-n-b",
    "rock and roll": "rock-n-roll",
    "rock music": "rock",
    "sad music": "sad",
    "salsa music": "salsa",
    "soul music": "soul",
    "soundtrack music": "soundtracks",
    "trance music": "trance",
    "music of africa": "world-music",
    "traditional music": "world-music",
}


def seed(label: str) -> str | None:
    """The seed that a network's label means, if any."""
    lower = label.casefold()
    if lower in _SAME:
        return _SAME[lower]
    name = genres.normal(lower)
    return name if name in genres.SEEDS else None


def estimate(heard: Heard) -> dict[str, float]:
    """Estimate the likely genres of a track, 0..1 each, from :data:`LEAST` up; several at once may be likely."""
    labels = json.loads((WEIGHTS / "networks.json").read_text(encoding="utf-8"))["labels"]
    found: dict[str, float] = {}
    for network, logits in (("mtt", heard.mtt), ("msd", heard.msd), ("yamnet", heard.yamnet)):
        odds = (1 / (1 + np.exp(-logits.astype(np.float64)))).mean(axis=0)
        for label, probability in zip(labels[network], odds, strict=True):
            name = seed(label)
            if name is not None and probability >= LEAST:
                found[name] = max(found.get(name, 0.0), round(float(probability), 4))
    return found
