"""Train the network that hears beats and bars.

``uv run --group bench --with torch python -m training.pulse --cache DIR`` composes, performs and plays its own training
set (some hours of music; an hour of two cores, kept in DIR), trains for half an hour on one core, and writes
src/ritornello/sound/weights/pulse-2-*.onnx and its card. The same data, seed and number of threads give the same
weights on the same machine; another processor may change last digits, and with them the hashes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from ritornello.sound import pulse
from ritornello.sound.spectrum import FRAME_RATE
from training import performances

# mypy: disable-error-code="misc"
# torch is not installed where types are checked, so its modules are unknown base classes there.
from training.material import CORPUS_TIMES, Heard, heard

Floats = NDArray[np.float32]

CHANNELS, DEPTH, MAPS = 32, 8, 16
"""Multiples of 16 throughout: ONNX Runtime computes such convolutions in two dimensions in half the time of others."""
CROP, BATCH, STEPS = 768, 16, 4000
"""Frames of an example (18 s), examples of a step, steps."""
RATE, DECAY = 3e-3, 1e-3
WORTH = (2.0, 4.0)
"""What a frame with a beat, and one with a downbeat, counts against one without."""


class Block(nn.Module):
    """A dilated convolution over time, added to what went in."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(CHANNELS, CHANNELS, (1, 5), dilation=(1, dilation), padding=(0, 2 * dilation), bias=False)
        self.norm = nn.BatchNorm2d(CHANNELS)
        self.mix = nn.Conv2d(CHANNELS, CHANNELS, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Shapes ``(batch, channels, 1, frames)``."""
        step: torch.Tensor = self.mix(self.drop(functional.relu(self.norm(self.conv(hidden)))))
        return hidden + step


class Front(nn.Module):
    """Bands and chroma to :data:`CHANNELS`, frame by frame."""

    def __init__(self) -> None:
        super().__init__()
        self.rise = nn.Conv2d(1, MAPS, 3, padding=1, bias=False)
        self.rise_norm = nn.BatchNorm2d(MAPS)
        self.shape = nn.Conv2d(MAPS, MAPS, 3, padding=1, bias=False)
        self.shape_norm = nn.BatchNorm2d(MAPS)
        self.gather = nn.Conv1d(MAPS * 10, CHANNELS, 1)
        self.harmony = nn.Conv1d(12, MAPS, 3, padding=4, dilation=4, bias=False)
        self.harmony_norm = nn.BatchNorm1d(MAPS)
        self.harmony_gather = nn.Conv1d(MAPS, CHANNELS, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, bands: torch.Tensor, chroma: torch.Tensor) -> torch.Tensor:
        """From ``(batch, frames, 40)`` and ``(batch, frames, 12)`` to ``(batch, frames, channels)``."""
        maps = functional.max_pool2d(functional.relu(self.rise_norm(self.rise(bands[:, None]))), (1, 2))
        maps = functional.max_pool2d(functional.relu(self.shape_norm(self.shape(maps))), (1, 2))
        chords = functional.relu(self.harmony_norm(self.harmony(chroma.transpose(1, 2))))
        gathered = self.gather(maps.permute(0, 1, 3, 2).flatten(1, 2)) + self.harmony_gather(chords)
        hidden: torch.Tensor = self.drop(functional.relu(gathered)).transpose(1, 2)
        return hidden


class Body(nn.Module):
    """Channels to the logits of beat and downbeat."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(2**i) for i in range(DEPTH))
        self.out = nn.Conv1d(CHANNELS, 2, 1)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """From ``(batch, frames, channels)`` to ``(batch, frames, 2)``."""
        hidden = hidden.transpose(1, 2)[:, :, None]
        for block in self.blocks:
            hidden = block(hidden)
        logits: torch.Tensor = self.out(functional.relu(hidden[:, :, 0])).transpose(1, 2)
        return logits


def example(piece: Heard, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """A stretch of a piece, at another speed, through another equaliser, over noise, in another key.

    Returns
    -------
    bands, chroma, targets
        Shapes ``(CROP, 40)``, ``(CROP, 12)`` and ``(CROP, 2)``.
    """
    speed = float(np.exp(rng.uniform(-0.16, 0.16))) if rng.random() < 0.6 else 1.0
    frames, wanted = len(piece.bands), int(CROP * speed) + 4
    # Chroma has a row for four frames, so stretches start on one.
    start = int(rng.integers(0, max(frames - wanted, 0) + 1)) // 4 * 4
    if rng.random() < 0.15:
        start = 0
    places = start + np.arange(CROP, dtype=np.float64) * speed
    bands = _stretched(piece.bands[start : start + wanted + 2].astype(np.float32), places - start)
    bands[places >= frames - 1] = -100
    loudest = float(np.percentile(piece.bands.max(axis=1).astype(np.float32), 95))
    bands = _through_the_air(bands, loudest, rng)
    floor = np.float32(np.percentile(bands.max(axis=1), 95) - pulse.RANGE_DB)
    rows = np.clip((places / 4 + 0.5).astype(int), 0, len(piece.chroma) - 1)
    quietest = np.float32(1e-4 * piece.chroma.max(initial=0.0) + 1e-12)
    chroma = pulse.evened(np.roll(piece.chroma[rows], int(rng.integers(12)), axis=1), quietest)
    chroma[places >= frames - 1] = 0
    if rng.random() < 0.1:
        chroma = np.zeros_like(chroma)
    truths = [(np.asarray(times) * FRAME_RATE - start) / speed for times in (piece.beats, piece.downbeats)]
    return pulse.scaled(bands, floor), chroma, targets(truths)


def _stretched(rows: Floats, places: NDArray[np.float64]) -> Floats:
    below = np.clip(places.astype(int), 0, len(rows) - 2)
    share = (places - below)[:, None].astype(np.float32)
    return np.asarray(rows[below] * (1 - share) + rows[below + 1] * share, np.float32)


def _through_the_air(bands: Floats, loudest: float, rng: np.random.Generator) -> Floats:
    """An equaliser of some dB, noise, and ends of the spectrum missing."""
    places = np.arange(bands.shape[1])
    if rng.random() < 0.7:
        curve = np.interp(places, np.linspace(0, places[-1], 6), rng.normal(0, 4, 6))
        bands = bands + curve.astype(np.float32)
    if rng.random() < 0.3:
        tilt = np.interp(places, [0, places[-1]], rng.uniform(-12, 6, 2))
        noise = loudest - rng.uniform(20, 55) + tilt + rng.normal(0, 1.5, bands.shape)
        bands = np.maximum(bands, noise.astype(np.float32))
    if rng.random() < 0.1:
        bands[:, : int(rng.integers(2, 8))] = -100
    if rng.random() < 0.1:
        bands[:, int(rng.integers(25, 38)) :] = -100
    return bands


def targets(truths: Iterable[NDArray[np.float64]]) -> Floats:
    """1 in the frame of a beat and of a downbeat, a half beside it."""
    wanted = np.zeros((CROP, 2), np.float32)
    for column, places in enumerate(truths):
        frames = np.rint(places).astype(int)
        for beside, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
            inside = frames + beside
            inside = inside[(inside >= 0) & (inside < CROP)]
            wanted[inside, column] = np.maximum(wanted[inside, column], value)
    return wanted


def train(pieces: list[Heard], steps: int) -> tuple[Front, Body, float]:
    """The network after ``steps`` steps, and its running loss."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    front, body = Front(), Body()
    network = nn.ModuleList([front, body])
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.15)
    shown = [i for i, piece in enumerate(pieces) for _ in range(_times(piece))]
    loss_of = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(WORTH), reduction="none")
    running, began = 0.0, time.perf_counter()
    for step in range(steps):
        rows = [example(pieces[i], rng) for i in rng.choice(shown, BATCH)]
        bands, chroma, wanted = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
        loss = loss_of(body(front(bands, chroma)), wanted).mean((0, 1)).sum()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running = float(loss) if step == 0 else 0.98 * running + 0.02 * float(loss)
        if step % 50 == 0:
            left = (time.perf_counter() - began) / (step + 1) * (steps - step - 1)
            print(f"step {step} of {steps}, loss {running:.4f}, {left / 60:.0f} min left", flush=True)
    network.eval()
    return front, body, running


def _times(piece: Heard) -> int:
    return CORPUS_TIMES if piece.group.startswith("corpus") else 1


def write(front: Front, body: Body, told: dict[str, Any]) -> None:
    """Write the two halves as ONNX, and the card beside them."""
    logits = nn.Sequential(body, nn.Sigmoid()).eval()
    halves: dict[str, tuple[nn.Module, tuple[torch.Tensor, ...], list[str]]] = {
        "front": (front.eval(), (torch.zeros(1, 100, 40), torch.zeros(1, 100, 12)), ["bands", "chroma"]),
        "body": (logits, (torch.zeros(1, 100, CHANNELS),), ["hidden"]),
    }
    hashes = {}
    for name, (half, shapes, inputs) in halves.items():
        path = pulse.WEIGHTS / f"{pulse.VERSION}-{name}.onnx"
        axes = {given: {1: f"{given} frames"} for given in [*inputs, "found"]}
        torch.onnx.export(
            half,
            shapes,
            str(path),
            input_names=inputs,
            output_names=["found"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    card = {"version": pulse.VERSION, "source": "training/pulse.py", "licence": "Apache-2.0", "sha256": hashes, **told}
    (pulse.WEIGHTS / f"{pulse.VERSION}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was heard, some 2 GB")
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    folder: Path = arguments.cache
    folder.mkdir(parents=True, exist_ok=True)
    pieces = []
    for number, sound in enumerate(performances.everything()):
        pieces.append(heard(sound, folder))
        if number % 50 == 0:
            print(f"heard {number} pieces, last {sound.name}", flush=True)
    front, body, loss = train(pieces, arguments.steps)
    groups = Counter("band" if piece.group.startswith("band") else piece.group for piece in pieces)
    write(front, body, {"pieces": dict(groups), "steps": arguments.steps, "loss": round(loss, 4)})


if __name__ == "__main__":
    main()
