"""The colours of verdicts of variants, and arrows on a scatter in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtGui import QColor

from seam_gui.look.theme import theme

if TYPE_CHECKING:
    import pandas as pd

ROLES = {"silent": "muted", "tunes": "accent", "reprograms": "error"}
MOST_ARROWS = 300


def colour_of(verdict: str) -> QColor | None:
    """The colour of a verdict; None for what was not answered."""
    role = next((role for word, role in ROLES.items() if word in verdict), "")
    return theme().color(role) if role else None


def arrows_of(
    frame: pd.DataFrame, places: np.ndarray, rows: np.ndarray
) -> list[tuple[np.ndarray, QColor]]:
    """End and colour of each arrow; of the largest effects where they are many, these on top.

    places : (M, 2) of the rows of the table, NaN where there is none
    """
    effects = np.abs(frame["effect"].to_numpy(dtype=float))
    known = rows[np.isfinite(places[rows]).all(axis=1)]
    known = known[np.argsort(-effects[known])][:MOST_ARROWS]
    verdicts = frame["mechanism_verdict"].tolist()
    arrows = []
    for row in known[::-1]:
        colour = colour_of(verdicts[row])
        if colour is not None:
            arrows.append((places[row], colour))
    return arrows
