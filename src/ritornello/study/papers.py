"""The papers of a study: information sheet, consent form, records for the data protection officer, plan.

They are drafts in plain language, made from ``study.yaml``. An ethics board and a data protection officer decide;
nothing here is legal advice.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2

from ritornello.study import plans
from ritornello.study.consent import SCOPES

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.folder import Study

PAPERS = {
    "sheet.md": "consent/sheet_v1.md",
    "form.md": "consent/form_v1.md",
    "withdrawal.md": "consent/withdrawal.md",
    "ropa.md": "legal/ropa.md",
    "dpia.md": "legal/dpia.md",
    "retention.md": "legal/retention.md",
}
"""Template to place in the study's folder."""


def write(study: Study) -> list[Path]:
    """Write all papers of a new study, and a plan to be filled in."""
    templates = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template), undefined=jinja2.StrictUndefined, trim_blocks=True, autoescape=False
    )
    scopes = {name: words for name, words in SCOPES.items() if name != "health_items" or study.settings.health}
    written = []
    for name, place in PAPERS.items():
        path = study.folder / place
        text = templates.get_template(name).render(study=study.settings, name=study.folder.name, scopes=scopes)
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
        written.append(path)
    form = study.folder / "consent" / "form_v1.md"
    form.with_suffix(".sha256").write_text(f"{hashlib.sha256(form.read_bytes()).hexdigest()}  {form.name}\n")
    written.append(plans.write_draft(study.folder))
    return written


def _template(name: str) -> str:
    return (files("ritornello.study") / "forms" / name).read_text(encoding="utf-8")
