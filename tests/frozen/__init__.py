"""Numbers that the analysis gave once, and must give until ``ANALYSIS_VERSION`` is raised on purpose.

``uv run python -m tests.frozen`` writes them anew. Do it only with a line in the changelog and, when users will see the
difference, with a new ``ANALYSIS_VERSION``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ritornello import pieces
from ritornello.sound.waveform import Waveform
from ritornello.track import FEATURES, Analysed
from tests import sounds

NUMBERS = Path(__file__).with_name("numbers.json")

PIECES = ("rock", "waltz", "house", "ballad", "funk", "jazz", "jig", "reggae")


def material() -> dict[str, Waveform]:
    """A dozen sounds, the same on every machine."""
    made = {style: pieces.render(pieces.compose(style, seed=7, seconds=16)) for style in PIECES}
    return {
        **made,
        "metronome": sounds.mono(sounds.clicks(97, 12)),
        "five in a bar": sounds.mono(sounds.meter(5, 130, 15)),
        "cadence": sounds.mono(sounds.cadence(8, 0, 8, detune=0.3)),
        "noise": sounds.mono(sounds.noise(6)),
    }


def numbers(result: Analysed) -> dict[str, Any]:
    """What is frozen of a result: all features with confidences, and enough of the analysis to notice any change."""
    features, analysis = result.features, result.analysis
    return {
        "features": {name: getattr(features, name) for name in FEATURES},
        "confidence": dict(features.confidence),
        "candidates": [[reading.bpm, reading.confidence] for reading in features.tempo_candidates],
        "fades": [analysis.end_of_fade_in, analysis.start_of_fade_out],
        "bars": [bar.start for bar in analysis.bars],
        "beats": [beat.start for beat in analysis.beats],
        "tatums": len(analysis.tatums),
        "sections": [section.start for section in analysis.sections],
        "segments": [segment.start for segment in analysis.segments],
        "loudness_max": float(np.mean([segment.loudness_max for segment in analysis.segments])),
        "pitches": np.mean([segment.pitches for segment in analysis.segments], axis=0).tolist(),
        "timbre": np.mean([segment.timbre for segment in analysis.segments], axis=0).tolist(),
    }
