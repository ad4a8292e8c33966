"""A plot: heading, note, and pyqtgraph's axes, zoom and menu around the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QColor, QMouseEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget
from pyqtgraph.graphicsItems.ViewBox.ViewBoxMenu import ViewBoxMenu

from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING, theme
from seam_gui.views.axes import Axes, name_axis
from seam_gui.views.deferred import Deferred
from seam_gui.views.key_pointer import KeyPointer


@dataclass(frozen=True)
class Mark:
    """A vertical line at a value, with its name."""

    value: float
    text: str


class Plot(QWidget):
    """Data in axes that zoom with the wheel and the mouse; a double click shows all again.

    Subclasses say whether there are data and add items to `self.plot`; whoever sets the data calls
    `show_data`. Where there are none, `hint` stands in place of the picture.
    """

    def __init__(
        self, name: str, title: str, x_label: str, y_label: str, *, hint: str = "Nothing yet"
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self._x_label, self._y_label = x_label, y_label
        self._title, self._note = PlainLabel(title), PlainLabel()
        self._title.setProperty("role", "heading")
        self._note.setProperty("role", "muted")
        self._empty = PlainLabel(hint)
        self._empty.setAlignment(Qt.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._box = _View()
        self.plot = Axes(box=self._box)
        self.canvas = pg.GraphicsView()
        self.canvas.setCentralItem(self.plot)
        self.canvas.setObjectName(f"{name}_canvas")
        self.canvas.setFrameShape(QFrame.NoFrame)
        self.canvas.setAccessibleName(f"{title}: {y_label} by {x_label}")
        KeyPointer(self.canvas)
        self.plot.getAxis("left").setGrid(64)
        self._lay_out()
        self.setMinimumHeight(140)
        self._when_seen = Deferred(self, self.show_data)
        theme().changed.connect(self._follow_theme)
        self.show_data()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch()
        top.addWidget(self._note)
        # a parent from the first: what has none is shown as a window of its own
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.canvas)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(top)
        layout.addWidget(self._pages, 1)

    def sizeHint(self) -> QSize:
        return QSize(400, 220)

    @property
    def has_data(self) -> bool:
        """True when there is something to draw."""
        return False

    @property
    def title(self) -> str:
        """What the plot shows."""
        return self._title.text()

    @title.setter
    def title(self, text: str) -> None:
        self._title.setText(text)

    @property
    def note(self) -> str:
        """A word on the data, at the right of the title."""
        return self._note.text()

    @note.setter
    def note(self, text: str) -> None:
        self._note.setText(text)

    @property
    def hint(self) -> str:
        """What stands in place of the picture while there are no data."""
        return self._empty.text()

    @hint.setter
    def hint(self, text: str) -> None:
        self._empty.setText(text)

    def set_labels(self, x_label: str, y_label: str) -> None:
        """Name the axes anew."""
        self._x_label, self._y_label = x_label, y_label
        self._dress()

    def _follow_theme(self) -> None:
        self._when_seen()

    def show_data(self) -> None:
        """Draw the data as they are now, all of them in view."""
        self._pages.setCurrentWidget(self.canvas if self.has_data else self._empty)
        self.plot.clear()
        self._dress()
        if self.has_data:
            self.add_items()

    def add_items(self) -> None:
        """Add the data to `self.plot`, and set the range that shows all (`set_range`)."""
        raise NotImplementedError

    def set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """The ranges that show all: of a double click, too."""
        self._box.whole = (x, y)
        self._box.setRange(xRange=x, yRange=y, padding=0)

    def add_bars(self, edges: np.ndarray, heights: np.ndarray, colour: str, alpha: int) -> None:
        """(B,) bars between (B + 1,) edges, in a colour of the theme."""
        fill = QColor(theme().color(colour))
        fill.setAlpha(alpha)
        self.plot.addItem(
            pg.BarGraphItem(
                x0=edges[:-1], x1=edges[1:], y0=0, height=heights, brush=fill, pen=pg.mkPen(None)
            )
        )

    def add_mark(self, mark: Mark, *, colour: str = "reference", place: float = 0.92) -> None:
        """A dashed vertical line with its words; `place` is their height, from 0 to 1."""
        behind = QColor(theme().color("background"))
        behind.setAlpha(200)  # the words are read on bars, too
        line = pg.InfiniteLine(
            mark.value,
            pen=pg.mkPen(theme().color(colour), width=1.5, style=Qt.DashLine),
            label=mark.text,
            labelOpts={
                "position": place,
                "color": theme().color("text"),
                "anchors": _BESIDE,
                "fill": behind,
            },
        )
        self.plot.addItem(line)

    def _dress(self) -> None:
        """Colours of the theme and the names of the axes."""
        palette = theme().palette
        self.canvas.setBackground(palette.background)
        for side, text in (("left", self._y_label), ("bottom", self._x_label)):
            axis = self.plot.getAxis(side)
            axis.setPen(palette.separator)
            axis.setTextPen(palette.muted)
            name_axis(axis, text, palette.muted)


# a label stands at the right of its line where there is room, else at its left
_BESIDE = [(0, 0.5), (1, 0.5)]


class _View(pg.ViewBox):
    """A view box whose double click shows all; its menu is made when it is asked for."""

    menu: ViewBoxMenu | None

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self.whole: tuple[tuple[float, float], tuple[float, float]] | None = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.whole is not None:
            self.setRange(xRange=self.whole[0], yRange=self.whole[1], padding=0)
        event.accept()

    def menuEnabled(self) -> bool:
        return True

    def getMenu(self, event: object) -> QMenu:
        if self.menu is None:  # dozens of widgets, which every change of the theme would dress
            self.menu = ViewBoxMenu(self)
            self.updateViewLists()
        return self.menu
