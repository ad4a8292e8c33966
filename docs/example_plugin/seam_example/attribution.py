"""An attribution method with a parameter of its own."""

from dataclasses import dataclass

import numpy as np

from seam_core.attributer import AttributionJob, AttributionMethod, BatchMaps
from seam_core.parameters import Parameters
from seam_core.parameters.base import parameter


@dataclass(frozen=True)
class OcclusionParameters(Parameters):
    """Options `--occlusion-width`, keys of TOML and rows of the form."""

    occlusion_width: int = parameter(5, "Letters hidden at once", low=1, high=99, unit="nt")


def occlusion(job: AttributionJob):
    """What the prediction loses where letters are hidden (all zero)."""

    def maps(first: int, last: int, tick) -> BatchMaps:
        one_hot, width = job.one_hot(first, last), job.own.occlusion_width
        predictions, found = job.oracle.predict(one_hot), np.zeros_like(one_hot)
        for start in job.window:
            hidden = one_hot.copy()
            hidden[:, start : start + width] = 0
            lost = (predictions - job.oracle.predict(hidden)) / width
            found[:, start : start + width] += lost[:, None, None]
        return BatchMaps(found * one_hot, predictions)

    return maps


OCCLUSION = AttributionMethod(
    name="occlusion",
    label="Occlusion",
    own=OcclusionParameters,
    prepare=occlusion,
    sentence=lambda maps: (
        f"occlusion of {maps.parameters.occlusion_width} letters at a time {{cite}}"
    ),
    citation="Zeiler MD, Fergus R. Visualizing and understanding convolutional networks. ECCV, "
    "818-833 (2014).",
)
