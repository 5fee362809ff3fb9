"""``GET /v1/markets``."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ritornello.server.answers import answer
from ritornello.spotify import markets
from ritornello.spotify.objects import Markets

router = APIRouter(prefix="/markets", tags=["Markets"])


@router.get("", summary="Markets", responses={200: {"model": Markets}})
def all_(request: Request) -> Response:
    """The markets that Spotify served in October 2024."""
    return answer(request, {"markets": list(markets.MARKETS)})
