"""The market in which a request looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request

from ritornello.server.bearer import Token
from ritornello.server.context import seen
from ritornello.spotify import markets
from ritornello.spotify.shapes import View


async def _in_market(
    request: Request,
    token: Token,
    market: Annotated[str | None, Query(description="A country code, or `from_token`")] = None,
    country: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> View:
    """Read the market by its name or its old one; where one is given, the country of the token's user wins."""
    asked = markets.check(market or country)
    # Not as another dependency: each costs a request as much as a look-up.
    view = seen(request)
    return replace(view, market=token.country or asked) if asked else view


InMarket = Annotated[View, Depends(_in_market)]
