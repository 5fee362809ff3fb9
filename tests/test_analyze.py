"""The whole pipeline: invariants on every sound, the same answer from every format, the same numbers every time."""

from __future__ import annotations

import dataclasses
import math
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ritornello import analyze
from ritornello.errors import TooShort
from ritornello.sound import listening
from ritornello.sound.encode import write
from ritornello.sound.waveform import Samples, Waveform
from ritornello.track import FEATURES, Analysed, Section, Segment
from tests import sounds

SOUNDS: dict[str, Samples] = {
    "metronome": sounds.clicks(120, 12),
    "swing": sounds.swing(140, 12),
    "waltz": sounds.meter(3, 150, 15),
    "cadence": sounds.cadence(9, 0, 12),
    "tone": sounds.tone(440, 5),
    "noise": sounds.noise(8),
    "silence": np.zeros(5 * sounds.RATE, np.float32),
    "direct current": np.full(3 * sounds.RATE, 0.7, np.float32),
    "clipped": np.clip(20 * sounds.meter(4, 100, 10), -1, 1),
    "one click": sounds.place([(1.0, sounds.click())], 3),
    "a tenth of a second": sounds.tone(440, 0.11),
    "half a second": sounds.noise(0.5),
    "silence, then music": np.concatenate([np.zeros(4 * sounds.RATE, np.float32), sounds.meter(4, 120, 10)]),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Analysed]:
    folder = tmp_path_factory.mktemp("sounds")
    found = {}
    for name, sound in SOUNDS.items():
        write(folder / f"{name}.wav", Waveform(sound, sounds.RATE))
        found[name] = analyze.analyze(folder / f"{name}.wav")
    return found


def numbers(value: object) -> Iterator[float]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, dict):
        yield from numbers(tuple(value.values()))
    elif isinstance(value, int | float):
        yield value


@pytest.mark.parametrize("name", SOUNDS)
class TestInvariants:
    def test_every_number_is_finite_and_plain(self, results: dict[str, Analysed], name: str) -> None:
        for number in numbers(results[name]):
            assert math.isfinite(number)
            assert type(number) in (int, float, bool)

    def test_segments_and_sections_tile_the_track(self, results: dict[str, Analysed], name: str) -> None:
        analysis = results[name].analysis
        every: tuple[tuple[Segment | Section, ...], ...] = (analysis.segments, analysis.sections)
        for tiles in every:
            assert tiles[0].start == 0.0
            for one, following in pairwise(tiles):
                assert one.start + one.duration == pytest.approx(following.start, abs=1e-9)
                assert one.duration > 0
            assert tiles[-1].start + tiles[-1].duration == pytest.approx(analysis.duration, abs=1e-9)

    def test_bars_start_on_beats_and_beats_on_tatums(self, results: dict[str, Analysed], name: str) -> None:
        analysis = results[name].analysis
        assert {bar.start for bar in analysis.bars} <= {beat.start for beat in analysis.beats}
        assert {beat.start for beat in analysis.beats} <= {tatum.start for tatum in analysis.tatums}
        for intervals in (analysis.bars, analysis.beats, analysis.tatums):
            for one, following in pairwise(intervals):
                assert one.start + one.duration == pytest.approx(following.start, abs=1e-9)
            if intervals:
                assert intervals[0].start >= 0
                assert intervals[-1].start + intervals[-1].duration <= analysis.duration + 1e-9

    def test_pitches_are_normalised_and_levels_in_range(self, results: dict[str, Analysed], name: str) -> None:
        for segment in results[name].analysis.segments:
            assert max(segment.pitches) == 1.0
            assert min(segment.pitches) >= 0.0
            assert len(segment.pitches) == len(segment.timbre) == 12
            assert -60 <= segment.loudness_start <= segment.loudness_max + 1e-6
            assert 0 <= segment.loudness_max_time <= segment.duration

    def test_loudness_end_is_where_the_next_segment_starts(self, results: dict[str, Analysed], name: str) -> None:
        segments = results[name].analysis.segments
        for one, following in pairwise(segments):
            assert one.loudness_end == following.loudness_start

    def test_values_stay_in_their_ranges(self, results: dict[str, Analysed], name: str) -> None:
        features, analysis = results[name].features, results[name].analysis
        for trait in (
            "acousticness",
            "danceability",
            "energy",
            "instrumentalness",
            "liveness",
            "speechiness",
            "valence",
        ):
            assert 0.0 <= getattr(features, trait) <= 1.0
        assert 0 <= features.key <= 11
        assert features.mode in (0, 1)
        assert 3 <= features.time_signature <= 7
        assert features.tempo == 0.0 or 30 <= features.tempo <= 260
        assert -60.0 <= features.loudness <= 6.0
        assert 0 <= analysis.end_of_fade_in <= analysis.start_of_fade_out <= analysis.duration
        assert set(features.confidence) == set(FEATURES)
        assert all(0.0 <= confidence <= 1.0 for confidence in features.confidence.values())

    def test_features_and_analysis_agree(self, results: dict[str, Analysed], name: str) -> None:
        features, analysis = results[name].features, results[name].analysis
        for shared in ("duration", "key", "loudness", "mode", "tempo", "time_signature"):
            assert getattr(features, shared) == getattr(analysis, shared)
        assert analysis.num_samples / 22050 == analysis.duration
        if features.tempo:
            assert features.tempo_candidates[0].bpm == features.tempo
            assert len(features.tempo_candidates) >= 2


def test_silence_is_sure_of_nothing(results: dict[str, Analysed]) -> None:
    confidence = results["silence"].features.confidence
    assert confidence["tempo"] == confidence["key"] == confidence["mode"] == confidence["time_signature"] == 0.0
    assert max(confidence[trait] for trait in ("danceability", "energy", "valence", "speechiness")) < 0.2


@pytest.mark.parametrize(
    "name", ["music.flac", "music.m4a", "music.mp3", "music.ogg", "music.opus", "music.wma", "music.aiff"]
)
def test_every_format_gives_the_same_answer(tmp_path: Path, name: str) -> None:
    sound = (sounds.meter(3, 126, 20) + sounds.cadence(4, 1, 20, every=3 * 60 / 126, first=0.25)).astype(np.float32)
    write(tmp_path / "music.wav", sounds.stereo(sound, sound))
    both = sounds.stereo(sound, sound)
    write(tmp_path / name, both.resampled(48000) if name.endswith("opus") else both)
    truth, found = analyze.analyze(tmp_path / "music.wav").features, analyze.analyze(tmp_path / name).features
    assert found.tempo == pytest.approx(truth.tempo, rel=0.002)
    assert (found.key, found.mode, found.time_signature) == (truth.key, truth.mode, truth.time_signature)
    assert (found.key, found.mode) == (4, 1)
    assert found.loudness == pytest.approx(truth.loudness, abs=0.3)
    assert found.duration == pytest.approx(truth.duration, abs=0.1)


@pytest.mark.parametrize("rate", [16000, 48000, 96000])
def test_every_rate_gives_the_same_answer(tmp_path: Path, rate: int) -> None:
    sound = sounds.mono(sounds.meter(4, 126, 20)).resampled(rate)
    write(tmp_path / "music.wav", sound)
    features = analyze.analyze(tmp_path / "music.wav").features
    assert features.tempo == pytest.approx(126, rel=0.002)
    assert features.time_signature == 4


@pytest.mark.parametrize("name", SOUNDS)
def test_features_alone_are_those_of_the_whole_analysis(
    tmp_path: Path, results: dict[str, Analysed], name: str
) -> None:
    write(tmp_path / "sound.wav", Waveform(SOUNDS[name], sounds.RATE))
    alone, whole = analyze.features(tmp_path / "sound.wav"), results[name]
    assert (alone.audio_id, alone.features, alone.warnings) == (whole.audio_id, whole.features, whole.warnings)
    assert (alone.beats, alone.bars) == (whole.analysis.beats, whole.analysis.bars)


def test_of_a_very_long_file_the_start_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.wav"
    write(path, sounds.mono(np.concatenate([sounds.meter(4, 120, 20), sounds.noise(20)])))
    whole = analyze.analyze(path)
    monkeypatch.setattr(listening, "LONGEST", 15)
    start = analyze.analyze(path)
    assert start.warnings == ("only duration and loudness are of all 1 minutes, the rest of the first 0",)
    assert start.features.duration == whole.features.duration
    assert start.features.loudness == whole.features.loudness
    assert start.features.tempo == pytest.approx(120, rel=0.002)
    assert start.analysis.start_of_fade_out == start.features.duration
    every: tuple[tuple[Segment | Section, ...], ...] = (start.analysis.segments, start.analysis.sections)
    for tiles in every:
        assert tiles[-1].start + tiles[-1].duration == pytest.approx(15)
    assert 14 < start.analysis.beats[-1].start < 15


def test_the_same_file_gives_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    write(path, sounds.mono(sounds.meter(5, 111, 15)))
    assert analyze.analyze(path) == analyze.analyze(path)


def test_the_id_is_known_without_decoding(tmp_path: Path) -> None:
    path = tmp_path / "music.mp3"
    write(path, sounds.mono(sounds.clicks(100, 3)))
    assert analyze.audio_id(path) == analyze.analyze(path).audio_id
    assert len(analyze.audio_id(path)) == 22


@pytest.mark.parametrize("samples", [1, 100, 2000])
def test_a_sound_too_short_to_say_anything_of_is_refused(tmp_path: Path, samples: int) -> None:
    path = tmp_path / "blip.wav"
    write(path, sounds.mono(np.ones(samples, np.float32) * 0.1))
    with pytest.raises(TooShort, match="at least"):
        analyze.analyze(path)


def test_a_long_file_takes_little_memory(tmp_path: Path) -> None:
    # Rows of features are all that grows: a quarter of an hour stays well under what its samples would take.
    path = tmp_path / "long.flac"
    write(path, sounds.mono(np.tile(sounds.meter(4, 120, 30), 30)))
    tracemalloc.start()
    analysis = analyze.measure(path).analysis
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert analysis.duration == pytest.approx(900, abs=1)
    assert peak < 50e6
