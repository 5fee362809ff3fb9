"""The report: twelve sections that a psychologist reads without us, its figures as SVG and its tables as CSV."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2

from ritornello import __version__
from ritornello.study import consent, figures, fitting, ledger, occasions, quality, surveys
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.folder import Study


def report(study: Study) -> Summary:
    """Write ``results/report.html`` with figures and tables, from what was fitted.

    Raises
    ------
    NoConsent
        Where somebody in the model does not agree any more.
    """
    model = fitting.load(study)
    checked = quality.check(study)
    drawn = {"slopes": figures.slopes(model), "people": figures.people(model["within"]["slopes"])}
    drawn["hours"] = figures.hours({str(hour): count for hour, count in checked.facts["hours"].items()})  # type: ignore[attr-defined]
    if "scores" in model["prediction"]:
        drawn["scores"] = figures.scores(model["prediction"]["scores"])
    for name, svg in drawn.items():
        _write(study.results / "figures" / f"{name}.svg", svg)
    _tables(study.results / "tables", model)
    manifest = json.loads((study.derived / "manifest.json").read_text(encoding="utf-8"))
    explored = [fitting.load(study, path.name) for path in sorted(study.results.glob("explored_*.json"))]
    page = _template().render(
        study=study.settings,
        m=model,
        w=model["within"],
        b=model["between"],
        figures=drawn,
        funnel=_funnel(study, model),
        quality=[*checked.lines, *checked.warnings],
        explored=explored,
        methods=_methods(model),
        sounds=manifest["sounds"],
        version=__version__,
        p=_p,
        pct=_percent,
    )
    path = study.results / "report.html"
    _write(path, page)
    lines = [f"{path}", f"{len(drawn)} figures in {path.parent / 'figures'}, tables in {path.parent / 'tables'}"]
    return Summary(lines, {"report": str(path), "figures": sorted(drawn)}, checked.warnings)


def _template() -> jinja2.Template:
    text = (files("ritornello.study") / "forms" / "report.html").read_text(encoding="utf-8")
    # Figures are our own SVG; everything else that a study says of itself is text.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(text)


def _funnel(study: Study, model: dict[str, Any]) -> dict[str, int]:
    """How many came how far."""
    standings = consent.standings(study).values()
    sent = {event["pid_hmac"] for event in ledger.read(study.ledger) if event["event"] == "data_received"}
    answered = {row["code"] for row in surveys.table(study, "survey.csv")}
    return {
        "gave consent": len(standings),
        "withdrew": sum(one.withdrawn for one in standings),
        "sent their history": len(sent),
        "answered": len(answered),
        "in the tables": len({row["code"] for row in occasions.read(study)}),
        "agreed to models": len(model["people"]),
        "in the primary model": model["within"]["people"],
    }


def _methods(model: dict[str, Any]) -> str:
    plan, found = model["plan"], model["within"]
    return (
        f"{found['outcome']} was regressed on {found['music']} of what participants had heard in the "
        f"{plan['window_minutes']} minutes "
        "before each answer, split into the deviation from the person's mean and that mean, with the answer "
        "before, local hour "
        f"(cosine, sine) and weekend as covariates ({found['model']}; REML; L-BFGS, checked by Powell; t with "
        f"people minus one "
        f"degrees of freedom). Windows counted where features were known of {plan['least_coverage']:.0%} or "
        f"more of the time heard, people "
        f"with {plan['least_prompts']} complete occasions or more. Secondary questions were held to a false "
        f"discovery rate "
        f"({plan['correction'].upper()}). Prediction: ridge regression, nested cross-validation by person "
        f"({plan['folds']} folds, "
        f"{plan['repeats']} repeats), against four baselines, intervals over {plan['bootstraps']} samples of "
        f"people, p over "
        f"{plan['permutations']} permutations."
    )


def _tables(place: Path, model: dict[str, Any]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    keys = ("outcome", "music", "slope", "error", "low", "high", "p", "people", "rows", "model")
    rows = [{"question": "primary", **{key: model["within"][key] for key in keys}, "adjusted": ""}]
    rows += [
        {"question": "secondary", **{key: one["within"][key] for key in keys}, "adjusted": one["adjusted"]}
        for one in model["family"]
    ]
    surveys.write_table(place / "within.csv", rows)
    if "scores" in model["prediction"]:
        told = [{"who": "new people", **one} for one in model["prediction"]["scores"]]
        told += [{"who": "same people later", **one} for one in model["prediction"]["later"]]
        surveys.write_table(place / "prediction.csv", told)


def _p(value: float) -> str:
    return "p < .001" if value < 0.001 else f"p = {value:.3f}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
