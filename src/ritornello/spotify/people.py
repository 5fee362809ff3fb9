"""Users, playlists, categories and plays as Spotify's JSON objects."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote_plus

from ritornello.spotify import ids, shapes

if TYPE_CHECKING:
    from ritornello.play import Play
    from ritornello.playlist import Category, Item, Playlist, User
    from ritornello.spotify import people_objects as objects
    from ritornello.spotify.paging import Page
    from ritornello.spotify.shapes import View
    from ritornello.track import Track


def reference(user_id: str, view: View) -> objects.UserReference:
    """Shape whoever added an item."""
    path = quote(user_id, safe="")
    return {
        "external_urls": {"spotify": f"{view.base}/users/{path}"},
        "href": f"{view.base}/users/{path}",
        "id": user_id,
        "type": "user",
        "uri": ids.uri("user", path),
    }


def owner(user_id: str, name: str, view: View) -> objects.OwnerObject:
    """Shape the owner of a playlist."""
    return {"display_name": name, **reference(user_id, view)}


def user(user: User, view: View, followers: int) -> objects.PublicUserObject:
    """Shape a user for others."""
    return {
        **owner(user.id, user.display_name, view),
        "followers": {"href": None, "total": int(followers)},
        "images": [],
    }


def me(user_: User, view: View, followers: int, *, private: bool, email: bool) -> objects.PrivateUserObject:
    """Shape a user for themselves, as far as the token's scopes go."""
    shaped: dict[str, Any] = {
        **user(user_, view, followers),
        # Since 2026; tekore requires it.
        "account_id": ids.of_name("account", user_.id),
    }
    if private:
        shaped["country"] = user_.country
        shaped["explicit_content"] = {"filter_enabled": False, "filter_locked": False}
        shaped["product"] = "premium"
    if email:
        shaped["email"] = user_.email
    return cast("objects.PrivateUserObject", shaped)


def snapshot(playlist: Playlist) -> str:
    """The id of this state of a playlist: which change it is, and a hash that ties it to the playlist."""
    return _snapshot(playlist.id, playlist.version)


def is_snapshot(text: str, playlist: Playlist) -> bool:
    """Whether a snapshot id is of this playlist, now or earlier."""
    try:
        version = int(base64.b64decode(text, validate=True).partition(b",")[0])
    except ValueError:
        return False
    return version <= playlist.version and text == _snapshot(playlist.id, version)


def simplified_playlist(playlist: Playlist, view: View) -> objects.SimplifiedPlaylistObject:
    """Shape a playlist inside a list; ``items`` is the name of ``tracks`` since 2026."""
    tracks = f"{view.base}/playlists/{playlist.id}/tracks"
    return {
        "collaborative": playlist.collaborative,
        "description": playlist.description,
        "external_urls": {"spotify": f"{view.base}/playlists/{playlist.id}"},
        "href": f"{view.base}/playlists/{playlist.id}",
        "id": playlist.id,
        "images": shapes.images(playlist.cover, view),
        "name": playlist.name,
        "owner": owner(playlist.owner_id, playlist.owner_name, view),
        "primary_color": None,
        "public": playlist.public,
        "snapshot_id": snapshot(playlist),
        "tracks": {"href": tracks, "total": int(playlist.total)},
        "items": {"href": tracks, "total": int(playlist.total)},
        "type": "playlist",
        "uri": ids.uri("playlist", playlist.id),
    }


def playlist(playlist: Playlist, items: Page[objects.PlaylistTrackObject], view: View) -> objects.PlaylistObject:
    """Shape a playlist in full."""
    shaped: dict[str, Any] = {
        **simplified_playlist(playlist, view),
        "followers": {"href": None, "total": int(playlist.followers)},
        "tracks": items,
        "items": items,
    }
    return cast("objects.PlaylistObject", shaped)


def item(item: Item, view: View) -> objects.PlaylistTrackObject:
    """Shape one place on a playlist; ``item`` is the name of ``track`` since 2026."""
    is_local = item.uri.startswith("spotify:local:")
    track: Any = None
    if item.track is not None:
        track = {**shapes.track(item.track, view), "episode": False, "track": True}
    elif is_local:
        track = _local(item.uri)
    return {
        "added_at": moment(item.added_at),
        "added_by": reference(item.added_by, view),
        "is_local": is_local,
        "primary_color": None,
        "video_thumbnail": {"url": None},
        "track": track,
        "item": track,
    }


def saved(added_at: int, kind: str, shaped: object) -> dict[str, object]:
    """Shape a saved track or album."""
    return {"added_at": moment(added_at), kind: shaped}


def play(play: Play, track: Track, view: View) -> objects.PlayHistoryObject:
    """Shape one listening; in what it was heard is not known."""
    played = datetime.fromtimestamp(play.played_at / 1000, UTC).isoformat(timespec="milliseconds")
    return {"track": shapes.track(track, view), "played_at": played.replace("+00:00", "Z"), "context": None}


def category(category: Category, view: View) -> objects.CategoryObject:
    """Shape a shelf of playlists; its icon is the cover of one of them."""
    href = f"{view.base}/browse/categories/{quote(category.id, safe='')}"
    return {"href": href, "icons": shapes.images(category.cover, view)[:1], "id": category.id, "name": category.name}


def moment(seconds: int) -> str:
    """Write a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _snapshot(playlist_id: str, version: int) -> str:
    digest = hashlib.blake2b(f"{playlist_id} {version}".encode(), digest_size=20).hexdigest()
    return base64.b64encode(f"{version},{digest}".encode()).decode()


def _local(uri: str) -> dict[str, Any]:
    """Shape a file that only its owner has, from ``spotify:local:ARTIST:ALBUM:TITLE:SECONDS``."""
    artist, album, title, length = (unquote_plus(part) for part in (uri.split(":") + [""] * 4)[2:6])
    return {
        "album": {
            "album_type": None,
            "artists": [],
            "available_markets": [],
            "external_urls": {},
            "href": None,
            "id": None,
            "images": [],
            "name": album,
            "release_date": None,
            "release_date_precision": None,
            "total_tracks": None,
            "type": "album",
            "uri": None,
        },
        "artists": [{"external_urls": {}, "href": None, "id": None, "name": artist, "type": "artist", "uri": None}],
        "available_markets": [],
        "disc_number": 0,
        "duration_ms": int(length) * 1000 if length.isascii() and length.isdigit() else 0,
        "explicit": False,
        "external_ids": {},
        "external_urls": {},
        "href": None,
        "id": None,
        "is_local": True,
        "name": title,
        "popularity": 0,
        "preview_url": None,
        "track_number": 0,
        "type": "track",
        "uri": uri,
        "episode": False,
        "track": True,
    }
