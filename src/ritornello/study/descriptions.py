"""What is said of shared data: for people, and for Psych-DS, Frictionless and Croissant, all from the same columns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ritornello import __version__
from ritornello.croissant import CONTEXT
from ritornello.study import psychds, surveys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ritornello.study.folder import Study


@dataclass(frozen=True)
class Column:
    """One column of what is shared: the same facts make codebook, schema and description."""

    name: str
    label: str
    kind: Literal["number", "integer", "string"]
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    values: tuple[str, ...] = ()
    derived: str = ""


def describe(
    study: Study, place: Path, data: Path, columns: Sequence[Column], tier: int, version: int, people: int
) -> None:
    """Write everything around the data: for Psych-DS, Frictionless and Croissant, and for people."""
    name = f"{study.settings.title}: occasions"
    words = f"One row an occasion of {people} people: mood, and the music of the time before. " + (
        "Made-up rows with the means and covariances of the real ones." if tier == 3 else "De-identified; restricted."
    )
    measured = [
        {
            "@type": "PropertyValue",
            "name": one.name,
            "description": one.label,
            **({"unitText": one.unit} if one.unit else {}),
            **({"minValue": one.lowest} if one.lowest is not None else {}),
            **({"maxValue": one.highest} if one.highest is not None else {}),
        }
        for one in columns
    ]
    common = {"name": name, "description": words, "version": f"{version}.0.0"}
    licence = "https://creativecommons.org/publicdomain/zero/1.0/" if tier == 3 else "LICENSE.md"
    at = {"@type": "Organization", "name": study.settings.institution}
    by = {"@type": "Person", "name": study.settings.researcher, "affiliation": at}
    more = {"author": [by], "license": licence, "keywords": ["emotion", "music listening", "experience sampling"]}
    _json(
        place / "dataset_description.json",
        {"@context": "https://schema.org/", "@type": "Dataset", **common, **more, "variableMeasured": measured},
    )
    where = data.relative_to(place).as_posix()
    _json(place / "datapackage.json", _package(common, where, data, columns))
    _json(place / "croissant.json", _croissant(study, common | {"license": licence}, where, data, columns))
    surveys.write_table(place / "codebook.csv", [_codebook(one) for one in columns])
    (place / "README.md").write_text(
        f"# {name}\n\n{words}\n\nVersion {version}, {datetime.now(UTC):%Y-%m-%d}, made by ritornello {__version__}. "
        f"{study.settings.researcher}, {study.settings.institution}.\n\nEach row of `{where}` is one occasion; "
        "rows have no unique key, for nobody is to be followed through them. Answers and features are deviations from "
        "the person's mean, with noise of a tenth of their spread and of half a step of the answers: regressing one on "
        "another gives slopes within people, smaller by about a hundredth. `codebook.csv` explains every column; an "
        "empty cell is not known. There are no names, codes, titles, places or clock times.\n",
        encoding="utf-8",
    )
    others = ["LICENSE.md", "SHA256SUMS", "codebook.csv", "croissant.json", "datapackage.json"]
    others += ["aggregates.csv", "model.json"] if tier == 3 else []
    (place / psychds.IGNORED).write_text("\n".join(others) + "\n", encoding="utf-8")
    changes = "first version" if version == 1 else "made anew: of those who agree now"
    (place / "CHANGES.md").write_text(f"# Changes\n\n{version}.0.0: {changes}\n", encoding="utf-8")
    (place / "LICENSE.md").write_text(
        "CC0 1.0 Universal\n"
        if tier == 3
        else "For research, under the agreement of the repository; not to be passed on.\n",
        encoding="utf-8",
    )


def _package(common: Mapping[str, str], where: str, data: Path, columns: Sequence[Column]) -> dict[str, Any]:
    fields = []
    for one in columns:
        limits: dict[str, Any] = {"enum": list(one.values)} if one.values else {}
        limits |= {
            key: value for key, value in (("minimum", one.lowest), ("maximum", one.highest)) if value is not None
        }
        fields.append(
            {"name": one.name, "title": one.label, "type": one.kind, **({"constraints": limits} if limits else {})}
        )
    resource = {
        "name": "occasions",
        "path": where,
        "format": "csv",
        "encoding": "utf-8",
        "hash": f"sha256:{_sha(data)}",
    }
    schema = {"fields": fields, "missingValues": [""]}
    resources = [{**resource, "profile": "tabular-data-resource", "schema": schema}]
    return {
        "profile": "tabular-data-package",
        "title": common["name"],
        **common,
        "name": "occasions",
        "resources": resources,
    }


def _croissant(
    study: Study, common: Mapping[str, str], where: str, data: Path, columns: Sequence[Column]
) -> dict[str, Any]:
    kinds = {"number": "sc:Float", "integer": "sc:Integer", "string": "sc:Text"}
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"occasions/{one.name}",
            "name": one.name,
            "description": one.label,
            "dataType": kinds[one.kind],
            "source": {"fileObject": {"@id": "occasions.csv"}, "extract": {"column": one.name}},
        }
        for one in columns
    ]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        **common,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "creator": {"@type": "sc:Organization", "name": study.settings.institution},
        "datePublished": f"{datetime.now(UTC):%Y-%m-%d}",
        "citeAs": f"{study.settings.researcher}, {common['name']}, version {common['version']}",
        "rai:personalSensitiveInformation": "moods; no names, codes, titles, places or clock times",
        "rai:dataCollection": "listening histories that participants gave, and answers; with consent, scope by scope",
        "rai:dataBiases": "people who give their history differ from others; features are known of a part of the music",
        "rai:dataUseCases": "group-level research; not to judge single people",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "occasions.csv",
                "name": "occasions.csv",
                "contentUrl": where,
                "encodingFormat": "text/csv",
                "sha256": _sha(data),
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "occasions", "name": "occasions", "field": fields}],
    }


def _codebook(one: Column) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "type": one.kind,
        "unit": one.unit,
        "lowest": "" if one.lowest is None else one.lowest,
        "highest": "" if one.highest is None else one.highest,
        "values": "|".join(one.values),
        "missing": "empty",
        "derived": one.derived,
    }


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def checksums(place: Path) -> None:
    """Write the hash of every file."""
    files = [path for path in sorted(place.rglob("*")) if path.is_file()]
    lines = [f"{_sha(path)}  {path.relative_to(place).as_posix()}" for path in files]
    (place / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")
