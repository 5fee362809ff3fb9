"""How right the odds of genres are on music whose genre is known.

::

    uv run --group bench python -m bench.genres --pieces 4
    uv run --group bench python -m bench.genres --library library.sqlite

``--pieces N`` composes N pieces in each style that is one of the 126 seeds; ``--library`` takes the tracks of a scanned
library whose tags name seeds, and what was heard of them at the scan, which tags have no part in.

A genre that is not told counts as 0. ``first`` is how often the likeliest genre is a true one, ``in five`` how often
one of the five likeliest is. ``rank`` is how often a true genre has higher odds in a track that is of it than in one
that is not, the mean over genres that at least two tracks are of and two are not; 0.5 is chance. ``found`` and
``right`` are the share of true genres told with the odds that a genre seed asks for, and the share of what is told
with them that is true.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select

from ritornello.analyze import analyze
from ritornello.library import Library, genre_odds
from ritornello.library import schema as s
from ritornello.pieces import STYLES, compose, render
from ritornello.recommend.kinds import of_tag
from ritornello.recommend.seeds import LIKELY
from ritornello.sound.encode import write
from ritornello.spotify import genres

FIVE = 5


@dataclass(frozen=True)
class Case:
    """What a track is, and what was heard."""

    true: frozenset[str]
    odds: dict[str, float]


@dataclass(frozen=True)
class Figures:
    """All that is told of some tracks."""

    tracks: int
    genres: dict[str, int]
    first: float
    in_five: float
    rank: float
    found: float
    right: float
    never_heard: list[str]
    """Genres that got no odds in any track that is of them."""


def judge(cases: list[Case]) -> Figures:
    """Compare."""
    order = [sorted(case.odds, key=lambda name, case=case: -case.odds[name]) for case in cases]  # type: ignore[misc]
    told = [{name for name, odds in case.odds.items() if odds >= LIKELY} for case in cases]
    counts = Counter(name for case in cases for name in case.true)
    hits = sum(len(case.true & names) for case, names in zip(cases, told, strict=True))
    # A seed that a tag does not name may be true all the same; only those that some tag names are judged.
    judged = sum(len(names & counts.keys()) for names in told)
    ranks = []
    for name, count in counts.items():
        inside = np.array([case.odds.get(name, 0.0) for case in cases if name in case.true])
        outside = np.array([case.odds.get(name, 0.0) for case in cases if name not in case.true])
        if count > 1 and len(outside) > 1:
            ranks.append(float(np.mean((inside[:, None] > outside) + 0.5 * (inside[:, None] == outside))))
    return Figures(
        tracks=len(cases),
        genres=dict(counts.most_common()),
        first=_share(bool(set(names[:1]) & case.true) for case, names in zip(cases, order, strict=True)),
        in_five=_share(bool(set(names[:FIVE]) & case.true) for case, names in zip(cases, order, strict=True)),
        rank=round(float(np.mean(ranks)), 3) if ranks else float("nan"),
        found=round(hits / max(sum(counts.values()), 1), 3),
        right=round(hits / max(judged, 1), 3),
        never_heard=sorted(
            name for name in counts if not any(name in case.odds for case in cases if name in case.true)
        ),
    )


def _share(each: object) -> float:
    return round(float(np.mean(list(each))), 3)  # type: ignore[call-overload]


def pieces(each: int) -> list[Case]:
    """Compose, render and analyse."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for style in STYLES:
            name = next(iter(of_tag(genres.normal(style))), None)
            for seed in range(each if name else 0):
                path = Path(folder) / f"{style} {seed}.wav"
                write(path, render(compose(style, seed=seed, seconds=40, palette=seed % 2)))
                found.append(Case(frozenset({str(name)}), dict(analyze(path).genres)))
                path.unlink()
                print(f"{style} {seed}", file=sys.stderr)
    return found


def library(path: Path) -> list[Case]:
    """Read tags, and what was heard."""
    with Library.open(path) as shelf, shelf.connect() as connection:
        heard = genre_odds.all(connection)
        true: dict[str, set[str]] = {}
        for row in connection.execute(select(s.track_genres.c.track_id, s.track_genres.c.genre)):
            named = set(of_tag(genres.normal(row.genre)))
            true.setdefault(row.track_id, set()).update(named)
    return [Case(frozenset(names), heard[id_]) for id_, names in true.items() if names and id_ in heard]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--pieces", type=int, metavar="N", help="compose so many pieces in each style")
    given.add_argument("--library", type=Path, help="a scanned library with tags")
    asked = parser.parse_args()
    cases = pieces(asked.pieces) if asked.pieces else library(asked.library)
    if not cases:
        sys.exit(f"{asked.library}: no track has a tag that names one of the 126 genres; scan tagged music first")
    print(json.dumps(asdict(judge(cases)), indent=1))


if __name__ == "__main__":
    main()
