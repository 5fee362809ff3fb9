"""How much of a track is spoken word.

Spotify's scale: above 0.66 probably speech alone, 0.33 to 0.66 music and speech (rap), below 0.33 music.

Trained on the Echo Nest labels of 471 Free Music Archive tracks (rock, punk, metal, hip-hop), CC BY 4.0; errors and
limits in ``docs/traits/speechiness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

NAME = "speechiness"


def estimate(statistics: Descriptors) -> heads.Estimate:
    """Estimate the speechiness of a track, 0..1, from its outline."""
    return heads.estimate(NAME, statistics)
