"""Robust or reprogrammable: one locus by number of mutations, and many loci beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.figures.style import ACCENT, FAINT, INK, MUTED, new_figure, styled
from seam_core.findings import Trust
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_NAMED = 60
_CURVES = (("same_sites", "shows the same sites", ACCENT), ("kept", "in the same cluster", MUTED))


@styled
def robustness_curve(
    trust: Trust, *, title: str = "", size: tuple[float, float] = (3.8, 2.8)
) -> Figure:
    """Share of sequences that keep the reference's mechanism by number of mutations, with 95 %.

    Raises `InputError` where the session has no reference.
    """
    frame = trust.curve()
    if frame.empty:
        raise InputError("robustness", "no numbers", "a session with a reference and clusters")
    figure = new_figure(size)
    axes = figure.add_subplot()
    x = frame["mutations"].to_numpy()
    for share, name, colour in _CURVES:
        if share in frame:
            low, high = frame[f"{share}_low"], frame[f"{share}_high"]
            axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
            axes.plot(x, frame[share], color=colour, lw=1.2, marker="o", ms=2.5, label=name)
    axes.legend(loc="best")
    axes.set(xlabel="Substitutions from the reference", ylabel="Share of sequences")
    axes.set_ylim(-0.02, 1.05)
    axes.set_title(title or _said(trust), loc="left")
    return figure


def _said(trust: Trust) -> str:
    return "" if np.isnan(trust.robust) else f"Robust (1) or reprogrammable (0): {trust.robust:.2f}"


@styled
def robust_loci(
    loci: pd.DataFrame,
    *,
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Loci of a batch from the most reprogrammable to the most robust.

    Raises `InputError` where no locus has the number.

    Parameters
    ----------
    loci : the table of a batch: `locus`, `robust` and, where known, `background_share`
    """
    known = loci[loci["robust"].notna()] if "robust" in loci else loci.iloc[:0]
    if known.empty:
        raise InputError("robust", "no locus with this number", "a batch whose sites were tested")
    known = known.sort_values("robust", kind="stable")
    figure = new_figure(size or (4.2, float(np.clip(0.6 + 0.16 * len(known), 2.0, 10.0))))
    axes = figure.add_subplot()
    rows = np.arange(len(known))
    axes.hlines(rows, 0, known["robust"], color=FAINT, lw=1.0)
    axes.plot(known["robust"], rows, "o", ms=4, color=ACCENT, label="robust")
    if "background_share" in known:
        name = "background of the attribution"
        axes.plot(known["background_share"], rows, "s", ms=3, color=INK, mfc="none", label=name)
    step = max(1, -(-len(known) // _NAMED))
    axes.set_yticks(rows[::step], known["locus"].astype(str).tolist()[::step])
    axes.axvline(0.5, color=MUTED, lw=0.7, ls=(0, (3, 2)))
    axes.set(xlim=(-0.02, 1.02), xlabel="Reprogrammable (0) to robust (1)")
    axes.legend(loc="best")
    axes.set_title(title, loc="left")
    return figure
