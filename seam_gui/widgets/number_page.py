"""How many clusters: what the tree and the activities suggest, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from seam_core.progress import Progress
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.views.curves import StepCurve
from seam_gui.views.deferred import Deferred
from seam_gui.views.plot import Mark
from seam_gui.widgets.basics import button, by_font, label, row, scrolling
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    from seam_core.clusterer.number import Suggestion

_LEAST = 150  # pixels of a curve's height


class NumberPage(QWidget):
    """Reason in words, two curves, a button that takes the number.

    number_chosen : clusters that the user wants
    """

    number_chosen = pyqtSignal(int)

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__()
        self._state, self._jobs = state, jobs
        self._suggested = 0
        self._advice = label("", "muted", "cluster_advice")
        self._use = button(
            "Use it",
            "cluster_use_number",
            "Cut the tree into so many clusters, and summarise them anew",
            lambda: self.number_chosen.emit(self._suggested),
        )
        self.spread = StepCurve(
            "cluster_spread", "Spread of activity", "number of clusters", "mean IQR"
        )
        self.gaps = StepCurve(
            "merge_gaps", "Gaps in the tree", "number of clusters", "height ratio"
        )
        line = row(self._advice, self._use)
        line.setStretch(0, 1)
        curves = QHBoxLayout()
        curves.setSpacing(SPACING * 2)
        for curve in (self.spread, self.gaps):
            curve.setMinimumHeight(by_font(_LEAST))
            curves.addWidget(curve)
        inside = QWidget()
        self.setLayout(scrolling(inside, "cluster_number_scroll"))
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(line)
        layout.addLayout(curves, 1)
        self.refresh = Deferred(self, self._ask)

    def _ask(self) -> None:
        session = self._state.session
        linkage, table = session.linkage, session.table
        self._use.hide()
        if linkage is None:
            for curve in (self.spread, self.gaps):
                curve.set_curve(np.zeros(0), np.zeros(0))
            self._advice.setText("A tree (Ward's, for example) can suggest a number of clusters.")
            return
        activity = None if table is None else table.activity
        wanted = self._state.parameters("identifier")

        def work(progress: Progress) -> Suggestion:
            from seam_core.clusterer.number import suggest_n_clusters
            from seam_core.identifier import SitesShown

            shown = None
            if session.library is not None and session.maps is not None:
                window = range(session.maps.start, session.maps.stop)
                shown = SitesShown(session.library, window, wanted)
            return suggest_n_clusters(linkage, activity, shown=shown)

        self._advice.setText("Looking at the tree…")
        self._jobs.submit("suggest", "Suggestion", work, done=self._show, quiet=True)

    def _show(self, suggestion: Suggestion) -> None:
        self._suggested = suggestion.n_clusters
        clustering = self._state.session.clustering
        now = 0 if clustering is None else int((clustering.ids >= 0).sum())
        self._advice.setText(
            f"{counted(suggestion.n_clusters, 'cluster')} suggested. {suggestion.reason}"
        )
        self._use.setText(f"Use {counted(suggestion.n_clusters, 'cluster')}")
        self._use.setVisible(suggestion.n_clusters != now)
        marks = [Mark(float(suggestion.n_clusters), f"{suggestion.n_clusters} suggested")]
        if now and now != suggestion.n_clusters:
            marks.append(Mark(float(now), f"{now} now"))
        self.spread.setVisible(suggestion.spread is not None)
        if suggestion.spread is not None:
            self.spread.set_curve(suggestion.numbers, suggestion.spread, tuple(marks))
        self.gaps.set_curve(suggestion.numbers, suggestion.gaps, tuple(marks))
