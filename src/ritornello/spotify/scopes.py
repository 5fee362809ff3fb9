"""The scopes that a program may ask for, and how a person reads them."""

from __future__ import annotations

SCOPES = {
    "user-read-private": "Read your name and country",
    "user-read-email": "Read your e-mail address",
    "user-top-read": "Read which artists and tracks you play most",
    "user-read-recently-played": "Read what you played and when",
    "user-library-read": "Read your saved tracks and albums",
    "user-library-modify": "Change your saved tracks and albums",
    "user-follow-read": "Read whom you follow",
    "user-follow-modify": "Follow and unfollow for you",
    "playlist-read-private": "Read your private playlists",
    "playlist-read-collaborative": "Read your collaborative playlists",
    "playlist-modify-public": "Change your public playlists",
    "playlist-modify-private": "Change your private playlists",
    "ugc-image-upload": "Upload covers for your playlists",
    # Ritornello plays nothing, but programs ask for all at once.
    "user-read-playback-state": "See what plays on your devices (Ritornello has none)",
    "user-modify-playback-state": "Control your devices (Ritornello has none)",
    "user-read-currently-playing": "See what plays right now (Ritornello plays nothing)",
    "user-read-playback-position": "Read where you stopped in episodes (Ritornello has none)",
    "app-remote-control": "Control the app (Ritornello has none)",
    "streaming": "Play in this program (Ritornello does not stream)",
    "user-personalized": "Read what is made for you",
    "user-soa-link": "Link partner accounts (Ritornello has none)",
    "user-soa-unlink": "Unlink partner accounts (Ritornello has none)",
    "soa-manage-entitlements": "Manage partner rights (Ritornello has none)",
    "soa-manage-partner": "Manage partners (Ritornello has none)",
    "soa-create-partner": "Create partners (Ritornello has none)",
}
"""Every scope of the Web API, by its name."""
