"""PyTorch, imported late."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from seam_core.frameworks.bfloat16 import check_processor
from seam_core.importing import importing_for_good
from seam_core.oracles.array_ops import ArrayOps
from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError, OracleError

# What PyTorch raises for inputs that do not fit.
CALL_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, AttributeError)


def import_torch() -> Any:
    """The torch module; raises `MissingPackageError` when PyTorch is not installed."""
    try:
        if "torch" not in sys.modules:
            with importing_for_good():
                import torch
        import torch
    except ImportError as error:
        raise MissingPackageError(
            f"PyTorch models need PyTorch: {install_command('torch')}"
        ) from error
    return torch


def torch_device(device: str) -> Any:
    """The torch.device for "auto", "cpu" or "gpu"; `InputError` where "gpu" finds none."""
    torch = import_torch()
    has_gpu = torch.cuda.is_available()
    if device == "gpu" and not has_gpu:
        raise InputError("device", "gpu, but PyTorch sees none", "cpu or auto")
    return torch.device("cuda" if has_gpu and device != "cpu" else "cpu")


def check_bfloat16(device: Any) -> None:
    """Raise `OracleError` where a torch.device has no bfloat16 of its own."""
    if device.type == "cpu":
        check_processor()
    elif not import_torch().cuda.is_bf16_supported(including_emulation=False):
        raise OracleError("this GPU has no bfloat16")


def numbers_only() -> AbstractContextManager[None]:
    """Where PyTorch reads NumPy's arrays and options of a command too, without running code."""
    multiarray: Any = sys.modules.get("numpy._core.multiarray")  # numpy.core before NumPy 2
    multiarray = multiarray or sys.modules["numpy.core.multiarray"]
    torch = import_torch()
    makers = [
        (getattr(multiarray, name), f"{module}.multiarray.{name}")
        for name in ("_reconstruct", "scalar")
        for module in ("numpy.core", "numpy._core")
    ]
    dtypes = [getattr(np.dtypes, name) for name in np.dtypes.__all__]
    made: AbstractContextManager[None] = torch.serialization.safe_globals(
        [*makers, np.ndarray, np.dtype, *dtypes, codecs.encode, argparse.Namespace]
    )
    return made


@contextmanager
def one_thread() -> Iterator[None]:
    """While it lasts, a call takes one thread: of many small ones several wait for each other."""
    torch = import_torch()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def torch_ops() -> ArrayOps:
    """What reductions need of PyTorch."""
    torch = import_torch()
    return ArrayOps(
        total=lambda array, axis: array.sum(dim=axis),
        mean=lambda array, axis: array.mean(dim=axis),
        softmax=lambda array, axis: torch.softmax(array, dim=axis),
        held=lambda array: array.detach(),
        log=lambda array: array.log(),
        constant=lambda values, like: like.new_tensor(values),
        turned=lambda array: array.movedim(1, 2),
        flipped=lambda array, axis: array.flip(axis),
        expanded=lambda array, axis: array.unsqueeze(axis).contiguous(),  # some modules call view
        flat=lambda array: array.flatten(1),
        widened=lambda array: array.float() if array.dtype.itemsize == 2 else array,
        tokens=lambda array: array.argmax(dim=2),
        joined=lambda arrays, axis: torch.cat(arrays, dim=axis),
    )
