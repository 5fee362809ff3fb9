"""Where an answer's numbers come from, told in headers so that the bodies stay Spotify's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ritornello.track import AudioFeatures

HEADERS = ("Ritornello-Analysis-Version", "Ritornello-Model-Version", "Ritornello-Provenance")


def headers(found: Iterable[tuple[AudioFeatures, Mapping[str, str]] | None]) -> dict[str, str]:
    """Name each version once, in order of appearance; give the provenance where all the tracks share one."""
    known = [one for one in found if one is not None]
    if not known:
        return {}
    told = {
        HEADERS[0]: ", ".join(dict.fromkeys(str(features.analysis_version) for features, _ in known)),
        HEADERS[1]: ", ".join(dict.fromkeys(features.model_version for features, _ in known)),
    }
    provenances = {json.dumps(provenance, sort_keys=True) for _, provenance in known}
    if len(provenances) == 1:
        told[HEADERS[2]] = provenances.pop()
    return told
