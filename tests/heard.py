"""Sounds through a real file and the real engine."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from ritornello import analyze
from ritornello.sound.decode import Decoding
from ritornello.sound.encode import write
from ritornello.sound.listening import Heard, listen
from ritornello.sound.waveform import Samples, Waveform
from ritornello.track import AudioAnalysis
from tests.sounds import RATE


def heard(sound: Samples | Waveform) -> Heard:
    """What one pass over a WAV file of the sound leaves."""
    with TemporaryDirectory() as folder:
        return listen(Decoding(_wav(sound, folder)))


def measured(sound: Samples | Waveform) -> analyze.Measured:
    """Everything that is measured in a WAV file of the sound."""
    with TemporaryDirectory() as folder:
        return analyze.measure(_wav(sound, folder))


def analysed(sound: Samples | Waveform) -> AudioAnalysis:
    """The analysis of a WAV file of the sound."""
    return measured(sound).analysis


def _wav(sound: Samples | Waveform, folder: str) -> Path:
    path = Path(folder) / "sound.wav"
    write(path, sound if isinstance(sound, Waveform) else Waveform(sound, RATE))
    return path
