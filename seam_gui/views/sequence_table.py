"""Sequences letter by letter: reference and consensus on top, differences marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QFontMetricsF, QKeyEvent, QKeySequence, QPainter
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from seam_core.sequences import UNKNOWN, indices_to_strings
from seam_gui.look.theme import SPACING, fixed_font, theme

_SAME = "·"


class SequenceModel(QAbstractTableModel):
    """Rows of the library; the first rows are pinned: reference, consensus.

    Columns: index, then the values given, then the letters.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = np.zeros(0, dtype=np.int64)
        self.pinned: list[tuple[str, np.ndarray]] = []
        self.values: dict[str, np.ndarray] = {}
        self._sequences = np.zeros((0, 0), dtype=np.int8)
        self._alphabet = "ACGT"
        self.compared: np.ndarray | None = None
        self.first_position = 0

    def set_data(
        self,
        sequences: np.ndarray,
        alphabet: str,
        rows: np.ndarray,
        values: dict[str, np.ndarray],
        pinned: list[tuple[str, np.ndarray]],
        compared: np.ndarray | None,
    ) -> None:
        """(N, L) letters, the rows shown, columns beside them, pinned sequences, and the (L,)
        sequence that differences are marked against."""
        self.beginResetModel()
        self._sequences, self._alphabet, self.rows = sequences, alphabet, rows
        self.values, self.pinned, self.compared = values, pinned, compared
        self.endResetModel()

    def names(self) -> list[str]:
        """The columns."""
        return ["Index", *self.values, "Sequence"]

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.pinned) + len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.values) + 2

    def letters(self, row: int) -> np.ndarray:
        """(L,) letters of a row shown."""
        if row < len(self.pinned):
            return self.pinned[row][1]
        return self._sequences[self.rows[row - len(self.pinned)]]

    def string(self, row: int) -> str:
        """The same as text."""
        return indices_to_strings(self.letters(row)[None, :], self._alphabet)[0]

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column, pinned = index.row(), index.column(), len(self.pinned)
        last = column == self.columnCount() - 1
        if role == Qt.TextAlignmentRole:
            left = last or (column == 0 and row < pinned)
            return int(Qt.AlignVCenter | (Qt.AlignLeft if left else Qt.AlignRight))
        if role == Qt.ForegroundRole and column == 0:
            return theme().color("muted")
        if role != Qt.DisplayRole:
            return None
        if last:
            return self.string(row)
        if row < pinned:
            return self.pinned[row][0] if column == 0 else ""
        which = self.rows[row - pinned]
        if column == 0:
            return f"{which:,}"
        value = list(self.values.values())[column - 1][which]
        if not isinstance(value, (float, np.floating)):
            return str(value)
        return "" if np.isnan(value) else f"{value:.4g}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Horizontal and role == Qt.DisplayRole:
            return self.names()[section]
        if orientation == Qt.Horizontal and role == Qt.TextAlignmentRole:
            left = section == self.columnCount() - 1
            return int(Qt.AlignVCenter | (Qt.AlignLeft if left else Qt.AlignRight))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.AscendingOrder) -> None:
        if not 0 <= column < self.columnCount() - 1 or len(self.rows) == 0:
            return
        keys = self.rows if column == 0 else list(self.values.values())[column - 1][self.rows]
        ranks = np.argsort(keys.astype(str) if keys.dtype.kind == "O" else keys, kind="stable")
        self.beginResetModel()
        self.rows = self.rows[ranks if order == Qt.AscendingOrder else ranks[::-1]]
        self.endResetModel()

    def as_text(self, rows: list[int] | None = None, separator: str = "\t") -> str:
        """Rows shown with a header: all, or those named; pinned rows have no index."""
        shown = range(self.rowCount()) if rows is None else rows
        lines = [separator.join(self.names())]
        for row in shown:
            cells = [str(self.data(self.index(row, c))) for c in range(self.columnCount())]
            if row >= len(self.pinned):
                which = self.rows[row - len(self.pinned)]
                cells[: len(self.values) + 1] = [
                    str(which),
                    *(str(values[which]) for values in self.values.values()),
                ]
            lines.append(separator.join(cells))
        return "\n".join(lines) + "\n"


class SequenceTable(QTableView):
    """The view; Ctrl+C copies the rows selected, or all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("selection_table")
        self.sequences = SequenceModel(self)
        self.setModel(self.sequences)
        self._letters, self._plain = _Letters(self), QStyledItemDelegate(self)
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.AscendingOrder)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self.horizontalHeader().setHighlightSections(False)
        self.sequences.modelReset.connect(self._fit_columns)
        self.window_shown: tuple[int, int] | None = None

    def _fit_columns(self) -> None:
        last = self.sequences.columnCount() - 1
        for column in range(max(last, 0)):
            self.setItemDelegateForColumn(column, self._plain)
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance("consensus") + 24)
        if last >= 0 and self.sequences.rowCount():
            self.setItemDelegateForColumn(last, self._letters)
            width = self._letters.letter_width() * len(self.sequences.letters(0))
            self.setColumnWidth(last, int(width) + SPACING * 2)

    def show_window(self, window: tuple[int, int]) -> None:
        """Bring positions, `window[1]` exclusive, to the left and make all others faint."""
        self.window_shown = window
        last = self.sequences.columnCount() - 1
        if last > 0 and self.sequences.rowCount():
            across = self.columnViewportPosition(last) + self.horizontalOffset()
            whole = window[0] == 0 and window[1] >= len(self.sequences.letters(0))
            place = across + window[0] * self._letters.letter_width()
            self.horizontalScrollBar().setValue(0 if whole else int(place))
        self.viewport().update()

    def selected_indices(self) -> np.ndarray:
        """(n,) int64: library rows selected, pinned ones left out."""
        pinned = len(self.sequences.pinned)
        rows = [i.row() - pinned for i in self.selectionModel().selectedRows() if i.row() >= pinned]
        return self.sequences.rows[np.asarray(sorted(rows), dtype=np.int64)]

    def copy(self) -> None:
        """To the clipboard, with tabs."""
        rows = sorted(i.row() for i in self.selectionModel().selectedRows())
        QApplication.clipboard().setText(self.sequences.as_text(rows or None))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)


class _Letters(QStyledItemDelegate):
    """Letters of one width: as the compared sequence faint, different ones in colour."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._font = fixed_font()

    def letter_width(self) -> float:
        return QFontMetricsF(self._font).horizontalAdvance("A") + 1.0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        model = index.model()
        assert isinstance(model, SequenceModel)
        letters, text = model.letters(index.row()), model.string(index.row())
        if option.state & QStyle.State_Selected:
            painter.fillRect(option.rect, theme().color("selection"))
        painter.setFont(self._font)
        width, box = self.letter_width(), QRectF(option.rect)
        left = box.left() + SPACING
        table = option.widget
        window = QRectF(table.viewport().rect()) if isinstance(table, QTableView) else box
        first = max(0, int((window.left() - left) / width) - 1)
        last = min(len(text), int((window.right() - left) / width) + 2)
        pinned = index.row() < len(model.pinned)
        colours = {letter: QColor(c) for letter, c in theme().letter_colors(_known(text)).items()}
        muted = theme().color("muted")
        shown = table.window_shown if isinstance(table, SequenceTable) else None
        for position in range(first, last):
            cell = QRectF(left + position * width, box.top(), width, box.height())
            same = (
                model.compared is not None
                and not pinned
                and letters[position] == model.compared[position]
            )
            beside = shown is not None and not shown[0] <= position < shown[1]
            painter.setOpacity(0.35 if beside else 1.0)
            painter.setPen(muted if same else colours.get(text[position], muted))
            painter.drawText(cell, Qt.AlignCenter, _SAME if same else text[position])
        painter.setOpacity(1.0)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(200, 20)


def _known(text: str) -> str:
    return "".join(sorted(set(text)))


def consensus(letter_counts: np.ndarray) -> np.ndarray:
    """(W, A) counts to the (W,) int8 most frequent letters; unknown where there is none."""
    best = letter_counts.argmax(axis=1).astype(np.int8)
    best[letter_counts.sum(axis=1) == 0] = UNKNOWN
    return best
