"""Models that were trained before run without torch: kept in tests/models, made by tests.models.make_models."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ritornello import cli, models
from ritornello.errors import BadWeights, ModelError, Withdrawn
from ritornello.library import Library, rights, scores
from ritornello.rights import Use
from tests.learn.shelves import GENRES, fill

KEPT = Path(__file__).parent / "models"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as library:
        yield library


@pytest.fixture
def genre(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / "genre", tmp_path / "genre"))


def change(folder: Path, **told: object) -> None:
    card = models.read_card(folder)
    (folder / "model.json").write_text(json.dumps({**card, **told}), encoding="utf-8")


def test_a_classifier_knows_the_genres_of_a_library(library: Library, genre: Path) -> None:
    by_genre = fill(library, artists=12)
    opened = models.load(genre)
    assert models.traits(opened) == [f"genre:{label}" for label in opened.card["labels"]]
    assert models.score(opened, library) == 36
    with library.connect() as connection:
        for name, ids in by_genre.items():
            told = [scores.get(connection, id_) for id_ in ids]
            assert sum(max(one, key=one.__getitem__) == f"genre:{name}" for one in told) > 0.8 * len(ids)
        first = models.highest(opened, connection, 2)["genre:techno"][0]
    assert first[0] in by_genre["techno"]
    assert first[1].startswith("Artist ")


def test_scoring_anew_replaces_what_was_said(library: Library, genre: Path) -> None:
    fill(library, artists=3)
    opened = models.load(genre)
    assert models.score(opened, library) == models.score(opened, library) == 9


def test_what_comes_next_sounds_like_what_was_heard(library: Library) -> None:
    by_genre = fill(library, artists=30)
    opened = models.load(KEPT / "next")
    with library.connect() as connection:
        for name in GENRES:
            heard = by_genre[name][:4]
            coming = models.following(opened, connection, heard, 10)
            assert sum(id_ in by_genre[name] for id_, _ in coming) >= 8
            assert not {id_ for id_, _ in coming} & set(heard)
        assert sum(chance for _, chance in models.following(opened, connection, heard, 999)) < 1


def test_each_task_is_asked_its_own_way(library: Library, genre: Path) -> None:
    with library.connect() as connection, pytest.raises(ModelError, match="ritornello score"):
        models.following(models.load(genre), connection, ["x"], 3)
    with pytest.raises(ModelError, match="ritornello next"):
        models.score(models.load(KEPT / "next"), library)


def test_a_withdrawal_marks_the_model_and_takes_back_what_it_said(library: Library, genre: Path) -> None:
    by_genre = fill(library, artists=3)
    with library.begin() as connection:
        consent = rights.consent(connection, "ann", [Use.TRAIN_COMMERCIAL])
    change(genre, consents=[consent.id])
    with library.connect() as connection:
        models.score(models.load(genre, connection), library)
    with library.begin() as connection:
        assert scores.get(connection, by_genre["dub"][0])
        rights.withdraw(connection, "ann")
        assert not scores.get(connection, by_genre["dub"][0])
    assert models.load(genre)
    with library.connect() as connection, pytest.raises(Withdrawn, match="export the data set again"):
        models.load(genre, connection)
    with pytest.raises(Withdrawn, match="train anew"):
        models.load(genre)


def test_what_is_no_model_or_another_is_refused(tmp_path: Path, genre: Path) -> None:
    with pytest.raises(ModelError, match="is no model"):
        models.load(tmp_path)
    change(genre, inputs=["energy"])
    with pytest.raises(ModelError, match="train it anew"):
        models.load(genre)
    shutil.copy(KEPT / "genre" / "model.json", genre / "model.json")
    with (genre / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BadWeights, match="SHA-256"):
        models.load(genre)


def test_models_run_from_the_command_line(library: Library, genre: Path) -> None:
    by_genre = fill(library, artists=6)
    ran = CliRunner().invoke(cli.main, ["score", str(genre), "--library", str(library.path), "--top", "2", "--json"])
    told = json.loads(ran.stdout)
    assert told["scored"] == 18
    assert told["highest"]["genre:dub"][0]["id"] in by_genre["dub"]
    asked = ["next", str(KEPT / "next"), by_genre["folk"][0], "--library", str(library.path), "--top", "3"]
    assert json.loads(CliRunner().invoke(cli.main, [*asked, "--json"]).stdout)[0]["id"] in by_genre["folk"]
    assert "Artist" in CliRunner().invoke(cli.main, asked).output


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed, so training works")
def test_training_without_torch_says_what_to_install(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli.main, ["train", "genre", str(tmp_path), str(tmp_path / "model")])
    assert ran.exit_code == 1
    assert "pip install 'ritornello[torch]'" in ran.output
