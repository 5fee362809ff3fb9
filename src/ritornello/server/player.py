"""The player: Ritornello plays nothing, and answers as Spotify does to a user without a device."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ritornello.server.answers import Json, answer
from ritornello.server.bearer import user
from ritornello.spotify.objects import PlayerErrorObject

router = APIRouter(prefix="/me/player", tags=["Player"])

_READ = "user-read-playback-state"
_MODIFY = "user-modify-playback-state"
_NOTHING: dict[str, Any] = {
    "status_code": 204,
    "response_class": Response,
    "responses": {204: {"description": "Nothing plays"}},
}
_CONTROLS = (
    ("PUT", ""),
    ("PUT", "/play"),
    ("PUT", "/pause"),
    ("POST", "/next"),
    ("POST", "/previous"),
    ("PUT", "/seek"),
    ("PUT", "/repeat"),
    ("PUT", "/volume"),
    ("PUT", "/shuffle"),
    ("POST", "/queue"),
)


@router.get("", summary="What plays", **_NOTHING)
def state(user_id: str = user(_READ)) -> Response:
    """Nothing."""
    return Response(status_code=204)


@router.get("/currently-playing", summary="What plays right now", **_NOTHING)
def playing(user_id: str = user("user-read-currently-playing", _READ)) -> Response:
    """Nothing."""
    return Response(status_code=204)


@router.get("/devices", summary="Devices", responses={200: {"model": dict[str, list[Any]]}})
def devices(request: Request, user_id: str = user(_READ)) -> Response:
    """None."""
    return answer(request, {"devices": []})


@router.get("/queue", summary="What plays next", responses={200: {"model": dict[str, Any]}})
def queue(request: Request, user_id: str = user("user-read-currently-playing", _READ)) -> Response:
    """Nothing."""
    return answer(request, {"currently_playing": None, "queue": []})


def _control(user_id: str = user(_MODIFY)) -> Response:
    """There is no device to steer."""
    error = {"status": 404, "message": "Player command failed: No active device found", "reason": "NO_ACTIVE_DEVICE"}
    return Json({"error": error}, 404)


for _method, _path in _CONTROLS:
    router.add_api_route(
        _path,
        _control,
        methods=[_method],
        name=f"{_method.lower()}{_path.replace('/', '_') or '_device'}",
        summary="Steer a device",
        status_code=404,
        responses={404: {"model": PlayerErrorObject, "description": "There is none"}},
    )
