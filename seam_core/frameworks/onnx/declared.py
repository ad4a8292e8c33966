"""ONNX as a framework; onnxruntime is imported when a model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seam_core.frameworks.framework import Framework
from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters
from seam_core.validate import InputError


def _load(parameters: OracleParameters, *, base: Path | None, device: str, model: Any) -> Oracle:
    from seam_core.frameworks.onnx.oracle import load_onnx_oracle

    if model is not None:
        raise InputError("model", parameters.model, "an .onnx file")
    if parameters.weights:
        expected = "nothing: the model has its own"
        raise InputError("weights", parameters.weights, expected, parameters.model)
    return load_onnx_oracle(parameters, base=base)


ONNX = Framework(
    name="onnx", label="ONNX", suffixes=(".onnx",), load=_load, packages=("onnxruntime",)
)
