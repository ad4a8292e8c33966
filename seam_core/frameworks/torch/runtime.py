"""PyTorch, imported late."""

from __future__ import annotations

from typing import Any

from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError

# What PyTorch raises for inputs that do not fit.
CALL_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, AttributeError)


def import_torch() -> Any:
    """The torch module; raises `MissingPackageError` when PyTorch is not installed."""
    try:
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
