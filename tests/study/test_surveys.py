from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ritornello.errors import StudyError
from ritornello.study import exports, scales, surveys
from ritornello.study.folder import Study
from ritornello.study.surveys import Columns
from tests.study import made


@pytest.fixture
def study(tmp_path: Path) -> Study:
    place = made.study(tmp_path / "moodmusic")
    made.enrolled(
        place, made.agreeing("a"), made.agreeing("b", zone="America/New_York"), made.agreeing("c", ["participate"])
    )
    return place


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


PROMPTS = Columns(person="id", sent="sent", items={"valence": "v"})


def test_local_times_are_those_of_each_participant(study: Study, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"id": id_, "sent": "2024-03-05T20:00:00", "v": 7} for id_ in "ab"]
    found = surveys.read(study, made.table(tmp_path / "s.csv", rows), PROMPTS)
    assert [one.sent_at for one in found.answers] == [ms("2024-03-05T19:00:00+00:00"), ms("2024-03-06T01:00:00+00:00")]
    assert [one.local_hour for one in found.answers] == [20.0, 20.0]


@pytest.mark.parametrize(
    ("zone", "utc"),
    [("UTC", "20:00"), ("participant", "19:00"), ("Europe/Berlin", "19:00"), ("Asia/Tokyo", "11:00")],
)
def test_the_mapping_says_in_which_clock_times_are(study: Study, tmp_path: Path, zone: str, utc: str) -> None:
    path = made.table(tmp_path / "s.csv", [{"id": "a", "sent": "2024-03-05 20:00", "v": 7}])
    found = surveys.read(study, path, Columns(person="id", sent="sent", zone=zone, items={"valence": "v"}))
    assert found.answers[0].sent_at == ms(f"2024-03-05T{utc}:00+00:00")


def test_unix_times_of_m_path_are_local_and_are_put_right(study: Study, tmp_path: Path) -> None:
    # m-Path writes what the clock on the wall showed as if it were UTC, and how far that clock is ahead.
    true = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)
    header = "connectionId;alias;timeStampSent;timeStampStop;timeZoneOffset;valence_sliderNegPos_0_int"
    local = round(true.timestamp()) + 7200
    rows = [f"a;Anna;{local};{local + 60};7200;55", f"a;Anna;{local + 9000};0;7200;NA"]
    path = tmp_path / "basic.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join([header, *rows]).encode())
    columns = surveys.guess(path)
    assert (columns.format, columns.person, columns.zone, columns.time_format) == (
        "m-path",
        "connectionId",
        "column:timeZoneOffset",
        "unix",
    )
    found = surveys.read(study, path, columns)
    first, second = found.answers
    assert first.sent_at == round(true.timestamp() * 1000)
    assert first.local_hour == pytest.approx(14 + 1 / 60)
    assert first.values == {"valence": 55.0}
    assert second.answered_at is None
    assert found.dropped == ["alias"]


def test_a_wrong_zone_sets_off_the_alarm(study: Study, tmp_path: Path) -> None:
    prompts = [f"2024-03-{day:02}T{hour}:00:00" for day in range(1, 15) for hour in ("10", "13", "17", "21")]
    rows: list[dict[str, object]] = [{"id": "b", "sent": prompt, "v": 5} for prompt in prompts]
    path = made.table(tmp_path / "s.csv", rows)
    assert not surveys.alarms(surveys.read(study, path, PROMPTS))
    wrong = Columns(person="id", sent="sent", zone="Europe/Berlin", items={"valence": "v"})
    (alarm,) = surveys.alarms(surveys.read(study, path, wrong))
    assert "time zone" in alarm
    shown = surveys.show(study, path, wrong)
    assert shown.warnings == [alarm]
    assert any(line.startswith("  04 h █") for line in shown.lines)


def test_the_hour_that_happens_twice_is_told(study: Study, tmp_path: Path) -> None:
    path = made.table(tmp_path / "s.csv", [{"id": "a", "sent": "2024-10-27T02:30:00", "v": 5}])
    found = surveys.read(study, path, PROMPTS)
    assert found.answers[0].sent_at == ms("2024-10-27T00:30:00+00:00")
    assert found.twice_in_the_night == 1
    assert datetime.fromtimestamp(found.answers[0].sent_at / 1000, ZoneInfo("Europe/Berlin")).hour == 2


def test_answers_of_who_did_not_agree_are_counted_and_not_kept(study: Study, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": id_, "sent": "2024-03-05T20:00", "v": 71239, "email": "anna@example.org"} for id_ in ("a", "c", "x", "")
    ]
    path = made.table(tmp_path / "s.csv", rows)
    found = surveys.keep(study, path, PROMPTS)
    refused = {"no consent to link answers": 1, "nobody enrolled with this id": 1, "no id": 1}
    assert found.facts == {"kept": 1, "refused": refused, "alarms": []}
    assert len(surveys.table(study, "survey.csv")) == 1
    everything = b"".join(one.read_bytes() for one in study.folder.rglob("*") if one.is_file())
    assert b"anna@" not in everything
    assert everything.count(b"71239") == 1
    surveys.keep(study, path, PROMPTS)
    assert len(surveys.table(study, "survey.csv")) == 1


def test_columns_that_tell_who_somebody_is_cannot_be_mapped(study: Study, tmp_path: Path) -> None:
    path = made.table(tmp_path / "s.csv", [{"id": "a", "sent": "2024-03-05T20:00", "IPAddress": "198.51.100.1"}])
    with pytest.raises(StudyError, match="never read"):
        surveys.read(study, path, Columns(person="id", sent="sent", items={"valence": "IPAddress"}))


def test_qualtrics_has_three_header_rows_and_tests(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                ["StartDate", "Status", "IPAddress", "RecipientEmail", "ResponseId", "valence"],
                ["Start Date", "Response Type", "IP", "Email", "Response ID", "How do you feel, now?\nSay it"],
                [f'{{"ImportId":"{name}"}}' for name in ("startDate", "status", "ip", "mail", "id", "QID1")],
                ["2024-03-05 20:00:00", "IP Address", "198.51.100.1", "a@example.org", "R_1", "3"],
                ["2024-03-05 21:00:00", "Survey Preview", "198.51.100.1", "", "R_2", "5"],
            ]
        )
    form, rows, dropped = exports.read(path)
    assert form == "qualtrics"
    assert rows == [{"StartDate": "2024-03-05 20:00:00", "Status": "IP Address", "ResponseId": "R_1", "valence": "3"}]
    assert dropped == ["IPAddress", "RecipientEmail"]


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("record_id,redcap_event_name,redcap_repeat_instance,valence", "redcap"),
        ("id,submitdate,lastpage,startlanguage,startdate,datestamp,ipaddr,valence", "limesurvey"),
        ("person;sent;valence", "plain"),
    ],
)
def test_tools_are_known_by_their_columns(tmp_path: Path, header: str, form: str) -> None:
    separator = ";" if ";" in header else ","
    (tmp_path / "t.csv").write_text(f"{header}\n" + separator.join("1" for _ in header.split(separator)) + "\n")
    found, rows, _ = exports.read(tmp_path / "t.csv")
    assert found == form
    assert rows[0]["valence"] == "1"


def test_spss_is_read_as_codes(study: Study, tmp_path: Path) -> None:
    import pandas
    import pyreadstat

    frame = pandas.DataFrame({"id": ["a", "b"], "valence": [3.0, float("nan")]})
    pyreadstat.write_sav(frame, str(tmp_path / "t.sav"), variable_value_labels={"valence": {3: "neutral"}})
    form, rows, _ = exports.read(tmp_path / "t.sav")
    assert (form, rows) == ("spss", [{"id": "a", "valence": "3"}, {"id": "b", "valence": ""}])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id,sent,v\na,2024-03-05T20:00,happy\n", "line 2: v is 'happy'"),
        (b"id,sent,v\na,yesterday,1\n", "line 2: 'yesterday' is no time"),
        (b"id,sent,v\na,2024-03-05T20:00\n", "line 2 has 2 cells"),
        (b"id,sent,sent,v\na,1,1,1\n", "same name"),
        (b"id,sent,w\na,2024-03-05T20:00,1\n", "no column 'v'"),
        (b"id,sent,v\n", "no rows"),
        ("id,sent,v\na,2024,ü\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_tables_that_cannot_be_understood_say_where(study: Study, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "s.csv").write_bytes(content)
    with pytest.raises(StudyError, match=says):
        surveys.keep(study, tmp_path / "s.csv", PROMPTS)
    assert not (study.work / "survey.csv").exists()


def test_the_first_step_proposes_a_mapping_and_keeps_nothing(study: Study, tmp_path: Path) -> None:
    path = made.table(tmp_path / "s.csv", [{"participant": "a", "sent": "2024-03-05T20:00", "valence": 5}])
    first = surveys.step(study, path, None, preview=False)
    assert "survey_map.yaml" in first.lines[-1]
    assert not (study.work / "survey.csv").exists()
    assert surveys.step(study, path, None, preview=True).facts["rows"] == 1
    assert not (study.work / "survey.csv").exists()
    assert surveys.step(study, path, None, preview=False).facts["kept"] == 1


BIG_FIVE = ("extraversion", "agreeableness", "conscientiousness", "negative_emotionality", "open_mindedness")

# Scoring -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", scales.names())
def test_keys_use_every_item_and_stay_in_range(name: str) -> None:
    scale = scales.get(name)
    used = sorted(item for items in scale.subscales.values() for item in items)
    assert used == list(range(1, scale.items + 1))
    assert set(scale.reverse) <= set(used)
    for end, turned in ((scale.lowest, scale.highest), (scale.highest, scale.lowest)):
        straight = scales.score(scale, [turned if item in scale.reverse else end for item in used])
        for part, value in straight.items():
            count = len(scale.subscales[part])
            assert value == pytest.approx(end * (count * scale.times if scale.rule == "sum" else 1))


FACTS: dict[str, tuple[dict[str, int], int, tuple[float, float]]] = {
    "affect-sliders": ({"valence": 1, "arousal": 1}, 0, (0, 100)),
    "bfi-2": (dict.fromkeys(BIG_FIVE, 12), 30, (1, 5)),
    "dass-21": ({"depression": 7, "anxiety": 7, "stress": 7}, 0, (0, 42)),
    "gad-7": ({"anxiety": 7}, 0, (0, 21)),
    "hums": ({"healthy": 5, "unhealthy": 8}, 0, (5, 40)),
    "i-panas-sf": ({"positive": 5, "negative": 5}, 0, (5, 25)),
    "k10": ({"distress": 10}, 0, (10, 50)),
    "panas": ({"positive": 10, "negative": 10}, 0, (10, 50)),
    "phq-8": ({"depression": 8}, 0, (0, 24)),
    "phq-9": ({"depression": 9}, 0, (0, 27)),
    "sam": ({"valence": 1, "arousal": 1, "dominance": 1}, 0, (1, 9)),
    "who-5": ({"wellbeing": 5}, 0, (0, 100)),
}
"""Items of each part, reversed items, and the lowest and highest score, as they are known of each questionnaire."""


@pytest.mark.parametrize("name", scales.names())
def test_keys_have_the_parts_the_reversed_items_and_the_range_that_are_known_of_them(name: str) -> None:
    scale = scales.get(name)
    parts, reverse, span = FACTS[name]
    assert {part: len(items) for part, items in scale.subscales.items()} == parts
    assert len(scale.reverse) == reverse
    items = [item for some in scale.subscales.values() for item in some]
    assert len(set(items)) == len(items)  # no item counts twice
    ends = []
    for low, high in ((scale.lowest, scale.highest), (scale.highest, scale.lowest)):
        answers = [high if item in scale.reverse else low for item in range(1, scale.items + 1)]
        ends += list(scales.score(scale, answers).values())
    assert (min(one for one in ends if one is not None), max(one for one in ends if one is not None)) == span


def test_the_big_five_have_six_reversed_items_each_and_take_turns() -> None:
    scale = scales.get("bfi-2")
    for start, part in enumerate(BIG_FIVE, 1):
        assert scale.subscales[part] == list(range(start, 61, 5))
        assert len(set(scale.subscales[part]) & set(scale.reverse)) == 6


def test_scores_are_those_worked_out_by_hand() -> None:
    panas = scales.score(scales.get("panas"), [float(1 + item % 5) for item in range(1, 21)])
    assert panas == {"positive": 31.0, "negative": 29.0}
    dass = scales.score(scales.get("dass-21"), [1.0] * 7 + [2.0] * 7 + [3.0] * 7)
    # Depression: items 3 5 | 10 13 | 16 17 21: 1+1+2+2+3+3+3, doubled.
    assert dass["depression"] == 30.0
    assert scales.score(scales.get("who-5"), [5.0, 4.0, 3.0, 2.0, 1.0]) == {"wellbeing": 60.0}
    # Extraversion of BFI-2: six straight items at 5 and six reversed at 1 are the highest.
    bfi = [
        5.0 if item in (1, 6, 21, 41, 46, 56) else 1.0 if item in (11, 16, 26, 31, 36, 51) else 3.0
        for item in range(1, 61)
    ]
    assert scales.score(scales.get("bfi-2"), bfi)["extraversion"] == 5.0


def test_a_few_missing_answers_count_as_the_mean_and_many_do_not() -> None:
    phq = scales.get("phq-8")
    assert scales.score(phq, [1.0] * 7 + [None]) == {"depression": 8.0}
    assert scales.score(phq, [1.0] * 6 + [None, None]) == {"depression": None}
    with pytest.raises(StudyError, match="item 1: the answer is 4"):
        scales.score(phq, [4.0] * 8)


def test_answers_about_health_need_their_own_consent(study: Study, tmp_path: Path) -> None:
    made.enrolled(study, made.agreeing("a"), made.agreeing("b", [*made.ALL, "health_items"]))
    names = [f"phq{number}" for number in range(1, 9)]
    rows: list[dict[str, object]] = [{"id": id_, **dict.fromkeys(names, 2)} for id_ in "ab"]
    columns = Columns(kind="people", person="id", scales={"phq-8": names})
    found = surveys.read(study, made.table(tmp_path / "s.csv", rows), columns)
    assert [one.values["phq-8_depression"] for one in found.answers] == [None, 16.0]
