"""The MSM with its controls: what it shows, the order of its rows, marginals of a threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QCheckBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from seam_core.entropy import entropy
from seam_core.manner import Manner
from seam_core.meta_explainer import Sums, consensus_match, reference_mismatch
from seam_core.meta_explainer.msm import cluster_order
from seam_core.pictures import msm_limits
from seam_core.point_marks import cluster_name
from seam_core.records import Explanation
from seam_core.site_boxes import site_boxes
from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.pictures.shown import FIGURE_QUANTITY
from seam_gui.views.msm_matrix import Matrix, scale_of
from seam_gui.views.msm_view import MsmView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.profile_view import Profile, ProfileView
from seam_gui.views.scale_bar import ScaleBar
from seam_gui.widgets.basics import compact, row
from seam_gui.widgets.fields import ComboBox, DoubleSpinBox
from seam_gui.widgets.flow_row import FlowRow

QUANTITIES = {
    "entropy": ("Entropy", "bits"),
    "change": ("Entropy change", "bits"),
    "reference": ("Mismatch to reference", "%"),
    "consensus": ("Match to consensus", "%"),
}
_CHOICES = {  # short enough for a window of 1280 pixels
    "entropy": "Entropy",
    "change": "Entropy change",
    "reference": "Mismatch",
    "consensus": "Consensus",
}
ORDERS = {
    "arranged": "as arranged",
    "median": "by median",
    "similarity": "by similarity",
    "label": "by cluster id",
}


def msm_values(explanation: Explanation, quantity: str) -> np.ndarray:
    """(K, W) of the quantity."""
    if quantity == "reference":
        return explanation.reference_mismatch
    if quantity == "consensus":
        return explanation.consensus_match
    change = explanation.expected_entropy if quantity == "change" else 0.0
    return explanation.entropy - change


class MsmPanel(QWidget):
    """Controls, the matrix, the cell under the mouse in words, marginals below."""

    order_changed = pyqtSignal()

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("msm_panel")
        self.view = MsmView(axis)
        self._marginal = ProfileView(axis, "msm_marginals", numbered=False)
        self._marginal.brushed.connect(self.view.brushed)
        self._scene: Scene | None = None
        self._summed: Sums | None = None  # of the selection, as shown
        self._rows = np.zeros(0, dtype=np.int64)
        self._clusters: Matrix | None = None  # without a selection
        self._limits: dict[str, tuple[float, float]] = {}  # of the colours, as they were dragged
        self._quantity = ComboBox()
        self._quantity.setObjectName("msm_quantity")
        self._quantity.setToolTip(
            "What a cell of the matrix says (N steps through)\n"
            "Entropy: of the letters of a cluster at a position; low is conserved\n"
            "Entropy change: from what the mutation rate alone gives\n"
            "Mismatch: share of sequences that differ from the reference\n"
            "Consensus: share of sequences that have the cluster's commonest letter"
        )
        for data, text in _CHOICES.items():
            self._quantity.addItem(text, data)
        compact(self._quantity)
        self._order = ComboBox()
        self._order.setObjectName("msm_order")
        self._order.setToolTip(
            "Order of the clusters, from top to bottom\n"
            "As in the table, by the median of their activity, by how alike their rows are, by id"
        )
        for data, text in ORDERS.items():
            self._order.addItem(text, data)
        compact(self._order)
        self._with_marginals = QCheckBox("marginals")
        self._with_marginals.setObjectName("msm_with_marginals")
        self._with_marginals.setToolTip(
            "Count the cells below (or above) a threshold, for each position and each cluster"
        )
        self._side = ComboBox()
        self._side.setObjectName("msm_marginal_side")
        self._side.addItems(["≤", "≥"])
        self._side.setToolTip("Count the cells at or below the threshold, or those at or above it")
        self._threshold = DoubleSpinBox()
        self._threshold.setObjectName("msm_threshold")
        self._threshold.setToolTip("The threshold, in the matrix's unit")
        self._threshold.setRange(-100.0, 100.0)
        self._threshold.setSingleStep(0.05)
        self._scale = ScaleBar("msm_scale", self.view.images)
        self._scale.levels_chosen.connect(self._choose_limits)
        self._cell = PlainLabel()
        self._cell.setObjectName("msm_cell")
        self._cell.setProperty("role", "muted")
        self._cell.setMinimumWidth(60)
        self._lay_out()
        self._quantity.currentIndexChanged.connect(lambda _: self._choose_quantity())
        self._order.currentIndexChanged.connect(lambda _: self._reorder())
        self._with_marginals.toggled.connect(lambda _: self._show_marginals())
        self._side.currentIndexChanged.connect(lambda _: self._show_marginals())
        self._threshold.valueChanged.connect(lambda _: self._show_marginals())
        self.view.cell_hovered.connect(self._say)
        axis.read.connect(self._cell.setText)  # one place for what any of the pictures says
        self._show_marginals()

    def _lay_out(self) -> None:
        bar = QWidget()
        line = FlowRow(
            self._quantity,
            self._order,
            self._with_marginals,
            None,
            self._scale,
        )
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        bar.setLayout(line)
        self._split = QSplitter(Qt.Vertical)
        self._split.setObjectName("msm_splitter")
        self._split.addWidget(self.view)
        self._split.addWidget(self._make_marginals())
        self._split.setStretchFactor(0, 4)
        self._split.setChildrenCollapsible(False)
        self._cell.setContentsMargins(SPACING, 0, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self._split, 1)
        layout.addWidget(self._cell)

    def _make_marginals(self) -> QWidget:
        """The threshold above the counts that follow from it."""
        counted = PlainLabel("cells")
        counted.setProperty("role", "muted")
        line = row(counted, self._side, self._threshold, None)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, 0)
        self._marginal.setMinimumHeight(56)  # the whole panel fits into a window of 800 pixels
        self._counts = QWidget()
        layout = QVBoxLayout(self._counts)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self._marginal, 1)
        return self._counts

    @property
    def quantity(self) -> str:
        """A key of `QUANTITIES`."""
        return self._quantity.currentData()

    @property
    def threshold(self) -> tuple[str, float]:
        """Side ("≤" or "≥") and value of the marginals."""
        return self._side.currentText(), self._threshold.value()

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    @property
    def clusters(self) -> tuple[int, ...]:
        """Ids of the clusters from top to bottom; hidden ones are left out."""
        explanation = None if self._scene is None else self._scene.explanation
        return () if explanation is None else tuple(int(i) for i in explanation.ids[self._rows])

    @property
    def rows(self) -> np.ndarray:
        """(K,) rows of the explanation in the order shown."""
        return self._rows

    def next_quantity(self) -> None:
        """Step to the next quantity."""
        self._quantity.setCurrentIndex((self._quantity.currentIndex() + 1) % len(QUANTITIES))

    @property
    def limits(self) -> tuple[float, float] | None:
        """Values at the ends of the colours, where the user chose them."""
        return self._limits.get(self.quantity)

    def _choose_limits(self, limits: tuple[float, float] | None) -> None:
        if limits is None:
            self._limits.pop(self.quantity, None)
        else:
            self._limits[self.quantity] = limits
        self._show(self._summed)

    def forget_limits(self) -> None:
        """Another session: colours as its values give."""
        self._limits.clear()

    def take_manner(self, manner: Manner) -> None:
        """The quantity and its colours as they were saved with a session."""
        names = {FIGURE_QUANTITY.get(name, name): name for name in QUANTITIES}
        quantity = names.get(manner.quantity, "entropy")
        if manner.matrix_limits is not None:
            self._limits[quantity] = manner.matrix_limits
        self._quantity.setCurrentIndex(self._quantity.findData(quantity))

    def set_scene(self, scene: Scene) -> None:
        """Show the clusters of a scene."""
        self._scene = scene
        self._order_rows()
        self._choose_quantity()

    def set_selection(self, ids: tuple[int, ...], sums: Sums | None) -> None:
        """Mark clusters; show the row of a selection that is none of them."""
        self.view.set_chosen(frozenset(ids))
        self._show_selection(sums)

    def _order_rows(self) -> None:
        scene = self._scene
        if scene is None or scene.explanation is None:
            self._rows = np.zeros(0, dtype=np.int64)
            return
        explanation, how = scene.explanation, self._order.currentData()
        if how == "arranged":
            place = {cluster_id: i for i, cluster_id in enumerate(scene.order)}
            ranks = [place.get(int(i), len(place)) for i in explanation.ids]
            order = np.argsort(ranks, kind="stable")
        else:
            order = cluster_order(how, explanation.ids, explanation.medians, explanation.entropy)
        hidden = scene.hidden
        self._rows = np.array([r for r in order if int(explanation.ids[r]) not in hidden], int)

    def _reorder(self) -> None:
        if self._scene is not None:
            self._order_rows()
            self._show()
            self._show_marginals()
            self.order_changed.emit()

    def _choose_quantity(self) -> None:
        explanation = None if self._scene is None else self._scene.explanation
        if explanation is not None:
            half = 0.5 * explanation.expected_entropy
            start = {"entropy": half, "change": -half}.get(self.quantity, 50.0)
            self._threshold.setValue(round(start, 2))
            self._threshold.setSuffix(" " + QUANTITIES[self.quantity][1])
            self._side.setCurrentIndex(1 if self.quantity == "consensus" else 0)
        self._show()
        self._show_marginals()

    def _show(self, selection: Sums | None = None) -> None:
        self._clusters = self._made()
        self._show_selection(selection)
        if self._clusters is None:
            self._scale.set_scale(None, 0, 1, "")
        else:
            self.dress()

    def _show_selection(self, selection: Sums | None) -> None:
        """Its row above those of the clusters, which stay as they are."""
        scene, matrix, self._summed = self._scene, self._clusters, selection
        explanation = None if scene is None else scene.explanation
        if matrix is not None and explanation is not None and selection is not None:
            matrix = replace(matrix, extra=self._of(explanation, selection))
        self.view.set_matrix(matrix)

    def _made(self) -> Matrix | None:
        """The clusters of the scene in their order."""
        scene = self._scene
        if scene is None or scene.explanation is None or len(self._rows) == 0:
            return None
        explanation, rows = scene.explanation, self._rows
        values = msm_values(explanation, self.quantity)[rows]
        ids = explanation.ids[rows]
        name, unit = QUANTITIES[self.quantity]
        reference = scene.reference_cluster
        where = () if reference is None else np.flatnonzero(ids == reference).tolist()
        return Matrix(
            values,
            ids,
            tuple(scene.title_of(int(i)) for i in ids),
            scene.colours(ids),
            explanation.start,
            name,
            unit,
            self.limits or msm_limits(values, FIGURE_QUANTITY.get(self.quantity, self.quantity)),
            self.quantity == "change",
            where[0] if where else None,
            boxes=() if scene.sites is None else site_boxes(scene.sites, ids),
            names=tuple(cluster_name(i, scene.names) for i in ids.tolist()),
        )

    def dress(self) -> None:
        """The scale in the colours of the theme, which the view takes itself."""
        matrix = self.view.matrix
        if matrix is not None:
            self._scale.set_scale(scale_of(matrix), *matrix.limits, matrix.unit)

    def _of(self, explanation: Explanation, sums: Sums) -> np.ndarray:
        """(W,) the quantity of a selection."""
        counts = sums.letter_counts
        if self.quantity == "reference":
            return reference_mismatch(counts, explanation.reference)[0]
        if self.quantity == "consensus":
            return consensus_match(counts)[0]
        change = explanation.expected_entropy if self.quantity == "change" else 0.0
        return entropy(counts)[0] - change

    def marked(self) -> np.ndarray | None:
        """(K, W) bool: cells on the chosen side of the threshold, in the order shown."""
        if self._scene is None or self._scene.explanation is None:
            return None
        values = msm_values(self._scene.explanation, self.quantity)[self._rows]
        side, threshold = self.threshold
        with np.errstate(invalid="ignore"):
            return values <= threshold if side == "≤" else values >= threshold

    def _show_marginals(self) -> None:
        shown = self._with_marginals.isChecked()
        self._counts.setVisible(shown)
        marked = self.marked() if shown else None
        explanation = None if self._scene is None else self._scene.explanation
        if marked is None or explanation is None:
            self.view.set_counts(None)
        else:
            side, threshold = self.threshold
            unit = QUANTITIES[self.quantity][1]
            name = f"Clusters {side} {threshold:g} {unit}"
            counts = marked.sum(axis=0).astype(float)
            profile = Profile(name, counts, "accent", bars=True)
            self._marginal.set_profiles((profile,), explanation.start, "clusters")
            self.view.set_counts(marked.sum(axis=1), f"positions {side} {threshold:g} {unit}")
        self.order_changed.emit()

    def _say(self, cluster_id: int, position: int) -> None:
        """The cell under the mouse: its value and the letters counted there."""
        scene = self._scene
        if scene is None or scene.explanation is None or (cluster_id == -1 and position < 0):
            self._cell.setText("")
            return
        explanation = scene.explanation
        shown = int(np.flatnonzero(explanation.ids[self._rows] == cluster_id)[0])
        counts = explanation.letter_counts[self._rows[shown], position - explanation.start]
        total = max(int(counts.sum()), 1)
        letters = "   ".join(
            f"{letter} {count:,} ({100 * count / total:.1f} %)"
            for letter, count in zip(explanation.alphabet, counts.tolist(), strict=True)
            if count or len(explanation.alphabet) <= 5
        )
        self._cell.setText(f"{self.view.cell_text(shown, position)}      {letters}")
