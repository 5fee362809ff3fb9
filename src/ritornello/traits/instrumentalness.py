"""How likely it is that a track has no vocals.

Spotify's scale: above 0.5 is meant as instrumental, surer towards 1.0; "ooh" and "aah" count as instrumental, rap and
speech as vocal. Labels lie near 0 or near 0.9.

Heard by networks that know tags and kinds of sound, and told from labelled tracks of such an outline; on the scale of
the Echo Nest labels of the Free Music Archive, CC BY 4.0. Errors and limits in ``docs/traits/instrumentalness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "instrumentalness"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the instrumentalness of a track, 0..1."""
    return heads.estimate(NAME, evidence)
