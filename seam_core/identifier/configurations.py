"""Activity of every configuration of sites, and the interactions that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.identifier.activity import (
    NOISE,
    Subset,
    all_subsets,
    assign_clusters,
    moebius,
)
from seam_core.records import Explanation, Site

if TYPE_CHECKING:
    import pandas as pd


def subset_name(sites: Sequence[Site], subset: Subset) -> str:
    """ "A+B"; "none" for the configuration without sites."""
    return "+".join(sites[index].name for index in subset) or "none"


def configuration_tables(
    explanation: Explanation,
    sites: Sequence[Site],
    activity: np.ndarray,
    active: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    subsets = all_subsets(len(sites))
    mechanisms = np.flatnonzero(explanation.ids != NOISE)
    chosen = mechanisms[assign_clusters(activity[mechanisms], subsets)]
    medians = explanation.medians[chosen]
    authors = moebius(dict(zip(subsets, medians, strict=True)))
    names = [subset_name(sites, subset) for subset in subsets]
    configurations = pd.DataFrame(
        {
            "sites": names,
            "order": [len(subset) for subset in subsets],
            "assigned_cluster": explanation.ids[chosen],
            "assigned_median": medians,
        }
    )
    epistasis = pd.DataFrame(
        {
            "sites": names,
            "order": [len(subset) for subset in subsets],
            "authors_estimate": [authors[subset] for subset in subsets],
        }
    )
    return configurations, epistasis[epistasis["order"] > 0].reset_index(drop=True)
