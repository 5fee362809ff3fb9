"""Notes played by FluidSynth through a General MIDI soundfont.

The program and the soundfonts come from the system (Debian: fluidsynth, fluid-soundfont-gm,
musescore-general-soundfont); nothing of them is shipped.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import mido
import numpy as np

from ritornello.pieces.score import Note
from ritornello.sound.waveform import Waveform

if TYPE_CHECKING:
    from ritornello.pieces import Score

DEV = (Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),)
"""fluid-soundfont-gm (MIT)."""
TEST = (Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3"),)
"""musescore-general-soundfont (MIT): another set of recordings, though a few of its samples descend from FluidR3's."""

RATE = 44_100
_TICKS, _PER_BEAT = 1000, 500
"""Ticks a second, and a quarter at MIDI's usual 120 BPM: times are written in milliseconds, not in notes."""
_DRUM_CHANNEL = 9
_PEAK, _LEVEL = 0.95, 10 ** (-18 / 20)

GM: dict[str, tuple[int, ...]] = {
    "accordion": (21, 22, 23),
    "bells": (14, 9, 10, 8),
    "brass": (61, 56, 57, 62),
    "cello": (42, 41, 70),
    "clarinet": (71, 68, 64),
    "clavinet": (7, 6),
    "electric piano": (4, 5),
    "finger bass": (33, 32),
    "flute": (73, 75, 74),
    "lead": (81, 80, 84, 87),
    "nylon guitar": (24, 46),
    "organ": (16, 17, 18, 19),
    "overdriven guitar": (29, 30),
    "pad": (89, 90, 91, 94, 95),
    "piano": (0, 1, 2, 3),
    "pick bass": (34, 33),
    "reese bass": (38, 39, 87),
    "slap bass": (36, 37),
    "steel guitar": (25, 26, 27),
    "strings": (48, 49, 50, 51),
    "sub bass": (39, 38, 33),
    "synth bass": (38, 39),
    "upright bass": (32, 35),
    "vibraphone": (11, 12, 13),
    "violin": (40, 110, 41),
}
"""General MIDI programs, from 0, for each instrument of our composer."""

GM_DRUMS: dict[str, tuple[int, ...]] = {
    "brush": (40, 38),
    "clap": (39,),
    "crash": (49, 57),
    "hat": (42,),
    "hi-hat foot": (44,),
    "kick": (36, 35),
    "open hat": (46,),
    "ride": (51, 59),
    "rim": (37,),
    "shaker": (82, 70),
    "snare": (38, 40),
    "tambourine": (54,),
    "tom high": (48, 50),
    "tom low": (43, 41, 45),
}
"""Keys of the drum channel for each drum of our composer."""
_GM_KITS = {"acoustic": (0, 8, 16, 40), "electronic": (24, 25), "dusty": (0, 25, 40)}


@dataclass(frozen=True)
class Track:
    """What one channel plays."""

    program: int
    """General MIDI, from 0."""
    notes: tuple[Note, ...]
    volume: float = 0.8
    """0..1."""
    pan: float = 0.0
    """-1 left to 1 right."""
    reverb: float = 0.3
    """0..1."""
    drums: bool = False


class Missing(Exception):
    """FluidSynth or a soundfont is not there; the message says how to get it."""


def check(soundfonts: tuple[Path, ...]) -> None:
    """Raise :class:`Missing` unless everything can be played."""
    if shutil.which("fluidsynth") is None:
        raise Missing("no fluidsynth on the PATH; install it with: apt-get install fluidsynth")
    for path in soundfonts:
        if not path.is_file():
            raise Missing(
                f"no soundfont at {path}; install fluid-soundfont-gm and musescore-general-soundfont, "
                "or name others with --soundfont"
            )


def midi(tracks: list[Track], tuning: float = 440.0) -> bytes:
    """Write a MIDI file whose ticks are milliseconds; ``tuning`` is that of the A, within a semitone of 440 Hz."""
    file = mido.MidiFile(ticks_per_beat=_PER_BEAT)
    channels = [channel for channel in range(16) if channel != _DRUM_CHANNEL]
    if sum(not track.drums for track in tracks) > len(channels):
        raise ValueError(f"{len(tracks)} tracks: MIDI has {len(channels)} channels beside the drums")
    for track in tracks:
        channel = _DRUM_CHANNEL if track.drums else channels.pop(0)
        file.tracks.append(mido.MidiTrack(_timed(_events(track, channel, tuning))))
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


def _events(track: Track, channel: int, tuning: float) -> list[tuple[int, mido.Message]]:
    def control(number: int, value: float) -> tuple[int, mido.Message]:
        return 0, mido.Message("control_change", channel=channel, control=number, value=round(value))

    bend = round(8192 * (1 + 12 * np.log2(tuning / 440)))
    found = [
        (0, mido.Message("program_change", channel=channel, program=track.program)),
        control(7, 127 * track.volume),
        control(10, 63.5 * (track.pan + 1)),
        control(91, 127 * track.reverb),
    ]
    if not track.drums:
        # Registered parameter 1: fine tuning, 14 bits over two semitones.
        found += [control(101, 0), control(100, 1), control(6, bend >> 7), control(38, bend & 127)]
    for note in track.notes:
        velocity = int(np.clip(round(127 * note.velocity), 1, 127))
        start, end = round(note.start * _TICKS), round((note.start + note.duration) * _TICKS)
        found.append((start, mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)))
        found.append((max(end, start + 1), mido.Message("note_off", channel=channel, note=note.pitch)))
    # A note that ends where the same key is struck again must end first.
    return sorted(found, key=lambda event: (event[0], event[1].type == "note_on"))


def written(messages: list[tuple[float, mido.Message]], end: float) -> bytes:
    """Write messages at their seconds as one MIDI track, and silence what still sounds at its end."""
    events = sorted(((round(second * _TICKS), message) for second, message in messages), key=lambda event: event[0])
    # FluidSynth plays until the last voice is done, which a note without an end never is.
    for channel in range(16):
        for control in (64, 123, 120):
            event = mido.Message("control_change", channel=channel, control=control, value=0)
            events.append((round(end * _TICKS), event))
    file = mido.MidiFile(ticks_per_beat=_PER_BEAT)
    file.tracks.append(mido.MidiTrack(_timed(events)))
    bytes_written = io.BytesIO()
    file.save(file=bytes_written)
    return bytes_written.getvalue()


def _timed(events: list[tuple[int, mido.Message]]) -> list[mido.Message]:
    ticks = np.diff([0, *(tick for tick, _ in events)])
    return [message.copy(time=int(delta)) for delta, (_, message) in zip(ticks, events, strict=True)]


def render(midi_bytes: bytes, soundfont: Path, *, seconds: float | None = None) -> Waveform:
    """Play a MIDI file in stereo at 44.1 kHz, brought to -18 dB RMS where peaks allow.

    ``seconds`` cuts the end off; without it the sound lasts as long as FluidSynth lets it ring.
    """
    check((soundfont,))
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "score.mid", Path(folder) / "sound.raw"
        score.write_bytes(midi_bytes)
        settings = ["-o", "synth.dynamic-sample-loading=1", "-o", "synth.polyphony=512", "-g", "0.5", "-r", str(RATE)]
        written = ["-O", "float", "-T", "raw", "-F", str(sound)]
        command = ["fluidsynth", "-n", "-i", "-q", *settings, *written, str(soundfont), str(score)]
        subprocess.run(command, check=True, capture_output=True)
        samples = np.fromfile(sound, np.float32).reshape(-1, 2)
    if seconds is not None:
        samples = samples[: int(seconds * RATE)]
        fade = min(RATE // 2, len(samples))
        samples[len(samples) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, np.newaxis]
    if not samples.any():
        raise ValueError(f"{soundfont.name} played silence: is it a General MIDI soundfont?")
    rms, peak = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))), float(np.abs(samples).max())
    return Waveform(samples * np.float32(min(_LEVEL / rms, _PEAK / peak)), RATE)


def composed(score: Score, seed: int = 0) -> bytes:
    """A piece of our own composer as MIDI, times and tuning kept; ``seed`` draws among instruments of the same kind."""
    rng = np.random.default_rng([seed, score.seed])
    tracks = [
        Track(
            program=int(rng.choice(GM[part.instrument])),
            notes=part.notes,
            volume=float(np.clip(part.gain * rng.uniform(0.75, 1.05), 0.1, 1)),
            pan=part.pan,
            reverb=float(np.clip(part.reverb * rng.uniform(0.5, 1.5), 0, 1)),
        )
        for part in score.parts
    ]
    if score.hits:
        keys = {name: int(rng.choice(among)) for name, among in GM_DRUMS.items()}
        strokes = tuple(Note(hit.start, 0.1, keys[hit.drum], hit.velocity) for hit in score.hits)
        kit = int(rng.choice(_GM_KITS[score.kit]))
        tracks.append(Track(kit, strokes, float(rng.uniform(0.7, 1.0)), reverb=0.15, drums=True))
    return midi(tracks, score.tuning)
