"""What is done to a sound moves the traits the way it must, and what is only packaging moves them little."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from bench.traits import filtered
from ritornello import analyze, pieces, traits
from ritornello.sound import encode, loudness, onsets
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import skim
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.sound.waveform import Waveform
from ritornello.traits import TRAITS, Estimate

Answers = Mapping[str, Estimate]


def said(waveform: Waveform, path: Path, bit_rate: int | None = None) -> Answers:
    """What the traits say of a sound that went through a file."""
    encode.write(path, waveform, bit_rate=bit_rate)
    gist = skim(Decoding(path))
    level, activity = loudness.integrated(gist.loudness_energy), onsets.activity(onsets.rises(gist.bands, FRAME_RATE))
    return traits.estimate(gist.excerpt, analyze.hear(gist), level, activity)


def composed(style: str) -> Waveform:
    made = pieces.render(pieces.compose(style, seed=3, seconds=14))
    samples = made.samples if made.samples.ndim == 1 else made.samples.mean(axis=1)
    return Waveform(samples.astype(np.float32), made.rate)


@pytest.fixture(scope="module", params=["rock", "ballad"])
def piece(request: pytest.FixtureRequest) -> Waveform:
    return composed(request.param)


@pytest.fixture(scope="module")
def plain(piece: Waveform, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return said(piece, tmp_path_factory.mktemp("plain") / "piece.wav")


def stretched(waveform: Waveform, tempo: str) -> Waveform:
    """The same at another tempo, the pitch kept."""
    return filtered(waveform, (("atempo", tempo),))


def applause(rate: int, seconds: float) -> np.ndarray:
    """Forty people clapping four times a second, each in time with nobody."""
    random = np.random.default_rng(5)
    clap = random.standard_normal(rate // 40) * np.exp(-np.arange(rate // 40) / (rate / 400))
    strokes = np.zeros(round(rate * seconds))
    for _ in range(40):
        moments = np.cumsum(random.normal(0.25, 0.03, round(4 * seconds)))
        strokes[(moments[moments < seconds - 0.1] * rate).astype(int)] += random.uniform(0.3, 1)
    return np.convolve(strokes, clap)[: len(strokes)]


def test_applause_raises_liveness(piece: Waveform, plain: Answers, tmp_path: Path) -> None:
    crowd = applause(piece.rate, piece.duration + 1)[: len(piece.samples)]
    crowd *= np.sqrt((piece.samples**2).mean() / (crowd**2).mean())
    mixed = Waveform((0.5 * (piece.samples + crowd)).astype(np.float32), piece.rate)
    assert said(mixed, tmp_path / "live.wav")["liveness"].value > plain["liveness"].value + 0.05


def test_quieter_has_less_energy_and_the_rest_hardly_moves(piece: Waveform, plain: Answers, tmp_path: Path) -> None:
    quiet = said(Waveform(piece.samples * np.float32(0.5), piece.rate), tmp_path / "quiet.wav")
    assert 0.003 < plain["energy"].value - quiet["energy"].value < 0.12
    for name in ("danceability", "liveness", "speechiness", "valence"):
        assert quiet[name].value == pytest.approx(plain[name].value, abs=0.05), name


def test_even_the_calmest_has_less_energy_when_it_is_quieter(tmp_path: Path) -> None:
    calm = composed("ambient")
    quiet = said(Waveform(calm.samples * np.float32(0.25), calm.rate), tmp_path / "quiet.wav")["energy"].value
    assert quiet < said(calm, tmp_path / "calm.wav")["energy"].value - 0.001


@pytest.fixture(scope="module", params=["folk", "hip-hop", "jazz"])
def steady(request: pytest.FixtureRequest) -> Waveform:
    return composed(request.param)


def test_faster_has_more_energy_and_slower_less(steady: Waveform, tmp_path: Path) -> None:
    copies = {tempo: stretched(steady, tempo) for tempo in ("0.8", "1.25")} | {"1": steady}
    slower, plain, faster = (
        said(copies[tempo], tmp_path / f"{tempo}.wav")["energy"].value for tempo in ("0.8", "1", "1.25")
    )
    assert plain + 0.02 < faster
    assert slower < plain - 0.002


def test_mp3_at_64_kilobits_changes_little(piece: Waveform, plain: Answers, tmp_path: Path) -> None:
    small = said(piece, tmp_path / "small.mp3", bit_rate=64_000)
    for trait in TRAITS:
        assert small[trait.NAME].value == pytest.approx(plain[trait.NAME].value, abs=0.06), trait.NAME


def test_rock_has_more_energy_and_is_less_acoustic_than_a_ballad(tmp_path: Path) -> None:
    loud, soft = (
        said(pieces.render(pieces.compose(style, seed=4, seconds=14)), tmp_path / f"{style}.wav")
        for style in ("rock", "ballad")
    )
    assert loud["energy"].value > soft["energy"].value + 0.1
    assert loud["acousticness"].value < soft["acousticness"].value
