"""Parameters of the Compiler."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class CompilerParameters(Parameters):
    """What the table of sequences holds."""

    activity_name: str = parameter(
        "Activity",
        "Name of the activity column in exported tables (the peer's files say DNN)",
        choices=("Activity", "DNN"),
    )
    background_effect: bool = parameter(
        True,
        "Of a global library, ask the model about the backgrounds too, for the column GIA (twice "
        "the predictions)",
    )
