"""The loop that all tasks share: step, look at the validation split, stop when it gets no better, keep the best."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

EPOCHS, PATIENCE = 300, 20
RATE, DECAY = 2e-3, 1e-3

Progress = Callable[[int, float, float], None]
"""Told after each epoch: its number, training and validation loss."""


@dataclass(slots=True)
class Curves:
    """Losses of each epoch."""

    train: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)

    @property
    def best(self) -> int:
        """The epoch, from 0, whose network was kept."""
        return self.validation.index(min(self.validation))


def fit(
    network: nn.Module,
    batches: Callable[[], Iterable[tuple[torch.Tensor, ...]]],
    loss: Callable[..., torch.Tensor],
    validate: Callable[[], torch.Tensor],
    progress: Progress | None = None,
) -> Curves:
    """Train a network in place.

    Parameters
    ----------
    batches
        Gives the batches of one epoch.
    loss
        Of one batch, with the network in training.
    validate
        The loss of the validation split.
    """
    curves, kept = Curves(), copy.deepcopy(network.state_dict())
    steps = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    for epoch in range(EPOCHS):
        network.train()
        told = []
        for batch in batches():
            steps.zero_grad()
            found = loss(*batch)
            found.backward()
            steps.step()
            told.append(float(found.detach()))
        network.eval()
        with torch.no_grad():
            curves.validation.append(float(validate()))
        curves.train.append(sum(told) / len(told))
        if curves.best == epoch:
            kept = copy.deepcopy(network.state_dict())
        if progress is not None:
            progress(epoch, curves.train[-1], curves.validation[-1])
        if epoch - curves.best >= PATIENCE:
            break
    network.load_state_dict(kept)
    network.eval()
    return curves


def plot(curves: Curves, path: Path) -> None:
    """Draw both losses, and the epoch that was kept."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, losses in (("training", curves.train), ("validation", curves.validation)):
        axes.plot(range(1, len(losses) + 1), losses, label=name)
    axes.axvline(curves.best + 1, color="grey", linestyle=":", label="kept")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend()
    figure.savefig(path, dpi=120)
