"""Who may see a playlist and who may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ritornello.errors import BadRequest, Forbidden, Unknown
from ritornello.library import playlists
from ritornello.server.bearer import allows, require
from ritornello.spotify import ids

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ritornello.library.tokens import Token
    from ritornello.playlist import Playlist

PUBLIC, PRIVATE = "playlist-modify-public", "playlist-modify-private"


def seen(connection: Connection, id: str, token: Token) -> Playlist:  # noqa: A002
    """A playlist that the token may see; a private one is there for its owner alone and for whom it was made, a
    collaborative one for users.
    """
    found = playlists.one(connection, ids.one(id))
    if found.public:
        return found
    if found.owner_id == token.user_id:
        require(token, "playlist-read-private", *(("playlist-read-collaborative",) if found.collaborative else ()))
        return found
    if token.user_id is not None and found in playlists.made_for(connection, token.user_id):
        require(token, "playlist-read-private")
        return found
    if found.collaborative and token.user_id is not None and allows(token, "playlist-read-collaborative"):
        return found
    raise Unknown("playlist", id)


def owned(connection: Connection, id: str, token: Token) -> Playlist:  # noqa: A002
    """A playlist of the token's user, which the token may change."""
    found = playlists.one(connection, ids.one(id))
    if found.owner_id != token.user_id:
        raise (Forbidden("You cannot change a playlist you do not own") if found.public else Unknown("playlist", id))
    require(token, PUBLIC if found.public else PRIVATE)
    return found


def shared(connection: Connection, id: str, token: Token) -> Playlist:  # noqa: A002
    """A playlist whose items the token may change: one's own, or a collaborative one."""
    found = playlists.one(connection, ids.one(id))
    if found.owner_id == token.user_id or not found.collaborative:
        return owned(connection, id, token)
    require(token, PUBLIC, PRIVATE)
    return found


def check_details(public: bool | None, collaborative: bool | None, playlist: Playlist | None = None) -> None:
    """A collaborative playlist is never public."""
    is_public = public if public is not None else (playlist.public if playlist else True)
    if collaborative and is_public:
        raise BadRequest("A playlist cannot be both collaborative and public: send public=false as well")
