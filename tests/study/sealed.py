"""Sealed files as the donation page makes them, made by the same standard in Python."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from joserfc import jwe
from joserfc.jwk import ECKey

from ritornello.study import donations
from ritornello.study.folder import Study
from tests.histories import exports
from tests.study import made


def row(ts: str, title: str = "Crying", **changes: Any) -> dict[str, Any]:
    """A row of the extended history with the keys that are given."""
    whole = exports.new(ts, title)
    return {name: whole[name] for name in donations.KEPT["spotify_extended"]} | changes


def statement(study: Study, code: str, **changes: Any) -> dict[str, Any]:
    return {
        "format": donations.FORMAT,
        "study": study.settings.id,
        "form": study.form,
        "code": code,
        "scopes": made.ALL,
        "agreed_at": "2024-07-01T10:00:00Z",
        "left_out": {},
        **changes,
    }


def public(study: Study) -> ECKey:
    """What the page knows of the key."""
    return ECKey.import_key(dict(donations.key(study).as_dict(private=False)))


def seal(key: ECKey, content: bytes, kid: str | None = None) -> str:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid or key.thumbprint(), "cty": "application/gzip"}
    return jwe.encrypt_compact(header, content, key, algorithms=donations.ALGORITHMS)


def write(path: Path, study: Study, told: dict[str, Any], rows: list[Any], key: ECKey | None = None) -> Path:
    """A whole sealed file."""
    content = gzip.compress(json.dumps({"statement": told, "spotify_extended": rows}).encode())
    path.write_text(seal(key or public(study), content), encoding="ascii")
    return path
