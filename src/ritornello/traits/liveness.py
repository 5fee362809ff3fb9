"""How likely it is that an audience is heard.

Spotify's scale: above 0.8 a live recording is strongly likely; studio recordings lie near 0.1.

Heard by networks that know tags and kinds of sound, and told from labelled tracks of such an outline; on the scale of
the Echo Nest labels of the Free Music Archive, CC BY 4.0. Errors and limits in ``docs/traits/liveness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "liveness"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the liveness of a track, 0..1."""
    return heads.estimate(NAME, evidence)
