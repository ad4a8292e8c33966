"""The panels of Explore and where they are: the centre, and docks below that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from PyQt5.QtCore import QByteArray, QEvent, QObject, QPoint, QSize, Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import (
    QAction,
    QDockWidget,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QTabBar,
    QTabWidget,
    QWidget,
)

from seam_gui.commands import VIEW_MENUS
from seam_gui.tabs.explore.candidate_panel import CandidatePanel
from seam_gui.tabs.explore.cluster_panel import ClusterPanel
from seam_gui.tabs.explore.filter_panel import FilterPanel
from seam_gui.tabs.explore.lazy_panel import LazyPanel
from seam_gui.tabs.explore.legend_panel import LegendPanel
from seam_gui.tabs.explore.logo_panel import LogoPanel
from seam_gui.tabs.explore.maps_panel import MapsPanel
from seam_gui.tabs.explore.msm_panel import MsmPanel
from seam_gui.tabs.explore.scatter_panel import ScatterPanel
from seam_gui.tabs.explore.sequence_panel import SequencePanel
from seam_gui.tabs.explore.statistics_panel import ClusterComparison, SelectionStatistics
from seam_gui.tabs.explore.tree_panel import TreePanel
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.position_view import PositionView
from seam_gui.views.scatter_view import TOOLS
from seam_gui.views.track_view import TrackView
from seam_gui.views.view_history import ViewHistory
from seam_gui.work.jobs import JobRunner

Panel = TypeVar("Panel", bound=QWidget)
_PAGES = {"clusters": "cluster_table", "comparison": "between"}  # of Help, others as the dock

_DOCK_HEIGHT, _DOCK_SHARE = 190, 0.28  # pixels, or share of the height, at the first start
_LEAST = 200  # pixels of logos and MSM in sight


class Column(QScrollArea):
    """What is above each other; it scrolls where all of it is too high for the window."""

    def __init__(self, name: str, inside: QWidget) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self._wanted: QWidget | None = None
        self.setWidget(inside)
        self.verticalScrollBar().actionTriggered.connect(lambda _: self._forget())

    def reveal(self, part: QWidget) -> None:
        """Keep a part that has come just now in sight, until the user scrolls."""
        self._wanted = part
        part.installEventFilter(self)  # layouts give it its place in several steps
        self._show_wanted()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._wanted:
            if event.type() in (QEvent.Move, QEvent.Resize):
                self._show_wanted()
            return False
        return super().eventFilter(watched, event)

    def _show_wanted(self) -> None:
        part = self._wanted
        if part is not None:  # the whole of it: ensureWidgetVisible takes a view's cursor
            top = part.mapTo(self.widget(), QPoint(0, 0))
            self.ensureVisible(0, top.y() + part.height(), 0, 0)

    def _forget(self) -> None:
        self._wanted = None

    def minimumSizeHint(self) -> QSize:
        width = self.widget().minimumSizeHint().width()
        return QSize(width + self.verticalScrollBar().sizeHint().width(), _LEAST)


class Centre(QSplitter):
    """The scatter on the left, logos above the MSM on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("explore_centre")
        self.left, self.right = QSplitter(Qt.Vertical), QSplitter(Qt.Vertical)
        self.left.setObjectName("explore_left")
        self.right.setObjectName("explore_right")
        for splitter in (self, self.left, self.right):
            splitter.setChildrenCollapsible(False)
        self.column = Column("explore_column", self.right)

    def share_out(self) -> None:
        """The sizes at the first start, once all is there."""
        self.left.setStretchFactor(0, 3)
        self.left.setStretchFactor(1, 2)
        self.right.setStretchFactor(0, 4)
        self.right.setStretchFactor(1, 3)
        self.right.setSizes([300, 240])
        self.setSizes([590, 690])  # both bars of controls in one line at 1280 pixels
        self.setStretchFactor(0, 2)
        self.setStretchFactor(1, 3)


class Panels(QMainWindow):
    """A window inside the tab, so that panels can be docked, floated and remembered."""

    def __init__(self, axis: PositionAxis, jobs: JobRunner) -> None:
        super().__init__()
        self._axis, self._jobs = axis, jobs
        self.setObjectName("explore_window")
        self.setWindowFlags(Qt.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.AllDockWidgetAreas, QTabWidget.North)
        self.centre = Centre()
        self.setCentralWidget(self.centre)
        self.docks: tuple[QDockWidget, ...] = ()
        self._remembered = False  # the places of an earlier start were put back

    def build(self) -> Iterator[None]:
        """Make the panels, one a step: the window answers in between."""
        self.scatter = ScatterPanel()
        self.maps = MapsPanel()
        self.centre.addWidget(self.centre.left)
        self.centre.left.addWidget(self.scatter)
        self.centre.left.addWidget(self.maps)
        yield
        self.logos = LogoPanel(self._axis)
        self.centre.addWidget(self.centre.column)
        self.centre.right.addWidget(self.logos)
        yield
        self.msm = MsmPanel(self._axis)
        self.centre.right.addWidget(self.msm)
        yield
        self.tracks = TrackView(self._axis)
        self.centre.right.addWidget(self.tracks)
        for page, widget in self._central().items():
            widget.setProperty("help_page", page)
        yield
        self.clusters = self._add("clusters", "Clusters", ClusterPanel())
        yield
        self.legend = self._add("legend", "Legend", LegendPanel())
        yield
        self.filters = self._add("filters", "Filters", FilterPanel())
        yield
        self.sequences = self._add("sequences", "Sequences", SequencePanel())
        yield
        statistics = SelectionStatistics(self._axis)
        self.statistics = self._add("statistics", "Selection statistics", statistics)
        yield
        comparison = ClusterComparison(self.msm)
        self.comparison = self._add("comparison", "Between clusters", comparison)
        yield
        self.tree = self._add("tree", "Tree", TreePanel())
        yield
        self.candidates = self._add("candidates", "Merge candidates", CandidatePanel(self._jobs))
        yield
        self._share_out()
        yield

    def _central(self) -> dict[str, QWidget]:
        """The parts of the centre, by their pages of Help."""
        left = self.centre.left
        return {"scatter": left, "logos": self.logos, "msm": self.msm, "tracks": self.tracks}

    def _add(self, name: str, title: str, widget: Panel) -> Panel:
        """One more dock, behind those there are."""
        widget.setProperty("help_page", _PAGES.get(name, name))
        dock = self._docked(name, title, widget)
        if self.docks:
            self.tabifyDockWidget(self.docks[-1], dock)
        self.docks = (*self.docks, dock)
        return widget

    def _share_out(self) -> None:
        """The places at the first start, once all is there."""
        self.centre.share_out()
        self.docks[0].raise_()
        self.dress()

    def restoreState(self, state: QByteArray | bytes | bytearray, version: int = 0) -> bool:
        self._remembered = True
        return super().restoreState(state, version)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._remembered:
            self._remembered = True
            height = max(_DOCK_HEIGHT, round(self.height() * _DOCK_SHARE))
            self.resizeDocks(self.docks[:1], [height], Qt.Vertical)

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

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the commands do that are about one panel, by name."""
        scatter = self.scatter
        tools = TOOLS
        return {
            "query": scatter.focus_query,
            "fit": lambda: scatter.view.history.show(scatter.view.fit),
            "reference": scatter.go_to_reference,
            "star": scatter.next_star,
            **{f"tool_{tool}": partial(scatter.choose_tool, tool) for tool in tools},
            **self.logos.handlers(),
            **self.candidates.handlers(),
            "all_positions": lambda: self._axis.history.show(self._axis.reset),
            "view_back": lambda: self._history().back(),
            "view_forward": lambda: self._history().forward(),
            "view_home": lambda: self._history().show(
                scatter.view.fit if self._in_scatter() else self._axis.reset
            ),
            "next_msm": self.msm.next_quantity,
        }

    def _in_scatter(self) -> bool:
        """Whether commands about the view mean the scatter: it, or none, has the keys."""
        focus = self.focusWidget()
        return focus is None or not isinstance(focus, PositionView)

    def _history(self) -> ViewHistory:
        return self.scatter.view.history if self._in_scatter() else self._axis.history

    def toggles(self) -> list[QAction]:
        """What shows and hides each dock."""
        actions = []
        for dock in self.docks:
            action = dock.toggleViewAction()
            action.setObjectName(f"action_{dock.objectName()}")
            action.setText(f"Panel: {dock.windowTitle()}")
            actions.append(action)
        return actions

    def view_menus(self) -> list[tuple[QWidget, tuple[str, ...]]]:
        """Each view, and the commands of its context menu."""
        views: dict[str, tuple[QWidget, ...]] = {
            "scatter": (self.scatter.view,),
            "logos": self.logos.views,
            "overview": (self.logos.overview,),
            "tracks": (self.tracks,),
            "legend": (self.legend.table,),
            "msm": (self.msm.view,),
            "clusters": (self.clusters.table,),
            "comparison": (self.comparison.plot,),
            "sequences": (self.sequences.table,),
            "tree": (self.tree.view,),
            "candidates": (self.candidates.table,),
            "statistics": (self.statistics,),
        }
        return [(view, VIEW_MENUS[name]) for name, own in views.items() for view in own]

    def pictures(self) -> tuple[QWidget, ...]:
        """Views that are pictures, the most used first."""
        return (
            self.scatter.view,
            *self.logos.views,
            self.msm.view,
            self.comparison.plot,
            self.tree.view,
        )

    def dress(self) -> None:
        """Docks behind tabs need no title of their own; floating ones do."""
        for dock in self.docks:
            tabbed = bool(self.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if tabbed and dock.titleBarWidget() is None:
                dock.setTitleBarWidget(QWidget(dock))
            elif not tabbed and dock.titleBarWidget() is not None:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]  # Qt's own title bar
        for bar in self.findChildren(QTabBar, options=Qt.FindDirectChildrenOnly):
            bar.setDrawBase(False)
