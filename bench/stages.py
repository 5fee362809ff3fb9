"""Where the time goes: CPU milliseconds of each stage for a minute of music, in one process.

::

    uv run --group bench python -m bench.stages song.mp3

Stages take turns and each shows its lowest of many rounds, so that a busy machine tells nearly the same as a quiet one.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import peers
from ritornello import analyze, traits
from ritornello.sound import downmix, loudness, onsets, pitch, rhythm, rows, spectrum, strings, timbre, tonality
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import listen, skim

if TYPE_CHECKING:
    from collections.abc import Callable


def stages(path: Path) -> tuple[float, dict[str, Callable[[], object]]]:
    """Minutes of music in a file, and what is to be timed; each stage finds what it needs already made."""
    blocks = list(Decoding(path).blocks())
    resampler = downmix.Resampler()
    slow = [resampler.feed(downmix.mono(block), block.rate) for block in blocks]
    heard = listen(Decoding(path))
    shared = analyze.outline(heard, path)
    chroma, pulse = shared.chroma, shared.pulse
    risen = onsets.rises(heard.bands, spectrum.FRAME_RATE)
    mel = spectrum.Bands(spectrum.mel_weights())

    def resample() -> None:
        fresh = downmix.Resampler()
        for block in blocks:
            fresh.feed(downmix.mono(block), block.rate)

    def meter() -> None:
        fresh = loudness.Meter()
        for block in blocks:
            fresh.feed(block)

    def bands() -> None:
        fresh = spectrum.BandStream([spectrum.Kept(mel, spectrum.decibels, rows.Rows(mel.count))])
        for samples in slow:
            fresh.feed(samples)
        fresh.finish()

    def pitches() -> None:
        fresh = pitch.PitchStream()
        for samples in slow:
            fresh.feed(samples)

    return heard.duration / 60, {
        "decode only": lambda: peers.decode(path),
        "decode into blocks, hash": lambda: [None for _ in Decoding(path).blocks()],
        "mix and resample": resample,
        "loudness": meter,
        "spectrum and mel bands": bands,
        "pitch": pitches,
        "onsets": lambda: onsets.strength(onsets.rises(heard.bands, spectrum.FRAME_RATE)),
        "rhythm": lambda: rhythm.rhythm(risen, heard.bands, chroma, pitch.PITCH_RATE, heard.looked_at),
        "key": lambda: (pitch.chroma(heard.pitches, pitch.tuning_cents(heard.tuning)), tonality.key(chroma)),
        "strings": lambda: (
            strings.synchstring((heard.begin, heard.middle, heard.end)),
            strings.rhythmstring(heard.linear_bands),
        ),
        "sections": lambda: analyze.sections(heard, chroma, pulse),
        "segments": lambda: timbre.segments(
            onsets.strength(onsets.rises(heard.fine_bands, spectrum.FINE_RATE)),
            heard.fine_bands,
            heard.level,
            chroma,
            heard.pitches[:, -1],
            heard.looked_at,
        ),
        "all for the features": lambda: analyze.outline(skim(Decoding(path)), path),
        "all for the analysis": lambda: analyze.measure(path),
        "the traits, on top": lambda: traits.estimate(
            heard.excerpt, analyze.hear(heard), shared.loudness, shared.activity
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    minutes, timed = stages(arguments.file)
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(arguments.rounds):
        for name, work in timed.items():
            started = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - started)
    decode = best["decode only"]
    print("| stage | ms of CPU a minute | × decode |\n|---|---|---|")
    for name, seconds in best.items():
        print(f"| {name} | {seconds / minutes * 1000:.1f} | {seconds / decode:.2f} |")


if __name__ == "__main__":
    main()
