"""Objects that are sent by the dozen, written as JSON at once; equal to the text of what :mod:`shapes` makes.

Until :func:`page` completes them, texts are short: a NUL, which no JSON holds, stands for the list of all markets.
"""

from __future__ import annotations

import json
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from ritornello.spotify.markets import MARKETS
from ritornello.spotify.rounding import milliseconds
from ritornello.spotify.shapes import album_date, images, is_playable, may_preview, trade_codes, urls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ritornello.spotify.paging import Page
    from ritornello.spotify.shapes import View
    from ritornello.track import Album, Artist, Track


def track(track: Track, view: View) -> str:
    """Write what :func:`ritornello.spotify.shapes.track` shapes."""
    own, base = track.id, quoted(view.base)[1:-1]
    preview = quoted(f"{view.root}/mp3-preview/{own}") if may_preview(track, view) else "null"
    explicit = "true" if track.explicit else "false"
    own = quoted(own)[1:-1]
    return (
        f'{{"album": {album(track.album, view)}, "artists": {_artists(track.artists, view)}, '
        f'{_availability(track.markets, view)}, "disc_number": {int(track.disc_number)}, '
        f'"duration_ms": {milliseconds(track.duration)}, "explicit": {explicit}, '
        f'"external_urls": {_url("track", track.id, track.external_ids, view)}, "href": "{base}/tracks/{own}", '
        f'"id": "{own}", "is_local": false, "name": {quoted(track.name)}, "preview_url": {preview}, '
        f'"track_number": {int(track.track_number)}, "type": "track", "uri": "spotify:track:{own}", '
        f'"external_ids": {_codes(track.external_ids)}, "popularity": {int(track.popularity)}}}'
    )


def album(album: Album, view: View) -> str:
    """Write what :func:`ritornello.spotify.shapes.simplified_album` shapes."""
    own, base = quoted(album.id)[1:-1], quoted(view.base)[1:-1]
    date, precision = album_date(album)
    return (
        f'{{"album_type": {quoted(album.album_type)}, "total_tracks": {int(album.total_tracks)}, '
        f"{_availability(album.markets, view, reason=False)}, "
        f'"external_urls": {_url("album", album.id, album.external_ids, view)}, "href": "{base}/albums/{own}", '
        f'"id": "{own}", "images": {_dumps(images(album.cover, view)) if album.cover else "[]"}, '
        f'"name": {quoted(album.name)}, "release_date": {quoted(date)}, "release_date_precision": "{precision}", '
        f'"type": "album", "uri": "spotify:album:{own}", "artists": {_artists(album.artists, view)}}}'
    )


def page(empty: Page[Any], items: Sequence[str]) -> str:
    """Write a page that was shaped without its items."""
    # No value can hold this: quotes within a text are escaped.
    return _dumps(empty).replace('"items": []', f'"items": [{", ".join(items)}]').replace(_EVERYWHERE, _ALL)


def _artists(artists: Sequence[Artist], view: View) -> str:
    return f"[{', '.join([_artist(one.id, one.name, view) for one in artists])}]"


@lru_cache(maxsize=4096)
def _artist(id: str, name: str, view: View) -> str:  # noqa: A002
    own, base = quoted(id)[1:-1], quoted(view.base)[1:-1]
    return (
        f'{{"external_urls": {_url("artist", id, {}, view)}, "href": "{base}/artists/{own}", "id": "{own}", '
        f'"name": {quoted(name)}, "type": "artist", "uri": "spotify:artist:{own}"}}'
    )


def _codes(external_ids: Mapping[str, str]) -> str:
    return _dumps(trade_codes(external_ids)) if external_ids else "{}"


def _url(kind: str, id: str, external_ids: Mapping[str, str], view: View) -> str:  # noqa: A002
    return f'{{"spotify": {quoted(urls(kind, id, external_ids, view)["spotify"])}}}'


def _availability(markets: Sequence[str] | None, view: View, *, reason: bool = True) -> str:
    if view.market is None:
        return (
            f'"available_markets": {_EVERYWHERE}'
            if markets is None
            else f'"available_markets": {_dumps(list(markets))}'
        )
    if is_playable(markets, view):
        return '"is_playable": true'
    return '"is_playable": false' + (', "restrictions": {"reason": "market"}' if reason else "")


def _dumps(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


_EVERYWHERE = "\0"
_ALL = _dumps(list(MARKETS))
