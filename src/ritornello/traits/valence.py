"""How positive a track sounds.

Spotify's scale: high is happy, cheerful, euphoric; low is sad, depressed, angry.

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/valence.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "valence"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the valence of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
