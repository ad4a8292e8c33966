"""Statistics of the selection, and of the clusters beside each other."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QCheckBox, QSplitter, QVBoxLayout, QWidget

from seam_core.meta_explainer import Sums
from seam_core.pictures import ClusterStatistics, Outliers, outliers_of
from seam_core.point_marks import cluster_name
from seam_core.selection import Selection
from seam_gui.look.text import PlainLabel, counted
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.tabs.explore.lazy_panel import LazyPanel
from seam_gui.tabs.explore.logo_rows import MOST_CLUSTERS
from seam_gui.tabs.explore.msm_panel import MsmPanel
from seam_gui.views.activity_view import ActivityView
from seam_gui.views.cluster_plot import ClusterPlot
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.profile_view import Profile, ProfileView
from seam_gui.views.scatter_parts import number
from seam_gui.widgets.basics import button, row
from seam_gui.widgets.fields import ComboBox

KINDS = {
    "box": "Activity: boxes",
    "compact": "Activity: median and IQR",
    "bar": "Activity: bars",
    "occupancy": "Occupancy",
    "marginal": "MSM cells beyond the threshold",
}


_FLAT = 260  # pixels of the panel


class SelectionStatistics(LazyPanel):
    """Matches per position, activity over the library's, spread of the maps around their mean."""

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("selection_statistics")
        self._match = ProfileView(axis, "match_profile")
        self._spread = ProfileView(axis, "spread_profile")
        self._activity = ActivityView()
        self._summary = PlainLabel()
        self._summary.setObjectName("statistics_summary")
        self._summary.setProperty("role", "muted")
        self._summary.setMinimumWidth(60)
        self._shown: tuple[Scene, Selection | None, Sums | None] | None = None
        self._profiles = QSplitter(Qt.Vertical)
        self._profiles.addWidget(self._match)
        self._profiles.addWidget(self._spread)
        both = QSplitter()
        both.setObjectName("statistics_splitter")
        both.addWidget(self._activity)
        both.addWidget(self._profiles)
        both.setStretchFactor(1, 2)
        both.setSizes([360, 720])
        both.setContentsMargins(SPACING, 0, 0, 0)
        self._summary.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._summary)
        layout.addWidget(both, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Profiles lie beside each other where they would be too flat above each other."""
        super().resizeEvent(event)
        flat = self.height() < _FLAT
        self._profiles.setOrientation(Qt.Horizontal if flat else Qt.Vertical)

    def show_statistics(self, scene: Scene, selection: Selection | None, sums: Sums | None) -> None:
        """The statistics of the selected sequences, of all where none are selected."""
        self._shown = (scene, selection, sums)
        self.draw_again()

    def refresh(self) -> None:
        if self._shown is None:
            return
        scene, selection, sums = self._shown
        mask = selection.mask if selection is not None and selection.count > 0 else None
        activity = scene.columns.get("Activity")
        if activity is not None:
            reference = None if scene.reference is None else float(activity[scene.reference])
            self._activity.set_values(activity, mask, reference, _parts(scene, selection))
            inside = activity if mask is None else activity[mask]
            self._summary.setText(_words(inside[np.isfinite(inside)]))
        if sums is None or scene.explanation is None:
            return
        explanation = scene.explanation
        profiles = []
        total = np.maximum(sums.letter_counts[0].sum(axis=1), 1)
        if explanation.reference is not None:
            known = np.maximum(explanation.reference, 0)
            same = np.take_along_axis(sums.letter_counts[0], known[:, None].astype(int), 1)[:, 0]
            match = np.where(explanation.reference >= 0, 100.0 * same / total, np.nan)
            profiles.append(Profile("Match to reference", match, "accent"))
        best = 100.0 * sums.letter_counts[0].max(axis=1) / total
        profiles.append(Profile("Match to consensus", best, "warning"))
        self._match.set_profiles(tuple(profiles), explanation.start, "%", (0.0, 100.0))
        size = max(int(sums.sizes[0]), 1)
        variance = sums.map_squares[0] / size - (sums.map_sums[0] / size) ** 2
        spread = np.sqrt(np.maximum(variance, 0).sum(axis=1))
        self._spread.set_profiles(
            (Profile("Spread of the maps around their mean", spread, "good"),),
            explanation.start,
            "a.u. (root of summed variance)",
        )


def _parts(scene: Scene, selection: Selection | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Several selected clusters, each (N,) bool and its colour."""
    ids = selection.clusters() if selection is not None else ()
    if scene.labels is None or not 2 <= len(ids) <= MOST_CLUSTERS:
        return []
    colours = scene.colours(np.array(ids))
    return [(scene.labels == i, colour) for i, colour in zip(ids, colours, strict=True)]


class ClusterComparison(LazyPanel):
    """Box, compact and bar plots of all clusters.

    cluster_clicked : id, mode; csv_pressed : write what is shown
    """

    cluster_clicked = pyqtSignal(int, str)
    csv_pressed = pyqtSignal()

    def __init__(self, msm: MsmPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cluster_comparison")
        self._msm = msm
        self.plot = ClusterPlot()
        self.plot.cluster_clicked.connect(self.cluster_clicked)
        self._kind = ComboBox()
        self._kind.setObjectName("comparison_kind")
        self._kind.setToolTip("What is drawn for each cluster")
        for data, text in KINDS.items():
            self._kind.addItem(text, data)
        self._kind.currentIndexChanged.connect(lambda _: self.draw_again())
        csv = button("CSV…", "comparison_csv", "Write the numbers", self.csv_pressed.emit)
        self._outliers = QCheckBox("outliers")
        self._outliers.setObjectName("comparison_outliers")
        self._outliers.setToolTip(
            "Whiskers of boxes reach 1.5 times the middle half, dots lie beyond"
        )
        self._outliers.toggled.connect(lambda _: self.draw_again())
        line = row(self._kind, self._outliers, csv, None)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.plot, 1)
        msm.order_changed.connect(self.draw_again)

    @property
    def kind(self) -> str:
        """A key of `KINDS`."""
        return self._kind.currentData()

    def outliers(self) -> Outliers | None:
        """Activities beyond the whiskers, where they are drawn."""
        scene, rows = self._msm.scene, self._msm.rows
        if not self._outliers.isChecked() or self.kind != "box" or scene is None:
            return None
        explanation, activity = scene.explanation, scene.columns.get("Activity")
        if explanation is None or activity is None or scene.labels is None:
            return None
        quartiles = np.asarray(explanation.activity_quartiles)[rows]
        return outliers_of(activity, scene.labels, explanation.ids[rows], quartiles)

    def counted(self) -> tuple[tuple[int, ...] | None, str]:
        """Cells counted in each cluster, and what they are; None where sequences are counted."""
        marked = self._msm.marked() if self.kind == "marginal" else None
        if marked is None:
            return None, ""
        side, threshold = self._msm.threshold
        return tuple(marked.sum(axis=1).tolist()), f"positions {side} {threshold:g}"

    def refresh(self) -> None:
        scene, rows = self._msm.scene, self._msm.rows
        if scene is None:
            return
        explanation = scene.explanation
        if explanation is None:
            self.plot.set_data(None, "box")
            return
        ids, kind = explanation.ids[rows], self.kind
        values, label = None, "Activity"
        if kind == "occupancy":
            values, label = explanation.sizes[rows].astype(float), "sequences"
        elif kind == "marginal":
            counts, label = self.counted()
            values = np.array(counts, dtype=float)
        data = ClusterStatistics(
            ids,
            scene.colours(ids),
            tuple(cluster_name(i, scene.names) for i in ids.tolist()),
            tuple(scene.title_of(int(i)) for i in ids),
            explanation.activity_quartiles[rows],
            label,
            values,
            scene.reference_cluster,
            scene.reference_activity,
            self.outliers(),
        )
        self._outliers.setEnabled(kind == "box")
        self.plot.set_data(data, kind)


def _words(values: np.ndarray) -> str:
    if len(values) == 0:
        return "no activities"
    q1, median, q3 = np.percentile(values, (25, 50, 75))
    return (
        f"{counted(len(values), 'sequence')}     median {number(median)}     "
        f"middle half {number(q1)} to {number(q3)} (IQR {number(q3 - q1)})     "
        f"range {number(values.min())} to {number(values.max())}"
    )
