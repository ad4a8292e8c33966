"""The table of clusters with a filter, and what can be done to them."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from seam_core.records import Library
from seam_gui.commands import CLUSTER_BUTTONS
from seam_gui.look.text import PlainLabel, counted, plain
from seam_gui.look.theme import SPACING
from seam_gui.look.words import SITES_BEFORE
from seam_gui.pictures.scene import Scene
from seam_gui.views.cluster_table import LABEL, ClusterRow, ClusterTable
from seam_gui.widgets.flow_row import FlowRow

_LINES = 2  # of what was carried over, beside the tip


class ClusterPanel(QWidget):
    """Filter, buttons, a line that says when sites are out of date, the table.

    asked : name of a command of `CLUSTER_BUTTONS`
    labelled, noted : cluster id, text
    recompute_pressed : bring sites up to date
    """

    asked = pyqtSignal(str)
    labelled = pyqtSignal(int, str)
    noted = pyqtSignal(int, str)
    recompute_pressed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cluster_panel_explore")
        self.table = ClusterTable()
        self._rows: list[ClusterRow] = []
        self._library: Library | None = None
        self._filter = QLineEdit()
        self._filter.setObjectName("cluster_filter")
        self._filter.setPlaceholderText("Filter clusters")
        self._filter.setClearButtonEnabled(True)
        self._filter.setToolTip("Show clusters whose id, label, sites or note hold this text")
        self._filter.setMaximumWidth(180)
        self._filter.textChanged.connect(lambda _: self._show())
        buttons = []
        for command in CLUSTER_BUTTONS:
            button = QToolButton()
            button.setObjectName(command.name)
            button.setText(command.button_text)
            button.setToolTip(command.button_tip)
            button.clicked.connect(lambda _checked, name=command.name: self.asked.emit(name))
            buttons.append(button)
        self._count = PlainLabel()
        self._count.setObjectName("cluster_count")
        self._count.setProperty("role", "muted")
        self._stale = PlainLabel(SITES_BEFORE)
        self._stale.setObjectName("stale_label")
        self._stale.setProperty("role", "warning")
        self._recompute = QPushButton("Recompute")
        self._recompute.setObjectName("recompute_button")
        self._recompute.setToolTip("Explain the clusters as they are now and find their sites")
        self._recompute.clicked.connect(self.recompute_pressed)
        line = FlowRow(self._filter, *buttons, None, self._stale, self._recompute, self._count)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        self._carried = PlainLabel()
        self._carried.setObjectName("clusters_carried")
        self._carried.setProperty("role", "muted")
        self._carried.setContentsMargins(SPACING, 0, SPACING, SPACING // 2)
        self._carried.setWordWrap(True)
        self._carried.setTextFormat(Qt.PlainText)
        layout.addWidget(self._carried)
        layout.addWidget(self.table, 1)
        self.table.edited.connect(self._edited)
        self.set_stale(False)
        self.set_carried(())

    def set_scene(self, scene: Scene) -> None:
        """Show the clusters of a scene."""
        if scene.session.library is not self._library:  # another analysis: nothing is left out
            self._library = scene.session.library
            self._filter.clear()
        self._rows = cluster_rows(scene)
        self._show()
        explanation = scene.explanation
        if explanation is None:
            self.table.set_logos(lambda _: None, 0, "ACGT")
            return
        row_of = {int(i): k for k, i in enumerate(explanation.ids)}
        means = explanation.map_sums

        def mean_of(cluster_id: int) -> np.ndarray | None:
            k = row_of.get(cluster_id)
            return None if k is None else means[k] / max(int(explanation.sizes[k]), 1)

        self.table.set_logos(mean_of, explanation.start, explanation.alphabet)

    def set_stale(self, stale: bool) -> None:
        """Whether sites are of other clusters than those shown."""
        self._stale.setVisible(stale)
        self._recompute.setVisible(stale)

    def set_carried(self, lines: tuple[str, ...]) -> None:
        """What the last run's clusters did to labels and selections; all of it in the tip."""
        more = f" (and {len(lines) - _LINES} more)" if len(lines) > _LINES else ""
        self._carried.setText("; ".join(lines[:_LINES]) + more)
        self._carried.setToolTip(plain("\n".join(lines)))
        self._carried.setVisible(bool(lines))

    def _show(self) -> None:
        wanted = self._filter.text().strip().lower()
        rows = self._rows
        if wanted:
            rows = [
                r
                for r in self._rows
                if wanted in f"{r.cluster_id} {r.label} {r.sites} {r.note}".lower()
            ]
        self.table.set_rows(rows)
        every = counted(len(self._rows), "cluster")
        words = f"{len(rows):,} of {every}" if wanted else every
        self._count.setText(words if self._rows else "")

    def _edited(self, cluster_id: int, column: int, text: str) -> None:
        (self.labelled if column == LABEL else self.noted).emit(cluster_id, text)


def cluster_rows(scene: Scene) -> list[ClusterRow]:
    """One row a cluster, in the user's order."""
    if scene.labels is None:
        return []
    order = np.array(scene.order, dtype=np.int64)
    ids, _, counts = scene.groups
    size_of = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    quartiles, sites = _quartiles(scene), _sites(scene)
    colours = scene.colours(order)
    nan = np.full(5, np.nan)
    names, hidden, reference = scene.names, scene.hidden, scene.reference_cluster
    notes = {} if scene.curation is None else scene.curation.notes
    rows = []
    for cluster_id, colour in zip(order.tolist(), colours.tolist(), strict=True):
        q = quartiles.get(cluster_id, nan)
        rows.append(
            ClusterRow(
                cluster_id,
                names.get(cluster_id, ""),
                size_of.get(cluster_id, 0),
                float(q[2]),
                float(q[3] - q[1]),
                sites.get(cluster_id, ""),
                notes.get(cluster_id, ""),
                tuple(colour),
                cluster_id == reference,
                cluster_id in hidden,
            )
        )
    return rows


def _quartiles(scene: Scene) -> dict[int, np.ndarray]:
    explanation = scene.explanation
    if explanation is None:
        return {}
    quartiles = np.asarray(explanation.activity_quartiles)  # a map of the file is slow by rows
    return dict(zip(explanation.ids.tolist(), quartiles, strict=True))


def _sites(scene: Scene) -> dict[int, str]:
    sites = scene.sites
    if sites is None:
        return {}
    names = [site.name for site in sites.sites]
    kinds, kind = np.unique(
        sites.active, axis=0, return_inverse=True
    )  # many clusters show the same
    texts = [" ".join(n for n, on in zip(names, each, strict=True) if on) for each in kinds]
    return dict(zip(sites.cluster_ids.tolist(), (texts[k] for k in kind.ravel()), strict=True))
