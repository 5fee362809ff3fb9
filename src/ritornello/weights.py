"""Files of learned weights: the ones that their card speaks of, or refused; and the runtime that runs them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ritornello import errors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LINEAGE = {
    "fma-mfcc-1": ("CC-BY-4.0",),
    "heard-1": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "heard-2": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "heard-3": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "heard-4": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "heard-5": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "heard-6": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "heard-7": ("Apache-2.0", "CC-BY-4.0", "ISC"),
    "embedding-1": ("Apache-2.0", "ISC"),
}
"""By version: the licences of the weights that are not our own, and of the labels that they learned from."""

_LABELS = (
    "FMA: A Dataset For Music Analysis, labels of the Echo Nest",
    "Michaël Defferrard, Kirell Benzi, Pierre Vandergheynst, Xavier Bresson",
    "CC-BY-4.0",
)
CREDITS = dict.fromkeys(("fma-mfcc-1", *(version for version in LINEAGE if version.startswith("heard-"))), (_LABELS,))
"""By version: title, authors and licence of what must be named when rows are handed on."""

_ADVICE = "install ritornello again, or make it as training/README.md says"


def lineage(version: str) -> tuple[str, ...]:
    """Licences behind what the weights of a version say; one that is not known is told as an unknown licence."""
    return LINEAGE.get(version, (f"model {version}",))


def card(path: Path) -> dict[str, Any]:
    """What the JSON file at ``path`` says of the weights beside it."""
    if not path.is_file():
        raise errors.BadWeights(f"no card of weights at {path}: {_ADVICE}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def checked(path: Path, sha256: str) -> bytes:
    """Content of a file whose SHA-256 is known.

    Raises
    ------
    BadWeights
        If it is missing or another.
    """
    if not path.is_file():
        raise errors.BadWeights(f"no weights at {path}: {_ADVICE}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise errors.BadWeights(f"{path} has SHA-256 {found}, its card says {sha256}: {_ADVICE}")
    return content


def read(path: Path) -> bytes:
    """Content of a file whose SHA-256 the card of the same name beside it gives."""
    return checked(path, card(path.with_suffix(".json"))["sha256"])


def session(content: bytes) -> InferenceSession:
    """A network, ready to run on one thread; ONNX Runtime is not imported before."""
    try:
        import onnxruntime
    except ImportError as error:
        raise errors.BadWeights(
            "the analysis needs onnxruntime, which is not installed: pip install onnxruntime (for Macs with an Intel "
            "processor 1.23 is the last with wheels, for Python up to 3.13)"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Either would hold one block for all layers of a run: the arena for ever, the pattern to be fetched from the system
    # and handed back each time, which took a fifth of all that the traits cost.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
