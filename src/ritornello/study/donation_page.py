"""The donation page: one file that participants open on their own computer, and that cannot connect to anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from ritornello import __version__
from ritornello.errors import StudyError
from ritornello.histories import package
from ritornello.study import consent, donations, folder, receiving, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ritornello.study.folder import Study

_ITEM = re.compile(r"\s{0,3}[-*+]\s+(.*)")
_SCOPE = re.compile(r"\(`(\w+)`\)\s*$")
_BOXES = re.compile(r"\[ ?\]\s*(yes|no)\s*", re.IGNORECASE)


def write(study: Study, to: Path | None = None) -> Summary:
    """Write the page with the study's name, its newest form, its period and the public half of its key.

    Parameters
    ----------
    to
        The file; without it ``donation.html`` in the study's folder.
    """
    path = to or study.folder / "donation.html"
    text = page(study)
    path.write_text(text, encoding="utf-8", newline="\n")
    lines = [
        f"{path}, {len(text.encode()) / 1000:.0f} kB: send this one file to participants, each with their own code",
        "they open it in a browser, see and take out what they like, agree or not, and hand in a sealed file",
        "`ritornello study receive` reads sealed files; after a change of the consent form write the page anew",
    ]
    return Summary(lines, {"file": str(path), "form": study.form, "key": donations.key(study).thumbprint()})


def page(study: Study) -> str:
    """The page as HTML.

    Raises
    ------
    StudyError
        Where the consent form has no line to agree to taking part.
    """
    say = json.loads(_part("english.json"))
    style, script = (_part(f"page.{kind}").strip() for kind in ("css", "js"))
    form = folder.newest_form(study.folder)
    agreeing, scopes = _form(form.read_text(encoding="utf-8"), say)
    if "participate" not in scopes:
        raise StudyError(
            f"{form} has no line with (`participate`): the page asks what stands in the form, one line of a list "
            "for each scope with its name in brackets at the end"
        )
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    footer = say["footer"].format(form=study.form[:12], study=study.settings.id, version=__version__)
    return environment.from_string(_part("page.html")).render(
        say=say,
        study=study.settings,
        sheet=_sheet(study),
        form=agreeing,
        footer=footer,
        told=Markup(json.dumps(_told(study, say), ensure_ascii=False).replace("<", "\\u003c")),
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
    )


def policy(style: str, script: str) -> str:
    """What the browser may load and run: this style, this script, and nothing from anywhere."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _told(study: Study, say: Mapping[str, Any]) -> dict[str, Any]:
    """What the script needs to know."""
    since, before = receiving.period(study)
    key = donations.key(study)
    return {
        "format": donations.FORMAT,
        "study": study.settings.id,
        "contact": study.settings.contact,
        "form": study.form,
        "key": key.as_dict(private=False),
        "kid": key.thumbprint(),
        "kept": donations.KEPT,
        "taken_out": donations.TAKEN_OUT,
        "files": package.SPOTIFY,
        "code": roster.CODE.pattern,
        "first": date.fromisoformat(study.settings.period_from).isoformat(),
        "last": date.fromisoformat(study.settings.period_until).isoformat(),
        "since": since,
        "before": before,
        "say": say,
    }


def _sheet(study: Study) -> Markup | None:
    """The newest information sheet."""
    found = sorted(
        (study.folder / "consent").glob("sheet_v*.md"), key=lambda path: int(path.stem.removeprefix("sheet_v"))
    )
    return _markdown(found[-1].read_text(encoding="utf-8")) if found else None


def _form(text: str, say: Mapping[str, Any]) -> tuple[Markup, list[str]]:
    """The whole consent form, with a box to tick for each of its lines that names a scope; and these scopes."""
    parts: list[Markup] = []
    found: list[str] = []
    for kind, block in _blocks(text):
        if kind == "text":
            parts.append(_markdown("\n".join(block)))
            continue
        boxes = Markup().join(_box(words, say) for words in block)
        parts.append(Markup('<fieldset><legend class="sr">{}</legend>{}</fieldset>').format(say["agree_legend"], boxes))
        found += [scope for words in block if (scope := _scope(words))]
    return Markup().join(parts), found


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Runs of plain lines, and runs of items that name a scope; an item may go on over indented lines."""
    lines = text.splitlines()
    plain: list[str] = []
    items: list[str] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and lines[end].startswith("  ") and not _ITEM.match(lines[end]):
            end += 1
        item = _ITEM.fullmatch(lines[at])
        words = " ".join([item[1], *(line.strip() for line in lines[at + 1 : end])]) if item else ""
        if _scope(words):
            if plain:
                yield "text", plain
                plain = []
            items.append(words)
            at = end
            continue
        if items and lines[at].strip():
            yield "scopes", items
            items = []
        plain.append(lines[at])
        at += 1
    if items:
        yield "scopes", items
    if plain:
        yield "text", plain


def _scope(words: str) -> str | None:
    found = _SCOPE.search(words)
    return found[1] if found and found[1] in consent.SCOPES else None


def _box(words: str, say: Mapping[str, Any]) -> Markup:
    scope = _scope(words) or ""
    asked = _BOXES.sub("", _SCOPE.sub("", words)).strip()
    needed = Markup(' <span class="quiet">({})</span>').format(say["needed"]) if scope == "participate" else ""
    return Markup(
        '<label class="scope"><input type="checkbox" name="scope" value="{}"><span>{}{}</span></label>'
    ).format(scope, asked, needed)


def _markdown(text: str) -> Markup:
    """Markdown as HTML without links and pictures, for a page that leads nowhere; headings below those of the page."""
    reader = MarkdownIt("commonmark", {"html": False}).disable(["link", "image", "autolink"])
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _part(name: str) -> str:
    return (files("ritornello.study") / "forms" / "donation" / name).read_text(encoding="utf-8")
