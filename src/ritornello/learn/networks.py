"""The two networks: one says how a track is, one what comes next. Both are given numbers as the library has them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

WIDTH = 64
DROPOUT = 0.3


class Standard(nn.Module):
    """Columns in deviations from the mean of the training tracks, so that the network brings its own scale along."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(rows.mean(axis=0)))
        self.register_buffer("scale", torch.tensor(np.maximum(rows.std(axis=0), 1e-6)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Any shape whose last axis is the columns; clipped to five deviations."""
        return torch.clamp((rows - self.mean) / self.scale, -5.0, 5.0)


class Tagger(nn.Module):
    """Two hidden layers; one logit for each label."""

    def __init__(self, rows: NDArray[np.float32], labels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Standard(rows),
            nn.Linear(rows.shape[1], WIDTH),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(WIDTH, WIDTH // 2),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(WIDTH // 2, labels),
        )

    def forward(self, tracks: torch.Tensor) -> torch.Tensor:
        """Shape ``(n, columns)`` to ``(n, labels)``."""
        found: torch.Tensor = self.layers(tracks)
        return found


class Successor(nn.Module):
    """A recurrent network over what was heard, compared with every track that may come.

    Tracks are known by how they sound alone, never by a number of their own: so it speaks of tracks that it never saw,
    and keeps no list of what somebody listened to.
    """

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            Standard(rows), nn.Linear(rows.shape[1], WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)
        )
        self.memory = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, heard: torch.Tensor, tracks: torch.Tensor) -> torch.Tensor:
        """Logits after each place: ``(n, places, columns)`` and ``(m, columns)`` to ``(n, places, m)``."""
        states, _ = self.memory(self.encoder(heard))
        coming = functional.normalize(self.out(states), dim=-1)
        return 10.0 * coming @ functional.normalize(self.encoder(tracks), dim=-1).T


class Chances(nn.Module):
    """What is exported of a tagger: likelihoods."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__()
        self.tagger = tagger

    def forward(self, tracks: torch.Tensor) -> torch.Tensor:
        """0..1."""
        return torch.sigmoid(self.tagger(tracks))


class Coming(nn.Module):
    """What is exported of a successor: probabilities after one place.

    The number of places is fixed, for torch exports a recurrent network for the number it was shown.
    """

    def __init__(self, successor: Successor) -> None:
        super().__init__()
        self.successor = successor

    def forward(self, heard: torch.Tensor, last: torch.Tensor, tracks: torch.Tensor) -> torch.Tensor:
        """After the place ``last``, shape ``(1,)``, of one session: shape ``(m,)``, adds up to 1."""
        return torch.softmax(self.successor(heard, tracks)[0].index_select(0, last)[0], dim=-1)
