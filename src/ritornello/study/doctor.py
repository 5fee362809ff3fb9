"""What has to be right before personal data comes in, in plain words, each with what to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import keyring

from ritornello.study import folder, plans
from ritornello.study.summary import Summary

_SYNCED = ("onedrive", "dropbox", "icloud", "google drive", "googledrive", "nextcloud")
_ROOM = 2 << 30


def examine(place: Path) -> Summary:
    """Look at a study's folder and at the computer that it is on; no key is needed."""
    settings = folder.settings_of(place)
    found = {
        "the key is kept where it can be found": _key(settings),
        "the consent form has no gaps": _form(place),
        "the folder is not synchronised to a cloud": _synced(place),
        "git does not follow private data": _git(place),
        "there is room for histories": shutil.disk_usage(place).free > _ROOM or "free 2 GB on this disk",
        "the plan is fixed": plans.frozen(place) is not None or "fill in prereg.yaml, then: ritornello study freeze",
    }
    bad = {what: said for what, said in found.items() if said is not True}
    lines = [
        f"{'ok ' if said is True else 'NO '}  {what}" + ("" if said is True else f": {said}")
        for what, said in found.items()
    ]
    lines.append("?    the disk is encrypted: this cannot be seen from here; look for BitLocker, FileVault or LUKS")
    return Summary(lines, {"bad": bad, "checks": list(found)}, ok=not bad)


def _key(settings: folder.Settings) -> bool | str:
    if settings.key != "keyring":
        return Path(settings.key).exists() or f"{settings.key} is not there: bring it back"
    if keyring.get_password("ritornello-study", settings.id) is not None:
        return True
    return "the keyring has no key for this study: use the account on which it was made"


def _form(place: Path) -> bool | str:
    gaps = [path.name for path in sorted((place / "consent").glob("*.md")) if "[researcher:" in path.read_text("utf-8")]
    return not gaps or f"fill in what stands in brackets in {', '.join(gaps)}"


def _synced(place: Path) -> bool | str:
    parts = " ".join(place.resolve().parts).lower()
    return not any(name in parts for name in _SYNCED) or "move it to a folder that stays on this computer"


def _git(place: Path) -> bool | str:
    git = shutil.which("git")
    if git is None:
        return True
    told = subprocess.run(
        [git, "-C", str(place), "ls-files", "private", "derived"], capture_output=True, text=True, check=False
    )
    return not told.stdout.strip() or "take private and derived out of git: git rm -r --cached private derived"
