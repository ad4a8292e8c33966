"""Parameters of the MetaExplainer."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class MetaExplainerParameters(Parameters):
    """How clusters are summarised."""

    cluster_order: str = parameter(
        "median", "Order of the clusters", choices=("median", "similarity", "label")
    )
    entropy_multiplier: float = parameter(
        0.5,
        "A position belongs to the background where its entropy exceeds this share of what the "
        "mutation rate alone gives",
        low=0.0,
        high=2.0,
    )
    adaptive_background: bool = parameter(
        False, "Scale the average background to each cluster before it is subtracted"
    )
    background_rate: float | None = parameter(
        None,
        "Mutation rate of the library (empty: as the library was made, or estimated from it)",
        low=0.0,
        high=1.0,
        unit="per position",
    )
