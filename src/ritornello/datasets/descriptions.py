"""What stands beside the tables: a card for people, Croissant and Frictionless for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ritornello.croissant import CONTEXT
from ritornello.datasets.splits import SHARES
from ritornello.datasets.tables import TABLES
from ritornello.rights import url

CARD, CROISSANT, PACKAGE = "README.md", "croissant.json", "datapackage.json"

_TITLE = "Audio features, computed by Ritornello"


def write(folder: Path, about: dict[str, Any], tables: Sequence[dict[str, Any]]) -> None:
    """All three, for tables that are written."""
    name = _name(folder)
    (folder / CARD).write_text(_card(name, about), encoding="utf-8")
    for path, content in ((CROISSANT, _croissant(name, about, tables)), (PACKAGE, _package(name, about, tables))):
        (folder / path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def licence(about: dict[str, Any]) -> str | None:
    """The public licence under which all rows can be handed on; None where there is none.

    No condition: CC0. Attribution alone: CC BY 4.0. More: if all rows that ask for more are under one licence, that.
    """
    told = about["permits"].get("share-rows")
    if told is None or told["answer"] == "no":
        return None
    match told["conditions"]:
        case []:
            return "CC0-1.0"
        case ["attribution"]:
            return "CC-BY-4.0"
    asking = [named for named in about["licences"] if "-SA" in named or "-NC" in named or "GPL" in named]
    return asking[0] if len(asking) == 1 and "jurisdiction" not in told["conditions"] else None


def _name(folder: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-") or "dataset"


# For people --------------------------------------------------------------------------------------------------------


def _card(name: str, about: dict[str, Any]) -> str:
    named = licence(about)
    lines = [
        "---",
        f"license: {named.lower() if named in ('CC0-1.0', 'CC-BY-4.0') else 'other'}",
        "configs:",
    ]
    for number, table in enumerate(about["rows"]):
        lines += [f"- config_name: {table}", *(["  default: true"] if number == 0 else []), "  data_files:"]
        for split in SHARES:
            if about["rows"][table].get(split):
                lines += [f"  - split: {split}", f"    path: {table}/{split}-*.parquet"]
    lines += ["---", "", f"# {name}", "", f"{_TITLE}, of music and listening whose rights permit `{about['use']}`.", ""]
    lines += [
        "This states what licences and laws say of what was declared, and is no legal advice.",
        "",
        f"Written {about['created']} by {about['software']}, schema version {about['schema_version']}.",
        "",
        "## What it may be used for",
        "",
        "Of all rows together; each row has its own answer, conditions and reason.",
        "",
        "| use | answer | why |",
        "|---|---|---|",
    ]
    for use, told in about["permits"].items():
        answer = ", ".join(told["conditions"]) or told["answer"]
        lines.append(f"| {use} | {answer} | {told['reason']} |")
    lines += ["", f"Conditions that were accepted for this export: {', '.join(about['accepted'])}.", ""]
    lines += [
        f"The rows can be handed on under {named}." if named else "No one licence covers them: each has its own.",
        "`attribution.csv` names whoever must be named.",
        "",
        "## Rows",
        "",
        "| table | " + " | ".join(SHARES) + " |",
        "|---|" + "---|" * len(SHARES),
    ]
    for table, counts in about["rows"].items():
        lines.append(f"| {table} | " + " | ".join(str(counts.get(split, 0)) for split in SHARES) + " |")
    lines += ["", "Artists who share a track, and all sessions of one listener, are in one split.", ""]
    lines += ["| licence or basis | rows |", "|---|---|"]
    lines += [f"| {kind} | {count} |" for kind, count in about["licences"].items()]
    lines += ["", "## What was left out", ""]
    if not any(about["refused"].values()):
        lines.append("Nothing.")
    else:
        lines += ["| table | reason | rows |", "|---|---|---|"]
        lines += [
            f"| {table} | {reason} | {count} |"
            for table, counts in about["refused"].items()
            for reason, count in counts.items()
        ]
    for table in about["rows"]:
        lines += ["", f"## Columns of `{table}`", "", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| {column} | {kind} | {note} |" for column, kind, note in TABLES[table]]
    lines += [
        "",
        "## Limits",
        "",
        "The learned values (danceability, valence and the like) are estimates with large errors; `confidence` says",
        "how far to trust each. Nothing here came from Spotify's API. Rights are as they were declared.",
    ]
    return "\n".join(lines) + "\n"


# Croissant ---------------------------------------------------------------------------------------------------------


def _croissant(name: str, about: dict[str, Any], tables: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": f"{_TITLE}, of music and listening whose rights permit {about['use']}. "
        "Every row has its own licence, basis, conditions and reason.",
        "license": _licence_url(about),
        **({"url": about["url"]} if about["url"] else {}),
        "version": f"{about['schema_version']}.0.0",
        "datePublished": about["created"],
        "citeAs": f"{name}, written {about['created'][:10]} by {about['software']}; attribution.csv names the authors",
        "creator": {"@type": "sc:Organization", "name": about["software"]},
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": one["path"],
                "name": one["path"],
                "contentUrl": one["path"],
                "contentSize": f"{one['bytes']} B",
                "encodingFormat": "application/x-parquet",
                "sha256": one["sha256"],
            }
            for one in tables
        ],
        "recordSet": [_record_set(one["path"]) for one in tables],
    }


def _licence_url(about: dict[str, Any]) -> str:
    named = licence(about)
    return (url(named) if named else None) or "https://example.invalid/each-row-has-its-own-licence"


def _record_set(path: str) -> dict[str, Any]:
    """One for each file: Croissant joins files in archives and repositories alone."""
    name = path.removesuffix(".parquet")
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "description": note,
                "dataType": _croissant_type(kind),
                **({"repeated": True} if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) else {}),
                "source": {"fileObject": {"@id": path}, "extract": {"column": column}},
            }
            for column, kind, note in TABLES[path.split("/")[0]]
        ],
    }


def _croissant_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return _croissant_type(kind.value_type)
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    return "sc:Date" if pa.types.is_timestamp(kind) else "sc:Text"


# Frictionless ------------------------------------------------------------------------------------------------------


def _package(name: str, about: dict[str, Any], tables: Sequence[dict[str, Any]]) -> dict[str, Any]:
    named = licence(about)
    return {
        "name": name,
        "title": _TITLE,
        "created": about["created"],
        "version": f"{about['schema_version']}.0.0",
        "licenses": [{"name": named, "path": url(named)}] if named else [{"title": "each row has its own licence"}],
        "resources": [
            {
                "name": one["path"].replace("/", "-").removesuffix(".parquet"),
                "path": one["path"],
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                # No size and no hash: Frictionless computes neither for Parquet, and takes that for a difference.
                "schema": {"fields": [_field(*column) for column in TABLES[one["path"].split("/")[0]]]},
            }
            for one in tables
        ],
    }


def _field(name: str, kind: pa.DataType, note: str) -> dict[str, str]:
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        told = "any"  # readers of Parquet give arrays that Frictionless takes for no array
    elif pa.types.is_integer(kind):
        told = "integer"
    elif pa.types.is_floating(kind):
        told = "number"
    elif pa.types.is_boolean(kind):
        told = "boolean"
    else:
        told = "datetime" if pa.types.is_timestamp(kind) else "string"
    return {"name": name, "type": told, "description": note}
