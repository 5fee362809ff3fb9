"""The networks hear what they are known to hear, through front ends whose answers are known."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ritornello import errors
from ritornello.sound.waveform import Waveform
from ritornello.traits import networks
from tests.traits.sounds import heard, medley, noise, time, wave

FROZEN: dict[str, list[float]] = json.loads((Path(__file__).parent / "network_vector.json").read_text(encoding="utf-8"))


def windows(seed: int = 0, count: int = 2) -> networks.Floats:
    random = np.random.default_rng(seed)
    return (0.1 * random.standard_normal((count, networks.WINDOW))).astype(np.float32)


def sine(hertz: float) -> networks.Floats:
    t = np.arange(networks.WINDOW) / networks.RATE
    return (0.5 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)[None]


@pytest.mark.parametrize(
    ("patches", "hertz", "band"),
    # The band whose middle is nearest, by each paper's own scale.
    [
        (networks.musicnn_patches, 1000, 31),
        (networks.yamnet_patches, 1000, 20),
        (networks.aed_frames, 1000, 27),
        (networks.musicnn_patches, 4000, 74),
        (networks.yamnet_patches, 4000, 48),
        (networks.aed_frames, 4000, 59),
    ],
)
def test_a_sine_is_loudest_in_its_band(
    patches: Callable[[networks.Floats], networks.Floats], hertz: float, band: int
) -> None:
    rows = patches(sine(hertz))
    assert abs(int(rows.reshape(-1, rows.shape[-1]).mean(axis=0).argmax()) - band) <= 1


def test_front_ends_have_the_shapes_that_the_networks_want() -> None:
    assert networks.musicnn_patches(windows()).shape == (2, 187, 96)
    assert networks.yamnet_patches(windows()).shape == (6, 96, 64)
    assert networks.aed_frames(windows()).shape == (2, 299, 80)


def test_networks_say_what_they_said_in_the_frameworks_that_trained_them() -> None:
    t = np.arange(networks.WINDOW) / networks.RATE
    sweep = (0.3 * np.sin(2 * np.pi * (200 + 300 * t) * t)).astype(np.float32)[None]
    mtt, _, msd, _ = networks.network("musicnn").run(None, {"patches": networks.musicnn_patches(sweep)})
    # Half precision in storage costs up to a hundredth of a logit.
    np.testing.assert_allclose(mtt[0], np.array(FROZEN["mtt"]), atol=0.02)
    np.testing.assert_allclose(msd[0], np.array(FROZEN["msd"]), atol=0.02)


def test_a_louder_copy_is_heard_alike() -> None:
    quiet, loud = heard(medley()), heard(wave(medley().samples * 2))
    for name in ("mtt", "msd", "yamnet", "events"):
        np.testing.assert_allclose(getattr(quiet, name), getattr(loud, name), atol=2e-3)


def test_silence_is_not_amplified() -> None:
    silent = networks.levelled(np.zeros((2, 100), np.float32))
    assert not silent.any()
    half = networks.levelled(np.vstack([np.zeros(100), np.full(100, 0.5)]).astype(np.float32))
    np.testing.assert_allclose(half, np.outer([0, networks.LEVEL], np.ones(100)), rtol=1e-6)


def test_the_most_evenly_spread_windows_are_heard() -> None:
    given = [Waveform(windows(i, 1)[0], networks.RATE) for i in range(15)]
    assert networks.hear(given, [float(i) for i in range(15)]).starts.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]


def test_a_short_sound_is_repeated() -> None:
    beep = 0.3 * np.sin(2 * np.pi * 440 * time(1.0))
    once = networks.hear([wave(beep)], [0.0])
    assert once.mtt.shape == (1, 50)
    thrice = networks.hear([wave(np.tile(beep, 4))], [0.0])
    assert np.abs(once.yamnet - thrice.yamnet).mean() < 1.0


def test_the_number_of_threads_changes_nothing() -> None:
    code = (
        "import json; from ritornello.traits import estimate; "
        "from tests.traits.sounds import heard, medley; "
        "print(json.dumps([e.value for e in estimate(medley(), heard(medley()), -14.0, 15.0).values()]))"
    )
    answers = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code],
                env={"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "PATH": ""},
                cwd=Path(__file__).parents[2],
                capture_output=True,
                check=True,
            ).stdout
        )
        for threads in ("1", "4")
    ]
    np.testing.assert_allclose(answers[0], answers[1], rtol=0, atol=1e-6)


def test_importing_the_traits_loads_no_runtime() -> None:
    code = "import sys, ritornello.traits, ritornello.analyze; sys.exit('onnxruntime' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_weights_that_are_not_the_cards_are_refused(tmp_path: Path) -> None:
    for name in ("aed.onnx", "networks.json"):
        (tmp_path / name).write_bytes((networks.WEIGHTS / name).read_bytes())
    assert networks.network("aed", tmp_path) is not None
    networks.network.cache_clear()
    content = bytearray((tmp_path / "aed.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "aed.onnx").write_bytes(content)
    with pytest.raises(errors.BadWeights, match=r"SHA-256 .* its card says"):
        networks.network("aed", tmp_path)


def test_a_missing_runtime_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    networks.network.cache_clear()
    with pytest.raises(errors.BadWeights, match="needs onnxruntime, which is not installed"):
        networks.network("aed")


def test_the_card_names_every_label_and_licence() -> None:
    card = networks.card()
    assert {name: len(labels) for name, labels in card["labels"].items()} == {
        "mtt": 50,
        "msd": 50,
        "yamnet": 521,
        "aed": 3,
    }
    assert card["embedding_version"] == networks.NETWORKS_VERSION
    assert {part["source"]["licence"].partition(",")[0] for part in card["networks"].values()} == {"ISC", "Apache-2.0"}


def test_noise_is_no_voice() -> None:
    assert heard(noise(6)).events[:, :2].max() < 0.5
