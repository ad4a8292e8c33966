"""One table over the loci: filter, sort, copy, export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import QItemSelectionModel, pyqtSignal
from PyQt5.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from seam_core.query import evaluate
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.look.words import in_words
from seam_gui.widgets.basics import button, label, row, set_role
from seam_gui.widgets.frame_table import Column, FrameTable, write_table

if TYPE_CHECKING:
    import pandas as pd

    from seam_gui.work.jobs import JobRunner

TIPS = {
    "state": "done, failed or waiting",
    "start": "First position (0-based)",
    "stop": "End (exclusive)",
    "error": "Why the locus could not be explained",
    "n_sequences": "Sequences of the library",
    "n_clusters": "Mechanisms",
    "n_sites": "Binding sites found",
    "reference_activity": "What the model predicts for the locus itself",
    "median_activity": "Median over the library",
    "mean_cluster_iqr": "Interquartile range of activity inside a mechanism, mean over sequences",
    "activity_iqr": "Interquartile range of activity over all sequences",
    "median_completeness_error": "How far the maps are from adding up, where the method says",
    "robust": "1: mutations leave the mechanism as it is; 0: the locus is readily reprogrammed",
    "background_share": "Share of the reference mechanism's attribution that is background",
    "kept": "Share of the library in the reference's mechanism",
    "half_lost": "Fewest substitutions at which half of the sequences have left it",
    "task_separation": "0: joined runs mix in the mechanisms; 1: each has its own",
    "chromosome_start": "First position on the chromosome (0-based)",
    "chromosome_stop": "End on the chromosome (exclusive)",
    "active_clusters": "Mechanisms that show the site",
    "estimate": "The interaction, in units of activity",
    "low": "Lower end of its interval",
    "high": "Upper end of its interval",
}
_OPERATORS = ("<", ">", "=", " in ")


@dataclass(frozen=True, eq=False)
class Rows:
    """A table ready to be shown.

    loci : (n,) the locus of each row
    words : the texts of all rows in lower case, one after the other; `starts`: (n,) where each
        row's begin
    """

    columns: list[Column]
    loci: np.ndarray
    words: str
    starts: np.ndarray

    def holding(self, word: str) -> np.ndarray:
        """(n,) bool: the rows of which a cell holds a word, in whatever case."""
        matches = re.finditer(re.escape(word.lower()), self.words)
        hits = np.fromiter((each.start() for each in matches), dtype=np.int64)
        keep = np.zeros(len(self.loci), dtype=bool)
        keep[np.searchsorted(self.starts, hits, side="right") - 1] = True
        return keep


def rows_of(frame: pd.DataFrame) -> Rows:
    """What a table shows of a data frame; made in a worker thread, as texts take time."""
    columns = [column_of(str(name), frame[name]) for name in frame if name != "positions"]
    texts = [
        map(c.text, c.array) for c in columns if c.array is not None and c.array.dtype.kind == "O"
    ]
    lines = ["\t".join(cells).lower() for cells in zip(*texts, strict=True)]
    ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64)
    starts = np.concatenate(([0], ends))[: len(lines)]
    return Rows(columns, frame["locus"].to_numpy(dtype=object), "\n".join(lines), starts)


class TablePage(QWidget):
    """locus_chosen : name of the locus of the row selected."""

    locus_chosen = pyqtSignal(str)

    def __init__(self, name: str, title: str, jobs: JobRunner) -> None:
        super().__init__()
        self._name, self._title, self._jobs = name, title, jobs
        self._rows: Rows | None = None
        self._loci = np.zeros(0, dtype=object)
        self.filter = QLineEdit()
        self.filter.setObjectName(f"loci_{name}_filter")
        self.filter.setPlaceholderText("Filter: chr2R, or n_sites >= 3 and activity_iqr > 1")
        self.filter.setToolTip("A word of any column, or conditions on columns; Return applies it")
        self.filter.setClearButtonEnabled(True)
        self.filter.returnPressed.connect(self.apply_filter)
        self.filter.textChanged.connect(lambda text: None if text else self.apply_filter())
        self._count = label("", "muted", f"loci_{name}_count")
        self._count.setWordWrap(False)
        self._wrong = label("", "error", f"loci_{name}_wrong")
        self._wrong.hide()
        self.table = FrameTable(f"loci_{name}")
        self.table.rows_selected.connect(self._choose)
        line = row(
            self.filter,
            self._count,
            button("Export…", f"loci_{name}_export", "The rows shown, .csv or .tsv", self.export),
        )
        line.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 2, SPACING, SPACING, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(line)
        layout.addWidget(self._wrong)
        layout.addWidget(self.table, 1)

    def set_rows(self, rows: Rows) -> None:
        """Other rows; order, filter and the chosen row stay as they were."""
        header = self.table.horizontalHeader()
        column, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        selected = self._loci[self.table.selected_rows()[:1]]
        self._rows, self._loci = rows, rows.loci
        self.table.blockSignals(True)
        self.table.set_columns(rows.columns, len(rows.loci))
        if 0 <= column < len(rows.columns):
            self.table.sortByColumn(column, order)
        self.apply_filter()
        if len(selected):
            self.select(str(selected[0]))
        self.table.blockSignals(False)

    def select(self, locus: str) -> None:
        """Select the first row of a locus, if it is shown."""
        shown = np.flatnonzero(self._loci[self.table.frame.rows] == locus)
        if len(shown):
            index = self.table.frame.index(int(shown[0]), 0)
            flags = QItemSelectionModel.ClearAndSelect | QItemSelectionModel.Rows
            self.table.selectionModel().select(index, flags)
            self.table.scrollTo(index)

    def apply_filter(self) -> None:
        """Show the rows that hold the word, or meet the conditions."""
        text = self.filter.text().strip()
        try:
            keep = self._kept(text) if text else None
        except InputError as error:
            self._complain(in_words(error))
            return
        self._complain("")
        self.table.frame.set_filter(keep)
        shown, n = len(self.table.frame.rows), len(self._loci)
        self._count.setText(counted(n, "row") if shown == n else f"{shown:,} of {n:,} rows")

    def export(self) -> None:
        """Write the rows shown into a file that the user chooses."""
        path = dialogs().save_file(self, self._title, f"{self._name}.csv", "Tables (*.csv *.tsv)")
        if path is None:
            return
        frame, rows = self.table.frame, self.table.frame.rows

        def work(progress: object) -> Path:
            write_table(frame, path, rows)
            return path

        self._jobs.submit("export", f"Writing {path.name}", work)

    def _kept(self, text: str) -> np.ndarray:
        columns = {
            column.name: column.array
            for column in self.table.frame.columns
            if column.array is not None
        }
        if any(sign in text for sign in _OPERATORS):
            return evaluate(text, columns, n=len(self._loci))
        return self._rows.holding(text) if self._rows else np.zeros(0, dtype=bool)

    def _complain(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self.filter.setProperty("wrong", bool(text))
        set_role(self.filter, "")

    def _choose(self, rows: np.ndarray) -> None:
        if len(rows):
            self.locus_chosen.emit(str(self._loci[rows[0]]))


def column_of(name: str, values: pd.Series) -> Column:
    """A column of a data frame; whole numbers that miss somewhere are written as such."""
    tip = f"{TIPS.get(name, '')}\n{name} in filters and files".strip()
    cells = values.to_numpy()
    if cells.dtype.kind == "O" and values.notna().any():
        known = values.dropna()
        if all(isinstance(value, int | float) for value in known):
            cells = values.to_numpy(dtype=np.float64)
    if cells.dtype.kind in "fiu":
        whole = cells.dtype.kind == "f" and np.all(cells[np.isfinite(cells)] % 1 == 0)
        return Column(name, cells, ",.0f" if whole else "", tip)
    texts = ["" if value is None or value != value else value for value in cells.tolist()]
    return Column(name, np.array(texts, dtype=object), tip=tip)
