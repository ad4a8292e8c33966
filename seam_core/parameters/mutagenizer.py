"""Parameters of the Mutagenizer."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class MutagenizerParameters(Parameters):
    """What the library of mutated sequences looks like."""

    library: str = parameter(
        "local",
        "Local: the reference with random substitutions",
        choices=("local",),
    )
    n_sequences: int = parameter(
        10_000, "Sequences in the library, the reference included", low=1, unit="sequences"
    )
    mutation_rate: float = parameter(
        0.10, "Chance that a position is mutated", low=0.0, high=1.0, unit="per position"
    )
    uniform: bool = parameter(
        False, "The same number of mutations in every sequence, instead of a Poisson number"
    )
    mutate_start: int | None = parameter(
        None, "First position that may mutate (0-based; empty: the first)", low=0, unit="nt"
    )
    mutate_stop: int | None = parameter(
        None, "End of the positions that may mutate (exclusive; empty: the end)", low=1, unit="nt"
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)
