"""About how many sequences experiments will ask, for the share of them that is done."""

from __future__ import annotations

from seam_core.experiments.controls import enough
from seam_core.experiments.factorial import combination_masks, draws_of
from seam_core.experiments.scan import SCAN_DRAWS, n_windows_of
from seam_core.experiments.spacing import FARTHEST
from seam_core.parameters import ExperimenterParameters

OF_QUIET, OF_BOUNDS = 4_000, 2_000
"""Single positions outside of sites, and those of one site and its flanks."""

SCAN_WAYS = 3
"""Sequences a draw of a window: knocked out of the reference, and with and without the window among
mutations."""

MEASURED, CONTROLLED = 4, 2
"""Sequences a draw of a site, and of a control window, by all experiments together."""


USUAL_SITES = 4
"""For which questions are counted before sites are known."""


def of_all(n_sites: int, window: range, parameters: ExperimenterParameters) -> float:
    """For all experiments on so many sites, which lie in `window`."""
    n_windows = n_windows_of(window) if parameters.missed_sites else 0
    found = to_find(n_sites, n_windows) + to_judge(n_sites, parameters)
    return found + to_combine(n_sites, parameters) + to_add_up(window, parameters)


def to_find(n_sites: int, n_windows: int) -> float:
    """Until the bounds of the sites given are known, and `n_windows` were replaced."""
    return OF_QUIET + n_sites * OF_BOUNDS + n_windows * SCAN_WAYS * SCAN_DRAWS


def to_judge(n_sites: int, parameters: ExperimenterParameters) -> float:
    """For the verdicts on so many candidates."""
    n_controls = enough(parameters.n_controls, n_sites)
    of_controls = CONTROLLED * n_controls * parameters.control_draws
    return n_sites * (MEASURED * parameters.n_draws + of_controls)


def to_combine(n_sites: int, parameters: ExperimenterParameters) -> float:
    """For the combinations of so many sites, and their distances."""
    masks = combination_masks(n_sites)
    n = len(masks) * draws_of(masks, parameters.n_draws)
    if parameters.spacing:
        n += n_sites * (n_sites - 1) * FARTHEST * parameters.n_draws
    return n


def to_add_up(window: range, parameters: ExperimenterParameters) -> float:
    """For whether the letters of each window add up; single letters are few beside that."""
    return n_windows_of(window) * SCAN_DRAWS if parameters.missed_sites else 0
