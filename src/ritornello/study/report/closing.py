"""Privacy, limits, the methods in a paragraph, software and sources, and where each item of the checklist is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ritornello import __version__
from ritornello.study.report.blocks import Chapter, Items, Not, Table, Text, percent

if TYPE_CHECKING:
    from ritornello.study.report.blocks import Block
    from ritornello.study.report.material import Material

SOFTWARE = (
    (
        "statsmodels",
        (
            "Seabold, S., & Perktold, J. (2010). Statsmodels: econometric and statistical modeling with Python. SciPy"
            " 2010."
        ),
    ),
    ("numpy", "Harris, C. R., et al. (2020). Array programming with NumPy. Nature, 585, 357–362."),
    (
        "scipy",
        (
            "Virtanen, P., et al. (2020). SciPy 1.0: fundamental algorithms for scientific computing in Python. Nature"
            " Methods, 17, 261–272."
        ),
    ),
    (
        "altair",
        "VanderPlas, J., et al. (2018). Altair: interactive statistical visualizations for Python. JOSS, 3(32), 1057.",
    ),
)
METHODS = (
    (
        "Appelbaum, M., et al. (2018). Journal article reporting standards for quantitative research in psychology."
        " American Psychologist, 73, 3–25."
    ),
    "Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B, 57, 289–300.",
    (
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics,"
        " 6, 65–70."
    ),
    "McDonald, R. P. (1999). Test theory: a unified treatment. Erlbaum.",
    "Muthén, B. O. (1994). Multilevel covariance structure analysis. Sociological Methods & Research, 22, 376–398.",
)
OPEN_DATA = (
    "AcousticBrainz (CC0): Porter, A., et al. (2015). AcousticBrainz: a community platform for gathering music"
    " information. ISMIR."
)

CHECKLIST = (
    ("Title, author note, abstract", "yours to write; the summary of section 1 has the numbers"),
    ("Introduction: problem, review of literature, aims", "yours to write"),
    ("Hypotheses, and which are primary", "section 1; prereg.md"),
    ("Inclusion and exclusion", "methods paragraph; sections 2 and 3"),
    ("Characteristics of participants", "section 2; what you asked them beyond that is yours to add"),
    ("Sampling, setting, consent, ethics", "section 11; name of the board and number of the approval are yours to add"),
    ("Sample size, power, precision", "ritornello study power; intervals in sections 5 to 7"),
    ("Measures and covariates", "methods paragraph; section 4"),
    ("Collection of data, compliance", "sections 3 and 4"),
    ("Quality and reliability of measures", "section 4"),
    ("Masking: outcomes not looked at before the plan was fixed", "section 10; ritornello study qc hides them"),
    ("Diagnostics of data, missing data", "sections 3 and 8"),
    ("Analytic strategy, correction for many questions", "methods paragraph; sections 9 and 10"),
    ("Flow of participants", "section 2"),
    ("Dates of recruitment", "the ledger has them: ritornello study audit"),
    ("Descriptive statistics", "section 4"),
    ("Effects with intervals and exact p", "sections 5 to 7 and 9"),
    ("Problems with assumptions, how they were met", "section 5, guard"),
    ("Support of hypotheses, and what was not planned", "sections 1 and 10"),
    ("Generalizability", "sections 2 and 12"),
    ("Interpretation beside other studies, implications", "strip of section 1; the rest is yours to write"),
    ("Availability of data, materials, code", "ritornello study share; version of the software below"),
)
"""Items of JARS–Quant (Appelbaum and others 2018), in our words, and where each is answered."""


def privacy(m: Material) -> Chapter:
    """Section 11: consent and how easily somebody could be picked out."""
    model, risk = m.model, m.risk
    curve = {int(known): shares for known, shares in risk["unicity"].items()}
    rows = [[str(known), percent(every), percent(common)] for known, (every, common) in curve.items()]
    blocks: list[Block] = [
        Text(
            f"{len(model['people'])} people agreed to models and are in them, nobody else;"
            f" {model['left_out_without_consent']} answered and did not agree, and are not. Roster"
            f" {model['roster_hash'][:16]}…, ledger at the fit {model['ledger_head'][:16]}…, ledger now"
            f" {m.ledger_head[:16]}…, plan {model['plan_sha256'][:16]}…. Anybody with the folder can check the chain"
            " with “ritornello study verify”, without a key."
        ),
        Text(
            f"By what they said of themselves ({', '.join(risk['columns']) or 'nothing was asked'}), people are alike"
            f" in groups of at least k = {risk['k']}, with at least l = {risk['l']} levels of mood in each. What is"
            " shared is coarser: see ritornello study risk."
        ),
        Table(
            "People who are alone with some of their tracks, if somebody knew those: tracks are never shared.",
            ["tracks known", "of all tracks", "of tracks of five people or more"],
            rows,
        ),
    ]
    text = "that nobody can be recognised in the working data: as long as keys exist, they are personal data."
    return Chapter("11. Privacy and consent", [*blocks, Not(text)])


def limits(m: Material) -> Chapter:
    """Section 12: what stands against all of it."""
    w, shares = m.within, sorted(float(row["coverage"] or 0) for row in m.people)
    hours = sorted(int(hour) for hour, count in m.checked["hours"].items() if count)
    items = [
        f"{w['people']} people who chose to take part; whether others are like them is not known.",
        (
            "Features are computed by programs and not heard by people, and known of"
            f" {percent(shares[len(shares) // 2])} of what the middle person heard."
        ),
        f"Moods were asked between {hours[0]} and {hours[-1]} o'clock, and say nothing of other hours.",
        (
            f"A listening history is not all that somebody hears; {percent(1 - m.model['selective']['share'])} of"
            " answers came after silence on this account."
        ),
        "Moods are what people said of them, on a screen.",
        "The answer before as a covariate, with random intercepts and few prompts, is biased a little (Nickell 1981).",
        "Nothing was assigned by chance: no sentence here may say that music causes moods.",
        "Results are of groups, and not to judge single people by.",
    ]
    return Chapter("12. Limits", [Items(items)])


def methods(m: Material) -> Chapter:
    """The paragraph, the sources and the checklist."""
    plan, found = m.plan, m.within
    correction = (
        "false discovery rate (Benjamini–Hochberg)" if plan["correction"] == "bh" else "familywise error (Holm)"
    )
    paragraph = (
        f"Participants donated their streaming histories ({m.study.settings.period_from} to"
        f" {m.study.settings.period_until}) and answered prompts. {found['outcome']} was regressed on {found['music']}"
        f" of what they had heard in the {plan['window_minutes']} minutes before each answer (plays that had ended by"
        " then), split into the deviation from the person's mean and that mean, with the answer before (deviation, not"
        f" older than a day), local hour (cosine, sine) and weekend as covariates ({found['model']}; restricted maximum"
        f" likelihood by L-BFGS, checked by Powell; t with people minus one degrees of freedom; α = {plan['alpha']:g},"
        f" direction: {plan['direction']}). Windows counted where features were known of"
        f" {percent(plan['least_coverage'])} or more of the time heard, people with {plan['least_prompts']} complete"
        f" occasions or more. Secondary questions were held to a {correction}. Between people, means were correlated"
        f" (Fisher's z). Prediction: ridge regression, nested cross-validation by person ({plan['folds']} folds,"
        f" {plan['repeats']} repeats), against four baselines, intervals over {plan['bootstraps']} samples of people, p"
        f" over {plan['permutations']} permutations (seed {plan['seed']}). All analyses were computed by ritornello"
        f" {__version__}."
    )
    software = [f"ritornello {__version__}."]
    software += [f"{name} {_version(name)}: {source}" for name, source in SOFTWARE]
    sources = [*METHODS] + ([OPEN_DATA] if any(float(one["open data"]) > 0 for one in m.coverage) else [])
    return Chapter(
        "Methods and sources",
        [
            Text(paragraph),
            Text(f"Features: {'computed from audio by ritornello' if m.sounds == 'none' else f'table {m.sounds}'}."),
            Items(software),
            Items(sources),
            Table("Checklist after JARS–Quant.", ["item", "where"], [list(item) for item in CHECKLIST]),
        ],
    )


def citations() -> str:
    """Software and methods, for a list of references."""
    lines = [
        f"ritornello {__version__}",
        *(f"{name} {_version(name)}: {source}" for name, source in SOFTWARE),
        *METHODS,
        OPEN_DATA,
    ]
    return "# What to cite\n\n" + "\n".join(f"* {line}" for line in lines) + "\n"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
