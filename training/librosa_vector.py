"""Freeze what librosa says of a known sound, so that the tests can hold our descriptors to it without librosa.

``uv run --group bench python -m training.librosa_vector`` writes tests/traits/librosa_vector.json.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import librosa  # type: ignore[import-not-found, import-untyped, unused-ignore]
import numpy as np

from ritornello.traits.descriptors import STATISTICS
from tests.traits.sounds import medley

TARGET = Path(__file__).parents[1] / "tests" / "traits" / "librosa_vector.json"


def main() -> None:
    sound = medley()
    # librosa has padded with zeros since 0.10; FMA's features are older.
    spectrum = np.abs(librosa.stft(sound.samples, n_fft=2048, hop_length=512, pad_mode="reflect"))
    mel = librosa.feature.melspectrogram(sr=sound.rate, S=spectrum**2)
    cepstrum = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20)
    values = [getattr(np, name)(cepstrum, axis=1) for name in STATISTICS]
    frozen = {"librosa": version("librosa"), "values": [round(float(v), 4) for v in np.concatenate(values)]}
    TARGET.write_text(json.dumps(frozen) + "\n", encoding="utf-8")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
