"""Ritornello: audio features and audio analysis, computed on your own machine.

``ritornello.analyze.analyze(path)`` does one file, ``ritornello.scan.scan(paths, library)`` a folder,
``ritornello.server.app.create_app(library)`` serves. The nouns are here; importing them loads no NumPy.
"""

from __future__ import annotations

from ritornello.errors import RitornelloError
from ritornello.track import Album, Analysed, Artist, AudioAnalysis, AudioFeatures, Track

__all__ = ["Album", "Analysed", "Artist", "AudioAnalysis", "AudioFeatures", "RitornelloError", "Track", "__version__"]

__version__ = "0.1.0"
