"""Parameters of the Identifier."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class IdentifierParameters(Parameters):
    """How binding sites are found."""

    n_sites: int | None = parameter(
        None, "Number of sites (empty: chosen from the tree of positions)", low=1, unit="sites"
    )
    site_cut_height: float | None = parameter(
        None, "Cut the tree of positions at this height instead", low=0.0
    )
    active_multiplier: float = parameter(
        0.5,
        "A cluster shows a site where its mean entropy there is below this share of what the "
        "mutation rate alone gives",
        low=0.0,
        high=2.0,
    )
