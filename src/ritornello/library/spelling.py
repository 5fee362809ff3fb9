"""Misspelt words: what a searcher may have meant, among the words of all titles and names.

Every new word goes into an index of its trigrams; a misspelt one shares some of them with what was meant, and the edit
distance decides among those.
"""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import OSA
from sqlalchemy import Connection, Table, func, literal_column, select

from ritornello.library import schema as s

_SHORTEST, _LONGEST = 3, 40
_LIKELY = 200
"""How many of the words that share most trigrams are compared letter by letter."""


def learn(connection: Connection, index: Table, text: str) -> None:
    """Remember the words of a title."""
    found = words(text)
    if not found:
        return
    known = set(connection.scalars(select(s.words.c.word).where(s.words.c.word.in_(found))))
    for word in sorted(found - known):
        number = connection.scalars(s.words.insert().values(word=word).returning(s.words.c.number)).one()
        connection.execute(index.insert().values(rowid=number, word=f"<{word}>"))


def correct(connection: Connection, index: Table, word: str) -> str | None:
    """The known word that a misspelt one most likely stands for; None where none is near.

    Near is one slip in words of up to five letters, two in longer ones; swapped neighbours are one slip.
    """
    bare = plain(word)
    if not _SHORTEST <= len(bare) <= _LONGEST:
        return None
    marked = f"<{bare}>"
    trigrams = {marked[at : at + 3] for at in range(len(marked) - 2)}
    wanted = " OR ".join(f'"{trigram}"' for trigram in sorted(trigrams))
    query = (
        select(index.c.word)
        .where(literal_column(index.name).op("MATCH", is_comparison=True)(wanted))
        .order_by(func.bm25(literal_column(index.name)))
        .limit(_LIKELY)
    )
    slips = 1 if len(bare) <= 5 else 2
    near = [
        (distance, abs(len(candidate) - len(bare)), candidate)
        for candidate in (row[1:-1] for row in connection.scalars(query))
        if (distance := OSA.distance(bare, candidate, score_cutoff=slips)) <= slips
    ]
    return min(near)[2] if near else None


def words(text: str) -> set[str]:
    """The words of a text that are long enough to be misspelt."""
    return {word for word in re.findall(r"[^\W_]+", plain(text)) if len(word) >= _SHORTEST}


def plain(text: str) -> str:
    """Lower case without diacritics, as the full-text index sees it."""
    decomposed = unicodedata.normalize("NFKD", text.encode("utf-8", "replace").decode())
    return "".join(one for one in decomposed if not unicodedata.combining(one)).casefold()
