"""Below the scatter of the Clusters tab: the tree, how many clusters, the spectrum."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from seam_core.session import Session
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.views.curves import StepCurve
from seam_gui.views.deferred import Deferred
from seam_gui.views.plot import Mark
from seam_gui.widgets.agreement_page import AgreementPage
from seam_gui.widgets.number_page import NumberPage
from seam_gui.widgets.stability_page import StabilityPage
from seam_gui.widgets.tree_page import TreePage
from seam_gui.work.jobs import JobRunner


class ClusterPictures(QWidget):
    """One picture at a time, chosen by a small row of names.

    labels_previewed : (N,) labels of a cut that is tried out, or None
    cut_chosen : height that the user wants the session's clusters cut at
    number_chosen : number of clusters that the user wants
    """

    labels_previewed = pyqtSignal(object)
    cut_chosen = pyqtSignal(float)
    number_chosen = pyqtSignal(int)

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__()
        self.setObjectName("cluster_pictures")
        self.setMinimumHeight(SPACING * 34)
        self._state, self._jobs = state, jobs
        self.names = QTabBar()
        self.names.setObjectName("cluster_picture_names")
        self.names.setDrawBase(False)
        self.names.setExpanding(False)
        self.stack = QStackedWidget()
        self.names.currentChanged.connect(self.stack.setCurrentIndex)
        self.number = NumberPage(state, jobs)
        self.number.number_chosen.connect(self.number_chosen)
        self.stability = StabilityPage(state)
        self.agreement = AgreementPage(state, jobs)
        self.spectrum = StepCurve(
            "pca_spectrum", "Variance explained", "principal components", "cumulated (%)"
        )
        self.tree = TreePage(state, jobs)
        self.tree.labels_previewed.connect(self.labels_previewed)
        self.tree.cut_chosen.connect(self.cut_chosen)
        self._add("Tree", self.tree)
        self._add("How many clusters", self.number)
        self._add("Stability", self.stability)
        self._add("Agreement", self.agreement)
        self._add("PCA spectrum", self.spectrum)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 2, 0, SPACING * 2, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.names)
        layout.addWidget(self.stack, 1)
        self._refresh = Deferred(self, self.show_session)
        state.session_changed.connect(self._refresh)
        state.record_changed.connect(self._follow)
        self._refresh()

    def show_session(self) -> None:
        """Draw everything anew."""
        session = self._state.session
        self.tree.show_session(session)
        self.number.refresh()
        self._show_spectrum(session)

    def _add(self, name: str, page: QWidget) -> None:
        self.names.addTab(name)
        self.stack.addWidget(page)

    def _follow(self, slot: str) -> None:
        if slot in ("embedding", "linkage", "clustering"):
            self._refresh()

    def _show_spectrum(self, session: Session) -> None:
        embedding = session.embedding
        shares = None if embedding is None else embedding.variance_ratio
        if shares is None:
            self.spectrum.set_curve(np.zeros(0), np.zeros(0))
            return
        total = np.cumsum(shares) * 100
        marks = [
            Mark(float(reached + 1), f"{share} % at {reached + 1}")
            for share in (80, 90)
            if (reached := int(np.searchsorted(total, share))) < len(total)
        ]
        self.spectrum.set_curve(np.arange(1, len(total) + 1), total, tuple(marks))
