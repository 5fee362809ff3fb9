"""An audio file in, everything that can be computed from its sound out: the whole pipeline on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ritornello import traits
from ritornello.errors import AudioError, TooShort
from ritornello.sound import loudness, onsets, pitch, strings, structure, timbre, tonality
from ritornello.sound.decode import Decoding, digest
from ritornello.sound.listening import Gist, Heard, listen, skim
from ritornello.sound.pitch import PITCH_RATE
from ritornello.sound.rhythm import Rhythm, rhythm
from ritornello.sound.spectrum import FINE_RATE, FRAME_RATE, RATE
from ritornello.sound.waveform import Waveform
from ritornello.spotify import ids
from ritornello.track import ANALYSIS_VERSION, Analysed, AudioAnalysis, AudioFeatures, Featured, Section
from ritornello.traits import genres, networks
from ritornello.traits.embedding import embed

SHORTEST = 0.1
"""Seconds of sound below which a file is refused."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What is measured of a track as a whole, and what that was measured from: features and analysis share it."""

    duration: float
    loudness: float
    activity: float
    key: tonality.Key
    pulse: Rhythm
    chroma: pitch.Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured, before anything learned speaks."""

    audio_id: str
    analysis: AudioAnalysis
    outline: Outline
    heard: Heard
    warnings: tuple[str, ...]


def analyze(path: Path) -> Analysed:
    """Analyse one file: what is measured, and the seven traits that are learned.

    Raises
    ------
    AudioError
        The file cannot be read, is not audio, is damaged throughout, or is shorter than :data:`SHORTEST`.
    """
    measured = measure(path)
    said = hear(measured.heard)
    features = _features(measured.outline, measured.heard.excerpt, said)
    embedding = embed(said, [(part.start, part.start + part.duration) for part in measured.analysis.sections])
    kinds = genres.estimate(said)
    return Analysed(measured.audio_id, features, measured.analysis, embedding, kinds, measured.warnings)


def features(path: Path) -> Featured:
    """The features of one file, equal to those of :func:`analyze` for a tenth less of work; raises what it does."""
    decoding = Decoding(path)
    gist = skim(decoding)
    shared = outline(gist, path)
    return Featured(
        ids.encode(decoding.digest),
        _features(shared, gist.excerpt, hear(gist)),
        shared.pulse.beats,
        shared.pulse.bars,
        _warnings(decoding, gist),
    )


def attempt(path: Path) -> Featured | AudioError:
    """The features of one file, or why there are none."""
    try:
        return features(path)
    except AudioError as error:
        return error


def measure(path: Path) -> Measured:
    """The part of :func:`analyze` that needs no learned traits: decode once, share one spectrum."""
    decoding = Decoding(path)
    heard = listen(decoding)
    shared = outline(heard, path)
    duration, chroma, key, pulse = shared.duration, shared.chroma, shared.key, shared.pulse
    fade_in, fade_out = loudness.fades(heard.level, heard.looked_at)
    analysis = AudioAnalysis(
        num_samples=heard.num_samples,
        duration=duration,
        end_of_fade_in=fade_in,
        start_of_fade_out=fade_out if heard.looked_at == duration else duration,
        loudness=shared.loudness,
        tempo=pulse.tempo,
        tempo_confidence=pulse.tempo_confidence,
        time_signature=pulse.time_signature,
        time_signature_confidence=pulse.time_signature_confidence,
        key=key.pitch_class,
        key_confidence=key.confidence,
        mode=key.mode,
        mode_confidence=key.mode_confidence,
        synchstring=strings.synchstring((heard.begin, heard.middle, heard.end)),
        rhythmstring=strings.rhythmstring(heard.linear_bands),
        bars=pulse.bars,
        beats=pulse.beats,
        tatums=pulse.tatums,
        sections=sections(heard, chroma, pulse),
        segments=timbre.segments(
            onsets.strength(onsets.rises(heard.fine_bands, FINE_RATE)),
            heard.fine_bands,
            heard.level,
            chroma,
            heard.pitches[:, -1],
            heard.looked_at,
        ),
        input_process=heard.input_process,
    )
    return Measured(ids.encode(decoding.digest), analysis, shared, heard, _warnings(decoding, heard))


def outline(gist: Gist, path: Path) -> Outline:
    """Loudness, key and pulse of a track; ``path`` is for the error alone."""
    duration = gist.duration
    if duration < SHORTEST:
        raise TooShort(path, f"{duration:.5f} s of sound; at least {SHORTEST} s are needed")
    chroma = pitch.chroma(gist.pitches, pitch.tuning_cents(gist.tuning))
    risen = onsets.rises(gist.bands, FRAME_RATE)
    return Outline(
        duration=duration,
        loudness=loudness.integrated(gist.loudness_energy),
        activity=onsets.activity(risen),
        key=tonality.key(chroma) or tonality.Key(0, 1, 0.0, 0.0),
        pulse=rhythm(risen, gist.bands, chroma, PITCH_RATE, gist.looked_at),
        chroma=chroma,
    )


def _warnings(decoding: Decoding, gist: Gist) -> tuple[str, ...]:
    if gist.looked_at == gist.duration:
        return tuple(decoding.warnings)
    minutes = round(gist.looked_at / 60), round(gist.duration / 60)
    return *decoding.warnings, "only duration and loudness are of all {1} minutes, the rest of the first {0}".format(
        *minutes
    )


def hear(gist: Gist) -> networks.Heard:
    """What the networks of the traits say of a track."""
    windows = [Waveform(samples, RATE) for _, samples in gist.windows]
    return networks.hear(windows, [start / RATE for start, _ in gist.windows])


def _features(shared: Outline, excerpt: Waveform, said: networks.Heard) -> AudioFeatures:
    learned = traits.estimate(excerpt, said, shared.loudness, shared.activity)
    return AudioFeatures(
        **{name: estimate.value for name, estimate in learned.items()},
        duration=shared.duration,
        key=shared.key.pitch_class,
        loudness=shared.loudness,
        mode=shared.key.mode,
        tempo=shared.pulse.tempo,
        time_signature=shared.pulse.time_signature,
        tempo_candidates=shared.pulse.candidates,
        confidence={
            **{name: estimate.confidence for name, estimate in learned.items()},
            "duration": 1.0,
            "key": shared.key.confidence,
            "loudness": 1.0,
            "mode": shared.key.mode_confidence,
            "tempo": shared.pulse.tempo_confidence,
            "time_signature": shared.pulse.time_signature_confidence,
        },
        analysis_version=ANALYSIS_VERSION,
        model_version=traits.MODEL_VERSION,
    )


def sections(heard: Heard, chroma: pitch.Floats, pulse: Rhythm) -> tuple[Section, ...]:
    """Cut a track where it changes and sum up each stretch."""
    bars = [bar.start for bar in pulse.bars]
    starts, confidence = structure.boundaries(heard.bands, FRAME_RATE, chroma, PITCH_RATE, bars, heard.looked_at)
    found = []
    for start, end, sure in zip(starts, [*starts[1:], heard.looked_at], confidence, strict=True):
        key = tonality.key(chroma[int(start * PITCH_RATE) : int(end * PITCH_RATE)])
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
