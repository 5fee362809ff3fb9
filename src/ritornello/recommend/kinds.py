"""Genres: how likely a track is of each of the 126 seeds, by its tags, and without tags by what
networks hear and by what tagged tracks of the library sound like.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend.heard import Floats, Ints
from ritornello.spotify import genres

GENRES = {name: at for at, name in enumerate(genres.SEEDS)}

ALIASES = {
    "alternative-rock": "alt-rock",
    "bossa-nova": "bossanova",
    "dnb": "drum-and-bass",
    "drum-n-bass": "drum-and-bass",
    "electronica": "electronic",
    "hiphop": "hip-hop",
    "rap": "hip-hop",
    "rhythm-n-blues": "r-n-b",
    "rnb": "r-n-b",
    "soundtrack": "soundtracks",
    "score": "soundtracks",
    "synthpop": "synth-pop",
    "triphop": "trip-hop",
    "world": "world-music",
    "xmas": "holidays",
    "christmas": "holidays",
}
_PART = 0.7
"""Of a seed whose words a tag contains: melodic death metal is metal, and surely death metal."""
_LEAST = 3
"""Tagged tracks from which the sound of a genre is known."""
_BY_SOUND = 0.5
"""The most that sound alone says."""


def of_tag(tag: str) -> dict[str, float]:
    """The seeds that a tag, written as seeds are, speaks for."""
    tag = ALIASES.get(tag, tag)
    found = {tag: 1.0} if tag in GENRES else {}
    words = tag.split("-")
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            part = "-".join(words[start:end])
            part = ALIASES.get(part, part)
            if part in GENRES and part != tag:
                found[part] = _PART
    return found


def probabilities(
    labels: Mapping[str, Ints],
    odds: Mapping[int, Mapping[str, float]],
    vectors: Floats,
    embedded: NDArray[np.bool_],
    size: int,
) -> Floats:
    """Estimate for all tracks.

    Parameters
    ----------
    labels
        Tags, written as seeds are, and the rows under each.
    odds
        By row, what the tagging networks heard; it counts where there are no tags.
    vectors
        Embeddings of length 1, shape ``(n, d)``.
    embedded
        Which rows have one, shape ``(n,)``.

    Returns
    -------
    Shape ``(n, 126)``; several genres of one track may be likely at once, so rows need not sum to 1.
    """
    out = np.zeros((size, len(GENRES)), np.float32)
    for tag, rows in labels.items():
        for name, probability in of_tag(tag).items():
            out[rows, GENRES[name]] = np.maximum(out[rows, GENRES[name]], probability)
    tagless = np.asarray(~out.any(axis=1))
    untagged = embedded & tagless
    tagged = out.copy()
    for row, heard in odds.items():
        if tagless[row]:
            for name, probability in heard.items():
                out[row, GENRES[name]] = probability
    if not untagged.any():
        return out
    for at in range(len(GENRES)):
        members = np.flatnonzero(embedded & (tagged[:, at] >= _PART))
        if len(members) < _LEAST:
            continue
        centre = vectors[members].sum(axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-9)
        own = vectors[members] @ centre
        width = max(float(own.std()), 0.02)
        near = _BY_SOUND / (1 + np.exp(-(vectors[untagged] @ centre - np.median(own)) / width))
        out[untagged, at] = np.maximum(out[untagged, at], near)
    return out
