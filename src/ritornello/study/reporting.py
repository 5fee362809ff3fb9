"""The report: twelve sections that a psychologist reads without us, as a page and as PDF, with figures and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ritornello.study import surveys
from ritornello.study.report import blocks, closing, material, page, paper, participants, results, soundness
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.folder import Study
    from ritornello.study.report.blocks import Report
    from ritornello.study.report.material import Material


def report(study: Study) -> Summary:
    """Write ``results/report.html`` and ``report.pdf`` with figures and tables, from what was fitted.

    Raises
    ------
    NoConsent
        Where somebody in the model does not agree any more.
    """
    gathered = material.gather(study)
    told = write(gathered)
    for one in told.figures:
        _write(study.results / "figures" / f"{one.name}.svg", one.svg.encode())
    _tables(study.results / "tables", gathered.model, told)
    _write(study.results / "CITATIONS.md", closing.citations().encode())
    html, pdf = study.results / "report.html", study.results / "report.pdf"
    _write(html, page.render(told).encode())
    _write(pdf, paper.render(told))
    lines = [f"{html}", f"{pdf}"]
    lines.append(f"{len(told.figures)} figures in {html.parent / 'figures'}, tables in {html.parent / 'tables'}")
    facts = {"report": str(html), "pdf": str(pdf), "figures": sorted(one.name for one in told.figures)}
    return Summary(lines, facts, list(gathered.checked["warnings"]))


def write(gathered: Material) -> Report:
    """Put facts into words: the twelve sections, then methods, sources and checklist."""
    settings, model = gathered.study.settings, gathered.model
    changed = f" (changed since the plan was fixed: {', '.join(model['changed'])})" if model["changed"] else ""
    chapters = [
        results.summary(gathered),
        participants.who(gathered),
        participants.quality(gathered),
        participants.descriptives(gathered),
        results.in_people(gathered),
        results.between_people(gathered),
        results.prediction(gathered),
        soundness.robustness(gathered),
        soundness.questions(gathered),
        soundness.labels(gathered),
        closing.privacy(gathered),
        closing.limits(gathered),
        closing.methods(gathered),
    ]
    byline = f"{settings.researcher}, {settings.institution}"
    return blocks.Report(settings.title, byline, settings.researcher, f"{model['label']}{changed}", chapters)


def _tables(place: Path, model: dict[str, Any], told: Report) -> None:
    """The models' numbers in full, and every table of the report as it stands there."""
    place.mkdir(parents=True, exist_ok=True)
    keys = ("outcome", "music", "slope", "error", "low", "high", "p", "people", "rows", "model")
    rows = [{"question": "primary", **{key: model["within"][key] for key in keys}, "adjusted": ""}]
    rows += [
        {"question": "secondary", **{key: one["within"][key] for key in keys}, "adjusted": one["adjusted"]}
        for one in model["family"]
    ]
    surveys.write_table(place / "within.csv", rows)
    if model["multiverse"]["forks"]:
        surveys.write_table(place / "forks.csv", model["multiverse"]["forks"])
    if "scores" in model["prediction"]:
        scores = [{"who": "new people", **one} for one in model["prediction"]["scores"]]
        scores += [{"who": "same people later", **one} for one in model["prediction"]["later"]]
        surveys.write_table(place / "prediction.csv", scores)
    for number, table in enumerate(told.tables, 1):
        cells = [dict(zip(_header(table.header), row, strict=True)) for row in table.rows]
        surveys.write_table(place / f"table_{number:02}.csv", cells)


def _header(names: list[str]) -> list[str]:
    return [name or "what" for name in names]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
