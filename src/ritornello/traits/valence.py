"""How positive a track sounds.

Spotify's scale: high is happy, cheerful, euphoric; low is sad, depressed, angry.

Heard by networks that know tags and kinds of sound, and told from labelled tracks of such an outline; on the scale of
the Echo Nest labels of the Free Music Archive, CC BY 4.0. Errors and limits in ``docs/traits/valence.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "valence"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the valence of a track, 0..1."""
    return heads.estimate(NAME, evidence)
