"""How well a track suits dancing.

Spotify's scale: 0.0 least, 1.0 most danceable, from tempo, rhythm stability, beat strength and regularity. These
descriptors see no rhythm, only the timbre that goes with it.

Heard by networks that know tags and kinds of sound, and told from labelled tracks of such an outline; on the scale of
the Echo Nest labels of the Free Music Archive, CC BY 4.0. Errors and limits in ``docs/traits/danceability.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "danceability"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the danceability of a track, 0..1."""
    return heads.estimate(NAME, evidence)
