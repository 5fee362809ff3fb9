"""Small neural networks, trained on a data set whose rights permit it; needs the extra ``torch``."""

from __future__ import annotations

from ritornello.errors import ModelError

try:
    import matplotlib  # noqa: F401
    import onnx  # noqa: F401
    import torch  # noqa: F401
except ImportError as error:
    raise ModelError(f"training needs {error.name}, which is not installed: pip install 'ritornello[torch]'") from error
