"""The same sites knocked out of each fold of an ensemble, or of each strand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.experiments.designs import Positions, Setting, necessity
from seam_core.experiments.questions import Questions, mean_and_error
from seam_core.oracles import Oracle
from seam_core.progress import PartOfProgress, Progress

if TYPE_CHECKING:
    import pandas as pd

Members = Sequence[tuple[str, Oracle]]
MOST_DRAWS = 50

SHOWN = 1 / 3
"""A fold shows a site by this share of the effect that all have together, in its direction."""


def members_frame(
    members: Members,
    setting: Setting,
    names: Sequence[str],
    sites: Sequence[Positions],
    *,
    alphabet: str,
    n_draws: int,
    seed: int,
    progress: Progress,
) -> pd.DataFrame | None:
    """`Experiments.members`; None without members. All are asked the same."""
    import pandas as pd

    if not members or not sites:
        return None
    parts = []
    for index, (name, oracle) in enumerate(members):
        own = PartOfProgress(progress, index / len(members), (index + 1) / len(members))
        questions = Questions(oracle, alphabet, own)
        questions.expect(len(sites) * min(n_draws, MOST_DRAWS))
        rng = np.random.default_rng(seed)
        effects = necessity(
            questions, setting, sites, min(n_draws, MOST_DRAWS), rng, note=f"Asking {name}"
        )
        mean, error = mean_and_error(effects)
        parts.append(pd.DataFrame({"site": list(names), "effect": mean, "se": error}))
        parts[-1].insert(1, "member", name)
    return pd.concat(parts, ignore_index=True)


def shown_by(frame: pd.DataFrame, effects: dict[str, float]) -> dict[str, list[str]]:
    """For each site, the members that do not show it.

    Parameters
    ----------
    effects : of each site, of all members together
    """
    lacking: dict[str, list[str]] = {name: [] for name in effects}
    for row in frame.to_dict("records"):
        together = effects.get(row["site"], np.nan)
        if np.isfinite(together) and row["effect"] / together < SHOWN:
            lacking[row["site"]].append(row["member"])
    return lacking
