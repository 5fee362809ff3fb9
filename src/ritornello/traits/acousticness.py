"""How sure one can be that a track is acoustic.

Spotify's scale: 1.0 is high confidence that the track is acoustic, 0.0 that it is not; it is no amount of acoustic
sound. Labels pile up at both ends.

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/acousticness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "acousticness"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the acousticness of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
