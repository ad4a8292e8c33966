"""A motif above the known ones that it resembles, aligned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from seam_core.figures.drawing import draw_logo
from seam_core.figures.style import new_figure, styled
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class MotifLike(Protocol):
    """What is drawn of a `seam_core.motifs.Motif`."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def matrix(self) -> np.ndarray: ...
    @property
    def alphabet(self) -> str: ...


@styled
def motif_alignment(
    query: MotifLike,
    matches: pd.DataFrame,
    database: Sequence[MotifLike],
    *,
    top: int = 3,
    title: str = "",
    size: tuple[float, float] | None = None,
    colour_blind: bool = False,
) -> Figure:
    """Logos in bits: the query, and below it its best matches shifted and turned as they align.

    Raises `InputError` where a match is not in the database.

    Parameters
    ----------
    matches : from `seam_core.motifs.match_motifs`; only the query's own rows are drawn
    database : the motifs that it was matched against
    """
    known = {motif.name: motif for motif in database}
    rows = list(matches[matches["query"] == query.name].head(top).itertuples(index=False))
    missing = [row.target for row in rows if row.target not in known]
    if missing:
        raise InputError("database", f"no motif {missing[0]}", "the motifs that were matched")
    panels = [(query.label, _bits(query.matrix), 0)]
    for row in rows:
        matrix = known[row.target].matrix
        matrix = matrix[::-1, ::-1] if row.strand == "-" else matrix
        turned = ", reversed" if row.strand == "-" else ""
        text = f"{row.name} ({row.target}{turned})\np = {row.p_value:.1e}, q = {row.q_value:.1e}"
        panels.append((text, _bits(matrix), -int(row.offset)))
    first = min(start for _, _, start in panels)
    stop = max(start + len(matrix) for _, matrix, start in panels)
    height = 0.35 + 0.72 * len(panels)
    figure = new_figure(size or (float(np.clip(2.3 + 0.17 * (stop - first), 3.6, 9.0)), height))
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (text, matrix, start) in zip(grid, panels, strict=True):
        draw_logo(axes, matrix, alphabet=query.alphabet, start=start, colour_blind=colour_blind)
        axes.set_ylim(0.0, float(np.log2(len(query.alphabet))))
        axes.set_xlim(first - 0.5, stop - 0.5)
        axes.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=7)
        axes.tick_params(labelbottom=False, length=0)
        axes.spines["bottom"].set_visible(False)
    grid[0].set_title(title or "Information (bits)", loc="left", fontsize=8)
    return figure


def _bits(matrix: np.ndarray) -> np.ndarray:
    """(w, A) letter heights: probability times the position's information."""
    share = np.where(matrix > 0, matrix, 1.0)
    information = np.log2(matrix.shape[1]) + (matrix * np.log2(share)).sum(axis=1)
    return matrix * information[:, None]
