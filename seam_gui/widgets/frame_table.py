"""A table widget for columns of any length: sorts, filters, copies and exports without copying.

Rows are indices into numpy columns; sorting and filtering make a new order of rows and never touch
the data, so 100,000 rows scroll and sort at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PyQt5.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeySequence, QPainter, QPaintEvent
from PyQt5.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from seam_core.exports.files import write_text
from seam_core.exports.tables import as_text, separator_of
from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING, fixed_font, theme
from seam_gui.look.words import heading_of, value_of


@dataclass(frozen=True)
class Column:
    """One column.

    values : (N,) array, or a callable that gives the texts of an array of rows
    form : format of a number, e.g. ".3f"
    tip : what the column is, and its unit
    zero : what is shown in place of 0
    heading : what stands above it, where that is not the name that files give it, in words
    named : its values are names that files give, shown in words
    """

    name: str
    values: np.ndarray | Callable[[np.ndarray], list[str]]
    form: str = ""
    tip: str = ""
    fixed: bool = False
    heading: str = ""
    zero: str = ""
    named: bool = False

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.heading or heading_of(self.name)

    @property
    def array(self) -> np.ndarray | None:
        """The values; None where the column has texts made on demand, and cannot be sorted."""
        return self.values if isinstance(self.values, np.ndarray) else None

    @property
    def numeric(self) -> bool:
        """True for numbers, which are aligned right."""
        return self.array is not None and self.array.dtype.kind in "fiu"

    def texts(self, rows: np.ndarray) -> list[str]:
        """The cells of some rows, as shown."""
        if isinstance(self.values, np.ndarray):
            return [self.text(value) for value in self.values[rows]]
        return self.values(rows)

    def text(self, value: Any) -> str:
        """One value as shown."""
        values = self.array
        if values is not None and self.numeric:
            if value != value:
                return ""
            if self.zero and value == 0:
                return self.zero
            return format(value, self.form or (",d" if values.dtype.kind in "iu" else ".4g"))
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        return value_of(self.name, str(value), named=self.named)


class FrameModel(QAbstractTableModel):
    """Shows `columns` of `n` rows in the order of `rows`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: list[Column] = []
        self.rows = np.zeros(0, dtype=np.int64)
        self._order: np.ndarray | None = None
        self._keep: np.ndarray | None = None
        self._n = 0
        self._fixed = fixed_font()
        self._colours: Callable[[int], QColor | None] = lambda row: None

    def set_columns(self, columns: list[Column], n: int) -> None:
        """Other data: all rows, in their own order."""
        self.beginResetModel()
        self.columns, self._n = columns, n
        self._order = self._keep = None
        self.rows = np.arange(n)
        self.endResetModel()

    @property
    def n(self) -> int:
        """Rows there are, shown or not."""
        return self._n

    def set_row_colours(self, colours: Callable[[int], QColor | None]) -> None:
        """A row of the data -> colour of its letters; None: as all."""
        self._colours = colours

    def set_filter(self, keep: np.ndarray | None) -> None:
        """(N,) bool: rows to show; None: all."""
        self.beginResetModel()
        self._keep = keep
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.AscendingOrder) -> None:
        """By a column, ties in the order of the rows; -1: as they came."""
        self.beginResetModel()
        values = self.columns[column].array if 0 <= column < len(self.columns) else None
        if values is None:
            self._order = None
        else:
            if values.dtype.kind == "O":
                values = values.astype(str)
            ranks = np.argsort(values, kind="stable")
            if order == Qt.DescendingOrder:
                ranks = (self._n - 1) - np.argsort(values[::-1], kind="stable")
                ranks = ranks[::-1]
            self._order = ranks
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        order = np.arange(self._n) if self._order is None else self._order
        self.rows = order if self._keep is None else order[self._keep[order]]

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.DisplayRole:
            return column.texts(self.rows[index.row() : index.row() + 1])[0]
        if role == Qt.TextAlignmentRole:
            return int(Qt.AlignVCenter | (Qt.AlignRight if column.numeric else Qt.AlignLeft))
        if role == Qt.FontRole and column.fixed:
            return self._fixed
        if role == Qt.ForegroundRole:
            colour = self._colours(int(self.rows[index.row()]))
            first = index.column() == 0
            return colour or (theme().color("muted") if first else None)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.DisplayRole:
            return column.title
        if role == Qt.ToolTipRole:
            return plain(column.tip or column.title)
        if role == Qt.TextAlignmentRole:
            return int(Qt.AlignVCenter | (Qt.AlignRight if column.numeric else Qt.AlignLeft))
        return None

    def as_text(self, rows: np.ndarray, columns: list[int], separator: str = "\t") -> str:
        """A header and these rows, for the clipboard or a file."""
        cells = [_raw(self.columns[c], rows) for c in columns]
        names = [self.columns[c].name for c in columns]
        return as_text(names, zip(*cells, strict=True), separator)


class FrameTable(QTableView):
    """The view: rows are selected whole, Ctrl+C copies them with the header."""

    rows_selected = pyqtSignal(object)  # (n,) int64 indices of the data

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.empty = ""  # what is said where there is no row
        self.frame = FrameModel(self)
        self.setModel(self.frame)
        self.setSortingEnabled(True)
        self.setTabKeyNavigation(False)  # Tab goes on; arrows go from cell to cell
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicator(-1, Qt.AscendingOrder)
        header.setStretchLastSection(True)
        self.selectionModel().selectionChanged.connect(
            lambda *_: self.rows_selected.emit(self.selected_rows())
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if len(self.frame.rows) == 0 and self.empty:
            filtered = self.frame.n > 0
            painter = QPainter(self.viewport())
            painter.setPen(theme().color("muted"))
            words = "No row answers the filter" if filtered else self.empty
            painter.drawText(self.viewport().rect(), Qt.AlignCenter | Qt.TextWordWrap, words)
            painter.end()

    def set_columns(self, columns: list[Column], n: int) -> None:
        """Other data."""
        self.horizontalHeader().setSortIndicator(-1, Qt.AscendingOrder)
        self.frame.set_columns(columns, n)
        metrics = self.fontMetrics()
        sample = np.arange(min(n, 30))
        for i, column in enumerate(columns):
            texts = [column.title + "  ", *column.texts(sample)]
            wide = max(metrics.horizontalAdvance(text) for text in texts) + SPACING * 4
            self.setColumnWidth(i, min(wide, 2400 if column.fixed else 320))

    def selected_rows(self) -> np.ndarray:
        """(n,) int64: which rows of the data are selected, in the order shown."""
        ranges = self.selectionModel().selection()
        spans = [ranges[i] for i in range(len(ranges))]
        shown = [row for span in spans for row in range(span.top(), span.bottom() + 1)]
        return self.frame.rows[np.unique(np.asarray(shown, dtype=np.int64))]

    def copy(self) -> None:
        """The selected rows, or all where none is, to the clipboard as text with tabs."""
        rows = self.selected_rows()
        rows = rows if len(rows) else self.frame.rows
        columns = list(range(len(self.frame.columns)))
        QApplication.clipboard().setText(self.frame.as_text(rows, columns))

    def keyPressEvent(self, event: Any) -> None:
        if event.matches(QKeySequence.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)


def write_table(model: FrameModel, path: Path, rows: np.ndarray) -> None:
    """These rows as `.csv`, or with tabs where the name ends in `.tsv` or `.txt`."""
    columns = list(range(len(model.columns)))
    write_text(path, model.as_text(rows, columns, separator_of(path)), what="table")


def _raw(column: Column, rows: np.ndarray) -> list[object]:
    """Cells with all their digits."""
    values = column.array
    return list(column.texts(rows)) if values is None else values[rows].tolist()
