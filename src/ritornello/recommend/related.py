"""Related artists: by who listens to both where enough do, by sound where not."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ritornello.recommend import heard as heard_
from ritornello.recommend.heard import Floats, Matrix

if TYPE_CHECKING:
    from ritornello.recommend.shelf import Shelf

_ENOUGH = 5.0
"""Common listeners at which they count as much as sound."""
_SHRINK = 3.0
_SOUND = 0.5
"""What the most alike sound is worth beside artists who have all their listeners in common."""


def related(shelf: Shelf, heard: Matrix | None, artist: int, limit: int) -> list[int]:
    """The artists nearest to one.

    Both measures are symmetric, and so is their weight, the number of common listeners: who is near whom does not
    depend on who asks.

    Parameters
    ----------
    shelf
        What there is.
    heard
        Listeners by tracks, columns as the shelf's rows; None where nobody played anything.
    artist
        A number of the shelf's artists.

    Returns
    -------
    Numbers of artists, the nearest first: never the artist itself, nor two spellings of one.
    """
    common, company = by_listeners(shelf, heard, artist)
    weight = common / (common + _ENOUGH)
    sound = by_sound(shelf, artist)
    total = weight * np.sqrt(company) + (1 - weight) * _SOUND * sound
    order = np.lexsort((np.arange(len(total)), -total))
    seen = {same_name(shelf.artist_names[artist])}
    found: list[int] = []
    for other in order:
        name = same_name(shelf.artist_names[other])
        if len(found) == limit or total[other] <= 0:
            break
        if name not in seen and other != artist:
            seen.add(name)
            found.append(int(other))
    return found


def by_listeners(shelf: Shelf, heard: Matrix | None, artist: int) -> tuple[Floats, Floats]:
    """How many listen to both, and the shrunk cosine of that, shapes ``(k,)``."""
    size = len(shelf.artist_ids)
    if heard is None:
        return np.zeros(size, np.float32), np.zeros(size, np.float32)
    ones = np.ones(len(shelf.credits), np.float32)
    theirs = sparse.csr_matrix((ones, (shelf.credits[:, 0], shelf.credits[:, 1])), shape=(len(shelf.ids), size))
    # One vote for each listener and artist, so that nobody makes a relation alone.
    votes = heard_.binary(sparse.csr_matrix(heard_.binary(heard) @ theirs))
    listeners = heard_.heads(votes)
    common = np.asarray((votes[:, [artist]].T @ votes).toarray(), np.float32).ravel()
    cosine = common / np.sqrt(np.maximum(listeners * listeners[artist], 1))
    return common, np.asarray(cosine * common / (common + _SHRINK), np.float32)


def by_sound(shelf: Shelf, artist: int) -> Floats:
    """How alike artists sound, 0..1, shape ``(k,)``: embeddings, else features, else genres in common."""
    size = len(shelf.artist_ids)
    kin = _genres(shelf) if shelf.labels else np.zeros((size, 1), np.float32)
    shared = kin @ kin[artist] / np.maximum(np.linalg.norm(kin, axis=1) * np.linalg.norm(kin[artist]), 1e-9)
    out = 0.3 * np.asarray(shared, np.float32)
    steps, known = _means(shelf, shelf.steps, shelf.analysed)
    if known[artist]:
        gap = steps - steps[artist]
        out = np.where(known, 0.3 + 0.5 / (1 + np.einsum("ij,ij->i", gap, gap) / gap.shape[1]), out)
    if shelf.vectors.shape[1]:
        vectors, known = _means(shelf, shelf.vectors, shelf.embedded)
        if known[artist]:
            lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vectors[artist])
            cosine = vectors @ vectors[artist] / np.maximum(lengths, 1e-9)
            out = np.where(known, 0.3 + 0.7 * np.maximum(cosine, 0), out)
    return np.asarray(out, np.float32)


def same_name(name: str) -> str:
    """A name without case, accents, punctuation and a leading article: two spellings of one artist are equal."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if each.isalnum() or each == " ")
    words = plain.replace(" and ", " ").split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return "".join(words) or name


def _means(shelf: Shelf, rows: Floats, known: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """The mean over each artist's known tracks, shape ``(k, d)``, and which artists have any."""
    kept = shelf.credits[known[shelf.credits[:, 0]]]
    size = len(shelf.artist_ids)
    gather = sparse.csr_matrix((np.ones(len(kept), np.float32), (kept[:, 1], kept[:, 0])), shape=(size, len(rows)))
    count = np.bincount(kept[:, 1], minlength=size)
    means = np.asarray(gather @ rows / np.maximum(count, 1)[:, None], np.float32)
    return means, np.asarray(count > 0)


def _genres(shelf: Shelf) -> Floats:
    """How many tracks each artist has under each label, shape ``(k, labels)``."""
    out = np.zeros((len(shelf.artist_ids), len(shelf.labels)), np.float32)
    for at, rows in enumerate(shelf.labels.values()):
        tagged = np.zeros(len(shelf.ids), bool)
        tagged[rows] = True
        np.add.at(out[:, at], shelf.credits[tagged[shelf.credits[:, 0]], 1], 1)
    return out
