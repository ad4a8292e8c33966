"""Parameters of the interpretation of variants: thresholds of its verdicts, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter


@dataclass(frozen=True)
class VariantParameters(Parameters):
    """How variants are judged. The defaults are those of the benchmark `variants`."""

    silent_effect: float = parameter(
        0.05,
        "An effect is none below this share of the standard deviation of the library's activity, "
        "or below what substitutions outside of sites do where that is more (three times this "
        "share at most)",
        low=0.0,
        high=10.0,
    )
    lost_below: float = parameter(
        0.4, "A site is lost where less than this share of its strength is left", low=0.0, high=1.0
    )
    weakened_below: float = parameter(
        0.8, "A site is weakened where less than this share is left", low=0.0, high=1.0
    )
    strengthened_above: float = parameter(
        1.25, "A site is strengthened where it has more than so many times its strength", low=1.0
    )
    created_above: float = parameter(
        0.5,
        "A new site has at least this share of the strength of the sequence's typical site",
        low=0.0,
        high=10.0,
    )
    moved_above: float = parameter(
        0.4,
        "A map is in another mechanism only where the variant took it this share of the way from "
        "the mean map of the reference's mechanism to that of the other",
        low=0.0,
        high=2.0,
    )
    site_draws: int = parameter(
        20,
        "Random replacements behind each question whether a site was lost or made; 0: do not ask",
        low=0,
        high=10_000,
        unit="draws",
    )
    haplotypes: bool = parameter(
        True, "Alleles that phased genotypes put on one chromosome are also answered together"
    )
    combine: bool = parameter(False, "Also answer every pair of variants together")
    seed: int = parameter(0, "Seed of the random numbers", low=0)
