"""The plan carried out: three questions, the checks of each, and whether that confirms, deviates or explores."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello.errors import NoConsent, StudyError
from ritornello.study import consent, folder, ledger, listening, occasions, plans, quality
from ritornello.study.models import between, checks, families, multiverse, panel, prediction, within
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Collection

    from ritornello.study.folder import Study
    from ritornello.study.models.panel import Panel
    from ritornello.study.models.within import Within
    from ritornello.study.plans import Plan


PICKED = ("picked", "autoplayed")
"""Music that was chosen by hand, and music that came by itself: the same model for each."""


@dataclass(frozen=True)
class Finding:
    """One secondary or explored slope, with its p held to its family."""

    within: Within
    adjusted: float | None


def fit(study: Study, explore: dict[str, str] | None = None) -> Summary:
    """Fit what the plan says, to the people who agreed to that, and keep it with what it was made from.

    Parameters
    ----------
    explore
        Other choices than the plan's; what comes of them is called exploratory or a deviation, and kept beside.

    Raises
    ------
    NoConsent
        Where nobody agreed to models, or somebody in the tables does not agree any more.
    """
    plan = plans.change(plans.read(study.folder), explore or {})
    label, changed = plans.label(study.folder, plan)
    rows = occasions.read(study)
    codes = set(consent.agreeing(study, "link_survey", "train_model"))
    used = [row for row in rows if row["code"] in codes]
    if not used:
        raise NoConsent("nobody agreed to have models fitted (scope train_model): nothing was fitted")
    told = analyse(panel.of_rows(used), plan, quality.doubtful(occasions.read(study, "people.csv")) & codes)
    people = sorted({row["code"] for row in used})
    told |= {
        "label": label,
        "changed": changed,
        "explore": explore or {},
        "plan": asdict(plan),
        "plan_sha256": plans.digest(plan),
    }
    told |= {"people": sorted(study.person(code) for code in people), "roster_hash": consent.roster_hash(study, people)}
    told |= {
        "ledger_head": ledger.head(study.ledger),
        "left_out_without_consent": len({row["code"] for row in rows} - codes),
    }
    place = study.results / ("model.json" if not explore else f"explored_{plans.digest(plan)[:8]}.json")
    folder.write_json(place, told)
    occasions.write_manifest(study, study.results, people, label=label)
    study.log("fitted", label=label, plan_sha256=plans.digest(plan), roster_hash=told["roster_hash"])
    return _summary(told, plan)


def load(study: Study, name: str = "model.json") -> dict[str, Any]:
    """Read a model, if everybody in it still agrees to models.

    Raises
    ------
    NoConsent
        Where somebody does not: the model may not be used, and has to be fitted again.
    """
    path = study.results / name
    if not path.exists():
        raise StudyError(f"{path} is not there: ritornello study fit")
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    occasions.standing(study, told["people"], path, "link_survey", "train_model")
    if told["ledger_head"] not in ledger.heads(study.ledger):
        raise StudyError(f"{path} was made at a line that the ledger does not have: ritornello study verify")
    return told


def confirmatory(used: Panel, plan: Plan) -> Within:
    """The one primary model."""
    return within.fit(used, plan.outcome, plan.music, alpha=plan.alpha, least=plan.least_prompts)


def confirms(found: Within, plan: Plan) -> bool:
    """Whether the primary model shows what the plan says."""
    right = {"either": True, "positive": found.slope > 0, "negative": found.slope < 0}[plan.direction]
    return right and found.p is not None and found.p < plan.alpha


def analyse(used: Panel, plan: Plan, doubtful: Collection[str] = ()) -> dict[str, Any]:
    """Everything that the plan asks of a panel.

    Parameters
    ----------
    doubtful
        Codes of people whose plays may not be their own: the primary model is fitted without them as well.
    """
    primary = confirmatory(used, plan)
    told: dict[str, Any] = {"within": asdict(primary), "confirmed": confirms(primary, plan)}
    told["reverse"] = _maybe(used, f"after_{plan.music}", plan.outcome, plan)
    told["family"] = [asdict(one) for one in secondary(used, plan)]
    told["windows"] = [
        {"minutes": minutes, **found}
        for minutes in plan.other_windows
        if "slope" in (found := _maybe(used, plan.outcome, f"{plan.music}_{minutes}", plan))
    ]
    try:
        told["between"] = asdict(between.correlate(used, plan.outcome, plan.music, alpha=plan.alpha))
    except StudyError as error:
        told["between"] = {"not_possible": str(error)}
    told["icc"] = {name: between.icc(used, used.column(name)) for name in (plan.outcome, plan.music)}
    told["prediction"] = predicted(used, plan)
    told["missing"] = asdict(checks.missing(used, plan.outcome, plan.music))
    told["selective"] = asdict(checks.selective(used, plan.outcome, plan.music))
    low, high, _ = checks.influence(used, plan.outcome, plan.music)
    told["influence"] = {"low": low, "high": high}
    told["lagged"] = {
        "music_before": _maybe(_lagged(used, plan.music), plan.outcome, "before", plan),
        "mood_before": _maybe(_lagged(used, plan.outcome), plan.music, "before", plan),
    }
    told["choice"] = {name: _maybe(used, plan.outcome, f"{name}_{plan.music}", plan) for name in PICKED}
    told["doubtful"] = {"people": len(set(doubtful) & set(used.codes))}
    if told["doubtful"]["people"]:
        sure = used.where(~np.isin(np.asarray(used.codes), sorted(doubtful))[used.person])
        told["doubtful"]["without"] = _maybe(sure, plan.outcome, plan.music, plan)
    told["multiverse"] = asdict(
        multiverse.run(
            used,
            plan.outcome,
            (plan.window_minutes, *plan.other_windows),
            listening.LISTENS,
            doubtful,
            alpha=plan.alpha,
            least=plan.least_prompts,
            seed=plan.seed,
        )
    )
    told["people_in_panel"], told["rows_in_panel"] = used.people, len(used)
    return told


def secondary(used: Panel, plan: Plan) -> list[Finding]:
    """The plan's family of secondary questions, held to its correction."""
    pairs = [(outcome, plan.music) for outcome in plan.secondary_outcomes]
    pairs += [(plan.outcome, music) for music in plan.secondary_music]
    found: list[Within] = []
    for outcome, music in pairs:
        if outcome in used.columns and music in used.columns:
            try:
                found.append(within.fit(used, outcome, music, alpha=plan.alpha, least=plan.least_prompts))
            except StudyError:
                continue  # too few people for this one, as the table then shows by its absence
    known = [one for one in found if one.p is not None]
    adjusted = dict(zip(map(id, known), families.adjust([one.p or 0.0 for one in known], plan.correction), strict=True))
    return [Finding(one, adjusted.get(id(one))) for one in found]


def predicted(used: Panel, plan: Plan) -> dict[str, Any]:
    """Prediction of the primary outcome from all music of the plan, and a look for leakage."""
    music = [name for name in (plan.music, *plan.secondary_music) if name in used.columns]
    try:
        found = prediction.predict(
            used,
            plan.outcome,
            music,
            folds=plan.folds,
            repeats=plan.repeats,
            permutations=plan.permutations,
            bootstraps=plan.bootstraps,
            seed=plan.seed,
        )
    except StudyError as error:
        return {"not_possible": str(error)}
    return {**asdict(found), "leakage": prediction.leakage(used, plan.outcome, found)}


def _lagged(used: Panel, name: str) -> Panel:
    """The panel with what a column was on the occasion before."""
    return used.with_(before=used.previous(used.column(name)))


def _maybe(used: Panel, outcome: str, music: str, plan: Plan) -> dict[str, Any]:
    if outcome not in used.columns or music not in used.columns:
        return {"not_possible": f"there is no {outcome} or no {music}"}
    try:
        return asdict(within.fit(used, outcome, music, alpha=plan.alpha, least=plan.least_prompts))
    except StudyError as error:
        return {"not_possible": str(error)}


def _summary(told: dict[str, Any], plan: Plan) -> Summary:
    found = told["within"]
    p = "no p: the engines disagree" if found["p"] is None else f"p = {found['p']:.3g}"
    lines = [
        f"{told['label']}{': ' + ', '.join(told['changed']) + ' changed' if told['changed'] else ''}",
        f"within {found['people']} people, {found['rows']} occasions: {plan.outcome} on {plan.music} "
        f"{found['slope']:+.3f} SD [{found['low']:+.3f}, {found['high']:+.3f}], {p}",
        f"  {'confirmed' if told['confirmed'] else 'not confirmed'}, by a {found['model']} model",
    ]
    if "r" in told["between"]:
        one = told["between"]
        lines.append(f"between {one['people']} people: r = {one['r']:+.2f} [{one['low']:+.2f}, {one['high']:+.2f}]")
    if "scores" in told["prediction"]:
        one = told["prediction"]
        lines.append(f"prediction of new people: R² {one['scores'][4]['r2']:+.3f} by music alone")
        lines.append(f"  music beyond the survey {one['gain']['r2']:+.4f}, p = {one['p']:.3f} by permutation")
    if told["left_out_without_consent"]:
        lines.append(f"{told['left_out_without_consent']} people did not agree to models, and are not in them")
    warnings = []
    if told["prediction"].get("suspicious") or abs(told["between"].get("r", 0.0)) > between.IMPLAUSIBLE:
        warnings.append("this is larger than any comparable published result: check for leakage")
    return Summary(lines, told, warnings)
