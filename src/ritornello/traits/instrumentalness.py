"""How likely it is that a track has no vocals.

Spotify's scale: above 0.5 is meant as instrumental, surer towards 1.0; "ooh" and "aah" count as instrumental, rap and
speech as vocal. Labels lie near 0 or near 0.9.

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/instrumentalness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "instrumentalness"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the instrumentalness of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
