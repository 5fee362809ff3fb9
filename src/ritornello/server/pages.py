"""``GET /docs``: the API documentation to read and try, from files on this machine alone."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

_ASSETS = "/assets"


def install(app: FastAPI) -> None:
    """Serve the page and the files it loads."""
    app.include_router(router)
    app.mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")), name="assets")


@router.get("/docs")
async def docs() -> Response:
    """Serve the page."""
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Ritornello: API",
        swagger_js_url=f".{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f".{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f".{_ASSETS}/favicon.png",
        # Without this the page would send our address to a validator on the internet.
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": True},
    )
