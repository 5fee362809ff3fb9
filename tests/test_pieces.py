from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from ritornello.pieces import STYLES, compose, demo, render, write_demo
from ritornello.pieces.drumkit import KITS, drum
from ritornello.pieces.drumming import GROOVES, strokes
from ritornello.pieces.harmony import chord, scale, voice
from ritornello.pieces.instruments import INSTRUMENTS
from ritornello.pieces.patterns import PATTERNS
from ritornello.pieces.score import METERS, Clock

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.pieces.score import Score

EVERY_STYLE_AND_METER = [(style, meter) for style, rules in STYLES.items() for meter in rules.meters]


def pitches(score: Score) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Seconds of each pitch class in all parts."""
    found = np.zeros(12)
    for part in score.parts:
        for note in part.notes:
            found[note.pitch % 12] += note.duration
    return found


# The truth


@pytest.mark.parametrize(("style", "meter"), EVERY_STYLE_AND_METER)
def test_truth_is_what_was_asked_for(style: str, meter: str) -> None:
    truth = compose(style, tempo=120, meter=meter, key=3, mode=0, seed=5, seconds=30).truth
    assert (truth.tempo, truth.meter, truth.key_name) == (120, meter, "Eb minor")
    assert truth.time_signature == int(meter[0])
    assert np.diff(truth.beats) == pytest.approx(0.5)
    beats_per_bar = {"6/8": 2, "7/8": 7}.get(meter, truth.time_signature)
    assert truth.downbeats == truth.beats[::beats_per_bar]
    assert {start for start, _ in truth.sections} <= set(truth.downbeats)
    assert {start for start, _ in truth.chords} <= set(truth.downbeats)


def test_a_piece_lasts_about_as_long_as_asked() -> None:
    for style, meter in EVERY_STYLE_AND_METER:
        assert compose(style, meter=meter, seed=1, seconds=60).duration == pytest.approx(60, rel=0.15), style


def test_a_change_of_tempo_is_in_the_truth() -> None:
    truth = compose("rock", tempo=100, seed=1, seconds=40, tempo_changes={8: 125}).truth
    assert [bpm for _, bpm in truth.tempo_changes] == [100, 125]
    turn = truth.tempo_changes[1][0]
    assert turn == truth.downbeats[8]
    spacing = np.diff(truth.beats)
    before = np.array(truth.beats[:-1]) < turn - 1e-6
    assert spacing[before] == pytest.approx(0.6)
    assert spacing[~before] == pytest.approx(0.48)
    assert truth.tempo == 100


def test_swing_delays_what_lies_between_the_beats() -> None:
    straight, swung = (Clock(METERS["4/4"], [120], swing=swing) for swing in (0.5, 2 / 3))
    assert straight.time(0, 2) == pytest.approx(0.25)
    assert swung.time(0, 2) == pytest.approx(0.5 * 2 / 3)
    assert swung.time(0, 4) == straight.time(0, 4) == pytest.approx(0.5)
    sixteenths = Clock(METERS["4/4"], [120], swing=0.6, swung=2)
    assert sixteenths.time(0, 1) == pytest.approx(0.125 * 2 * 0.6)
    assert sixteenths.time(0, 2) == pytest.approx(0.25)


def test_house_kicks_on_every_beat_and_the_rock_snare_on_two_and_four() -> None:
    house = compose("house", tempo=124, seed=2)
    kicks = np.array([hit.start for hit in house.hits if hit.drum == "kick"])
    beats = np.array(house.truth.beats)
    assert np.abs(kicks[:, np.newaxis] - beats).min(axis=0).max() < 0.002

    rock = compose("rock", tempo=120, meter="4/4", seed=2)
    last_verse = rock.truth.sections[-2][0]
    snares = [h.start for h in rock.hits if h.drum == "snare" and h.velocity > 0.5 and h.start < last_verse]
    place = [(start - rock.truth.downbeats[0]) / 0.5 % 4 for start in snares]
    on_two_or_four = [min(abs(p - 1), abs(p - 3)) < 0.1 for p in place]
    assert np.mean(on_two_or_four) > 0.7


@pytest.mark.parametrize(("style", "mode"), list(itertools.product(STYLES, (0, 1))))
def test_the_key_can_be_heard(style: str, mode: int) -> None:
    score = compose(style, key=9, mode=mode, seed=3)
    found = pitches(score)
    allowed = {(9 + step) % 12 for step in ((0, 2, 4, 5, 7, 9, 11) if mode else (0, 2, 3, 5, 7, 8, 10, 11))}
    inside = sum(found[list(allowed)]) / sum(found)
    assert inside > (0.75 if style == "funk" else 0.93)  # sevenths on every degree are what makes it funk
    assert found[9] > np.median(found)
    assert [label for _, label in score.truth.chords][-2:] == ["E:7", "A:maj" if mode else "A:min"]


# Determinism and variety


def test_the_same_seed_gives_the_same_sound_and_another_seed_does_not() -> None:
    first, again, other = (compose("folk", tempo=100, seed=seed, seconds=12) for seed in (4, 4, 5))
    assert first == again
    np.testing.assert_array_equal(render(first, 16_000).samples, render(again, 16_000).samples)
    assert first.parts != other.parts


def test_palettes_share_no_instrument_in_the_same_role_where_they_differ() -> None:
    for style in STYLES:
        one, two = (compose(style, seed=1, palette=palette) for palette in (0, 1))
        assert [p.instrument for p in one.parts] != [p.instrument for p in two.parts], style


# Harmony


def test_roman_numerals() -> None:
    assert chord("V7", 0, 1).tones == (7, 11, 2, 5)
    assert chord("V7", 9, 0).label == "E:7"
    assert chord("VI", 9, 0).label == "F:maj"
    assert chord("iio7", 9, 0).label == "B:hdim7"
    assert chord("bVII", 0, 1).label == "Bb:maj"
    with pytest.raises(ValueError, match="no Roman numeral"):
        chord("H", 0, 1)


def test_minor_raises_its_seventh_over_the_dominant_only() -> None:
    assert 8 in scale(9, 0, chord("V7", 9, 0))
    assert 8 not in scale(9, 0, chord("i", 9, 0))


def test_voices_move_little() -> None:
    voicing: tuple[int, ...] = ()
    for numeral in ("I", "IV", "V7", "vi", "ii7", "V7", "I"):
        following = voice(chord(numeral, 0, 1), voicing, 52, 74, 4)
        assert {p % 12 for p in following} <= set(chord(numeral, 0, 1).tones)
        if voicing:
            assert max(abs(a - b) for a, b in zip(voicing, following, strict=True)) <= 5
        voicing = following


# The tables


def test_every_groove_fills_its_bar() -> None:
    for name, meters in GROOVES.items():
        for meter, forms in meters.items():
            for form in forms:
                assert {len(line) for line in form.values()} == {METERS[meter].steps}, (name, meter)
                assert {letter for line in form.values() for letter in line} <= set("Xxo.")
                for drum_name in form:
                    assert len(drum(drum_name, "acoustic", 8000, np.random.default_rng(0)))
            assert any(stroke.step == 0 or name == "reggae" for stroke in strokes(name, METERS[meter], full=False))


def test_every_name_in_a_style_exists() -> None:
    for style in STYLES.values():
        assert not style.drums or style.drums in GROOVES
        assert set(style.kits) <= set(KITS)
        for part in style.voices:
            assert part.pattern == "melody" or part.pattern in PATTERNS
            assert set(part.instruments) <= set(INSTRUMENTS)


# Sound


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_instruments_are_in_tune(name: str) -> None:
    rate, frequency = 22_050, 220.0
    sound = INSTRUMENTS[name](frequency, 1.0, 0.7, rate, np.random.default_rng(0))
    mono = sound.mean(axis=1) if sound.ndim == 2 else sound
    assert np.abs(mono).max() < 3.5
    spectrum = np.abs(np.fft.rfft(mono[:rate] * np.hanning(rate)))
    near = slice(round(frequency) - 12, round(frequency) + 13)
    peak = near.start + int(np.argmax(spectrum[near]))
    assert peak == pytest.approx(frequency, abs=2)
    assert spectrum[near].max() > 0.08 * spectrum.max()


@pytest.mark.parametrize("style", STYLES)
def test_a_piece_is_neither_silent_nor_clipped_and_keeps_its_level(style: str) -> None:
    score = compose(style, seed=6, seconds=14)
    samples = render(score, 16_000).samples
    assert samples.shape == (int(score.duration * 16_000), 2)
    assert 0.1 < np.abs(samples).max() < 0.95
    seconds = samples[: len(samples) // 16_000 * 16_000].reshape(-1, 32_000)
    powers = np.mean(seconds**2, axis=1)
    level = 10 * np.log10(np.mean(powers[powers > 0.05 * powers.max()]))
    assert level == pytest.approx(score.level, abs=1)
    assert not np.array_equal(samples[:, 0], samples[:, 1])
    before_the_first_note = int((score.truth.beats[0] - 0.05) * 16_000)
    assert np.abs(samples[:before_the_first_note]).max() < 1e-3 * np.abs(samples).max()


def test_sound_gets_louder_on_the_beats_of_the_truth() -> None:
    score = compose("house", tempo=120, seed=7, seconds=16)
    waveform = render(score, 16_000)
    energy = np.convolve(waveform.samples.mean(axis=1) ** 2, np.ones(160) / 160, mode="same")
    beats = (np.array(score.truth.beats[4:-8]) * 16_000).astype(int)
    after, before = energy[beats + 320], energy[beats - 320]
    assert np.mean(after > 2 * before) > 0.9


def test_tuning_moves_the_pitch() -> None:
    low, high = (compose("ambient", key=9, mode=1, seed=8, seconds=12, tuning=hertz) for hertz in (440, 452))
    spectra = [np.abs(np.fft.rfft(render(score, 8000).samples.mean(axis=1)[: 8000 * 8])) for score in (low, high)]
    peaks = [200 * 8 + int(np.argmax(s[200 * 8 : 240 * 8])) for s in spectra]
    assert peaks[1] / peaks[0] == pytest.approx(452 / 440, rel=0.004)


# Refusals


def test_what_cannot_be_composed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no style 'polka'; use one of rock"):
        compose("polka")
    with pytest.raises(ValueError, match=r"house in '3/4': this style is written in 4/4"):
        compose("house", meter="3/4")
    with pytest.raises(ValueError, match="expected key 0 to 11"):
        compose("rock", key=12)


# The demo


@pytest.fixture
def three_pieces(monkeypatch: pytest.MonkeyPatch) -> tuple[demo.Piece, ...]:
    chosen = tuple(piece for piece in demo.DEMO if piece.title in {"River Path", "Four Walls", "Letter, Unsent"})
    monkeypatch.setattr(demo, "DEMO", chosen)
    return chosen


def test_the_demo_writes_tagged_files_once(tmp_path: Path, three_pieces: tuple[demo.Piece, ...]) -> None:
    seen: list[Path] = []
    paths = write_demo(tmp_path / "music", seen.append)
    assert paths == seen == sorted((tmp_path / "music").iterdir())
    assert [path.name for path in paths] == ["01 River Path.flac", "02 Four Walls.m4a", "03 Letter, Unsent.opus"]
    for path, piece in zip(paths, three_pieces, strict=True):
        with av.open(path) as file:
            stored = {k.lower(): v for k, v in {**file.streams.audio[0].metadata, **file.metadata}.items()}
            assert file.duration is not None
            assert 40 < file.duration / 1e6 < 75
        assert (stored["title"], stored["artist"], stored["album"]) == (piece.title, piece.artist, demo.ALBUM)
        assert re.match(rf"{piece.tempo} BPM in quarters, {piece.meter}, [A-G][b#]? (major|minor)\.", stored["comment"])
        assert "CC0-1.0" in stored["copyright"]
    written = [path.stat().st_mtime_ns for path in paths]
    assert write_demo(tmp_path / "music") == paths
    assert [path.stat().st_mtime_ns for path in paths] == written


def test_the_demo_covers_meters_modes_formats_and_tempos() -> None:
    assert len(demo.DEMO) == 12
    assert {piece.meter for piece in demo.DEMO} == set(METERS)
    assert {piece.mode for piece in demo.DEMO} == {0, 1}
    assert {piece.suffix for piece in demo.DEMO} >= {".mp3", ".m4a", ".ogg", ".opus", ".flac", ".wav"}
    assert len({piece.key for piece in demo.DEMO}) >= 9
    for piece in demo.DEMO:
        truth = piece.score().truth
        assert (truth.tempo, truth.key, truth.mode) == (piece.tempo, piece.key, piece.mode)
        assert 40 <= piece.score().duration <= 75
