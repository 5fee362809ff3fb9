"""Compares the OpenAPI description that the server gives of itself with one of Spotify's API.

    uv run --with pyyaml python -m bench.contract openapi-2024-10.yaml

Prints every operation, parameter and status of the file that the server lacks, and what it has beside.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from ritornello.library import Library
from ritornello.server.app import create_app

VERBS = ("get", "put", "post", "delete")
NOT_HERE = "nothing to compare with: give an OpenAPI file of Spotify's API, as YAML or JSON"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="OpenAPI, YAML or JSON")
    path = parser.parse_args().file
    if not path.is_file():
        sys.exit(NOT_HERE)
    theirs, ours = read(path), described()
    wanted, served = operations(theirs, ""), operations(ours, "/v1")
    print(f"{len(wanted)} operations in {path.name}, {len(wanted.keys() & served.keys())} of them described here")
    for name in sorted(wanted.keys() - served.keys()):
        print(f"missing: {name}")
    for name in sorted(served.keys() - wanted.keys()):
        print(f"besides: {name}")
    for name in sorted(wanted.keys() & served.keys()):
        compare(name, wanted[name], served[name], theirs, ours)


def read(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return dict(json.loads(text))
    import yaml

    return dict(yaml.safe_load(text))


def described() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library.sqlite") as library:
        return create_app(library).openapi()


def operations(document: dict[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    return {
        f"{verb.upper()} {path.removeprefix(prefix)}": {**item[verb], "shared": item.get("parameters", [])}
        for path, item in document["paths"].items()
        if path.startswith(prefix)
        for verb in VERBS
        if verb in item
    }


def compare(name: str, theirs: dict[str, Any], ours: dict[str, Any], them: dict[str, Any], us: dict[str, Any]) -> None:
    for kind, wanted, has in (
        ("parameters", parameters(theirs, them), parameters(ours, us)),
        ("statuses", set(theirs["responses"]), set(ours["responses"]) - {"400", "404", "default"}),
        ("keys", keys(theirs, them), keys(ours, us)),
        ("scopes", scopes(theirs), scopes(ours)),
    ):
        lacks, adds = wanted - has, has - wanted
        # Where the file leaves the body open there is nothing to compare.
        if lacks or (adds and (kind != "keys" or wanted)):
            print(f"{name}: {kind} lacking {sorted(lacks)}, besides {sorted(adds)}")


def parameters(operation: dict[str, Any], document: dict[str, Any]) -> set[str]:
    listed = [*operation.get("parameters", []), *operation["shared"]]
    return {resolved(one, document)["name"] for one in listed}


def keys(operation: dict[str, Any], document: dict[str, Any]) -> set[str]:
    """The keys of the body of the answer."""
    answer: dict[str, Any] = next((body for status, body in sorted(operation["responses"].items()) if status < "3"), {})
    content = resolved(answer, document).get("content", {}).get("application/json", {})
    return properties(content.get("schema", {}), document)


def properties(schema: dict[str, Any], document: dict[str, Any]) -> set[str]:
    schema = resolved(schema, document)
    found = set(schema.get("properties", {}))
    for part in (*schema.get("allOf", []), *schema.get("anyOf", []), *schema.get("oneOf", [])):
        found |= properties(part, document)
    return found


def scopes(operation: dict[str, Any]) -> set[str]:
    return {scope for one in operation.get("security", []) for named in one.values() for scope in named}


def resolved(thing: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        found: Any = document
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing


if __name__ == "__main__":
    main()
