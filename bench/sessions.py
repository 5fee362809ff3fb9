"""What `ritornello train next` learns from sessions that are made up, for want of real ones with times.

::

    uv run --group bench --extra torch python -m bench.sessions

HetRec 2011 tells how often, not when; no set of listening sessions that may be used was at hand. So listeners are made
up who walk from track to track: mostly to one that is near in energy and tempo and by another artist, sometimes back to
a favourite, sometimes anywhere. The figures tell whether the network learns such a habit, not how right it is about
people; `ritornello train next` on an export of one's own tells that.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from ritornello.datasets.export import export
from ritornello.learn import train
from ritornello.library import Library, files, plays, rights, tracks
from ritornello.models import read_card
from ritornello.play import Play
from ritornello.rights import Use
from ritornello.spotify import ids
from ritornello.track import FEATURES, Album, Artist, AudioFeatures, Track

LISTENERS, TRACKS, HOURS = 80, 600, 8
START, MINUTES = 1_700_000_000_000, 240_000
MODEL = "fma-mfcc-1"


def fill(library: Library, chance: random.Random) -> list[tuple[str, str, float, float]]:
    """Tracks by artists who keep to an energy and a tempo: id, artist, energy, tempo."""
    found = []
    with library.begin() as connection:
        for number in range(TRACKS):
            artist = Artist(ids.of_name("artist", f"Artist {number // 4}"), f"Artist {number // 4}")
            drawn = random.Random(number // 4)
            energy = min(max(drawn.random() + chance.gauss(0, 0.06), 0), 1)
            tempo = 60 + 110 * drawn.random() + chance.gauss(0, 6)
            track = Track(
                ids.of_name("track", str(number)),
                f"Track {number}",
                (artist,),
                Album(ids.of_name("album", str(number // 4)), "Album", (artist,)),
                duration=200.0,
            )
            rest = {"duration": 200.0, "key": chance.randrange(12), "mode": 1, "time_signature": 4, "loudness": -9.0}
            values: dict[str, Any] = (
                {name: chance.random() for name in FEATURES} | rest | {"energy": energy, "tempo": tempo}
            )
            features = AudioFeatures(
                **values,
                tempo_candidates=(),
                confidence=dict.fromkeys(FEATURES, 0.5),
                analysis_version=1,
                model_version=MODEL,
            )
            tracks.put(connection, track, features, b"{}", {"source": "made up"})
            path = Path(f"/made up/{number}.flac")
            files.put(connection, files.File(path, 1, 1, track.id, "analysed", None, (), 1, MODEL, "CC0-1.0"))
            found.append((track.id, artist.id, energy, tempo))
    return found


def listen(library: Library, known: list[tuple[str, str, float, float]], chance: random.Random) -> None:
    """Listeners walk, an hour at a time, with half an hour between."""
    near = [
        sorted(
            (other for other in range(len(known)) if known[other][1] != known[at][1]),
            key=lambda other, at=at: abs(known[other][2] - known[at][2]) + abs(known[other][3] - known[at][3]) / 60,  # type: ignore[misc]
        )[:12]
        for at in range(len(known))
    ]
    with library.begin() as connection:
        for number in range(LISTENERS):
            name, favourites = f"listener {number}", chance.sample(range(len(known)), 8)
            rights.consent(connection, name, [Use.TRAIN_COMMERCIAL, Use.TRAIN_RESEARCH])
            told, moment = [], START
            for _ in range(HOURS):
                at = chance.choice(favourites)
                for _ in range(15):
                    told.append(Play(name, moment, known[at][0], 200_000, "made up"))
                    moment += MINUTES
                    way = chance.random()
                    at = chance.choice(near[at] if way < 0.8 else favourites if way < 0.9 else range(len(known)))
                moment += 30 * 60_000
            plays.add(connection, told)


def main() -> None:
    """Run from the command line."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    chance = random.Random(9)
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library.sqlite") as library:
        listen(library, fill(library, chance), chance)
        export(library, Path(folder) / "rows", Use.TRAIN_COMMERCIAL, sessions=True)
        train.successor(Path(folder) / "rows", Path(folder) / "model")
        card = read_card(Path(folder) / "model")
    print(json.dumps({"rows": card["dataset"]["rows"], "epochs": card["epochs"], "test": card["test"]}, indent=1))


if __name__ == "__main__":
    main()
