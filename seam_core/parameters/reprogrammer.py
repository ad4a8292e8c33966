"""Parameters of the ways from the reference to other mechanisms."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class ReprogrammerParameters(Parameters):
    """Which mechanisms are looked for, and how hard."""

    targets: str = parameter(
        "", "Clusters to find a way to; several: 3;7 (empty: the nearest ones)", several=True
    )
    n_nearest: int = parameter(
        12,
        "How many of the nearest mechanisms, where none is named",
        low=1,
        high=10_000,
        unit="mechanisms",
    )
    n_starts: int = parameter(
        3,
        "Sequences of each mechanism whose substitutions are taken back one after another",
        low=1,
        high=100,
        unit="sequences",
    )
    single_substitutions: bool = parameter(
        True, "Also ask the model for every single substitution of the reference"
    )
