"""The columns of the tables, with what each means; a change raises :data:`SCHEMA_VERSION`."""

from __future__ import annotations

import pyarrow as pa

from ritornello.track import FEATURES
from ritornello.traits.embedding import DIMENSIONS

SCHEMA_VERSION = 2

WINDOW = 20
"""Places of a session: longer ones are cut."""
MEL_BANDS, MEL_FRAMES = 64, 1290
"""Of half a minute at 22,050 Hz, 1024 samples every 512."""

_NOTES = {
    "duration": "seconds",
    "key": "pitch class, 0 = C",
    "loudness": "LUFS",
    "mode": "1 major, 0 minor",
    "tempo": "BPM, 0 where there is no pulse",
    "time_signature": "beats per bar, 3..7",
}
_WHOLE = ("key", "mode", "time_signature")

Column = tuple[str, pa.DataType, str]

_RIGHTS: tuple[Column, ...] = (
    ("audio_id", pa.string(), "hash of the encoded audio"),
    ("source", pa.string(), "where the value comes from"),
    ("software", pa.string(), "what computed it"),
    ("analysis_version", pa.int32(), "raised when the same audio gives other numbers"),
    ("model_version", pa.string(), "which weights spoke"),
    ("licence", pa.string(), "of the recording, an SPDX expression"),
    ("basis", pa.string(), "by what right the recording was analysed"),
    ("jurisdiction", pa.string(), "whose law that rests on"),
    ("reserved", pa.bool_(), "whether text and data mining is reserved"),
    ("scope", pa.list_(pa.string()), "uses that the holder of the rights agreed to"),
    ("credit", pa.string(), "whom to name"),
    ("evidence", pa.string(), "who said so: rule, tag, sidecar or catalogue"),
    ("weights", pa.list_(pa.string()), "licences behind the weights"),
    ("listened", pa.bool_(), "whether it tells what a person listened to"),
    ("consent", pa.string(), "random name of the listener's consent"),
    ("consent_scope", pa.list_(pa.string()), "uses that the listener agreed to"),
    ("withdrawn", pa.bool_(), "whether the listener had withdrawn when this was written"),
    ("answer", pa.string(), "whether the use is permitted: yes or on condition"),
    ("conditions", pa.list_(pa.string()), "what must be kept"),
    ("reason", pa.string(), "why, in a sentence"),
    ("group", pa.string(), "what is never divided between splits"),
)

TRACKS: tuple[Column, ...] = (
    ("track_id", pa.string(), "22 characters, as the server has it"),
    ("title", pa.string(), "of the recording"),
    ("artists", pa.list_(pa.string()), "names"),
    ("artist_ids", pa.list_(pa.string()), "ids, in the order of the names"),
    ("album", pa.string(), "title"),
    ("release_date", pa.string(), "YYYY, YYYY-MM or YYYY-MM-DD"),
    ("genres", pa.list_(pa.string()), "as the tags have them"),
    *((name, pa.int8() if name in _WHOLE else pa.float32(), _NOTES.get(name, "0..1")) for name in FEATURES),
    ("embedding_version", pa.string(), "vectors of different versions must not be compared"),
    ("embedding", pa.list_(pa.float32(), DIMENSIONS), "where the track lies among all music, of length 1"),
    ("confidence", pa.list_(pa.float32(), len(FEATURES)), f"0..1, of {', '.join(FEATURES)}"),
    *_RIGHTS,
)

SESSIONS: tuple[Column, ...] = (
    ("session_id", pa.string(), "consent, and number of the session"),
    ("hour", pa.timestamp("ms", tz="UTC"), "when it began, cut to the hour"),
    ("tracks", pa.list_(pa.string(), WINDOW), "ids in the order they were played; null after the last"),
    ("length", pa.int8(), "how many there are"),
    *_RIGHTS,
)

MEL: tuple[Column, ...] = (
    ("track_id", pa.string(), "of the table of tracks"),
    (
        "mel",
        pa.list_(pa.float16(), MEL_FRAMES * MEL_BANDS),
        f"dB, {MEL_FRAMES} frames of {MEL_BANDS} bands after another; -100 where there is nothing",
    ),
    *_RIGHTS,
)

OPEN: tuple[Column, ...] = (
    ("item_id", pa.string(), "of a track without audio, or of a song of a history"),
    ("title", pa.string(), "of the recording"),
    ("artist", pa.string(), "name of the first"),
    ("name", pa.string(), "what was measured, as the source calls it"),
    ("number", pa.float64(), "the median of all submissions, in the unit of the source"),
    ("text", pa.string(), "the value, where it is no number"),
    ("spread", pa.float64(), "how far submissions are apart"),
    ("submissions", pa.int32(), "how many there are"),
    ("mbid", pa.string(), "the recording at MusicBrainz that it was published for"),
    ("joined_by", pa.string(), "how that was found: musicbrainz or isrc"),
    *_RIGHTS,
)

TABLES: dict[str, tuple[Column, ...]] = {"tracks": TRACKS, "sessions": SESSIONS, "mel": MEL, "open": OPEN}


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table, its version in the metadata."""
    fields = [pa.field(name, kind, metadata={"description": note}) for name, kind, note in TABLES[table]]
    return pa.schema(fields, {"ritornello_schema_version": str(SCHEMA_VERSION), "ritornello_table": table})
