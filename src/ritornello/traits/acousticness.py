"""How sure one can be that a track is acoustic.

Spotify's scale: 1.0 is high confidence that the track is acoustic, 0.0 that it is not; it is no amount of acoustic
sound. Labels pile up at both ends.

Heard by networks that know tags and kinds of sound, and told from labelled tracks of such an outline; on the scale of
the Echo Nest labels of the Free Music Archive, CC BY 4.0. Errors and limits in ``docs/traits/acousticness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "acousticness"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the acousticness of a track, 0..1."""
    return heads.estimate(NAME, evidence)
