"""What one pass over a file leaves: the features' frames are every other one of the analysis's."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ritornello.sound import listening
from ritornello.sound.decode import Decoding
from ritornello.sound.encode import write
from ritornello.sound.listening import Heard, listen, skim
from ritornello.sound.spectrum import FINE_HOP, RATE, WINDOW, Bands, Power, decibels, hann, mel_weights
from ritornello.sound.waveform import Waveform
from tests import sounds


@pytest.fixture(scope="module", params=[RATE, 100.0 * RATE + 300], ids=["a second", "more than is held"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise at the rate of the analysis, so that nothing is resampled."""
    found: Path = tmp_path_factory.mktemp("noise") / "noise.wav"
    write(found, Waveform(sounds.noise(request.param / RATE, rate=RATE), RATE))
    return found


@pytest.fixture(scope="module")
def heard(path: Path) -> Heard:
    return listen(Decoding(path))


def test_features_are_read_from_every_other_row_of_the_analysis(path: Path, heard: Heard) -> None:
    gist = skim(Decoding(path))
    assert np.array_equal(gist.bands, heard.fine_bands[::2])
    assert np.array_equal(gist.bands, heard.bands)
    assert np.array_equal(gist.pitches, heard.pitches)


def test_rows_are_those_of_one_spectrum_with_fine_hops(path: Path, heard: Heard) -> None:
    sound = np.concatenate([block.samples[0] for block in Decoding(path).blocks()])
    padded = np.pad(sound, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::FINE_HOP]
    mel = Bands(mel_weights())
    rows = np.empty((len(frames), mel.count), np.float32)
    done = 0
    for power in Power(hann(WINDOW)).each(frames):
        mel.sum(power, out=rows[done : done + len(power)])
        done += len(power)
    assert len(heard.fine_bands) == len(heard.linear_bands) == len(heard.level) == 1 + len(sound) // FINE_HOP
    assert np.allclose(heard.fine_bands, decibels(rows), atol=1e-3)


def test_nothing_is_kept_of_what_comes_after_the_longest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, minutes = tmp_path / "long.flac", 10
    write(path, Waveform(np.tile(sounds.noise(30, rate=RATE), 2 * minutes), RATE))
    monkeypatch.setattr(listening, "LONGEST", 30)
    tracemalloc.start()
    gist = skim(Decoding(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (gist.duration, gist.looked_at) == (60 * minutes, 30)
    assert peak < 45e6  # the samples alone are 53


def test_windows_are_from_all_over_even_where_a_file_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "whole.flac"
    write(path, Waveform(sounds.noise(60, rate=RATE), RATE))
    whole = [start / RATE for start, _ in skim(Decoding(path)).windows]
    assert whole == pytest.approx(np.linspace(0, 0.975 * 60 - listening.WINDOW_SECONDS, 8), abs=1e-3)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    gist = skim(Decoding(path))
    starts = [start / RATE for start, _ in gist.windows]
    assert 25 < gist.duration < 35
    assert 8 <= len(starts) <= listening.MOST_WINDOWS
    assert starts[0] == 0
    assert starts[-1] > gist.duration - 2 * listening.WINDOW_SECONDS
