"""Cards say what is known, and docs/traits says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ritornello import cli, weights
from ritornello.traits import MODEL_VERSION, cards, heads
from ritornello.traits.cepstral import CEPSTRAL_VERSION
from ritornello.traits.embedding import EMBEDDING_VERSION

DOCS = Path(__file__).parents[2] / "docs" / "traits"
WEIGHTS = Path(heads.__file__).parent / "weights"

each_card = pytest.mark.parametrize("title", cards.TITLES)


@each_card
def test_the_documentation_has_the_card_as_it_is_printed(title: str) -> None:
    assert (DOCS / f"{title}.md").read_text(encoding="utf-8") == cards.render(title)


@each_card
def test_a_card_says_what_it_means_and_where_it_fails(title: str) -> None:
    card = cards.render(title)
    for heading in ("## Meaning", "## Data", "## Where it fails"):
        assert len(card.partition(heading)[2].partition("\n## ")[0].split()) > 20, heading


@pytest.mark.parametrize("title", heads.NAMES)
def test_a_traits_card_has_the_figures_that_were_measured(title: str) -> None:
    card = cards.render(title)
    trait = json.loads((WEIGHTS / f"{MODEL_VERSION}.json").read_text(encoding="utf-8"))["traits"][title]
    outline = json.loads((WEIGHTS / "fma-mfcc-1.json").read_text(encoding="utf-8"))["traits"][title]
    value, low, high = outline["grouped"]["pearson"]
    assert f"{value:.2f} [{low:.2f}, {high:.2f}]" in card
    for package, file, estimate in (*trait["highest"], *trait["lowest"]):
        assert f"| {package} | {file} | {estimate:.2f} |" in card
    assert f"]({title}.svg)" in card
    assert (DOCS / f"{title}.svg").is_file()


def test_the_figures_are_those_of_the_weights() -> None:
    figures = json.loads((WEIGHTS / "figures.json").read_text(encoding="utf-8"))
    assert figures["model_version"] == MODEL_VERSION
    assert set(figures["agreement"]) == set(heads.NAMES)


def test_the_overview_links_every_card() -> None:
    overview = (DOCS / "README.md").read_text(encoding="utf-8")
    for title in cards.TITLES:
        assert f"]({title}.md)" in overview


def test_the_command_prints_a_card() -> None:
    result = CliRunner().invoke(cli.main, ["card", "danceability"])
    assert result.exit_code == 0
    assert result.output == cards.render("danceability") + "\n"


def test_the_command_names_the_cards_there_are() -> None:
    result = CliRunner().invoke(cli.main, ["card", "happiness"])
    assert result.exit_code == 2
    assert "'happiness' has no card; those that have: acousticness, danceability" in result.output


@pytest.mark.parametrize("version", [MODEL_VERSION, EMBEDDING_VERSION, CEPSTRAL_VERSION])
def test_the_licences_behind_every_weight_are_known(version: str) -> None:
    assert version in weights.LINEAGE


def test_rows_of_earlier_weights_keep_their_licences_and_credits() -> None:
    assert {"fma-mfcc-1", "heard-1", MODEL_VERSION} <= set(weights.LINEAGE)
    owed = {version for version, licences in weights.LINEAGE.items() if "CC-BY-4.0" in licences}
    assert owed == set(weights.CREDITS)
