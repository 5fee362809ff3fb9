"""``limit`` and ``offset``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator

from ritornello.spotify.paging import DEFAULT_LIMIT, MOST

FARTHEST = 2**31 - 1


def or_else(default: object) -> BeforeValidator:
    """Take an empty parameter as one that was not given: clients send ``limit=``."""
    return BeforeValidator(lambda given: default if given == "" else given)


Limit = Annotated[int, or_else(DEFAULT_LIMIT), Query(ge=1, le=MOST, description="How many, 1 to 50")]
Offset = Annotated[int, or_else(0), Query(ge=0, le=FARTHEST, description="How many to pass over")]
