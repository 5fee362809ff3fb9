"""What is in an export, what is not, and that a changed one is found out."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from ritornello.datasets.export import export
from ritornello.datasets.tables import TABLES, WINDOW, schema
from ritornello.datasets.verify import manifest, verify
from ritornello.errors import DatasetError
from ritornello.library import Library, embeddings, open_features, rights, songs, tracks
from ritornello.library.rights import Rule
from ritornello.play import Song
from ritornello.rights import Basis, Condition, Use, from_json, permits
from ritornello.track import FEATURES, Embedding
from ritornello.traits.embedding import DIMENSIONS, pack
from tests.datasets.shelves import HOUR, MUSIC, START, Piece, agree, bought, fill, hear
from tests.library import rows as numbers

MIXED = (
    Piece("free", ("Ann",), "CC0-1.0"),
    Piece("credited", ("Bo",), "CC-BY-4.0"),
    Piece("alike", ("Cy",), "CC-BY-SA-4.0"),
    Piece("not sold", ("Di",), "CC-BY-NC-4.0"),
    Piece("odd", ("Ed",), "ask me"),
    Piece("silent", ("Flo",)),
    bought("shop", False, "Gus"),
    bought("closed", True, "Hal"),
)


def read(folder: Path, table: str = "tracks") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((folder / table).glob("*.parquet")):
        found += parquet.read_table(path, use_threads=False).to_pylist()
    return found


def titles(folder: Path) -> set[str]:
    return {row["title"] for row in read(folder)}


@pytest.mark.parametrize(
    ("use", "accept", "expected"),
    [
        (Use.TRAIN_COMMERCIAL, (), {"free", "credited"}),
        (Use.TRAIN_COMMERCIAL, (Condition.SHARE_ALIKE,), {"free", "credited", "alike"}),
        (Use.TRAIN_COMMERCIAL, (Condition.JURISDICTION,), {"free", "credited", "shop"}),
        (Use.TRAIN_RESEARCH, (Condition.JURISDICTION,), {"free", "credited", "shop", "closed"}),
        (Use.RESEARCH, (), {"free", "credited", "alike", "not sold"}),
        (Use.PERSONAL, (), {"free", "credited", "alike", "not sold", "shop", "closed"}),
        (Use.SHARE_ROWS, (Condition.NON_COMMERCIAL,), {"free", "credited", "not sold"}),
    ],
)
def test_exactly_the_rows_that_permit_the_use_are_written(
    library: Library, tmp_path: Path, use: Use, accept: tuple[Condition, ...], expected: set[str]
) -> None:
    fill(library, MIXED)
    summary = export(library, tmp_path / "out", use, accept=accept)
    assert titles(tmp_path / "out") == expected
    assert summary.written == len(expected)
    assert sum(summary.refused["tracks"].values()) == len(MIXED) - len(expected)
    assert verify(tmp_path / "out") == []


def test_refused_rows_are_counted_by_reason(library: Library, tmp_path: Path) -> None:
    fill(library, MIXED)
    summary = export(library, tmp_path / "out", Use.TRAIN_COMMERCIAL)
    assert summary.refused["tracks"] == {
        "only on condition: share-alike, not accepted": 1,
        "CC-BY-NC-4.0 allows no commercial use": 1,
        "its licence is none that Ritornello knows": 1,
        "nobody said by what right this recording is here": 1,
        "only on condition: jurisdiction, not accepted": 1,
        "EU: the holder of the rights reserved text and data mining": 1,
    }
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert all(f"| tracks | {reason} | 1 |" in card for reason in summary.refused["tracks"])


def test_a_row_has_the_numbers_of_the_library_and_its_whole_provenance(library: Library, tmp_path: Path) -> None:
    piece = Piece("credited", ("Ann", "Bo"), "CC-BY-4.0")
    fill(library, [piece])
    with library.begin() as connection:
        vector = pack(np.array([0.5, -0.25] + [0.0] * (DIMENSIONS - 2), np.float32))
        embeddings.put(connection, piece.id, Embedding("embedding-1", vector, ()))
    export(library, tmp_path / "out", Use.SHARE_ROWS)
    (row,) = read(tmp_path / "out")
    computed = numbers.features()
    assert {name: row[name] for name in FEATURES} == pytest.approx({name: getattr(computed, name) for name in FEATURES})
    assert (row["embedding_version"], row["embedding"][:2]) == ("embedding-1", [0.5, -0.25])
    assert row["confidence"] == [0.5] * len(FEATURES)
    assert (row["artists"], row["genres"], row["title"]) == (["Ann", "Bo"], ["dub"], "credited")
    assert (row["licence"], row["basis"], row["evidence"], row["credit"]) == ("CC-BY-4.0", "licence", "tag", "2020")
    assert (row["weights"], row["model_version"], row["source"]) == (
        ["Apache-2.0", "CC-BY-4.0", "ISC"],
        "fma-mfcc-1",
        "audio file",
    )
    assert (row["answer"], row["conditions"]) == ("on condition", ["attribution"])
    assert permits(from_json(row), Use.SHARE_ROWS).reason == row["reason"]


def test_attribution_names_authors_and_the_makers_of_the_weights(library: Library, tmp_path: Path) -> None:
    fill(library, MIXED)
    export(library, tmp_path / "out", Use.TRAIN_COMMERCIAL)
    with (tmp_path / "out" / "attribution.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["title"], line["credit"], line["licence"]) for line in lines[:2]] == [
        ("free", "2020", "CC0-1.0"),
        ("credited", "2020", "CC-BY-4.0"),
    ]
    assert lines[1]["licence_url"] == "https://creativecommons.org/licenses/by/4.0/"
    assert lines[2]["title"].startswith("FMA")


def test_artists_who_share_a_track_share_a_split(library: Library, tmp_path: Path) -> None:
    names = [f"Artist {number}" for number in range(40)]
    fill(library, [Piece(f"{a} {b}", (a, b), "CC0-1.0") for a, b in zip(names[::2], names[1::2], strict=True)])
    fill(library, [Piece(f"solo {name}", (name,), "CC0-1.0") for name in names])
    export(library, tmp_path / "out", Use.SHARE_ROWS)
    homes: dict[str, set[str]] = {}
    for path in (tmp_path / "out" / "tracks").iterdir():
        for row in parquet.read_table(path, use_threads=False).to_pylist():
            for artist in row["artists"]:
                homes.setdefault(artist, set()).add(path.name.split("-")[0])
    assert len(homes) == 40
    assert all(len(splits) == 1 for splits in homes.values())
    assert set.union(*homes.values()) == {"train", "validation", "test"}


def test_many_rows_make_several_groups_and_files(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ritornello.datasets.export._ROW_GROUP", {"tracks": 2})
    monkeypatch.setattr("ritornello.datasets.export._SHARD", {"tracks": 4})
    fill(library, [Piece(f"{number:02}", ("Ann",), "CC0-1.0") for number in range(11)])
    export(library, tmp_path / "out", Use.SHARE_ROWS)
    assert sorted(path.name for path in (tmp_path / "out" / "tracks").iterdir()) == [
        f"train-{number:05}.parquet" for number in range(3)
    ]
    assert [row["title"] for row in read(tmp_path / "out")] == [f"{number:02}" for number in range(11)]
    assert verify(tmp_path / "out") == []


def test_tables_have_their_schema_and_its_version(library: Library, tmp_path: Path) -> None:
    fill(library, MIXED)
    export(library, tmp_path / "out", Use.PERSONAL)
    found = parquet.read_schema(next((tmp_path / "out" / "tracks").iterdir()))
    assert found.equals(schema("tracks"))
    assert found.metadata[b"ritornello_schema_version"] == b"2"
    assert found.field("confidence").type == pa.list_(pa.float32(), 13)
    assert schema("sessions").field("tracks").type == pa.list_(pa.string(), WINDOW)


def test_an_empty_library_makes_an_empty_data_set(library: Library, tmp_path: Path) -> None:
    assert export(library, tmp_path / "out", Use.RESEARCH, sessions=True, mel=True).written == 0
    assert verify(tmp_path / "out") == []


def test_what_is_there_is_not_overwritten(library: Library, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()
    with pytest.raises(DatasetError, match="expected a new or empty folder"):
        export(library, tmp_path / "out", Use.RESEARCH)


# Sessions ----------------------------------------------------------------------------------------------------------


def test_sessions_are_of_listeners_who_agreed_and_of_tracks_that_pass(library: Library, tmp_path: Path) -> None:
    fill(library, MIXED)
    free, credited, closed = (
        next(piece.id for piece in MIXED if piece.name == n) for n in ("free", "credited", "closed")
    )
    ann = agree(library, "ann", Use.TRAIN_COMMERCIAL)
    agree(library, "bo", Use.TRAIN_RESEARCH)
    agree(library, "cy", Use.TRAIN_COMMERCIAL)
    with library.begin() as connection:
        rights.withdraw(connection, "cy")
    for listener in ("ann", "bo", "cy", "di"):
        hear(library, listener, [free, credited, closed, free])
    summary = export(library, tmp_path / "out", Use.TRAIN_COMMERCIAL, sessions=True)
    (row,) = read(tmp_path / "out", "sessions")
    assert row["tracks"] == [free, credited, free] + [None] * (WINDOW - 3)
    assert (row["length"], row["consent"], row["session_id"]) == (3, ann, f"{ann}-0")
    assert int(row["hour"].timestamp()) * 1000 == START // HOUR * HOUR
    assert summary.refused["plays"] == {
        "the listener did not agree to train-commercial": 4,
        "the listener withdrew": 4,
        "the listener was not asked": 4,
        "its track is not in this data set": 1,
    }
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert not any(name in everything for name in (b'"ann"', b"listener ann", b"ann-"))
    assert verify(tmp_path / "out") == []


def test_long_sessions_are_cut_and_gaps_part_them(library: Library, tmp_path: Path) -> None:
    fill(library, [Piece("free", licence="CC0-1.0")])
    free = Piece("free").id
    agree(library, "ann", *Use)
    hear(library, "ann", [free] * (2 * WINDOW + 1))
    agree(library, "bo", *Use)
    hear(library, "bo", [free] * 5, gap=HOUR)
    agree(library, "cy", *Use)
    hear(library, "cy", [free] * 3, ms=20_000)
    summary = export(library, tmp_path / "out", Use.RESEARCH, sessions=True)
    assert [row["length"] for row in read(tmp_path / "out", "sessions")] == [WINDOW, WINDOW]
    assert summary.refused["plays"] == {"skipped within 30 s": 3}


def test_what_others_published_keeps_its_licence(library: Library, tmp_path: Path) -> None:
    sung = {name: Song(name, "Ivy") for name in ("agreed", "silent")}
    made = numbers.track("catalogued", "Ann")
    fill(library, [Piece("free", ("Ann",), "CC0-1.0")])
    with library.begin() as connection:
        tracks.put_metadata(connection, made)
        songs.put(connection, {name: (song, songs.named(song)) for name, song in sung.items()})
        for item, name, licence in (
            (made.id, "free", "CC0-1.0"),
            (made.id, "credited", "CC-BY-4.0"),
            (made.id, "not sold", "CC-BY-NC-4.0"),
            (made.id, "odd", "ask me"),
            ("agreed", "free", "CC0-1.0"),
            ("silent", "free", "CC0-1.0"),
        ):
            value = open_features.OpenFeature(item, name, 0.5, None, 0.1, 3, "m", "isrc", "Somebody", licence)
            open_features.put(connection, [value])
    hear(library, "ann", ["agreed"])
    hear(library, "bob", ["silent"])
    agree(library, "ann", Use.TRAIN_COMMERCIAL)
    agree(library, "bob", Use.PERSONAL)
    summary = export(library, tmp_path / "out", Use.TRAIN_COMMERCIAL, published=True)

    told = {(row["item_id"], row["name"], row["licence"], row["source"]) for row in read(tmp_path / "out", "open")}
    assert told == {
        (made.id, "free", "CC0-1.0", "Somebody"),
        (made.id, "credited", "CC-BY-4.0", "Somebody"),
        ("agreed", "free", "CC0-1.0", "Somebody"),
    }
    assert sum(summary.refused["open"].values()) == 3
    assert verify(tmp_path / "out") == []
    # Ann's own track and what was published of her are in one split.
    groups = {row["group"] for row in read(tmp_path / "out") + read(tmp_path / "out", "open")}
    assert len(groups) == 2
    with (tmp_path / "out" / "attribution.csv").open(newline="") as file:
        assert {row["licence"] for row in csv.DictReader(file) if row["artists"] == "Somebody"} == {
            "CC0-1.0",
            "CC-BY-4.0",
        }
    assert "open" not in export(library, tmp_path / "without", Use.TRAIN_COMMERCIAL).rows


def test_a_listener_is_in_one_split(library: Library, tmp_path: Path) -> None:
    fill(library, [Piece("free", licence="CC0-1.0")])
    for number in range(12):
        agree(library, f"listener {number}", *Use)
        hear(library, f"listener {number}", [Piece("free").id] * 45)
    export(library, tmp_path / "out", Use.RESEARCH, sessions=True)
    homes: dict[str, set[str]] = {}
    for path in (tmp_path / "out" / "sessions").iterdir():
        for row in parquet.read_table(path, use_threads=False).to_pylist():
            homes.setdefault(row["consent"], set()).add(path.name.split("-")[0])
    assert [len(splits) for splits in homes.values()] == [1] * 12
    assert set.union(*homes.values()) == {"train", "validation", "test"}


# Whatever the rights ------------------------------------------------------------------------------------------------

LICENCES = (None, "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "nothing known")
RULES = st.none() | st.builds(
    Rule,
    st.just(MUSIC),
    st.sampled_from(Basis),
    st.sampled_from(LICENCES[:-1]),
    st.sampled_from([None, "EU", "UK", "US"]),
    st.sampled_from([None, True, False]),
    st.frozensets(st.sampled_from(list(Use))),
)
PIECES = st.lists(st.tuples(st.sampled_from(LICENCES), RULES), min_size=1, max_size=6)


def _export(
    folder: Path, pieces: list[tuple[str | None, Rule | None]], use: Use, accept: frozenset[Condition]
) -> set[str]:
    shutil.rmtree(folder, ignore_errors=True)
    with Library.open(folder / "library.db") as library:
        for number, (licence, rule) in enumerate(pieces):
            own = rule and replace(rule, path=MUSIC / str(number))
            fill(library, [Piece(str(number), (f"Artist {number}",), licence, own)])
        export(library, folder / "out", use, accept=accept)
    assert verify(folder / "out") == []
    for row in read(folder / "out"):
        verdict = permits(from_json(row), use)
        assert verdict.answer != "no"
        assert set(verdict.conditions) <= {Condition.ATTRIBUTION, *accept}
    return titles(folder / "out")


def _more(licence: str | None) -> str | None:
    """With a restriction more; where nothing is granted, nothing is left to restrict."""
    return licence and f"{licence} AND CC-BY-NC-ND-4.0"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES, st.sampled_from(list(Use)), st.frozensets(st.sampled_from(list(Condition))))
def test_a_restriction_more_never_adds_a_row(
    tmp_path: Path, pieces: list[tuple[str | None, Rule | None]], use: Use, accept: frozenset[Condition]
) -> None:
    before = _export(tmp_path / "x", pieces, use, accept)
    stricter = [(_more(licence), rule and replace(rule, licence=_more(rule.licence))) for licence, rule in pieces]
    assert _export(tmp_path / "x", stricter, use, accept) <= before
    assert _export(tmp_path / "x", pieces, use, frozenset()) <= before


# Verification -------------------------------------------------------------------------------------------------------


@pytest.fixture
def out(library: Library, tmp_path: Path) -> Path:
    fill(library, MIXED)
    fill(library, [Piece(f"more {number}", (f"More {number}",), "CC0-1.0") for number in range(20)])
    export(library, tmp_path / "out", Use.TRAIN_COMMERCIAL)
    return tmp_path / "out"


def _rewrite(out: Path, change: Any, split: str = "train") -> None:
    """Change rows, and make the manifest say that they were always so."""
    path = out / "tracks" / f"{split}-00000.parquet"
    found = [change(row) for row in parquet.read_table(path, use_threads=False).to_pylist()]
    parquet.write_table(pa.Table.from_pylist(found, schema("tracks")), path)
    from ritornello.datasets.export import sha256

    about = manifest(out)
    for one in about["files"]:
        if one["path"] == f"tracks/{path.name}":
            one["sha256"] = sha256(path)
    (out / "manifest.json").write_text(json.dumps(about), encoding="utf-8")


def test_a_changed_a_missing_and_a_strange_file_are_found_out(out: Path) -> None:
    with (out / "attribution.csv").open("a", encoding="utf-8") as file:
        file.write("and me")
    (out / "README.md").unlink()
    (out / "tracks" / "more.parquet").touch()
    assert sorted(verify(out)) == [
        "README.md is missing",
        "attribution.csv is not the file that was exported: its SHA-256 differs",
        "tracks/more.parquet does not belong to the data set",
    ]


def test_a_row_that_does_not_permit_the_use_is_found_out(out: Path) -> None:
    first = parquet.read_table(out / "tracks" / "train-00000.parquet").to_pylist()[0]["title"]
    _rewrite(out, lambda row: {**row, "licence": "CC-BY-NC-4.0"} if row["title"] == first else row)
    (wrong,) = verify(out)
    assert wrong == "1 rows of tracks do not permit train-commercial: CC-BY-NC-4.0 allows no commercial use"


def test_a_condition_that_was_not_accepted_is_found_out(out: Path) -> None:
    _rewrite(out, lambda row: {**row, "licence": "CC-BY-SA-4.0"}, "test")
    (wrong,) = verify(out)
    assert wrong.endswith("rows of tracks do not permit train-commercial: share-alike is not accepted")


def test_a_leak_between_splits_is_found_out(out: Path) -> None:
    leaked = parquet.read_table(out / "tracks" / "train-00000.parquet").to_pylist()[0]["artist_ids"]
    _rewrite(out, lambda row: {**row, "artist_ids": leaked}, "test")
    (wrong,) = verify(out)
    assert wrong == f"1 of tracks are in two splits, such as {leaked[0]}"


def test_rows_that_are_missing_are_found_out(out: Path) -> None:
    about = manifest(out)
    about["rows"]["tracks"]["train"] += 1
    (out / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
    (wrong,) = verify(out)
    assert wrong.startswith("tracks has other numbers of rows than the manifest")


def test_what_is_no_data_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is no data set"):
        verify(tmp_path)
    (tmp_path / "manifest.json").write_text('{"schema_version": 99}', encoding="utf-8")
    with pytest.raises(DatasetError, match="upgrade Ritornello"):
        verify(tmp_path)


def test_every_column_is_in_the_metadata(out: Path) -> None:
    croissant = json.loads((out / "croissant.json").read_text(encoding="utf-8"))
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    names = [column[0] for column in TABLES["tracks"]]
    assert [field["name"] for field in croissant["recordSet"][0]["field"]] == names
    assert [field["name"] for field in package["resources"][0]["schema"]["fields"]] == names
    hashes = {one["path"]: one["sha256"] for one in manifest(out)["files"]}
    assert all(one["sha256"] == hashes[one["contentUrl"]] for one in croissant["distribution"] if "sha256" in one)
