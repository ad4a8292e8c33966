"""Two sites moved apart and turned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.figures.style import INK, MUTED, new_figure, styled
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LOOKS = {"as found": (INK, "-"), "second turned": (MUTED, "--")}
MOST_PAIRS = 12


@styled
def site_spacing(
    spacing: pd.DataFrame, *, title: str = "", size: tuple[float, float] | None = None
) -> Figure:
    """Activity of each pair by the letters between its sites: a line an orientation.

    Bands are two standard errors. At most 12 pairs, the first ones.

    Parameters
    ----------
    spacing : `Experiments.spacing`
    """
    if not len(spacing):
        raise InputError("spacing", "no pair", "two confirmed sites, and spacing asked for")
    pairs = list(dict.fromkeys(spacing["sites"]))[:MOST_PAIRS]
    across = min(3, len(pairs))
    down = -(-len(pairs) // across)
    figure = new_figure(size or (2.6 * across, 1.9 * down))
    if title:
        figure.suptitle(title)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.ravel()[len(pairs) :]:
        axes.set_visible(False)
    for axes, pair in zip(grid.ravel(), pairs, strict=False):
        for orientation, own in spacing[spacing["sites"] == pair].groupby("orientation"):
            colour, style = LOOKS[str(orientation)]
            x, y = own["distance"].to_numpy(), own["activity"].to_numpy()
            half = 2 * np.nan_to_num(own["se"].to_numpy())
            axes.fill_between(x, y - half, y + half, color=colour, alpha=0.2, lw=0)
            axes.plot(x, y, style, color=colour, lw=1.2, label=str(orientation))
        axes.set_title(pair)
        axes.set_xlabel("letters between")
    for axes in grid[:, 0]:
        axes.set_ylabel("activity")
    grid[0, 0].legend(frameon=False, fontsize=6)
    return figure
