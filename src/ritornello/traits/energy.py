"""How intense and active a track is felt to be.

Spotify's scale: 0.0 calm (a Bach prelude), 1.0 fast, loud and noisy (death metal).

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/energy.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "energy"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the energy of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
