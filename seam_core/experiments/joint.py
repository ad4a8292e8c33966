"""Whether the letters of a window act each by itself or together, as those of a site do.

On a ground where every letter does a little, a site that does no more than the ground is not told
by what windows do. Its letters tell it: losing one of them takes what losing all takes, so that one
by one they do more than together, while letters that are of no site add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seam_core.experiments.designs import Positions, Setting, replaced
from seam_core.experiments.questions import Block, Questions, mean_and_error
from seam_core.experiments.scan import SCAN_DRAWS, Scan
from seam_core.oracles.alike import Alike
from seam_core.sequences import UNKNOWN

NOTE = "Adding up letters"


def joint_effects(
    questions: Questions,
    setting: Setting,
    scan: Scan,
    sites: Sequence[Positions],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """For each window: what its letters do one by one, added up, less what they do together.

    Of a draw, the same letters are replaced one by one and together, so that of letters that add up
    nothing is left to chance; what a curved output makes of them, in windows that touch none of the
    sites, is taken off. NaN of measured tables, whose noise adds up too, and of windows with an
    unknown letter.

    Returns
    -------
    (n,), (n,)
        Means over draws and their standard errors, in the unit of the activity.
    """
    x, width = setting.reference, scan.width
    windows = [range(start, start + width) for start in scan.starts.tolist()]
    if not questions.any_sequence or not windows:
        return np.full(len(windows), np.nan), np.full(len(windows), np.nan)
    single = _single_losses(questions, setting, sorted({p for own in windows for p in own}))
    drawn = [
        replaced(x, tuple(own), x, SCAN_DRAWS, setting.n_letters, rng)[:, own.start : own.stop]
        for own in windows
    ]

    def blocks() -> Iterator[Block]:
        for own, letters in zip(windows, drawn, strict=True):
            rows = np.tile(x, (SCAN_DRAWS, 1))
            rows[:, own.start : own.stop] = letters
            yield Alike(rows, x)

    together = setting.activity - questions.answers(blocks(), NOTE).reshape(-1, SCAN_DRAWS)
    losses = np.array([single[own, letters] for own, letters in zip(windows, drawn, strict=True)])
    added = losses.sum(axis=2)
    pairs = (added**2 - (losses**2).sum(axis=2)) / 2  # products of the losses of two letters
    taken = {position for site in sites for position in site}
    free = np.array([taken.isdisjoint(own) for own in windows])
    beyond = added - together
    return mean_and_error(beyond - _slope(pairs[free], beyond[free]) * pairs)


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Of the line through zero that leaves the least absolute deviation: few draws that lie off
    do not turn it. 0 without draws."""
    told = np.isfinite(x) & np.isfinite(y) & (x != 0)
    x, y = x[told], y[told]
    if not len(x):
        return 0.0
    order = np.argsort(y / x)
    weight = np.cumsum(np.abs(x[order]))
    middle = order[np.searchsorted(weight, weight[-1] / 2)]
    return float(y[middle] / x[middle])


def _single_losses(questions: Questions, setting: Setting, positions: Sequence[int]) -> np.ndarray:
    """(L, A): what each letter in place of the reference's takes from the activity; 0 of its own,
    NaN at the other positions and of unknown letters."""
    x, letters = setting.reference, np.arange(setting.n_letters)
    known = [p for p in positions if x[p] != UNKNOWN]

    def blocks() -> Iterator[Block]:
        for position in known:
            rows = np.tile(x, (len(letters), 1))
            rows[:, position] = letters
            yield Alike(rows, x)

    losses = np.full((len(x), len(letters)), np.nan)
    answers = questions.answers(blocks(), NOTE)
    losses[known] = setting.activity - answers.reshape(len(known), len(letters))
    return losses
