"""Ways to other mechanisms, a row a step, and the map of the step chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_core.findings import substitution_names
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.frame_table import Column, FrameTable

if TYPE_CHECKING:
    import pandas as pd

_TIPS = {
    "mechanism": "Where the way leads",
    "path": "The fewest substitutions that were found, or those that mutation makes likeliest",
    "step": "0: the reference",
    "substitution": "Letter before, position from 0, letter after",
    "activity": "As the model answered",
    "falls into": "The mechanism of the map at this step",
    "confidence": "How sure that is",
}


class WaysView(QWidget):
    """A table, and below it the logo of the row that is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = FrameTable("ways_table")
        self.table.rows_selected.connect(self._show_map)
        self.axis = PositionAxis(self)
        self.logo = LogoView(self.axis)
        self.logo.setObjectName("ways_logo")
        self.logo.set_empty_text("Select a step to see its map")
        both = QSplitter(Qt.Vertical)
        both.setObjectName("ways_splitter")
        both.setChildrenCollapsible(False)
        both.addWidget(self.table)
        both.addWidget(self.logo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(both)
        self._ways: pd.DataFrame | None = None
        self._maps: np.ndarray | None = None
        self._start, self._alphabet = 0, ""
        self.hide()

    def set_maps(self, ways: pd.DataFrame, maps: np.ndarray, start: int) -> None:
        """The (rows, W, A) maps of the steps of `ways`, and the position of their first row."""
        self._maps, self._start = (maps, start) if len(maps) == len(ways) else (None, 0)
        if self._maps is not None:
            self.axis.set_extent(start, start + maps.shape[1])
        self.logo.setVisible(self._maps is not None)

    def show_ways(self, ways: pd.DataFrame | None, alphabet: str) -> None:
        """The ways of a session, None: none. Maps of other ways are forgotten."""
        self._alphabet = alphabet
        self.setVisible(ways is not None)
        if ways is self._ways:
            return
        if self._ways is None or ways is None or not ways.equals(self._ways):
            self._maps = None
            self.logo.hide()
        self._ways = ways
        self.logo.set_logo(None)
        self.table.set_columns(
            [] if ways is None else _columns(ways), 0 if ways is None else len(ways)
        )

    def _show_map(self, rows: np.ndarray) -> None:
        if self._maps is None or self._ways is None or len(rows) != 1:
            self.logo.set_logo(None)
            return
        row = int(rows[0])
        step = self._ways.iloc[row]
        title = f"step {step['step']} to mechanism {step['mechanism']}"
        self.logo.set_logo(Logo(self._maps[row], self._start, self._alphabet), title)


def _columns(ways: pd.DataFrame) -> list[Column]:
    values = {
        "mechanism": ways["mechanism"].to_numpy(),
        "path": ways["path"].to_numpy(object),
        "step": ways["step"].to_numpy(),
        "substitution": np.array(substitution_names(ways), dtype=object),
        "activity": ways["activity"].to_numpy(),
        "falls into": _where(ways),
        "confidence": ways["confidence"].to_numpy(),
    }
    return [Column(name, each, tip=_TIPS[name]) for name, each in values.items()]


def _where(ways: pd.DataFrame) -> np.ndarray:
    told = zip(ways["step_mechanism"], ways["outside"], strict=True)
    return np.array([f"near {m}, like none" if out else str(m) for m, out in told], dtype=object)
