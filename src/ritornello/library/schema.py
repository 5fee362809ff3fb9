"""The tables. A change here needs a migration beside it and a new :data:`HEAD`; docs/library.md describes them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Insert, Update

HEAD = "0006_rights"
"""The newest migration."""

APPLICATION_ID = 0x5249544F
"""``RITO``, written into the file so that another program's database is not taken for ours."""

AUDIO = "audio"
"""The kind of external id under which a track of a catalogue keeps the id of its audio."""

metadata = MetaData()

artists = Table(
    "artists",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("popularity", Integer, nullable=False, server_default="0"),
)

covers = Table(
    "covers",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("mime", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

albums = Table(
    "albums",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("album_type", Text, nullable=False),
    Column("release_date", Text),
    Column("total_tracks", Integer, nullable=False),
    Column("label", Text),
    Column("external_ids", JSON, nullable=False),
    Column("cover", ForeignKey("covers.hash")),
    Column("popularity", Integer, nullable=False, server_default="0"),
    Column("copyrights", JSON, nullable=False, server_default="[]"),
    # Country codes; NULL is everywhere.
    Column("markets", JSON(none_as_null=True)),
    Index("ix_albums_release_date", "release_date"),
)

album_artists = Table(
    "album_artists",
    metadata,
    Column("album_id", ForeignKey("albums.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("artist_id", ForeignKey("artists.id"), nullable=False, index=True),
)

tracks = Table(
    "tracks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("album_id", ForeignKey("albums.id"), nullable=False, index=True),
    Column("duration", Float, nullable=False),
    Column("disc_number", Integer, nullable=False),
    Column("track_number", Integer, nullable=False),
    Column("explicit", Boolean, nullable=False),
    Column("popularity", Integer, nullable=False),
    Column("markets", JSON(none_as_null=True)),
    Column("licence", Text),
)

track_artists = Table(
    "track_artists",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("artist_id", ForeignKey("artists.id"), nullable=False, index=True),
)

track_genres = Table(
    "track_genres",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("genre", Text, nullable=False, index=True),
)

external_ids = Table(
    "external_ids",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Index("ix_external_ids_value", "value", "kind"),
)

features = Table(
    "features",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("acousticness", Float, nullable=False),
    Column("danceability", Float, nullable=False),
    Column("duration", Float, nullable=False),
    Column("energy", Float, nullable=False),
    Column("instrumentalness", Float, nullable=False),
    Column("key", Integer, nullable=False),
    Column("liveness", Float, nullable=False),
    Column("loudness", Float, nullable=False),
    Column("mode", Integer, nullable=False),
    Column("speechiness", Float, nullable=False),
    Column("tempo", Float, nullable=False),
    Column("time_signature", Integer, nullable=False),
    Column("valence", Float, nullable=False),
    Column("tempo_candidates", JSON, nullable=False),
    Column("confidence", JSON, nullable=False),
    Column("analysis_version", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("provenance", JSON, nullable=False),
)

analyses = Table(
    "analyses",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    # The JSON document as it is served, compressed with zstd.
    Column("document", LargeBinary, nullable=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    # Which networks and which turn made it; only vectors of one version may be compared.
    Column("version", Text, nullable=False, index=True),
    # Numbers in half precision, little-endian; the sections' one after the other.
    Column("track", LargeBinary, nullable=False),
    Column("sections", LargeBinary, nullable=False),
)

genre_odds = Table(
    "genre_odds",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Text, nullable=False),
    # Genres as seeds are written, 0..1 each.
    Column("odds", JSON, nullable=False),
)

files = Table(
    "files",
    metadata,
    # The bytes of the path: a file name need not be text.
    Column("path", LargeBinary, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("audio_id", Text, index=True),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("warnings", JSON, nullable=False),
    Column("analysis_version", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    # As the tags say: an SPDX expression, or their words where those name none.
    Column("licence", Text),
    Column("copyright", Text),
    # As a file beside it says, which counts before the tags.
    Column("sidecar_licence", Text),
    Column("sidecar_copyright", Text),
)

clients = Table(
    "clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("redirect_uris", JSON, nullable=False, server_default="[]"),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # NULL for one who owns things but cannot sign in.
    Column("password_hash", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires", BigInteger, nullable=False, index=True),
)

codes = Table(
    "codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("client_id", ForeignKey("clients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("challenge", Text),
    Column("challenge_method", Text),
    Column("expires", BigInteger, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    # SHA-256 of the token: whoever reads the file learns no token.
    Column("digest", Text, primary_key=True),
    Column("client_id", ForeignKey("clients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    # NULL for a token of the client itself.
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    # All tokens that go back to one consent.
    Column("family", Text, index=True),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("client_id", ForeignKey("clients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("family", Text, nullable=False, index=True),
    # Whether the client proved itself by PKCE, having no secret.
    Column("public", Boolean, nullable=False),
    Column("spent", Boolean, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)

playlists = Table(
    "playlists",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("collaborative", Boolean, nullable=False),
    Column("cover", ForeignKey("covers.hash")),
    # Counts the changes; the snapshot id is made from it.
    Column("version", Integer, nullable=False),
    Column("featured", Boolean, nullable=False),
)

playlist_items = Table(
    "playlist_items",
    metadata,
    Column("playlist_id", ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # As it was added: of a track, or of a local file that only the adder has.
    Column("uri", Text, nullable=False),
    Column("track_id", Text, index=True),
    Column("added_at", BigInteger, nullable=False),
    Column("added_by", Text, nullable=False),
)

categories = Table(
    "categories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

category_playlists = Table(
    "category_playlists",
    metadata,
    Column("category_id", ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True),
    Column("playlist_id", ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True, index=True),
)

saved = Table(
    "saved",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # track, album, show, episode, audiobook; artist, user and playlist are followed.
    Column("kind", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("added_at", BigInteger, nullable=False),
    Column("public", Boolean, nullable=False),
    Index("ix_saved_item", "kind", "item_id"),
    Index("ix_saved_newest", "user_id", "kind", "added_at"),
)

songs = Table(
    "songs",
    metadata,
    # Spotify's where an export tells it, else made from the names.
    Column("id", Text, primary_key=True),
    # The id that the names alone would give: the same for all ids of one recording.
    Column("named", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("artist", Text, nullable=False),
    Column("album", Text),
    Column("spotify", Text),
    Column("isrc", Text, index=True),
    Column("musicbrainz", Text, index=True),
    Column("duration", Float),
)

matches = Table(
    "matches",
    metadata,
    Column("song_id", ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True),
    # Bare, so that what was decided by hand outlives a file that is away for a while.
    Column("track_id", Text, primary_key=True, index=True),
    # spotify, isrc, musicbrainz, names or hand.
    Column("by", Text, nullable=False),
    Column("score", Float, nullable=False),
    # found, confirmed or refused.
    Column("state", Text, nullable=False),
)

listeners = Table(
    "listeners",
    metadata,
    Column("name", Text, primary_key=True),
    # IANA's name of the time zone in which days and hours are told.
    Column("zone", Text),
    # How many plays spoke for the zone; NULL where somebody said it.
    Column("zone_plays", Integer),
)

open_features = Table(
    "open_features",
    metadata,
    # Of a song, or of a track without audio.
    Column("item_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    # The median of all submissions, in the unit of the source.
    Column("number", Float),
    Column("text", Text),
    Column("spread", Float, nullable=False),
    Column("submissions", Integer, nullable=False),
    # The recording that it was published for, and how that was found.
    Column("mbid", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("licence", Text, nullable=False),
)

plays = Table(
    "plays",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("listener", Text, nullable=False),
    # Milliseconds since 1970, UTC: when the play began.
    Column("played_at", BigInteger, nullable=False),
    # Of a track, or of a song.
    Column("track_id", Text, nullable=False),
    Column("ms_played", Integer),
    Column("source", Text, nullable=False),
    # When it ended, where the source tells that.
    Column("ended_at", BigInteger),
    # exact, minute or doubtful.
    Column("quality", Text, nullable=False, server_default="exact"),
    Column("reason_start", Text),
    Column("reason_end", Text),
    Column("shuffle", Boolean),
    # NULL is unknown in all three.
    Column("skipped", Boolean),
    Column("offline", Boolean),
    # False where another export of the same listener tells the same play better.
    Column("counted", Boolean, nullable=False, server_default="1"),
    # Hash of what makes two rows the same play.
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("listener", "digest", name="uq_plays"),
    Index("ix_plays_track_id", "track_id", "listener"),
    Index("ix_plays_played_at", "listener", "played_at"),
)

rules = Table(
    "rules",
    metadata,
    # A file, or a folder and all below it; the longest that matches counts.
    Column("path", LargeBinary, primary_key=True),
    Column("basis", Text, nullable=False),
    Column("licence", Text),
    Column("jurisdiction", Text),
    Column("reserved", Boolean),
    Column("scope", JSON, nullable=False),
    Column("credit", Text),
    Column("set_at", BigInteger, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    # Random; stands for the listener in data sets.
    Column("id", Text, primary_key=True),
    Column("listener", Text, nullable=False, unique=True),
    Column("scope", JSON, nullable=False),
    Column("given_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
)

own_traits = Table(
    "own_traits",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("card", JSON, nullable=False),
)

scores = Table(
    "scores",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("trait", ForeignKey("own_traits.name", ondelete="CASCADE"), primary_key=True, index=True),
    Column("value", Float, nullable=False),
)

words = Table(
    "words",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("word", Text, nullable=False, unique=True),
)


def upsert(connection: Connection, table: Table, key: str, row: Mapping[str, Any]) -> None:
    """Update the row whose ``key`` column has this value, or insert it; safe because a write transaction is alone."""
    update, insert = _statements(table, key)
    if connection.execute(update, {**row, "sought": row[key]}).rowcount == 0:
        connection.execute(insert, row)


@cache
def _statements(table: Table, key: str) -> tuple[Update, Insert]:
    """Update and insert; kept, because making one takes longer than running it."""
    return table.update().where(table.c[key] == bindparam("sought")), table.insert()


def among(connection: Connection, statement: str, values: Iterable[str | int]) -> list[tuple[Any, ...]]:
    """Run a statement whose one parameter is a JSON list, past SQLAlchemy: that would take longer than SQLite does."""
    if not connection.in_transaction():
        connection.begin()
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, (json.dumps(list(values)),))
        return list(cursor.fetchall())
    finally:
        cursor.close()
