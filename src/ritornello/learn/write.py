"""A trained network into a folder: ONNX, curves, and a card whose licence follows from the rows."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ritornello import __version__, models
from ritornello.datasets.tables import WINDOW
from ritornello.errors import ModelError
from ritornello.learn.fit import Curves, plot
from ritornello.learn.networks import Chances
from ritornello.learn.rows import Seen
from ritornello.models import CARD, NETWORK, PAGE
from ritornello.rights import Condition, Use, Verdict, permits

CURVES = "curves.png"


def check_new(folder: Path) -> None:
    """Refuse a folder that holds something, before time is spent."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"{folder} is there already: expected a new or empty folder")


def model(folder: Path, network: nn.Module, told: dict[str, Any], seen: Seen, curves: Curves) -> None:
    """Write all files of a model."""
    folder.mkdir(parents=True, exist_ok=True)
    content = onnx(network)
    (folder / NETWORK).write_bytes(content)
    plot(curves, folder / CURVES)
    allowed = uses(seen)
    card = {
        **told,
        "software": f"ritornello {__version__}",
        "inputs": models.wanted(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": licence(allowed, seen),
        "permits": {
            use: {"answer": v.answer, "conditions": list(v.conditions), "reason": v.reason}
            for use, v in allowed.items()
        },
        "consents": sorted(seen.consents),
        "withdrawn": {},
    }
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(page(card), encoding="utf-8")


def onnx(network: nn.Module) -> bytes:
    """The network as ONNX, for any number of tracks."""
    network.eval()
    columns = models.COLUMNS
    rows = torch.zeros(3, columns)
    some = torch.export.Dim("some")
    given: tuple[torch.Tensor, ...]
    free: tuple[dict[int, Any], ...]
    if isinstance(network, Chances):
        given, names, free = (rows,), ["tracks"], ({0: some},)
    else:
        given = torch.zeros(1, WINDOW, columns), torch.zeros(1, dtype=torch.long), rows
        names, free = ["heard", "last", "tracks"], ({}, {}, {0: some})
    # It warns of what it is about to change, and of vision operators that are not installed.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(action="ignore"):
        program = torch.onnx.export(
            network, given, input_names=names, output_names=["said"], dynamic_shapes=free, dynamo=True, verbose=False
        )
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()


def uses(seen: Seen) -> dict[Use, Verdict]:
    """What a model may be used for: for commerce if every row that taught it permits commercial training, and so on."""
    rows = seen.permits()
    research, commerce = rows[Use.TRAIN_RESEARCH], rows[Use.TRAIN_COMMERCIAL]
    widest = commerce if commerce.answer != "no" else research
    shared = widest
    if widest.answer != "no" and {Condition.UNSHARED, Condition.JURISDICTION} & set(widest.conditions):
        shared = Verdict("no", (), f"what comes of a row is not to be handed on, or only in one place: {widest.reason}")
    elif Condition.SHARE_ALIKE in widest.conditions and len(named := _alike(seen)) > 1:
        told = ", ".join(sorted(named))
        shared = Verdict(
            "no", (), f"rows ask to be shared alike under different licences ({told}), and it cannot have all"
        )
    return {Use.RESEARCH: _either(research, commerce), Use.COMMERCIAL: commerce, Use.SHARE_ROWS: shared}


def _either(one: Verdict, other: Verdict) -> Verdict:
    return min((one, other), key=lambda verdict: (verdict.answer == "no", len(verdict.conditions)))


def licence(allowed: dict[Use, Verdict], seen: Seen) -> str | None:
    """The licence under which a model can be handed on: None where it cannot, or where no one licence would do."""
    told = allowed[Use.SHARE_ROWS]
    if told.answer == "no":
        return None
    asked = set(told.conditions)
    if not asked:
        return "Apache-2.0"
    if asked == {Condition.ATTRIBUTION}:
        return "CC-BY-4.0"
    named = _alike(seen)
    if Condition.SHARE_ALIKE in asked:
        return named.pop() if len(named) == 1 else None
    return "CC-BY-NC-4.0" if asked == {Condition.ATTRIBUTION, Condition.NON_COMMERCIAL} else None


def _alike(seen: Seen) -> set[str]:
    """The licences of rows that ask to be shared alike, as they are told: alternatives are for people to choose."""
    asking = {kind.licence for kind in seen.kinds if Condition.SHARE_ALIKE in permits(kind, Use.SHARE_ROWS).conditions}
    return {licence for licence in asking if licence}


_TASKS = {
    "genre": "Says how likely each tag is for a track, from the numbers that Ritornello computes.",
    "trait": "Estimates a trait of a track, 0..1, from the numbers that Ritornello computes.",
    "next": "Says which track is likely to come next in a listening session, from how the tracks before sound.",
}


def page(card: dict[str, Any]) -> str:
    """The card for people."""
    rows = card["dataset"]["rows"]
    lines = [
        f"# {card['name']}",
        "",
        _TASKS[card["task"]],
        "",
        f"Labels: {', '.join(card['labels'])}." if card["labels"] else "It has no labels.",
        "",
        "## What it may be used for",
        "",
        "This follows from the rows it learned from, states what licences and laws say of what was declared, and is no",
        "legal advice.",
        "",
        "| use of the model | answer | why |",
        "|---|---|---|",
    ]
    for use, title in ((Use.RESEARCH, "research"), (Use.COMMERCIAL, "commerce"), (Use.SHARE_ROWS, "handing it on")):
        told = card["permits"][use]
        lines.append(f"| {title} | {', '.join(told['conditions']) or told['answer']} | {told['reason']} |")
    lines += [
        "",
        f"It can be handed on under {card['licence']}."
        if card["licence"]
        else "There is no one licence to hand it on under.",
        "`attribution.csv` of the data set names whoever must be named: keep it with the model.",
        "",
        "## Data",
        "",
        "Data set `{folder}` of {created}, exported for `{use}`:".format(**card["dataset"]),
        *(
            f"{sum(counts.values())} {table} ({', '.join(f'{n} {s}' for s, n in counts.items())})"
            for table, counts in rows.items()
        ),
        f"It learned from {len(card['consents'])} listeners; should one withdraw, Ritornello refuses it.",
        "",
        "## Figures of the test split",
        "",
        "Artists or listeners of the test split were never seen in training.",
        "",
    ]
    measures = list(next(iter(card["test"].values())))
    lines += ["| method | " + " | ".join(measures) + " |", "|---|" + "---|" * len(measures)]
    for method, figures in card["test"].items():
        told = [
            f"{figures[measure]:.0f}" if i == 0 else f"{figures[measure]:.3f}" for i, measure in enumerate(measures)
        ]
        lines.append(f"| {method} | {' | '.join(told)} |")
    lines += [
        "",
        f"Trained for {card['epochs']} epochs, the network of epoch {card['kept']} was kept.",
        "",
        f"![losses]({CURVES})",
    ]
    return "\n".join(lines) + "\n"
