"""The JSON objects of Spotify's Web API, key by key; :mod:`ritornello.spotify.shapes` fills them."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from ritornello.spotify.paging import Page


class AudioFeaturesObject(TypedDict):
    """Eighteen keys: the thirteen features and five that say whose they are."""

    danceability: float
    energy: float
    key: int
    loudness: float
    mode: int
    speechiness: float
    acousticness: float
    instrumentalness: float
    liveness: float
    valence: float
    tempo: float
    type: Literal["audio_features"]
    id: str
    uri: str
    track_href: str
    analysis_url: str
    duration_ms: int
    time_signature: int


class ManyAudioFeatures(TypedDict):
    """In the order asked for; null for what is unknown, not analysed or no id at all."""

    audio_features: list[AudioFeaturesObject | None]


class Meta(TypedDict):
    """How the analysis was made."""

    analyzer_version: str
    platform: str
    detailed_status: str
    status_code: int
    timestamp: int
    analysis_time: float
    input_process: str


class AnalysedTrack(TypedDict):
    """The analysis in summary."""

    num_samples: int
    duration: float
    sample_md5: str
    offset_seconds: int
    window_seconds: int
    analysis_sample_rate: int
    analysis_channels: int
    end_of_fade_in: float
    start_of_fade_out: float
    loudness: float
    tempo: float
    tempo_confidence: float
    time_signature: int
    time_signature_confidence: float
    key: int
    key_confidence: float
    mode: int
    mode_confidence: float
    codestring: str
    code_version: float
    echoprintstring: str
    echoprint_version: float
    synchstring: str
    synch_version: float
    rhythmstring: str
    rhythm_version: float


class IntervalObject(TypedDict):
    """A bar, a beat or a tatum; seconds."""

    start: float
    duration: float
    confidence: float


class SectionObject(IntervalObject):
    """A verse, a chorus, a solo."""

    loudness: float
    tempo: float
    tempo_confidence: float
    key: int
    key_confidence: float
    mode: int
    mode_confidence: float
    time_signature: int
    time_signature_confidence: float


class SegmentObject(IntervalObject):
    """About one note or chord."""

    loudness_start: float
    loudness_max: float
    loudness_max_time: float
    loudness_end: float
    pitches: list[float]
    timbre: list[float]


class AudioAnalysisObject(TypedDict):
    """The whole analysis document."""

    meta: Meta
    track: AnalysedTrack
    bars: list[IntervalObject]
    beats: list[IntervalObject]
    sections: list[SectionObject]
    segments: list[SegmentObject]
    tatums: list[IntervalObject]


class ExternalUrls(TypedDict):
    """Where a person may look at it."""

    spotify: str


class ExternalIds(TypedDict):
    """Codes of the trade."""

    isrc: NotRequired[str]
    ean: NotRequired[str]
    upc: NotRequired[str]


class Image(TypedDict):
    """A cover; height and width are null where they are not known."""

    url: str
    height: int | None
    width: int | None


class Followers(TypedDict):
    """``href`` is always null."""

    href: None
    total: int


class Restrictions(TypedDict):
    """Why something cannot be played: ``market``."""

    reason: str


class SimplifiedArtistObject(TypedDict):
    """An artist inside a track or an album."""

    external_urls: ExternalUrls
    href: str
    id: str
    name: str
    type: Literal["artist"]
    uri: str


class ArtistObject(SimplifiedArtistObject):
    """An artist in full."""

    followers: Followers
    genres: list[str]
    images: list[Image]
    popularity: int


class SimplifiedAlbumObject(TypedDict):
    """An album inside a track or a list."""

    album_type: str
    total_tracks: int
    available_markets: NotRequired[list[str]]
    external_urls: ExternalUrls
    href: str
    id: str
    images: list[Image]
    name: str
    release_date: str
    release_date_precision: str
    type: Literal["album"]
    uri: str
    artists: list[SimplifiedArtistObject]
    is_playable: NotRequired[bool]


class SimplifiedTrackObject(TypedDict):
    """A track inside an album."""

    artists: list[SimplifiedArtistObject]
    available_markets: NotRequired[list[str]]
    disc_number: int
    duration_ms: int
    explicit: bool
    external_urls: ExternalUrls
    href: str
    id: str
    is_local: bool
    is_playable: NotRequired[bool]
    restrictions: NotRequired[Restrictions]
    name: str
    preview_url: str | None
    track_number: int
    type: Literal["track"]
    uri: str


class TrackObject(SimplifiedTrackObject):
    """A track in full."""

    album: SimplifiedAlbumObject
    external_ids: ExternalIds
    popularity: int


class Copyright(TypedDict):
    """``type`` is C for the work, P for the recording."""

    text: str
    type: str


class AlbumObject(SimplifiedAlbumObject):
    """An album in full."""

    tracks: Page[SimplifiedTrackObject]
    copyrights: list[Copyright]
    external_ids: ExternalIds
    genres: list[str]
    label: str
    popularity: int


class ManyTracks(TypedDict):
    """In the order asked for; null for what is unknown or no id at all."""

    tracks: list[TrackObject | None]


class ManyArtists(TypedDict):
    """In the order asked for; null for what is unknown or no id at all."""

    artists: list[ArtistObject | None]


class Artists(TypedDict):
    """Artists, best first."""

    artists: list[ArtistObject]


class ManyAlbums(TypedDict):
    """In the order asked for; null for what is unknown or no id at all."""

    albums: list[AlbumObject | None]


class ArtistsAlbumObject(SimplifiedAlbumObject):
    """An album with how it relates to the artist: album, single, compilation or appears_on."""

    album_group: str


class TopTracks(TypedDict):
    """At most ten, the most popular first."""

    tracks: list[TrackObject]


class Markets(TypedDict):
    """Country codes."""

    markets: list[str]


class GenreSeeds(TypedDict):
    """Genres that recommendations start from."""

    genres: list[str]


class RecommendationSeedObject(TypedDict):
    """A seed and how many tracks it led to; ``href`` is null for a genre."""

    initialPoolSize: int
    afterFilteringSize: int
    afterRelinkingSize: int
    id: str
    type: str
    href: str | None


class RecommendationsObject(TypedDict):
    """Tracks, the best first."""

    seeds: list[RecommendationSeedObject]
    tracks: list[TrackObject]


class SearchResults(TypedDict):
    """One page for each type asked for; what this library does not hold comes as an empty page."""

    tracks: NotRequired[Page[TrackObject]]
    artists: NotRequired[Page[ArtistObject]]
    albums: NotRequired[Page[SimplifiedAlbumObject]]
    playlists: NotRequired[Page[dict[str, object]]]
    shows: NotRequired[Page[dict[str, object]]]
    episodes: NotRequired[Page[dict[str, object]]]
    audiobooks: NotRequired[Page[dict[str, object]]]


class ErrorBody(TypedDict):
    """What went wrong."""

    status: int
    message: str


class ErrorObject(TypedDict):
    """Every error of the API."""

    error: ErrorBody


class PlayerErrorBody(ErrorBody):
    """The player alone gives a reason."""

    reason: str


class PlayerErrorObject(TypedDict):
    """Every error of the player's controls."""

    error: PlayerErrorBody


class AccountsErrorObject(TypedDict):
    """Every error of the accounts service."""

    error: str
    error_description: str


class TokenObject(TypedDict):
    """An access token; ``expires_in`` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: NotRequired[str]
    refresh_token: NotRequired[str]
