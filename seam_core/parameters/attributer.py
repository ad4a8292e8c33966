"""Parameters of the Attributer."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class AttributerParameters(Parameters):
    """How an attribution map is computed for each sequence."""

    method: str = parameter("saliency", "How a map is computed", choices=("saliency", "intgrad"))
    intgrad_steps: int = parameter(
        20, "Steps along the path from the baseline", low=2, when=("method", ("intgrad",))
    )
    baseline: str = parameter(
        "zeros", "Where the path starts", choices=("zeros",), when=("method", ("intgrad",))
    )
    multiply_by_inputs: bool = parameter(
        False,
        "Multiply the mean gradient by (sequence - baseline)",
        when=("method", ("intgrad",)),
    )
    map_start: int | None = parameter(
        None, "First position that the maps cover (0-based; empty: the first)", low=0, unit="nt"
    )
    map_stop: int | None = parameter(
        None,
        "End of the positions that the maps cover (exclusive; empty: the end)",
        low=1,
        unit="nt",
    )
    batch_size: int = parameter(
        0, "Sequences at a time; 0: chosen from the memory there is", low=0, unit="sequences"
    )
    device: str = parameter("auto", "Where the model runs", choices=("auto", "cpu", "gpu"))
