"""What an ethics board asks: who agreed to what, what was done with it, and whether the record is whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from ritornello.errors import Tampered
from ritornello.study import folder, ledger
from ritornello.study.summary import Summary


def verify(place: Path) -> Summary:
    """Check the chain of the ledger, and that everything derived names a line of it; no key is needed.

    Raises
    ------
    Tampered
        With what is wrong.
    """
    folder.settings_of(place)
    path = place / "ledger.jsonl"
    events = ledger.read(path)
    heads = set(ledger.heads(path))
    named = 0
    for manifest in sorted(place.rglob("*manifest.json")):
        head = json.loads(manifest.read_text(encoding="utf-8")).get("ledger_head")
        if head not in heads:
            raise Tampered(
                f"{manifest} was made at a line that the ledger does not have: its end was cut off, or the file is "
                "another study's"
            )
        named += 1
    lines = [f"{len(events)} events, each follows from the one before", f"{named} manifests name a line of the ledger"]
    lines.append(f"head {ledger.head(path)}: write it down elsewhere, and nobody can shorten the ledger unseen")
    return Summary(lines, {"events": len(events), "manifests": named, "head": ledger.head(path)})


def audit(place: Path) -> Summary:
    """Tell the ledger as a report; no key is needed, for it names nobody."""
    events = ledger.read(place / "ledger.jsonl")
    kinds = Counter(event["event"] for event in events)
    form = folder.newest_form(place)
    people = _people(events)
    standing = [one for one in people.values() if one is not None]
    lines = [f"{len(events)} events since {events[0]['ts'] if events else '-'}"]
    lines.append(f"{len(people)} people gave consent, {len(people) - len(standing)} withdrew")
    scopes = Counter(scope for one in standing for scope in one["scopes"])
    lines += [f"  {count:4} agree to {scope}" for scope, count in sorted(scopes.items())]
    lines += [f"  {kinds[kind]:4} {kind}" for kind in ledger.EVENTS if kinds[kind]]
    forms = Counter(one["consent_version_sha256"][:12] for one in standing)
    lines += [f"form {version}…: {count} people" for version, count in forms.items()]
    lines.append(f"the form now is {form.name}")
    facts = {"events": dict(kinds), "people": len(people), "standing": len(standing), "scopes": dict(scopes)}
    return Summary(lines, facts)


def _people(events: list[dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """The last consent of each, None after a withdrawal."""
    found: dict[str, dict[str, Any] | None] = {}
    for event in events:
        if event["event"] in ("given", "scope_changed"):
            found[event["pid_hmac"]] = event
        elif event["event"] == "withdrawn":
            found[event["pid_hmac"]] = None
    return found
