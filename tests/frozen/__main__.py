"""Write the frozen numbers anew; see the package's docstring for when to."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from ritornello.analyze import analyze
from ritornello.sound.encode import write
from ritornello.track import ANALYSIS_VERSION
from tests.frozen import NUMBERS, material, numbers

found = {}
with TemporaryDirectory() as folder:
    for name, sound in material().items():
        write(Path(folder) / "sound.wav", sound)
        found[name] = numbers(analyze(Path(folder) / "sound.wav"))
NUMBERS.write_text(json.dumps({"analysis_version": ANALYSIS_VERSION, "numbers": found}, indent=1) + "\n")
