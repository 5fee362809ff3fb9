"""``ritornello study``: the steps of a study, in their order. Everything heavy waits inside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ritornello.errors import StudyError
from ritornello.options import A_FILE, Commands, example, json_option, no_library_option

if TYPE_CHECKING:
    from ritornello.study.folder import Study
    from ritornello.study.summary import Summary

study_option = click.option(
    "--study", "place", metavar="FOLDER", type=A_FILE, default=Path(), show_default="here", help="The study's folder."
)
passphrase_option = click.option(
    "--passphrase-stdin", "from_stdin", is_flag=True, help="Read the passphrase of the key file from standard input."
)
yes_option = click.option("--yes", "really", is_flag=True, help="Do it; without this only what would be done is told.")


@click.group("study", cls=Commands, epilog=example("ritornello study new moodmusic"))
def study() -> None:
    """A study of emotion and listening, from the consent form to data that may be shared."""
    _require()


@study.command(
    epilog=example("ritornello study new moodmusic", "ritornello study new moodmusic --answers answers.json")
)
@click.argument("folder", type=A_FILE)
@click.option("--answers", type=A_FILE, help="A JSON file with the eight answers, instead of being asked.")
@click.option("--key-file", type=A_FILE, help="Keep the key in this file under a passphrase, not in the keyring.")
@passphrase_option
@json_option
@no_library_option
def new(folder: Path, answers: Path | None, key_file: Path | None, from_stdin: bool, as_json: bool) -> None:
    """Make a study: eight questions, then information sheet, consent form, records and a plan as drafts."""
    from ritornello.study import beginning

    beginning.ready(folder, key_file)
    passphrase = _passphrase(from_stdin, new=True) if key_file else ""
    told = beginning.read_answers(answers) if answers else _asked()
    _tell(beginning.new(folder, beginning.settings(told), key_file, passphrase), as_json)


@study.command(epilog=example("ritornello study doctor --study moodmusic"))
@study_option
@json_option
@no_library_option
def doctor(place: Path, as_json: bool) -> None:
    """Look whether everything is ready for personal data, and say what to do where it is not."""
    from ritornello.study import doctor as examining

    _tell(examining.examine(place), as_json)


@study.command(epilog=example("ritornello study rehearse practice", "ritornello study rehearse practice --slope 0"))
@click.argument("folder", type=A_FILE)
@click.option("--people", default=60, show_default=True, type=click.IntRange(20, 500), help="How many.")
@click.option("--prompts", default=40, show_default=True, type=click.IntRange(12, 200), help="How many a person.")
@click.option("--slope", default=0.15, show_default=True, help="The effect that is planted, in SD; 0 is none.")
@click.option("--seed", default=1, show_default=True, help="Another number makes other people.")
@json_option
@no_library_option
def rehearse(folder: Path, people: int, prompts: int, slope: float, seed: int, as_json: bool) -> None:
    """Go through a whole study with people who do not exist, known effects and known defects; nothing leaves FOLDER."""
    from ritornello.study import rehearsal

    _tell(rehearsal.rehearse(folder, people, prompts, slope, seed=seed, progress=_step), as_json)


@study.command(epilog=example("ritornello study power --study moodmusic --prompts 40"))
@study_option
@click.option("--prompts", default=40, show_default=True, type=click.IntRange(2), help="Prompts a person.")
@json_option
@no_library_option
def power(place: Path, prompts: int, as_json: bool) -> None:
    """Tell how many people the plan needs, and how many to invite."""
    from ritornello.study import plans
    from ritornello.study import power as needed

    _tell(needed.table(plans.read(place), prompts, place / "power.svg"), as_json)


@study.command(epilog=example("ritornello study freeze --study moodmusic"))
@study_option
@passphrase_option
@json_option
@no_library_option
def freeze(place: Path, from_stdin: bool, as_json: bool) -> None:
    """Fix the plan of prereg.yaml and write a preregistration; what changes later is reported as a deviation."""
    from ritornello.study import plans

    _tell(plans.freeze(open_study(place, from_stdin)), as_json)


@study.command(epilog=example("ritornello study enrol consents.csv --study moodmusic --letters ../letters.csv"))
@click.argument("file", type=A_FILE)
@click.option("--letters", type=A_FILE, help="Write ids and codes here, outside of the study's folder.")
@click.option("--invited", type=click.IntRange(1), help="How many people you invited, for the report.")
@study_option
@passphrase_option
@json_option
@no_library_option
def enrol(file: Path, letters: Path | None, invited: int | None, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Read the answers to the consent form into the ledger, and give people their codes."""
    from ritornello.study import enrolment

    _tell(enrolment.enrol(open_study(place, from_stdin), file, letters, invited), as_json)


@study.command(epilog=example("ritornello study invite people.csv --study moodmusic --letters ../letters.csv"))
@click.argument("file", type=A_FILE)
@click.option("--letters", type=A_FILE, required=True, help="Write ids and codes here, outside of the study's folder.")
@study_option
@passphrase_option
@json_option
@no_library_option
def invite(file: Path, letters: Path, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Give codes to people who will agree, or not, on the donation page."""
    from ritornello.study import enrolment

    _tell(enrolment.invite(open_study(place, from_stdin), file, letters), as_json)


@study.command("donation-page", epilog=example("ritornello study donation-page --study moodmusic --out donate.html"))
@click.option("--out", type=A_FILE, help="The file to write.  [default: donation.html of the study]")
@study_option
@passphrase_option
@json_option
@no_library_option
def donation_page(out: Path | None, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Write the page on which participants look through their history, agree, and seal what they give."""
    from ritornello.study import donation_page

    _tell(donation_page.write(open_study(place, from_stdin), out), as_json)


@study.command(epilog=example("ritornello study receive inbox --study moodmusic --remove"))
@click.argument("inbox", type=click.Path(path_type=Path, exists=True))
@click.option("--remove", is_flag=True, help="Delete each file once its sealed copy was read back.")
@study_option
@passphrase_option
@json_option
@no_library_option
def receive(inbox: Path, remove: bool, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Receive listening histories: consent is asked, the file sealed, its plays of the period kept."""
    from ritornello.study import receiving

    _tell(receiving.receive(open_study(place, from_stdin), inbox, remove=remove), as_json)


@study.command(epilog=example("ritornello study survey esm.csv --preview", "ritornello study survey esm.csv"))
@click.argument("file", type=A_FILE)
@click.option("--map", "mapping", type=A_FILE, help="Which column is what.  [default: survey_map.yaml of the study]")
@click.option("--preview", is_flag=True, help="Show what the mapping makes of the file, and keep nothing.")
@study_option
@passphrase_option
@json_option
@no_library_option
def survey(file: Path, mapping: Path | None, preview: bool, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Read answers; the first time a mapping is proposed and shown, to be looked at before anything is kept."""
    from ritornello.study import surveys

    _tell(surveys.step(open_study(place, from_stdin), file, mapping, preview=preview), as_json)


@study.command(epilog=example("ritornello study features --study moodmusic --table acousticbrainz.csv"))
@click.option("--table", type=A_FILE, help="Features of tracks as CSV: artist, title, energy, valence and so on.")
@click.option(
    "--open",
    "dumps",
    type=A_FILE,
    multiple=True,
    help="A dump of AcousticBrainz or of MusicBrainz's tables, for songs without audio; may be given several times.",
)
@study_option
@passphrase_option
@json_option
@no_library_option
def features(table: Path | None, dumps: tuple[Path, ...], place: Path, from_stdin: bool, as_json: bool) -> None:
    """Put beside each answer what was heard before it: behaviour, and sound where features are known."""
    from ritornello.study import occasions

    _tell(occasions.build(open_study(place, from_stdin), table, dumps), as_json)


@study.command(epilog=example("ritornello study qc --study moodmusic"))
@study_option
@passphrase_option
@json_option
@no_library_option
def qc(place: Path, from_stdin: bool, as_json: bool) -> None:
    """Look at the quality of the data, before outcomes are looked at."""
    from ritornello.study import overview

    _tell(overview.check(open_study(place, from_stdin)), as_json)


@study.command(epilog=example("ritornello study fit", "ritornello study fit --explore outcome=arousal"))
@click.option("--explore", metavar="CHOICE=VALUE", multiple=True, help="Another choice than the plan's; called so.")
@study_option
@passphrase_option
@json_option
@no_library_option
def fit(explore: tuple[str, ...], place: Path, from_stdin: bool, as_json: bool) -> None:
    """Fit exactly what the plan says, to the people who agreed to models."""
    from ritornello.study import fitting

    changes = dict(one.partition("=")[::2] for one in explore)
    _step("models, forks and permutations: this takes a minute or two")
    _tell(fitting.fit(open_study(place, from_stdin), changes), as_json)


@study.command(epilog=example("ritornello study report --study moodmusic"))
@study_option
@passphrase_option
@json_option
@no_library_option
def report(place: Path, from_stdin: bool, as_json: bool) -> None:
    """Write the report with its figures and tables."""
    from ritornello.study import reporting

    _tell(reporting.report(open_study(place, from_stdin)), as_json)


@study.command(epilog=example("ritornello study risk --study moodmusic"))
@study_option
@passphrase_option
@json_option
@no_library_option
def risk(place: Path, from_stdin: bool, as_json: bool) -> None:
    """Measure how easily somebody could be picked out, and what to leave out."""
    from ritornello.study import risk as measuring

    _tell(measuring.measure(open_study(place, from_stdin)), as_json)


@study.command(epilog=example("ritornello study share --study moodmusic --tier 2"))
@click.option(
    "--tier",
    type=click.Choice(["2", "3"]),
    default="2",
    show_default=True,
    help="2: rows without people, for an agreement; 3: groups and made-up rows, for anybody.",
)
@study_option
@passphrase_option
@json_option
@no_library_option
def share(tier: str, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Write a data set that may be given to others, of those alone who agreed to that."""
    from ritornello.study import sharing

    _tell(sharing.share(open_study(place, from_stdin), 2 if tier == "2" else 3), as_json)


@study.command(epilog=example("ritornello study withdraw P-7K3QAB", "ritornello study withdraw P-7K3QAB --yes"))
@click.argument("code")
@yes_option
@study_option
@passphrase_option
@json_option
@no_library_option
def withdraw(code: str, really: bool, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Remove a participant and all that was computed with them, and search every byte for what is left."""
    from ritornello.study import erasure

    if really:
        _step("everything of them goes, then all is made again of the others: this takes some minutes")
    _tell(erasure.withdraw(open_study(place, from_stdin), code, really=really), as_json)


@study.command(epilog=example("ritornello study copy P-7K3QAB ../copy.zip --study moodmusic"))
@click.argument("code")
@click.argument("file", type=A_FILE)
@study_option
@passphrase_option
@json_option
@no_library_option
def copy(code: str, file: Path, place: Path, from_stdin: bool, as_json: bool) -> None:
    """Write everything that is held about a participant into FILE, a zip, for them."""
    from ritornello.study import copying

    _tell(copying.copy(open_study(place, from_stdin), code, file), as_json)


@study.command(epilog=example("ritornello study audit --study moodmusic"))
@study_option
@json_option
@no_library_option
def audit(place: Path, as_json: bool) -> None:
    """Tell the ledger as a report for an ethics board; no key is needed."""
    from ritornello.study import auditing

    _tell(auditing.audit(place), as_json)


@study.command(epilog=example("ritornello study verify --study moodmusic"))
@study_option
@json_option
@no_library_option
def verify(place: Path, as_json: bool) -> None:
    """Check that nothing in the ledger was changed, and that what was computed goes back to it; no key is needed."""
    from ritornello.study import auditing

    _tell(auditing.verify(place), as_json)


@study.command(epilog=example("ritornello study close --study moodmusic", "ritornello study close --yes"))
@yes_option
@study_option
@passphrase_option
@json_option
@no_library_option
def close(really: bool, place: Path, from_stdin: bool, as_json: bool) -> None:
    """End a study: destroy its key and all personal data; results and what was shared stay."""
    from ritornello.study import erasure

    _tell(erasure.close(open_study(place, from_stdin), really=really), as_json)


def _require() -> None:
    try:
        import ritornello.study.keys  # noqa: F401
    except ImportError as error:
        raise StudyError(
            f"{error.name} is not installed: a study needs more than the rest, `pip install 'ritornello[study]'`"
        ) from error


def _asked() -> dict[str, str]:
    from ritornello.study import beginning
    from ritornello.study.folder import QUESTIONS

    told: dict[str, str] = {}
    for name, words in QUESTIONS.items():

        def checked(text: str, name: str = name) -> str:
            try:
                return beginning.answer(name, text, told)
            except StudyError as error:
                raise click.UsageError(str(error)) from error

        told[name] = click.prompt(words, prompt_suffix=" ", value_proc=checked)
    return told


def open_study(place: Path, from_stdin: bool = False) -> Study:
    """Open a study with its key, which is asked for where it lies under a passphrase."""
    _require()
    from ritornello.study import folder, keys

    settings = folder.settings_of(place)
    if settings.key == "keyring":
        return folder.open_study(place, keys.from_keyring(settings.id))
    return folder.open_study(place, keys.from_file(Path(settings.key), _passphrase(from_stdin, new=False)))


def _passphrase(from_stdin: bool, *, new: bool) -> str:
    from ritornello.study import keys

    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    else:
        typed = click.prompt("Passphrase of the study's key", hide_input=True, confirmation_prompt=new)
    if new:
        keys.check_passphrase(typed)
    return typed


def _step(words: str) -> None:
    click.echo(f"… {words}", err=True)


def _tell(summary: Summary, as_json: bool) -> None:
    from ritornello import console

    console.print_study(summary, as_json)
    click.get_current_context().exit(int(not summary.ok))
