"""The ways in which such studies go wrong: each fools the usual analysis here, and not ours."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from ritornello.errors import StudyError
from ritornello.library.plays import Listened, What
from ritornello.study import donors, fitting, listening, plans, quality
from ritornello.study.models import between, checks, families, multiverse, prediction, selection, within
from ritornello.study.models import panel as panels
from ritornello.study.models.panel import Panel
from tests.study import made

QUICK = {"repeats": 1, "permutations": 1, "bootstraps": 200, "folds": 5}


def r(one: np.ndarray, other: np.ndarray) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    return float(np.corrcoef(one[known], other[known])[0, 1])


def score(found: prediction.Prediction, name: str) -> prediction.Score:
    return next(one for one in found.scores if one.name == name)


def traits(people: int = 41, prompts: int = 20, seed: int = 1) -> Panel:
    """People whose music is recognisably theirs, and whose mood has a level of its own; the two have nothing in
    common."""
    rng = np.random.default_rng(seed)
    panel = donors.panel(people, prompts, seed=seed)
    habits = rng.normal(size=(people, 12))[panel.person] + 0.3 * rng.normal(size=(len(panel), 12))
    return panel.with_(**{f"music_{number}": column for number, column in enumerate(habits.T)})


MUSIC = [f"music_{number}" for number in range(12)]


def test_rows_of_a_person_on_both_sides_of_a_split_make_a_nothing_predict() -> None:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold, cross_val_predict

    panel = traits()
    y, x = panel.column("valence"), np.column_stack([panel.column(name) for name in MUSIC])
    forest = RandomForestRegressor(12, min_samples_leaf=5, random_state=1)
    naive = cross_val_predict(forest, x, y, cv=KFold(5, shuffle=True, random_state=1))
    assert r(naive, y) > 0.2
    found = prediction.predict(panel, "valence", MUSIC, **QUICK)
    assert score(found, "music").r2 < 0.01
    assert not found.suspicious


def test_every_row_of_a_person_is_on_one_side() -> None:
    panel = traits(people=50, prompts=6)
    tests = list(prediction.groups(panel, 10, 3))
    assert np.array_equal(np.sum(tests, axis=0), np.ones(len(panel)))
    for test in tests:
        assert not set(panel.person[test]) & set(panel.person[~test])


def test_knowing_who_somebody_is_counts_as_a_baseline_and_not_as_a_prediction() -> None:
    panel = traits()
    found = prediction.predict(panel, "valence", MUSIC, **QUICK)
    assert score(found, "own past mean").r2 > 0.25  # a number that is often published as a model's
    assert found.gain.r2 < 0.02
    assert found.gain.low < 0.01


def test_within_and_between_are_two_questions() -> None:
    rng = np.random.default_rng(4)
    panel = donors.panel(200, 5, heard=1.0, seed=4)
    level = rng.normal(size=200)[panel.person]
    x = level + rng.normal(size=len(panel))
    y = -0.3 * (x - level) + 0.8 * level + rng.normal(size=len(panel))
    panel = panel.with_(energy=x, valence=y)
    assert r(x, y) > 0.2  # the pooled correlation says the contrary of what happens in people
    found = within.fit(panel, "valence", "energy")
    expected = -0.3 / np.sqrt(1 + 0.09)
    assert found.low < expected < found.high < 0
    assert (between.correlate(panel, "valence", "energy").corrected or 0) > 0.7


def test_an_hour_in_the_wrong_zone_leaves_what_the_clock_does_to_both() -> None:
    rng = np.random.default_rng(5)
    panel = donors.panel(120, 30, heard=1.0, seed=5)
    rhythm = np.cos((panel.column("local_hour") - 15) / 24 * 2 * np.pi)
    x, y = (0.9 * rhythm + rng.normal(size=len(panel)) + rng.normal(size=120)[panel.person] for _ in range(2))
    panel = panel.with_(energy=x, valence=y)
    away = rng.choice([-8.0, -5.0, 0.0, 5.0, 8.0], 120)[panel.person]
    wrong = panel.with_(local_hour=(panel.column("local_hour") + away) % 24)
    fooled = within.fit(wrong, "valence", "energy", previous=False)
    assert fooled.low > 0
    found = within.fit(panel, "valence", "energy", previous=False)
    assert found.low < 0 < found.high
    assert fooled.low > found.high


def test_moods_that_are_seen_only_after_music_are_weighed() -> None:
    rng = np.random.default_rng(6)
    panel = donors.panel(300, 100, heard=1.0, seed=6)
    x = rng.normal(size=len(panel))
    y = 0.08 * x + rng.normal(size=len(panel))
    # People turn music on when they feel far from usual: those moods are spread wider.
    listens = rng.random(len(panel)) < 1 / (1 + np.exp(3 - 2.2 * np.abs(y)))
    panel = panel.with_(energy=np.where(listens, x, np.nan), valence=y, plays=listens.astype(np.float64))
    seen = stats.linregress(x[listens], y[listens])
    assert seen.slope - 2.6 * seen.stderr > 0.08 / np.sqrt(1 + 0.08**2)
    found = checks.selective(panel, "valence", "energy")
    assert found.p < 1e-6
    assert found.extreme > 0.3
    assert abs(found.weighted - 0.08) < 2 * found.error
    assert found.weighted < 0.75 * seen.slope


def test_features_that_are_missing_for_a_reason_show_and_bound_the_slope() -> None:
    rng = np.random.default_rng(7)
    panel = donors.panel(100, 40, heard=1.0, seed=7)
    x = rng.normal(size=len(panel))
    y = 0.2 * x + rng.normal(size=len(panel))
    # Loud music that goes with a good mood is new, and has no features yet.
    known = rng.random(len(panel)) > 0.9 / (1 + np.exp(-2.5 * (x + y - 1)))
    panel = panel.with_(energy=np.where(known, x, np.nan), valence=y)
    complete = within.fit(panel, "valence", "energy", previous=False)
    assert complete.high < 0.19
    found = checks.missing(panel, "valence", "energy")
    assert found.share == pytest.approx(1 - known.mean())
    assert found.depends < 1e-6
    assert found.low < 0.2 / np.sqrt(1.04) < found.high


def test_two_hundred_and_forty_questions_have_no_findings_where_there_is_nothing() -> None:
    rng = np.random.default_rng(8)
    people = 100
    features, outcomes = rng.normal(size=(people, 60)), rng.normal(size=(people, 4))
    p = [stats.pearsonr(a, b).pvalue for a in features.T for b in outcomes.T]
    assert sum(one < 0.05 for one in p) >= 8
    assert not [one for one in families.adjust(p, "bh") if one < 0.05]
    assert not [one for one in families.adjust(p, "holm") if one < 0.05]


def test_songs_and_hours_are_no_people() -> None:
    panel = traits(people=24, prompts=200, seed=9)
    x, y = panel.column("music_0"), panel.column("valence")
    naive = [stats.pearsonr(panel.column(name), y).pvalue for name in MUSIC]
    assert sum(one < 0.001 for one in naive) >= 5
    found = [between.correlate(panel, "valence", name).p for name in MUSIC]
    assert min(families.adjust(found, "holm")) > 0.05
    assert between.correlate(panel, "valence", "music_0").people == 24
    assert len(x) == 4800


def test_choosing_among_features_happens_inside_of_the_folds() -> None:
    rng = np.random.default_rng(10)
    people, prompts, count = 42, 3, 150
    panel = donors.panel(people, prompts, seed=10)
    noise = rng.normal(size=(people, count))[panel.person]
    y = panel.split(panel.column("valence"))[1]
    panel = panel.with_(valence=y + 1e-3 * rng.normal(size=len(y)))
    y = panel.column("valence")
    best = np.argsort([-abs(r(column, y)) for column in noise.T])[:5]  # chosen with the test people in sight
    panel = panel.with_(**{f"music_{number}": noise[:, column] for number, column in enumerate(best)})
    fooled = prediction.predict(panel, "valence", MUSIC[:5], **QUICK)
    assert score(fooled, "music").r2 > 0.2
    assert fooled.suspicious or score(fooled, "music").r2 < prediction.IMPLAUSIBLE
    panel = panel.with_(**{f"all_{number}": column for number, column in enumerate(noise.T)})
    found = prediction.predict(panel, "valence", [f"all_{number}" for number in range(count)], **QUICK)
    assert score(found, "music").r2 < 0.05


def test_music_that_follows_a_mood_is_not_taken_for_its_cause() -> None:
    rng = np.random.default_rng(11)
    panel = donors.panel(60, 30, heard=1.0, seed=11)
    mood = rng.normal(size=len(panel))
    later = 0.4 * mood + rng.normal(size=len(panel))
    earlier = rng.normal(size=len(panel))
    panel = panel.with_(valence=mood, energy=earlier, after_energy=later, around=(earlier + later) / 2)
    assert within.fit(panel, "valence", "around").low > 0.1  # a window around the prompt mixes up the two
    forwards = within.fit(panel, "valence", "energy")
    assert forwards.low < 0 < forwards.high
    assert within.fit(panel, "after_energy", "valence").low > 0.25


def test_a_choice_of_the_best_looking_window_is_called_exploratory(tmp_path: Path) -> None:
    study = made.study(tmp_path / "study")
    assert plans.label(study.folder, plans.read(study.folder)) == ("exploratory", [])
    plans.freeze(study)
    plan = plans.read(study.folder)
    assert plans.label(study.folder, plan) == ("confirmatory", [])
    assert plans.label(study.folder, replace(plan, window_minutes=15)) == ("deviation", ["window_minutes"])
    assert plans.label(study.folder, replace(plan, music="repetition")) == ("exploratory", ["music"])
    path = study.folder / "prereg.yaml"
    path.write_text(path.read_text().replace("window_minutes: 60", "window_minutes: 15"))
    with pytest.raises(StudyError, match="window_minutes changed since"):
        plans.freeze(study)
    lock = study.folder / "prereg.lock"
    lock.write_text(lock.read_text().replace('"window_minutes": 60', '"window_minutes": 15'))
    with pytest.raises(StudyError, match="changed by hand"):
        plans.frozen(study.folder)


def test_a_draft_of_a_plan_is_the_plan_with_a_word_on_each_choice(tmp_path: Path) -> None:
    text = plans.write_draft(tmp_path).read_text(encoding="utf-8")
    assert plans.read(tmp_path) == plans.Plan()
    lines = text.splitlines()
    choices = [place for place, line in enumerate(lines) if line and not line.startswith("#")]
    assert len(choices) == len(fields(plans.Plan))
    assert all(lines[place - 1].startswith("# ") for place in choices)


def test_a_result_that_is_too_good_is_looked_into() -> None:
    rng = np.random.default_rng(12)
    panel = donors.panel(40, 20, heard=1.0, seed=12)
    copy = panel.column("valence") + 0.01 * rng.normal(size=len(panel))
    panel = panel.with_(energy=np.asarray(copy, np.float64))
    found = prediction.predict(panel, "valence", ["energy"], **QUICK)
    assert found.suspicious
    assert prediction.leakage(panel, "valence", found)["copies"] == ["energy"]
    rows = np.concatenate([np.flatnonzero(panel.person == number) for number in (0, *range(40))])
    person = np.repeat(np.arange(41), [np.count_nonzero(panel.person == number) for number in (0, *range(40))])
    columns = {name: values[rows] for name, values in panel.columns.items()}
    twins = Panel(person, (panel.codes[0], *panel.codes), panel.time[rows], columns)
    assert prediction.leakage(twins, "valence", found)["twins"] == 1


# Histories, from plays to slopes -----------------------------------------------------------------------------------

HOUR = 3_600_000
START = 1_709_535_600_000  # Monday, 7:00 UTC


def heard(end: int, energy: int, ms: int = 200_000, reason: str = "trackdone") -> Listened:
    """A play of a track whose energy is in its key, in thousandths."""
    name = f"{energy}"
    return Listened(end - ms, end, ms, "exact", False, reason, "trackdone", What(name, name, name, None, None))


def hour_of(
    rng: np.random.Generator, end: int, energy: float, count: int = 8, reason: str = "trackdone"
) -> list[Listened]:
    """About half an hour of music of an energy, one track after the other."""
    some = np.clip(energy + 0.02 * rng.normal(size=count), 0, 1)
    return [heard(end - 1000 - 203_000 * n, round(1000 * one), reason=reason) for n, one in enumerate(some)]


def moments(prompts: int) -> list[int]:
    return [START + (number // 4) * 24 * HOUR + (number % 4) * 4 * HOUR for number in range(prompts)]


class Listeners:
    """Occasions by way of plays: windows, definitions and flags as a study has them."""

    def __init__(self, listen: listening.Listen = "any") -> None:
        self.listen: listening.Listen = listen
        self.rows: list[dict[str, str]] = []
        self.people: list[dict[str, str]] = []

    def add(self, code: str, plays: list[Listened], answers: list[tuple[int, float]]) -> None:
        history = listening.prepare(plays, 30_000)
        numbers = {one.what.key: {"energy": int(one.what.key) / 1000} for one in plays}
        overlap, looped = listening.overlap(history), len(history.looped)
        self.people.append({"code": code, "overlap": str(overlap), "looped_plays": str(looped)})
        for moment, mood in answers:
            window = listening.before(history, moment, 60)
            parts = {
                "energy": listening.counted(history, window, self.listen, 30_000),
                multiverse.column(60, "unlooped"): listening.counted(history, window, "unlooped", 30_000),
                "picked_energy": listening.picked(window, by_hand=True),
                "autoplayed_energy": listening.picked(window, by_hand=False),
            }
            told = {name: listening.sound(some, numbers, 0.3)["energy"] for name, some in parts.items()}
            clock = {"local_hour": str((moment // HOUR) % 24), "weekend": str(int((moment // HOUR // 24 + 3) % 7 >= 5))}
            row = {name: "" if value is None else str(value) for name, value in told.items()}
            self.rows.append({"code": code, "sent_at": str(moment), "valence": str(mood), **clock, **row})

    def panel(self) -> Panel:
        return panels.of_rows(self.rows)


def test_plays_of_somebody_else_on_the_account_are_flagged_and_left_out_for_comparison() -> None:
    rng = np.random.default_rng(21)
    study = Listeners()
    for number in range(40):
        energy, others = 0.5 + 0.1 * rng.normal(size=(2, 28)) * [[1], [2.5]]
        plays = [one for at, e in zip(moments(28), energy, strict=True) for one in hour_of(rng, at, e)]
        if number % 2:
            plays += [one for at, e in zip(moments(28), others, strict=True) for one in hour_of(rng, at - 2000, e)]
        mood = 0.35 * (energy - 0.5) / 0.1 + rng.normal(size=28)
        study.add(f"P-{number:02}", plays, list(zip(moments(28), mood, strict=True)))
    panel, truth = study.panel(), 0.35 / np.sqrt(1 + 0.35**2)
    assert within.fit(panel, "valence", "energy").high < truth  # everybody's plays taken for their own
    doubtful = quality.doubtful(study.people)
    assert doubtful == {f"P-{number:02}" for number in range(1, 40, 2)}
    sure = panel.where(~np.isin(np.asarray(panel.codes), sorted(doubtful))[panel.person])
    found = within.fit(sure, "valence", "energy")
    assert found.low < truth < found.high


def test_a_loop_through_the_night_is_not_what_somebody_listened_to() -> None:
    rng = np.random.default_rng(22)
    study = Listeners()
    for number in range(30):
        plays, answers = [], []
        for at in moments(28):
            slept_badly = at % (24 * HOUR) == 7 * HOUR and rng.random() < 0.4
            # Who sleeps badly has a quiet track run all night, and feels worse in the morning, music or not.
            looped = [heard(at - 1000 - 203_000 * n, 50 + number) for n in range(25)]
            plays += looped if slept_badly else hour_of(rng, at, 0.5 + 0.1 * rng.normal())
            answers.append((at, float(rng.normal() - 1.5 * slept_badly)))
        study.add(f"P-{number:02}", plays, answers)
    panel = study.panel()
    fooled = within.fit(panel, "valence", "energy", previous=False)
    assert fooled.low > 0.1
    assert len(quality.doubtful(study.people)) == 30
    found = multiverse.run(panel, "valence", [60], ["unlooped"])
    assert len(found.forks) == 2
    assert all(one.low < 0 < one.high for one in found.forks)


def test_what_came_by_itself_is_not_taken_for_a_choice() -> None:
    rng = np.random.default_rng(26)
    study = Listeners()
    for number in range(40):
        plays, answers = [], []
        for at in moments(24):
            mood = float(rng.normal())
            # The service goes on with what fits the hour's mood; what people pick has nothing to do with it.
            plays += hour_of(rng, at, 0.5 + 0.06 * mood + 0.08 * rng.normal(), 6)
            plays += hour_of(rng, at - 1_300_000, 0.5 + 0.1 * rng.normal(), 4, reason="clickrow")
            answers.append((at, mood))
        study.add(f"P-{number:02}", plays, answers)
    panel = study.panel()
    assert within.fit(panel, "valence", "energy").low > 0.2  # "people choose music that fits their mood"
    chosen = within.fit(panel, "valence", "picked_energy")
    assert chosen.low < 0 < chosen.high
    assert within.fit(panel, "valence", "autoplayed_energy").low > 0.2


def test_the_best_of_many_choices_is_held_to_their_number() -> None:
    windows, listens = (15, 60, 180), ("any", "long", "half", "completed")
    fooled, found = 0, 0
    for seed in range(30):
        rng = np.random.default_rng(1000 + seed)
        panel = donors.panel(30, 12, heard=1.0, seed=seed)
        base = rng.normal(size=len(panel))
        forks = {
            multiverse.column(minutes, listen): 0.5 * base + rng.normal(size=len(panel))
            for minutes in windows
            for listen in listens
        }
        told = multiverse.run(panel.with_(**forks), "arousal", windows, listens, draws=400)
        assert len(told.forks) == 24
        fooled += min(one.p for one in told.forks) < 0.05
        found += told.best < 0.05
    assert fooled >= 8  # somebody who looks for it finds "something" in a third of studies of nothing
    assert found <= 5  # of 30 at 5 %: more has a chance of 0.3 %


def test_forks_find_what_is_there() -> None:
    panel = donors.panel(40, 25, 0.25, seed=31)
    x = panel.column("energy")
    told = multiverse.run(panel.with_(fork_60_any=x, fork_60_long=x), "valence", [60], ["any", "long"], {"P-1", "P-2"})
    assert len(told.forks) == 8
    assert {one.people for one in told.forks} == {38, 40}
    assert told.below == 1.0
    assert told.best < 0.01
    mixed = within.fit(panel, "valence", "energy", least=2)
    same = next(one for one in told.forks if one.doubtful and one.previous)
    assert same.slope == pytest.approx(mixed.slope, abs=0.01)
    assert same.high - same.low == pytest.approx(mixed.high - mixed.low, rel=0.25)


def test_people_who_give_are_compared_with_people_who_do_not() -> None:
    rng = np.random.default_rng(24)
    mood = rng.normal(50, 15, 400)
    gives = rng.random(400) < 1 / (1 + np.exp(-(mood - 50) / 8))
    gave, not_gave = mood[gives], mood[~gives]
    naive = stats.ttest_1samp(gave, 0).confidence_interval()
    assert naive.low > 51  # "students feel better than the middle of the scale"; people feel just at it
    found = selection.numbers("valence", list(gave), list(not_gave))
    assert found is not None
    assert found.p < 1e-6
    assert found.size == pytest.approx((gave.mean() - not_gave.mean()) / 12.5, abs=0.35)
    alike = selection.numbers("valence", list(rng.normal(size=50)), list(rng.normal(size=50)))
    assert alike is not None
    assert alike.p > 0.05
    assert selection.numbers("valence", [1.0, 2.0, 3.0, 4.0], list(not_gave)) is None
    # 30 of 40 and 10 of 40: chi-squared 20, so V is one half.
    shares = selection.kinds("age", ["y"] * 30 + ["o"] * 10, ["y"] * 10 + ["o"] * 30)
    assert shares is not None
    assert shares.size == pytest.approx(0.5)
    assert shares.told == ("o 25%, y 75%", "o 75%, y 25%")
    few = selection.kinds("age", ["y"] * 30 + ["o"] * 3, ["y"] * 10 + ["x"])
    assert few is not None
    assert few.told == ("other 9%, y 91%", "other 9%, y 91%")


# The engines and their guard ---------------------------------------------------------------------------------------


def test_a_slope_is_the_one_that_a_formula_for_balanced_data_gives() -> None:
    # With as many rows a person and music that is spread alike in all, slopes of people are independent and equally
    # sure: the mixed model's slope and error are the mean of people's own slopes and its standard error.
    rng = np.random.default_rng(13)
    people, prompts = 50, 40
    shape = (people, prompts)
    base = rng.normal(size=prompts)
    base = (base - base.mean()) / base.std()
    x = np.tile(base, (people, 1))
    y = (0.1 + 0.3 * rng.normal(size=(people, 1))) * x + rng.normal(size=(people, 1)) + rng.normal(size=shape)
    panel = donors.panel(people, prompts, heard=1.0, seed=13)
    flat = {"local_hour": np.full(shape, 12.0), "weekend": np.zeros(shape), "energy": x, "valence": y}
    panel = panel.with_(**{name: value.ravel() for name, value in flat.items()})
    centred = y - y.mean(axis=1, keepdims=True)
    own = centred @ base / prompts / np.sqrt(np.mean(centred**2))
    found = within.fit(panel, "valence", "energy", previous=False)
    assert found.model == "random slopes"
    assert found.slope == pytest.approx(own.mean(), abs=1e-4)
    assert found.error == pytest.approx(own.std(ddof=1) / np.sqrt(people), rel=0.01)
    assert found.two_step == pytest.approx((own.mean(), own.std(ddof=1) / np.sqrt(people)), rel=1e-6)
    assert found.p == pytest.approx(stats.ttest_1samp(own, 0).pvalue, rel=0.05)


GPBOOST = {41: (0.214221, 0.044002, 0.053811), 42: (0.071686, 0.038659, 0.029224)}
"""Slope, standard error and variance of slopes that gpboost 1.8.0 tells of these data."""


@pytest.mark.parametrize(("seed", "slope", "spread"), [(41, 0.2, 0.25), (42, 0.0, 0.2)])
def test_another_package_tells_the_same(seed: int, slope: float, spread: float) -> None:
    # gpboost has maximum likelihood and slopes that are independent of levels; ours is REML and leaves that open.
    panel = donors.panel(50, 30, slope, spread=spread, seed=seed)
    found = within.fit(panel, "valence", "energy", previous=False)
    assert found.model == "random slopes"
    assert found.slope == pytest.approx(GPBOOST[seed][0], abs=0.002)
    assert found.error == pytest.approx(GPBOOST[seed][1], rel=0.03)
    assert found.spread == pytest.approx(np.sqrt(GPBOOST[seed][2]), abs=0.02)


def test_what_is_written_here_of_another_package_is_what_it_says() -> None:
    gpboost = pytest.importorskip("gpboost", reason="install gpboost to ask it again")
    for seed, (slope, spread) in {41: (0.2, 0.25), 42: (0.0, 0.2)}.items():
        panel = donors.panel(50, 30, slope, spread=spread, seed=seed)
        used = within.complete(panel, "valence", "energy", 2, previous=False)
        x, means = used.split(used.column("energy"))
        y = used.column("valence")
        spreads = [float(np.sqrt(np.mean(value**2))) for value in (used.split(y)[0], x)]
        hours = panels.clock(used.column("local_hour"))
        beside = np.column_stack([(means - means.mean()) / means.std(), hours, used.column("weekend")])
        design = np.column_stack([np.ones(len(y)), x / spreads[1], beside - beside.mean(axis=0)])
        model = gpboost.GPModel(
            group_data=used.person,
            group_rand_coef_data=x / spreads[1],
            ind_effect_group_rand_coef=[1],
            likelihood="gaussian",
        )
        model.fit(y=(y - y.mean()) / spreads[0], X=design)
        told = model.get_coef(std_err=True).to_numpy()[:, 1]
        variance = model.get_cov_pars().to_numpy()[0, 2]
        assert (*told, variance) == pytest.approx(GPBOOST[seed], abs=1e-3)


def test_no_p_is_given_where_engines_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    import statsmodels.api as sm

    panel = donors.panel(30, 15, 0.3, spread=0.2, seed=14)
    assert within.fit(panel, "valence", "energy").p is not None
    real = sm.MixedLM.fit

    def wrong(self: object, method: str) -> object:
        found = real(self, method=method)
        factor = 1.2 if method == "powell" else 1.0
        return type("Fit", (), {"bse": found.bse * factor, "fe_params": found.fe_params, "cov_re": found.cov_re})()

    monkeypatch.setattr(sm.MixedLM, "fit", wrong)
    found = within.fit(panel, "valence", "energy")
    assert found.p is None
    assert found.model == "none"
    assert "no p is given" in found.remark


def test_few_people_and_music_that_never_changes_are_refused() -> None:
    with pytest.raises(StudyError, match="4 people"):
        within.fit(donors.panel(4, 30, seed=15), "valence", "energy")
    panel = donors.panel(20, 10, seed=15)
    with pytest.raises(StudyError, match="always the same"):
        within.fit(panel.with_(energy=panel.person.astype(np.float64)), "valence", "energy")


def test_corrections_are_those_of_the_papers() -> None:
    # The fifteen p values of Benjamini and Hochberg 1995, section 4.1: BH finds four, Holm (as Bonferroni there) three.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert sum(one <= 0.05 for one in families.adjust(p, "bh")) == 4
    assert sum(one <= 0.05 for one in families.adjust(p, "holm")) == 3
    assert families.adjust([0.01, 0.04, 0.03], "holm") == pytest.approx([0.03, 0.06, 0.06])
    assert families.adjust([], "bh") == []


def test_how_many_people_a_correlation_needs() -> None:
    assert [between.needed(one) for one in (0.10, 0.13, 0.20, 0.25, 0.30)] == [783, 463, 194, 124, 85]


# Calibration: `python -m bench.study` runs the same with 400 studies -----------------------------------------------


def test_studies_of_nothing_seldom_confirm() -> None:
    plan = plans.Plan(least_prompts=5)
    found = [fitting.confirmatory(donors.panel(24, 14, seed=seed), plan) for seed in range(12)]
    assert all(one.p is not None for one in found)
    confirmed = sum(fitting.confirms(one, plan) for one in found)
    assert confirmed <= 3  # of 12 at 5 %: more has a chance of 0.2 %


def test_a_planted_slope_is_recovered() -> None:
    plan = plans.Plan(least_prompts=5)
    panels = [donors.panel(40, 25, 0.10, spread=0.08, seed=seed) for seed in range(100, 108)]
    found = [fitting.confirmatory(panel, plan) for panel in panels]
    truth = [truth_of(0.10, panel) for panel in panels]
    covered = sum(one.low <= true <= one.high for one, true in zip(found, truth, strict=True))
    assert covered >= 6  # of 8 at 95 %: fewer has a chance of 0.6 %
    assert np.mean([one.slope for one in found]) == pytest.approx(np.mean(truth), abs=0.04)


def truth_of(slope: float, panel: Panel) -> float:
    """The planted slope in standard deviations within people, as the model tells it."""
    used = within.complete(panel, "valence", "energy", 5)
    y, x = (used.split(used.column(name))[0] for name in ("valence", "energy"))
    return slope * float(np.sqrt(np.mean(x**2)) / np.sqrt(np.mean(y**2)))
