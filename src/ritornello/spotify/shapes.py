"""Our nouns into Spotify's JSON objects.

A :class:`View` says for whom: by which address links start, in which market, and whose previews may be heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ritornello import rights
from ritornello.spotify import ids
from ritornello.spotify.markets import FROM_TOKEN, MARKETS
from ritornello.spotify.rounding import confidence, level, milliseconds, seconds, spans, trait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ritornello.spotify import objects
    from ritornello.spotify.paging import Page
    from ritornello.track import Album, Artist, AudioAnalysis, AudioFeatures, Interval, Section, Segment, Track

    Spanned = TypeVar("Spanned", Interval, Section, Segment)

UNKNOWN_DATE = "0000"
"""What Spotify writes for an album without a date; clients require a text."""

SIZES = (640, 300, 64)
"""Pixels; covers are squares of these."""


@dataclass(frozen=True, slots=True)
class View:
    """Who looks."""

    base: str
    """The public base URL, ending in ``/v1``."""
    market: str | None = None
    """The country asked for, or ``from_token`` where that is not known; None when none was asked for."""
    public: bool = False
    """Whether others than this machine can reach the server: then only open licences allow previews."""

    @property
    def root(self) -> str:
        """The public base URL without ``/v1``."""
        return self.base.removesuffix("/v1")


_PRECISION = {4: "year", 7: "month", 10: "day"}


def audio_features(features: AudioFeatures, track_id: str, base: str) -> objects.AudioFeaturesObject:
    """Shape the thirteen features of one track."""
    return {
        "danceability": trait(features.danceability),
        "energy": trait(features.energy),
        "key": int(features.key),
        "loudness": level(features.loudness),
        "mode": int(features.mode),
        "speechiness": trait(features.speechiness),
        "acousticness": trait(features.acousticness),
        "instrumentalness": trait(features.instrumentalness),
        "liveness": trait(features.liveness),
        "valence": trait(features.valence),
        "tempo": level(features.tempo),
        "type": "audio_features",
        "id": track_id,
        "uri": ids.uri("track", track_id),
        "track_href": f"{base}/tracks/{track_id}",
        "analysis_url": f"{base}/audio-analysis/{track_id}",
        "duration_ms": milliseconds(features.duration),
        "time_signature": int(features.time_signature),
    }


def audio_features_text(numbers: Any, track_id: str, base: str) -> str:
    """Write the same object as JSON at once: a hundred of them are asked for in one request."""
    one = numbers
    traits: tuple[float, ...] = one.danceability, one.energy, one.speechiness, one.acousticness
    traits += one.instrumentalness, one.liveness, one.valence
    template = _FEATURES_TEXT
    if min(traits) <= 0.0 or max(traits) >= _ROUNDED_TO_ONE:
        template, traits = _WITH_BOUNDS, tuple(trait(value) for value in traits)
    danceability, energy, *others = traits
    loudness, tempo = level(one.loudness), level(one.tempo)
    places = (track_id, track_id, base, track_id, base, track_id, round(one.duration * 1000), one.time_signature)
    return template % (danceability, energy, one.key, loudness, one.mode, *others, tempo, *places)


_ROUNDED_TO_ONE = 0.9995
"""From here on ``%.3g`` writes 1, and 0 for 0.0: both would be integers in JSON."""
_FEATURES_TEXT = (
    '{"danceability": %.3g, "energy": %.3g, "key": %d, "loudness": %r, "mode": %d, "speechiness": %.3g, '
    '"acousticness": %.3g, "instrumentalness": %.3g, "liveness": %.3g, "valence": %.3g, "tempo": %r, '
    '"type": "audio_features", "id": "%s", "uri": "spotify:track:%s", "track_href": "%s/tracks/%s", '
    '"analysis_url": "%s/audio-analysis/%s", "duration_ms": %d, "time_signature": %d}'
)
_WITH_BOUNDS = _FEATURES_TEXT.replace("%.3g", "%r")


def audio_analysis(analysis: AudioAnalysis, *, analysis_time: float, timestamp: int) -> objects.AudioAnalysisObject:
    """Shape the whole analysis; ``analysis_time`` is in seconds, ``timestamp`` in Unix seconds."""
    tatums = _intervals(analysis.tatums, ())
    beats = _intervals(analysis.beats, [tatum["start"] for tatum in tatums])
    bars = _intervals(analysis.bars, [beat["start"] for beat in beats])
    return {
        "meta": {
            "analyzer_version": "4.0.0",
            "platform": "Linux",
            "detailed_status": "OK",
            "status_code": 0,
            "timestamp": int(timestamp),
            "analysis_time": seconds(analysis_time),
            "input_process": analysis.input_process,
        },
        "track": _summary(analysis),
        "bars": bars,
        "beats": beats,
        "sections": [_section(*spanned) for spanned in _tiled(analysis.sections, analysis.duration)],
        "segments": [_segment(*spanned) for spanned in _tiled(analysis.segments, analysis.duration)],
        "tatums": tatums,
    }


def _summary(analysis: AudioAnalysis) -> objects.AnalysedTrack:
    return {
        "num_samples": int(analysis.num_samples),
        "duration": seconds(analysis.duration),
        "sample_md5": "",
        "offset_seconds": 0,
        "window_seconds": 0,
        "analysis_sample_rate": 22050,
        "analysis_channels": 1,
        "end_of_fade_in": seconds(analysis.end_of_fade_in),
        "start_of_fade_out": seconds(analysis.start_of_fade_out),
        "loudness": level(analysis.loudness),
        "tempo": level(analysis.tempo),
        "tempo_confidence": confidence(analysis.tempo_confidence),
        "time_signature": int(analysis.time_signature),
        "time_signature_confidence": confidence(analysis.time_signature_confidence),
        "key": int(analysis.key),
        "key_confidence": confidence(analysis.key_confidence),
        "mode": int(analysis.mode),
        "mode_confidence": confidence(analysis.mode_confidence),
        # No open program makes the first fingerprint, and we do not make the second: clients take an empty text.
        "codestring": "",
        "code_version": 3.15,
        "echoprintstring": "",
        "echoprint_version": 4.15,
        "synchstring": analysis.synchstring,
        "synch_version": 1.0,
        "rhythmstring": analysis.rhythmstring,
        "rhythm_version": 1.0,
    }


def _tiled(
    spanned: Sequence[Spanned], end: float, grid: Sequence[float] = ()
) -> list[tuple[Spanned, objects.IntervalObject]]:
    rounded = spans([one.start for one in spanned], end, grid)
    return [
        (one, {"start": start, "duration": duration, "confidence": confidence(one.confidence)})
        for one, (start, duration) in zip(spanned, rounded, strict=True)
    ]


def _intervals(intervals: Sequence[Interval], grid: Sequence[float]) -> list[objects.IntervalObject]:
    if not intervals:
        return []
    end = intervals[-1].start + intervals[-1].duration
    return [shaped for _, shaped in _tiled(intervals, end, grid)]


def _section(section: Section, interval: objects.IntervalObject) -> objects.SectionObject:
    return {
        **interval,
        "loudness": level(section.loudness),
        "tempo": level(section.tempo),
        "tempo_confidence": confidence(section.tempo_confidence),
        "key": int(section.key),
        "key_confidence": confidence(section.key_confidence),
        "mode": int(section.mode),
        "mode_confidence": confidence(section.mode_confidence),
        "time_signature": int(section.time_signature),
        "time_signature_confidence": confidence(section.time_signature_confidence),
    }


def _segment(segment: Segment, interval: objects.IntervalObject) -> objects.SegmentObject:
    return {
        **interval,
        "loudness_start": level(segment.loudness_start),
        "loudness_max": level(segment.loudness_max),
        "loudness_max_time": min(seconds(segment.loudness_max_time), interval["duration"]),
        "loudness_end": level(segment.loudness_end),
        "pitches": [level(pitch) for pitch in segment.pitches],
        "timbre": [level(coefficient) for coefficient in segment.timbre],
    }


def simplified_artist(artist: Artist, view: View) -> objects.SimplifiedArtistObject:
    """Shape an artist inside a track or an album."""
    return {
        "external_urls": urls("artist", artist.id, {}, view),
        "href": f"{view.base}/artists/{artist.id}",
        "id": artist.id,
        "name": artist.name,
        "type": "artist",
        "uri": ids.uri("artist", artist.id),
    }


def artist(artist: Artist, view: View, followers: int = 0) -> objects.ArtistObject:
    """Shape an artist in full."""
    return {
        **simplified_artist(artist, view),
        "followers": {"href": None, "total": int(followers)},
        "genres": list(artist.genres),
        "images": [],
        "popularity": int(artist.popularity),
    }


def simplified_album(album: Album, view: View) -> objects.SimplifiedAlbumObject:
    """Shape an album inside a track or a list."""
    date, precision = album_date(album)
    shaped: dict[str, Any] = {
        "album_type": album.album_type,
        "total_tracks": int(album.total_tracks),
        # Why an album cannot be played is told on its tracks: clients know no such key here.
        **{key: value for key, value in _availability(album.markets, view).items() if key != "restrictions"},
        "external_urls": urls("album", album.id, album.external_ids, view),
        "href": f"{view.base}/albums/{album.id}",
        "id": album.id,
        "images": images(album.cover, view),
        "name": album.name,
        "release_date": date,
        "release_date_precision": precision,
        "type": "album",
        "uri": ids.uri("album", album.id),
        "artists": [simplified_artist(one, view) for one in album.artists],
    }
    return cast("objects.SimplifiedAlbumObject", shaped)


def album_date(album: Album) -> tuple[str, str]:
    """When an album was released, and whether that is a day, a month or a year."""
    date = album.release_date or UNKNOWN_DATE
    if len(date) not in _PRECISION:
        date = UNKNOWN_DATE
    return date, _PRECISION[len(date)]


def album(album: Album, tracks: Page[objects.SimplifiedTrackObject], view: View) -> objects.AlbumObject:
    """Shape an album in full, with the first page of its tracks; Spotify leaves the genres of albums empty."""
    shaped: dict[str, Any] = {
        **simplified_album(album, view),
        "tracks": tracks,
        "copyrights": [{"text": text, "type": kind} for text, kind in album.copyrights],
        "external_ids": trade_codes(album.external_ids),
        "genres": [],
        "label": album.label or "",
        "popularity": int(album.popularity),
    }
    return cast("objects.AlbumObject", shaped)


def simplified_track(track: Track, view: View) -> objects.SimplifiedTrackObject:
    """Shape a track inside an album."""
    shaped: dict[str, Any] = {
        "artists": [simplified_artist(one, view) for one in track.artists],
        **_availability(track.markets, view),
        "disc_number": int(track.disc_number),
        "duration_ms": milliseconds(track.duration),
        "explicit": bool(track.explicit),
        "external_urls": urls("track", track.id, track.external_ids, view),
        "href": f"{view.base}/tracks/{track.id}",
        "id": track.id,
        "is_local": False,
        "name": track.name,
        "preview_url": f"{view.root}/mp3-preview/{track.id}" if may_preview(track, view) else None,
        "track_number": int(track.track_number),
        "type": "track",
        "uri": ids.uri("track", track.id),
    }
    return cast("objects.SimplifiedTrackObject", shaped)


def track(track: Track, view: View) -> objects.TrackObject:
    """Shape a track in full."""
    shaped: dict[str, Any] = {
        "album": simplified_album(track.album, view),
        **simplified_track(track, view),
        "external_ids": trade_codes(track.external_ids),
        "popularity": int(track.popularity),
    }
    return cast("objects.TrackObject", shaped)


def _availability(markets: Sequence[str] | None, view: View) -> dict[str, Any]:
    """Where a thing is, or whether it is in the market asked for; a scanned library is wherever its owner is."""
    if view.market is None:
        return {"available_markets": list(MARKETS if markets is None else markets)}
    if is_playable(markets, view):
        return {"is_playable": True}
    return {"is_playable": False, "restrictions": {"reason": "market"}}


def is_playable(markets: Sequence[str] | None, view: View) -> bool:
    """Whether something is available in the market asked for, if any."""
    return markets is None or view.market in (None, FROM_TOKEN) or view.market in markets


def may_preview(track: Track, view: View) -> bool:
    """Whether half a minute of a track may be heard: of any on this machine, elsewhere of open licences alone."""
    return track.has_audio and (not view.public or rights.is_open(track.licence))


def urls(kind: str, id: str, external_ids: Mapping[str, str], view: View) -> objects.ExternalUrls:  # noqa: A002
    """Where a person may look at a thing."""
    # Only an id that Spotify itself gave may point to Spotify's site: ours means nothing there.
    if "spotify" in external_ids:
        return {"spotify": f"https://open.spotify.com/{kind}/{external_ids['spotify']}"}
    return {"spotify": f"{view.base}/{kind}s/{id}"}


def trade_codes(external_ids: Mapping[str, str]) -> objects.ExternalIds:
    """Those of the ids that the trade uses."""
    codes = {kind: value for kind, value in external_ids.items() if kind in ("isrc", "ean", "upc")}
    return cast("objects.ExternalIds", codes)


def images(cover: str | None, view: View) -> list[objects.Image]:
    """Shape a cover, the largest size first."""
    if cover is None:
        return []
    return [{"url": f"{view.root}/images/{cover}/{size}", "height": size, "width": size} for size in SIZES]
