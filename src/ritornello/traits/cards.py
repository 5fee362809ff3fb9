"""Cards: what a trait means, what taught it, how far off it is and where it fails.

The prose is in ``cards/``, the figures are in the JSON files that training and benches write; docs/traits has the cards
as they are rendered here.
"""

from __future__ import annotations

import json
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from ritornello.traits.cepstral import CEPSTRAL_VERSION
from ritornello.traits.embedding import DIMENSIONS, EMBEDDING_VERSION
from ritornello.traits.heads import MODEL_VERSION, NAMES

TITLES = (*NAMES, "embedding")

_PROSE = Path(__file__).parent / "cards"
_WEIGHTS = Path(__file__).parent / "weights"
_PLACE = "<!-- figures -->"


def render(title: str) -> str:
    """The card of a trait or of the embedding, as Markdown."""
    prose = (_PROSE / f"{title}.md").read_text(encoding="utf-8")
    lines = _embedding() if title == "embedding" else _trait(title)
    return prose.replace(_PLACE, "\n".join(lines))


def meaning(title: str) -> str:
    """What a trait means, in a paragraph."""
    prose = (_PROSE / f"{title}.md").read_text(encoding="utf-8")
    return " ".join(prose.partition("## Meaning")[2].strip().partition("\n\n")[0].split())


@cache
def _figures(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _sources() -> list[str]:
    return [
        f"- {part['source']['licence']}; from `{part['source']['file']}`, {part['bytes'] / 1e6:.1f} MB here"
        for part in _figures("networks")["networks"].values()
    ]


def _trait(name: str) -> list[str]:
    return [*_data(name), "", *_errors(name), "", *_examples(name)]


def _data(name: str) -> list[str]:
    card, outline = _figures(MODEL_VERSION), _figures(CEPSTRAL_VERSION)
    trait, rows = card["traits"][name], card["rows"]
    own, tags = trait["credit"]
    source = "assumed" if trait["assumed"] else "from how far they agree with the outline"
    place = "above" if trait["offset"] > 0 else "below"
    lines = [
        "## Data",
        "",
        *_paragraph(
            f"Model `{MODEL_VERSION}`. Three witnesses are weighed: what {outline['tracks']}",
            "labelled tracks of such an outline",
            f"had (Pearson r with labels of held-out albums {own:.2f}, measured), what tags and classes mean",
            f"(r {tags:.2f}, {source}), and, counting as much as both, a student of what vibenet said of the corpus",
            f"and of excerpts (r with vibenet {trait['agreement']:.2f} on the corpus, whole packages held out).",
            "The value is read off",
            f"the distribution of Echo Nest's labels of {card['labels']:,} tracks of the",
            'Free Music Archive (CC BY 4.0; Defferrard et al., "FMA: A Dataset For Music',
            'Analysis", ISMIR 2017), on which the middle of the corpus was put',
            f"{abs(trait['offset']):.2f} standard deviations {place} the median, as vibenet has it.",
            "vibenet (GPL-3.0) learned from the same labels; its answers are not under its licence,",
            "and nothing else of it was used. No value from Spotify's API was used.",
        ),
        "",
        "Frozen networks that hear the tags and classes:",
        "",
        *_sources(),
        "",
        *_paragraph(
            f"The corpus: {rows['music']} pieces of freely licensed music; the excerpts: {rows['excerpt']:,} half",
            "minutes of these and others, each once more as something that nobody composed",
            f"({_excerpts(rows)}). Both come from",
            f"{len(card['packages'])} Debian packages, mostly of games, the sung voices from two recordings of",
            f"vocadito (CC BY 4.0); {len(card['kept_out'])} packages more were kept for measuring.",
        ),
    ]
    if "measured" in trait:
        lines += ["", *_measured(trait)]
    lines += ["", *_strays(trait)]
    if trait["state_area"] is not None:
        lines += [
            "",
            *_paragraph(
                f"A state was taught by constructions ({_constructions(rows)}) and by excerpts: area under the curve",
                f"{trait['state_area']:.3f} with whole packages held out. In that state the value is",
                f"{trait['state_value']:.2f}, the mean label beyond the threshold.",
            ),
        ]
    return [
        *lines,
        "",
        "| labels | 5 % | 25 % | 50 % | 75 % | 95 % | mean |",
        "|---|---|---|---|---|---|---|",
        "| all | " + " | ".join(f"{v:.3f}" for v in [*trait["labels"], trait["label_mean"]]) + " |",
        "| the corpus, as estimated | " + " | ".join(f"{v:.3f}" for v in [*trait["estimates"], trait["mean"]]) + " |",
    ]


def _measured(trait: dict[str, Any]) -> list[str]:
    loudness, activity = trait["measured"]
    taught, kept = trait["changes, taught"], trait["changes, kept out"]
    moved = [
        f"| {kind} | {taught[kind][0]} of {taught[kind][1]} | {cells[0]} of {cells[1]} | {cells[2]:+.3f} |"
        for kind, cells in kept.items()
    ]
    return [
        *_paragraph(
            "Two measurements are added, of which the networks know little: the integrated loudness of the track and",
            "its activity, the decibels by which a band rises in a second, of each rise what lies between 1 and 3 dB:",
            "how often and how widely things start, not how hard. A standard deviation of the corpus",
            f"of either moves the leaning by {loudness:.2f} and {activity:.2f}, where one among all music is 1.",
            "Pieces that were changed (25 % faster and 20 % slower with the pitch kept, by FFmpeg's atempo and by",
            "librosa's phase vocoder) are lessons beside what vibenet said: the evidence is weighed so that energy",
            "moves as it must. The weight of loudness is the smallest",
            "by which 6 dB alone move the leaning by 0.05; that of activity puts as many of the pieces whose tempo was",
            "changed on the right side as can be had while r with vibenet falls by at most 0.02, with whole packages",
            "held out.",
        ),
        "",
        "| change | moved the right way, of the packages that taught | of those kept out | mean of these |",
        "|---|---|---|---|",
        *moved,
    ]


def _strays(trait: dict[str, Any]) -> list[str]:
    kept = trait["strays, kept out"]
    lessons = (
        f"They are lessons for the student, each counts {trait['insistence']:g} times as much as a piece of the corpus."
        if trait["insistence"]
        else "The student needed no lessons for that."
    )
    return [
        *_paragraph(
            "Another master (more bass and treble and compressed, or less treble) and MP3 at 64 and 48 kbit/s mono",
            f"should change nothing. {lessons} Of pieces of packages that were kept out:",
        ),
        "",
        "| change | mean move | largest move | of how many more than 0.05 |",
        "|---|---|---|---|",
        *(
            f"| {kind} | {mean:.3f} | {largest:.3f} | {strayed} of {pieces} |"
            for kind, (mean, largest, strayed, pieces) in kept.items()
        ),
    ]


def _paragraph(*parts: str) -> list[str]:
    return textwrap.wrap(" ".join(parts), 120, break_long_words=False, break_on_hyphens=False)


def _excerpts(rows: dict[str, int]) -> str:
    kinds = {kind.removeprefix("excerpt "): count for kind, count in rows.items() if kind.startswith("excerpt ")}
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.items())


def _constructions(rows: dict[str, int]) -> str:
    kinds = {kind: count for kind, count in rows.items() if kind != "music" and not kind.startswith("excerpt")}
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.items())


def _errors(name: str) -> list[str]:
    grouped = _figures(CEPSTRAL_VERSION)["traits"][name]
    measured = _figures("figures")
    lines = [
        "## Errors",
        "",
        "There is no labelled audio here, so no error of the whole model against labels could be",
        "measured. What was measured:",
        "",
        "| against | program | Pearson r | Spearman ρ | MAE | R² |",
        "|---|---|---|---|---|---|",
        "| labels of held-out albums (471 tracks of rock and hip-hop) | the outline alone | "
        + " | ".join(
            "{:.2f} [{:.2f}, {:.2f}]".format(*grouped["grouped"][m]) for m in ("pearson", "spearman", "mae", "r2")
        )
        + " |",
    ]
    reference = f"vibenet on {measured['tracks']} pieces ({measured['groups']} soundtracks that taught nothing)"
    for program, cells in measured["agreement"][name].items():
        lines.append(f"| {reference} | {program} | " + " | ".join(cells) + " |")
    return [
        *lines,
        "",
        *_paragraph(
            "Intervals are of 95 %, whole albums or soundtracks being drawn again. Agreement with",
            "vibenet, itself an estimate",
            "from FMA's labels and one of the teachers, is no error; it is the nearest thing to one that could be had.",
            "`bench/traits.py` measures",
            "against labels where FMA's audio is at hand.",
        ),
        "",
        f"![{name}: our value against vibenet's]({name}.svg)",
        "",
        "| third by confidence | promised | within 0.15 of vibenet |",
        "|---|---|---|",
        *(f"| {third} | {promised:.0%} | {kept:.0%} |" for third, promised, kept in measured["calibration"][name]),
    ]


def _examples(name: str) -> list[str]:
    shown = _figures(MODEL_VERSION)["traits"][name]
    lines = ["## Highest and lowest of the corpus", "", "| | package | file | value |", "|---|---|---|---|"]
    for title in ("highest", "lowest"):
        lines += [f"| {title} | {package} | {file} | {value:.2f} |" for package, file, value in shown[title]]
    return lines


def _embedding() -> list[str]:
    card = _figures(EMBEDDING_VERSION)
    return [
        "## Data",
        "",
        *_paragraph(
            f"Version `{EMBEDDING_VERSION}`, {DIMENSIONS} numbers. The layers before the answers",
            "of three frozen networks, two of",
            "them MusiCNN's (1,424 numbers, mean of eight windows of three seconds), turned to",
            "the directions in which music",
            "differs most. Networks of traits and embedding:",
        ),
        "",
        *_sources(),
        "",
        *_paragraph(
            f"The turn was made from {card['tracks']} pieces of freely licensed music from",
            f"{card['packages']} Debian packages,",
            "without any label.",
        ),
        "",
        "## What it keeps",
        "",
        *_paragraph(
            f"Of {card['tested']} pieces of packages that did not make the turn: how often the",
            "nearest of all last windows to a",
            "piece's first one is its own, and how many of the five nearest other pieces are of the same soundtrack.",
        ),
        "",
        "| vector | own last window | same soundtrack |",
        "|---|---|---|",
        *(
            f"| {title} | {found['same_track']:.2f} | {found['same_package']:.2f} |"
            for title, found in card["retrieval"].items()
        ),
    ]
