"""Short pieces that Ritornello composes and plays itself, so that the answer is known.

``compose`` writes a :class:`Score`, whose ``truth`` says tempo, beats, meter, key, chords and sections; ``render``
plays it; ``write_demo`` fills a folder with a dozen of them. Nothing is sampled or downloaded, and the same seed gives
the same sound.
"""

from __future__ import annotations

from ritornello.pieces.compose import compose
from ritornello.pieces.demo import DEMO, write_demo
from ritornello.pieces.render import render
from ritornello.pieces.score import Score, Truth
from ritornello.pieces.styles import STYLES

__all__ = ["DEMO", "STYLES", "Score", "Truth", "compose", "render", "write_demo"]
