"""Recommendations beside popularity, RP3beta, EASE, implicit ALS and item-item.

::

    uv run --group bench python -m bench.recommend --data ~/hetrec2011-lastfm
    uv run --group bench python -m bench.recommend --data ~/hetrec2011-lastfm --json

``--data`` is the folder of HetRec 2011 Last.fm-2k (Cantador, Brusilovsky and Kuflik, 2011; non-commercial use): who
played which artist how often. Two protocols:

``split``
    A fifth of what each person played is hidden; the rest is known, of them and of all others.
``five``
    Five of what a person played, drawn at random, are all that is known of them; everything else of theirs is hidden,
    and others alone were learned from. People are dealt into five parts, and each part is once the unseen one.

Recall is hits in twenty over all that is hidden; nDCG is over twenty places; both are means over people, with 95 %
intervals from 1,000 bootstraps of people. Coverage is the share of all artists that anybody was shown. Settings of
the peers are chosen for each protocol on a part of the training rows; ours are the package's own and are not touched.

Where the folder has tags (``user_taggedartists.dat``), a third table tells whether taste helps or hurts where few
are known: ``listeners N`` is ``five`` on the 2,000 most played artists, learned from N people, the mean over draws of
them. ``content`` compares directions of tags (64, of tags by people that may be learned from) as the server compares
embeddings; ``Ritornello`` is that and taste, blended as in the server. ``cold`` hides from everybody's plays a fifth
of those artists and asks how well just these are ranked, by content and by popularity, for nothing else can.

``--related`` asks for twenty artists related to each of 300 by the plays of half of the people, and judges them by
tags. ``--library`` runs the two protocols on tracks, with listeners and playlists of a library of one's own.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from implicit.utils import ParameterWarning
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

from ritornello.recommend import heard, index, known, picks, related, ridge, shelf, taste, walks
from ritornello.recommend.heard import Floats, Ints, Matrix
from ritornello.recommend.shelf import COLUMNS
from ritornello.recommend.wish import Wish
from ritornello.spotify.genres import SEEDS as SEED_GENRES
from ritornello.spotify.tunables import Tunables

SHOWN = 20
SEEDS = 5
PARTS = 5
VALIDATED = 300
"""People by whom settings are chosen."""
BOOTSTRAPS = 1_000
SEED = 42
_DISCOUNT = 1 / np.log2(np.arange(SHOWN) + 2)

Score = Callable[[Ints, Floats], Floats]
Fit = Callable[[Matrix], Score]


@dataclass(frozen=True)
class Case:
    """Rows to learn from, and of each person what is known and what is hidden."""

    train: Matrix
    known: Matrix
    hidden: Matrix


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    method: str
    protocol: str
    recall20: float
    recall20_interval: tuple[float, float]
    ndcg20: float
    ndcg20_interval: tuple[float, float]
    coverage: float
    cpu_s: float
    """Of one fit."""
    query_ms: float
    setting: str


def popularity(train: Matrix) -> Score:
    count = heard.heads(train)
    return lambda items, weights: count


def rp3(alpha: float, beta: float) -> Fit:
    def fit(train: Matrix) -> Score:
        model = walks.fit(train, alpha, beta)
        return lambda items, weights: walks.score(model, items, np.ones_like(weights))

    return fit


def ease(penalty: float) -> Fit:
    def fit(train: Matrix) -> Score:
        model = ridge.fit(train, penalty, dropout=0.0, discount=0.0, by_rank=False)
        return lambda items, weights: ridge.score(model, items, np.ones_like(weights))

    return fit


def als(size: int, penalty: float, confidence: float) -> Fit:
    def fit(train: Matrix) -> Score:
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=size, regularization=penalty, alpha=confidence, iterations=15, random_state=1, num_threads=1
            )
            model.fit(heard.binary(train), show_progress=False)

        def score(items: Ints, weights: Floats) -> Floats:
            row = heard.matrix([0] * len(items), items, np.ones(len(items)), (1, train.shape[1]))
            return np.asarray(model.recalculate_user([0], row)[0] @ model.item_factors.T, np.float32)

        return score

    return fit


def item_item(make: Callable[[], Any]) -> Fit:
    def fit(train: Matrix) -> Score:
        model = make()
        model.num_threads = 1
        with warnings.catch_warnings():
            # It converts its own matrix, and says so.
            warnings.simplefilter("ignore", ParameterWarning)
            model.fit(heard.binary(train), show_progress=False)
        similar = model.similarity.tocsr()

        def score(items: Ints, weights: Floats) -> Floats:
            return np.asarray(similar[items].sum(axis=0), np.float32).ravel()

        return score

    return fit


def ours(train: Matrix) -> Score:
    model = taste.fit(train)
    return lambda items, weights: taste.score(model, items, weights)


METHODS: dict[str, dict[str, Fit]] = {
    "popularity": {"": popularity},
    "RP3beta": {
        f"alpha {alpha} beta {beta}": rp3(alpha, beta) for alpha in (0.6, 0.8, 1.0) for beta in (0.1, 0.2, 0.3, 0.4)
    },
    "EASE": {f"penalty {penalty}": ease(penalty) for penalty in (100, 300, 1000)},
    "implicit ALS": {
        f"{size} factors, penalty {penalty}, alpha {confidence}": als(size, penalty, confidence)
        for size, penalty, confidence in ((32, 1, 5), (48, 4, 8), (64, 10, 10), (64, 1, 2), (128, 10, 10))
    },
    "item-item": {
        "cosine": item_item(lambda: CosineRecommender(K=200)),
        "TF-IDF": item_item(lambda: TFIDFRecommender(K=200)),
        "BM25 1.2 0.2": item_item(lambda: BM25Recommender(K=200, K1=1.2, B=0.2)),
        "BM25 1.2 0.75": item_item(lambda: BM25Recommender(K=200, K1=1.2, B=0.75)),
    },
    "Ritornello": {"": ours},
}


def hetrec(folder: Path) -> Matrix:
    """Read who played which artist how often."""
    file = folder / "user_artists.dat"
    if not file.is_file():
        sys.exit(f"{file} is not there: --data must be the folder of HetRec 2011 Last.fm-2k")
    rows = np.loadtxt(file, skiprows=1, dtype=np.int64)
    people, row = np.unique(rows[:, 0], return_inverse=True)
    artists, column = np.unique(rows[:, 1], return_inverse=True)
    return heard.matrix(row, column, rows[:, 2], (len(people), len(artists)))


def split(all_: Matrix, share: float, rng: np.random.Generator) -> Case:
    """Hide a share of what each person played."""
    row = np.repeat(np.arange(all_.shape[0]), np.diff(all_.indptr))
    order = np.lexsort((rng.random(len(row)), row))
    place = np.empty(len(row), np.int64)
    place[order] = np.arange(len(row)) - np.repeat(all_.indptr[:-1], np.diff(all_.indptr))
    count = np.diff(all_.indptr)[row]
    hides = (place < np.maximum(1, np.round(count * share))) & (count > 1)
    known, hidden = (
        heard.matrix(row[kept], all_.indices[kept], all_.data[kept], all_.shape) for kept in (~hides, hides)
    )
    return Case(known, known, hidden)


def five(all_: Matrix, part: Ints, rng: np.random.Generator) -> Case:
    """Know five of what each unseen person played, and learn from all others."""
    unseen = part[np.diff(all_.indptr)[part] > SEEDS]
    theirs = all_[unseen]
    row = np.repeat(np.arange(len(unseen)), np.diff(theirs.indptr))
    order = np.lexsort((rng.random(len(row)), row))
    place = np.empty(len(row), np.int64)
    place[order] = np.arange(len(row)) - np.repeat(theirs.indptr[:-1], np.diff(theirs.indptr))
    known, hidden = (
        heard.matrix(row[kept], theirs.indices[kept], theirs.data[kept], theirs.shape)
        for kept in (place < SEEDS, place >= SEEDS)
    )
    return Case(all_[np.setdiff1d(np.arange(all_.shape[0]), part)], known, hidden)


def deal(people: int, rng: np.random.Generator) -> list[Ints]:
    """Deal people into parts."""
    order = rng.permutation(people)
    return [order[at::PARTS] for at in range(PARTS)]


@dataclass(frozen=True)
class Answers:
    """What a method answered to a case, person by person."""

    shown: Ints
    recall: NDArray[np.float64]
    ndcg: NDArray[np.float64]
    fit_s: float
    query_s: float


def answer(fit: Fit, case: Case) -> Answers:
    """Fit, ask for twenty for each person of whom something is hidden, and judge."""
    start = time.process_time()
    score = fit(case.train)
    fitted = time.process_time()
    weights = heard.ranked(case.known)
    people = [int(one) for one in np.flatnonzero((np.diff(case.hidden.indptr) > 0) & (np.diff(case.known.indptr) > 0))]
    shown = np.array([_twenty(score, _row(case.known, one), _row_data(weights, one)) for one in people])
    query = time.process_time() - fitted
    truth = [_row(case.hidden, one) for one in people]
    hits = np.array([np.isin(row, wanted) for row, wanted in zip(shown, truth, strict=True)])
    size = np.array([len(wanted) for wanted in truth])
    ideal = np.cumsum(_DISCOUNT)[np.minimum(size, SHOWN) - 1]
    return Answers(shown, hits.sum(axis=1) / size, hits @ _DISCOUNT / ideal, fitted - start, query / len(people))


def _twenty(score: Score, items: Ints, weights: Floats) -> Ints:
    scores = score(items, weights).copy()
    scores[items] = -np.inf
    top = np.argpartition(-scores, SHOWN)[:SHOWN]
    return np.asarray(top[np.argsort(-scores[top], kind="stable")])


def _row(matrix: Matrix, one: int) -> Ints:
    return np.asarray(matrix.indices[matrix.indptr[one] : matrix.indptr[one + 1]], np.int64)


def _row_data(matrix: Matrix, one: int) -> Floats:
    return np.asarray(matrix.data[matrix.indptr[one] : matrix.indptr[one + 1]], np.float32)


def choose(settings: dict[str, Fit], case: Case) -> str:
    """The setting with the best nDCG."""
    if len(settings) == 1:
        return next(iter(settings))
    return max(settings, key=lambda name: float(answer(settings[name], case).ndcg.mean()))


def judge(method: str, protocol: str, setting: str, cases: list[Case], fit: Fit) -> Result:
    """Answer all cases with one setting and put them together."""
    found = [answer(fit, case) for case in cases]
    recall = np.concatenate([one.recall for one in found])
    ndcg = np.concatenate([one.ndcg for one in found])
    shown = np.unique(np.concatenate([one.shown for one in found]))
    return Result(
        method,
        protocol,
        round(float(recall.mean()), 4),
        interval(recall),
        round(float(ndcg.mean()), 4),
        interval(ndcg),
        round(len(shown) / cases[0].train.shape[1], 4),
        round(sum(one.fit_s for one in found) / len(found), 2),
        round(1000 * float(np.mean([one.query_s for one in found])), 2),
        setting,
    )


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Where 95 % of the means of people drawn anew lie."""
    rng = np.random.default_rng(SEED)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(BOOTSTRAPS)]
    low, high = np.percentile(means, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def cases(all_: Matrix) -> dict[str, tuple[Case, list[Case]]]:
    """For each protocol, a case to choose settings by and the cases to judge by.

    Settings for unseen people are chosen on people of the first case's training rows; what is hidden there is
    never used for them.
    """
    rng = np.random.default_rng(SEED)
    halved = split(all_, 0.2, rng)
    few = _some(split(halved.train, 0.1, rng), VALIDATED, rng)
    dealt = [five(all_, part, rng) for part in deal(all_.shape[0], rng)]
    order = rng.permutation(dealt[0].train.shape[0])
    unseen = order[: min(VALIDATED, len(order) // PARTS)]
    return {"split": (few, [halved]), "five": (five(dealt[0].train, unseen, rng), dealt)}


def _some(case: Case, count: int, rng: np.random.Generator) -> Case:
    chosen = np.sort(rng.permutation(case.known.shape[0])[:count])
    return replace(case, known=case.known[chosen], hidden=case.hidden[chosen])


LISTENERS = (0, 1, 3, 10, 30, 100, 300, 1000)
CATALOGUE = 2_000
DIRECTIONS = 64
DRAWS = 3


@dataclass(frozen=True)
class Tagged:
    """A smaller catalogue with directions of its tags, one fifth of its people unseen."""

    case: Case
    vectors: Floats


def tagged(folder: Path) -> Tagged | None:
    """Read the most played artists and their tags; None where there are no tags."""
    file = folder / "user_taggedartists.dat"
    if not file.is_file():
        return None
    rows = np.loadtxt(folder / "user_artists.dat", skiprows=1, dtype=np.int64)
    tags = np.loadtxt(file, skiprows=1, dtype=np.int64, usecols=(0, 1, 2))
    most = np.sort(np.argsort(-np.bincount(rows[:, 1]), kind="stable")[:CATALOGUE])
    rows = rows[np.isin(rows[:, 1], most)]
    people, row = np.unique(rows[:, 0], return_inverse=True)
    all_ = heard.matrix(row, np.searchsorted(most, rows[:, 1]), rows[:, 2], (len(people), len(most)))
    rng = np.random.default_rng(SEED)
    unseen = deal(len(people), rng)[0]
    case = five(all_, unseen, rng)
    tags = tags[np.isin(tags[:, 1], most) & ~np.isin(tags[:, 0], people[unseen])]
    shape = (len(most), int(tags[:, 2].max()) + 1)
    counts = heard.matrix(np.searchsorted(most, tags[:, 1]), tags[:, 2], np.ones(len(tags)), shape)
    counts.data = np.log1p(counts.data)
    rare = np.log(len(most) / np.maximum(heard.heads(counts), 1))
    left, size, _ = svds((counts @ sparse.diags(rare)).tocsr(), DIRECTIONS, random_state=SEED)
    vectors = left * size
    return Tagged(case, np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)[:, None], np.float32))


def content(vectors: Floats) -> Score:
    """As the server compares embeddings."""
    return lambda items, weights: picks.by_sound(np.maximum(vectors[items] @ vectors.T, 0))


def blended(vectors: Floats, train: Matrix) -> Score:
    """As the server blends."""
    sound = content(vectors)
    if not train.shape[0]:
        return sound
    model = taste.fit(train)

    def score(items: Ints, weights: Floats) -> Floats:
        trust = picks.trust(float(model.listeners[items].sum()))
        near, liked = sound(items, weights), taste.score(model, items, np.ones_like(weights))
        near[items] = 0
        return np.asarray(near / max(float(near.max()), 1e-9) + trust * liked / max(float(liked.max()), 1e-9))

    return score


def few_listeners(small: Tagged) -> list[Result]:
    """Content alone, taste alone and their blend, by how many people are learned from."""
    found = []
    for count in LISTENERS:
        draws = DRAWS if 0 < count < small.case.train.shape[0] else 1
        cases_ = []
        for draw in range(draws):
            chosen = np.random.default_rng(draw).permutation(small.case.train.shape[0])[:count]
            cases_.append(replace(small.case, train=small.case.train[np.sort(chosen)]))
        fits: dict[str, Fit] = {
            "content": lambda train: content(small.vectors),
            "Ritornello": lambda train: blended(small.vectors, train),
        }
        if count:
            fits["taste alone"] = ours
        for method, fit in fits.items():
            found.append(judge(method, f"listeners {count}", f"{draws} draws", cases_, fit))
            print(_line(found[-1]), file=sys.stderr)
    return found


def cold(small: Tagged) -> list[Result]:
    """Artists that nobody has played yet: hidden from all plays that are learned from, and alone ranked."""
    artists = small.case.train.shape[1]
    new = np.random.default_rng(SEED).random(artists) < 1 / PARTS
    train = small.case.train @ sparse.diags((~new).astype(np.float32))
    train.eliminate_zeros()
    kept = small.case.hidden @ sparse.diags(new.astype(np.float32))
    kept.eliminate_zeros()
    case = Case(train, small.case.known, kept)

    def only_new(score: Score) -> Score:
        return lambda items, weights: np.where(new, score(items, weights), -1e9).astype(np.float32)

    methods: dict[str, Fit] = {
        "popularity": lambda train: only_new(popularity(train)),
        "content": lambda train: only_new(content(small.vectors)),
        "Ritornello": lambda train: only_new(blended(small.vectors, train)),
    }
    return [judge(method, "cold", "", [case], fit) for method, fit in methods.items()]


NEIGHBOURS = 20
ASKED = 300
"""Artists of each kind whose neighbours are looked at."""
KINDS = {"many": (50, 10**9), "some": (5, 50), "few": (2, 5)}
"""By how many of those who are learned from listen to an artist."""
_TOP_TAGS = 5


@dataclass(frozen=True)
class Kin:
    """How alike the tags of an artist and of twenty related ones are."""

    method: str
    listeners: str
    tag_cosine: float
    tag_cosine_interval: tuple[float, float]
    shared: float
    """Of the twenty, how many have one of the artist's five most given tags among their own five."""
    different: int
    """Artists that were named at all."""


def related_artists(folder: Path) -> list[Kin]:
    """Neighbours by half of the people, judged by everybody's tags, which no method here sees."""
    file = folder / "user_taggedartists.dat"
    if not file.is_file():
        return []
    plays = np.loadtxt(folder / "user_artists.dat", skiprows=1, dtype=np.int64)
    tags = np.loadtxt(file, skiprows=1, dtype=np.int64, usecols=(0, 1, 2))
    ids = np.unique(plays[:, 1])
    people, row = np.unique(plays[:, 0], return_inverse=True)
    all_ = heard.matrix(row, np.searchsorted(ids, plays[:, 1]), plays[:, 2], (len(people), len(ids)))
    rng = np.random.default_rng(SEED)
    half = all_[np.sort(rng.permutation(len(people))[: len(people) // 2])]
    tags = tags[np.isin(tags[:, 1], ids)]
    shape = (len(ids), int(tags[:, 2].max()) + 1)
    counts = heard.matrix(np.searchsorted(ids, tags[:, 1]), tags[:, 2], np.ones(len(tags)), shape)
    weighed = counts.copy()
    weighed.data = np.log1p(weighed.data)
    weighed = weighed @ sparse.diags(np.log(len(ids) / np.maximum(heard.heads(counts), 1)))
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    weighed = sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-9)) @ weighed)
    top = _top_tags(counts)
    names = [(str(at), f"Artist {at}") for at in range(len(ids))]
    # A track an artist, and nothing known of how it sounds.
    stock = shelf.build(
        [f"t{at}" for at in range(len(ids))],
        np.full((len(ids), len(COLUMNS)), np.nan),
        np.zeros((len(ids), 0), np.float32),
        [(at, at) for at in range(len(ids))],
        names,
        [],
    )
    listeners = heard.heads(half)
    ones = sparse.csc_matrix(heard.binary(half))
    popular = np.argsort(-listeners, kind="stable")[: NEIGHBOURS + 1]
    heard_of = np.flatnonzero(listeners > 0)

    def cosine(at: int) -> Ints:
        common = np.asarray((ones[:, [at]].T @ ones).toarray()).ravel()
        close = common / np.sqrt(np.maximum(listeners * listeners[at], 1))
        close[at] = -1
        return np.argsort(-close, kind="stable")[:NEIGHBOURS]

    methods: dict[str, Callable[[int], Ints]] = {
        "random": lambda at: rng.choice(heard_of, NEIGHBOURS, replace=False),
        "popularity": lambda at: popular[popular != at][:NEIGHBOURS],
        "item-item cosine": cosine,
        "Ritornello": lambda at: np.array(related.related(stock, half, at, NEIGHBOURS), np.int64),
    }
    found = []
    for kind, (least, most) in KINDS.items():
        fit = np.flatnonzero((listeners >= least) & (listeners < most) & (lengths > 0))
        asked = rng.permutation(fit)[:ASKED]
        for method, near in methods.items() if len(asked) else ():
            named = [near(int(at)) for at in asked]
            alike = np.array([_alike(weighed, int(at), one) for at, one in zip(asked, named, strict=True)])
            shared = [
                float(np.mean([bool(top[at] & top[other]) for other in one])) if len(one) else 0.0
                for at, one in zip(asked, named, strict=True)
            ]
            found.append(
                Kin(method, kind, round(float(alike.mean()), 4), interval(alike), round(float(np.mean(shared)), 4),
                    len(np.unique(np.concatenate(named))))
            )  # fmt: skip
    return found


def _top_tags(counts: Matrix) -> list[set[int]]:
    found = []
    for at in range(counts.shape[0]):
        row = slice(counts.indptr[at], counts.indptr[at + 1])
        order = np.argsort(-counts.data[row], kind="stable")[:_TOP_TAGS]
        found.append(set(counts.indices[row][order].tolist()))
    return found


def _alike(weighed: Matrix, at: int, others: Ints) -> float:
    return float((weighed[others] @ weighed[[at]].T).sum() / NEIGHBOURS)


def of_library(path: Path) -> Matrix:
    """Who played which track of a library of one's own how often, with what was saved and listed."""
    from ritornello.library import Library, shelves

    with Library.open(path) as library, library.connect() as connection:
        found, _ = shelves.likes(connection, shelves.load(connection))
    if found is None or found.shape[0] < PARTS:
        people = 0 if found is None else found.shape[0]
        sys.exit(
            f"{path}: {people} listeners and playlists in it, at least {PARTS} are needed to hide some from the others"
        )
    played = np.flatnonzero(heard.heads(found))
    return sparse.csr_matrix(found[:, played])


def run(all_: Matrix) -> list[Result]:
    """Every method on both protocols."""
    found = []
    for protocol, (validation, judged) in cases(all_).items():
        for method, settings in METHODS.items():
            chosen = choose(settings, validation)
            found.append(judge(method, protocol, chosen, judged, settings[chosen]))
            print(_line(found[-1]), file=sys.stderr)
    return found


def _line(one: Result) -> str:
    return (
        f"| {one.protocol} | {one.method} | {one.recall20:.4f} | {one.ndcg20:.4f} "
        f"({one.ndcg20_interval[0]:.4f}–{one.ndcg20_interval[1]:.4f}) | {one.coverage:.3f} | {one.cpu_s:.2f} "
        f"| {one.query_ms:.2f} | {one.setting} |"
    )


def speed(tracks: int, listeners: int = 2_000, requests: int = 100) -> dict[str, Any]:
    """CPU milliseconds of requests on a library of random tracks, and beyond 100,000 how much of the exact answer.

    Vectors lie in clusters of 24 directions, as those of music do; ``filtered`` has floors, ceilings and two targets.
    """
    rng = np.random.default_rng(SEED)
    values = rng.random((tracks, len(COLUMNS)))
    values[:, COLUMNS["tempo"]] *= 200
    scenes = rng.normal(size=(300, 24)).astype(np.float32)
    inner = scenes[rng.integers(0, 300, tracks)] + 0.7 * rng.standard_normal((tracks, 24), dtype=np.float32)
    vectors = inner @ rng.normal(size=(24, 128)).astype(np.float32)
    vectors += 0.3 * rng.standard_normal((tracks, 128), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    stock = shelf.build(
        [f"t{row}" for row in range(tracks)],
        values,
        vectors,
        [(row, row // 5) for row in range(tracks)],
        [(f"a{at}", f"Artist {at}") for at in range(tracks // 5)],
        [(row, SEED_GENRES[row % len(SEED_GENRES)]) for row in range(tracks)],
    )
    odds = 1 / np.arange(1, tracks + 1)
    columns = rng.choice(tracks, listeners * 100, p=odds / odds.sum())
    plays = heard.matrix(np.repeat(np.arange(listeners), 100), columns, np.ones(len(columns)), (listeners, tracks))
    start = time.process_time()
    liked = taste.fit(plays)
    told: dict[str, Any] = {"tracks": tracks, "fit_s": round(time.process_time() - start, 1)}
    start = time.process_time()
    cells = index.build(stock.vectors, stock.embedded)
    told["index_s"] = round(time.process_time() - start, 1)
    what = known.Known(stock, plays, {}, liked, index=cells)
    wishes_ = {
        "filtered": Tunables({"energy": 0.2}, {"tempo": 180.0}, {"valence": 0.5, "danceability": 0.7}),
        "narrow": Tunables({"energy": 0.6}, {"tempo": 60.0}, {}),
        "free": Tunables({}, {}, {}),
    }
    for name, wanted in wishes_.items():
        took: list[float] = []
        agreed: list[float] = []
        for _ in range(requests):
            popular = rng.choice(tracks, 3, p=odds / odds.sum())
            rare = [("track", f"t{row}") for row in rng.integers(0, tracks, 2)]
            wish = Wish((*(("track", f"t{row}") for row in popular), *rare), wanted)
            start = time.process_time()
            found = known.answer(what, wish).tracks
            took.append(1000 * (time.process_time() - start))
            if cells is not None and len(agreed) < EXACT:
                agreed.append(_agreed(what, wish, {one.track_id for one in found}))
        told[name] = {
            "p50_ms": round(float(np.percentile(took, 50)), 1),
            "p99_ms": round(float(np.percentile(took, 99)), 1),
        }
        if agreed:
            told[name]["recall20"] = round(float(np.mean(agreed)), 3)
    return told


EXACT = 20
"""Requests that are also answered by going through everything."""


def _agreed(what: known.Known, wish: Wish, found: set[str]) -> float:
    """How much of the exact answer was found."""
    large, index.LARGE = index.LARGE, len(what.shelf.ids)
    try:
        exact = {one.track_id for one in known.answer(what, wish).tracks}
    finally:
        index.LARGE = large
    return len(found & exact) / max(len(exact), 1)


SIZES = {
    "household": (5, 20_000, 40_000),
    "community": (2_000, 50_000, 200),
    "100,000 listeners": (100_000, 50_000, 100),
}
"""Listeners, tracks, and how many tracks each listener plays in the middle."""


def made_up(listeners: int, tracks: int, each: int) -> Matrix:
    """Listeners with tastes of their own: 50 scenes, tracks popular as one over their rank, counts by a power law."""
    rng = np.random.default_rng(SEED)
    scene = rng.integers(0, 50, tracks)
    order = rng.permutation(tracks)
    odds = np.empty(tracks)
    odds[order] = 1 / (np.arange(tracks) + 20) ** 0.9
    inside = [np.flatnonzero(scene == one) for one in range(50)]
    sums = [np.cumsum(odds[rows]) for rows in inside]
    everywhere = np.cumsum(odds)
    rows, columns = [], []
    for listener in range(listeners):
        many = min(int(rng.lognormal(np.log(each), 0.8)) + 1, 4 * tracks)
        own = rng.choice(50, 3, replace=False)
        for one, share in zip(own, (0.4, 0.25, 0.15), strict=True):
            drawn = rng.random(int(many * share)) * sums[one][-1]
            columns.append(inside[one][np.searchsorted(sums[one], drawn)])
        columns.append(np.searchsorted(everywhere, rng.random(many // 5 + 1) * everywhere[-1]))
        rows.append(np.full(sum(len(part) for part in columns[-4:]), listener))
    at, column = np.concatenate(rows), np.concatenate(columns)
    heard_ = heard.matrix(at, column, rng.zipf(2.0, len(at)).clip(max=500), (listeners, tracks))
    heard_.sum_duplicates()
    return heard_


def fits(name: str) -> dict[str, float | str]:
    """CPU and wall seconds of a fit, and the most memory, on made-up listeners."""
    plays = made_up(*SIZES[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu, wall = time.process_time(), time.perf_counter()
    model = taste.fit(plays)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    start = time.process_time()
    for at in range(50):
        items = _row(plays, at % plays.shape[0])[:5]
        taste.score(model, items, np.ones(len(items), np.float32))
    return {
        "size": name,
        "entries": plays.nnz,
        "cpu_s": round(cpu, 1),
        "wall_s": round(wall, 1),
        "mib_before": round(before),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "score_ms": round((time.process_time() - start) * 20, 2),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--data", type=Path, help="the folder of HetRec 2011 Last.fm-2k")
    given.add_argument("--library", type=Path, help="a library of your own: its plays, saved tracks and playlists")
    given.add_argument("--related", type=Path, metavar="DATA", help="related artists beside tags, by the same data")
    given.add_argument("--speed", type=int, metavar="TRACKS", help="time requests on so many random tracks instead")
    given.add_argument("--fit", choices=list(SIZES), help="time a fit to made-up listeners instead")
    parser.add_argument("--json", action="store_true", help="print a list, one entry a method and protocol")
    asked = parser.parse_args()
    if asked.speed:
        print(json.dumps(speed(asked.speed)))
        return
    if asked.fit:
        print(json.dumps(fits(asked.fit)))
        return
    if asked.related:
        kin = related_artists(asked.related)
        if not kin:
            sys.exit(f"{asked.related}: there are no tags to judge by (user_taggedartists.dat)")
        print(json.dumps([asdict(one) for one in kin], indent=1))
        return
    found = run(of_library(asked.library) if asked.library else hetrec(asked.data))
    small = tagged(asked.data) if asked.data else None
    if small is not None:
        found += few_listeners(small) + cold(small)
    if asked.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        print("| protocol | method | recall@20 | nDCG@20 | coverage | fit CPU s | query CPU ms | setting |")
        print("|---|---|---|---|---|---|---|---|")
        print("\n".join(_line(one) for one in found))


if __name__ == "__main__":
    main()
