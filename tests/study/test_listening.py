from __future__ import annotations

import pytest

from ritornello.library.plays import Listened, What
from ritornello.study import listening

MINUTE = 60_000
T = 1_700_000_000_000


def play(end: float, title: str = "A", ms: int = 180_000, artist: str = "X", **more: object) -> Listened:
    """A play that ended so many minutes after T."""
    ended = T + round(end * MINUTE)
    told = {"quality": "exact", "skipped": False, "reason_start": "clickrow", "reason_end": "trackdone", **more}
    return Listened(ended - ms, ended, ms, what=What(f"{artist}/{title}", title, artist, None, None), **told)  # type: ignore[arg-type]


def test_a_window_has_only_what_had_ended() -> None:
    plays = [play(-61), play(-60), play(-59), play(0), play(0.5), play(4)]
    history = listening.prepare([*plays, play(-5, quality="doubtful")], 30_000)
    assert listening.before(history, T, 60) == [plays[2], plays[3]]
    # What ran when the answer was given is in neither window.
    assert listening.after(history, T, 60) == [plays[5]]


def test_behaviour_is_counted_as_by_hand() -> None:
    older = play(-3 * 24 * 60, "A")
    window = [
        play(-40, "A"),
        play(-30, "B", reason_start="trackdone"),
        play(-20, "B", reason_start="trackdone"),
        play(-10, "C", ms=5_000, skipped=True, artist="Y"),
    ]
    history = listening.prepare([older, *window], 30_000)
    told = listening.behaviour(history, window, 30_000)
    assert told["minutes"] == pytest.approx(3 * 3 + 5 / 60, abs=1e-3)
    assert told["plays"] == 3
    assert told["repetition"] == pytest.approx(2 / 3)  # A of three days ago, and the second B
    assert told["diversity"] == pytest.approx(1 / 3)
    assert told["chosen"] == 0.5
    assert told["skipped"] == 0.25


def test_silence_is_not_a_zero() -> None:
    told = listening.behaviour(listening.prepare([], 0), [], 0)
    assert told == {"minutes": 0, "plays": 0, "repetition": None, "diversity": None, "skipped": None, "chosen": None}
    assert set(listening.sound([], {}, 0.3).values()) == {None}


def test_sound_is_a_mean_by_time_and_needs_coverage() -> None:
    window = [play(-40, "A", ms=60_000), play(-30, "B", ms=180_000), play(-20, "C", ms=60_000)]
    numbers = {"X/A": {"energy": 0.2, "valence": 1.0}, "X/B": {"energy": 0.6}}
    told = listening.sound(window, numbers, 0.3)
    assert told["coverage"] == pytest.approx(0.8)
    assert told["energy"] == pytest.approx(0.5)
    assert told["valence_of_music"] is None  # known of a fifth
    assert listening.sound(window, numbers, 0.2)["valence_of_music"] == 1.0
    assert told["tempo"] is None
    assert listening.sound(window, numbers, 0.9)["energy"] is None


def test_shared_accounts_and_loops_show() -> None:
    one_by_one = listening.prepare([play(3 * number, str(number)) for number in range(10)], 0)
    assert listening.overlap(one_by_one) == 0
    both = listening.prepare([play(3 * number, str(number), artist=who) for number in range(10) for who in "XY"], 0)
    assert listening.overlap(both) == pytest.approx(0.5)
    looped = [play(3 * number, "A") for number in range(25)]
    assert len(listening.prepare([*looped, play(200, "B")], 0).looped) == 25
    assert len(listening.prepare([*looped[:19], play(200, "B")], 0).looped) == 0
    assert len(one_by_one.looped) == 0


def test_a_listen_is_what_the_plan_calls_one() -> None:
    once = play(-50, "A", ms=200_000)
    part, little = play(-40, "A", ms=120_000, reason_end="fwdbtn"), play(-30, "A", ms=80_000, reason_end="fwdbtn")
    unknown = play(-20, "B", ms=40_000, reason_end="logout")
    skip = play(-10, "B", ms=5_000, skipped=True, reason_end="fwdbtn")
    window = [once, part, little, unknown, skip]
    history = listening.prepare(window, 30_000)
    assert listening.counted(history, window, "any", 30_000) == window
    assert listening.counted(history, window, "long", 30_000) == window[:4]
    assert listening.counted(history, window, "half", 30_000) == [once, part, unknown]
    assert listening.counted(history, window, "completed", 30_000) == [once]
    looped = [play(3 * number, "A") for number in range(25)]
    other = play(-50, "C")
    history = listening.prepare([*looped, other], 30_000)
    assert listening.counted(history, [other, *looped], "unlooped", 30_000) == [other]


def test_what_was_chosen_is_told_from_what_came_by_itself() -> None:
    window = [play(-3, reason_start="clickrow"), play(-2, reason_start="trackdone"), play(-1, reason_start=None)]
    assert listening.picked(window, by_hand=True) == window[:1]
    assert listening.picked(window, by_hand=False) == window[1:2]
