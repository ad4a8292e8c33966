"""How far the clusters can be relied on when maps are left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.views.curves import Histogram
from seam_gui.widgets.basics import button, label, row

N_RESAMPLES = 5
_HINT = (
    "Clusters 80 % of the maps again, five times, and says how much of each cluster is found again "
    "(1: all of it)."
)


class StabilityPage(QWidget):
    """A button that measures, words, and a bar a cluster.

    asked : the user wants the stability measured
    """

    asked = pyqtSignal()

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._words = label(_HINT, "muted", "cluster_stability")
        measure = button(
            "Measure", "cluster_measure", "Takes five clusterings' time", self.asked.emit
        )
        self.bars = Histogram("stability_bars", "Found again", "cluster", "Jaccard index")
        self.bars.hint = "Not measured yet"
        line = row(self._words, measure)
        line.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(line)
        layout.addWidget(self.bars, 1)
        state.session_changed.connect(self._forget)
        state.record_changed.connect(lambda slot: self._forget() if slot == "clustering" else None)

    def show_stability(self, stability: dict[str, Any]) -> None:
        """What `engine_process.stability` measured."""
        rand = np.asarray(stability["rand"])
        self._words.setText(
            f"Adjusted Rand index {rand.mean():.2f} ({rand.min():.2f} to {rand.max():.2f}) over "
            f"{len(rand)} subsets of 80 % of the maps."
        )
        ids = sorted(int(key) for key in stability["by_cluster"])
        values = np.zeros(max(ids, default=-1) + 1)
        for key in ids:
            values[key] = stability["by_cluster"][str(key)]
        self.bars.set_counts(values, np.arange(len(values) + 1) - 0.5)

    def _forget(self) -> None:
        self._words.setText(_HINT)
        self.bars.set_counts(np.zeros(0), np.zeros(1))
