"""The JSON objects of users, playlists and plays, key by key; :mod:`ritornello.spotify.people` fills them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from ritornello.spotify.objects import (
    ArtistObject,
    ExternalUrls,
    Followers,
    Image,
    SimplifiedAlbumObject,
    TrackObject,
)
from ritornello.spotify.paging import Page


class UserReference(TypedDict):
    """A user where the name does not matter."""

    external_urls: ExternalUrls
    href: str
    id: str
    type: Literal["user"]
    uri: str


class OwnerObject(UserReference):
    """The owner of a playlist."""

    display_name: str


class PublicUserObject(OwnerObject):
    """A user as others see them."""

    followers: Followers
    images: list[Image]


class ExplicitContent(TypedDict):
    """Nothing is filtered here."""

    filter_enabled: bool
    filter_locked: bool


class PrivateUserObject(PublicUserObject):
    """The user of the token; some keys need a scope."""

    account_id: str
    country: NotRequired[str]
    email: NotRequired[str]
    explicit_content: NotRequired[ExplicitContent]
    product: NotRequired[str]


class TracksReference(TypedDict):
    """Where the items are, and how many."""

    href: str
    total: int


class SimplifiedPlaylistObject(TypedDict):
    """A playlist inside a list."""

    collaborative: bool
    description: str
    external_urls: ExternalUrls
    href: str
    id: str
    images: list[Image]
    name: str
    owner: OwnerObject
    primary_color: None
    public: bool
    snapshot_id: str
    tracks: TracksReference
    items: TracksReference
    type: Literal["playlist"]
    uri: str


class VideoThumbnail(TypedDict):
    """Never anything."""

    url: None


class PlaylistTrack(TrackObject):
    """A track on a playlist."""

    episode: bool
    track: bool


class PlaylistTrackObject(TypedDict):
    """One place on a playlist; ``track`` is null for what is not in this library."""

    added_at: str
    added_by: UserReference
    is_local: bool
    primary_color: None
    video_thumbnail: VideoThumbnail
    track: PlaylistTrack | dict[str, Any] | None
    item: PlaylistTrack | dict[str, Any] | None


class PlaylistObject(TypedDict):
    """A playlist in full."""

    collaborative: bool
    description: str
    external_urls: ExternalUrls
    followers: Followers
    href: str
    id: str
    images: list[Image]
    name: str
    owner: OwnerObject
    primary_color: None
    public: bool
    snapshot_id: str
    tracks: Page[PlaylistTrackObject]
    items: Page[PlaylistTrackObject]
    type: Literal["playlist"]
    uri: str


class Snapshot(TypedDict):
    """The state of a playlist after a change."""

    snapshot_id: str


class SavedTrackObject(TypedDict):
    """A saved track."""

    added_at: str
    track: TrackObject


class SavedAlbumObject(TypedDict):
    """A saved album; the album comes in full."""

    added_at: str
    album: dict[str, Any]


class PlayHistoryObject(TypedDict):
    """One listening."""

    track: TrackObject
    played_at: str
    context: None


class Cursors(TypedDict):
    """Where to go on."""

    after: str | None
    before: NotRequired[str | None]


class PlayHistory(TypedDict):
    """The newest first; ``next`` and ``cursors`` are null at the end."""

    href: str
    items: list[PlayHistoryObject]
    limit: int
    next: str | None
    cursors: Cursors | None


class FollowedPage(TypedDict):
    """Artists by id."""

    href: str
    items: list[ArtistObject]
    limit: int
    next: str | None
    cursors: Cursors
    total: int


class FollowedArtists(TypedDict):
    """What a user follows."""

    artists: FollowedPage


class CategoryObject(TypedDict):
    """A shelf of playlists."""

    href: str
    icons: list[Image]
    id: str
    name: str


class Categories(TypedDict):
    """Shelves of playlists."""

    categories: Page[CategoryObject]


class ManyPlaylists(TypedDict):
    """Playlists under a heading."""

    message: str
    playlists: Page[SimplifiedPlaylistObject]


class NewReleases(TypedDict):
    """Albums, the newest first."""

    albums: Page[SimplifiedAlbumObject]
