"""Histograms of the table's columns, brushed together: what lies inside all brushes is selected."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from seam_core.selection import Query, Selection
from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING
from seam_gui.pictures.scene import Scene
from seam_gui.tabs.explore.lazy_panel import LazyPanel
from seam_gui.views.brush_histogram import BrushHistogram
from seam_gui.widgets.basics import button, discard, row

_FIRST = 5  # histograms shown before the user chooses
_DIGITS = 6


class FilterPanel(LazyPanel):
    """One histogram a numeric column; several brushes at once, counts while they move.

    gesture_made : `Query` of all brushes, mode
    cleared : the last brush was taken away
    """

    gesture_made = pyqtSignal(object, str)
    cleared = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filter_panel")
        self._scene: Scene | None = None
        self._columns: dict[str, np.ndarray] = {}
        self._wanted: list[str] | None = None
        self._asked = ""
        self.histograms: dict[str, BrushHistogram] = {}
        self._count = PlainLabel()
        self._count.setObjectName("filter_count")
        self._choose = QToolButton()
        self._choose.setObjectName("filter_columns")
        self._choose.setText("Columns")
        self._choose.setToolTip("Which columns have a histogram here")
        self._choose.setPopupMode(QToolButton.InstantPopup)
        self._choose.setMenu(QMenu(self._choose))
        self._clear = button("Clear", "filter_clear", "Take all brushes away", self.clear_brushes)
        self._line = QHBoxLayout()
        self._line.setContentsMargins(SPACING, 0, SPACING, 0)
        inside = QWidget()
        inside.setLayout(self._line)
        scroll = QScrollArea()
        scroll.setObjectName("filter_scroll")
        scroll.setWidgetResizable(True)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        top = row(self._count, None, self._choose, self._clear)
        top.setContentsMargins(SPACING, SPACING // 2, SPACING, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(scroll, 1)

    def set_scene(self, scene: Scene) -> None:
        """Other sequences: no brush. The same ones: brushes stay."""
        before, self._scene = self._scene, scene
        if before is None or before.session.table is not scene.session.table:
            self._asked = ""
            numeric = {n: v for n, v in scene.columns.items() if v.dtype.kind in "fiu"}
            self._columns = {name: values.astype(float) for name, values in numeric.items()}
            self.draw_again()

    def set_selection(self, selection: Selection | None) -> None:
        """A selection that the brushes did not make takes them away."""
        last = selection.steps[-1].gesture if selection is not None and selection.steps else None
        if self._asked and not (isinstance(last, Query) and last.text == self._asked):
            self._asked = ""
            for each in self.histograms.values():
                each.set_brush(None)
            self._count_inside()

    @property
    def shown(self) -> list[str]:
        """Columns that have a histogram."""
        wanted = list(self._columns)[:_FIRST] if self._wanted is None else self._wanted
        return [name for name in wanted if name in self._columns]

    def refresh(self) -> None:
        for each in self.histograms.values():
            discard(each)
        self.histograms.clear()
        for place, name in enumerate(self.shown):
            histogram = BrushHistogram(f"filter_histogram_{place}", name)
            histogram.set_values(self._columns[name])
            histogram.brushed.connect(lambda _: self._count_inside())
            histogram.released.connect(self._ask)
            self._line.addWidget(histogram, 1)
            self.histograms[name] = histogram
        self._fill_menu()
        self._count_inside()

    def _fill_menu(self) -> None:
        menu = self._choose.menu()
        assert menu is not None
        menu.clear()
        for name in self._columns:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name in self.shown)
            action.toggled.connect(lambda on, n=name: self._show_column(n, on))

    def _show_column(self, name: str, on: bool) -> None:
        shown = self.shown
        self._wanted = [*shown, name] if on else [each for each in shown if each != name]
        brushes = {n: each.brush for n, each in self.histograms.items()}
        self.refresh()
        for column, each in self.histograms.items():
            each.set_brush(brushes.get(column))
        self._count_inside()

    def inside(self, but: str = "") -> np.ndarray | None:
        """(N,) bool inside the brushes of all columns but one; None without a brush."""
        masks = [
            (self._columns[name] >= each.brush[0]) & (self._columns[name] <= each.brush[1])
            for name, each in self.histograms.items()
            if each.brush is not None and name != but
        ]
        return np.logical_and.reduce(masks) if masks else None

    def _count_inside(self) -> None:
        mask = self.inside()
        for name, each in self.histograms.items():
            each.show_inside(None if mask is None else self._columns[name][mask])
        n = 0 if self._scene is None else self._scene.n
        count = n if mask is None else int(mask.sum())
        self._count.setText(f"{count:,} of {n:,} sequences" if self._columns else "No numbers yet")
        self._clear.setEnabled(mask is not None)

    def question(self) -> str:
        """All brushes as a question."""
        parts = []
        for name, each in self.histograms.items():
            if each.brush is not None:
                low, high = (f"{value:.{_DIGITS}g}" for value in each.brush)
                column = name if name.isidentifier() else f"`{name}`"
                parts.append(f"{column} >= {low} and {column} <= {high}")
        return " and ".join(parts)

    def _ask(self) -> None:
        text = self.question()
        if text:
            self._asked = text
            self.gesture_made.emit(Query(text), "replace")
        elif self._asked:
            self._asked = ""
            self.cleared.emit()

    def clear_brushes(self) -> None:
        """Keep all sequences again."""
        for each in self.histograms.values():
            each.set_brush(None)
        self._count_inside()
        self._ask()
