"""How intense and active a track is felt to be.

Spotify's scale: 0.0 calm (a Bach prelude), 1.0 fast, loud and noisy (death metal).

Heard by networks that know tags and kinds of sound, told from labelled tracks of such an outline, and measured: louder
music, and music in which more starts, has more of it. On the scale of the Echo Nest labels of the Free Music Archive,
CC BY 4.0. Errors and limits in ``docs/traits/energy.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "energy"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the energy of a track, 0..1."""
    return heads.estimate(NAME, evidence)
