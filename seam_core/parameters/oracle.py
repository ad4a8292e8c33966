"""Which model answers, and which of its outputs is explained."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class OracleParameters(Parameters):
    """The oracle: a model file, a Python callable or a measured table."""

    model: str = parameter(
        "",
        "Model file (.keras, .h5, SavedModel folder, .json with the weights beside it), "
        "module:function, or a table of measurements",
        kind="path",
    )
    weights: str = parameter(
        "", "Weights of a .json model; empty: the .h5 file of the same name", kind="path"
    )
    head: str = parameter("0", "Output to explain: its index or its name")
    column: int = parameter(0, "Column of that output, where it has more than one", low=0)
    alphabet: str = parameter("ACGT", "Letters in the order of the model's input channels")
