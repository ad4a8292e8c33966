"""Which model answers, and which of its outputs is explained."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter
from seam_core.registry import FRAMEWORKS


@dataclass(frozen=True)
class OracleParameters(Parameters):
    """The oracle: a model file, a Python callable or a measured table."""

    model: str = parameter(
        "",
        "Model file (.keras, .h5, SavedModel folder, .json with the weights beside it, "
        "TorchScript .pt, exported .pt2), module:function, or a table of measurements",
        kind="path",
    )
    weights: str = parameter(
        "",
        "Weights of a .json model (empty: the .h5 file of the same name) or of a model that is "
        "named as module:class",
        kind="path",
    )
    framework: str = parameter(
        "auto",
        "What the model is; auto: told from its name",
        registry=FRAMEWORKS,
        choices=("auto",),
    )
    head: str = parameter("0", "Output to explain: its index or its name")
    column: int = parameter(
        0, "Column of that output, where it has more than one; -1: all tracks of a profile", low=-1
    )
    reduction: str = parameter(
        "none",
        "How a profile becomes one number: its sum, its projection on the library's first "
        "principal component, or BPNet's softmax-weighted mean-normalised logits",
        choices=("none", "sum", "first_pc", "bpnet_profile"),
    )
    alphabet: str = parameter("ACGT", "Letters in the order of the model's input channels")
    layout: str = parameter(
        "channels_last",
        "Order of the model's axes: (sequence, position, letter) or (sequence, letter, position)",
        choices=("channels_last", "channels_first"),
    )
    sequence_input: str = parameter(
        "0", "The input that takes the sequence, where the model has several: its index or name"
    )
    other_inputs: str = parameter(
        "",
        "An .npz file with one row for each other input, by name or index; empty: zeros",
        kind="path",
    )
    measured_column: str = parameter(
        "", "Column of a table of measurements with the values (empty: found by its name)"
    )
    sequence_column: str = parameter(
        "", "Column of a table of measurements with the sequences (empty: found by its name)"
    )
