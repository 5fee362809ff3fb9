"""Every answer of ``permits`` against the tables in truth.md, and what must hold whatever the row."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello import rights
from ritornello.rights import Basis, Condition, Consent, Provenance, Use, permits

Table = dict[str, dict[Use, str]]


def _tables() -> list[Table]:
    """The four tables in their order: by the first cell of a row, then by use."""
    tables: list[Table] = []
    for line in (Path(__file__).parent / "truth.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or line.startswith("|---"):
            continue
        if cells[1] == "personal":
            assert cells[1:] == [str(use) for use in Use]
            tables.append({})
        else:
            assert cells[0] not in tables[-1], "a row is written twice"
            tables[-1][cells[0]] = dict(zip(Use, cells[1:], strict=True))
    return tables


LICENCES, BASES, WEIGHTS, LISTENERS = _tables()


def _basis(said: str) -> Provenance:
    """A row of the second table as a provenance."""
    if said == "nothing said":
        return Provenance()
    if said.startswith("consent"):
        uses = said.removeprefix("consent to ").split(", ")
        return Provenance(basis=Basis.CONSENT, scope=frozenset(Use(use) for use in uses if use != "nothing"))
    basis, *more = said.split(", ")
    place = more[0] if more and more[0] != "nowhere said" else None
    reserved = {"reserved": True, "not reserved": False}.get(more[1]) if len(more) > 1 else None
    return Provenance(basis=Basis(basis), jurisdiction=place, reserved=reserved)


def _weights(said: str) -> tuple[str, ...]:
    return () if said == "none" else (said,)


def _listener(said: str) -> tuple[bool, Consent | None]:
    if said == "nobody's listening is in it":
        return False, None
    if said == "was not asked":
        return True, None
    agreed = said.removeprefix("agreed to ").removesuffix(", withdrew")
    scope = {"everything": frozenset(Use), "nothing": frozenset[Use]()}.get(agreed)
    if scope is None:
        scope = frozenset(map(Use, agreed.split(", ")))
    return True, Consent("one", scope, said.endswith("withdrew"))


def _licence(said: str) -> str | None:
    return None if said == "nothing said" else said


def _told(row: Provenance, use: Use) -> str:
    verdict = permits(row, use)
    assert (verdict.answer == "on condition") == bool(verdict.conditions)
    return ", ".join(verdict.conditions) if verdict.conditions else verdict.answer


def _together(*cells: str) -> str:
    """What several cells say together, told in words of the page: one no is no, conditions add up."""
    if "no" in cells:
        return "no"
    return ", ".join(sorted({part for cell in cells for part in cell.split(", ")} - {"yes"})) or "yes"


@pytest.mark.parametrize("said", LICENCES)
@pytest.mark.parametrize("use", Use)
def test_a_licence_allows_what_the_table_says(said: str, use: Use) -> None:
    assert _told(Provenance(basis=Basis.LICENCE, licence=_licence(said)), use) == LICENCES[said][use]


@pytest.mark.parametrize("said", BASES)
@pytest.mark.parametrize("use", Use)
def test_any_other_basis_allows_what_the_table_says(said: str, use: Use) -> None:
    assert _told(_basis(said), use) == BASES[said][use]


@pytest.mark.parametrize("said", WEIGHTS)
@pytest.mark.parametrize("use", Use)
def test_weights_allow_what_the_table_says(said: str, use: Use) -> None:
    assert _told(Provenance(basis=Basis.OWN, weights=_weights(said)), use) == WEIGHTS[said][use]


@pytest.mark.parametrize("said", LISTENERS)
@pytest.mark.parametrize("use", Use)
def test_a_listener_allows_what_the_table_says(said: str, use: Use) -> None:
    listened, consent = _listener(said)
    assert _told(Provenance(basis=Basis.OWN, listened=listened, consent=consent), use) == LISTENERS[said][use]


def _every_row() -> Iterator[tuple[Provenance, str, str, str, str]]:
    bases = [("licence", Provenance(basis=Basis.LICENCE)), *((said, _basis(said)) for said in BASES)]
    for (basis, row), licence, weights, listener in itertools.product(bases, LICENCES, WEIGHTS, LISTENERS):
        listened, consent = _listener(listener)
        yield (
            replace(row, licence=_licence(licence), weights=_weights(weights), listened=listened, consent=consent),
            basis,
            licence,
            weights,
            listener,
        )


def test_every_combination_is_as_strict_as_the_strictest_of_its_parts() -> None:
    seen = 0
    for row, basis, licence, weights, listener in _every_row():
        for use in Use:
            first = LICENCES[licence] if basis == "licence" else BASES[basis]
            barred = "no" if licence == rights.SPOTIFY else "yes"
            expected = _together(first[use], barred, WEIGHTS[weights][use], LISTENERS[listener][use])
            assert _told(row, use) == expected, (basis, licence, weights, listener, use)
            seen += 1
    assert seen == (len(BASES) + 1) * len(LICENCES) * len(WEIGHTS) * len(LISTENERS) * len(Use)


def test_the_tables_have_every_basis_jurisdiction_and_condition() -> None:
    assert {row.basis for row in map(_basis, BASES)} | {Basis.LICENCE} == {None, *Basis}
    for basis in (Basis.BOUGHT, Basis.RESEARCH_EXCEPTION):
        places = {row.jurisdiction for row in map(_basis, BASES) if row.basis is basis}
        assert places == {None, *rights.JURISDICTIONS}
    written = {
        part
        for table in (LICENCES, BASES)
        for row in table.values()
        for cell in row.values()
        for part in cell.split(", ")
    }
    assert written - {"yes", "no"} == {str(condition) for condition in Condition}


# Whatever the row ---------------------------------------------------------------------------------------------------

_SCOPES = st.frozensets(st.sampled_from(list(Use)))
ROWS = st.builds(
    Provenance,
    licence=st.sampled_from([_licence(said) for said in LICENCES]),
    basis=st.sampled_from([None, *Basis]),
    jurisdiction=st.sampled_from([None, *rights.JURISDICTIONS, "XX"]),
    reserved=st.sampled_from([None, True, False]),
    scope=_SCOPES,
    weights=st.lists(st.sampled_from(["Apache-2.0", "CC-BY-4.0", "CC-BY-NC-4.0", ""]), max_size=2).map(tuple),
    listened=st.booleans(),
    consent=st.none() | st.builds(Consent, st.just("one"), _SCOPES, st.booleans()),
)


def _stricter(row: Provenance) -> Iterator[Provenance]:
    """The row with one restriction more."""
    yield replace(row, basis=None)
    yield replace(row, listened=True)
    yield replace(row, consent=None)
    yield replace(row, weights=(*row.weights, "CC-BY-NC-SA-4.0"))
    yield replace(row, weights=(*row.weights, "nobody knows"))
    if row.licence != rights.SPOTIFY:
        yield replace(row, licence=None)
    yield replace(row, licence=rights.SPOTIFY)
    yield replace(row, jurisdiction=None)
    yield replace(row, reserved=True)
    yield from (replace(row, scope=row.scope - {use}) for use in row.scope)
    if row.reserved is False:
        yield replace(row, reserved=None)
    if row.licence and "LicenseRef" not in row.licence and " OR " not in row.licence:
        yield replace(row, licence=f"{row.licence} AND CC-BY-NC-4.0")
    for mild, strict in (
        ("BY", "BY-NC"),
        ("BY", "BY-SA"),
        ("BY", "BY-ND"),
        ("BY-SA", "BY-NC-SA"),
        ("BY-NC", "BY-NC-ND"),
    ):
        if row.licence == f"CC-{mild}-4.0":
            yield replace(row, licence=f"CC-{strict}-4.0")
    if row.consent is not None:
        yield replace(row, consent=replace(row.consent, withdrawn=True))
        yield from (
            replace(row, consent=replace(row.consent, scope=row.consent.scope - {use})) for use in row.consent.scope
        )


@given(ROWS, st.sampled_from(list(Use)))
def test_a_restriction_more_never_allows_more(row: Provenance, use: Use) -> None:
    before = permits(row, use)
    for stricter in _stricter(row):
        after = permits(stricter, use)
        if after.answer != "no":
            assert before.answer != "no", (row, stricter)
            assert set(before.conditions) <= set(after.conditions), (row, stricter)


@given(ROWS)
def test_every_answer_has_its_reason_and_a_row_survives_json(row: Provenance) -> None:
    assert all(verdict.reason for verdict in rights.effects(row).values())
    assert rights.from_json(json.loads(json.dumps(rights.to_json(row)))) == row


@given(ROWS)
def test_commerce_needs_no_less_than_research(row: Provenance) -> None:
    """Save where somebody agreed to the one and not to the other."""
    if row.basis is Basis.CONSENT or row.listened:
        return
    for research, commerce in ((Use.RESEARCH, Use.COMMERCIAL), (Use.TRAIN_RESEARCH, Use.TRAIN_COMMERCIAL)):
        if permits(row, commerce).answer != "no":
            assert permits(row, research).answer != "no"


# Licences by name ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc-by-nc-sa-3.0-us", "CC-BY-NC-SA-3.0-US"),
        ("CC BY-SA 3.0", "CC-BY-SA-3.0"),
        ("CC-BY-NC-ND", "LicenseRef-CC-BY-NC-ND"),
        ("LicenseRef-CC-BY-SA", "LicenseRef-CC-BY-SA"),
        ("https://creativecommons.org/licenses/by-nc/2.5/", "CC-BY-NC-2.5"),
        ("http://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
        ("http://creativecommons.org/licenses/nc/1.0/", None),
        ("http://creativecommons.org/licenses/by-nc-made-up/1.0/", None),
        ("http://creativecommons.org/licenses/by-sa-nd/4.0/", None),
        ("http://creativecommons.org/licenses/by/3.0/de/deed.de", "CC-BY-3.0-DE"),
        ("http://creativecommons.org/licenses/by-sa/4.0/legalcode", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("CC0", "CC0-1.0"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("Public Domain", "CC-PDM-1.0"),
        (
            "2009 Ann. Licensed to the public under http://creativecommons.org/licenses/by/3.0/ verify at http://ann.example",
            "CC-BY-3.0",
        ),
        ("Licensed under CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 3.0 Unported", "CC-BY-NC-SA-3.0"),
        ("Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("Creative Commons Attribution-NoDerivs 2.0", "CC-BY-ND-2.0"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-3", "GPL-3.0-only"),
        ("mit", "MIT"),
        ("http://creativecommons.org/licenses/by/3.0/ http://creativecommons.org/licenses/by-nc/3.0/", None),
        ("All rights reserved", None),
        ("© 1999 Label. Not public domain", None),
        ("Not licensed under CC BY 4.0", None),
        ("CC BY 4.0, except in France: https://creativecommons.org/licenses/by/4.0/", None),
        ("CC", None),
        ("CC-BY-9.9", None),
        ("", None),
    ],
)
def test_licences_are_known_by_id_address_and_usual_name(text: str, id: str | None) -> None:  # noqa: A002
    found = rights.identify(text)
    assert (found.id if found else None) == id
    if found and found.id.startswith("CC-") and found.url:
        assert rights.identify(found.url) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cc-by-3.0 or gpl-2+", "CC-BY-3.0 OR GPL-2.0-or-later"),
        ("CC0-1.0 AND MIT", "CC0-1.0 AND MIT"),
        ("CC0-1.0 AND unheard-of", None),
        ("(MIT OR ISC) AND CC0-1.0", None),
        ("MIT or", None),
    ],
)
def test_expressions_are_told_in_ids(text: str, told: str | None) -> None:
    assert rights.expression(text) == told


def test_of_an_expression_an_unknown_part_is_never_relied_on() -> None:
    for text, answer in (("unheard-of OR CC0-1.0", "yes"), ("unheard-of AND CC0-1.0", "no")):
        assert permits(Provenance(basis=Basis.LICENCE, licence=text), Use.COMMERCIAL).answer == answer


@pytest.mark.parametrize(
    ("licence", "is_open"),
    [
        ("CC0-1.0", True),
        ("CC BY 4.0", True),
        ("CC-BY-SA-3.0-DE", True),
        ("Public domain", True),
        ("PDDL-1.0", True),
        ("CC-BY-ND-4.0", False),
        ("CC-BY-NC-4.0", False),
        ("proprietary", False),
        (None, False),
    ],
)
def test_a_licence_is_open_if_anybody_may_hand_on_a_part_for_any_purpose(licence: str | None, is_open: bool) -> None:
    assert rights.is_open(licence) is is_open
