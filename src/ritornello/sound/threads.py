"""How many threads arithmetic takes: one, because the arrays here are small and a machine has other work."""

from __future__ import annotations

import os


def keep_to_one() -> None:
    """Hold linear algebra to one thread, unless the user says otherwise; call before NumPy is imported."""
    for name in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "BLIS_NUM", "VECLIB_MAXIMUM"):
        os.environ.setdefault(f"{name}_THREADS", "1")
