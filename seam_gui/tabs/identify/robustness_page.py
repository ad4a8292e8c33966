"""Robust or reprogrammable: the curve, how far the other mechanisms are, and ways to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_core.findings import Trust
from seam_core.intervals import span_text
from seam_core.site_boxes import runs_of
from seam_gui.look.theme import SPACING
from seam_gui.tabs.identify.ways_view import WaysView
from seam_gui.views.share_curve import Share, ShareCurve
from seam_gui.widgets.basics import button, by_font, label, row, scrolling
from seam_gui.widgets.frame_table import Column, FrameTable

if TYPE_CHECKING:
    import pandas as pd

_LEAST = 200  # pixels of the height of curve and tables
_HINT = "Not known yet: Test on the model measures it"
_CURVES = (
    ("same_sites", "shows the same sites", "accent"),
    ("kept", "in the reference's cluster", "muted"),
)


class RobustnessPage(QWidget):
    """Follows the session's trust.

    asked : the user wants ways to other mechanisms
    """

    asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("robustness_page")
        self._facts = label("", "muted", "robustness_facts")
        self._facts.setWordWrap(True)
        self._find = button(
            "Find ways",
            "ways_find",
            "The fewest and the likeliest substitutions to other mechanisms, asked of the model",
            self.asked.emit,
        )
        self.curve = ShareCurve(
            "robustness_curve",
            "Who keeps the reference's mechanism",
            "substitutions from the reference",
            "share of sequences",
            _HINT,
        )
        self.distances = FrameTable("reprogramming_table")
        self.ways = WaysView()
        self.both = QSplitter()
        self.both.setObjectName("robustness_splitter")
        self.both.setChildrenCollapsible(False)
        for widget, share in ((self.curve, 3), (self.distances, 1), (self.ways, 4)):
            self.both.addWidget(widget)
            self.both.setStretchFactor(self.both.count() - 1, share)
        self.both.setSizes([380, 170, 450])
        self.both.setMinimumHeight(by_font(_LEAST))
        line = row(self._facts, self._find)
        line.setStretch(0, 1)
        inside = QWidget()
        self.setLayout(scrolling(inside, "robustness_scroll"))
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(line)
        layout.addWidget(self.both, 1)

    def show_trust(self, trust: Trust | None, alphabet: str) -> None:
        """The numbers of a session; None: nothing yet."""
        self._facts.setText("" if trust is None else facts(trust))
        self._find.setEnabled(trust is not None)
        self.ways.show_ways(None if trust is None else trust.ways, alphabet)
        if trust is None or trust.robustness.empty:
            self.curve.set_shares(np.zeros(0), ())
            self.distances.set_columns([], 0)
            return
        frame = trust.curve()
        shares = tuple(
            Share(
                name,
                frame[share].to_numpy(),
                frame[f"{share}_low"].to_numpy(),
                frame[f"{share}_high"].to_numpy(),
                colour,
            )
            for share, name, colour in _CURVES
            if share in frame
        )
        self.curve.set_shares(frame["mutations"].to_numpy(), shares)
        self.distances.set_columns(*_distances(trust.reprogramming))


def facts(trust: Trust) -> str:
    """The numbers in words."""
    parts = []
    if trust.robust == trust.robust:
        word = "robust to mutation" if trust.robust >= 0.5 else "readily reprogrammed"
        parts.append(f"{trust.robust:.2f} from 0 (reprogrammable) to 1 (robust): {word}")
    if trust.half_lost >= 0:
        parts.append(f"half of the sequences have left with {trust.half_lost} substitutions")
    if trust.background_share == trust.background_share:
        parts.append(f"{trust.background_share:.0%} of the attribution is background")
    if trust.leaving is not None:
        away = trust.leaving["position"][trust.leaving["leaves"].astype(bool)]
        spans = ", ".join(
            span_text(first, stop) for first, stop in runs_of([int(position) for position in away])
        )
        parts.append(f"positions whose mutation leaves it: {spans or 'none'}")
    return "   ·   ".join(parts)


def _distances(frame: pd.DataFrame) -> tuple[list[Column], int]:
    """Clusters from the nearest to the farthest."""
    near = frame[frame["cluster"] >= 0].sort_values("distance", kind="stable")
    columns = [
        Column("cluster", near["cluster"].to_numpy(), form="d", tip="Mechanism"),
        Column(
            "distance",
            near["distance"].to_numpy(),
            form="d",
            tip="Fewest substitutions of a sequence of the library in it",
        ),
    ]
    return columns, len(near)
