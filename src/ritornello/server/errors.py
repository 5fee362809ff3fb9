"""Every error in the shape that clients read: Spotify's error object, or OAuth's on the accounts service."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import (
    AccountsError,
    BadRequest,
    Forbidden,
    RitornelloError,
    StudyError,
    TooMany,
    Unauthorized,
    Unknown,
)
from ritornello.server.answers import Json
from ritornello.server.site.guard import is_open
from ritornello.server.site.page import page
from ritornello.spotify.objects import ErrorObject

STATUS: tuple[tuple[type[RitornelloError], int], ...] = (
    (AccountsError, 400),
    (BadRequest, 400),
    (Unauthorized, 401),
    (Forbidden, 403),
    (Unknown, 404),
    (TooMany, 429),
    (StudyError, 409),
    (RitornelloError, 500),
)
"""The first class that fits decides."""

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorObject, "description": "What was asked cannot be parsed"},
    401: {"model": ErrorObject, "description": "No access token, or one that is not valid any more"},
    403: {"model": ErrorObject, "description": "The access token does not allow this"},
    429: {"model": ErrorObject, "description": "Too many requests: `Retry-After` has the seconds to wait"},
    "default": {"model": ErrorObject, "description": "Any other error"},
}
"""What the API documentation says of errors."""

NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": ErrorObject, "description": "Not in this library"}}

OPEN: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorObject, "description": "What was asked cannot be parsed"},
    404: {"model": ErrorObject, "description": "Not in this library"},
    "default": {"model": ErrorObject, "description": "Any other error"},
}
"""The same of what needs no token."""

_ACCOUNTS = "/api/"


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` from here."""
    app.add_exception_handler(RitornelloError, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(request: Request, error: Exception) -> Response:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    if isinstance(error, AccountsError):
        return _accounts(status, error.code, error.description)
    headers = {"WWW-Authenticate": 'Bearer realm="ritornello"'} if status == 401 else {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.wait)
    return _answer(request, status, str(error), headers)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = first["loc"][-1]
    return _answer(request, 400, f"Invalid {name}: {first.get('input')!r} was given. {first['msg']}")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail
    if error.status_code in (404, 405):
        message = f"Service not found: {request.method} {request.url.path} is not served here, /docs lists what is"
    return _answer(request, error.status_code, message, error.headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    # This answer is made outside of the middleware that lets other sites read it.
    return _answer(
        request, 500, "Internal server error: the server's log has the cause", {"Access-Control-Allow-Origin": "*"}
    )


def _answer(request: Request, status: int, message: str, headers: Any = None) -> Response:
    if not is_open(request.url.path) and "text/html" in request.headers.get("accept", ""):
        return page(request, "error.html", status=status, headers=headers, code=status, message=message)
    if request.url.path.startswith(_ACCOUNTS):
        return _accounts(status, "server_error" if status >= 500 else "invalid_request", message, headers)
    return Json({"error": {"status": status, "message": message}}, status, headers)


def _accounts(status: int, code: str, description: str, headers: Any = None) -> Response:
    return Json({"error": code, "error_description": description}, status, headers)
