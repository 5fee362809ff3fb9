"""Users and what they keep, playlists, plays, markets, and the words that misspelt ones are compared with."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002_contract"
down_revision = "0001"
branch_labels = None
depends_on = None

FULL_TEXT = (
    "CREATE VIRTUAL TABLE playlist_search USING fts5"
    "(title, description, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')",
    # Words between brackets, so that first and last letters count.
    "CREATE VIRTUAL TABLE word_search USING fts5(word, tokenize='trigram')",
)


def upgrade() -> None:
    """Create and fill."""
    op.add_column("artists", sa.Column("popularity", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("albums", sa.Column("popularity", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("albums", sa.Column("copyrights", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("albums", sa.Column("markets", sa.JSON(), nullable=True))
    op.add_column("tracks", sa.Column("markets", sa.JSON(), nullable=True))
    op.add_column("tracks", sa.Column("licence", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("redirect_uris", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_albums_release_date", "albums", ["release_date"])
    op.create_index(op.f("ix_track_genres_genre"), "track_genres", ["genre"])
    _accounts()
    _playlists()
    op.create_table(
        "saved",
        _owned("user_id", "users", primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("item_id", sa.Text(), primary_key=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_saved_item", "saved", ["kind", "item_id"])
    op.create_index("ix_saved_newest", "saved", ["user_id", "kind", "added_at"])
    op.create_table(
        "plays",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("listener", sa.Text(), nullable=False),
        sa.Column("played_at", sa.BigInteger(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("ms_played", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.UniqueConstraint("listener", "played_at", "track_id", name="uq_plays"),
    )
    op.create_table(
        "words",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("word", sa.Text(), nullable=False, unique=True),
    )
    for statement in FULL_TEXT:
        op.execute(statement)
    _fill_words()


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text(), primary_key=True),
        _owned("user_id", "users"),
        sa.Column("expires", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "codes",
        sa.Column("digest", sa.Text(), primary_key=True),
        _owned("client_id", "clients"),
        _owned("user_id", "users"),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=True),
        sa.Column("challenge_method", sa.Text(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.Text(), primary_key=True),
        _owned("client_id", "clients"),
        _owned("user_id", "users"),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
    )
    # Access tokens live for an hour: clients ask for new ones.
    op.drop_table("tokens")
    op.create_table(
        "tokens",
        sa.Column("digest", sa.Text(), primary_key=True),
        _owned("client_id", "clients"),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Text(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
    )
    for table, columns in {
        "sessions": ("user_id", "expires"),
        "codes": ("client_id", "user_id", "expires"),
        "refresh_tokens": ("client_id", "user_id", "family", "expires"),
        "tokens": ("client_id", "expires", "user_id", "family"),
    }.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _playlists() -> None:
    op.create_table(
        "playlists",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("id", sa.Text(), nullable=False, unique=True),
        _owned("owner_id", "users"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("collaborative", sa.Boolean(), nullable=False),
        sa.Column("cover", sa.Text(), sa.ForeignKey("covers.hash"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
    )
    op.create_index(op.f("ix_playlists_owner_id"), "playlists", ["owner_id"])
    op.create_table(
        "playlist_items",
        _owned("playlist_id", "playlists", primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_playlist_items_track_id"), "playlist_items", ["track_id"])
    op.create_table(
        "categories",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
    )
    op.create_table(
        "category_playlists",
        _owned("category_id", "categories", primary_key=True),
        _owned("playlist_id", "playlists", primary_key=True),
    )
    op.create_index(op.f("ix_category_playlists_playlist_id"), "category_playlists", ["playlist_id"])


def _owned(name: str, table: str, primary_key: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, sa.Text(), key, nullable=False, primary_key=primary_key)


def _fill_words() -> None:
    connection = op.get_bind()
    names = connection.exec_driver_sql(
        "SELECT name FROM tracks UNION SELECT name FROM albums UNION SELECT name FROM artists"
    )
    plain = {word for (name,) in names for word in _words(name)}
    for word in sorted(plain):
        connection.exec_driver_sql("INSERT INTO words (word) VALUES (?)", (word,))
    connection.exec_driver_sql("INSERT INTO word_search (rowid, word) SELECT number, '<' || word || '>' FROM words")


def _words(text: str) -> set[str]:
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return {word for word in re.findall(r"[^\W_]+", bare.casefold()) if len(word) > 2}
