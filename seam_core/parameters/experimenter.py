"""Parameters of the experiments."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter

LINKS = ("fitted", "identity", "log", "logit")


@dataclass(frozen=True)
class ExperimenterParameters(Parameters):
    """How the model is asked again about what was found."""

    experiments: bool = parameter(
        True,
        "Ask the model again: knock sites out, put them into other sequences, combine them. "
        "Without: sites are marked as not asked",
    )
    n_draws: int = parameter(
        300,
        "Random replacements behind each effect; fewer in a factorial of many sites",
        low=20,
        high=10_000,
        unit="draws",
        when=("experiments", (True,)),
    )
    n_controls: int = parameter(
        200,
        "Windows without a site that the same is done to, for each length of a site; at least "
        "20 a candidate, as one of many is else never significant",
        low=50,
        high=5_000,
        unit="windows",
        when=("experiments", (True,)),
    )
    control_draws: int = parameter(
        10,
        "Random replacements behind the effect of each control window",
        low=3,
        high=1_000,
        unit="draws",
        when=("experiments", (True,)),
    )
    missed_sites: bool = parameter(
        True,
        "Look for missed sites: replace a sliding window over the whole sequence",
        when=("experiments", (True,)),
    )
    refine_bounds: bool = parameter(
        True,
        "Bounds of a site follow the positions that change the activity when they alone are "
        "replaced",
        when=("experiments", (True,)),
    )
    link: str = parameter(
        "fitted",
        "Monotone link between the sum of sites and the activity, which interactions are also "
        "told without: fitted from the library, or given",
        choices=LINKS,
        when=("experiments", (True,)),
    )
    spacing: bool = parameter(
        False,
        "Also move each pair of sites apart and turn one round: activity over distance and "
        "orientation",
        when=("experiments", (True,)),
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)
