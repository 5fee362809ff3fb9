"""What people send may hold anything: nothing personal gets further than the door, and no file breaks the study."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ritornello.study import copying, keys, occasions, quality, receiving, surveys
from ritornello.study.folder import Study
from ritornello.study.surveys import Columns
from tests.histories import exports
from tests.study import made

MARK = "somebody-zzq-somebody"
"""What every personal value of these exports begins with, and nothing else does: long, since a study is full of chance
(codes, encrypted values), in which three letters will stand some day."""
PERSONAL = st.text("abcdefgh0123456789.@-", min_size=3, max_size=12).map(lambda text: MARK + text)
KEYS = ("username", "ip_addr", "ip_addr_decrypted", "user_agent_decrypted", "email", "displayName", "city", "platform")
OTHERS = ("Userdata.json", "Identity.json", "Payments.json", "Follow.json", "SearchQueries.json", "Inferences.json")
COLUMNS = (
    "IPAddress",
    "RecipientEmail",
    "LocationLatitude",
    "RecipientFirstName",
    "alias",
    "initials",
    "phone",
    "name",
)
PLAYS = st.lists(
    st.tuples(st.integers(0, 4000), st.dictionaries(st.sampled_from(KEYS), PERSONAL)), min_size=1, max_size=8
)


def everything(study: Study) -> bytes:
    return b"".join(path.read_bytes() + str(path).encode() for path in study.folder.rglob("*") if path.is_file())


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLAYS, st.dictionaries(st.sampled_from(OTHERS), PERSONAL), st.dictionaries(st.sampled_from(COLUMNS), PERSONAL))
def test_who_somebody_is_gets_nowhere_whatever_an_export_and_a_survey_hold(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, dict[str, str]]],
    files: dict[str, str],
    columns: dict[str, str],
) -> None:
    place = tmp_path_factory.mktemp("study")
    study = made.study(place / "study")
    (code,) = made.enrolled(study, made.agreeing(f"{MARK}-person@example.org"))
    told = [
        {**exports.new(f"2024-03-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"), **personal}
        for minute, personal in rows
    ]
    content: dict[str, object] = {"S/Streaming_History_Audio_2024_0.json": told}
    content |= {f"S/{name}": {"email": value, "list": [value]} for name, value in files.items()}
    receiving.receive(study, exports.pack(place / f"{code}.zip", content), remove=True)
    answers = {"id": f"{MARK}-person@example.org", "sent": "2024-03-02T12:00:00", "v": 5, **columns}
    mapping = Columns(person="id", sent="sent", items={"valence": "v"})
    surveys.keep(study, made.table(place / "answers.csv", [answers]), mapping)
    occasions.build(study)
    quality.check(study)
    assert MARK.encode() not in everything(study)
    # The same values are in what was sent, and the participant gets them back.
    copying.copy(study, code, place / "copy.zip")
    with zipfile.ZipFile(place / "copy.zip") as package:
        (place / "sent.zip").write_bytes(package.read("as_sent_1"))
    with zipfile.ZipFile(place / "sent.zip") as package:
        held = b"".join(package.read(name) for name in package.namelist())
    assert (MARK.encode() in held) == bool(files or any(personal for _, personal in rows))


def bomb(path: Path) -> Path:
    """Two hundred megabytes of zeros that pack to two hundred kilobytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package, package.open("S/endsong_0.json", "w") as part:
        part.write(b"[")
        for _ in range(200):
            part.write(b" " * (1 << 20))
    return path


def climbing(path: Path) -> Path:
    rows = [exports.new("2024-03-01T10:00:00Z")]
    return exports.pack(path, {"../../../endsong_0.json": rows, "/etc/endsong_1.json": rows})


@pytest.mark.parametrize("make", [bomb, climbing])
def test_a_file_that_would_fill_or_leave_the_folder_is_refused_and_the_next_is_taken(tmp_path: Path, make: Any) -> None:
    study = made.study(tmp_path / "a" / "b" / "study")
    one, other = made.enrolled(study, made.agreeing("a"), made.agreeing("b"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    make(inbox / f"{one}.zip")
    exports.pack(inbox / f"{other}.zip", {"endsong_0.json": [exports.new("2024-03-01T10:00:00Z")]})
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    found = receiving.receive(study, inbox)
    assert found.facts["taken"] == 1
    assert str(found.facts["refused"]).count(one) >= 1
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {path.is_relative_to(study.folder) for path in new} == {True}
    assert not [path for path in new if one in path.name]


LONG = """
import json, sys, zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ritornello.study import receiving
from tests.histories import exports
from tests.study import made


def most() -> int:
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))


place = Path(sys.argv[1])
study = made.study(place / "study")
(code,) = made.enrolled(study, made.agreeing("a"))
start = datetime(2024, 1, 2, tzinfo=UTC)
with (place / "history.json").open("w") as file:
    for number in range(15_000):
        row = exports.new(f"{start + timedelta(seconds=40 * number):%Y-%m-%dT%H:%M:%SZ}", f"T{number % 3000}", 30_000)
        file.write(("[" if not number else ",") + json.dumps(row))
    file.write("]")
with zipfile.ZipFile(place / f"{code}.zip", "w", zipfile.ZIP_DEFLATED) as package:
    package.write(place / "history.json", "S/Streaming_History_Audio_2024_0.json")
before = most()
found = receiving.receive(study, place / f"{code}.zip")
print(json.dumps([found.facts["files"][0]["kept"], most() - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the most memory that was used is read where Linux tells it")
def test_a_long_history_is_received_without_being_held(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", LONG, str(tmp_path)], capture_output=True, text=True, check=True)
    kept, grown = json.loads(told.stdout)
    assert kept == 15_000
    # As Python objects the rows take some 45 MB, as text 10 MB.
    assert (tmp_path / "history.json").stat().st_size > 10e6
    assert grown < 30_000


def test_a_key_is_in_no_file(tmp_path: Path) -> None:
    key = keys.make()
    study = made.study(tmp_path / "study")
    made.enrolled(study, made.agreeing("a"))
    assert study.key.secret.encode() not in everything(study)
    assert key.secret != study.key.secret
