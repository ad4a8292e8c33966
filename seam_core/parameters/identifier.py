"""Parameters of the Identifier."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class IdentifierParameters(Parameters):
    """How binding sites are found."""

    n_sites: int | None = parameter(
        None,
        "Number of sites to cut the tree of positions into (empty: as found)",
        low=1,
        unit="sites",
    )
    site_cut_height: float | None = parameter(
        None, "Cut the tree of positions at this height instead", low=0.0
    )
    site_detection: str = parameter(
        "automatic",
        "How sites are found where neither number nor height is given. Automatic: positions that "
        "clusters keep or lose together, beyond chance. Last gap: the authors' cut of the tree",
        choices=("automatic", "last_gap"),
    )
    site_max_gap: int = parameter(
        4,
        "Positions with more than this many others between them are different sites",
        low=0,
        unit="positions",
        when=("site_detection", ("automatic",)),
    )
    site_min_length: int = parameter(
        3,
        "Fewer positions than this are not a site",
        low=1,
        unit="positions",
        when=("site_detection", ("automatic",)),
    )
    active_multiplier: float = parameter(
        0.5,
        "A cluster shows a site where its mean entropy there is below this share of what the "
        "mutation rate alone gives",
        low=0.0,
        high=2.0,
    )
    epistasis_method: str = parameter(
        "regression",
        "How interactions are estimated from all sequences. Regression on site states uses every "
        "sequence; Moebius compares the means of configurations that show no other site",
        choices=("regression", "moebius"),
    )
    epistasis_order: int = parameter(
        3,
        "Most sites in one interaction that is estimated; fewer where there are so many sites that "
        "it would be more than a thousand interactions",
        low=1,
        high=12,
        unit="sites",
    )
    n_bootstrap: int = parameter(
        400, "Resamplings behind each interval; 0: no intervals", low=0, unit="resamplings"
    )
    interval_level: float = parameter(
        0.95,
        "Confidence level of the intervals; interactions are called at a false discovery rate of "
        "one less this, so that an interval leaves out zero exactly where a term is called",
        low=0.5,
        high=0.999,
    )
    n_trees: int = parameter(
        8,
        "Times that the maps of half the library are clustered anew: sites and interactions are "
        "what these agree on, and have a stability; 0: of the one clustering alone",
        low=0,
        high=100,
        unit="trees",
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)

    @property
    def detects(self) -> bool:
        """True where sites are detected, not cut from the tree of positions."""
        given = self.n_sites is not None or self.site_cut_height is not None
        return self.site_detection == "automatic" and not given
