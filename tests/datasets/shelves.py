"""Libraries to export: tracks under all kinds of rights, and listeners who agreed and who did not."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ritornello.library import Library, files, plays, rights
from ritornello.library.rights import Rule
from ritornello.play import Play
from ritornello.rights import Basis, Use
from tests.library import rows

MUSIC = Path(os.sep) / "music"
HOUR = 3_600_000
START = 1_700_000_000_000


@dataclass(frozen=True)
class Piece:
    """A track with one file."""

    name: str
    artists: tuple[str, ...] = ("Ann",)
    licence: str | None = None
    rule: Rule | None = None
    genre: str = "dub"

    @property
    def id(self) -> str:
        return rows.track(self.name, *self.artists).id


def bought(name: str, reserved: bool | None = False, *artists: str) -> Piece:
    rule = Rule(MUSIC / name, Basis.BOUGHT, jurisdiction="EU", reserved=reserved)
    return Piece(name, artists or ("Bo",), rule=rule)


def fill(library: Library, pieces: Iterable[Piece]) -> None:
    with library.begin() as connection:
        for piece in pieces:
            made = rows.track(piece.name, *piece.artists, genres=(piece.genre,))
            rows.put(connection, made, model_version="fma-mfcc-1")
            told = files.File(
                MUSIC / piece.name, 1, 1, made.id, "analysed", None, (), 1, "fma-mfcc-1", piece.licence, "2020"
            )
            files.put(connection, told)
            if piece.rule is not None:
                rights.put(connection, piece.rule)


def hear(library: Library, listener: str, ids: Iterable[str], gap: int = 4 * 60_000, ms: int | None = 200_000) -> None:
    """One play after another."""
    with library.begin() as connection:
        told = (Play(listener, START + number * gap, id_, ms, "catalogue") for number, id_ in enumerate(ids))
        plays.add(connection, told)


def agree(library: Library, listener: str, *uses: Use) -> str:
    with library.begin() as connection:
        return rights.consent(connection, listener, uses).id
