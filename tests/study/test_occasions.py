from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ritornello.errors import OpenDataError
from ritornello.study import occasions, receiving, surveys, tally
from ritornello.study.folder import Study
from ritornello.study.surveys import Columns
from tests.histories import exports
from tests.study import made

AT = 1_709_640_000  # 2024-03-05, 12:00 UTC, 13:00 in Berlin
MBID = "0f0a2f52-7a4b-4f3a-8d43-22222222222{}"
PROMPTS = Columns(person="id", sent="sent", zone="UTC", items={"valence": "v"})


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two people who heard the same two songs and one each that nobody else heard, and one who sent nothing."""
    study = made.study(tmp_path / "study")
    codes = made.enrolled(study, *(made.agreeing(id_) for id_ in "abc"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number, code in enumerate(codes[:2]):
        titles = ["Happy", "Sad", f"Own {number}"]
        told = [
            exports.listen(AT - 1200 + 300 * place, title, mbid_mapping={"recording_mbid": MBID.format(place)})
            for place, title in enumerate(titles)
        ]
        del told[2]["track_metadata"]["mbid_mapping"]
        exports.write(inbox / f"{code}.json", told)
    receiving.receive(study, inbox)
    answers: list[dict[str, object]] = [{"id": id_, "sent": "2024-03-05T12:00:00", "v": 5} for id_ in "abc"]
    surveys.keep(study, made.table(tmp_path / "answers.csv", answers), PROMPTS)
    return study


def dump(path: Path, happy: float, bpm: float) -> Path:
    high = {"highlevel": {"mood_happy": {"value": "happy", "all": {"happy": happy, "not_happy": 1 - happy}}}}
    tagged = {"metadata": {"tags": {"musicbrainz_trackid": [path.stem]}}, "rhythm": {"bpm": bpm}}
    path.write_text(json.dumps(high | tagged))
    return path


def test_open_data_stand_beside_answers_where_nobody_has_audio(study: Study, tmp_path: Path) -> None:
    dumps = [dump(tmp_path / f"{MBID.format(place)}.json", *told) for place, told in enumerate(((0.9, 120), (0.3, 60)))]
    told = occasions.build(study, dumps=dumps)
    rows = occasions.read(study)
    assert len(rows) == 2  # who sent nothing is no silent prompt
    for row in rows:
        # Three plays of unknown length count alike; of two the features are known.
        assert float(row["coverage"]) == pytest.approx(2 / 3, abs=1e-6)
        assert float(row["open_happy"]) == pytest.approx(0.6)
        assert float(row["tempo"]) == pytest.approx(90)
        assert row["energy"] == ""
        assert row["plays"] == "3.0"
    with (study.derived / "coverage.csv").open() as file:
        by = {one["heard_by"]: one for one in csv.DictReader(file)}
    assert (by["one person"]["known"], by["one person"]["recordings"]) == ("0.0000", "2")
    assert (by["two to four people"]["known"], by["two to four people"]["open data"]) == ("1.0000", "1.0000")
    assert any("one person heard: 0%" in line for line in told.lines)
    again = occasions.build(study)
    assert again.facts["prompts"] == 2
    assert float(occasions.read(study)[0]["open_happy"]) == pytest.approx(0.6)


def test_a_clock_that_is_wrong_shows_by_when_somebody_listens() -> None:
    rng = np.random.default_rng(1)

    # Everybody listens on the way to work and in the evening, by their own clock.
    def hours(count: int) -> Counter[int]:
        some = np.concatenate([rng.normal(8, 1.5, count // 2), rng.normal(20, 2.0, count - count // 2)])
        return Counter(int(hour) % 24 for hour in some)

    everybody = sum((hours(300) for _ in range(20)), Counter[int]())
    assert [tally.shift(hours(300), everybody) for _ in range(5)] == [0] * 5
    for wrong in (-8, -5, 6, 9):
        moved = Counter({(hour + wrong) % 24: count for hour, count in hours(300).items()})
        assert tally.shift(moved, everybody) == pytest.approx(wrong, abs=1)
    assert tally.shift(hours(90), everybody) == 0


def test_a_table_of_the_researcher_counts_before_open_data(study: Study, tmp_path: Path) -> None:
    sounds = made.table(tmp_path / "sounds.csv", [{"artist": "Björk", "title": "Happy", "energy": 0.8, "tempo": 100}])
    occasions.build(study, sounds, [dump(tmp_path / f"{MBID.format(0)}.json", 0.9, 120)])
    row = occasions.read(study)[0]
    assert (row["tempo"], row["open_happy"], row["energy"]) == ("100.0", "0.9", "0.8")
    with pytest.raises(OpenDataError, match="not there"):
        occasions.build(study, dumps=[tmp_path / "nothing.tar.zst"])
