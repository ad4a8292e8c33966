"""The tree of the maps in Explore: branches select, the cut tries out other clusters."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.selection import Branch
from seam_core.tree_drawing import cut_of
from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.views.dendrogram_view import DendrogramView
from seam_gui.widgets.basics import button, row
from seam_gui.widgets.cluster_colours import branch_colours


class TreePanel(QWidget):
    """gesture_made : a branch selects its sequences
    previewed : (N,) labels of the cut being tried, or None
    cut_chosen : labels, height
    """

    gesture_made = pyqtSignal(object, str)
    previewed = pyqtSignal(object)
    cut_chosen = pyqtSignal(object, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tree_panel")
        self.view = DendrogramView()
        self.view.set_empty_text("A hierarchical clustering (Ward) draws its tree here")
        self._scene: Scene | None = None
        self._tried: np.ndarray | None = None
        self._use = button(
            "Use this cut",
            "tree_use_cut",
            "Make these the clusters (undo brings the old back)",
            self._choose,
        )
        self._back = button("Discard", "tree_discard_cut", "Back to the clusters", self._discard)
        self._words = PlainLabel("Drag the line to try other clusters; click a branch to select it")
        self._words.setObjectName("tree_words")
        self._words.setProperty("role", "muted")
        line = row(self._words, None, self._back, self._use)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.view, 1)
        self.view.branch_clicked.connect(
            lambda node, mode: self.gesture_made.emit(Branch(node), mode)
        )
        self.view.cut_moved.connect(self._try)
        self.view.cut_released.connect(self._try)
        self._offer(False)

    @property
    def _matrix(self) -> np.ndarray | None:
        """The tree in SciPy's format."""
        linkage = None if self._scene is None else self._scene.session.linkage
        return None if linkage is None else linkage.matrix

    def set_scene(self, scene: Scene) -> None:
        """Show the tree of a session; keeps the cut while the tree is the same."""
        before, self._scene = self._scene, scene
        linkage = scene.session.linkage
        if before is None or before.session.linkage is not linkage:
            self.view.set_linkage(None if linkage is None else linkage.matrix)
        self._tried = None
        self._offer(False)
        self._show_cut()

    def _show_cut(self) -> None:
        scene = self._scene
        linkage = None if scene is None else scene.session.linkage
        if scene is None or linkage is None or scene.labels is None:
            return
        cut = cut_of(linkage, scene.session.clustering)
        if cut is None:  # clusters of another kind: the line waits at the top
            self.view.set_cut(float(linkage.matrix[-1, 2]))
            self.view.set_branch_colours({})
            return
        self.view.set_cut(cut)
        self._colour(scene.labels)

    def _try(self, height: float) -> None:
        from seam_core.clusterer.cuts import cut_linkage

        matrix = self._matrix
        if matrix is None or self.view.groups_at(height) > 2_000:
            return
        self._tried = cut_linkage(matrix, height=height).labels
        self._colour(self._tried)
        self._offer(True)
        self.previewed.emit(self._tried)

    def _colour(self, labels: np.ndarray) -> None:
        """Each branch below the cut in the colour of its cluster."""
        scene, matrix, cut = self._scene, self._matrix, self.view.cut
        if scene is None or matrix is None or cut is None:
            return
        curation = scene.curation if labels is scene.labels else None
        self.view.set_branch_colours(branch_colours(self.view, matrix, labels, cut, curation))

    def _offer(self, trying: bool) -> None:
        for widget in (self._use, self._back):
            widget.setVisible(trying)

    def _choose(self) -> None:
        if self._tried is not None and self.view.cut is not None:
            self.cut_chosen.emit(self._tried, self.view.cut)

    def _discard(self) -> None:
        self._tried = None
        self._offer(False)
        self._show_cut()
        self.previewed.emit(None)
