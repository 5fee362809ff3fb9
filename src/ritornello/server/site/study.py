"""``/study``: how far the study is that the server was started with; quality before outcomes."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ritornello.errors import Forbidden, StudyError
from ritornello.server.site import charts
from ritornello.server.site.habits import Figure
from ritornello.server.site.page import page, root
from ritornello.server.site.visitor import Hosting, Ruling

if TYPE_CHECKING:
    from ritornello.study.folder import Study
    from ritornello.study.overview import Overview

router = APIRouter(include_in_schema=False)

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


async def _study(request: Request) -> Study:
    study: Study | None = request.app.state.study
    if study is None:
        raise StudyError("no study is open: end the server, and start it with --study and the study's folder")
    return study


Opened = Annotated["Study", Depends(_study)]


@router.get("/study")
def show(request: Request, visitor: Hosting) -> Response:
    """The page; without a study, what to do to see one."""
    study = cast("Study | None", request.app.state.study)
    if study is None:
        return page(request, "study.html", visitor, study=None)
    from ritornello.study import auditing, donations, overview

    found = overview.look(study)
    return page(
        request,
        "study.html",
        visitor,
        study=study,
        found=found,
        following=next((step for step in found.steps if not step.done), None),
        ledger=auditing.verify(study.folder).facts,
        hours=_hours(found),
        answered=_answered(found),
        suffix=donations.SUFFIX,
        has_pdf=(study.results / "report.pdf").exists(),
        has_report=(study.results / "report.html").exists(),
    )


@router.post("/study/quality")
def looked(request: Request, visitor: Ruling, study: Opened) -> Response:
    """Note that the quality was looked at, which opens the report."""
    from ritornello.study import overview

    overview.see(study)
    return RedirectResponse(f"{root(request)}/study#outcomes", 303)


@router.get("/study/risk")
def risk(request: Request, visitor: Hosting, study: Opened) -> Response:
    """How easily somebody could be picked out; measuring takes some seconds."""
    from ritornello.study import risk as measuring

    return page(request, "risk.html", visitor, study=study, told=measuring.measure(study))


@router.get("/study/donation-page")
def donate(request: Request, visitor: Hosting, study: Opened) -> Response:
    """The page for participants, to be saved and sent; here it would be under this site's rules."""
    from ritornello.study import donation_page

    held = {"Content-Disposition": f'attachment; filename="{study.settings.id}-donation.html"'}
    return HTMLResponse(donation_page.page(study), headers=held)


@router.get("/study/report")
def report(request: Request, visitor: Hosting, study: Opened) -> Response:
    """The report as it was written; only its own style is run."""
    from ritornello.study import overview

    reason = overview.closed(study)
    if reason is not None:
        raise Forbidden(f"The report is closed: {reason}")
    path = study.results / "report.html"
    if not path.exists():
        raise StudyError("there is no report yet: ritornello study report")
    text = path.read_text(encoding="utf-8")
    return HTMLResponse(text, headers={"Content-Security-Policy": policy(text)})


def policy(text: str) -> str:
    """What a report may do: have the style that stands in it."""
    hashes = (hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(text))
    styles = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in hashes) or "'none'"
    return f"default-src 'none'; style-src {styles}; img-src data:; base-uri 'none'; frame-ancestors 'none'; sandbox"


def _hours(found: Overview) -> Figure | None:
    """At which hours people were asked: a wrong time zone shows here."""
    told = cast("dict[int, int]", found.quality.facts["hours"]) if found.quality else {}
    if not told:
        return None
    rows = [(str(hour), told.get(hour, 0)) for hour in range(24)]
    most = max(rows, key=lambda one: one[1])
    says = f"Prompts by the hour on people’s clocks; most, {most[1]:,}, between {most[0]} and {int(most[0]) + 1}."
    table = [(f"{hour} o’clock", f"{n:,}") for hour, n in rows]
    return Figure("Prompts by hour", charts.bars(rows, "", says), says, ("Hour", "Prompts"), table)


def _answered(found: Overview) -> Figure | None:
    """How much each person answered."""
    rows = [(one.code, one.answers) for one in sorted(found.people, key=lambda one: -one.answers) if one.answers]
    if not rows:
        return None
    says = f"{len(rows)} people answered, {rows[-1][1]:,} to {rows[0][1]:,} times."
    table = [(code, f"{n:,}") for code, n in rows]
    numbered = [(str(place), n) for place, (_, n) in enumerate(rows, 1)]
    return Figure("Answers of each person", charts.bars(numbered, "", says), says, ("Code", "Answers"), table)
