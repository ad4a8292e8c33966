"""Made-up answers of a model about the sites of a made-up analysis."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from seam_core.findings import Experiments, Trust
from seam_core.parameters import ExperimenterParameters
from seam_core.records import Site

VERDICTS = ("confirmed", "weak", "not_confirmed", "confirmed")


def experiments(sites: tuple[Site, ...]) -> Experiments:
    """Verdicts in turn; knock-out effects 1.0, 0.5, ...; one called interaction that saturates."""
    n = len(sites)
    names = [site.name for site in sites]
    effects = 1.0 / (1.0 + np.arange(n))
    numbers = {
        "effect": effects,
        "se": np.full(n, 0.01),
        "p": np.full(n, 0.005),
        "q": np.full(n, 0.0075),
        "context_effect": effects / 2,
        "context_se": np.full(n, 0.02),
        "sufficiency": effects / 3,
        "sufficiency_se": np.full(n, 0.02),
        "with_partners": effects,
        "with_partners_se": np.full(n, 0.02),
        "control_limit": np.full(n, 0.1),
        "matter": np.ones(n),
    }
    frame = pd.DataFrame(
        {
            "site": np.array(names, dtype=object),
            "origin": "library",
            "verdict": [VERDICTS[i % 4] for i in range(n)],
            **numbers,
            "n_controls": 200,
            "told_by": "knock-out",
            "note": "",
        }
    )
    subsets = [c for order in (1, 2) for c in combinations(names, order)]
    order = np.array([len(subset) for subset in subsets], dtype=np.int64)
    estimate = np.where(order == 1, 1.0, -0.4)
    terms = pd.DataFrame(
        {
            "sites": np.array(["+".join(subset) for subset in subsets], dtype=object),
            "order": order,
            "activity": np.full(len(subsets), 2.0),
            "estimate": estimate,
            "se": np.full(len(subsets), 0.02),
            "p": np.full(len(subsets), 1e-6),
            "q": np.full(len(subsets), 1e-5),
            "called": np.ones(len(subsets), bool),
            "latent_estimate": np.where(order == 1, 1.0, 0.01),
            "latent_se": np.full(len(subsets), 0.02),
            "saturation": order == 2,
        }
    )
    starts = np.arange(0, 30, 3)
    scan = pd.DataFrame(
        {
            "start": starts,
            "stop": starts + 6,
            **{
                name: np.zeros(len(starts))
                for name in ("effect", "se", "context_effect", "context_se")
            },
            "stands_out": np.zeros(len(starts), bool),
        }
    )
    return Experiments(
        frame,
        terms,
        scan,
        link="logistic between 0 and 5, fitted",
        unexplained=(0.1, 0.01),
        n_questions=12_345,
        parameters=ExperimenterParameters(),
    )


def trust(sites: tuple[Site, ...]) -> Trust:
    return Trust(
        verdict="doubtful",
        warnings=("Site B was only weakly confirmed by experiment.",),
        remarks=("What does less than 0.01 is not looked for.",),
        states_r2=0.81,
        additive_r2=0.62,
        largest_cluster=0.3,
        clusters_of_one=0,
        saturated=0.04,
        completeness=0.01,
        halves=1.0,
        persistence=pd.DataFrame(
            {
                "site": np.array([site.name for site in sites], dtype=object),
                "persistence": np.full(len(sites), 0.8),
                "n_cuts": np.full(len(sites), 5),
            }
        ),
        robustness=pd.DataFrame(
            {"mutations": [0, 5], "n": [1, 59], "kept": [1.0, 0.4], "same_sites": [1.0, 0.6]}
        ),
        kept=0.41,
        half_lost=5,
        reprogramming=pd.DataFrame({"cluster": [0, 1], "distance": [0, 4]}),
        parameters=ExperimenterParameters(),
        robust=0.25,
        background_share=0.3,
        leaving=pd.DataFrame(
            {
                "position": [3, 4, 5, 9],
                "n": [20, 20, 20, 20],
                "kept": [0.1, 0.1, 0.1, 0.9],
                "kept_intact": [0.9] * 4,
                "leaves": [True, True, True, False],
            }
        ),
    )
