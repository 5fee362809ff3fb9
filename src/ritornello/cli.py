"""The commands: parse, call one function, print. Heavy imports wait inside, so that ``--help`` is quick.

Exit status: 0 done, 1 nothing could be done, 2 wrong usage, 130 interrupted. A :class:`RitornelloError` is one line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from ritornello import __version__, settings
from ritornello.options import A_FILE, Commands, example, json_option, no_library_option
from ritornello.rights import JURISDICTIONS, Basis, Condition, Use
from ritornello.sound import arithmetic
from ritornello.study_commands import open_study, study

if TYPE_CHECKING:
    from datetime import datetime

HOST, PORT = "127.0.0.1", 8080


library_option = click.option(
    "--library",
    metavar="PATH",
    default=settings.library,
    show_default="RITORNELLO_LIBRARY, else library.db in the user's data folder",
    help="The library to use; created where there is none.",
)
host_option = click.option("--host", default=HOST, show_default=True, help="The address to listen at.")
shown_study_option = click.option("--study", "place", metavar="FOLDER", type=A_FILE, help="A study to show at /study.")
jobs_option = click.option("--jobs", type=click.IntRange(1), help="Worker processes.  [default: all cores but one]")

stdin_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password from standard input."
)


def read_password(from_stdin: bool) -> str:
    """A password, typed twice or from standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@click.group(cls=Commands, epilog=example("ritornello up ~/Music"))
@click.version_option(__version__, prog_name="ritornello")
def main() -> None:
    """Audio features and audio analysis of your own music, served in the shape of Spotify's Web API."""
    arithmetic.keep_frugal()


@main.command(epilog=example("ritornello up ~/Music", "ritornello up ~/Music --no-browser"))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@host_option
@click.option("--port", default=PORT, show_default=True, help="The port; a free one is taken where it is in use.")
@click.option("--no-browser", is_flag=True, help="Open no browser; none is opened either where nobody sees the output.")
@shown_study_option
@library_option
def up(folder: Path | None, host: str, port: int, no_browser: bool, place: Path | None, library: str) -> None:
    """Scan FOLDER and serve it meanwhile; without FOLDER, a dozen pieces of our own."""
    from ritornello import console
    from ritornello import up as site
    from ritornello.library import Library

    shown = open_study(place) if place else None
    folder = folder or site.write_pieces(settings.pieces(), console.print_piece)
    with Library.open(library) as shelf:
        listening = site.listen(host, port, or_any=True)
        console.print_welcome(site.address(listening), *site.new_client(shelf), site.first_title(folder))
        with site.scanning(folder, library):
            if sys.stdout.isatty() and not no_browser:
                site.open_browser(site.address(listening))
            site.serve(shelf, listening, study=shown)


@main.command(epilog=example("ritornello scan ~/Music --jobs 2", "ritornello scan song.mp3 --json"))
@click.argument("paths", type=A_FILE, nargs=-1, required=True)
@jobs_option
@json_option
@click.option("--strict", is_flag=True, help="Exit with 1 if a file was refused.")
@library_option
@click.pass_context
def scan(
    ctx: click.Context, paths: tuple[Path, ...], jobs: int | None, as_json: bool, strict: bool, library: str
) -> None:
    """Analyse files and folders into the library; what is there and unchanged is not read again."""
    from ritornello import console
    from ritornello import scan as scanning
    from ritornello.library import Library

    with Library.open(library) as shelf, console.Bar() as bar:
        summary = scanning.scan(paths, shelf, jobs=jobs, progress=bar.show)
    console.print_json(summary.to_json()) if as_json else console.print_summary(summary)
    ctx.exit(summary.exit_status(strict=strict))


@main.command("import", epilog=example("ritornello import my_spotify_data.zip --listener ann --zone Europe/Berlin"))
@click.argument("files", type=A_FILE, nargs=-1, required=True)
@click.option("--listener", metavar="NAME", required=True, help="Whose plays these are; a user's name, or any other.")
@click.option("--zone", metavar="ZONE", help="The listener's time zone, such as Europe/Berlin.  [default: inferred]")
@click.option(
    "--shortest", metavar="SECONDS", type=click.FloatRange(0), default=0, help="Refuse plays that are shorter."
)
@json_option
@library_option
@click.pass_context
def import_history(
    ctx: click.Context,
    files: tuple[Path, ...],
    listener: str,
    zone: str | None,
    shortest: float,
    as_json: bool,
    library: str,
) -> None:
    """Import listening histories of Spotify, Last.fm or ListenBrainz: the zip as it comes, or single files."""
    from ritornello import console, importing
    from ritornello.library import Library

    with Library.open(library) as shelf, console.Rows() as rows:
        account = importing.import_files(files, shelf, listener, zone=zone, shortest=shortest, progress=rows.show)
    console.print_account(account, as_json)
    ctx.exit(int(bool(account.failed)))


@main.group(cls=Commands, epilog=example("ritornello listeners list"))
def listeners() -> None:
    """The people whose listening histories are in the library."""


@listeners.command("list", epilog=example("ritornello listeners list --json"))
@json_option
@library_option
def list_listeners(as_json: bool, library: str) -> None:
    """List the listeners with their time zone and the number of their plays."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import listeners as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_listeners(stored.all(connection), as_json)


@listeners.command("erase", epilog=example("ritornello listeners erase ann"))
@click.argument("name")
@json_option
@library_option
def erase_listener(name: str, as_json: bool, library: str) -> None:
    """Remove a listener with everything that was derived from them, and overwrite where it lay."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import listeners as stored

    with Library.open(library) as shelf:
        console.print_erased(name, stored.erase(shelf, name), as_json)


A_DAY = click.DateTime(["%Y-%m-%d"])
limit_option = click.option(
    "--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="How long the lists are."
)


@main.command(epilog=example("ritornello habits --listener ann", "ritornello habits --since 2024-01-01 --json"))
@click.option("--listener", metavar="NAME", help="Whose habits; need not be said where there is one listener.")
@click.option("--since", metavar="DATE", type=A_DAY, help="The first day that counts.")
@click.option("--until", metavar="DATE", type=A_DAY, help="The first day that does not count any more.")
@limit_option
@json_option
@library_option
def habits(
    listener: str | None, since: datetime | None, until: datetime | None, limit: int, as_json: bool, library: str
) -> None:
    """Tell what a listening history says: favourites, streaks, sessions, skips, hours of the week, sound by month."""
    from ritornello import console
    from ritornello import habits as told
    from ritornello.library import Library

    days = {"since": since.date() if since else None, "until": until.date() if until else None}
    with Library.open(library) as shelf, shelf.connect() as connection:
        found = told.of(connection, listener, **days, limit=limit)
    console.print_habits(found, as_json)


@main.command(epilog=example("ritornello shared --json"))
@limit_option
@json_option
@library_option
def shared(limit: int, as_json: bool, library: str) -> None:
    """Tell which artists and tracks the listeners share and hear together; never of fewer than five people."""
    from ritornello import console
    from ritornello import habits as told
    from ritornello.library import Library

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_shared(told.shared(connection, limit), as_json)


@main.command("open-features", epilog=example("ritornello open-features acousticbrainz-*.tar.zst mbdump.tar.bz2"))
@click.argument("files", type=A_FILE, nargs=-1, required=True)
@json_option
@library_option
def open_features(files: tuple[Path, ...], as_json: bool, library: str) -> None:
    """Join features of AcousticBrainz (CC0) to songs without audio, by MusicBrainz id and ISRC."""
    from ritornello import console
    from ritornello import open_features as joining
    from ritornello.library import Library

    with Library.open(library) as shelf:
        joined = joining.join(files, shelf)
    console.print_joined(joined, as_json)


@main.group(cls=Commands, epilog=example("ritornello matches missing"))
def matches() -> None:
    """Which music of the library the songs of histories are."""


listener_option = click.option("--listener", metavar="NAME", help="Whose songs.  [default: everybody's]")


@matches.command("list", epilog=example("ritornello matches list --listener ann"))
@listener_option
@json_option
@library_option
def list_matches(listener: str | None, as_json: bool, library: str) -> None:
    """List the songs that are taken for a track of the library, the least sure first."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import matches as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_matches(stored.held(connection, listener), as_json)


@matches.command("missing", epilog=example("ritornello matches missing --listener ann --json"))
@listener_option
@json_option
@library_option
def list_missing(listener: str | None, as_json: bool, library: str) -> None:
    """List the songs of which the library has no audio, the most played first."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import matches as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_missing(stored.missing(connection, listener), as_json)


@matches.command("confirm", epilog=example("ritornello matches confirm 1nKvQYK0vVFKWSxVYtQ4Nx 3mmy6DmEnlQUJ8lB2bSUm7"))
@click.argument("song")
@click.argument("track")
@library_option
def confirm_match(song: str, track: str, library: str) -> None:
    """Say that SONG is TRACK; it stays so."""
    from ritornello.library import Library
    from ritornello.library import matches as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.confirm(connection, song, track)
    click.echo(f"{song} is {track}")


@matches.command("refuse", epilog=example("ritornello matches refuse 1nKvQYK0vVFKWSxVYtQ4Nx"))
@click.argument("song")
@click.argument("track", required=False)
@library_option
def refuse_match(song: str, track: str | None, library: str) -> None:
    """Say that SONG is not TRACK, or not the one that it is taken for; it stays so."""
    from ritornello.library import Library
    from ritornello.library import matches as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.refuse(connection, song, track)
    click.echo(f"{song} is not {track or 'that track'}")


@main.command(epilog=example("ritornello features song.mp3", "ritornello features *.flac --json"))
@click.argument("files", type=A_FILE, nargs=-1, required=True)
@json_option
@no_library_option
@click.pass_context
def features(ctx: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Compute the audio features of FILES and print them; no library is needed."""
    from ritornello import analyze, console

    rows = [console.features_json(path, analyze.attempt(path)) for path in files]
    console.print_json(rows) if as_json else console.print_features(rows)
    ctx.exit(int(all("error" in row for row in rows)))


@main.command(epilog=example("ritornello analysis song.mp3", "ritornello analysis song.mp3 --json > song.json"))
@click.argument("file", type=A_FILE)
@json_option
@no_library_option
def analysis(file: Path, as_json: bool) -> None:
    """Compute the audio analysis of FILE; as JSON, the document that the server would serve."""
    from ritornello import console, worker
    from ritornello.analyze import analyze

    if as_json:
        click.echo(worker.compute(file).document)
    else:
        console.print_analysis(file, analyze(file))


@main.command(epilog=example("ritornello card danceability"))
@click.argument("title", metavar="TRAIT")
@no_library_option
def card(title: str) -> None:
    """Print the card of TRAIT (or of the embedding): what it means, what taught it, its errors, where it fails."""
    from ritornello.traits import cards

    if title not in cards.TITLES:
        raise click.BadParameter(
            f"{title!r} has no card; those that have: {', '.join(cards.TITLES)}", param_hint="TRAIT"
        )
    click.echo(cards.render(title))


@main.command(epilog=example("ritornello serve", "ritornello serve --host 0.0.0.0 --public-url https://music.example"))
@host_option
@click.option("--port", default=PORT, show_default=True, help="The port to listen at; 0 takes a free one.")
@click.option("--public-url", metavar="URL", help="How clients reach the server, where a proxy stands before it.")
@click.option(
    "--trusted-proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    default=("127.0.0.1", "::1"),
    show_default=True,
    help="A proxy whose X-Forwarded headers count; may be given several times.",
)
@click.option(
    "--rate-limit",
    metavar="N",
    type=click.IntRange(1),
    help="Requests that each client may make in 30 seconds.  [default: no limit]",
)
@shown_study_option
@library_option
def serve(
    host: str,
    port: int,
    public_url: str | None,
    proxies: tuple[str, ...],
    rate_limit: int | None,
    place: Path | None,
    library: str,
) -> None:
    """Serve the library; ready when GET /health answers 200."""
    from ritornello import console
    from ritornello import up as site
    from ritornello.library import Library

    shown = open_study(place) if place else None
    with Library.open(library) as shelf:
        listening = site.listen(host, port)
        console.print_serving(site.address(listening), site.is_loopback(listening))
        site.serve(shelf, listening, public_url, proxies=proxies, rate_limit=rate_limit, study=shown)


@main.group(cls=Commands, epilog=example("ritornello clients add my-app"))
def clients() -> None:
    """The programs that may ask this server for tokens."""


@clients.command(
    "add", epilog=example("ritornello clients add my-app --redirect-uri http://127.0.0.1:8888/callback --json")
)
@click.argument("name")
@click.option(
    "--redirect-uri",
    "redirect_uris",
    metavar="URI",
    multiple=True,
    help="Where the program may have people sent back to after they agreed; may be given several times.",
)
@json_option
@library_option
def add_client(name: str, redirect_uris: tuple[str, ...], as_json: bool, library: str) -> None:
    """Make a client called NAME and print its id and secret; the secret cannot be shown again."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import clients as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        client, secret = stored.add(connection, name, redirect_uris)
    console.print_new_client(client, secret, as_json)


@clients.command("list", epilog=example("ritornello clients list --json"))
@json_option
@library_option
def list_clients(as_json: bool, library: str) -> None:
    """List the clients, oldest first."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import clients as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_clients(stored.all(connection), as_json)


@clients.command("revoke", epilog=example("ritornello clients revoke 5f0c8e5b3d0d4a6f9a1b2c3d4e5f6071"))
@click.argument("client_id")
@json_option
@library_option
def revoke_client(client_id: str, as_json: bool, library: str) -> None:
    """Take a client's access away, and that of its tokens."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import clients as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.revoke(connection, client_id)
    console.print_revoked(client_id, as_json)


@main.group(cls=Commands, epilog=example("ritornello users add ann"))
def users() -> None:
    """The people who may sign in and let programs act for them."""


@users.command(
    "add", epilog=example("ritornello users add ann --country SE", "ritornello users add ann --password-stdin < file")
)
@click.argument("name")
@click.option("--display-name", default="", help="How the name is shown.  [default: NAME]")
@click.option("--email", default="", help="Told to programs that ask for it and are allowed to.")
@click.option("--country", default="US", show_default=True, help="The market in which this user looks, such as SE.")
@stdin_option
@json_option
@library_option
def add_user(
    name: str, display_name: str, email: str, country: str, from_stdin: bool, as_json: bool, library: str
) -> None:
    """Make a user called NAME; asks for a password."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import users as stored

    password = read_password(from_stdin)
    with Library.open(library) as shelf, shelf.begin() as connection:
        user = stored.add(connection, name, password, display_name=display_name, email=email, country=country)
    console.print_user(user, "can sign in", as_json)


@users.command("list", epilog=example("ritornello users list --json"))
@json_option
@library_option
def list_users(as_json: bool, library: str) -> None:
    """List the users, oldest first."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import users as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_users(stored.all(connection), as_json)


@users.command("password", epilog=example("ritornello users password ann"))
@click.argument("name")
@stdin_option
@library_option
def change_password(name: str, from_stdin: bool, library: str) -> None:
    """Change a password; the user is signed out everywhere, and programs must ask again."""
    from ritornello.library import Library
    from ritornello.library import users as stored

    password = read_password(from_stdin)
    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.set_password(connection, name, password)
    click.echo(f"{name} has a new password")


@users.command("remove", epilog=example("ritornello users remove ann"))
@click.argument("name")
@library_option
def remove_user(name: str, library: str) -> None:
    """Take a user away, with playlists and saved things."""
    from ritornello.library import Library
    from ritornello.library import users as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.remove(connection, name)
    click.echo(f"{name} is removed")


@users.command("token", epilog=example("ritornello users token ann 5f0c8e5b3d0d4a6f9a1b2c3d4e5f6071 --json"))
@click.argument("name")
@click.argument("client_id")
@click.option("--scope", default="", help="Scopes, separated by blanks.  [default: all]")
@json_option
@library_option
def user_token(name: str, client_id: str, scope: str, as_json: bool, library: str) -> None:
    """Let a client act for a user without the page for it: for scripts of one's own and for tests."""
    from ritornello import console
    from ritornello.library import Library, tokens

    with Library.open(library) as shelf, shelf.begin() as connection:
        given = tokens.grant(connection, client_id, name, scope.split())
    console.print_tokens(*given, as_json)


@main.group(cls=Commands, epilog=example("ritornello catalogue import records.jsonl"))
def catalogue() -> None:
    """Artists, albums, tracks and playlists from a file, under ids that the file chooses."""


@catalogue.command(
    "import", epilog=example("ritornello catalogue import records.jsonl", "ritornello catalogue import records.csv")
)
@click.argument("file", type=A_FILE)
@json_option
@library_option
def import_catalogue(file: Path, as_json: bool, library: str) -> None:
    """Import FILE, JSON Lines or CSV, all of it or nothing; docs/catalogue.md has the fields."""
    from ritornello import catalogue as files
    from ritornello import console
    from ritornello.library import Library

    with Library.open(library) as shelf:
        summary = files.read(file, shelf)
    console.print_imported(summary.counts, summary.bound, as_json)


@catalogue.command("export", epilog=example("ritornello catalogue export records.jsonl"))
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True))
@library_option
def export_catalogue(file: TextIO, library: str) -> None:
    """Write the catalogue into FILE as JSON Lines, or to standard output for -."""
    from ritornello import catalogue as files
    from ritornello.library import Library

    with Library.open(library) as shelf:
        lines = files.write(shelf, file)
    click.echo(f"wrote {lines} lines", err=True)


# Rights ------------------------------------------------------------------------------------------------------------

USES = click.Choice([use.value for use in Use])


@main.group(cls=Commands, epilog=example("ritornello rights list"))
def rights() -> None:
    """By what right music and histories are here, and what may be done with them; facts, no legal advice."""


@rights.command(
    "set",
    epilog=example(
        "ritornello rights set --path ~/Music/ours --basis own",
        "ritornello rights set --path ~/Music/jamendo --basis licence --licence CC-BY-SA-4.0",
        "ritornello rights set --path ~/Music/bought --basis bought --jurisdiction EU --not-reserved",
    ),
)
@click.option(
    "--path", type=A_FILE, required=True, help="A file, or a folder and all below it; the longest that fits counts."
)
@click.option(
    "--basis", type=click.Choice([basis.value for basis in Basis]), required=True, help="By what right you have it."
)
@click.option("--licence", metavar="TEXT", help="SPDX id or expression, or address; without it, what files say.")
@click.option("--jurisdiction", type=click.Choice(JURISDICTIONS), help="Whose law you analyse bought copies under.")
@click.option("--reserved/--not-reserved", default=None, help="Whether text and data mining is reserved (EU).")
@click.option("--scope", type=USES, multiple=True, help="A use that the holder of the rights agreed to; several times.")
@click.option("--credit", metavar="TEXT", help="Whom to name; without it, the line of copyright in files.")
@library_option
def set_rights(
    path: Path,
    basis: str,
    licence: str | None,
    jurisdiction: str | None,
    reserved: bool | None,
    scope: tuple[str, ...],
    credit: str | None,
    library: str,
) -> None:
    """Say by what right the files at and below a path are here; prints what follows for each use."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import rights as stored

    given = stored.rule(path, Basis(basis), licence, jurisdiction, reserved, scope, credit)
    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.put(connection, given)
    console.print_rule(given)


@rights.command("unset", epilog=example("ritornello rights unset --path ~/Music/bought"))
@click.option("--path", type=A_FILE, required=True, help="As it was given to `rights set`.")
@library_option
def unset_rights(path: Path, library: str) -> None:
    """Take a rule away; what files say of themselves counts again."""
    from ritornello.library import Library
    from ritornello.library import rights as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        stored.remove(connection, path.absolute())
    click.echo(f"no rule for {path} any more")


@rights.command("list", epilog=example("ritornello rights list", "ritornello rights list --json"))
@json_option
@library_option
def list_rights(as_json: bool, library: str) -> None:
    """List rules, what the tracks of the library are under, and what each may be used for."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import rights as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_rights(stored.rules(connection), stored.summary(connection), stored.consents(connection), as_json)


@rights.command("show", epilog=example("ritornello rights show 7xGfFoTpQ2E7fRF5lN10tr"))
@click.argument("track_id")
@json_option
@library_option
def show_rights(track_id: str, as_json: bool, library: str) -> None:
    """Print the provenance of one track, and for each use the answer with its reason."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import rights as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        found = stored.of_track(connection, track_id)
    console.print_provenance(found, as_json)


@rights.command("consent", epilog=example("ritornello rights consent ann --scope personal --scope train-research"))
@click.argument("listener")
@click.option("--scope", type=USES, multiple=True, required=True, help="A use that was agreed to; several times.")
@library_option
def give_consent(listener: str, scope: tuple[str, ...], library: str) -> None:
    """Store that LISTENER agreed to these uses of what they listened to, and to no others."""
    from ritornello.library import Library
    from ritornello.library import rights as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        agreed = stored.consent(connection, listener, map(Use, scope))
    click.echo(f"{listener} agreed to {', '.join(sorted(agreed.scope))}; in data sets the name is {agreed.id}")


@rights.command("withdraw", epilog=example("ritornello rights withdraw ann"))
@click.argument("listener")
@library_option
def withdraw_consent(listener: str, library: str) -> None:
    """Store that LISTENER withdrew: data sets leave them out, and models that learned from them are refused."""
    from ritornello.library import Library
    from ritornello.library import rights as stored

    with Library.open(library) as shelf, shelf.begin() as connection:
        gone = stored.withdraw(connection, listener)
    click.echo(f"{listener} withdrew; in data sets the name was {gone.id}: export them again, and train models again")


# Data sets ---------------------------------------------------------------------------------------------------------


@main.group(cls=Commands, epilog=example("ritornello dataset export rows --use train-commercial"))
def dataset() -> None:
    """Data sets of exactly the rows that permit a use."""


@dataset.command(
    "export",
    epilog=example(
        "ritornello dataset export rows --use train-commercial",
        "ritornello dataset export rows --use share-rows --accept share-alike --mel",
    ),
)
@click.argument("folder", type=A_FILE)
@click.option("--use", type=USES, required=True, help="What the rows must permit.")
@click.option(
    "--accept",
    type=click.Choice([condition.value for condition in Condition]),
    multiple=True,
    help="A condition that you will keep; several times. Attribution always is.",
)
@click.option("--sessions", is_flag=True, help="Also what listeners who agreed listened to.")
@click.option("--mel", is_flag=True, help="Also spectrograms, where the recording itself may be handed on.")
@click.option("--open", "published", is_flag=True, help="Also what others published of music without audio.")
@click.option("--url", metavar="ADDRESS", help="Where you will publish it, for the metadata.")
@json_option
@library_option
def export_dataset(
    folder: Path,
    use: str,
    accept: tuple[str, ...],
    sessions: bool,
    mel: bool,
    published: bool,
    url: str | None,
    as_json: bool,
    library: str,
) -> None:
    """Write the rows that permit a use into FOLDER, with card, attribution, manifest and metadata."""
    from ritornello import console
    from ritornello.datasets import export
    from ritornello.library import Library

    with Library.open(library) as shelf:
        tables = {"sessions": sessions, "mel": mel, "published": published}
        summary = export.export(shelf, folder, Use(use), accept=map(Condition, accept), address=url, **tables)
    console.print_exported(summary, as_json)


@dataset.command("verify", epilog=example("ritornello dataset verify rows"))
@click.argument("folder", type=A_FILE)
@json_option
@no_library_option
@click.pass_context
def verify_dataset(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Prove that FOLDER is as it was exported: hashes, splits, and no row that does not permit the use."""
    from ritornello import console
    from ritornello.datasets import verify

    wrong = verify.verify(folder)
    console.print_verified(folder, verify.manifest(folder), wrong, as_json)
    ctx.exit(int(bool(wrong)))


# Models ------------------------------------------------------------------------------------------------------------


@main.group(cls=Commands, epilog=example("ritornello train genre rows model"))
def train() -> None:
    """Small neural networks from a data set; pip install 'ritornello[torch]'."""


DATASET = click.argument("dataset", type=A_FILE)
MODEL = click.argument("model", type=A_FILE)


@train.command("genre", epilog=example("ritornello train genre rows model"))
@DATASET
@MODEL
@click.option("--name", default="genre", show_default=True, help="What the tags are called in front.")
@json_option
@no_library_option
def train_genre(dataset: Path, model: Path, name: str, as_json: bool) -> None:
    """Train a classifier of tags on DATASET and write it into MODEL."""
    from ritornello import console
    from ritornello.learn import train as training

    with console.Epochs() as epochs:
        figures = training.genre(dataset, model, name=name, progress=epochs.show)
    console.print_trained(model, figures, as_json)


@train.command("trait", epilog=example("ritornello train trait rows model --labels moody.csv --name moodiness"))
@DATASET
@MODEL
@click.option("--labels", type=A_FILE, required=True, help="CSV of track_id and value, 0 to 1.")
@click.option("--name", required=True, help="What the trait is called.")
@click.option("--labels-licence", metavar="TEXT", help="Licence of the labels.  [default: they are your own]")
@json_option
@no_library_option
def train_trait(dataset: Path, model: Path, labels: Path, name: str, labels_licence: str | None, as_json: bool) -> None:
    """Train a trait of your own from labels of tracks of DATASET and write it into MODEL."""
    from ritornello import console
    from ritornello.learn import train as training

    with console.Epochs() as epochs:
        show = epochs.show
        figures = training.trait(dataset, model, labels, name=name, licence=labels_licence, progress=show)
    console.print_trained(model, figures, as_json)


@train.command("next", epilog=example("ritornello train next rows model"))
@DATASET
@MODEL
@json_option
@no_library_option
def train_next(dataset: Path, model: Path, as_json: bool) -> None:
    """Train on the listening sessions of DATASET to tell what comes next, and write it into MODEL."""
    from ritornello import console
    from ritornello.learn import train as training

    with console.Epochs() as epochs:
        figures = training.successor(dataset, model, progress=epochs.show)
    console.print_trained(model, figures, as_json)


@main.command(epilog=example("ritornello score model", "ritornello score model --top 5 --json"))
@MODEL
@click.option("--top", default=10, show_default=True, help="How many tracks to show of each trait.")
@json_option
@library_option
def score(model: Path, top: int, as_json: bool, library: str) -> None:
    """Let a MODEL that you trained speak of every track of the library, and keep what it says."""
    from ritornello import console, models
    from ritornello.library import Library

    with Library.open(library) as shelf:
        with shelf.connect() as connection:
            opened = models.load(model, connection)
        scored = models.score(opened, shelf)
        with shelf.connect() as connection:
            console.print_scored(scored, models.highest(opened, connection, top), as_json)


@main.command("next", epilog=example("ritornello next model 7xGfFoTpQ2E7fRF5lN10tr 0aBcDeFgHiJkLmNoPqRsTu"))
@MODEL
@click.argument("track_ids", nargs=-1, required=True)
@click.option("--top", default=10, show_default=True, help="How many tracks to show.")
@json_option
@library_option
def next_track(model: Path, track_ids: tuple[str, ...], top: int, as_json: bool, library: str) -> None:
    """Print the tracks of the library that would come after these, by a MODEL that you trained."""
    from ritornello import console, models
    from ritornello.library import Library

    with Library.open(library) as shelf, shelf.connect() as connection:
        opened = models.load(model, connection)
        found = models.named(connection, models.following(opened, connection, list(track_ids), top))
    console.print_ranked(found, as_json)


@main.command(
    epilog=example(
        'ritornello recommend "calm piano for a rainy evening, nothing over 90 BPM"',
        "ritornello recommend --artist Nina --set max_tempo=100 --save 'Slow evening'",
    )
)
@click.argument("sentence", default="")
@click.option("--track", "tracks", metavar="ID_OR_TITLE", multiple=True, help="A track to start from.")
@click.option("--artist", "artists", metavar="ID_OR_NAME", multiple=True, help="An artist to start from.")
@click.option("--genre", "genres", metavar="GENRE", multiple=True, help="A genre to start from.")
@click.option("--set", "sets", metavar="NAME=NUMBER", multiple=True, help="A tunable, such as max_tempo=90.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="How many tracks.")
@click.option("--explain", is_flag=True, help="Say of each track why it is there.")
@click.option("--save", "name", metavar="NAME", help="Make a playlist of this name from them.")
@json_option
@library_option
def recommend(
    sentence: str,
    tracks: tuple[str, ...],
    artists: tuple[str, ...],
    genres: tuple[str, ...],
    sets: tuple[str, ...],
    limit: int,
    explain: bool,
    name: str | None,
    as_json: bool,
    library: str,
) -> None:
    """Recommend tracks for a SENTENCE, or from up to five tracks, artists and genres; says how it was understood."""
    from ritornello import ask, console
    from ritornello.library import Library

    given = [("track", each) for each in tracks] + [("artist", each) for each in artists]
    with Library.open(library) as shelf:
        found = ask.recommend(shelf, sentence, given + [("genre", each) for each in genres], sets, limit)
        saved = name and ask.save(shelf, name, found.tracks)
    console.print_recommended(found, saved or None, explain, as_json)


@main.command("taste", epilog=example("ritornello taste"))
@json_option
@library_option
def learn_taste(as_json: bool, library: str) -> None:
    """Learn now what is liked together, from all plays, saved tracks and playlists; else a server does at its start."""
    from ritornello import console
    from ritornello.library import Library, neighbours

    with Library.open(library) as shelf:
        near = neighbours.Neighbours(shelf)
        near.learn()
        console.print_learned(near.known(), as_json)


@main.group(cls=Commands, epilog=example("ritornello playlists refresh"))
def playlists() -> None:
    """The playlists that make themselves, and playlists as files."""


@playlists.command("refresh", epilog=example("ritornello playlists refresh", "ritornello playlists refresh --again"))
@click.option("--again", is_flag=True, help="Also those whose day or week is not over.")
@json_option
@library_option
def refresh_playlists(again: bool, as_json: bool, library: str) -> None:
    """Make the playlists of this day and week that are not made yet: moods, and for each listener their own."""
    from datetime import datetime

    from ritornello import console
    from ritornello.library import Library, mixes, neighbours

    with Library.open(library) as shelf:
        made = mixes.refresh(shelf, neighbours.Neighbours(shelf), datetime.now().astimezone(), again=again)
    console.print_made(made, as_json)


@playlists.command("list", epilog=example("ritornello playlists list --json"))
@json_option
@library_option
def list_playlists(as_json: bool, library: str) -> None:
    """List all playlists with their ids."""
    from ritornello import console
    from ritornello.library import Library
    from ritornello.library import playlists as stored

    with Library.open(library) as shelf, shelf.connect() as connection:
        console.print_playlists(stored.all(connection), as_json)


@playlists.command(
    "export", epilog=example("ritornello playlists export 37i9dQZEVXcJZyENOWUFo7 --format m3u8 > weekly.m3u8")
)
@click.argument("playlist_id")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["m3u8", "xspf", "jspf"]),
    default="m3u8",
    show_default=True,
    help="m3u8 lists files; xspf and jspf list what has no file as well.",
)
@library_option
def export_playlist(playlist_id: str, kind: str, library: str) -> None:
    """Write a playlist on standard output, for a player or another program."""
    from ritornello import ask
    from ritornello.library import Library

    with Library.open(library) as shelf:
        click.echo(ask.export(shelf, playlist_id, kind), nl=False)


main.add_command(study)
