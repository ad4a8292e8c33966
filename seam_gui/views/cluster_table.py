"""The table of clusters: label, size, activity, a thumbnail of the logo, active sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PyQt5.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    pyqtSignal,
)
from PyQt5.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPixmap
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

from seam_core import glyphs
from seam_gui.look.theme import SPACING, theme
from seam_gui.views.copied_rows import copy_rows
from seam_gui.views.logo_painting import Logo, paint_logo
from seam_gui.views.scatter_parts import number

COLUMNS = (
    ("Cluster", "Id of the cluster; noise is a group of its own. ★ holds the reference"),
    ("Label", "Your name for it: double-click to edit"),
    ("n", "Sequences"),
    ("Median", "Median activity"),
    ("IQR", "Spread of the middle half of its activities"),
    ("Mean logo", "Mean attribution map, all clusters on one scale"),
    ("Sites", "Binding sites that the cluster shows"),
    ("Note", "Your note: double-click to edit"),
)
CLUSTER, LABEL, SIZE, MEDIAN, IQR, LOGO, SITES, NOTE = range(len(COLUMNS))


@dataclass(frozen=True)
class ClusterRow:
    """One cluster, as the table shows it."""

    cluster_id: int
    label: str
    size: int
    median: float
    iqr: float
    sites: str
    note: str
    colour: tuple[int, int, int]
    reference: bool = False
    hidden: bool = False


class ClusterModel(QAbstractTableModel):
    """Clusters in the order given, or sorted by a column."""

    edited = pyqtSignal(int, int, str)  # cluster id, column, text

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clusters: list[ClusterRow] = []
        self._given: list[ClusterRow] = []
        self._sorted: tuple[int, Qt.SortOrder] = (-1, Qt.AscendingOrder)

    def set_rows(self, rows: list[ClusterRow]) -> None:
        """Other clusters; keeps the sorting."""
        self.beginResetModel()
        self._given = rows
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.AscendingOrder) -> None:
        self.beginResetModel()
        self._sorted = (column, order)
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        column, order = self._sorted
        self.clusters = list(self._given)
        keys: dict[int, Callable[[ClusterRow], Any]] = {
            CLUSTER: lambda row: row.cluster_id,
            LABEL: lambda row: row.label.lower(),
            SIZE: lambda row: row.size,
            MEDIAN: lambda row: row.median,
            IQR: lambda row: row.iqr,
            SITES: lambda row: row.sites,
            NOTE: lambda row: row.note,
        }
        if column in keys:
            self.clusters.sort(key=keys[column], reverse=order == Qt.DescendingOrder)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.clusters)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        flags = super().flags(index)
        return flags | Qt.ItemIsEditable if index.column() in (LABEL, NOTE) else flags

    def text(self, row: ClusterRow, column: int) -> str:
        """A cell as shown."""
        star = " ★" if row.reference else ""
        return {
            CLUSTER: ("noise" if row.cluster_id == -1 else str(row.cluster_id)) + star,
            LABEL: row.label,
            SIZE: f"{row.size:,}",
            MEDIAN: "" if np.isnan(row.median) else number(row.median),
            IQR: "" if np.isnan(row.iqr) else number(row.iqr),
            SITES: row.sites,
            NOTE: row.note,
        }.get(column, "")

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.clusters[index.row()], index.column()
        if role in (Qt.DisplayRole, Qt.EditRole):
            return self.text(row, column)
        if role == Qt.TextAlignmentRole:
            right = column in (SIZE, MEDIAN, IQR)
            return int(Qt.AlignVCenter | (Qt.AlignRight if right else Qt.AlignLeft))
        if role == Qt.ForegroundRole and (row.hidden or column == NOTE):
            return theme().color("muted")
        if role == Qt.ToolTipRole and row.hidden:
            return "Hidden in the pictures"
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.EditRole) -> bool:
        if role != Qt.EditRole or value == self.data(index):
            return False
        self.edited.emit(self.clusters[index.row()].cluster_id, index.column(), str(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Horizontal and role == Qt.DisplayRole:
            return COLUMNS[section][0]
        if orientation == Qt.Horizontal and role == Qt.ToolTipRole:
            return COLUMNS[section][1]
        if orientation == Qt.Horizontal and role == Qt.TextAlignmentRole:
            right = section in (SIZE, MEDIAN, IQR)
            return int(Qt.AlignVCenter | (Qt.AlignRight if right else Qt.AlignLeft))
        return None


_WIDEST_LABEL = 32  # letters
_COPIED: tuple[tuple[int, Callable[[ClusterRow], Any]], ...] = (
    (CLUSTER, lambda row: row.cluster_id),
    (LABEL, lambda row: row.label),
    (SIZE, lambda row: row.size),
    (MEDIAN, lambda row: row.median),
    (IQR, lambda row: row.iqr),
    (SITES, lambda row: row.sites),
    (NOTE, lambda row: row.note),
)


class ClusterTable(QTableView):
    """Rows select clusters; labels and notes are edited in place; Ctrl+C copies the rows marked.

    clusters_chosen : ids, mode
    edited : cluster id, column (`LABEL` or `NOTE`), text
    """

    clusters_chosen = pyqtSignal(object, str)
    edited = pyqtSignal(int, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cluster_table")
        self.clusters = ClusterModel(self)
        self.setModel(self.clusters)
        self.clusters.edited.connect(self.edited)
        self._thumbnails = _Thumbnails(self)
        self.setItemDelegateForColumn(LOGO, self._thumbnails)
        self.setItemDelegateForColumn(CLUSTER, _Swatch(self))
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.DoubleClicked | QAbstractItemView.EditKeyPressed)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.AscendingOrder)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING + 4)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        letter = self.fontMetrics().averageCharWidth()
        for column, width in enumerate((12, 18, 10, 10, 9, 44, 12, 20)):
            self.setColumnWidth(column, width * letter)
        self._room = self.columnWidth(LABEL)
        self._following = False
        self.selectionModel().selectionChanged.connect(self._chosen)

    def set_rows(self, rows: list[ClusterRow]) -> None:
        """Other clusters."""
        ids = self.chosen()
        self._following = True
        self.clusters.set_rows(rows)
        self._following = False
        self.set_chosen(ids)
        self._make_room(rows)

    def _make_room(self, rows: list[ClusterRow]) -> None:
        """Widen the column of labels for longer ones; the user may have it narrower again."""
        letter, metrics = self.fontMetrics().averageCharWidth(), self.fontMetrics()
        longest = max((row.label for row in rows), key=len, default="")
        wanted = min(metrics.horizontalAdvance(longest) + 2 * SPACING, _WIDEST_LABEL * letter)
        if wanted > self._room:
            self._room = wanted
            self.setColumnWidth(LABEL, wanted)

    def set_logos(
        self, mean_of: Callable[[int], np.ndarray | None], start: int, alphabet: str
    ) -> None:
        """Mean maps by cluster id, drawn as thumbnails when they come into sight."""
        self._thumbnails.set_source(mean_of, start, alphabet)
        self.viewport().update()

    def chosen(self) -> tuple[int, ...]:
        """Ids of the rows selected, in the order shown."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return tuple(self.clusters.clusters[row].cluster_id for row in rows)

    def set_chosen(self, ids: tuple[int, ...]) -> None:
        """Mark these clusters without saying so to anyone."""
        if set(ids) == set(self.chosen()):
            return
        self._following = True
        model = self.selectionModel()
        model.clearSelection()
        wanted, first = set(ids), None
        for row, cluster in enumerate(self.clusters.clusters):
            if cluster.cluster_id in wanted:
                index = self.clusters.index(row, 0)
                model.select(index, QItemSelectionModel.Select | QItemSelectionModel.Rows)
                first = index if first is None else first
        if first is not None:
            self.scrollTo(first)
        self._following = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.Copy):
            columns = [(COLUMNS[column][0], cell) for column, cell in _COPIED]
            copy_rows(self, columns, self.clusters.clusters)
        else:
            super().keyPressEvent(event)

    def _chosen(self, *_: object) -> None:
        if self._following:
            return
        ids = self.chosen()
        # Shift and Ctrl already chose the rows that are to be selected
        removes = QApplication.keyboardModifiers() & Qt.AltModifier
        self.clusters_chosen.emit(ids, "remove" if removes else "replace")


def _row_of(index: QModelIndex) -> ClusterRow:
    model = index.model()
    assert isinstance(model, ClusterModel)
    return model.clusters[index.row()]


class _Swatch(QStyledItemDelegate):
    """The colour of a cluster before its id."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row = _row_of(index)
        side = 10
        option.rect.adjust(side + SPACING, 0, 0, 0)
        if option.state & QStyle.State_Selected:
            left = option.rect.adjusted(-side - SPACING, 0, 0, 0)
            painter.fillRect(left, theme().color("selection"))
        super().paint(painter, option, index)
        middle = option.rect.center().y()
        spot = QRectF(option.rect.left() - side, middle - side / 2, side, side)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        colour = QColor(*row.colour)
        colour.setAlpha(70 if row.hidden else 255)
        painter.setBrush(colour)
        painter.drawEllipse(spot)


class _Thumbnails(QStyledItemDelegate):
    """Small logos, each drawn once and kept as a picture."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._viewport = table.viewport()
        self._wanted: dict[tuple[int, int, int], tuple[QSize, float]] = {}
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._draw_next)
        self._mean_of: Callable[[int], np.ndarray | None] = lambda _: None
        self._start, self._alphabet = 0, ""
        self._kept: dict[tuple[int, int, int], QPixmap] = {}
        theme().changed.connect(self._kept.clear)

    def set_source(
        self, mean_of: Callable[[int], np.ndarray | None], start: int, alphabet: str
    ) -> None:
        self._mean_of, self._start, self._alphabet = mean_of, start, alphabet
        self._kept.clear()
        self._wanted.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().paint(painter, option, index)
        cluster_id = _row_of(index).cluster_id
        size = option.rect.size() - QSize(SPACING, 4)
        key = (cluster_id, size.width(), size.height())
        if key not in self._kept:
            if size.width() >= 4 and self._mean_of(cluster_id) is not None:
                self._wanted[key] = (size, painter.device().devicePixelRatioF())
                self._next.start()
            return
        painter.drawPixmap(
            option.rect.left() + SPACING // 2, option.rect.top() + 2, self._kept[key]
        )

    def _draw_next(self) -> None:
        """One picture a turn of the event loop: a table full of them would hold it up."""
        if not self._wanted:
            self._viewport.update()
            return
        key = next(iter(self._wanted))
        size, ratio = self._wanted.pop(key)
        mean = self._mean_of(key[0])
        if mean is not None:
            self._kept[key] = self._drawn(mean, size, ratio)
        self._next.start()

    def _drawn(self, mean: np.ndarray, size: QSize, ratio: float) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.Antialiasing)
        logo = Logo(mean, self._start, self._alphabet)
        positive = np.maximum(mean, 0).sum(axis=1).max()
        negative = np.minimum(mean, 0).sum(axis=1).min()
        if positive > negative:
            paint_logo(
                painter,
                logo,
                [glyphs.stack_layout(mean)],
                QRectF(0, 0, size.width(), size.height()),
                (self._start - 0.5, self._start + len(mean) - 0.5),
                (float(negative), float(positive)),
            )
        painter.end()
        return picture

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(320, 28)
