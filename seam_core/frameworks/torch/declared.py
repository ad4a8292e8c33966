"""PyTorch as a framework; it is imported when a model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seam_core.frameworks.framework import Framework, is_made_of
from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters


def owns(model: Any) -> bool:
    """Is it a PyTorch module, or a class of such?"""
    return is_made_of(model, ("torch",), "Module")


def recognises(path: Path) -> bool:
    """Is it a file of PyTorch's under another suffix?"""
    from seam_core.frameworks.torch.files import kind_of

    return kind_of(path) in ("script", "exported", "pickle", "folder")


def _load(parameters: OracleParameters, *, base: Path | None, device: str, model: Any) -> Oracle:
    from seam_core.frameworks.torch.files import load_torch_oracle

    return load_torch_oracle(parameters, base=base, device=device, module=model)


TORCH = Framework(
    name="torch",
    label="PyTorch",
    suffixes=(".pt", ".pth", ".pt2", ".ts", ".ckpt", ".safetensors"),
    recognises=recognises,
    owns=owns,
    load=_load,
    packages=("torch",),
)
