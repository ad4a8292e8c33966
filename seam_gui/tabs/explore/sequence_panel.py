"""The sequences of the selection: consensus rows on top, mismatches marked, copy and export."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.meta_explainer import Sums
from seam_core.records import Explanation, Library
from seam_core.selection import Rows, Selection
from seam_gui.look.text import PlainLabel, counted
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.tabs.explore.lazy_panel import LazyPanel
from seam_gui.views.sequence_table import SequenceTable, consensus
from seam_gui.widgets.basics import button
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow

AGAINST = {
    "reference": "against the reference",
    "consensus": "against the consensus",
    "none": "all letters",
}


class SequencePanel(LazyPanel):
    """The table with its buttons.

    gesture_made : the rows marked become the selection
    export_pressed : "fasta", "indices" or "sequences"
    """

    gesture_made = pyqtSignal(object, str)
    export_pressed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sequence_panel")
        self.table = SequenceTable()
        self._scene: Scene | None = None
        self._selection: Selection | None = None
        self._sums: Sums | None = None
        self._against = ComboBox()
        self._against.setObjectName("sequence_against")
        self._against.setToolTip("Which letters are drawn: those that differ, or all")
        for data, text in AGAINST.items():
            self._against.addItem(text, data)
        self._against.currentIndexChanged.connect(lambda _: self.draw_again())
        self._count = PlainLabel()
        self._count.setObjectName("sequence_count")
        self._count.setProperty("role", "muted")
        line = FlowRow(
            self._against,
            button("Copy", "sequence_copy", "Rows marked, or all (Ctrl+C)", self.table.copy),
            button(
                "Select rows",
                "sequence_select",
                "Make the marked rows the selection",
                self._select_rows,
            ),
            button(
                "FASTA…",
                "sequence_fasta",
                "Write the selected sequences",
                lambda: self.export_pressed.emit("fasta"),
            ),
            button(
                "Indices…",
                "sequence_indices",
                "Write the row numbers of the selected sequences, one a line",
                lambda: self.export_pressed.emit("indices"),
            ),
            button(
                "CSV…",
                "sequence_csv",
                "Write this table",
                lambda: self.export_pressed.emit("sequences"),
            ),
            None,
            self._count,
        )
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)

    def show_sequences(self, scene: Scene, selection: Selection | None, sums: Sums | None) -> None:
        """The selected sequences, or all where none are."""
        self._scene, self._selection, self._sums = scene, selection, sums
        self.draw_again()

    def refresh(self) -> None:
        """Fill the table."""
        scene = self._scene
        if scene is None or scene.session.library is None:
            empty = np.zeros((0, 0), dtype=np.int8)
            self.table.sequences.set_data(empty, "ACGT", np.zeros(0, np.int64), {}, [], None)
            return
        library, selection = scene.session.library, self._selection
        rows = np.arange(scene.n)
        if selection is not None and selection.count > 0:
            rows = selection.indices
        pinned = []
        if library.reference is not None:
            pinned.append(("reference", library.reference))
        common = self._consensus(rows, library, scene.explanation)
        pinned.append(("consensus", common))
        against = {"reference": library.reference, "consensus": common, "none": None}
        values = {n: scene.columns[n] for n in ("Activity", "Hamming", "GIA") if n in scene.columns}
        if scene.labels is not None:
            values["Cluster"] = scene.labels
        compared = against[self._against.currentData()]
        self.table.sequences.set_data(
            library.sequences, library.alphabet, rows, values, pinned, compared
        )
        self._count.setText(counted(len(rows), "sequence"))

    def _consensus(
        self, rows: np.ndarray, library: Library, explanation: Explanation | None
    ) -> np.ndarray:
        """(L,) most frequent letters; outside the maps' window, those of the first 10,000 rows."""
        sample = library.sequences[rows[:10_000]]
        counts = np.stack(
            [np.count_nonzero(sample == a, axis=0) for a in range(library.n_letters)], axis=1
        )
        if explanation is not None and self._sums is not None:
            width = explanation.entropy.shape[1]
            counts[explanation.start : explanation.start + width] = self._sums.letter_counts[0]
        return consensus(counts)

    def _select_rows(self) -> None:
        rows = self.table.selected_indices()
        if len(rows):
            self.gesture_made.emit(Rows(tuple(rows.tolist())), "replace")
