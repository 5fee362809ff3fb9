"""Samples and their rate, which travel together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Waveform:
    """Sound as numbers.

    Attributes
    ----------
    samples
        Shape ``(n,)`` for mono, ``(n, channels)`` otherwise; full scale is ±1.
    rate
        Samples a second, Hz.
    """

    samples: Samples
    rate: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate
