"""What may be given to others: rows without people (tier 2), or groups and made-up rows alone (tier 3)."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ritornello import __version__
from ritornello.errors import NoConsent, StudyError
from ritornello.study import consent, fitting, ledger, listening, occasions, plans, risk, roster, surveys
from ritornello.study.models import panel
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ritornello.study.folder import Study
    from ritornello.study.plans import Plan

PARTS = ("night", "morning", "afternoon", "evening")
"""Six hours each, from midnight."""
_BANDS = (0, 1, 15, 30, 45, 60)
_FEWEST = 10
"""People in a cell of a table for anybody."""


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


def share(study: Study, tier: Literal[2, 3] = 2) -> Summary:
    """Write a version of the data set, of those alone who agreed to that.

    Raises
    ------
    NoConsent
        Where fewer than five people did.
    """
    scope = "share_restricted" if tier == 2 else "share_public"
    codes = set(consent.agreeing(study, "link_survey", scope))
    rows = [row for row in occasions.read(study) if row["code"] in codes]
    people = sorted({row["code"] for row in rows})
    if len(people) < risk.FLOOR:
        raise NoConsent(f"{len(people)} people agreed to {scope}: nothing is shared of fewer than {risk.FLOOR}")
    plan = plans.read(study.folder)
    about = roster.read(study)
    keep = risk.suggest([about[code]["about"] for code in people], _asked(about, people))
    columns = _columns(plan, rows, keep, about)
    told = _rows(study, rows, plan, columns, {code: about[code]["about"] for code in people})
    if tier == 3:
        told = _twin(told, columns, plan.seed)
    version = 1 + sum(event["event"] == "released" for event in ledger.read(study.ledger))
    place = study.folder / "share" / f"v{version}"
    data = _write_data(place, study.folder.name, columns, told)
    _describe(study, place, data, columns, tier, version, len(people))
    if tier == 3:
        _aggregates(study, place, codes)
    dropped = sorted(set(_asked(about, people)) - set(keep))
    study.log("released", version=version, tier=tier, roster_hash=consent.roster_hash(study, people), rows=len(told))
    _checksums(place)
    lines = [f"{place}: tier {tier}, {len(told)} {'made-up ' if tier == 3 else ''}rows of {len(people)} people"]
    if dropped:
        lines.append(f"left out, so that {risk.FLOOR} people or more are alike: {', '.join(dropped)}")
    lines.append(
        "give it to a repository that has others sign an agreement (GESIS, Zenodo or OSF with restricted access)"
        if tier == 2
        else "this may be published (Zenodo or OSF)"
    )
    return Summary(
        lines, {"folder": str(place), "tier": tier, "rows": len(told), "people": len(people), "left_out": dropped}
    )


def check(place: Path) -> list[str]:
    """What a folder lacks to be a Psych-DS data set; empty where nothing."""
    missing = []
    description = place / "dataset_description.json"
    if not description.exists():
        return ["dataset_description.json is not there"]
    told = json.loads(description.read_text(encoding="utf-8"))
    missing += [
        f"dataset_description.json has no {name}"
        for name in ("@context", "@type", "name", "description", "variableMeasured")
        if name not in told
    ]
    files = sorted((place / "data").glob("*_data.csv"))
    if not files:
        missing.append("data/ has no file ….._data.csv")
    measured = {one["name"] if isinstance(one, dict) else one for one in told.get("variableMeasured", [])}
    for path in files:
        for part in path.name.removesuffix("_data.csv").split("_"):
            if "-" not in part:
                missing.append(f"{path.name}: {part} is no keyword-value")
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        missing += [f"{name} of {path.name} is not in variableMeasured" for name in header if name not in measured]
    return missing


def _asked(about: Mapping[str, roster.Person], people: Sequence[str]) -> list[str]:
    return sorted({name for code in people for name in about[code]["about"]})


def _columns(
    plan: Plan, rows: Sequence[Mapping[str, str]], keep: Sequence[str], about: Mapping[str, roster.Person]
) -> list[Column]:
    """What is shared: nothing that names a person, a track, a place or a moment."""
    moods = [name for name in (plan.outcome, *plan.secondary_outcomes) if name in rows[0]]
    music = [
        name
        for name in dict.fromkeys((plan.music, *plan.secondary_music, *listening.SOUND.values()))
        if any(row.get(name) for row in rows)
    ]
    found = [
        Column("day", "Day of the study of this person", "integer", "days", 1),
        Column("part_of_day", "Part of the day on the person's clock", "string", values=PARTS),
        Column("weekend", "Whether it was Saturday or Sunday", "integer", "", 0, 1),
        Column(
            "minutes_heard",
            f"Minutes of music in the {plan.window_minutes} minutes before, banded",
            "string",
            values=_bands(),
        ),
    ]
    for name in moods:
        found.append(Column(name, f"Answer: {name}", "number", "as asked"))
        found.append(
            Column(
                f"{name}_within",
                f"{name}, deviation from the person's mean",
                "number",
                "as asked",
                derived="difference",
            )
        )
    for name in music:
        words = f"{name} of what was heard in the {plan.window_minutes} minutes before"
        found.append(Column(name, words, "number", "mean by time heard"))
        found.append(
            Column(f"{name}_within", f"{name}, deviation from the person's mean", "number", "", derived="difference")
        )
    for name in keep:
        values = tuple(sorted({person["about"].get(name, "") for person in about.values()} - {""}))
        found.append(Column(f"about_{name}", f"What the person said: {name}", "string", values=values))
    return found


def _rows(
    study: Study,
    rows: Sequence[Mapping[str, str]],
    plan: Plan,
    columns: Sequence[Column],
    about: Mapping[str, Mapping[str, str]],
) -> list[dict[str, Any]]:
    """Rows in an order that says nothing."""
    used = panel.of_rows(rows)
    told: list[dict[str, Any]] = []
    numbers = {}
    for column in columns:
        base = column.name.removesuffix("_within")
        if column.kind == "number":
            values = used.column(base)
            numbers[column.name] = used.split(values)[0] if column.name != base else values
    for place in range(len(used)):
        code = used.codes[used.person[place]]
        hour, minutes = used.column("local_hour")[place], used.column("minutes")[place]
        row: dict[str, Any] = {
            "day": int(used.column("day")[place]),
            "part_of_day": PARTS[int(hour) // 6 % 4],
            "weekend": int(used.column("weekend")[place]),
            "minutes_heard": _band(minutes),
        }
        row |= {name: _rounded(float(values[place])) for name, values in numbers.items()}
        row |= {
            column.name: about[code].get(column.name.removeprefix("about_"), "")
            for column in columns
            if column.name.startswith("about_")
        }
        told.append(row)
    order = np.random.default_rng(int(study.key.name("order", study.settings.id)[:12], 16)).permutation(len(told))
    return [told[place] for place in order]


def _twin(rows: Sequence[dict[str, Any]], columns: Sequence[Column], seed: int) -> list[dict[str, Any]]:
    """Made-up rows of the same columns: numbers drawn from a normal distribution with the same means and
    covariances.
    """
    rng = np.random.default_rng(seed)
    names = [column.name for column in columns if column.kind == "number"]
    values = np.array([[float(row[name]) if row[name] != "" else np.nan for name in names] for row in rows])
    mean = np.nan_to_num(np.nanmean(values, axis=0))
    filled = np.where(np.isnan(values), mean, values)
    drawn = rng.multivariate_normal(mean, np.cov(filled.T) + 1e-9 * np.eye(len(names)), len(rows))
    found = []
    for place in range(len(rows)):
        row: dict[str, Any] = dict(zip(names, map(_rounded, drawn[place]), strict=True))
        for column in columns:
            if column.kind != "number":
                row[column.name] = rows[int(rng.integers(len(rows)))][column.name]
        found.append({column.name: row[column.name] for column in columns})
    return found


def _write_data(place: Path, study: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Path:
    plain = "".join(letter for letter in study.lower() if letter.isalnum()) or "study"
    path = place / "data" / f"study-{plain}_description-occasions_data.csv"
    surveys.write_table(path, [{column.name: row[column.name] for column in columns} for row in rows])
    return path


def _describe(
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
        }
        for one in columns
    ]
    common = {"name": name, "description": words, "version": f"{version}.0.0"}
    _json(
        place / "dataset_description.json",
        {"@context": "https://schema.org/", "@type": "Dataset", **common, "variableMeasured": measured},
    )
    where = data.relative_to(place).as_posix()
    _json(place / "datapackage.json", _package(common, where, data, columns))
    _json(place / "croissant.json", _croissant(study, common, where, data, columns))
    surveys.write_table(place / "codebook.csv", [_codebook(one) for one in columns])
    (place / "README.md").write_text(
        f"# {name}\n\n{words}\n\nVersion {version}, {datetime.now(UTC):%Y-%m-%d}, made by ritornello {__version__}. "
        f"{study.settings.researcher}, {study.settings.institution}.\n\nEach row of `{where}` is one occasion; "
        f"rows have no key, for "
        "nobody is to be followed through them: deviations from a person's mean are given instead. "
        "`codebook.csv` explains "
        "every column; an empty cell is not known. There are no names, codes, titles, places or clock times.\n",
        encoding="utf-8",
    )
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
    context = {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "column": "cr:column",
        "recordSet": "cr:recordSet",
        "source": "cr:source",
    }
    return {
        "@context": context,
        "@type": "sc:Dataset",
        **common,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "creator": {"@type": "Organization", "name": study.settings.institution},
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


def _aggregates(study: Study, place: Path, codes: set[str]) -> None:
    """Tables of groups of ten people or more, and the model's numbers without those of single people."""
    plan = plans.read(study.folder)
    rows = [row for row in occasions.read(study) if row["code"] in codes and row.get(plan.outcome)]
    groups: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in rows:
        part = PARTS[int(float(row["local_hour"])) // 6 % 4]
        groups[part, "music" if float(row["plays"] or 0) else "silence"].append((row["code"], float(row[plan.outcome])))
    table = [
        {
            "part_of_day": part,
            "before": before,
            "people": len({code for code, _ in its}),
            f"mean_{plan.outcome}": round(float(np.mean([value for _, value in its])), 2),
        }
        for (part, before), its in sorted(groups.items())
        if len({code for code, _ in its}) >= _FEWEST
    ]
    if table:
        surveys.write_table(place / "aggregates.csv", table)
    try:
        model = fitting.load(study)
    except StudyError:
        return  # nothing was fitted yet
    told = {key: model[key] for key in ("label", "plan", "confirmed", "between", "prediction", "missing", "selective")}
    told["within"] = {key: value for key, value in model["within"].items() if key != "slopes"}
    _json(place / "model.json", told)


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


def _bands() -> tuple[str, ...]:
    return ("0", *(f"{low}-{high}" for low, high in pairwise(_BANDS[1:])), f"{_BANDS[-1]}+")


def _band(minutes: float) -> str:
    if not minutes > 0:
        return "0"
    place = int(np.searchsorted(_BANDS[1:], max(minutes, 1), side="right"))
    return _bands()[place]


def _rounded(value: float) -> float | str:
    return "" if np.isnan(value) else round(float(value), 2)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _checksums(place: Path) -> None:
    files = [path for path in sorted(place.rglob("*")) if path.is_file()]
    lines = [f"{_sha(path)}  {path.relative_to(place).as_posix()}" for path in files]
    (place / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")
