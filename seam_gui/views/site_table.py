"""The table of sites: names and bounds are edited in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeyEvent, QKeySequence
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from seam_core.intervals import span_text
from seam_core.site_boxes import runs_of
from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING, theme
from seam_gui.views.copied_rows import copy_rows

COLUMNS = (
    ("Site", "Name: double-click to edit"),
    ("Verdict", "What the model says when the site is tested: confirmed, weak or not confirmed"),
    ("Effect", "What the site alone adds to the activity, with its interval"),
    ("Start", "First position, 0-based: double-click to edit"),
    ("Stop", "End, exclusive: double-click to edit"),
    ("Length", "Positions that belong to it"),
    ("Letters", "The reference's letters there; gaps as dots"),
    ("Clusters", "Clusters that show the site"),
    (
        "Knock-out",
        "Activity of the reference less that with the whole site replaced",
    ),
    ("q", "Share of windows without a site that do as much, corrected over the sites"),
    (
        "Stability",
        "Share of repeated clusterings of halves of the library that have the site; below half "
        "it is unstable",
    ),
    ("Motif", "Best match among the known motifs, with its q-value; point at it for more"),
    ("Positions", "All of them, where there are gaps"),
    ("Place", "In the genome, as browsers write it: from 1, both ends included"),
)
(
    NAME,
    VERDICT,
    EFFECT,
    START,
    STOP,
    LENGTH,
    LETTERS,
    CLUSTERS,
    KNOCKOUT,
    Q,
    STABILITY,
    MOTIF,
    POSITIONS,
    PLACE,
) = range(len(COLUMNS))

_ROWS = 4  # in sight at least


@dataclass(frozen=True)
class SiteRow:
    """One site, as the table shows it."""

    name: str
    positions: tuple[int, ...]
    letters: str
    clusters: int
    effect: str
    motif: str
    motifs: str = ""  # all that match, a line each
    verdict: str = ""
    knockout: str = ""
    q_value: str = ""
    note: str = ""  # why the verdict
    stability: str = ""
    place: str = ""  # in the genome, where that is known

    def texts(self) -> tuple[str, ...]:
        """The cells."""
        start, stop = self.positions[0], self.positions[-1] + 1
        parts = runs_of(self.positions)
        names = [span_text(*part) for part in parts]
        gaps = ", ".join(names) if len(parts) > 1 else ""
        return (
            self.name,
            self.verdict,
            self.effect,
            str(start),
            str(stop),
            str(len(self.positions)),
            self.letters,
            str(self.clusters),
            self.knockout,
            self.q_value,
            self.stability,
            self.motif,
            gaps,
            self.place,
        )


class SiteModel(QAbstractTableModel):
    """edited : name of the site, column, text."""

    edited = pyqtSignal(str, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sites: list[SiteRow] = []

    def set_rows(self, rows: list[SiteRow]) -> None:
        """Other sites."""
        self.beginResetModel()
        self.sites = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.sites)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        flags = super().flags(index)
        return flags | Qt.ItemIsEditable if index.column() in (NAME, START, STOP) else flags

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.DisplayRole, Qt.EditRole):
            return self.sites[index.row()].texts()[index.column()]
        if role == Qt.TextAlignmentRole:
            right = index.column() in (START, STOP, LENGTH, CLUSTERS)
            return int(Qt.AlignVCenter | (Qt.AlignRight if right else Qt.AlignLeft))
        if role == Qt.ToolTipRole and index.column() == MOTIF:
            return plain(self.sites[index.row()].motifs) or None
        if role == Qt.ToolTipRole and index.column() == VERDICT:
            return plain(self.sites[index.row()].note) or None
        if role == Qt.ForegroundRole and index.column() == VERDICT:
            return self._colour_of(self.sites[index.row()].verdict)
        if role == Qt.ForegroundRole and index.column() in (POSITIONS, LETTERS, PLACE):
            return theme().color("muted")
        return None

    @staticmethod
    def _colour_of(verdict: str) -> QColor | None:
        """Sites that are not confirmed are grey, weak ones in the colour of warnings."""
        names = {"not confirmed": "muted", "not asked": "muted", "weak": "warning"}
        return theme().color(names[verdict]) if verdict in names else None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.EditRole) -> bool:
        if role != Qt.EditRole or value == self.data(index):
            return False
        self.edited.emit(self.sites[index.row()].name, index.column(), str(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Horizontal:
            return None
        if role == Qt.DisplayRole:
            return COLUMNS[section][0]
        if role == Qt.ToolTipRole:
            return COLUMNS[section][1]
        if role == Qt.TextAlignmentRole:
            right = section in (START, STOP, LENGTH, CLUSTERS)
            return int(Qt.AlignVCenter | (Qt.AlignRight if right else Qt.AlignLeft))
        return None


class SiteTable(QTableView):
    """Ctrl+C copies the rows marked, or all.

    chosen : names of the rows selected; edited : name, column, text
    """

    chosen = pyqtSignal(object)
    edited = pyqtSignal(str, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("site_table")
        self._fitted: set[int] = set()
        self.sites = SiteModel(self)
        self.setModel(self.sites)
        self.sites.edited.connect(self.edited)
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.sites.modelReset.connect(self._fit)
        self._fit()
        self.selectionModel().selectionChanged.connect(
            lambda *_: self.chosen.emit(self.selected_names())
        )

    def _fit(self) -> None:
        """Columns as wide as what they say; those widened by hand stay so."""
        header = self.horizontalHeader()
        self.setColumnHidden(PLACE, not any(row.place for row in self.sites.sites))
        for column in range(len(COLUMNS)):
            words = max(self.sizeHintForColumn(column) + SPACING, header.sectionSizeHint(column))
            if column not in self._fitted or words > self.columnWidth(column):
                self.setColumnWidth(column, words)
            self._fitted.add(column)

    def minimumSizeHint(self) -> QSize:
        """Some rows are in sight however low the window is."""
        rows = _ROWS * self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar().sizeHint().height()
        height = self.horizontalHeader().sizeHint().height() + rows + bar
        return QSize(super().minimumSizeHint().width(), height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.Copy):
            shown = [c for c in range(len(COLUMNS)) if not self.isColumnHidden(c)]
            copy_rows(self, [(COLUMNS[c][0], _cell_of(c)) for c in shown], self.sites.sites)
        else:
            super().keyPressEvent(event)

    def selected_names(self) -> list[str]:
        """Names of the rows selected, from top to bottom."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self.sites.sites[row].name for row in rows]


def _cell_of(column: int) -> Callable[[SiteRow], str]:
    return lambda row: row.texts()[column]
