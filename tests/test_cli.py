from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import click
import psutil
import pytest
from click.testing import CliRunner, Result

from ritornello import __version__, cli, up
from ritornello.errors import RitornelloError
from ritornello.library import Library, clients, files, plays
from ritornello.play import Play
from ritornello.sound import encode
from ritornello.track import FEATURES
from tests import sounds
from tests.histories import exports
from tests.library import rows

DOCS = Path(__file__).parents[1] / "docs" / "commands.md"
KEYS = {"duration_ms" if name == "duration" else name for name in FEATURES}


def commands(group: click.Group = cli.main, prefix: str = "ritornello") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library and a home of the test's own."""
    monkeypatch.setenv("RITORNELLO_LIBRARY", str(tmp_path / "library.db"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "song.flac"
    encode.write(path, sounds.mono(sounds.clicks(120, 8)), tags={"title": "Clockwork Song", "artist": "Anna"})
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


# Help and docs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "command"), list(commands()))
def test_every_command_says_what_it_does_and_gives_an_example(path: str, command: click.Command) -> None:
    result = run(*path.split()[1:], "--help")
    assert result.exit_code == 0
    assert re.search(rf"Example:\n    {re.escape(path)}", result.output), result.output
    assert "--library" in result.output
    undescribed = [one.name for one in command.params if isinstance(one, click.Option) and not one.help]
    assert not undescribed


@pytest.mark.parametrize(("path", "command"), list(commands()))
def test_the_docs_name_every_command_and_option(path: str, command: click.Command) -> None:
    page = DOCS.read_text(encoding="utf-8")
    section = re.search(rf"^## `{re.escape(path)}\b.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/commands.md has no section for {path}"
    common = page.split("\n## ")[0]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert f"`{parameter.opts[0]}" in section[0] + common, f"{parameter.opts[0]} of {path}"


def test_the_docs_name_no_command_that_is_not_there() -> None:
    known = {path for path, _ in commands()}
    named = re.findall(r"^## `(ritornello(?: [a-z-]+)+)", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) == known


@pytest.mark.parametrize(("path", "command"), list(commands()))
def test_commands_hold_no_logic(path: str, command: click.Command) -> None:
    assert command.callback is not None
    code = command.callback
    while hasattr(code, "__wrapped__"):
        code = code.__wrapped__
    body = sorted({line for _, _, line in code.__code__.co_lines() if line})[1:]
    assert body[-1] - body[0] < 15


def test_the_version_is_told() -> None:
    assert run("--version").output == f"ritornello, version {__version__}\n"


# Exit status and messages ------------------------------------------------------------------------------------------


def test_wrong_usage_is_2() -> None:
    assert run("scan").exit_code == 2
    assert run("scan", ".", "--jobs", "0").exit_code == 2
    assert run("up", "/nowhere").exit_code == 2
    assert run("dance").exit_code == 2


def test_nothing_to_do_is_1(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("scan", tmp_path / "empty")
    assert result.exit_code == 1
    assert "no audio files found" in result.output
    result = run("scan", tmp_path / "gone.mp3")
    assert result.exit_code == 1
    assert f"{tmp_path / 'gone.mp3'}: not there" in result.output


def test_a_known_error_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_text("this is a letter to a friend")
    result = run("clients", "list", "--library", tmp_path / "other.db")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("Error: ")
    assert run("clients", "revoke", "nobody").exit_code == 1
    assert run("analysis", tmp_path / "gone.mp3").exit_code == 1


def test_refused_files_count_only_when_strict(song: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_text("no")
    assert run("scan", song, bad).exit_code == 0
    assert run("scan", song, bad, "--strict").exit_code == 1
    assert run("scan", song, "--strict").exit_code == 0
    assert run("scan", bad).exit_code == 1


# Histories ---------------------------------------------------------------------------------------------------------


def test_an_import_tells_what_became_of_every_row(tmp_path: Path) -> None:
    rows = [exports.account("2023-01-01 10:00"), exports.account("2023-01-01 10:00"), exports.account("never")]
    path = exports.write(tmp_path / "StreamingHistory0.json", rows)
    told = json.loads(run("import", path, "--listener", "ann", "--zone", "Europe/Berlin", "--json").stdout)
    assert told == {
        "rows": 3, "kept": 1, "duplicates": 1, "matched": 0, "zone": "Europe/Berlin", "zone_inferred": False,
        "refused": {"bad time": 1}, "failed": [],
    }  # fmt: skip
    shown = run("import", path, "--listener", "ann").output
    assert "3 rows read = 0 kept + 2 duplicates + 1 refused" in shown
    assert "1 refused: bad time" in shown
    assert json.loads(run("listeners", "list", "--json").stdout) == [
        {"listener": "ann", "plays": 1, "first": "2023-01-01", "last": "2023-01-01", "zone": "Europe/Berlin",
         "zone_inferred": False}
    ]  # fmt: skip
    assert "Europe/Berlin" in run("listeners", "list").output
    assert json.loads(run("listeners", "erase", "ann", "--json").stdout) == {"listener": "ann", "erased_plays": 1}
    result = run("listeners", "erase", "ann")
    assert (result.exit_code, result.stderr) == (1, "Error: no listener 'ann' in this library\n")


def test_a_file_that_cannot_be_imported_is_told_and_counts_as_failure(tmp_path: Path) -> None:
    good = exports.write(tmp_path / "StreamingHistory0.json", [exports.account("2023-01-01 10:00")])
    (tmp_path / "bad.json").write_text("[{")
    result = run("import", good, tmp_path / "bad.json", "--listener", "ann", "--json")
    assert result.exit_code == 1
    assert "nothing imported: " in result.stderr
    told = json.loads(result.stdout)
    assert (told["kept"], [one["file"] for one in told["failed"]]) == (1, [str(tmp_path / "bad.json")])
    assert run("import", good).exit_code == 2


def test_habits_and_matches_are_shown(tmp_path: Path) -> None:
    rows = [exports.old(f"2023-01-0{day}T10:00:00Z", "[bold]Crying") for day in range(1, 5)]
    path = exports.write(tmp_path / "endsong_0.json", rows)
    assert run("import", path, "--listener", "ann").exit_code == 0
    shown = run("habits").output
    for said in (
        "4 plays, 0 hours",
        "Björk – [bold]Crying",
        "longest streak 4 days, from 2023-01-01",
        "Wed ",
        "2023-01",
        "█",
    ):
        assert said in shown, said
    told = json.loads(run("habits", "--listener", "ann", "--since", "2023-01-02", "--json").stdout)
    assert (told["plays"], told["streaks"]["longest_from"], told["clock"][1][10]) == (3, "2023-01-02", 1)
    assert "[bold]Crying" in run("matches", "missing").output
    assert [one["plays"] for one in json.loads(run("matches", "missing", "--json").stdout)] == [4]
    assert json.loads(run("matches", "list", "--json").stdout) == []
    assert run("matches", "list").exit_code == 0
    assert run("matches", "confirm", exports.IDS["Crying"], "nothing").exit_code == 1
    assert run("matches", "refuse", exports.IDS["Crying"]).exit_code == 1
    result = run("shared")
    assert (result.exit_code, "what fewer than 5 share is not told" in result.stderr) == (1, True)
    for name in ("a", "b", "c", "d"):
        assert run("import", path, "--listener", name).exit_code == 0
    assert json.loads(run("shared", "--json").stdout)["artists"] == [["Björk", 5]]
    assert "Björk" in run("shared").output


# What is printed ---------------------------------------------------------------------------------------------------


def test_scan_prints_json_on_standard_output_alone(song: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_text("no")
    result = run("scan", song, bad, "--json")
    told = json.loads(result.stdout)
    counts = {name: told[name] for name in ("analysed", "unchanged", "moved", "retagged", "forgotten", "refused")}
    assert counts == {"analysed": 1, "unchanged": 0, "moved": 0, "retagged": 0, "forgotten": 0, "refused": 1}
    assert told["refusals"][0]["path"] == str(bad)
    assert told["refusals"][0]["reason"]
    assert told["audio_seconds"] == pytest.approx(8, abs=0.1)
    assert set(told) == {*counts, "audio_seconds", "wall_seconds", "rate", "interrupted", "refusals", "warnings"}


def test_scan_tells_people_what_it_did(song: Path, tmp_path: Path) -> None:
    bad = tmp_path / "[red]bad.mp3"
    bad.write_text("no")
    lines = run("scan", song, bad).stdout.splitlines()
    assert lines[0] == "1 analysed, 0 unchanged, 0 moved, 0 retagged, 0 forgotten, 1 refused"
    assert lines[1].startswith("0:08 of audio in ")
    assert lines[2].startswith(f"refused {bad}: ")


def test_the_library_option_goes_before_the_environment(song: Path, tmp_path: Path) -> None:
    run("scan", song, "--library", tmp_path / "deep" / "mine.db")
    assert (tmp_path / "deep" / "mine.db").exists()
    assert not (tmp_path / "library.db").exists()


def test_features_as_json_are_one_object_a_file(song: Path, tmp_path: Path) -> None:
    result = run("features", song, tmp_path / "gone.mp3", "--json")
    assert result.exit_code == 0
    good, bad = json.loads(result.stdout)
    assert bad.keys() == {"path", "error"}
    assert good.keys() == KEYS | {"path", "tempo_candidates", "beats", "downbeats", "confidence", "warnings"}
    assert good["path"] == str(song)
    assert good["confidence"].keys() == KEYS
    assert good["tempo"] == pytest.approx(120, abs=1)
    assert good["tempo_candidates"][0] == [good["tempo"], good["confidence"]["tempo"]]
    assert len(good["tempo_candidates"]) >= 2
    assert good["duration_ms"] == 8000
    assert set(good["downbeats"]) <= set(good["beats"])
    assert [later - first for first, later in zip(good["beats"], good["beats"][1:], strict=False)] == pytest.approx(
        [0.5] * (len(good["beats"]) - 1), abs=0.05
    )
    assert run("features", tmp_path / "gone.mp3", "--json").exit_code == 1


def test_features_for_people_are_a_table(song: Path, tmp_path: Path) -> None:
    out = run("features", song, tmp_path / "gone.mp3").stdout
    assert all(key in out for key in KEYS)
    assert f"{tmp_path / 'gone.mp3'}: " in out
    assert "tempo readings in BPM" in out


def test_features_and_analysis_agree(song: Path) -> None:
    (features,) = json.loads(run("features", song, "--json").stdout)
    document = json.loads(run("analysis", song, "--json").stdout)
    for key in ("tempo", "key", "mode", "time_signature", "loudness"):
        assert features[key] == document["track"][key]
    assert features["beats"] == [beat["start"] for beat in document["beats"]]
    assert features["downbeats"] == [bar["start"] for bar in document["bars"]]


def test_analysis_for_people_is_a_summary(song: Path) -> None:
    out = run("analysis", song).stdout
    document = json.loads(run("analysis", song, "--json").stdout)
    assert f"{len(document['beats'])} beats" in out
    assert f"{len(document['segments'])} segments" in out
    assert "tempo readings in BPM" in out
    assert "section" in out


def test_clients_are_made_listed_and_revoked() -> None:
    made = json.loads(run("clients", "add", "my app", "--json").stdout)
    assert made.keys() == {"client_id", "client_secret", "name", "created", "redirect_uris"}
    listed = json.loads(run("clients", "list", "--json").stdout)
    assert listed == [{key: made[key] for key in ("client_id", "name", "created", "redirect_uris")}]
    assert "my app" in run("clients", "list").stdout
    assert json.loads(run("clients", "revoke", made["client_id"], "--json").stdout)["revoked"] is True
    assert json.loads(run("clients", "list", "--json").stdout) == []
    assert re.search(r"client secret  [0-9a-f]{32}", run("clients", "add", "another").stdout)


def test_a_client_says_where_people_are_sent_back_to() -> None:
    uri = "http://127.0.0.1:8888/callback"
    assert json.loads(run("clients", "add", "x", "--redirect-uri", uri, "--json").stdout)["redirect_uris"] == [uri]
    refused = run("clients", "add", "x", "--redirect-uri", "http://elsewhere.example/")
    assert refused.exit_code == 1
    assert "in the clear" in refused.stderr


def test_users_are_made_listed_and_removed() -> None:
    add = ["users", "add", "ann", "--country", "SE", "--email", "ann@music.example", "--password-stdin", "--json"]
    result = CliRunner().invoke(cli.main, add, input="correct horse\n")
    made = json.loads(result.stdout)
    assert made == {"user": "ann", "display_name": "ann", "email": "ann@music.example", "country": "SE"}
    assert json.loads(run("users", "list", "--json").stdout) == [made]
    assert CliRunner().invoke(cli.main, add, input="correct horse\n").exit_code == 1
    client = json.loads(run("clients", "add", "x", "--json").stdout)["client_id"]
    assert json.loads(run("users", "token", "ann", client, "--json").stdout).keys() == {"access_token", "refresh_token"}
    assert run("users", "token", "nobody", client).exit_code == 1
    changed = CliRunner().invoke(cli.main, ["users", "password", "ann", "--password-stdin"], input="short\n")
    assert changed.exit_code == 1
    assert run("users", "remove", "ann").exit_code == 0
    assert json.loads(run("users", "list", "--json").stdout) == []


def test_a_catalogue_goes_in_and_comes_out(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"id": "x" * 22, "name": "Song", "artists": ["Ann"]}), encoding="utf-8")
    assert json.loads(run("catalogue", "import", rows, "--json").stdout)["tracks"] == 1
    assert run("catalogue", "export", tmp_path / "out.jsonl").exit_code == 0
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kinds == ["artist", "album", "track"]
    rows.write_text("nonsense", encoding="utf-8")
    refused = run("catalogue", "import", rows)
    assert (refused.exit_code, "line 1: not JSON" in refused.stderr) == (1, True)


# Serving -----------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ritornello", *map(str, arguments)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_for_health(address: str, tracks: int = 0) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=60) as answer:
                if json.load(answer)["tracks"] >= tracks:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{address} is not ready")


def test_serve_is_ready_when_health_answers_and_ends_with_ctrl_c() -> None:
    port = free_port()
    process = start("serve", "--port", str(port))
    wait_for_health(f"http://127.0.0.1:{port}")
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, "")
    assert errors == f"serving at http://127.0.0.1:{port} (Ctrl-C stops)\n"


def test_serve_ends_cleanly_when_it_is_told_to_and_warns_where_others_can_reach_it() -> None:
    port = free_port()
    process = start("serve", "--host", "0.0.0.0", "--port", str(port))
    wait_for_health(f"http://127.0.0.1:{port}")
    process.terminate()
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0
    assert [line for line in errors.splitlines() if line.startswith("warning")] == [
        "warning: every machine in the network can reach this server, and what it says is not encrypted"
    ]


def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", port)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in result.stderr


def test_up_takes_a_free_port_where_the_usual_one_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, up.listen(*taken.getsockname(), or_any=True) as listening:
        assert up.address(listening) != up.address(taken)
        assert up.is_loopback(listening)


def test_up_refuses_a_folder_without_music(tmp_path: Path) -> None:
    with pytest.raises(RitornelloError, match="no audio files found"):
        up.first_title(tmp_path)


def test_up_opens_a_browser_with_a_window_and_none_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Window(webbrowser.BaseBrowser):
        opened: ClassVar[list[str]] = []

        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            self.opened.append(url)
            return True

    monkeypatch.setattr(webbrowser, "get", Window)
    assert up.open_browser("http://127.0.0.1:8080")
    assert Window.opened == ["http://127.0.0.1:8080"]
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("false"))
    assert not up.open_browser("http://127.0.0.1:8080")

    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    assert not up.open_browser("http://127.0.0.1:8080")


def test_each_up_has_one_client_of_its_own(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        with library.begin() as connection:
            mine, _ = clients.add(connection, "mine")
        first, _ = up.new_client(library)
        second, secret = up.new_client(library)
        with library.connect() as connection:
            assert {client.name: client.id for client in clients.all(connection)} == {"mine": mine.id, "up": second.id}
            assert clients.verify(connection, first.id, secret) is None
            assert clients.verify(connection, second.id, secret) == second


def test_what_up_prints_can_be_pasted_and_ctrl_c_ends_everything(song: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("up", song.parent, "--port", str(taken.getsockname()[1]))
        assert process.stdout is not None
        printed = ""
        while "Ctrl-C stops" not in printed:
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            printed += line
        address = re.search(r"http://[0-9.:]+", printed)
        assert address
        assert address[0] != up.address(taken)
    wait_for_health(address[0], tracks=1)
    code = textwrap.dedent("".join(line + "\n" for line in printed.splitlines() if line.startswith("    ")))
    pasted = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert pasted.stdout.startswith("Clockwork Song "), pasted.stderr
    assert float(pasted.stdout.split()[2]) == pytest.approx(120, abs=1)

    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert not psutil.wait_procs(children, timeout=60)[1]


# Rights ------------------------------------------------------------------------------------------------------------


def test_rights_are_set_listed_shown_and_taken_away(song: Path) -> None:
    assert run("scan", song, "--jobs", "1").exit_code == 0
    (unknown,) = json.loads(run("rights", "list", "--json").stdout)["files"]
    assert {use["answer"] for use in unknown["permits"].values()} == {"no"}
    said = run("rights", "set", "--path", song.parent, "--basis", "licence", "--licence", "CC BY-NC 4.0").output
    assert "licence, CC-BY-NC-4.0" in said
    assert "train-commercial │ no " in said
    assert "no legal advice" in said
    listed = json.loads(run("rights", "list", "--json").stdout)
    assert [rule["licence"] for rule in listed["rules"]] == ["CC-BY-NC-4.0"]
    assert listed["files"][0]["count"] == 1
    assert listed["files"][0]["permits"]["train-commercial"]["answer"] == "no"
    assert listed["files"][0]["permits"]["train-research"]["conditions"] == ["attribution", "non-commercial"]
    assert "CC-BY-NC-4.0" in run("rights", "list").output
    with Library.open(os.environ["RITORNELLO_LIBRARY"]) as library, library.connect() as connection:
        (file,) = files.all(connection)
    shown = run("rights", "show", str(file.audio_id))
    assert f"audio {file.audio_id}: licence, CC-BY-NC-4.0, said by rule" in shown.output
    assert run("rights", "unset", "--path", song.parent).exit_code == 0
    assert run("rights", "unset", "--path", song.parent).exit_code == 1
    assert run("rights", "show", "nobody").exit_code == 1


def test_a_listener_agrees_and_withdraws() -> None:
    agreed = run("rights", "consent", "ann", "--scope", "research", "--scope", "personal")
    assert "ann agreed to personal, research" in agreed.output
    assert "listener ann: personal, research" in run("rights", "list").output
    gone = run("rights", "withdraw", "ann")
    assert agreed.output.split()[-1] in gone.output
    assert json.loads(run("rights", "list", "--json").stdout)["consents"][0]["withdrawn"] is True
    assert run("rights", "withdraw", "bo").exit_code == 1


def test_a_data_set_is_exported_and_verified(song: Path, place: Path) -> None:
    assert run("scan", song, "--jobs", "1").exit_code == 0
    run("rights", "set", "--path", song.parent, "--basis", "own")
    told = json.loads(run("dataset", "export", place / "rows", "--use", "train-commercial", "--mel", "--json").stdout)
    assert told["rows"] == {"tracks": {"train": 1}, "mel": {"train": 1}}
    verified = run("dataset", "verify", place / "rows")
    assert verified.exit_code == 0, verified.output
    assert "2 rows are as exported, and permit train-commercial" in verified.output
    (place / "rows" / "README.md").unlink()
    assert run("dataset", "verify", place / "rows").exit_code == 1
    assert "expected a new or empty folder" in run("dataset", "export", place / "rows", "--use", "personal").output


# Recommendations ----------------------------------------------------------------------------------------------------


@pytest.fixture
def jazz(tmp_path: Path) -> Path:
    path = tmp_path / "jazz.db"
    with Library.open(path) as library, library.begin() as connection:
        for number in range(12):
            track = rows.track(f"Song {number}", f"Player {number % 4}", genres=("jazz",))
            rows.put(connection, track, tempo=60.0 + 5 * number, energy=0.1 + 0.05 * number)
    return path


def test_a_sentence_is_read_answered_and_saved(jazz: Path) -> None:
    args = ("recommend", "jazz under 80 bpm", "--limit", "3", "--save", "Slow", "--library", str(jazz), "--json")
    said = json.loads(run(*args).stdout)

    assert said["wish"] == {"seeds": [["genre", "jazz"]], "parameters": {"max_tempo": 80.0}, "unread": []}
    assert said["pools"] == [{"seed": "jazz", "initial": 12, "filtered": 5}]
    assert len(said["tracks"]) == 3
    assert all(one["reasons"] for one in said["tracks"])
    listed = json.loads(run("playlists", "list", "--library", str(jazz), "--json").stdout)
    assert listed == [{"id": said["playlist"], "name": "Slow", "owner": "ritornello", "tracks": 3}]
    exported = run("playlists", "export", said["playlist"], "--format", "jspf", "--library", str(jazz)).stdout
    titles = [track["title"] for track in json.loads(exported)["playlist"]["track"]]
    assert titles == [one["title"] for one in said["tracks"]]


def test_what_was_understood_can_be_given_again(jazz: Path) -> None:
    first = run("recommend", "calm jazz by Player 1", "--library", str(jazz))
    assert first.exit_code == 0
    again = re.search(r"understood as: ritornello (.*)", first.stderr)
    assert again
    second = run(*shlex.split(again[1]), "--library", str(jazz))
    assert second.stdout == first.stdout


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("recommend", "hovercraft"), "0 seeds were found, expected 1 to 5"),
        (("recommend", "--artist", "Nobody"), "there is no artist 'Nobody'"),
        (("recommend", "jazz", "--set", "tempo=90"), "'tempo' is no tunable"),
        (("recommend", "jazz", "--set", "max_tempo=fast"), "expected max_tempo=NUMBER"),
        (("recommend", "--genre", "zydeco"), "none of zydeco is in this library"),
    ],
)
def test_what_cannot_be_recommended_is_told(jazz: Path, given: tuple[str, ...], told: str) -> None:
    result = run(*given, "--library", str(jazz))
    assert result.exit_code == 1
    assert told in result.stderr


def test_playlists_are_made_once_a_day(jazz: Path) -> None:
    made = json.loads(run("playlists", "refresh", "--library", str(jazz), "--json").stdout)["made"]
    assert "Calm mix" in made
    assert run("playlists", "refresh", "--library", str(jazz)).stdout.startswith("nothing to make")
    again = ("playlists", "refresh", "--again", "--library", str(jazz), "--json")
    assert set(json.loads(run(*again).stdout)["made"]) == set(made)


def test_taste_is_learned_from_plays(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    assert run("taste", "--library", path).stdout.startswith("nothing to learn from")
    with Library.open(path) as library, library.begin() as connection:
        made = [rows.put(connection, rows.track(f"Song {number}", "Ann")) for number in range(3)]
        plays.add(connection, [Play(who, 1, made[at].id, 200_000, "t") for who in ("ann", "bob") for at in (0, 2)])
    told = json.loads(run("taste", "--library", path, "--json").stdout)
    assert told == {"listeners": 2, "tracks": 2}
    assert run("taste", "--library", path).stdout == "learned from 2 listeners and playlists, and 2 tracks\n"
