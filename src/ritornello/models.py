"""Models that a user trained: what a folder of one holds, whether it may be used, and what it says of a library.

``model.json`` is the card for programs, ``model.onnx`` the network, ``README.md`` the card for people. Nothing here
needs torch: ONNX Runtime runs what :mod:`ritornello.learn` made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ritornello import weights
from ritornello.errors import ModelError, Withdrawn
from ritornello.library import embeddings, rights, scores, tracks
from ritornello.track import FEATURES
from ritornello.traits.embedding import DIMENSIONS, EMBEDDING_VERSION, unpack

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sqlalchemy import Connection

    from ritornello.library import Library
    from ritornello.track import Embedding

CARD, NETWORK, PAGE = "model.json", "model.onnx", "README.md"

Floats = NDArray[np.float32]

INPUTS = tuple(name for name in FEATURES if name not in ("duration", "key"))
"""The columns that a network is given, in this order; a key is a place on a circle, and how long a track is says
nothing of how it sounds. The embedding follows."""
COLUMNS = len(INPUTS) + DIMENSIONS


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model that may be used."""

    name: str
    task: str
    folder: Path
    card: Mapping[str, Any]
    network: InferenceSession


def load(folder: Path, connection: Connection | None = None) -> Model:
    """Open a model, if the listeners it learned from still agree.

    Parameters
    ----------
    folder
        As ``ritornello train`` wrote it.
    connection
        The library that knows the consents. A withdrawal found there is written into the card, so that the model is
        refused from then on wherever it goes.

    Raises
    ------
    Withdrawn
        A listener withdrew; the message says how to train anew.
    ModelError, BadWeights
        It is no model, or its network is not the one of its card.
    """
    card = read_card(folder)
    if connection is not None and (gone := rights.withdrawn(connection, card["consents"])):
        card = _mark(folder, card, gone)
    if card["withdrawn"]:
        first = min(card["withdrawn"].values())
        raise Withdrawn(
            f"{folder} learned from a listener who withdrew on {first[:10]} and is not to be used: "
            f"export the data set again (`{card['commands'][0]}`) and train anew (`{card['commands'][1]}`)"
        )
    if card["inputs"] != wanted():
        raise ModelError(f"{folder} wants other columns than this Ritornello computes: train it anew")
    network = weights.session(weights.checked(folder / NETWORK, card["sha256"]))
    return Model(card["name"], card["task"], folder, card, network)


def wanted() -> list[str]:
    """What a network is given, by name."""
    return [*INPUTS, EMBEDDING_VERSION]


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a model, whether or not it may be used."""
    try:
        found: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} is no model: expected a {CARD} as `ritornello train` writes") from error
    return found


def _mark(folder: Path, card: dict[str, Any], gone: Mapping[str, int]) -> dict[str, Any]:
    told = {id_: datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for id_, moment in gone.items()}
    marked = {**card, "withdrawn": {**card["withdrawn"], **told}}
    (folder / CARD).write_text(json.dumps(marked, indent=2) + "\n", encoding="utf-8")
    return marked


def vectors(connection: Connection, ids: Sequence[str]) -> Floats:
    """What a network is given of each analysed track, shape ``(n, COLUMNS)``."""
    rows = [found[0] for found in tracks.features(connection, ids) if found is not None]
    numbers = np.array([[getattr(row, name) for name in INPUTS] for row in rows], np.float32)
    lying = zip(embeddings.get(connection, ids), tracks.features(connection, ids), strict=True)
    placed = [_placed(embedding) for embedding, analysed in lying if analysed is not None]
    return np.hstack([numbers.reshape(-1, len(INPUTS)), np.array(placed, np.float32).reshape(-1, DIMENSIONS)])


def _placed(embedding: Embedding | None) -> Floats:
    """Zeros, which is the middle of all music, for a track without a vector of today's version."""
    if embedding is None or embedding.version != EMBEDDING_VERSION:
        return np.zeros(DIMENSIONS, np.float32)
    return np.asarray(unpack(embedding.track)[0])


def estimate(model: Model, rows: Floats) -> Floats:
    """What a classifier or a trait says of tracks, 0..1, shape ``(n, labels)``."""
    (found,) = model.network.run(None, {"tracks": rows})
    return np.asarray(found, np.float32)


def traits(model: Model) -> list[str]:
    """What the traits of a model are called in the library."""
    labels = model.card["labels"]
    return [model.name] if labels == [model.name] else [f"{model.name}:{label}" for label in labels]


def highest(model: Model, connection: Connection, limit: int) -> dict[str, list[tuple[str, str, float]]]:
    """By trait, id, name and value of the tracks that have most of it."""
    return {name: named(connection, scores.ranked(connection, name, limit)) for name in traits(model)}


def named(connection: Connection, found: list[tuple[str, float]]) -> list[tuple[str, str, float]]:
    """With artist and title."""
    known = tracks.get(connection, [id_ for id_, _ in found])
    titles = [f"{track.artists[0].name}: {track.name}" if track else "" for track in known]
    return [(id_, title, value) for (id_, value), title in zip(found, titles, strict=True)]


def score(model: Model, library: Library) -> int:
    """Let a classifier or a trait speak of every track of a library, and keep what it says as traits of one's own.

    Returns
    -------
    How many tracks were scored.
    """
    if model.task == "next":
        raise ModelError(f"{model.folder} tells what comes next, not how a track is: ask it with `ritornello next`")
    names, scored = traits(model), 0
    with library.connect() as reading:
        for ids in rights.batches(reading):
            values = estimate(model, vectors(reading, ids))
            with library.begin() as writing:
                if not scored:
                    scores.forget(writing, names)
                    scores.put_traits(writing, names, model.card["sha256"], dict(model.card))
                scores.put(writing, names, ids, values.tolist())
            scored += len(ids)
    return scored


def following(model: Model, connection: Connection, heard: list[str], limit: int) -> list[tuple[str, float]]:
    """The tracks of a library that would come after these, the likeliest first, with their probabilities.

    Parameters
    ----------
    heard
        Ids, ours or external, in the order they were played.
    """
    if model.task != "next":
        raise ModelError(f"{model.folder} says how a track is, not what comes next: ask it with `ritornello score`")
    ids = [id_ for batch in rights.batches(connection) for id_ in batch]
    every, before = vectors(connection, ids), vectors(connection, heard)
    if not len(before):
        raise ModelError(f"none of {', '.join(heard)} is in this library: expected ids of tracks that were analysed")
    before = before[-model.card["window"] :]
    places = np.zeros((1, model.card["window"], COLUMNS), np.float32)
    places[0, : len(before)] = before
    last = np.array([len(before) - 1])
    (chances,) = model.network.run(None, {"heard": places, "last": last, "tracks": every})
    own = set(tracks.resolve(connection, heard).values())
    ranked = sorted(zip(ids, chances.tolist(), strict=True), key=lambda pair: -pair[1])
    return [pair for pair in ranked if pair[0] not in own][:limit]
