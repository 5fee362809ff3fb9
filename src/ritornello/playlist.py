"""The nouns of what people make and keep: users, playlists, categories."""

from __future__ import annotations

from dataclasses import dataclass

from ritornello.track import Track


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    id: str
    display_name: str
    email: str
    country: str
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """A list that somebody made; its items are read apart."""

    id: str
    name: str
    owner_id: str
    owner_name: str
    description: str = ""
    public: bool = True
    collaborative: bool = False
    cover: str | None = None
    """Hash of the cover image in the library."""
    version: int = 0
    """Counts the changes of its items."""
    featured: bool = False
    """Whether it is shown to everybody."""
    total: int = 0
    """How many items it has."""
    followers: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One place on a playlist."""

    uri: str
    added_at: int
    """Unix seconds."""
    added_by: str
    track: Track | None
    """None for what is not in the library, or is a local file of whoever added it."""


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of playlists."""

    id: str
    name: str
    cover: str | None = None
    """Hash of the cover of one of its playlists."""
