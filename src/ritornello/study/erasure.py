"""Withdrawal: everything of one person goes, and every byte that stays is searched for what should not be there."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from ritornello.errors import StudyError, TracesLeft, Unknown
from ritornello.library import Library, listeners, plays
from ritornello.study import consent, keys, rebuilding, receiving, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from ritornello.study.folder import Study

_BLOCK = 1 << 20


def withdraw(study: Study, code: str, *, really: bool = False) -> Summary:
    """Remove a participant and everything that was computed with them, and compute it again of those who remain.

    Parameters
    ----------
    code
        As it was told to the participant.
    really
        Whether to delete; without it only what would go is told.

    Raises
    ------
    TracesLeft
        Where the search after all of this finds something.
    """
    people = roster.read(study)
    if code not in people and study.person(code) not in consent.standings(study):
        raise StudyError(f"{code} is nobody in this study: look at the letter, codes are like P-7K3QAB")
    own = sorted((study.folder / "private" / "raw").glob(f"{code}-*.age"))
    computed = [path for part in (study.derived, study.results, study.folder / "share") for path in _files(part)]
    rows = {path: _rows_of(path, code) for path in study.work.glob("*.csv")}
    counts = {
        "raw files": len(own),
        "plays": _plays(study, code),
        "rows of surveys": sum(rows.values()),
        "computed files": len(computed),
    }
    lines = [f"{number:,} {what}" for what, number in counts.items()]
    wanted = rebuilding.made(study)
    if not really:
        told = f"would go with {code}, and the key to what they sent (nothing was deleted: say --yes to do it)"
        again = rebuilding.words(study, wanted)
        then = ["would be made again, of those who remain:", *(f"  {name}" for name in again)] if again else []
        facts = {"dry_run": True, "counts": counts, "rebuild": again}
        return Summary([f"{told}:", *(f"  {line}" for line in lines), *then], facts)
    needles = needles_of(study, code)
    standing = consent.standings(study).get(study.person(code))
    if standing is not None and not standing.withdrawn:
        study.log("withdrawn", code)
    rebuilding.note(study, wanted)
    _delete(study, code, own, rows)
    for path in computed:
        path.unlink()
    _prune(study.folder / "share")
    study.log("erased", code, counts=counts)
    done, failed = rebuilding.rebuild(study, wanted)
    found = traces(study.folder, needles, study.person(code))
    if found:
        raise TracesLeft(
            f"after the withdrawal of {code} there is still something of them in {', '.join(map(str, found))}: "
            "remove it by hand, then say the same again"
        )
    lines = [
        f"{code} is withdrawn; gone are",
        *(f"  {line}" for line in lines),
        "  their key: backups cannot be opened",
    ]
    if done:
        lines += ["made again, of those who remain:", *(f"  {name}" for name in done)]
    files = list(_files(study.folder))
    sealed = sum(path.suffix == ".age" for path in files)
    lines.append(f"every byte of {len(files)} files was searched for them: nothing is left")
    lines += [f"  {sealed} of these are sealed for others, whose keys alone open them"] if sealed else []
    facts = {"dry_run": False, "counts": counts, "traces": [], "rebuilt": done, "not_rebuilt": failed}
    return Summary(lines, facts, failed, ok=not failed)


def needles_of(study: Study, code: str) -> list[bytes]:
    """What must not be found any more: code, names under the key, fingerprints of files and songs of nobody else."""
    person = roster.read(study).get(code)
    found = {code, code.replace("P-", "P_"), study.person(code)}
    if person:
        found.add(person["survey"])
    files = [path.stem.rsplit("-", 1) for path in (study.folder / "private" / "raw").glob("*.age")]
    # Two people of one account may send the same file.
    found |= {print_ for sender, print_ in files if sender == code} - {
        print_ for sender, print_ in files if sender != code
    }
    found |= _own_songs(study, code)
    texts = [text for text in sorted(found) if len(text) >= 8]
    return [text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le")]


def traces(folder: Path, needles: Iterable[bytes], person: str = "") -> list[str]:
    """The files, also inside of zips and in the words of PDFs, that hold one of the needles; the ledger's own name for
    the person may stay there.
    """
    wanted = list(needles)
    found = []
    for path in _files(folder):
        searched = wanted
        if path.name == "ledger.jsonl" and path.parent == folder:
            searched = [needle for needle in wanted if needle != person.encode()]
        name = str(path.relative_to(folder))
        if any(needle in name.encode() for needle in searched) or _holds(path, searched):
            found.append(name)
    return found


def close(study: Study, *, really: bool = False) -> Summary:
    """End a study: destroy its key and everything under it; results and what was shared stay."""
    private = list(_files(study.folder / "private"))
    working = [*private, *_files(study.derived)]
    if not really:
        told = f"{len(working):,} files with personal data and the study's key would go (say --yes to do it)"
        return Summary([told], {"dry_run": True, "files": len(working)})
    for path in working:
        path.unlink()
    study.log("key_destroyed", files=len(working))
    if study.settings.key == "keyring":
        keys.forget_in_keyring(study.settings.id)
        kept = "the key is out of the keyring"
    else:
        Path(study.settings.key).unlink(missing_ok=True)
        kept = f"{study.settings.key} is deleted"
    return Summary(
        [f"{len(working):,} files are deleted, and {kept}: what backups hold cannot be opened any more"],
        {"dry_run": False, "files": len(working)},
    )


def _delete(study: Study, code: str, own: list[Path], rows: dict[Path, int]) -> None:
    for path in own:
        path.unlink()
    receiving.key_path(study, code).unlink(missing_ok=True)
    for path, count in rows.items():
        if count:
            _without(path, code)
    people = roster.read(study)
    people.pop(code, None)
    roster.write(study, people)
    if study.library.exists():
        with Library.open(study.library) as library:
            try:
                listeners.erase(library, code)
            except Unknown:
                return  # sent nothing yet


def _plays(study: Study, code: str) -> int:
    if not study.library.exists():
        return 0
    with Library.open(study.library) as library, library.connect() as connection:
        return sum(one.plays for one in listeners.all(connection) if one.name == code)


def _own_songs(study: Study, code: str) -> set[str]:
    """Hashes of the names of songs that nobody else played and the library has no audio of."""
    if not study.library.exists():
        return set()
    with Library.open(study.library) as library, library.connect() as connection:
        unheard = {one.name: _songs(connection, one.name) for one in listeners.all(connection)}
    return unheard.pop(code, set()).difference(*unheard.values())


def _songs(connection: Connection, code: str) -> set[str]:
    return {one.what.key for one in plays.listened(connection, code) if one.what.track_id is None}


def _rows_of(path: Path, code: str) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(row[:1] == [code] for row in csv.reader(file))


def _without(path: Path, code: str) -> None:
    """Write a table anew without the rows of one person."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row[:1] != [code]]
    beside = path.with_name(path.name + ".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    beside.replace(path)


def _prune(folder: Path) -> None:
    """Remove folders that nothing is left in, but for the topmost."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _words(path: Path) -> bytes:
    """The text of a PDF, whose bytes are packed; nothing of one that is broken, or that is pictures alone."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path) as paper:
            return "\n".join(page.get_textpage().get_text_bounded() for page in paper).encode()
    except pypdfium2.PdfiumError:
        return b""


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _holds(path: Path, needles: list[bytes]) -> bool:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            return any(needle in package.read(one) for one in package.infolist() for needle in needles)
    if path.suffix.lower() == ".pdf":
        words = _words(path)
        if any(needle in words for needle in needles):
            return True
    longest = max(map(len, needles), default=1)
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            block = rest + block
            if any(needle in block for needle in needles):
                return True
            rest = block[-longest:]
    return False
