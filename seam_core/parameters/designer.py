"""Parameters of designed sequences."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter
from seam_core.validate import InputError


@dataclass(frozen=True)
class DesignerParameters(Parameters):
    """Which sequences are designed, and what is ordered."""

    mechanism: int | None = parameter(
        None, "Cluster whose mechanism the sequences are to have (empty: the reference's)", low=0
    )
    n_designs: int = parameter(24, "Sequences to design", low=1, high=10_000, unit="sequences")
    activity: str = parameter(
        "", "Range of activities that they are to have, as 3:5, 3: or :5 (empty: any)"
    )
    least_confidence: float = parameter(
        0.5,
        "How sure it must be at least that a sequence's map is of the mechanism: share of the "
        "library's maps with such a margin that are in their own cluster",
        low=0.0,
        high=1.0,
    )
    min_distance: int = parameter(
        10,
        "At how many positions any two of them differ, at least",
        low=1,
        high=1_000_000,
        unit="positions",
    )
    keep: str = parameter(
        "",
        "Site whose letters all of them have as the reference has them; several: A;B",
        several=True,
    )
    source: str = parameter(
        "both",
        "Sequences of the library, new ones by recombination and search, or the library first",
        choices=("both", "library", "search"),
    )
    search_effort_per_design: int = parameter(
        40,
        "Sequences that the model makes maps of, at most, for each one designed",
        low=2,
        high=10_000,
        unit="per design",
        when=("source", ("both", "search")),
    )
    avoid: str = parameter(
        "",
        "What no ordered sequence may hold, on either strand: letters (IUPAC codes too), or an "
        "enzyme of REBASE as EcoRI; several: GAATTC;BsaI",
        several=True,
    )
    longest_run: int = parameter(
        8, "Longest run of one letter in what is ordered; 0: any", low=0, high=1_000, unit="nt"
    )
    n_controlled: int = parameter(
        4,
        "Designs that get controls: each site broken, all of them broken, shuffled",
        low=0,
        high=10_000,
        unit="designs",
    )
    left_adapter: str = parameter("", "Letters ordered before each sequence", kind="sequence")
    right_adapter: str = parameter("", "Letters ordered behind each sequence", kind="sequence")
    barcode_length: int = parameter(
        0,
        "Letters of the barcode between sequence and right adapter; 0: none",
        low=0,
        high=100,
        unit="nt",
    )
    barcode_distance: int = parameter(
        3,
        "At how many positions any two barcodes differ, at least",
        low=1,
        high=100,
        unit="positions",
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest activity; infinite where there is no bound. Raises `InputError`."""
        return activity_bounds(self.activity)


def activity_bounds(text: str) -> tuple[float, float]:
    """ "3:5" as (3.0, 5.0); raises `InputError`."""
    if not text.strip():
        return float("-inf"), float("inf")
    low, colon, high = text.partition(":")
    expected = "a range of activities, as 3:5, 3: or :5"
    try:
        bounds = float(low or "-inf"), float(high or "inf")
    except ValueError as error:
        raise InputError("activity", repr(text), expected) from error
    if not colon or not bounds[0] <= bounds[1]:
        raise InputError("activity", repr(text), expected)
    return bounds
