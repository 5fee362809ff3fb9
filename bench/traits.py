"""The seven traits beside baselines and peers, against every reference there is, and whether they move the right way.

::

    uv run --group bench --group peers python -m bench.traits --audio DIR
        [--fma DIR --labels echonest.json] [--moods DIR]

``--audio`` is a folder of unpacked Debian packages (training/README.md lists them); a package is a soundtrack, and a
soundtrack is a group; those that taught the heads are left out. Nobody has labelled them: there vibenet is the
reference, a model that was trained on labelled audio and is one of the witnesses that taught ours, so the figures say
how far programs agree with it and not how right they are. ``--fma`` is a folder of the
Free Music Archive's audio (``000/000002.mp3`` and so on), whose labels are real. ``--moods`` is a folder of pieces that
were made to order, acoustic and electronic, of a mood each: the unpacked wheel of immich-memories-music 0.1.0 (MIT).
What is not installed or not there is skipped.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pebble import ProcessExpired, ProcessPool

from ritornello import analyze, traits
from ritornello.errors import AudioError
from ritornello.sound import encode, loudness, onsets
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import Gist, skim
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.sound.waveform import Waveform
from ritornello.traits import cards, cepstral, heads, networks
from ritornello.traits.descriptors import describe

Array = NDArray[np.float64]

SUFFIXES = {".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav"}
EFFECTS = ("asterisk-core-sounds", "ktuberling", "etw-data", "lmms-common", "circuslinux", "foobillardplus")
"""Packages that hold no music."""
EACH = 6
SHORTEST = 30.0
"""Seconds; what is shorter is a jingle or a noise and no piece."""
WEIGHTS = networks.WEIGHTS
FIGURES = WEIGHTS / "figures.json"
PLOTS = Path(__file__).parents[1] / "docs" / "traits"
RESAMPLES = 1000
ATTEMPTS = 3
PATIENCE = 300
"""Seconds for one file."""
FMA_GAP = 20
"""FMA numbers the tracks of an album one after the other; a larger step between two ids starts a new group."""


@dataclass(frozen=True)
class Case:
    """One file, and what is known of it."""

    path: Path
    group: str
    label: Array | None = None


Answers = dict[str, Array]
"""By program: seven values in the order of ``heads.NAMES``, NaN where a program does not say."""


@lru_cache(maxsize=1)
def skimmed(path: Path) -> Gist:
    return skim(Decoding(path))


def ritornello(path: Path) -> Answers:
    """Our traits; and what the outline alone says, which is the MFCC baseline."""
    gist = skimmed(path)
    level, activity = loudness.integrated(gist.loudness_energy), onsets.activity(onsets.rises(gist.bands, FRAME_RATE))
    said = traits.estimate(gist.excerpt, analyze.hear(gist), level, activity)
    outline = describe(gist.excerpt)
    return {
        "ritornello": np.array([said[name].value for name in heads.NAMES]),
        "MFCC statistics": np.array([cepstral.estimate(name, outline) for name in heads.NAMES]),
        "confidence": np.array([said[name].confidence for name in heads.NAMES]),
    }


def vibenet() -> Callable[[Path], Answers]:
    """GPL-3: run as it is; what it said of other packages is one of the witnesses that taught our heads."""
    library: Any = importlib.import_module("vibenet")
    soxr: Any = importlib.import_module("soxr")
    model = library.load_model()

    def run(path: Path) -> Answers:
        excerpt = skimmed(path).excerpt
        samples = soxr.resample(excerpt.samples, excerpt.rate, 16000)
        said = model.predict(samples, sr=16000)[0]
        return {"vibenet": np.array([getattr(said, name) for name in heads.NAMES])}

    return run


def sonara() -> Callable[[Path], Answers]:
    """Its mode ``full``; it has no liveness and no speechiness."""
    library: Any = importlib.import_module("sonara")

    def run(path: Path) -> Answers:
        try:
            said = library.analyze_file(str(path), mode="full")
        except NotImplementedError as error:
            print(f"sonara cannot read {path.name}: {str(error).partition(':')[0]}")
            said = {}
        found = [said.get(name) for name in heads.NAMES]
        return {"sonara": np.array([np.nan if value is None else float(value) for value in found])}

    return run


def essentia() -> Callable[[Path], Answers]:
    """Its descriptors of like meaning: Danceability (0 to about 3, divided by 3) and the mean loudness of Vickers."""
    core: Any = importlib.import_module("essentia")
    core.log.infoActive = core.log.warningActive = False
    standard: Any = importlib.import_module("essentia.standard")

    def run(path: Path) -> Answers:
        # Not its own loader: its FFmpeg beside PyAV's in one process crashes now and then.
        samples = whole(path).resampled(44100).samples
        danceability, _ = standard.Danceability()(samples)
        complexity, _ = standard.DynamicComplexity()(samples)
        said = {"danceability": min(danceability / 3, 1.0), "energy": float(np.clip(1 - complexity / 10, 0, 1))}
        return {"essentia": np.array([said.get(name, np.nan) for name in heads.NAMES])}

    return run


PEERS = {"vibenet": vibenet, "sonara": sonara, "essentia": essentia}


def installed() -> list[str]:
    found = [name for name in PEERS if importlib.util.find_spec(name) is not None]
    for name in PEERS.keys() - set(found):
        print(f"skipping {name}: not installed; install it with: uv sync --group bench --group peers")
    return found


@cache
def programs() -> list[Callable[[Path], Answers]]:
    found = [make() for name, make in PEERS.items() if importlib.util.find_spec(name) is not None]
    return [ritornello, *found]


# Material ----------------------------------------------------------------------------------------------------------


def soundtracks(folder: Path, each: int) -> Iterator[Case]:
    taught = json.loads((WEIGHTS / f"{heads.MODEL_VERSION}.json").read_text(encoding="utf-8"))["packages"]
    for package in sorted(folder.iterdir()):
        if package.name.startswith(EFFECTS) or package.name in taught:
            continue
        files = sorted(f for f in package.rglob("*") if f.suffix.lower() in SUFFIXES and f.stat().st_size > 400_000)
        for i in np.unique(np.linspace(0, len(files) - 1, min(each, len(files))).round().astype(int)):
            yield Case(files[i], package.name)


def fma(folder: Path, labels: Path) -> Iterator[Case]:
    table = json.loads(labels.read_text(encoding="utf-8"))
    row = {int(track): key for key, track in table["track_id"].items()}
    group, before = 0, -FMA_GAP
    for file in sorted(folder.rglob("*.mp3")):
        if not file.stem.isdigit() or int(file.stem) not in row:
            continue
        group += int(file.stem) - before > FMA_GAP
        before = int(file.stem)
        label = np.array([table[name][row[before]] for name in heads.NAMES])
        yield Case(file, str(group), label)


def ordered(folder: Path) -> list[Case]:
    """Pieces in folders of the mood that they were to have."""
    return [Case(file, file.parent.name) for file in sorted(folder.rglob("*.opus"))]


# Measures ----------------------------------------------------------------------------------------------------------


def ranks(values: Array) -> Array:
    """Ranks, ties sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])


def correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else float("nan")


MEASURES: dict[str, Callable[[Array, Array], float]] = {
    "Pearson r": correlation,
    "Spearman ρ": lambda y, p: correlation(ranks(y), ranks(p)),
    "MAE": lambda y, p: float(np.abs(y - p).mean()),
    "R²": lambda y, p: float(1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()),
}


def measured(truth: Array, said: Array, groups: NDArray[np.str_]) -> list[str]:
    """Each measure with its 95 % interval, whole groups being drawn again."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    random = np.random.default_rng(0)
    draws = [
        np.concatenate([members[i] for i in random.integers(len(members), size=len(members))]) for _ in range(RESAMPLES)
    ]
    cells = []
    for measure in MEASURES.values():
        value = measure(truth, said)
        low, high = np.nanquantile([measure(truth[d], said[d]) for d in draws], [0.025, 0.975])
        cells.append("–" if np.isnan(value) else f"{value:.2f} [{low:.2f}, {high:.2f}]")
    return cells


def report(title: str, truth: Array, said: dict[str, Array], groups: NDArray[np.str_]) -> list[str]:
    lines = [f"### {title}", "", f"{len(groups)} tracks in {len(set(groups.tolist()))} groups.", ""]
    lines += ["| trait | program | " + " | ".join(MEASURES) + " |", "|---|---|" + "---|" * len(MEASURES)]
    for i, name in enumerate(heads.NAMES):
        for program, values in said.items():
            known = ~np.isnan(values[:, i])
            if known.any():
                cells = measured(truth[known, i], values[known, i], groups[known])
                lines.append(f"| {name} | {program} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def means(labels: Path | None, truth: Array, groups: NDArray[np.str_]) -> dict[str, Array]:
    """What a constant scores: the mean of the published labels, and of the other groups of this very reference."""
    found = {}
    if labels is not None:
        table = json.loads(labels.read_text(encoding="utf-8"))
        published = [float(np.mean(list(table[name].values()))) for name in heads.NAMES]
        found["mean of FMA's labels"] = np.tile(published, (len(truth), 1))
    rest = np.array([truth[groups != group].mean(axis=0) for group in groups])
    return found | {"mean of the other groups": rest}


def calibration(truth: Array, answers: Answers) -> dict[str, list[tuple[str, float, float]]]:
    """Thirds by confidence: what was promised, and how often the value was within 0.15."""
    hits = np.abs(answers["ritornello"] - truth) <= heads.TOLERANCE
    found = {}
    for i, name in enumerate(heads.NAMES):
        order = np.argsort(answers["confidence"][:, i], kind="stable")
        parts = zip(("lowest", "middle", "highest"), np.array_split(order, 3), strict=True)
        found[name] = [
            (title, round(float(answers["confidence"][part, i].mean()), 3), round(float(hits[part, i].mean()), 3))
            for title, part in parts
        ]
    return found


def calibration_table(thirds: dict[str, list[tuple[str, float, float]]]) -> list[str]:
    lines = ["| trait | third by confidence | promised | within 0.15 |", "|---|---|---|---|"]
    for name, rows in thirds.items():
        lines += [f"| {name} | {title} | {promised:.0%} | {kept:.0%} |" for title, promised, kept in rows]
    return [*lines, ""]


def write(truth: Array, shown: dict[str, Array], answers: Answers, groups: NDArray[np.str_]) -> None:
    """The figures that the cards show, a plot for each trait, and the cards themselves in docs/traits."""
    agreement = {
        name: {
            program: measured(truth[known, i], values[known, i], groups[known])
            for program, values in shown.items()
            if (known := ~np.isnan(values[:, i])).any()
        }
        for i, name in enumerate(heads.NAMES)
    }
    figures = {
        "model_version": heads.MODEL_VERSION,
        "tracks": len(truth),
        "groups": len(set(groups.tolist())),
        "agreement": agreement,
        "calibration": calibration(truth, answers),
    }
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for i, name in enumerate(heads.NAMES):
        draw(name, answers["ritornello"][:, i], truth[:, i])
    for title in cards.TITLES:
        (PLOTS / f"{title}.md").write_text(cards.render(title), encoding="utf-8")


def draw(name: str, ours: Array, theirs: Array) -> None:
    """Every piece, and the mean of the reference in tenths of the pieces by our value."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = name
    plots: Any = importlib.import_module("matplotlib.pyplot")
    figure, axes = plots.subplots(figsize=(4, 4), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.8", lw=1)
    axes.scatter(ours, theirs, s=6, color="tab:blue", alpha=0.5, lw=0)
    tenths = np.array_split(np.argsort(ours, kind="stable"), 10)
    axes.plot([ours[t].mean() for t in tenths], [theirs[t].mean() for t in tenths], "o-", color="tab:red", ms=4)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=f"{name}, ritornello", ylabel=f"{name}, vibenet")
    figure.savefig(PLOTS / f"{name}.svg", metadata={"Date": None})
    plots.close(figure)


def moods(kept: list[Case], answers: Answers) -> list[str]:
    """How often an acoustic piece has the higher acousticness of two, and the mean of energy and valence by mood."""
    mood = np.array([case.group for case in kept])
    acoustic = np.array(["_acoustic_" in case.path.stem for case in kept])
    names = sorted(set(mood.tolist()))
    lines = [f"### Made to order: {acoustic.sum()} acoustic and {(~acoustic).sum()} electronic pieces", ""]
    lines += [
        "| program | trait | acoustic above electronic | " + " | ".join(names) + " |",
        "|---|---|---|" + "---|" * len(names),
    ]
    for program, values in answers.items():
        for name in ("acousticness", "energy", "valence"):
            told = values[:, column(name)]
            if program == "confidence" or np.isnan(told).any():
                continue
            above = f"{(told[acoustic][:, None] > told[~acoustic]).mean():.0%}" if name == "acousticness" else ""
            cells = [program, name, above, *(f"{told[mood == each].mean():.2f}" for each in names)]
            lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


# Directions --------------------------------------------------------------------------------------------------------


def filtered(waveform: Waveform, chain: tuple[tuple[str, str], ...]) -> Waveform:
    """The sound through filters of FFmpeg."""
    av: Any = importlib.import_module("av")
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=waveform.rate, layout="mono", time_base="1/" + str(waveform.rate)
    )
    last = source
    for name, options in chain:
        node = graph.add(name, options)
        last.link_to(node)
        last = node
    form = graph.add("aformat", "sample_fmts=flt:channel_layouts=mono")
    last.link_to(form)
    sink = graph.add("abuffersink")
    form.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(waveform.samples[None]), format="flt", layout="mono")
    frame.sample_rate, frame.pts = waveform.rate, 0
    source.push(frame)
    source.push(None)
    pieces = []
    while True:
        try:
            pieces.append(sink.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return Waveform(np.concatenate(pieces).astype(np.float32), waveform.rate)


def vocoded(sound: Waveform, rate: float) -> Waveform:
    """Faster by this factor, the pitch kept, by librosa's phase vocoder as it is: it takes 3 dB and smears attacks."""
    librosa: Any = importlib.import_module("librosa")
    return replace(sound, samples=librosa.effects.time_stretch(sound.samples, rate=rate).astype(np.float32))


MASTER = (
    ("equalizer", "f=100:t=q:w=0.7:g=1.5"),
    ("equalizer", "f=9000:t=q:w=0.7:g=2"),
    ("acompressor", "threshold=0.15:ratio=2.5:attack=10:release=120:makeup=1.3"),
    ("alimiter", "limit=0.95"),
)
"""More bass and treble, and compressed."""
DARKER = (
    ("equalizer", "f=150:t=q:w=0.7:g=1.5"),
    ("equalizer", "f=7000:t=q:w=0.7:g=-2"),
    ("acompressor", "threshold=0.25:ratio=2:attack=20:release=200:makeup=1"),
)
"""Less treble, and compressed a little."""
MONO_RATES = {"MP3": 64_000, "narrower MP3": 48_000}
"""Bits a second of mono; LAME cuts it off at 16 and at 11 kHz, as it does stereo at 128 and at 64 kbit/s."""


def said(waveform: Waveform, suffix: str = ".wav", bit_rate: int | None = None) -> Array:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sound{suffix}"
        encode.write(path, waveform, bit_rate=bit_rate)
        return ritornello(path)["ritornello"]


def whole(path: Path) -> Waveform:
    blocks = [(np.mean(block.samples, axis=0), block.rate) for block in Decoding(path).blocks()]
    return Waveform(np.concatenate([samples for samples, _ in blocks]).astype(np.float32), blocks[0][1])


def mono(path: Path, seconds: float = 60.0) -> Waveform:
    """The middle minute."""
    sound = whole(path)
    samples, rate = sound.samples, sound.rate
    half = int(seconds * rate / 2)
    return Waveform(samples[max(0, len(samples) // 2 - half) : len(samples) // 2 + half], rate)


def with_crowd(music: Waveform, crowd: Waveform, below: float) -> Waveform:
    layer = np.resize(crowd.resampled(music.rate).samples, len(music.samples))
    scale = np.sqrt((music.samples**2).mean() / max(float((layer**2).mean()), 1e-12)) * 10 ** (-below / 20)
    return replace(music, samples=(0.5 * (music.samples + layer * scale)).astype(np.float32))


def column(name: str) -> int:
    return heads.NAMES.index(name)


def directions(folder: Path, stems: Path | None, music: list[Path]) -> list[str]:
    """Each change on every piece: how many moved the right way, and by how much on average and at most."""
    crowds = [f for f in sorted(folder.rglob("*.wav")) if "applause" in f.name or "cheering" in f.name]
    rows = []
    sounds = [mono(path) for path in music]
    plain = np.array([said(sound) for sound in sounds])

    def row(title: str, change: Callable[[Waveform], Array], trait: str, sign: int) -> None:
        moved = sign * (np.array([change(sound) for sound in sounds])[:, column(trait)] - plain[:, column(trait)])
        rows.append(f"| {title} | {trait} | {(moved > 0).sum()} of {len(moved)} | {sign * moved.mean():+.3f} |")

    for crowd_file in crowds[:3]:
        crowd = mono(crowd_file)
        for below in (0.0, 6.0):
            title = f"crowd ({crowd_file.name}) {below:g} dB below the music"
            row(title, lambda s, c=crowd, b=below: said(with_crowd(s, c, b)), "liveness", 1)  # type: ignore[misc]
    row("played 25 % faster", lambda s: said(filtered(s, (("atempo", "1.25"),))), "energy", 1)
    row("played 20 % slower", lambda s: said(filtered(s, (("atempo", "0.8"),))), "energy", -1)
    if importlib.util.find_spec("librosa") is not None:
        faster, slower = (lambda s, r=r: said(vocoded(s, r)) for r in (1.25, 0.8))
        row("the same, faster, by a phase vocoder", faster, "energy", 1)
        row("the same, slower, by a phase vocoder", slower, "energy", -1)
    row("6 dB quieter", lambda s: said(replace(s, samples=s.samples * np.float32(0.5))), "energy", -1)
    row("12 dB quieter", lambda s: said(replace(s, samples=s.samples * np.float32(0.25))), "energy", -1)
    lines = ["| change | trait | moved the right way | mean |", "|---|---|---|---|", *rows, ""]
    lines += ["| change | " + " | ".join(heads.NAMES) + " |", "|---|" + "---|" * len(heads.NAMES)]
    again: Callable[[Waveform], Array]
    for title, again in (
        ("MP3 at 64 kbit/s", lambda s: said(s, ".mp3", MONO_RATES["MP3"])),
        ("MP3 at 48 kbit/s", lambda s: said(s, ".mp3", MONO_RATES["narrower MP3"])),
        ("another master", lambda s: said(filtered(s, MASTER))),
        ("a darker master", lambda s: said(filtered(s, DARKER))),
    ):
        moved = np.abs(np.array([again(sound) for sound in sounds]) - plain)
        for measure, values in (("mean", moved.mean(axis=0)), ("largest", moved.max(axis=0))):
            lines.append(f"| {title}, {measure} | " + " | ".join(f"{v:.3f}" for v in values) + " |")
    lines.append("")
    lines += spoken(folder) + piano(folder) + unsung(stems)
    return lines


def spoken(folder: Path) -> list[str]:
    scores = []
    for package in sorted(folder.glob("asterisk-core-sounds-*")):
        files = sorted(f for f in package.rglob("*.wav") if f.stat().st_size > 60_000)[:20:2]
        scores += [said(mono(file))[column("speechiness")] for file in files]
    over = sum(score > 0.66 for score in scores)
    return (
        [
            f"Speech, {len(scores)} recordings in {len(list(folder.glob('asterisk-core-sounds-*')))} languages: "
            f"{over} over 0.66; the lowest {min(scores):.2f}.",
            "",
        ]
        if scores
        else []
    )


def piano(folder: Path) -> list[str]:
    files = [f for f in folder.rglob("*") if f.name in ("enigma_rag.ogg",)]
    return [f"Solo piano ({file.name}): acousticness {said(mono(file))[column('acousticness')]:.2f}." for file in files]


def unsung(stems: Path | None) -> list[str]:
    """A song of five stems (stempeg's), whole and without its voice."""
    if stems is None:
        return ["skipped the song without its voice: no --stems"]
    av: Any = importlib.import_module("av")
    parts = []
    with av.open(str(stems)) as file:
        for number in range(5):
            file.seek(0)
            stream = file.streams.audio[number]
            frames = [frame.to_ndarray().mean(axis=0) for frame in file.decode(stream)]
            parts.append((np.concatenate(frames), stream.rate))
    mix, rate = parts[0]
    voice = parts[4][0]
    size = min(len(mix), len(voice))
    whole = said(Waveform(mix[:size].astype(np.float32), rate))
    less = said(Waveform((mix[:size] - voice[:size]).astype(np.float32), rate))
    i = column("instrumentalness")
    return [f"A song whole and without its voice: instrumentalness {whole[i]:.2f} and {less[i]:.2f}."]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--audio", type=Path, required=True, metavar="DIR", help="unpacked Debian packages")
    parser.add_argument("--fma", type=Path, metavar="DIR", help="audio of the Free Music Archive")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="echonest.json")
    parser.add_argument("--stems", type=Path, metavar="FILE", help="stempeg's song of five stems")
    parser.add_argument("--moods", type=Path, metavar="DIR", help="immich-memories-music, unpacked")
    parser.add_argument("--each", type=int, default=EACH, help="pieces of each soundtrack; 0 for none")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the figures into the cards and draw their plots")
    parser.add_argument("--moved", type=int, default=12, help="pieces for the direction tests; 0 for none")
    arguments = parser.parse_args()
    if not arguments.audio.is_dir():
        print(f"skipped: {arguments.audio} is not there; training/README.md lists the packages")
        return
    lines: list[str] = []
    pieces: list[Path] = []
    cases = {}
    if arguments.each:
        title = "Agreement with vibenet, on soundtracks that taught nothing"
        cases[title] = list(soundtracks(arguments.audio, arguments.each))
    if arguments.fma and arguments.labels:
        cases["Echo Nest's labels, on FMA"] = list(fma(arguments.fma, arguments.labels))
    installed()
    for title, given in cases.items():
        kept, answers = heard(given, arguments.jobs)
        groups = np.array([case.group for case in kept])
        pieces = pieces or [case.path for case in kept]
        if kept and kept[0].label is not None:
            truth = np.array([case.label for case in kept])
        elif "vibenet" in answers:
            truth = answers.pop("vibenet")
        else:
            print(f"skipping {title}: there is no reference without vibenet")
            continue
        shown = {n: v for n, v in answers.items() if n != "confidence"} | means(arguments.labels, truth, groups)
        lines += report(title, truth, shown, groups) + calibration_table(calibration(truth, answers))
        if arguments.write and kept[0].label is None:
            write(truth, shown, answers, groups)
    if arguments.moods:
        lines += moods(*heard(ordered(arguments.moods), arguments.jobs))
    if arguments.moved:
        chosen = pieces[:: max(1, len(pieces) // arguments.moved)][: arguments.moved]
        lines += ["### Directions", "", *directions(arguments.audio, arguments.stems, chosen)]
    print("\n".join(lines))


def answered(case: Case, cache: Path) -> Answers | None:
    """What all programs say; None for what is too short or cannot be read."""
    kept = cache / f"{hashlib.blake2b(str(case.path).encode(), digest_size=12).hexdigest()}.npz"
    if kept.is_file():
        with np.load(kept, allow_pickle=False) as arrays:
            return dict(arrays)
    try:
        if skimmed(case.path).duration < SHORTEST:
            return None
        row: Answers = {}
        for run in programs():
            row |= run(case.path)
    except AudioError as error:
        print(f"left out: {case.path.name}: {error.reason}")
        return None
    np.savez(kept, allow_pickle=False, **row)
    return row


def heard(cases: list[Case], jobs: int) -> tuple[list[Case], Answers]:
    """Answers to all cases. A program that crashes takes its process with it, so what is answered is kept in a file and
    the rest is asked again.
    """
    rows: list[Answers | None] = [None] * len(cases)
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(ATTEMPTS):
            pool = ProcessPool(jobs, context=get_context("spawn"))
            with pool:
                waiting = [pool.schedule(answered, args=(case, Path(cache)), timeout=PATIENCE) for case in cases]
                crashed = 0
                for i, future in enumerate(waiting):
                    try:
                        rows[i] = future.result()
                    except ProcessExpired:
                        crashed += 1
                        print(f"a program crashed at {cases[i].path.name}", flush=True)
            if not crashed:
                break
    kept = [(case, row) for case, row in zip(cases, rows, strict=True) if row is not None]
    names = kept[0][1] if kept else {}
    return [case for case, _ in kept], {name: np.array([row[name] for _, row in kept]) for name in names}


if __name__ == "__main__":
    main()
