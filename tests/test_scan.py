from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pebble import ProcessPool
from sqlalchemy import text

from ritornello import folders, scan, worker
from ritornello.errors import RitornelloError
from ritornello.library import Library, files, rights, tracks
from ritornello.sound import encode
from ritornello.sound.waveform import Waveform
from ritornello.track import ANALYSIS_VERSION
from tests import sounds

SHORT = 1.5
LONG = 20.0  # enough that a scan of a dozen is still running when a signal arrives
"""Seconds; analysing that much takes about as long as starting a worker."""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library.db")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def song(path: Path, number: int = 0, seconds: float = SHORT, **tags: str) -> Path:
    """A recording of its own for each number; the same number gives the same audio."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encode.write(path, sounds.mono(sounds.tone(220.0 + 10 * number, seconds)), tags={"title": f"Song {number}", **tags})
    return path


def stored(library: Library) -> dict[str, bytes]:
    """Every track with its document, which holds the moment of its analysis."""
    with library.connect() as connection:
        ids = {file.audio_id for file in files.all(connection) if file.audio_id}
        found = {audio_id: tracks.analysis(connection, audio_id) for audio_id in ids}
        return {audio_id: one.text if one else b"" for audio_id, one in found.items()}


def titles(library: Library) -> dict[str, str]:
    with library.connect() as connection:
        found = tracks.get(connection, list(stored(library)))
        return {track.id: track.name for track in found if track}


def paths(library: Library) -> dict[str, str | None]:
    with library.connect() as connection:
        return {file.path.name: file.audio_id for file in files.all(connection)}


# Finding -----------------------------------------------------------------------------------------------------------


def found(*roots: Path) -> tuple[list[str], dict[str, str]]:
    told: dict[str, str] = {}
    all_found = folders.find(roots, lambda path, reason, refused: told.update({path.name: reason}))
    return [one.path.name for one in all_found], told


def test_audio_is_found_by_its_suffix_in_any_case_and_in_a_stable_order(music: Path) -> None:
    for name in ("b.MP3", "a.flac", "z/c.Ogg", "notes.txt", "cover.jpg", "m.opus"):
        (music / name).parent.mkdir(exist_ok=True)
        (music / name).touch()
    assert found(music) == (["a.flac", "b.MP3", "m.opus", "c.Ogg"], {})


def test_hidden_and_system_folders_are_not_entered(music: Path) -> None:
    for name in (".hidden/a.mp3", "$RECYCLE.BIN/b.mp3", "@eaDir/c.mp3", "ok/._d.mp3", "ok/e.mp3"):
        (music / name).parent.mkdir(exist_ok=True)
        (music / name).touch()
    assert found(music) == (["e.mp3"], {})


def test_a_file_given_by_name_is_taken_whatever_its_suffix_and_once(music: Path) -> None:
    (music / "voice.bin").touch()
    (music / "a.mp3").touch()
    assert found(music, music / "voice.bin", music / "a.mp3", music) == (["voice.bin", "a.mp3"], {})


def test_loops_of_links_end_and_linked_folders_are_read_once(music: Path, tmp_path: Path) -> None:
    (music / "sub").mkdir()
    (music / "sub" / "a.mp3").touch()
    (music / "sub" / "loop").symlink_to(music)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.mp3").touch()
    (music / "link").symlink_to(tmp_path / "elsewhere")
    (music / "again").symlink_to(tmp_path / "elsewhere")
    assert found(music) == (["a.mp3", "b.mp3"], {})


def test_what_is_no_readable_file_is_told(music: Path) -> None:
    (music / "gone.mp3").symlink_to(music / "nowhere")
    os.mkfifo(music / "pipe.mp3")
    (music / "folder.mp3").mkdir()
    (music / "folder.mp3" / "a.mp3").touch()
    names, told = found(music, music / "missing.mp3")
    assert names == ["a.mp3"]
    assert told == {
        "missing.mp3": "not there",
        "gone.mp3": "not there",
        "pipe.mp3": "neither a file nor a folder",
        "folder.mp3": "a folder named like an audio file; its files are scanned",
    }


# Storing and resuming ----------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_library_and_is_not_read_twice(library: Library, music: Path) -> None:
    for number, suffix in enumerate(("mp3", "flac", "m4a")):
        song(music / f"{number}.{suffix}", number, artist="Anna", album="Album")
    summary = scan.scan([music], library, jobs=2)
    assert (summary.analysed, summary.refused, summary.interrupted) == (3, 0, False)
    assert summary.audio_seconds == pytest.approx(3 * SHORT, abs=0.2)
    assert sorted(titles(library).values()) == ["Song 0", "Song 1", "Song 2"]
    with library.connect() as connection:
        ids = list(stored(library))
        kept = tracks.features(connection, ids)
        assert {one[0].analysis_version for one in kept if one} == {ANALYSIS_VERSION}
        assert [one[1] for one in kept if one] == [scan.PROVENANCE] * 3
    for document in stored(library).values():
        assert json.loads(document)["track"]["duration"] == pytest.approx(SHORT, abs=0.1)

    before = {child.pid for child in psutil.Process().children(recursive=True)}
    again = scan.scan([music], library)
    assert (again.unchanged, again.analysed, again.usable) == (3, 0, 3)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_moved_renamed_copied_and_retagged_files_keep_their_ids_and_are_not_decoded(
    library: Library, music: Path
) -> None:
    for number in range(4):
        song(music / f"{number}.flac", number)
    scan.scan([music], library, jobs=2)
    documents, names = stored(library), paths(library)

    (music / "sub").mkdir()
    (music / "0.flac").rename(music / "sub" / "renamed.flac")
    song(music / "1.flac", 1, artist="New", title="New title")
    shutil.copy(music / "2.flac", music / "copy.flac")
    os.utime(music / "3.flac")
    summary = scan.scan([music], library, jobs=2)

    assert (summary.analysed, summary.moved, summary.retagged, summary.forgotten) == (0, 2, 2, 1)
    assert stored(library) == documents, "no analysis was made anew"
    assert paths(library)["renamed.flac"] == names["0.flac"]
    assert paths(library)["copy.flac"] == names["2.flac"]
    assert titles(library)[names["1.flac"] or ""] == "New title"


def test_new_audio_under_an_old_name_is_a_new_track(library: Library, music: Path) -> None:
    song(music / "a.flac", 1)
    scan.scan([music], library, jobs=1)
    old = paths(library)["a.flac"]
    song(music / "a.flac", 2)
    assert scan.scan([music], library, jobs=1).analysed == 1
    assert paths(library)["a.flac"] not in {old, None}


def test_forgotten_files_leave_their_tracks_and_come_back_without_decoding(library: Library, music: Path) -> None:
    song(music / "a.flac", 1)
    scan.scan([music], library, jobs=1)
    documents = stored(library)
    (music / "a.flac").rename(music.parent / "a.flac")
    summary = scan.scan([music], library, jobs=1)
    assert (summary.forgotten, summary.usable) == (1, 0)
    with library.connect() as connection:
        assert tracks.count(connection) == 1
    (music.parent / "a.flac").rename(music / "a.flac")
    assert scan.scan([music], library, jobs=1).moved == 1
    assert stored(library) == documents


def test_a_folder_that_is_not_there_loses_nothing(library: Library, music: Path) -> None:
    song(music / "a.flac", 1)
    scan.scan([music], library, jobs=1)
    music.rename(music.parent / "unplugged")
    summary = scan.scan([music], library, jobs=1)
    assert [(remark.path, remark.reason) for remark in summary.refusals] == [(str(music), "not there")]
    assert summary.forgotten == 0
    assert paths(library) != {}


def test_an_older_version_is_analysed_again(library: Library, music: Path) -> None:
    song(music / "a.flac", 1)
    scan.scan([music], library, jobs=1)
    with library.begin() as connection:
        connection.execute(text("UPDATE files SET analysis_version = 0"))
        connection.execute(text("UPDATE features SET analysis_version = 0"))
    assert scan.scan([music], library, jobs=1).analysed == 1
    assert scan.scan([music], library, jobs=1).unchanged == 1


def test_licences_are_read_from_tags_and_from_files_beside_them(library: Library, music: Path) -> None:
    song(music / "tagged.flac", 1, LICENSE="CC BY-SA 3.0", COPYRIGHT="2020 Ann")
    song(music / "bare.flac", 2)
    scan.scan([music], library, jobs=1)
    (music / "bare.flac.license").write_text("SPDX-License-Identifier: CC0-1.0\n")
    again = scan.scan([music], library, jobs=1)
    assert again.unchanged == 2
    ids = paths(library)
    with library.connect() as connection:
        told = rights.of_tracks(connection, [id_ for id_ in ids.values() if id_])
    found = {name: [(row.licence, row.credit, row.evidence) for row in told[id_]] for name, id_ in ids.items() if id_}
    assert found == {"tagged.flac": [("CC-BY-SA-3.0", "2020 Ann", "tag")], "bare.flac": [("CC0-1.0", "", "sidecar")]}


def test_a_scan_that_ends_early_leaves_no_file_without_its_licence(
    library: Library, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song(music / "a.flac", 1)
    (music / "a.flac.license").write_text("SPDX-License-Identifier: CC-BY-NC-4.0\n")
    monkeypatch.setattr(scan, "_read_sidecars", lambda roots, library: signal.raise_signal(signal.SIGINT))
    assert scan.scan([music], library, jobs=1).interrupted
    (id_,) = paths(library).values()
    assert id_ is not None
    with library.connect() as connection:
        (told,) = rights.of_tracks(connection, [id_])[id_]
    assert (told.licence, told.evidence) == ("CC-BY-NC-4.0", "sidecar")


def test_covers_are_stored_with_the_album(library: Library, music: Path) -> None:
    from tests.test_tags import PNG

    encode.write(music / "a.mp3", sounds.mono(sounds.tone(300, SHORT)), tags={"album": "A"}, cover=PNG)
    scan.scan([music], library, jobs=1)
    with library.connect() as connection:
        track = tracks.get(connection, list(stored(library)))[0]
        assert track is not None
        assert track.album.cover


# Bad files ---------------------------------------------------------------------------------------------------------


def test_each_odd_file_has_its_own_line_and_stops_nothing(library: Library, music: Path) -> None:
    song(music / "good.flac", 1)
    (music / "broken.mp3").write_bytes(random.Random(1).randbytes(20_000))
    (music / "text.ogg").write_text("not music at all " * 500)
    (music / "empty.wav").touch()
    encode.write(music / "one-sample.wav", Waveform(np.zeros(1, np.float32) + 0.5, 44100))
    encode.write(music / "silent.wav", Waveform(np.zeros(88200, np.float32), 44100))
    whole = song(music / "whole.mp3", 2).read_bytes()
    (music / "whole.mp3").unlink()
    (music / "headless.m4a").write_bytes(song(music / "x.m4a", 3).read_bytes()[:3000])
    (music / "x.m4a").unlink()
    (music / "misnamed.wav").write_bytes(whole)
    encode.write(music / "truncated.flac", sounds.mono(sounds.noise(3.0)))
    cut = (music / "truncated.flac").read_bytes()
    (music / "truncated.flac").write_bytes(cut[: len(cut) // 2])
    (music / "gone.mp3").symlink_to(music / "nowhere")
    (music / "folder.mp3").mkdir()

    summary = scan.scan([music], library, jobs=2)
    refused = {Path(remark.path).name: remark.reason for remark in summary.refusals}
    assert set(refused) == {"broken.mp3", "text.ogg", "empty.wav", "one-sample.wav", "headless.m4a", "gone.mp3"}
    assert all(refused.values())
    assert not [reason for reason in refused.values() if "unexpected" in reason]
    assert "empty" in refused["empty.wav"]
    assert "at least" in refused["one-sample.wav"]
    assert {Path(remark.path).name for remark in summary.warnings} >= {"truncated.flac", "folder.mp3"}
    assert summary.analysed == 4

    again = scan.scan([music], library, jobs=2)
    assert (again.analysed, again.unchanged) == (0, 4)
    assert {Path(remark.path).name: remark.reason for remark in again.refusals} == refused
    assert sorted(map(str, again.warnings)) == sorted(map(str, summary.warnings))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no names that are no text")
def test_a_name_that_is_no_text_is_a_name_like_any_other(library: Library, music: Path) -> None:
    song(music / "x.flac", 1).rename(Path(os.fsdecode(os.fsencode(music) + b"/caf\xe9.flac")))
    summary = scan.scan([music], library, jobs=1)
    assert (summary.analysed, summary.refusals) == (1, [])
    assert list(titles(library).values()) == ["Song 1"]
    again = scan.scan([music], library, jobs=1)
    assert (again.unchanged, again.forgotten) == (1, 0)


def crash_at_the_victim(path: Path) -> worker.Result:
    """What a decoder does that writes where it should not."""
    if path.name == "victim.flac":
        os.kill(os.getpid(), signal.SIGSEGV)
    return worker.compute(path)


def test_a_crashing_decoder_costs_its_own_file_only(
    library: Library, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song(music / "victim.flac", 0)
    for number in range(1, 5):
        song(music / f"{number}.flac", number)
    with monkeypatch.context() as patched:
        patched.setattr(worker, "compute", crash_at_the_victim)
        summary = scan.scan([music], library, jobs=2)
    reasons = {Path(remark.path).name: remark.reason for remark in summary.refusals}
    assert reasons == {"victim.flac": "the decoder crashed (SIGSEGV); the next scan tries again"}
    assert summary.analysed == 4
    again = scan.scan([music], library, jobs=2)
    assert (again.analysed, again.unchanged, again.refused) == (1, 4, 0)


def sleep_for_ever(path: Path) -> worker.Result:
    """What a decoder does that never ends."""
    time.sleep(600)
    return worker.compute(path)


def test_a_decoder_that_never_ends_is_ended(library: Library, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song(music / "victim.flac", 0)
    monkeypatch.setattr(worker, "compute", sleep_for_ever)
    monkeypatch.setattr(scan, "_PATIENCE", 4.0)
    monkeypatch.setattr(scan, "_PATIENCE_PER_BYTE", 0.0)
    summary = scan.scan([music], library, jobs=1)
    assert [remark.reason for remark in summary.refusals] == ["took too long; the next scan tries again"]


def die_at_once() -> None:
    """What a worker does whose parent script has no main guard."""
    os._exit(1)


def test_workers_that_do_not_start_end_the_scan_with_one_line(
    library: Library, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song(music / "a.flac", 1)
    monkeypatch.setattr(worker, "start", die_at_once)
    with pytest.raises(RitornelloError, match="worker processes end before they do anything"):
        scan.scan([music], library, jobs=1)


# Processes ---------------------------------------------------------------------------------------------------------


def report() -> tuple[int, str | None, bool]:
    return os.nice(0), os.environ.get("OMP_NUM_THREADS"), "numpy" in sys.modules


def test_workers_have_lowest_priority_and_one_thread() -> None:
    with ProcessPool(1, initializer=worker.start, context=get_context("spawn")) as pool:
        nice, threads, _ = pool.schedule(report).result()
    assert (nice, threads) == (19, "1")


def test_a_worker_starts_without_numpy_and_without_the_library() -> None:
    """The one would make its thread limits come too late, the other costs it half a second for nothing."""
    code = "import sys, ritornello.worker; sys.exit(bool({'numpy', 'sqlalchemy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def start(library: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ritornello", "scan", "--library", str(library), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def family(process: subprocess.Popen[str]) -> list[Any]:
    return list(psutil.Process(process.pid).children(recursive=True))


def wait_for_tracks(path: Path, count: int, process: subprocess.Popen[str]) -> None:
    with Library.open(path) as library:
        while process.poll() is None:
            with library.connect() as connection:
                if tracks.count(connection) >= count:
                    return
            time.sleep(0.02)


def test_a_scan_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice(music: Path) -> None:
    total = 36
    for number in range(total):
        song(music / f"{number:02}.flac", number, LONG)
    path = music.parent / "library.db"
    dice = random.Random(7)
    kept: dict[str, bytes] = {}
    for _ in range(3):
        process = start(path, music, "--jobs", "2")
        wait_for_tracks(path, len(kept) + 1, process)
        time.sleep(dice.random() * 0.1)
        workers = family(process)
        process.kill()
        process.communicate()
        _gone, alive = psutil.wait_procs(workers, timeout=20)
        assert not alive, "workers do not outlive the scan"
        with Library.open(path) as library:
            now = stored(library)
        assert len(now) > len(kept)
        assert {audio_id: now[audio_id] for audio_id in kept} == kept, "what was stored is not made again"
        kept = now
    process = start(path, music, "--jobs", "2", "--json")
    summary = json.loads(process.communicate()[0])
    assert process.returncode == 0
    assert summary["unchanged"] == len(kept)
    assert summary["analysed"] == total - len(kept)
    with Library.open(path) as library, library.connect() as connection:
        assert tracks.count(connection) == total
        assert len(files.all(connection)) == total
        assert {audio_id: document for audio_id, document in stored(library).items() if audio_id in kept} == kept


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(music: Path) -> None:
    for number in range(12):
        song(music / f"{number:02}.flac", number, LONG)
    path = music.parent / "library.db"
    process = start(path, music, "--jobs", "1")
    wait_for_tracks(path, 1, process)
    workers = family(process)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate()
    assert process.returncode == 130
    assert "stopped; the same command goes on where it ended" in out
    assert "Traceback" not in errors
    assert not psutil.wait_procs(workers, timeout=20)[1]
    process = start(path, music, "--jobs", "2", "--json")
    summary = json.loads(process.communicate()[0])
    assert summary["unchanged"] >= 1
    assert summary["unchanged"] + summary["analysed"] == 12


def test_progress_counts_what_is_to_be_done(library: Library, music: Path) -> None:
    for number in range(3):
        song(music / f"{number}.flac", number)
    states: list[scan.Progress] = []
    scan.scan([music], library, jobs=1, progress=states.append)
    assert [state.files_done for state in states] == sorted(state.files_done for state in states)
    last = states[-1]
    assert (last.files, last.files_done, last.current) == (3, 3, None)
    assert last.bytes_done == last.bytes == sum(path.stat().st_size for path in music.iterdir())
    assert {state.current.name for state in states if state.current} == {"0.flac", "1.flac", "2.flac"}
