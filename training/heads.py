"""Make the heads of the seven traits from what the witnesses said of a corpus.

``python -m training.heads --evidence evidence.npz --pseudo pseudo.npz --changes changes.npz --data DIR`` reads what
training/listen.py, training/pseudo.py and training/changes.py wrote, and echonest.json in DIR (README.md here says what
that is). It writes src/ritornello/traits/weights/heard-*.npz and its JSON card.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.traits import MONO_RATES
from ritornello.traits import cepstral, heads, networks
from training.directions import DIRECTIONS

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

WEIGHTS = Path(__file__).parents[1] / "src" / "ritornello" / "traits" / "weights"
NETWORKS = ("mtt", "msd", "yamnet")
UNSURE, SURE = 0.3, 0.7
"""Bounds of the correlation with the labels that a sum of tags is credited with."""
TAUGHT = {"danceability": 0.75, "energy": 0.85, "speechiness": 0.73, "valence": 0.70}
"""Correlation of vibenet's teacher with held-out labels, where its authors tell it."""
ASSUMED = {"liveness": 0.3, "valence": 0.5}
"""The same where the outline knows too little for their agreement to tell: assumptions, not measurements."""
SOMETHING = 0.3
"""How likely speech, singing or music must be for a recording to count as music."""
RARE = 0.05
"""Share of the labels below which a state is rare: the constructions have it too often, so its constant is lowered."""
RIDGE = 1000.0
FOLDS = 10
UNLIKELY = 0.3
"""How likely a state may be in music that says how the rest is graded."""
KEPT_IN = ("asterisk", "marsshooter-data", "etw-data", "lmms-common", "foobillardplus", "freedroidrpg-data")
GRID = np.linspace(-3.5, 3.5, 71)
SUNG = ("01_-_", "06_-_", "07_-_", "12_-_", "09_wings", "10_farewell", "menu.ogg", "tutorial.ogg")
"""Files of marsshooter-data in which a woman sings, by their tags."""
VOICED = ("speech over -9", "speech over -3", "speech over +3")
VOICELESS = 0.75
"""Instrumentalness, as vibenet has it, below which nobody says that music is without a voice."""
CROWDED = ("crowd -6", "crowd +0", "crowd +6")
ORDERED = 0.9
"""Share of the changes of each kind after which energy must be on the right side of what it was."""
LOUDER = {"6 dB quieter": -1, "12 dB quieter": -1}
LIVELIER = {"faster": 1, "slower": -1}
"""Changes of tempo by a stretcher that keeps level and attacks, and which way energy must go after each."""
SMEARED = {"vocoder faster": 1, "vocoder slower": -1}
"""The same by a stretcher that takes level and attacks away."""
UNTAUGHT = {"played faster": 1, "played slower": -1}
"""Changes that are only counted."""
SAME = ("another master", "darker master", *MONO_RATES)
"""Changes after which everything should stay."""
STEP, INSISTENCE = 0.3, 4.0
"""Standard deviations by which a change should move the leaning of energy, and how much more one change counts than one
piece."""
INSISTENCES = (0.0, 1.0, 2.0, 4.0, 8.0)
"""How much more a change counts for the other traits, which should stay after it: the least that makes them
:data:`STEADY`, or the most."""
STEADY, STRAY = 0.04, 0.05
"""By how much the value moves at most, and in what share of the changes of each kind it may move more, whole packages
held out."""
LIMIT = 0.05
"""A value that should stay and moves by more than this is counted."""
HEEDED = 0.5
"""Of that, what a change counts that also takes level and attacks away: such moves are large, and not of the music."""
GRAIN, MOST = 0.02, 0.6
"""Of the weights of loudness and activity, where evidence and leaning have a standard deviation of 1."""
MARGIN = 0.05
"""Standard deviations of the leaning, 0.015 of the value in the middle of the scale."""
GIVEN_UP = 0.02
"""Correlation with what vibenet says of packages that did not teach the student; what activity may cost, beside what
the lessons have cost."""


@dataclass(frozen=True)
class Changes:
    """Evidence of pieces that were changed, row by row."""

    rows: Array
    kind: NDArray[np.str_]
    package: NDArray[np.str_]
    name: NDArray[np.str_]

    def of(self, some: Mask) -> Changes:
        return Changes(self.rows[some], self.kind[some], self.package[some], self.name[some])

    def moved(self, kind: str, scores: Array) -> Array:
        """By how much a change of this kind moved each piece."""
        plain = {
            piece: score
            for piece, kind, score in zip(self._pieces(), self.kind, scores, strict=True)
            if kind == "plain"
        }
        return np.array(
            [
                score - plain[piece]
                for piece, other, score in zip(self._pieces(), self.kind, scores, strict=True)
                if other == kind
            ]
        )

    def _pieces(self) -> list[tuple[str, str]]:
        return list(zip(self.package.tolist(), self.name.tolist(), strict=True))


@dataclass(frozen=True)
class Lessons:
    """How far evidence moved when music was changed, row by row, and how far a leaning should; both times what a lesson
    counts.
    """

    moves: Array
    steps: Array
    package: NDArray[np.str_]

    def of(self, some: Mask) -> Lessons:
        return Lessons(self.moves[some], self.steps[some], self.package[some])


@dataclass(frozen=True)
class Told:
    """Evidence, row by row, and what vibenet said of it of one trait."""

    rows: Array
    package: NDArray[np.str_]
    said: Array

    def of(self, some: Mask) -> Told:
        return Told(self.rows[some], self.package[some], self.said[some])


@dataclass(frozen=True)
class Corpus:
    """Evidence, row by row."""

    rows: Array
    kind: NDArray[np.str_]
    package: NDArray[np.str_]
    name: NDArray[np.str_]
    said: Array
    """What vibenet said, shape ``(rows, 7)``; NaN where it was not asked."""

    @property
    def music(self) -> Mask:
        return np.asarray(self.kind == "music")

    @property
    def excerpts(self) -> Mask:
        return np.char.startswith(self.kind, "excerpt")


def read(path: Path, pseudo: Path, excerpts: Path) -> Corpus:
    """All but the packages that are kept for measuring."""
    with np.load(pseudo, allow_pickle=False) as table:
        pieces_of = zip(table["package"].tolist(), table["name"].tolist(), strict=True)
        said = dict(zip(pieces_of, table["said"], strict=True))
    with np.load(path, allow_pickle=False) as table:
        said_of = {key: table[key] for key in networks.ANSWERS}
        others = zip(*(table[key] for key in ("cepstral", "loudness", "activity")), strict=True)
        rows = np.array(
            [heads.row({key: answers[i] for key, answers in said_of.items()}, *other) for i, other in enumerate(others)]
        )
        # Rain, engines and wind lie among the music of games.
        heard = (1 - np.prod(1 - table["events"].astype(np.float64), axis=1) > SOMETHING) | (table["kind"] != "music")
        heard &= ~np.isin(table["package"], kept_out(table["package"]))
        kind, package, name = (table[key][heard] for key in ("kind", "package", "name"))
    unasked = np.full(len(heads.NAMES), np.nan)
    asked = [
        said.get((p, n), unasked) if k == "music" else unasked for k, p, n in zip(kind, package, name, strict=True)
    ]
    with np.load(excerpts, allow_pickle=False) as table:
        rows = np.vstack([rows[heard], table["rows"]])
        kind, package, name, told = (
            np.concatenate([own, table[key]])
            for own, key in ((kind, "kind"), (package, "package"), (name, "name"), (asked, "said"))
        )
    # What was cut out or put together is not measured; only music is asked how loud and active it is.
    rows[kind != "music", MEASURED:] = rows[kind == "music", MEASURED:].mean(axis=0)
    return Corpus(rows, kind, package, name, told)


def read_changes(path: Path) -> Changes:
    with np.load(path, allow_pickle=False) as table:
        return Changes(*(table[key] for key in ("rows", "kind", "package", "name")))


def kept_out(packages: NDArray[np.str_]) -> list[str]:
    """Every third package, on which bench/traits.py measures; never those with speech or with most of the singing."""
    return [p for p in sorted(set(packages.tolist()))[::3] if not p.startswith(KEPT_IN)]


def read_labels(folder: Path) -> dict[str, Array]:
    table = json.loads((folder / "echonest.json").read_text(encoding="utf-8"))
    return {name: np.array(list(table[name].values())) for name in heads.NAMES}


def columns(network: str) -> tuple[int, list[str]]:
    """First column of a network's logits, and their labels."""
    labels = networks.card()["labels"]
    start = {"mtt": 0, "msd": 50, "yamnet": 100}[network]
    return start, list(labels[network])


OUTLINE = heads.TAGS + 4
"""First column of the seven estimates from the outline."""
EMBEDDED = OUTLINE + len(heads.NAMES)
MEASURED = EMBEDDED + heads.EMBEDDED
"""First of the two last columns, loudness and activity, of which only energy is told."""
YAMNET = slice(EMBEDDED, EMBEDDED + 1024)
HEARD = np.where(np.isin(np.arange(MEASURED), np.r_[YAMNET]), 0.5, 1.0)
"""By what the student hears a column: YAMNet's embedding, which masters and MP3 move most, at half."""


def tags(name: str, standard: Array, music: Mask) -> Array:
    """Weights of the tags for one trait: each network's sum has a standard deviation of 1 among music."""
    weights = np.zeros(standard.shape[1])
    for network, signs in DIRECTIONS[name].items():
        start, labels = columns(network)
        own = np.zeros(standard.shape[1])
        for label, sign in signs.items():
            own[start + labels.index(label)] = sign
        weights += own / (standard[music] @ own).std()
    return np.asarray(weights / (standard[music] @ weights).std())


def outline(name: str, standard: Array, music: Mask) -> Array:
    """Weights that pick what labelled tracks of such an outline had."""
    weights = np.zeros(standard.shape[1])
    weights[OUTLINE + heads.NAMES.index(name)] = 1
    return np.asarray(weights / (standard[music] @ weights).std())


def credit(name: str, standard: Array, music: Mask) -> tuple[float, float]:
    """How far outline and tags go with the labels (Pearson): measured for the one, from their agreement for the other.

    If two witnesses err independently, their correlation is the product of theirs with the truth.
    """
    card = json.loads((WEIGHTS / f"{cepstral.CEPSTRAL_VERSION}.json").read_text(encoding="utf-8"))
    own = card["traits"][name]["grouped"]["pearson"][0]
    if name in ASSUMED:
        return own, ASSUMED[name]
    heard = [standard[music] @ make(name, standard, music) for make in (outline, tags)]
    return own, float(np.clip(float(np.corrcoef(heard[0], heard[1])[0, 1]) / own, UNSURE, SURE))


def leaning(name: str, standard: Array, music: Mask) -> tuple[Array, float]:
    """Weights of the evidence for one trait's normal score, and the share of its variance that they are good for.

    The best linear guess from two witnesses that err independently: each counts ``r / (1 - r²)``.
    """
    trusted = np.array(credit(name, standard, music))
    witnesses = np.array([make(name, standard, music) for make in (outline, tags)])
    among = np.array([[1, trusted.prod()], [trusted.prod(), 1]])
    gain = np.linalg.solve(among, trusted)
    share = float(gain @ trusted)
    weights = gain @ witnesses
    return weights / (standard[music] @ weights).std(), share


def lessons(changes: Changes, signs: dict[str, int], insistence: float) -> Lessons:
    """What changes teach of which it is known where a trait must go: up, down, or nowhere."""
    taught = [changes.of((changes.kind == kind) | (changes.kind == "plain")) for kind in signs]
    counts = [insistence * (HEEDED if kind in SMEARED else 1.0) for kind in signs]
    moves = [n * some.moved(kind, some.rows) for n, kind, some in zip(counts, signs, taught, strict=True)]
    steps = [n * STEP * sign for n, sign in zip(counts, signs.values(), strict=True)]
    return Lessons(
        np.vstack(moves),
        np.repeat(steps, [len(some) for some in moves]),
        np.concatenate([changes.package[changes.kind == kind] for kind in signs]),
    )


def student(pieces: Told, excerpts: Told, first: Array, taught: Lessons) -> Array:
    """Weights of the evidence that come nearest to what vibenet says (ridge regression); over the pieces they have a
    standard deviation of 1.

    They are also taught to move, together with the weights ``first``, as far as the lessons say.
    """
    rows = np.vstack([pieces.rows, excerpts.rows])
    said = np.concatenate([pieces.said, excerpts.said])
    heard = np.vstack([rows - rows.mean(axis=0), taught.moves])[:, :MEASURED] * HEARD
    told = np.concatenate([(said - said.mean()) / pieces.said.std(), 2 * taught.steps - taught.moves @ first])
    weights = np.zeros(rows.shape[1])
    weights[:MEASURED] = HEARD * np.linalg.solve(heard.T @ heard + RIDGE * np.eye(MEASURED), heard.T @ told)
    return np.asarray(weights / (pieces.rows @ weights).std())


def held_out(pieces: Told, excerpts: Told, first: Array, taught: Lessons, changes: Changes) -> tuple[Array, Array]:
    """What a student says of pieces, and of changed ones, whose packages did not teach it."""
    given = [each.package for each in (pieces, excerpts, taught, changes)]
    everybody = dict.fromkeys(package for some in given for package in sorted(set(some.tolist())))
    fold = {package: i % FOLDS for i, package in enumerate(everybody)}
    own, cut, lessons_of, changed = (np.array([fold[package] for package in some.tolist()], int) for some in given)
    scores, moved = np.empty(len(pieces.said)), np.empty(len(changes.rows))
    for k in range(FOLDS):
        weights = student(pieces.of(own != k), excerpts.of(cut != k), first, taught.of(lessons_of != k))
        scores[own == k] = pieces.rows[own == k] @ weights
        moved[changed == k] = changes.rows[changed == k] @ weights
    return scores, moved


def anchored(scores: Array, said: Array, values: Array) -> tuple[float, float]:
    """Offset and gain from scores to the grid of a table with which its values come nearest to what vibenet says."""
    best = min(
        (float(((np.interp(offset + gain * scores, GRID, values) - said) ** 2).mean()), offset, gain)
        for offset in np.arange(-2, 2.001, 0.05)
        for gain in np.arange(0.1, 1.501, 0.05)
    )
    return round(float(best[1]), 2), round(float(best[2]), 2)


def table(labels: Array, share: float) -> tuple[Array, Array, Array]:
    """For each leaning the mean label, the value that is answered, and how likely the label is near it.

    The value lies halfway between mean and median: where labels are skewed that costs little in squared error and
    spares a tenth of the absolute one.
    """
    noise = np.array([NormalDist().inv_cdf((i + 0.5) / 200) for i in range(200)])
    scores = GRID[:, None] + np.sqrt(1 - share) * noise
    ranks = np.vectorize(NormalDist().cdf)(scores)
    drawn = np.quantile(labels, ranks)
    means = drawn.mean(axis=1)
    values = (means + np.median(drawn, axis=1)) / 2
    hits = (np.abs(drawn - values[:, None]) <= heads.TOLERANCE).mean(axis=1)
    return means, values, hits


def logistic(x: Array, y: Mask, ridge: float) -> Array:
    """Weights and a constant; both sides count alike, whatever their numbers."""
    x = np.hstack([x, np.ones((len(x), 1))])
    count = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    weights = np.zeros(x.shape[1])
    penalty = ridge * np.eye(x.shape[1])
    penalty[-1, -1] = 1e-6
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (count * (p - y)) + penalty @ weights
        curve = (x * (count * p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


@dataclass(frozen=True)
class State:
    """A state that constructions teach: which evidence it is heard in, where it is and is not, and the ridge."""

    used: Mask
    there: Mask
    absent: Mask
    ridge: float
    share: float
    """Of all tracks of which it is true, by the labels."""


def states(corpus: Corpus, labels: dict[str, Array]) -> dict[str, State]:
    width = corpus.rows.shape[1]

    def picked(trait: str, *more: int) -> Mask:
        used = np.zeros(width, bool)
        for network, signs in DIRECTIONS[trait].items():
            start, names = columns(network)
            used[[start + names.index(label) for label in signs]] = True
        used[list(more)] = True
        return used

    events = range(heads.TAGS, heads.TAGS + 4)
    kinds = {kind: corpus.kind == f"excerpt {kind}" for kind in ("sung over", "speech over", "crowd")}
    crowd = picked("liveness")
    crowd[YAMNET] = True
    sung = np.array([n.startswith(SUNG) for n in corpus.name]) & (corpus.package == "marsshooter-data")
    voiced = np.isin(corpus.kind, VOICED)
    return {
        "speechiness": State(
            picked("speechiness", *events),
            corpus.kind == "speech",
            corpus.music | (corpus.kind == "speech over +3") | kinds["sung over"],
            150.0,
            float((labels["speechiness"] > 0.66).mean()),
        ),
        "instrumentalness": State(
            picked("instrumentalness", heads.TAGS + 3),
            (corpus.music & sung) | voiced | kinds["sung over"] | kinds["speech over"],
            (corpus.music | corpus.excerpts)
            & ~(sung | kinds["sung over"] | kinds["speech over"])
            & (corpus.said[:, heads.NAMES.index("instrumentalness")] > VOICELESS),
            50.0,
            float((labels["instrumentalness"] < 0.5).mean()),
        ),
        "liveness": State(
            crowd,
            np.isin(corpus.kind, CROWDED),
            ~np.char.startswith(corpus.kind, "crowd") & ~kinds["crowd"],
            1500.0,
            float((labels["liveness"] > 0.8).mean()),
        ),
    }


def likely(state: Array, rows: Array) -> Array:
    """How likely a state is in each row: its weights, then a constant."""
    return np.asarray(1 / (1 + np.exp(-np.clip(rows @ state[:-1] + state[-1], -30, 30))))


def area(scores: Array, there: Mask) -> float:
    """How often a row where the state is has the higher score than one where it is not."""
    order = np.argsort(np.argsort(scores)) + 1
    n, m = int(there.sum()), int((~there).sum())
    return float((order[there].sum() - n * (n + 1) / 2) / (n * m))


def fit_state(state: State, clipped: Array, packages: NDArray[np.str_]) -> tuple[Array, float]:
    """Weights with a constant at the end, and the area under the curve with whole packages held out."""
    rows = state.there | state.absent
    x, y = clipped[rows][:, state.used], state.there[rows]
    groups = packages[rows]
    scores = np.full(len(y), np.nan)
    fold = {package: i % 5 for i, package in enumerate(sorted(set(groups)))}
    folds = np.array([fold[package] for package in groups])
    for k in range(5):
        train = folds != k
        if y[train].all() or not y[train].any():
            continue
        weights = logistic(x[train], y[train], state.ridge)
        scores[~train] = x[~train] @ weights[:-1] + weights[-1]
    tested = ~np.isnan(scores)
    weights = logistic(x, y, state.ridge)
    full = np.zeros(clipped.shape[1] + 1)
    full[:-1][state.used], full[-1] = weights[:-1], weights[-1]
    return full, area(scores[tested], y[tested])


def too_often(logits: Array, share: float) -> float:
    """By how much a constant must be lowered for the state to be as frequent among music as among the labels."""
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(middle - logits))).mean() > share:
            low = middle
        else:
            high = middle
    return low


BOUND = {"speechiness": (0.66, 1), "instrumentalness": (0.5, -1), "liveness": (0.8, 1)}
"""Documented threshold, and on which side of it the state is."""


def measured(scores: Array, agreement: Callable[[Array], float], changes: Changes) -> Array:
    """Weights of loudness and activity beside those of the other evidence, by which the changes have these scores.

    That of loudness is the smallest by which 6 dB alone move the leaning by :data:`MARGIN`, since in calm music nothing
    else knows the level. That of activity is the smallest after which a share of :data:`ORDERED` of the changes of
    tempo of every kind move it so the right way, or as many as can be had at the price of :data:`GIVEN_UP`.
    """
    extra = np.zeros(changes.rows.shape[1])
    lowest = agreement(extra) - GIVEN_UP
    step = -np.median(changes.moved("6 dB quieter", changes.rows[:, MEASURED]))
    extra[MEASURED] = GRAIN * np.ceil(MARGIN / step / GRAIN)
    trials = []
    for weight in np.arange(0, MOST + GRAIN / 2, GRAIN):
        extra[MEASURED + 1] = weight
        if agreement(extra) >= lowest:
            trials.append((min(ordered(scores + changes.rows @ extra, changes), ORDERED), -float(weight)))
    extra[MEASURED + 1] = -max(trials)[1]
    return extra


def ordered(scores: Array, changes: Changes) -> float:
    """Share of the changes of tempo that move the leaning the right way, of the kind of which the fewest do."""
    kinds = LIVELIER | SMEARED
    return min(float((changes.moved(kind, scores) * sign > MARGIN).mean()) for kind, sign in kinds.items())


@dataclass(frozen=True)
class Learned:
    """What one trait's leaning came to."""

    weights: Array
    share: float
    """Of the variance of the labels that it is good for."""
    offset: float
    """Where on the scale of the labels the middle of the corpus lies."""
    agreement: float
    """Of student and vibenet, whole packages held out (Pearson)."""
    insistence: float
    moved: Array
    """Values of the changed pieces, whole packages held out."""


def combined(name: str, labels: Array, corpus: Corpus, clipped: Array, state: Array, changes: Changes) -> Learned:
    """What outline and tags say, and for the other half a student of vibenet, who heeds the lessons.

    Offset and gain are those of the scores that had the student see other packages only, so that the gain is not too
    high.
    """
    graded = likely(state, clipped) < UNLIKELY if state.any() else True
    told = Told(clipped, corpus.package, corpus.said[:, heads.NAMES.index(name)])
    pieces = told.of(graded & corpus.music & ~np.isnan(told.said))
    excerpts = told.of(graded & corpus.excerpts)
    said, rows = pieces.said, pieces.rows
    first, known = leaning(name, clipped, corpus.music)

    def learn(signs: dict[str, int], insistence: float) -> Learned:
        taught = lessons(changes, signs, insistence)
        alone, moved = held_out(pieces, excerpts, first, taught, changes)
        agreement = float(np.corrcoef(alone, said)[0, 1])
        share = max(known, (TAUGHT[name] * agreement) ** 2) if name in TAUGHT else known
        scores, shifted = (rows @ first + alone) / 2, (changes.rows @ first + moved) / 2
        extra = np.zeros(rows.shape[1])
        if name == "energy":
            extra = measured(shifted, lambda w: float(np.corrcoef(scores + rows @ w, said)[0, 1]), changes)
        means, _, _ = table(labels, share)
        offset, gain = anchored(scores + rows @ extra, said, means)
        both = (first + student(pieces, excerpts, first, taught)) / 2 + extra
        values = np.interp(gain * (shifted + changes.rows @ extra), GRID - offset, means)
        return Learned(gain * both, share, offset, agreement, insistence, values)

    if name == "energy":
        return learn(LIVELIER | SMEARED | dict.fromkeys(SAME, 0), INSISTENCE)
    staying = dict.fromkeys([*SAME, *LOUDER], 0)
    for insistence in INSISTENCES:
        found = learn(staying, insistence)
        if all(np.quantile(np.abs(changes.moved(kind, found.moved)), 1 - STRAY) <= STEADY for kind in staying):
            break
    return found


def train(corpus: Corpus, changes: Changes, kept: list[str], labels: dict[str, Array]) -> tuple[bytes, dict[str, Any]]:
    centre, scale = corpus.rows[corpus.music].mean(axis=0), corpus.rows[corpus.music].std(axis=0)
    centre, scale = (np.asarray(m, np.float32).astype(np.float64) for m in (centre, np.maximum(scale, 1e-6)))
    standard = (corpus.rows - centre) / scale
    clipped = heads.clipped(standard)
    changes = replace(changes, rows=heads.clipped((changes.rows - centre) / scale))
    unheard = np.isin(changes.package, kept)
    made, figures = {}, {}
    stateful = states(corpus, labels)
    for name in heads.NAMES:
        chosen, state, value, score = labels[name], np.zeros(clipped.shape[1] + 1), 0.0, None
        if name in BOUND:
            bound, side = BOUND[name]
            inside = labels[name] * side > bound * side
            chosen, value = labels[name][~inside], float(labels[name][inside].mean())
            state, score = fit_state(stateful[name], clipped, corpus.package)
            share = stateful[name].share
            if share < RARE:
                logits = clipped[corpus.music] @ state[:-1] + state[-1]
                state[-1] -= too_often(logits, share)
            else:
                # The fit took both sides for equally frequent.
                state[-1] += np.log(share / (1 - share))
        learned = combined(name, chosen, corpus, clipped, state, changes.of(~unheard))
        _, values, hits = table(chosen, learned.share)
        made[name] = heads.Head(learned.weights, GRID - learned.offset, values, hits, state, value)
        figures[name] = {
            "share": round(learned.share, 3),
            "agreement": round(learned.agreement, 3),
            "offset": learned.offset,
            "insistence": learned.insistence,
            "credit": [round(c, 3) for c in credit(name, clipped, corpus.music)],
            "labels": [round(float(v), 3) for v in np.quantile(labels[name], [0.05, 0.25, 0.5, 0.75, 0.95])],
            "label_mean": round(float(labels[name].mean()), 3),
            "assumed": name in ASSUMED,
            "state_value": round(value, 3),
            "state_area": None if score is None else round(score, 3),
            "state_share": None if score is None else round(stateful[name].share, 4),
        }
    remote = np.sort((standard[:, : heads.TAGS] ** 2).mean(axis=1))
    content = BytesIO()
    np.savez_compressed(
        content,
        names=np.array(heads.NAMES),
        centre=centre.astype(np.float32),
        scale=scale.astype(np.float32),
        remoteness=np.round(remote, 4).astype(np.float32),
        leanings=np.round([made[n].leaning for n in heads.NAMES], 6).astype(np.float32),
        grids=np.round([made[n].grid for n in heads.NAMES], 4),
        values=np.round([made[n].values for n in heads.NAMES], 5),
        hits=np.round([made[n].hits for n in heads.NAMES], 4),
        states=np.round([made[n].state for n in heads.NAMES], 6).astype(np.float32),
        state_values=np.array([round(made[n].state_value, 4) for n in heads.NAMES]),
    )
    for name, told in answers(made, clipped).items():
        figures[name] |= examples(told, corpus)
    figures["energy"]["measured"] = [round(float(v), 3) for v in made["energy"].leaning[MEASURED:]]
    for title, some in (("taught", changes.of(~unheard)), ("kept out", changes.of(unheard))):
        told_of = answers(made, some.rows)
        figures["energy"][f"changes, {title}"] = counted(told_of["energy"], some)
        for name in heads.NAMES:
            figures[name][f"strays, {title}"] = strays(told_of[name], some)
    kinds, counts = np.unique(corpus.kind, return_counts=True)
    card = {
        "model_version": heads.MODEL_VERSION,
        "sha256": hashlib.sha256(content.getvalue()).hexdigest(),
        "bytes": len(content.getvalue()),
        "rows": {str(kind): int(count) for kind, count in zip(kinds, counts, strict=True)},
        "packages": sorted(set(corpus.package.tolist())),
        "kept_out": kept,
        "labels": len(labels["energy"]),
        "traits": figures,
    }
    return content.getvalue(), card


def answers(made: dict[str, heads.Head], clipped: Array) -> dict[str, Array]:
    """What the heads say of every row."""
    found = {}
    for name, head in made.items():
        graded = np.interp(clipped @ head.leaning, head.grid, head.values)
        likely = np.array([heads.state(head, row) for row in clipped])
        found[name] = likely * head.state_value + (1 - likely) * graded
    return found


def counted(energy: Array, changes: Changes) -> dict[str, list[float]]:
    """By kind of change: pieces that moved the right way, all pieces, and the mean move of the value."""
    found = {}
    for kind, sign in (LOUDER | LIVELIER | SMEARED | UNTAUGHT).items():
        moved = changes.moved(kind, energy)
        found[kind] = [int((sign * moved > 0).sum()), len(moved), round(float(moved.mean()), 3)]
    return found


def strays(values: Array, changes: Changes) -> dict[str, list[float]]:
    """By kind of change after which values should stay: mean and largest move, how many move more than
    :data:`LIMIT`, and of how many.
    """
    found = {}
    for kind in SAME:
        moved = np.abs(changes.moved(kind, values))
        strayed = int((moved > LIMIT).sum())
        found[kind] = [round(float(moved.mean()), 3), round(float(moved.max()), 3), strayed, len(moved)]
    return found


def examples(told: Array, corpus: Corpus) -> dict[str, Any]:
    """The five highest and lowest pieces of music, one of a package, and how the estimates are spread."""
    music = np.flatnonzero(corpus.music)
    order = music[np.argsort(told[music], kind="stable")]

    def five(rows: NDArray[np.int64]) -> list[list[Any]]:
        chosen: dict[str, list[Any]] = {}
        for i in rows:
            package = str(corpus.package[i])
            chosen.setdefault(package, [package, str(corpus.name[i]), round(float(told[i]), 3)])
        return list(chosen.values())[:5]

    return {
        "highest": five(order[::-1]),
        "lowest": five(order),
        "estimates": [round(float(v), 3) for v in np.quantile(told[music], [0.05, 0.25, 0.5, 0.75, 0.95])],
        "mean": round(float(told[music].mean()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evidence", type=Path, required=True, metavar="FILE")
    parser.add_argument("--pseudo", type=Path, required=True, metavar="FILE", help="what training/pseudo.py wrote")
    parser.add_argument("--changes", type=Path, required=True, metavar="FILE", help="what training/changes.py wrote")
    parser.add_argument("--excerpts", type=Path, required=True, metavar="FILE", help="what training/excerpts.py wrote")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with echonest.json")
    arguments = parser.parse_args()
    files = arguments.evidence, arguments.pseudo, arguments.excerpts
    given = *files, arguments.changes, arguments.data / "echonest.json"
    if missing := [str(file) for file in given if not file.is_file()]:
        print(f"skipped: {', '.join(missing)} not there; training/README.md says where they come from")
        return
    with np.load(arguments.evidence, allow_pickle=False) as table:
        kept = kept_out(table["package"])
    content, card = train(read(*files), read_changes(arguments.changes), kept, read_labels(arguments.data))
    file = WEIGHTS / f"{heads.MODEL_VERSION}.npz"
    file.write_bytes(content)
    file.with_suffix(".json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(card["traits"], indent=1))


if __name__ == "__main__":
    main()
