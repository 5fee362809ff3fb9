"""The three trainings, on a library whose answers are known; skipped where torch is not installed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ritornello import models, weights
from ritornello.datasets.export import export
from ritornello.errors import BadWeights, DatasetError, ModelError, Withdrawn
from ritornello.library import Library, rights, scores, tracks
from ritornello.rights import Basis, Condition, Use
from tests.datasets.shelves import MUSIC
from tests.learn.shelves import fill, listen

pytest.importorskip("torch", reason="install ritornello[torch] to test training")
pytest.importorskip("onnxscript", reason="install ritornello[torch] to test training")
pytestmark = pytest.mark.filterwarnings("ignore")

from ritornello.learn import metrics, train, write  # noqa: E402
from ritornello.learn.networks import Chances, Coming, Successor, Tagger  # noqa: E402

import torch  # noqa: E402  # isort: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Path, dict[str, list[str]]]]:
    folder = tmp_path_factory.mktemp("shelf")
    with Library.open(folder / "library.db") as library:
        by_genre = fill(library)
        listen(library, by_genre)
        export(library, folder / "rows", Use.TRAIN_COMMERCIAL, sessions=True)
        yield library, folder, by_genre


Shelf = tuple[Library, Path, dict[str, list[str]]]


def card(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return found


def test_a_classifier_learns_what_genres_sound_like_and_speaks_of_the_library(shelf: Shelf) -> None:
    library, folder, by_genre = shelf
    epochs: list[int] = []
    figures = train.genre(folder / "rows", folder / "genre", progress=lambda epoch, *_: epochs.append(epoch))
    ours, mean = figures["this network"], figures["always the mean"]
    assert ours["area under ROC"] > 0.95
    assert mean["area under ROC"] == pytest.approx(0.5)
    assert ours["average precision"] > mean["average precision"] + 0.4
    assert epochs == list(range(card(folder / "genre")["epochs"]))
    assert (folder / "genre" / "curves.png").read_bytes().startswith(b"\x89PNG")
    with library.connect() as connection:
        opened = models.load(folder / "genre", connection)
    assert models.score(opened, library) == models.score(opened, library) == 360
    with library.connect() as connection:
        for genre, ids in by_genre.items():
            right = sum(
                max(told := scores.get(connection, id_), key=lambda name: told[name]) == f"genre:{genre}" for id_ in ids
            )
            assert right > 0.8 * len(ids)
        assert models.highest(opened, connection, 3)["genre:dub"][0][0] in by_genre["dub"]
    said = (folder / "genre" / "README.md").read_text(encoding="utf-8")
    assert "| commerce | attribution |" in said
    assert "It can be handed on under CC-BY-4.0." in said
    assert "| always the mean |" in said
    assert card(folder / "genre")["commands"][1] == "ritornello train genre rows MODEL"
    assert not [path for path in (folder / "genre").iterdir() if str(folder).encode() in path.read_bytes()]


def test_a_trait_of_one_s_own_is_learned_from_a_list(shelf: Shelf, tmp_path: Path) -> None:
    library, folder, by_genre = shelf
    with library.connect() as connection:
        ids = [id_ for ids in by_genre.values() for id_ in ids]
        known = {id_: row[0] for id_, row in zip(ids, tracks.features(connection, ids), strict=True) if row}
    with (tmp_path / "moody.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("track_id", "value"), *((id_, 0.8 * (1 - row.energy) + 0.1 * row.valence) for id_, row in known.items())]
        )
    figures = train.trait(folder / "rows", tmp_path / "model", tmp_path / "moody.csv", name="moodiness")
    assert figures["this network"]["Pearson r"] > 0.9
    assert figures["this network"]["mean absolute error"] < 0.5 * figures["always the mean"]["mean absolute error"]
    with library.connect() as connection:
        opened = models.load(tmp_path / "model", connection)
    models.score(opened, library)
    with library.connect() as connection:
        assert list(scores.get(connection, by_genre["dub"][0])) == [
            "genre:dub",
            "genre:folk",
            "genre:techno",
            "moodiness",
        ] or (list(scores.get(connection, by_genre["dub"][0])) == ["moodiness"])
        assert scores.ranked(connection, "moodiness", 1)[0][0] in by_genre["dub"]


@pytest.mark.parametrize(
    ("licence", "commerce", "handed_on"),
    [(None, "on condition", "CC-BY-4.0"), ("CC-BY-NC-4.0", "no", "CC-BY-NC-4.0"), ("nobody knows", "no", None)],
)
def test_the_licence_of_labels_limits_the_model(
    shelf: Shelf, tmp_path: Path, licence: str | None, commerce: str, handed_on: str | None
) -> None:
    _, folder, by_genre = shelf
    lines = [f"{id_},{number}" for number, genre in enumerate(("dub", "techno")) for id_ in by_genre[genre]]
    (tmp_path / "labels.csv").write_text("\n".join(["track_id,value", *lines]), encoding="utf-8")
    train.trait(folder / "rows", tmp_path / "model", tmp_path / "labels.csv", name="x", licence=licence)
    told = card(tmp_path / "model")
    assert told["permits"]["commercial"]["answer"] == commerce
    assert told["licence"] == handed_on


def test_what_comes_next_is_learned_from_sessions_and_refused_after_a_withdrawal(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        by_genre = fill(library)
        listen(library, by_genre)
        export(library, tmp_path / "rows", Use.TRAIN_COMMERCIAL, sessions=True)
        figures = train.successor(tmp_path / "rows", tmp_path / "model")
        assert figures["this network"]["mean reciprocal rank"] > 2 * figures["played most"]["mean reciprocal rank"]
        assert len(card(tmp_path / "model")["consents"]) == 20
        with library.connect() as connection:
            opened = models.load(tmp_path / "model", connection)
            coming = models.following(opened, connection, by_genre["techno"][:3], 10)
            assert sum(id_ in by_genre["techno"] for id_, _ in coming) >= 8
            assert all(id_ not in by_genre["techno"][:3] for id_, _ in coming)
            with pytest.raises(ModelError, match="none of nobody"):
                models.following(opened, connection, ["nobody"], 3)
        with pytest.raises(ModelError, match="ritornello next"):
            models.score(opened, library)
        with library.begin() as connection:
            rights.withdraw(connection, "listener 3")
        with library.connect() as connection, pytest.raises(Withdrawn, match="train anew"):
            models.load(tmp_path / "model", connection)
        with pytest.raises(Withdrawn):
            models.load(tmp_path / "model")


def test_a_data_set_for_another_use_or_a_changed_one_teaches_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        fill(library, artists=9)
        export(library, tmp_path / "shared", Use.SHARE_ROWS)
        export(library, tmp_path / "rows", Use.TRAIN_COMMERCIAL)
    with pytest.raises(DatasetError, match="was exported for share-rows"):
        train.genre(tmp_path / "shared", tmp_path / "model")
    with pytest.raises(ModelError, match="no sessions"):
        train.successor(tmp_path / "rows", tmp_path / "model")
    (tmp_path / "rows" / "README.md").unlink()
    with pytest.raises(DatasetError, match=r"README\.md is missing"):
        train.genre(tmp_path / "rows", tmp_path / "model")


def test_a_network_that_was_changed_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    _, folder, _ = shelf
    train.genre(folder / "rows", tmp_path / "model")
    with (tmp_path / "model" / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BadWeights):
        models.load(tmp_path / "model")
    with pytest.raises(ModelError, match="is there already"):
        train.genre(folder / "rows", tmp_path / "model")


@pytest.mark.parametrize(
    ("licence", "accept", "commerce", "handed_on"),
    [
        ("CC0-1.0", (), "on condition", "CC-BY-4.0"),
        ("CC-BY-SA-4.0", (Condition.SHARE_ALIKE,), "on condition", "CC-BY-SA-4.0"),
        ("CC-BY-NC-4.0", (Condition.NON_COMMERCIAL,), "no", "CC-BY-NC-4.0"),
        ("CC-BY-ND-4.0", (Condition.UNSHARED,), "no", None),
    ],
)
def test_the_licence_of_a_model_follows_from_its_rows(
    tmp_path: Path, licence: str, accept: tuple[Condition, ...], commerce: str, handed_on: str | None
) -> None:
    with Library.open(tmp_path / "library.db") as library:
        fill(library, licence=licence)
        export(library, tmp_path / "rows", Use.TRAIN_RESEARCH, accept=accept)
    train.genre(tmp_path / "rows", tmp_path / "model")
    told = card(tmp_path / "model")
    assert told["permits"]["commercial"]["answer"] == commerce
    assert told["permits"]["research"]["answer"] == "on condition"
    assert told["licence"] == handed_on


def test_rows_that_ask_for_different_licences_make_a_model_that_stays_here(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.db") as library:
        fill(library, licence="CC-BY-SA-4.0")
        with library.begin() as connection:
            rights.put(connection, rights.Rule(MUSIC / "7.flac", Basis.LICENCE, "GPL-3.0-only"))
        export(library, tmp_path / "rows", Use.TRAIN_COMMERCIAL, accept=[Condition.SHARE_ALIKE])
    train.genre(tmp_path / "rows", tmp_path / "model")
    told = card(tmp_path / "model")
    assert told["permits"]["commercial"]["conditions"] == ["attribution", "share-alike"]
    assert told["permits"]["share-rows"]["answer"] == "no"
    assert "(CC-BY-SA-4.0, GPL-3.0-only)" in told["permits"]["share-rows"]["reason"]


# The parts ----------------------------------------------------------------------------------------------------------


def test_onnx_says_what_the_network_says() -> None:
    rows = np.random.default_rng(0).normal(size=(30, models.COLUMNS)).astype(np.float32)
    torch.manual_seed(0)
    tagger, successor = Chances(Tagger(rows, 4)).eval(), Coming(Successor(rows)).eval()
    session = weights.session(write.onnx(tagger))
    (said,) = session.run(None, {"tracks": rows[:7]})
    np.testing.assert_allclose(said, tagger(torch.tensor(rows[:7])).detach().numpy(), atol=1e-5)
    session = weights.session(write.onnx(successor))
    for last in (0, 6):
        given = rows[None, :20], np.array([last]), rows
        (said,) = session.run(None, dict(zip(("heard", "last", "tracks"), given, strict=True)))
        expected = successor(*map(torch.tensor, given)).detach().numpy()
        np.testing.assert_allclose(said, expected, atol=1e-5)
        assert said.sum() == pytest.approx(1, abs=1e-5)


def test_measures_have_known_values() -> None:
    truth = np.array([True, False, True, False])
    assert metrics.average_precision(truth, np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.average_precision(truth, np.zeros(4)) == pytest.approx((1 / 3 + 2 / 4) / 2)
    assert metrics.area(truth, np.array([0.9, 0.8, 0.7, 0.1])) == 0.75
    assert metrics.area(truth, np.zeros(4)) == 0.5
    assert metrics.pearson(np.arange(4.0), -np.arange(4.0)) == pytest.approx(-1)
    assert metrics.pearson(np.arange(4.0), np.ones(4)) == 0
    chances = np.array([[0.1, 0.9, 0.5], [0.3, 0.3, 0.3]])
    assert metrics.ranks(chances, np.array([2, 0])).tolist() == [2, 2]
