"""The legend of clusters, or of any column of text: counts, hide, isolate, composition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeyEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from seam_core.manner import Manner
from seam_core.pictures import names_of
from seam_core.selection import Selection
from seam_gui.look.text import PlainLabel, counted
from seam_gui.look.theme import SPACING, theme
from seam_gui.pictures.scene import Scene
from seam_gui.tabs.explore.lazy_panel import LazyPanel
from seam_gui.widgets.basics import button, by_font
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow

CLUSTER = "cluster"
_MOST = 10_000  # names of a column; more are no legend
_HEADS = ("Name", "All", "Selected", "Share (%)", "Fold")
_TIPS = (
    "Click (Space) hides or shows; Shift with it shows this alone, or all again",
    "Sequences in the library",
    "Sequences in the selection",
    "Of the selection, in percent",
    "Share in the selection over the share in the library",
)


@dataclass(frozen=True)
class Entry:
    """One name of the legend: its key, text and colour, sequences of it, and of them selected."""

    key: object
    text: str
    colour: tuple[int, ...]
    count: int
    chosen: int


class LegendPanel(LazyPanel):
    """Names with counts; what is hidden here is not drawn in the scatter.

    clusters_hidden : ids, to be hidden and no others: an edit of the clusters
    names_hidden : column of text -> names whose points are not drawn
    """

    clusters_hidden = pyqtSignal(object)
    names_hidden = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend_panel")
        self._scene: Scene | None = None
        self._selection: Selection | None = None
        self._hidden: dict[str, set[object]] = {}
        self._wanted: dict[str, set[object]] = {}  # of a session, saved with it
        self._codes: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {}
        self._column = ComboBox()
        self._column.setObjectName("legend_column")
        self._column.setToolTip("Clusters, or a column of text")
        self._column.currentIndexChanged.connect(lambda _: self.draw_again())
        self._search = QLineEdit()
        self._search.setObjectName("legend_search")
        self._search.setPlaceholderText("Search")
        self._search.setAccessibleName("Search the legend")
        self._search.setToolTip("Show names that hold this text")
        self._search.setClearButtonEnabled(True)
        self._search.setMaximumWidth(180)
        self._search.textChanged.connect(lambda _: self.draw_again())
        self._all = button("Show all", "legend_show_all", "Draw all again", self.show_all)
        self._words = PlainLabel()
        self._words.setObjectName("legend_words")
        self._words.setProperty("role", "muted")
        self.model = _Model(self)
        self.table = _Table()
        self.table.setObjectName("legend_table")
        self.table.setAccessibleName("Legend")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.pressed_at.connect(self._clicked)
        self.table.horizontalHeader().setDefaultSectionSize(by_font(100))
        self.table.setColumnWidth(0, by_font(260))
        line = FlowRow(self._column, self._search, self._all, None, self._words)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)

    def set_scene(self, scene: Scene) -> None:
        """Show the names of a scene; of other sequences nothing is hidden, and none selected."""
        before, self._scene = self._scene, scene
        if before is None or before.n != scene.n:
            self._selection = None
        if before is None or before.session.table is not scene.session.table:
            self._hidden, self._wanted = self._wanted, {}
            self._codes.clear()
            self.names_hidden.emit(self.left_out)
            texts = [n for n, v in scene.columns.items() if v.dtype.kind not in "fiub"]
            with QSignalBlocker(self._column):
                self._column.clear()
                self._column.addItems([CLUSTER, *texts])
        self.draw_again()

    def take_manner(self, manner: Manner) -> None:
        """Names that were hidden when the session was saved, once it is shown."""
        self._wanted = {column: set(names) for column, names in manner.left_out.items()}

    def set_selection(self, selection: Selection | None) -> None:
        """Count what is selected."""
        if selection is not self._selection:
            self._selection = selection
            self.draw_again()

    @property
    def column(self) -> str:
        """What the legend is of."""
        return self._column.currentText() or CLUSTER

    @property
    def hidden(self) -> set[object]:
        """Keys that are not drawn."""
        if self.column == CLUSTER:
            return set(() if self._scene is None else self._scene.hidden)
        return self._hidden.get(self.column, set())

    def refresh(self) -> None:
        wanted = self._search.text().strip().lower()
        entries = self._entries()
        shown = [each for each in entries if wanted in each.text.lower()]
        selected = sum(each.chosen for each in entries)
        total = sum(each.count for each in entries)
        at = self.table.currentIndex()
        self.model.show_entries(shown, self.hidden, selected, total)
        if at.isValid():  # arrow keys go on from there
            self.table.setCurrentIndex(self.model.index(min(at.row(), len(shown) - 1), 0))
        hidden = len(self.hidden)
        self._all.setEnabled(hidden > 0)
        words = f"{len(shown)} of {len(entries)}" if wanted else f"{len(entries)}"
        words = (f"{len(shown)} of " if wanted else "") + counted(len(entries), "name")
        self._words.setText(words + (f", {hidden} hidden" if hidden else ""))

    def _entries(self) -> list[Entry]:
        scene = self._scene
        if scene is None:
            return []
        mask = None if self._selection is None else self._selection.mask
        if self.column == CLUSTER:
            if scene.labels is None:
                return []
            ids, place, counts = scene.groups
            inside = _counted(place, mask, len(ids))
            colours = scene.colours(ids)
            of = {int(i): k for k, i in enumerate(ids)}
            order = [of[i] for i in scene.order if i in of]
            return [
                Entry(
                    int(ids[k]),
                    scene.title_of(int(ids[k])),
                    tuple(colours[k]),
                    int(counts[k]),
                    int(inside[k]),
                )
                for k in order
            ]
        codes, names = self._coded(self.column)
        colours = theme().categorical(max(len(names), 1))
        counts = np.bincount(codes, minlength=len(names))
        inside = _counted(codes, mask, len(names))
        return [
            Entry(name, name, tuple(colours[k]), int(counts[k]), int(inside[k]))
            for k, name in enumerate(names[:_MOST])
        ]

    def _coded(self, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """(N,) code of each value, and the names in the order of the scatter's colours."""
        if column not in self._codes:
            assert self._scene is not None
            self._codes[column] = names_of(self._scene.columns[column])
        return self._codes[column]

    def _clicked(self, row: int, alone: bool) -> None:
        key = self.model.entries[row].key
        self.isolate(key) if alone else self.toggle(key)

    def toggle(self, key: object) -> None:
        """Hide a name, or show it again."""
        self._hide(self.hidden ^ {key})

    def isolate(self, key: object) -> None:
        """Show one name alone; once more, all."""
        others = {each.key for each in self._entries()} - {key}
        self._hide(set() if self.hidden == others else others)

    def show_all(self) -> None:
        """Hide nothing."""
        self._hide(set())

    def _hide(self, keys: set[object]) -> None:
        if self.column == CLUSTER:
            self.clusters_hidden.emit(tuple(sorted(keys)))  # type: ignore[type-var]
            return
        self._hidden[self.column] = keys
        self.names_hidden.emit(self.left_out)
        self.draw_again()

    @property
    def left_out(self) -> dict[str, tuple[str, ...]]:
        """Column of text -> names whose points are not drawn."""
        return {
            column: tuple(sorted(str(name) for name in names))
            for column, names in self._hidden.items()
            if names
        }


def _counted(codes: np.ndarray, mask: np.ndarray | None, n: int) -> np.ndarray:
    return np.zeros(n, dtype=int) if mask is None else np.bincount(codes[mask], minlength=n)


class _Table(QTableView):
    """A click on a row, or Space, is told, and whether Shift was held."""

    pressed_at = pyqtSignal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self.clicked.connect(
            lambda at: self._tell(at.row(), QApplication.keyboardModifiers() & Qt.ShiftModifier)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_Space and self.currentIndex().isValid():
            self._tell(self.currentIndex().row(), event.modifiers() & Qt.ShiftModifier)
        else:
            super().keyPressEvent(event)

    def _tell(self, row: int, shift: object) -> None:
        self.pressed_at.emit(row, bool(shift))


class _Model(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self._hidden: set[object] = set()
        self._chosen = self._total = 0

    def show_entries(
        self, entries: list[Entry], hidden: set[object], selected: int, total: int
    ) -> None:
        self.beginResetModel()
        self.entries, self._hidden = entries, hidden
        self._chosen, self._total = selected, total
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> object:
        entry, column = self.entries[index.row()], index.column()
        off = entry.key in self._hidden
        if role == Qt.DisplayRole:
            return self._text(entry, column)
        if role == Qt.DecorationRole and column == 0:
            return theme().color("separator") if off else QColor(*(int(c) for c in entry.colour))
        if role == Qt.ForegroundRole and off:
            return theme().color("muted")
        if role == Qt.ToolTipRole and column == 0:
            return "Hidden: click shows it" if off else _TIPS[0]
        if role == Qt.TextAlignmentRole:
            return int(Qt.AlignVCenter | (Qt.AlignLeft if column == 0 else Qt.AlignRight))
        return None

    def _text(self, entry: Entry, column: int) -> str:
        if column == 0:
            return entry.text
        if column == 1:
            return f"{entry.count:,}"
        if not self._chosen:
            return ""
        share = entry.chosen / self._chosen
        if column == 2:
            return f"{entry.chosen:,}"
        if column == 3:
            return f"{100 * share:.1f}"
        return f"{share / (entry.count / max(self._total, 1)):.2f}" if entry.count else ""

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.DisplayRole
    ) -> object:
        if orientation != Qt.Horizontal:
            return None
        if role == Qt.DisplayRole:
            return _HEADS[section]
        return _TIPS[section] if role == Qt.ToolTipRole else None
