"""What distinguishes two selections, as columns of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_gui.widgets.frame_table import Column

if TYPE_CHECKING:
    import pandas as pd

Names = tuple[str, str]


def _share(frame: pd.DataFrame, column: str, selection: str) -> Column:
    values = frame[column].to_numpy()
    return Column(selection, values, ".1f", f"Percent of {selection}", heading=selection)


def letter_columns(frame: pd.DataFrame, names: Names) -> list[Column]:
    """Letters, the most certain first."""
    frame = _ranked(frame, "log2_odds")
    return [
        Column("Position", frame["position"].to_numpy(), "d"),
        Column("Letter", frame["letter"].to_numpy(dtype=str)),
        _share(frame, "share_first", names[0]),
        _share(frame, "share_second", names[1]),
        Column(
            "log2 odds", frame["log2_odds"].to_numpy(), ".2f", f"Above 0: enriched in {names[0]}"
        ),
        Column(
            "q", frame["q_value"].to_numpy(), ".2g",
            "False discovery rate (Benjamini, Hochberg) of Fisher's exact test, or of the "
            "chi-squared test where every expected count is at least 5",
        ),
        Column(
            "Δ attribution", frame["attribution_difference"].to_numpy(), ".3g",
            f"Mean attribution of the letter in {names[0]} less that in {names[1]}",
        ),
        Column("q (Δ)", frame["attribution_q"].to_numpy(), ".2g", "Of Welch's t test"),
    ]  # fmt: skip


def position_columns(frame: pd.DataFrame, names: Names) -> list[Column]:
    """Positions, the most certain first."""
    frame = _ranked(frame, "cramers_v")
    return [
        Column("Position", frame["position"].to_numpy(), "d"),
        Column("Cramér's V", frame["cramers_v"].to_numpy(), ".3f", "0: same letters; 1: others"),
        Column("q", frame["q_value"].to_numpy(), ".2g", "Of the chi-squared test of the letters"),
        Column(
            "Δ map", frame["attribution_distance"].to_numpy(), ".3g",
            "Distance of the two mean maps at the position",
        ),
    ]  # fmt: skip


def number_columns(frame: pd.DataFrame, names: Names) -> list[Column]:
    """Columns of the session's table."""
    return [
        Column("Column", frame["column"].to_numpy(dtype=str)),
        Column(f"{names[0]} median", frame["median_first"].to_numpy(dtype=float), ".4g"),
        Column(f"{names[1]} median", frame["median_second"].to_numpy(dtype=float), ".4g"),
        Column(
            "AUC", frame["auc"].to_numpy(dtype=float), ".3f",
            f"Chance that one of {names[0]} has the larger value",
        ),
        Column("q", frame["q_value"].to_numpy(dtype=float), ".2g", "Of the Mann-Whitney U test"),
    ]  # fmt: skip


def _ranked(frame: pd.DataFrame, effect: str) -> pd.DataFrame:
    """By q, then by the size of the effect."""
    order = np.lexsort((-frame[effect].abs().to_numpy(), frame["q_value"].to_numpy()))
    return frame.iloc[order]
