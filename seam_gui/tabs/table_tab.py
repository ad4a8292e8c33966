"""Table: the compiled table, one row a sequence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt5.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from seam_core.query import evaluate
from seam_core.readers.columns import frame_apart
from seam_core.records import Library, Table
from seam_core.selection import label_of_each
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.look.words import in_words
from seam_gui.services import Services
from seam_gui.tabs.tab import Tab
from seam_gui.views.deferred import Deferred
from seam_gui.widgets.basics import EmptyState, Page, button, label, row, set_role
from seam_gui.widgets.frame_table import Column, FrameTable, write_table
from seam_gui.widgets.stage_form import RunButtons

_TIPS = {
    "Activity": "What the model predicts (or what was measured), in the model's unit",
    "Spread": "Standard deviation of the predictions over the folds of the ensemble",
    "Hamming": "Mutations: positions that differ from the reference",
    "GIA": "Activity less that of the background the pattern was embedded in",
    "Task": "Which task the row belongs to",
}


class TableTab(Tab):
    """A filter, the table, copy and export."""

    title = "Table"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        state, jobs = self.state, self.jobs
        self.filter = QLineEdit()
        self.filter.setObjectName("table_filter")
        self.filter.setPlaceholderText("Filter: Activity > 3 and Hamming <= 10")
        self.filter.setClearButtonEnabled(True)
        self.filter.setToolTip(
            "Conditions on the columns, joined with and, or, not. Press Return to apply"
        )
        self.filter.returnPressed.connect(self.apply_filter)
        self.filter.textChanged.connect(lambda text: None if text else self.apply_filter())
        self._count = label("", "muted", "table_count")
        self._count.setWordWrap(False)
        self._wrong = label("", "error", "table_wrong")
        self._wrong.hide()
        self.table = FrameTable("sequence_table")
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, 0)
        layout.setSpacing(SPACING)
        line = row(
            self.filter,
            self._count,
            button("Copy", "table_copy", "Selected rows, or all (Ctrl+C)", self.table.copy),
            button("Export…", "table_export", "The rows shown, as .csv or .tsv", self.export),
        )
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self._wrong)
        layout.addWidget(self.table, 1)
        self._buttons = RunButtons(
            state,
            jobs,
            "table",
            "Compile the table",
            "Ask the model about each sequence of the library and count mutations",
            lambda: ("compiler",),
        )
        empty = EmptyState(
            "table_empty",
            "No table yet",
            "The table lists each sequence of the library with its activity and its mutations.",
            self._buttons,
        )
        self._page = Page(content, empty)
        empty.follow(self.jobs)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._page)
        self._refresh = Deferred(self, self._show)
        state.session_changed.connect(self.filter.clear)
        state.session_changed.connect(self._refresh)
        state.record_changed.connect(self._follow)
        state.curation_changed.connect(self._show_clusters)
        self._refresh()

    def apply_filter(self) -> None:
        """Show the rows that meet the conditions."""
        text = self.filter.text().strip()
        try:
            keep = self._evaluated(text) if text else None
        except InputError as error:
            self._complain(in_words(error))
            return
        self._complain("")
        self.table.frame.set_filter(keep)
        self._show_count()

    def export(self) -> None:
        """Write the rows shown into a file that the user chooses."""
        name = f"{self.state.session.name}.csv"
        path = dialogs().save_file(self, "Export the table", name, "Tables (*.csv *.tsv)")
        if path is None:
            return
        frame, rows = self.table.frame, self.table.frame.rows
        self.jobs.submit(
            "table_export",
            f"Writing {path.name}",
            lambda progress: write_table(frame, path, rows),
            done=lambda _: self.state.status_message.emit(f"{counted(len(rows), 'row')} in {path}"),
        )

    def _follow(self, slot: str) -> None:
        if slot in ("library", "table", "clustering"):
            self._refresh()

    def _show(self) -> None:
        session = self.state.session
        self._page.show_content(session.table is not None and session.library is not None)
        if session.table is None or session.library is None:
            self.table.set_columns([], 0)
            return
        columns = self._columns(session.library, session.table)
        self.table.set_columns(columns, len(session.table))
        self.apply_filter()

    def _show_clusters(self) -> None:
        columns = self.table.frame.columns
        for i, column in enumerate(columns):
            labels = self._labels() if column.name == "Cluster" else None
            if labels is not None:
                columns[i] = replace(column, values=labels)
                self.table.viewport().update()

    def _labels(self) -> np.ndarray | None:
        if self.state.curation is not None:
            return self.state.curation.labels
        clustering = self.state.session.clustering
        return None if clustering is None else clustering.labels

    def _columns(self, library: Library, table: Table) -> list[Column]:
        frame = frame_apart(table.frame)
        columns = [Column("#", np.arange(len(frame)), "d", "Row of the library, from 0")]
        for name in frame.columns:
            values = frame[name].to_numpy()
            if values.dtype.kind not in "fiub":
                values = values.astype(object)
            columns.append(
                Column(str(name), values, tip=_TIPS.get(str(name), ""), heading=str(name))
            )  # the user's own names
        labels = self._labels()
        if labels is not None:
            columns.append(Column("Cluster", labels, "d", "Mechanism; -1 is noise"))
        columns.append(
            Column(
                "Sequence",
                lambda rows: indices_to_strings(library.sequences[rows], library.alphabet),
                tip="The letters",
                fixed=True,
            )
        )
        return columns

    def _evaluated(self, text: str) -> np.ndarray:
        library = self.state.session.library
        if library is None:
            raise InputError("the filter", "no library", "one whose rows it can choose from")
        return evaluate(
            text,
            self._named(),
            n=len(library),
            sequences=library.sequences,
            reference=library.reference,
            alphabet=library.alphabet,
        )

    def _named(self) -> dict[str, np.ndarray]:
        columns = self.table.frame.columns
        known = {c.name: c.array for c in columns if c.array is not None and c.name != "#"}
        labels, curation = self._labels(), self.state.curation
        if labels is not None:
            known["Label"] = label_of_each(labels, {} if curation is None else curation.names)
        return known

    def _complain(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self.filter.setProperty("wrong", bool(text))
        set_role(self.filter, "")

    def _show_count(self) -> None:
        shown, n = len(self.table.frame.rows), len(self.state.session.table or ())
        self._count.setText(counted(n, "row") if shown == n else f"{shown:,} of {n:,} rows")
