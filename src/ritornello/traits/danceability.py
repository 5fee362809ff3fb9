"""How well a track suits dancing.

Spotify's scale: 0.0 least, 1.0 most danceable, from tempo, rhythm stability, beat strength and regularity. These
descriptors see no rhythm, only the timbre that goes with it.

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/danceability.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "danceability"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the danceability of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
