"""Where an answer's numbers come from, told in headers so that the bodies stay Spotify's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from ritornello.track import AudioFeatures

HEADERS = ("Ritornello-Analysis-Version", "Ritornello-Model-Version", "Ritornello-Provenance")

Origin = tuple[int, str, str]
"""Analysis version, model version, provenance as JSON."""


def headers(found: Iterable[tuple[AudioFeatures, Mapping[str, str]] | None]) -> dict[str, str]:
    """Name each version once, in order of appearance; give the provenance where all the tracks share one."""
    known = [one for one in found if one is not None]
    return tell([(features.analysis_version, features.model_version, json.dumps(given)) for features, given in known])


def tell(known: Sequence[Origin]) -> dict[str, str]:
    """The same from what was read of each."""
    if not known:
        return {}
    told = {
        HEADERS[0]: ", ".join(dict.fromkeys(str(version) for version, _, _ in known)),
        HEADERS[1]: ", ".join(dict.fromkeys(version for _, version, _ in known)),
    }
    provenances = {json.dumps(json.loads(text), sort_keys=True) for text in {text for _, _, text in known}}
    if len(provenances) == 1:
        told[HEADERS[2]] = provenances.pop()
    return told
