"""An audio file in, everything that can be computed from its sound out: the whole pipeline on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ritornello import traits
from ritornello.errors import TooShort
from ritornello.sound import loudness, onsets, pitch, strings, structure, timbre, tonality
from ritornello.sound.decode import Decoding, digest
from ritornello.sound.listening import Heard, listen
from ritornello.sound.rhythm import Rhythm, rhythm
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.sound.waveform import Waveform
from ritornello.spotify import ids
from ritornello.track import ANALYSIS_VERSION, Analysed, AudioAnalysis, AudioFeatures, Section, TempoCandidate

SHORTEST = 0.1
"""Seconds of sound below which a file is refused."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured, before anything learned speaks."""

    audio_id: str
    analysis: AudioAnalysis
    tempo_candidates: tuple[TempoCandidate, ...]
    excerpt: Waveform
    warnings: tuple[str, ...]


def analyze(path: Path) -> Analysed:
    """Analyse one file: what is measured, and the seven traits that are learned.

    Raises
    ------
    AudioError
        The file cannot be read, is not audio, is damaged throughout, or is shorter than :data:`SHORTEST`.
    """
    measured = measure(path)
    learned = traits.estimate(measured.excerpt)
    summary = measured.analysis
    features = AudioFeatures(
        **{name: estimate.value for name, estimate in learned.items()},
        duration=summary.duration,
        key=summary.key,
        loudness=summary.loudness,
        mode=summary.mode,
        tempo=summary.tempo,
        time_signature=summary.time_signature,
        tempo_candidates=measured.tempo_candidates,
        confidence={
            **{name: estimate.confidence for name, estimate in learned.items()},
            "duration": 1.0,
            "key": summary.key_confidence,
            "loudness": 1.0,
            "mode": summary.mode_confidence,
            "tempo": summary.tempo_confidence,
            "time_signature": summary.time_signature_confidence,
        },
        analysis_version=ANALYSIS_VERSION,
        model_version=traits.MODEL_VERSION,
    )
    return Analysed(measured.audio_id, features, summary, measured.warnings)


def measure(path: Path) -> Measured:
    """The part of :func:`analyze` that needs no learned weights: decode once, share one spectrum."""
    decoding = Decoding(path)
    heard = listen(decoding)
    duration = heard.duration
    if duration < SHORTEST:
        raise TooShort(path, f"{duration:.5f} s of sound; at least {SHORTEST} s are needed")
    chroma = pitch.chroma(heard.pitches, pitch.tuning_cents(heard.tuning))
    strength = onsets.strength(heard.bands)
    pulse = rhythm(strength, heard.bands, chroma, pitch.PITCH_RATE, duration)
    key = tonality.key(chroma)
    fade_in, fade_out = loudness.fades(heard.level, duration)
    analysis = AudioAnalysis(
        num_samples=heard.num_samples,
        duration=duration,
        end_of_fade_in=fade_in,
        start_of_fade_out=fade_out,
        loudness=loudness.integrated(heard.loudness_energy),
        tempo=pulse.tempo,
        tempo_confidence=pulse.tempo_confidence,
        time_signature=pulse.time_signature,
        time_signature_confidence=pulse.time_signature_confidence,
        key=key.pitch_class if key else 0,
        key_confidence=key.confidence if key else 0.0,
        mode=key.mode if key else 1,
        mode_confidence=key.mode_confidence if key else 0.0,
        synchstring=strings.synchstring((heard.begin, heard.middle, heard.end)),
        rhythmstring=strings.rhythmstring(heard.linear_bands),
        bars=pulse.bars,
        beats=pulse.beats,
        tatums=pulse.tatums,
        sections=sections(heard, chroma, pulse),
        segments=timbre.segments(strength, heard.bands, heard.level, chroma, heard.pitches[:, -1], duration),
        input_process=heard.input_process,
    )
    return Measured(ids.encode(decoding.digest), analysis, pulse.candidates, heard.excerpt, tuple(decoding.warnings))


def sections(heard: Heard, chroma: pitch.Floats, pulse: Rhythm) -> tuple[Section, ...]:
    """Cut a track where it changes and sum up each stretch."""
    bars = [bar.start for bar in pulse.bars]
    starts, confidence = structure.boundaries(heard.bands, FRAME_RATE, chroma, pitch.PITCH_RATE, bars, heard.duration)
    found = []
    for start, end, sure in zip(starts, [*starts[1:], heard.duration], confidence, strict=True):
        key = tonality.key(chroma[int(start * pitch.PITCH_RATE) : int(end * pitch.PITCH_RATE)])
        tempo, tempo_confidence = pulse.tempo_between(start, end)
        steps = slice(int(start / loudness.STEP), int(end / loudness.STEP))
        found.append(
            Section(
                start=float(start),
                duration=float(end - start),
                confidence=float(sure),
                loudness=loudness.integrated(heard.loudness_energy[steps]),
                tempo=tempo,
                tempo_confidence=tempo_confidence,
                key=key.pitch_class if key else -1,
                key_confidence=key.confidence if key else 0.0,
                mode=key.mode if key else -1,
                mode_confidence=key.mode_confidence if key else 0.0,
                time_signature=pulse.time_signature,
                time_signature_confidence=pulse.time_signature_confidence,
            )
        )
    return tuple(found)


def audio_id(path: Path) -> str:
    """The id of a file's audio without decoding it: equal to :attr:`Analysed.audio_id`, whatever its name and tags."""
    return ids.encode(digest(path))
