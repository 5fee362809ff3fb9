"""What arithmetic may take of a machine: one thread, because the arrays here are small and a machine has other work."""

from __future__ import annotations

import os


def keep_frugal() -> None:
    """Hold linear algebra to one thread and NumPy to small pages, unless the user says otherwise.

    Call before NumPy is imported. It asks Linux for huge pages for arrays from 4 MB on, and Linux may then tidy its
    memory first, which can take longer than all that is computed in them.
    """
    for name in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "BLIS_NUM", "VECLIB_MAXIMUM"):
        os.environ.setdefault(f"{name}_THREADS", "1")
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
