"""The same sound in every format, rate and layout; damaged, misnamed and hostile files."""

from __future__ import annotations

import contextlib
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.errors import AudioError, Damaged, NotAudio, Unreadable
from ritornello.sound import decode
from ritornello.sound.encode import write
from ritornello.sound.listening import Heard, listen
from ritornello.sound.waveform import Samples, Waveform
from tests import sounds

FORMATS = [
    # (file name, codec, tolerated difference in dB relative to the sound)
    ("sound.wav", None, -60.0),
    ("sound.aiff", None, -60.0),
    ("sound.flac", None, -60.0),
    ("alac.m4a", "alac", -60.0),
    ("aac.m4a", "aac", -18.0),
    ("sound.mp3", None, -18.0),
    ("sound.ogg", None, -12.0),
    ("sound.opus", None, -18.0),
    ("sound.wma", None, -15.0),
]


def music(seconds: float = 6.0) -> Samples:
    return (sounds.cadence(0, 1, seconds) + 0.5 * sounds.meter(4, 120, seconds)).astype(np.float32)


def save(path: Path, samples: Samples, other: Samples, codec: str | None = None) -> None:
    """Write two channels, at 48 kHz where the codec knows nothing else."""
    both = sounds.stereo(samples, other)
    write(path, both.resampled(48000) if path.suffix == ".opus" else both, codec=codec)


def decoded(path: Path) -> tuple[NDArray[np.float32], int, decode.Decoding]:
    decoding = decode.Decoding(path)
    blocks = list(decoding.blocks())
    return np.concatenate([block.samples for block in blocks], axis=1), blocks[0].rate, decoding


def heard(path: Path) -> Heard:
    return listen(decode.Decoding(path))


@pytest.mark.parametrize(("name", "codec", "tolerance"), FORMATS, ids=[name for name, _, _ in FORMATS])
def test_every_format_gives_back_the_sound(tmp_path: Path, name: str, codec: str | None, tolerance: float) -> None:
    left, right = music(), np.roll(music(), 1000) * 0.5
    path = tmp_path / name
    save(path, left, right, codec)
    samples, rate, decoding = decoded(path)
    truth = np.stack([left, right])
    if rate == sounds.RATE:
        lag = best_lag(samples[0], left)
        assert abs(lag) <= 2048  # an encoder's delay, where the container cannot state it
        inside = slice(4096, truth.shape[1] - 4096)
        difference = samples[:, inside.start + lag : inside.stop + lag] - truth[:, inside]
        assert 10 * np.log10(np.mean(difference**2) / np.mean(truth**2)) < tolerance
    else:
        assert (name, rate) == ("sound.opus", 48000)
    assert samples.shape[1] / rate == pytest.approx(6.0, abs=0.1)
    assert not decoding.warnings


def best_lag(found: Samples, truth: Samples, reach: int = 4096) -> int:
    start, length = 30000, 60000
    spectrum = np.fft.rfft(found[start - reach : start + length + reach], 1 << 17)
    pattern = np.fft.rfft(truth[start : start + length], 1 << 17)
    return int(np.fft.irfft(spectrum * np.conj(pattern))[: 2 * reach].argmax()) - reach


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 192000])
def test_every_rate_is_heard_at_the_analysis_rate(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "tone.wav"
    write(path, Waveform(sounds.tone(1000, 3, rate=rate), rate))
    one = heard(path)
    assert one.duration == pytest.approx(3.0, abs=0.002)
    spectrum = np.abs(np.fft.rfft(one.middle * np.hanning(len(one.middle))))
    assert spectrum.argmax() * 22050 / len(one.middle) == pytest.approx(1000, abs=2)
    assert np.abs(one.middle).max() == pytest.approx(10 ** (-12 / 20), rel=0.02)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6])
def test_layouts_from_mono_to_surround_mix_to_their_mean(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "layout.wav"
    tones = [sounds.tone(1000, 2)] * channels
    write(path, Waveform(np.stack(tones, axis=1), sounds.RATE))
    assert np.abs(heard(path).middle).max() == pytest.approx(10 ** (-12 / 20), rel=0.02)


def test_a_stream_may_change_its_channels_and_its_rate(tmp_path: Path) -> None:
    sound, path = sounds.tone(440, 3.0), tmp_path / "changing.mp3"
    parts = [sounds.mono(sound), sounds.stereo(sound, sound), sounds.mono(sound).resampled(22050)]
    for number, part in enumerate(parts):
        write(tmp_path / f"{number}.mp3", part)
    path.write_bytes(b"".join((tmp_path / f"{number}.mp3").read_bytes() for number in range(len(parts))))
    blocks = list(decode.Decoding(path).blocks())
    kinds = list(dict.fromkeys((block.rate, len(block.samples), len(block.layout)) for block in blocks))
    assert kinds == [(44100, 1, 1), (44100, 2, 2), (22050, 1, 1)]
    assert heard(path).duration == pytest.approx(9.0, abs=0.3)


def test_nothing_above_the_analysis_band_folds_back(tmp_path: Path) -> None:
    path = tmp_path / "high.wav"
    write(path, Waveform(sounds.tone(14000, 3), sounds.RATE))
    assert np.abs(heard(path).middle).max() < 1e-4


def test_the_digest_is_of_the_sound_and_not_of_name_or_tags(tmp_path: Path) -> None:
    sound = sounds.mono(music(3))
    plain, tagged, other = tmp_path / "a.mp3", tmp_path / "b.mp3", tmp_path / "c.mp3"
    write(plain, sound)
    write(tagged, sound, tags={"title": "Another name", "artist": "Someone"})
    write(other, sounds.mono(music(3) * np.float32(0.9)))
    assert decode.digest(plain) == decode.digest(tagged)
    assert decode.digest(plain) != decode.digest(other)


@pytest.mark.parametrize("name", [name for name, _, _ in FORMATS])
def test_the_digest_without_decoding_is_the_digest_with(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save(path, music(2), music(2))
    _, _, decoding = decoded(path)
    assert decode.digest(path) == decoding.digest


def test_equal_bytes_at_two_rates_are_two_recordings(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", Waveform(music(2), 44100))
    write(tmp_path / "b.wav", Waveform(music(2), 48000))
    assert decode.digest(tmp_path / "a.wav") != decode.digest(tmp_path / "b.wav")


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".wav"])
def test_a_misnamed_file_is_read_by_its_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound{suffix}"
    save(path, music(2), music(2))
    wrong = path.rename(tmp_path / "sound.m4a")
    assert decoded(wrong)[0].shape[1] / 44100 == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", NotAudio, "empty"),
        (b"just words, no music\n" * 400, NotAudio, "not an audio file"),
        (bytes(range(256)) * 200, AudioError, "sound.mp3"),
        (b"\x00" * 100_000, AudioError, "sound.mp3"),
        (b"RIFF\xff\xff\xff\xffWAVE", AudioError, "sound.mp3"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n", NotAudio, "not an audio file"),
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", NotAudio, "not an audio file"),
        (b"<?xml version='1.0'?><MPD></MPD>", NotAudio, "not an audio file"),
    ],
    ids=["empty", "text", "bytes", "zeros", "header only", "playlist", "concat script", "dash manifest"],
)
def test_what_is_not_music_is_refused_with_path_and_reason(
    tmp_path: Path, content: bytes, error: type[AudioError], words: str
) -> None:
    path = tmp_path / "sound.mp3"
    path.write_bytes(content)
    with pytest.raises(error, match=words) as caught:
        list(decode.Decoding(path).blocks())
    assert caught.value.path == path


def test_a_folder_and_a_missing_file_say_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not a file"):
        decode.digest(tmp_path)
    with pytest.raises(Unreadable, match="no such file"):
        decode.digest(tmp_path / "gone.mp3")


@pytest.mark.parametrize("name", ["sound.wav", "sound.flac", "sound.wma"])
def test_a_truncated_file_is_read_to_its_end_with_a_warning(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(path, sounds.stereo(music(8), music(8)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    samples, rate, decoding = decoded(path)
    assert 2.0 < samples.shape[1] / rate < 6.0
    assert any("truncated" in warning or "damaged" in warning for warning in decoding.warnings)


@pytest.mark.parametrize("name", [name for name, _, _ in FORMATS])
def test_flipped_bytes_are_survived_or_refused_but_never_crash(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save(path, music(3), music(3))
    whole = path.read_bytes()
    for seed in range(6):
        content = np.frombuffer(whole, np.uint8).copy()
        random = np.random.default_rng(seed)
        content[random.integers(0, len(content), 200)] = random.integers(0, 256, 200)
        path.write_bytes(content.tobytes())
        with contextlib.suppress(AudioError):
            assert np.isfinite(decoded(path)[0]).all()


def test_a_file_whose_every_frame_is_broken_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "sound.flac"
    save(path, music(2), music(2))
    content = bytearray(path.read_bytes())
    content[8400:] = bytes(len(content) - 8400)
    path.write_bytes(content)
    with pytest.raises((Damaged, NotAudio)):
        list(decode.Decoding(path).blocks())


@pytest.mark.parametrize("rate", [1, 9, 999])
def test_a_header_with_a_rate_that_no_sound_has_is_refused(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "slow.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(20_000))
    with pytest.raises(NotAudio, match=f"{rate} Hz.*new copy"):
        list(decode.Decoding(path).blocks())
