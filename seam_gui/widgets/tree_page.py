"""The dendrogram with its cut: dragging tries a cut out, the button makes it the session's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.curation import Curation
from seam_core.progress import Progress
from seam_core.selection import Branch, Landscape, select
from seam_core.session import Session
from seam_core.tree_drawing import cut_of
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.views.dendrogram_view import DendrogramView
from seam_gui.widgets.basics import button, label, row
from seam_gui.widgets.cluster_colours import branch_colours
from seam_gui.work.jobs import JobRunner


@dataclass(frozen=True, eq=False)
class _Tried:
    """Labels (N,) of a cut at a height."""

    height: float
    labels: np.ndarray


class TreePage(QWidget):
    """Tree, words about the cut, two buttons.

    labels_previewed : (N,) labels of the cut that is tried out; None: back to the session's
    cut_chosen : height that the user wants to keep
    """

    labels_previewed = pyqtSignal(object)
    cut_chosen = pyqtSignal(float)

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__()
        self._state, self._jobs = state, jobs
        self._matrix: np.ndarray | None = None
        self._tried: _Tried | None = None
        self.dendrogram = DendrogramView("cluster_dendrogram")
        self.dendrogram.setToolTip(
            "Drag the line to try another cut; click a branch to select its sequences"
        )
        self.dendrogram.cut_moved.connect(self._try)
        self.dendrogram.cut_released.connect(self._try)
        self.dendrogram.branch_clicked.connect(self._select)
        self._words = label("", "muted", "cluster_tree_words")
        self._use = button(
            "Use this cut",
            "cluster_use_cut",
            "Make these the session's clusters, and summarise them anew",
            self._choose,
        )
        self._back = button("Back", "cluster_tree_back", "The session's own clusters", self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        line = row(self._words, None, self._back, self._use)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self.dendrogram, 1)

    def show_session(self, session: Session) -> None:
        """The tree of a session, cut where its clusters were."""
        matrix = None if session.linkage is None else session.linkage.matrix
        if matrix is not self._matrix:
            self._matrix = matrix
            self.dendrogram.set_linkage(matrix)
        self._tried = None
        linkage, clustering = session.linkage, session.clustering
        cut = None if linkage is None else cut_of(linkage, clustering)
        if cut is not None and clustering is not None:
            self.dendrogram.set_cut(cut)
            curation = self._state.curation
            labels = clustering.labels if curation is None else curation.labels
            self._colour(labels, cut, curation)
        else:
            self.dendrogram.set_branch_colours({})
            if matrix is not None:
                self.dendrogram.set_cut(float(matrix[max(0, len(matrix) - 10), 2]))
        self._show_words()

    def _try(self, height: float) -> None:
        matrix = self._matrix
        if matrix is None:
            return

        def work(progress: Progress) -> _Tried:
            from seam_core.clusterer import cut_linkage

            return _Tried(height, cut_linkage(matrix, height=max(0.0, height)).labels)

        self._jobs.submit("live_cut", "Cut", work, done=self._show_tried, quiet=True)

    def _show_tried(self, tried: _Tried) -> None:
        self._tried = tried
        self._colour(tried.labels, tried.height)
        self._show_words()
        self.labels_previewed.emit(tried.labels)

    def _colour(
        self, labels: np.ndarray, height: float | None, curation: Curation | None = None
    ) -> None:
        if self._matrix is None or height is None:
            return
        colours = branch_colours(self.dendrogram, self._matrix, labels, height, curation)
        self.dendrogram.set_branch_colours(colours)

    def _show_words(self) -> None:
        tried = self._tried
        for widget in (self._use, self._back):
            widget.setVisible(tried is not None)
        if tried is None:
            has_tree = self._matrix is not None
            self._words.setText("Drag the line to try another cut." if has_tree else "")
        else:
            count = int(tried.labels.max()) + 1
            self._words.setText(f"{counted(count, 'cluster')}, cut at {tried.height:.4g}")

    def _choose(self) -> None:
        if self._tried is not None:
            self.cut_chosen.emit(self._tried.height)

    def _reset(self) -> None:
        self.show_session(self._state.session)
        self.labels_previewed.emit(None)

    def _select(self, node: int, mode: str) -> None:
        state = self._state
        if self._matrix is None:
            return
        n = len(self._matrix) + 1
        selection = select(Landscape(n, linkage=self._matrix), Branch(node), mode, state.selection)
        state.change("Select a branch", selection=selection)
        state.status_message.emit(f"{counted(selection.count, 'sequence')} selected")
