from __future__ import annotations

import os
from pathlib import Path

import pytest

from ritornello.errors import BadRequest, Unknown
from ritornello.library import Library, catalogue, files, listeners, plays, rights, tracks
from ritornello.library.rights import Rule
from ritornello.play import Play
from ritornello.rights import Basis, Provenance, Use, permits
from tests.library import rows

MUSIC = Path(os.sep) / "music"


def lay(library: Library, name: str, at: str, licence: str | None = None, by: str | None = None) -> str:
    """A track with a file whose tags say this; returns its id."""
    made = rows.track(name, "Ann")
    with library.begin() as connection:
        rows.put(connection, made, model_version="fma-mfcc-1")
        files.put(connection, files.File(MUSIC / at, 1, 1, made.id, "analysed", None, (), 1, "fma-mfcc-1", licence, by))
    return made.id


def told(library: Library, track_id: str) -> list[Provenance]:
    with library.connect() as connection:
        return rights.of_tracks(connection, [track_id])[track_id]


def rule(library: Library, at: str, basis: Basis, licence: str | None = None, **more: object) -> None:
    with library.begin() as connection:
        rights.put(connection, Rule(MUSIC / at, basis, licence, **more))  # type: ignore[arg-type]


def test_a_row_has_its_whole_provenance(library: Library) -> None:
    id_ = lay(library, "One", "a.flac", "CC-BY-4.0", "2020 Ann")
    (row,) = told(library, id_)
    assert (row.audio_id, row.source, row.licence, row.basis) == (id_, "audio file", "CC-BY-4.0", Basis.LICENCE)
    assert (row.analysis_version, row.model_version, row.weights) == (1, "fma-mfcc-1", ("CC-BY-4.0",))
    assert (row.credit, row.evidence) == ("2020 Ann", "tag")


def test_weights_that_nobody_knows_allow_nothing(library: Library) -> None:
    made = rows.track("Odd", "Ann")
    with library.begin() as connection:
        rows.put(connection, made, model_version="somebody's")
    rule(library, "", Basis.OWN)
    assert permits(told(library, made.id)[0], Use.PERSONAL).answer == "no"


def test_the_longest_path_counts_and_what_a_rule_leaves_out_the_file_says(library: Library) -> None:
    id_ = lay(library, "One", "shop/own/a.flac", "CC-BY-4.0", "2020 Ann")
    rule(library, "", Basis.BOUGHT, jurisdiction="EU", reserved=False)
    rule(library, "sho", Basis.OWN)
    (row,) = told(library, id_)
    assert (row.basis, row.jurisdiction, row.reserved, row.evidence) == (Basis.BOUGHT, "EU", False, "rule")
    rule(library, "shop/own", Basis.LICENCE, credit="Ann & Bo")
    (row,) = told(library, id_)
    assert (row.basis, row.licence, row.credit) == (Basis.LICENCE, "CC-BY-4.0", "Ann & Bo")
    with library.begin() as connection:
        rights.remove(connection, MUSIC / "shop" / "own")
        with pytest.raises(Unknown, match="rule for"):
            rights.remove(connection, MUSIC / "shop" / "own")
    assert told(library, id_)[0].basis is Basis.BOUGHT


def test_a_file_beside_counts_before_the_tags_and_the_catalogue_before_both(library: Library) -> None:
    id_ = lay(library, "One", "a.flac", "CC-BY-4.0", "2020 Ann")
    with library.begin() as connection:
        said: dict[Path, tuple[str | None, str | None]] = {MUSIC / "a.flac": ("CC-BY-NC-4.0", None)}
        assert files.put_sidecars(connection, MUSIC, said) == 1
        assert files.put_sidecars(connection, MUSIC, said) == 0
    assert [(row.licence, row.evidence) for row in told(library, id_)] == [("CC-BY-NC-4.0", "sidecar")]
    with library.begin() as connection:
        track = tracks.get(connection, [id_])[0]
        assert track is not None
        assert track.licence == "CC-BY-NC-4.0"
        catalogue.put_track(connection, rows.track("One", "Ann", licence="CC0-1.0"))
    assert [(row.licence, row.evidence) for row in told(library, id_)] == [("CC0-1.0", "catalogue")]
    with library.begin() as connection:
        assert files.put_sidecars(connection, MUSIC, {}) == 1


def test_of_several_files_the_one_that_allows_a_use_counts(library: Library) -> None:
    id_ = lay(library, "One", "bought/a.mp3")
    lay(library, "One", "free/a.mp3", "CC-BY-4.0")
    rule(library, "bought", Basis.BOUGHT)
    both = told(library, id_)
    assert [row.basis for row in both] == [Basis.BOUGHT, Basis.LICENCE]
    assert rights.best(both, Use.TRAIN_COMMERCIAL)[0].basis is Basis.LICENCE
    assert rights.best(both, Use.PERSONAL)[1].answer == "yes"


def test_a_rule_decides_whether_a_preview_is_public(library: Library) -> None:
    id_ = lay(library, "One", "a.flac", "CC-BY-4.0")

    def licence() -> str | None:
        with library.connect() as connection:
            track = tracks.get(connection, [id_])[0]
            assert track is not None
            return track.licence

    assert licence() == "CC-BY-4.0"
    rule(library, "", Basis.BOUGHT)
    assert licence() is None


def test_the_summary_counts_files_by_right(library: Library) -> None:
    for number in range(3):
        lay(library, f"Free {number}", f"free/{number}.flac", "CC0-1.0", f"credit {number}")
    lay(library, "Unknown", "x.flac")
    with library.connect() as connection:
        counts = rights.summary(connection)
    assert sorted((str(row.licence), count) for row, count in counts.items()) == [("CC0-1.0", 3), ("None", 1)]
    with library.connect() as connection:
        assert [len(batch) for batch in rights.batches(connection, 3)] == [3, 1]


def test_who_is_erased_stays_withdrawn_without_a_name(library: Library) -> None:
    with library.begin() as connection:
        plays.add(connection, [Play("ann of the hill", 1, "x")])
        agreed = rights.consent(connection, "ann of the hill", [Use.RESEARCH])
    listeners.erase(library, "ann of the hill")
    with library.connect() as connection:
        assert list(rights.withdrawn(connection, [agreed.id])) == [agreed.id]
        assert "ann of the hill" not in "".join(rights.consents(connection))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"basis": Basis.LICENCE, "licence": "free for all"}, "is no licence that is known"),
        ({"basis": Basis.CONSENT}, "needs --scope"),
        ({"basis": Basis.OWN, "scope": ("research",)}, "has no --scope"),
        ({"basis": Basis.OWN, "jurisdiction": "EU"}, "has no --jurisdiction"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told(given: dict[str, object], wrong: str) -> None:
    blank = {"path": Path("x"), "licence": None, "jurisdiction": None, "reserved": None, "scope": (), "credit": None}
    with pytest.raises(BadRequest, match=wrong):
        rights.rule(**{**blank, **given})  # type: ignore[arg-type]


def test_a_withdrawal_stays_known_when_the_listener_agrees_anew(library: Library) -> None:
    with library.begin() as connection:
        first = rights.consent(connection, "ann", [Use.RESEARCH])
        assert rights.consent(connection, "ann", [Use.PERSONAL]).id == first.id
        assert rights.consents(connection)["ann"].scope == {Use.PERSONAL}
        gone = rights.withdraw(connection, "ann")
        assert (gone.id, gone.withdrawn) == (first.id, True)
        assert rights.consents(connection)["ann"].withdrawn
        second = rights.consent(connection, "ann", [Use.RESEARCH])
        assert second.id != first.id
        assert rights.consents(connection)["ann"] == second
        assert list(rights.withdrawn(connection, [first.id, second.id, "other"])) == [first.id]
        with pytest.raises(Unknown, match="consent of listener 'bo'"):
            rights.withdraw(connection, "bo")
