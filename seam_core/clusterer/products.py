"""Blocks of float32 products, on the processor or on a GPU."""

from __future__ import annotations

import importlib.util
from typing import Protocol

import numpy as np

from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError, check_choice


class Products(Protocol):
    """(r, D) and (c, D) float32 to their (r, c) products, in `buffer` (r c or more) or not."""

    def __call__(self, left: np.ndarray, right: np.ndarray, buffer: np.ndarray) -> np.ndarray: ...


# below so many multiplications, starting torch takes longer than the processor takes for them
WORTH_A_GPU = 1e12


def on_processor(left: np.ndarray, right: np.ndarray, buffer: np.ndarray) -> np.ndarray:
    """Products into the buffer: new memory for each tile would cost more than its arithmetic."""
    n_rows, n_columns = len(left), len(right)
    block = buffer[: n_rows * n_columns].reshape(n_rows, n_columns)
    return np.matmul(left, right.T, out=block)


def choose_products(device: str, n_multiplications: float = np.inf) -> Products:
    """How products are made.

    Parameters
    ----------
    device : "cpu"; "gpu"; "auto", a GPU where there is one and the work is worth it; or "torch",
        torch on the processor (for tests). Results are the same: products only choose candidates.

    Raises
    ------
    MissingPackageError
        "gpu" without torch.
    InputError
        "gpu" where torch sees none.
    """
    check_choice(device, "cluster_device", ("auto", "cpu", "gpu", "torch"))
    has_torch = importlib.util.find_spec("torch") is not None
    worth = has_torch and n_multiplications > WORTH_A_GPU
    if device == "cpu" or (device == "auto" and not worth):
        return on_processor
    if not has_torch:
        raise MissingPackageError(f"A GPU needs torch: {install_command('torch')}")
    import torch

    if device == "torch":
        return _by_torch("cpu")
    if torch.cuda.is_available():
        return _by_torch("cuda")
    if device == "gpu":
        raise InputError("cluster_device", "gpu", "cpu or auto: torch sees no GPU here")
    return on_processor


def _by_torch(device: str) -> Products:
    import torch

    def products(left: np.ndarray, right: np.ndarray, buffer: np.ndarray) -> np.ndarray:
        on_device = [torch.from_numpy(np.ascontiguousarray(a)).to(device) for a in (left, right)]
        return (on_device[0] @ on_device[1].T).cpu().numpy()

    return products
