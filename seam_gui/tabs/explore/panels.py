"""Where the panels of Explore are: the centre, and docks below that can be moved."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDockWidget, QMainWindow, QSplitter, QTabBar, QTabWidget, QWidget

from seam_gui.tabs.explore.lazy_panel import LazyPanel

_DOCK_HEIGHT = 190  # pixels at the first start


def centre(scatter: QWidget, logos: QWidget, msm: QWidget) -> QSplitter:
    """The scatter on the left, logos above the MSM on the right."""
    right = QSplitter(Qt.Vertical)
    right.setObjectName("explore_right")
    right.addWidget(logos)
    right.addWidget(msm)
    right.setStretchFactor(0, 4)
    right.setStretchFactor(1, 3)
    right.setSizes([300, 240])
    right.setChildrenCollapsible(False)
    both = QSplitter()
    both.setObjectName("explore_centre")
    both.addWidget(scatter)
    both.addWidget(right)
    both.setSizes([520, 760])
    both.setStretchFactor(0, 2)
    both.setStretchFactor(1, 3)
    both.setChildrenCollapsible(False)
    return both


class Panels(QMainWindow):
    """A window inside the tab, so that panels can be docked, floated and remembered."""

    def __init__(self, middle: QWidget, panels: Sequence[tuple[str, str, QWidget]]) -> None:
        """`panels` are name, title and widget of each dock, from left to right."""
        super().__init__()
        self.setObjectName("explore_window")
        self.setWindowFlags(Qt.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.AllDockWidgetAreas, QTabWidget.North)
        self.setCentralWidget(middle)
        self.docks = tuple(self._docked(*panel) for panel in panels)
        for left, right in zip(self.docks, self.docks[1:], strict=False):
            self.tabifyDockWidget(left, right)
        self.docks[0].raise_()
        self.dress()
        self.resizeDocks(self.docks[:1], [_DOCK_HEIGHT], Qt.Vertical)

    def _docked(self, name: str, title: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock_{name}")
        dock.setWidget(widget)
        self.addDockWidget(Qt.BottomDockWidgetArea, dock)
        if isinstance(widget, LazyPanel):
            dock.visibilityChanged.connect(widget.set_in_front)
        dock.topLevelChanged.connect(lambda _: self.dress())
        dock.dockLocationChanged.connect(lambda _: self.dress())
        return dock

    def dress(self) -> None:
        """Docks behind tabs need no title of their own; floating ones do."""
        for dock in getattr(self, "docks", ()):
            tabbed = bool(self.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if tabbed and dock.titleBarWidget() is None:
                dock.setTitleBarWidget(QWidget(dock))
            elif not tabbed and dock.titleBarWidget() is not None:
                dock.setTitleBarWidget(None)
        for bar in self.findChildren(QTabBar, options=Qt.FindDirectChildrenOnly):
            bar.setDrawBase(False)
