"""A reduction: what of a profile is explained."""

from dataclasses import dataclass

from seam_core.oracles.reductions import Profiles, Reduction
from seam_core.parameters import Parameters
from seam_core.parameters.base import parameter


@dataclass(frozen=True)
class PeakParameters(Parameters):
    """Options `--peak-sharpness`, keys of TOML and rows of the form."""

    peak_sharpness: float = parameter(1.0, "Weight of high positions over low ones", low=0.0)


def peak(profiles: Profiles):
    """A soft maximum over positions; `ops` are those of NumPy, TensorFlow or PyTorch."""
    values, ops = profiles.values, profiles.ops
    weights = ops.softmax(values * profiles.own.peak_sharpness, 1)
    return ops.mean(ops.total(weights * values, 1), 1)


PEAK = Reduction(
    name="peak",
    label="Soft maximum",
    own=PeakParameters,
    reduce=peak,
    sentence=lambda model: f"the soft maximum over positions (sharpness {model.peak_sharpness:g})",
)
