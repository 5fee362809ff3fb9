"""How much of a track is spoken word.

Spotify's scale: above 0.66 probably speech alone, 0.33 to 0.66 music and speech (rap), below 0.33 music.

Heard by networks that know tags and kinds of sound, and told from labelled tracks of such an outline; on the scale of
the Echo Nest labels of the Free Music Archive, CC BY 4.0. Errors and limits in ``docs/traits/speechiness.md``.
"""

from __future__ import annotations

from ritornello.traits import heads

NAME = "speechiness"


def estimate(evidence: heads.Evidence) -> heads.Estimate:
    """Estimate the speechiness of a track, 0..1."""
    return heads.estimate(NAME, evidence)
