"""How likely it is that an audience is heard.

Spotify's scale: above 0.8 a live recording is strongly likely; studio recordings lie near 0.1.

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/liveness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "liveness"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the liveness of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
