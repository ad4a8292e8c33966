"""The six tabs: the one shown first is made at once, the others once the window is there."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import cast

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from seam_gui.commands import TABS
from seam_gui.services import Services
from seam_gui.tabs.tab import Tab

# title -> module, imported when the tab is first needed, and class
_CLASSES = {
    "Library": ("seam_gui.tabs.library_tab", "LibraryTab"),
    "Table": ("seam_gui.tabs.table_tab", "TableTab"),
    "Attribution": ("seam_gui.tabs.attribution_tab", "AttributionTab"),
    "Clusters": ("seam_gui.tabs.cluster_tab", "ClusterTab"),
    "Explore": ("seam_gui.tabs.explore_tab", "ExploreTab"),
    "Identify": ("seam_gui.tabs.identify_tab", "IdentifyTab"),
}
TAB_MODULES = {title: module for title, (module, _) in _CLASSES.items()}
_DONE = object()


def _class_of(title: str) -> type[Tab]:
    module, name = _CLASSES[title]
    return cast(type[Tab], getattr(importlib.import_module(module), name))


class TabPages(QTabWidget):
    """Tabs that are made when they are first needed.

    made : title of a tab that now exists
    """

    made = pyqtSignal(str)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.setObjectName("tabs")
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self._services = services
        self._pages: dict[str, Tab] = {}
        self._making: dict[str, Iterator[None]] = {}
        self._wanted: list[tuple[str, Callable[[], None]]] = []
        for title in TABS:
            frame = QWidget()
            layout = QVBoxLayout(frame)
            layout.setContentsMargins(0, 0, 0, 0)
            self.addTab(frame, title)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._make_next)
        self.currentChanged.connect(self._came_to_front)

    @property
    def current(self) -> Tab:
        """The tab shown."""
        return self.make(TABS[self.currentIndex()])

    @property
    def pages(self) -> tuple[Tab, ...]:
        """The tabs made so far."""
        return tuple(self._pages.values())

    def make(self, title: str) -> Tab:
        """The tab of a title, made now where it was not yet."""
        if title not in self._pages:
            for _ in self._making.pop(title, None) or self._steps(title):
                pass
        return self._pages[title]

    def _steps(self, title: str) -> Iterator[None]:
        """Make a tab in pieces, none of which holds up the window for long."""
        kind = _class_of(title)
        yield
        page = kind(self._services)
        page.hide()
        frame = self.widget(TABS.index(title))
        cast(QVBoxLayout, frame.layout()).addWidget(page)
        yield
        yield from page.build()
        page.minimumSizeHint()  # asks each part for its style, so that showing it need not
        yield
        self._pages[title] = page
        page.show()
        self.made.emit(title)

    def show_tab(self, title: str) -> None:
        """Bring a tab to the front."""
        self.setCurrentIndex(TABS.index(title))

    def _came_to_front(self, index: int) -> None:
        page = self.make(TABS[index])
        if page.warm_up and not self._services.state.session.is_empty:
            self._services.engine.warm_up(*page.warm_up)

    def make_soon(self, title: str, then: Callable[[], None]) -> None:
        """Make a tab before the others, in turns of the event loop; `then` is called after."""
        self._wanted = [(title, then), *self._wanted]
        self._later.start()

    def make_others_soon(self) -> None:
        """Make all tabs in turns of the event loop, so that the window answers in between."""
        self._wanted += [(title, _nothing) for title in TABS]
        self._later.start()

    def _make_next(self) -> None:
        """One step of the next tab, or what was to follow it."""
        if not self._wanted:
            return
        title = self._wanted[0][0]
        if title in self._pages:
            self._later.start()
            self._wanted.pop(0)[1]()
            return
        steps = self._making.setdefault(title, self._steps(title))
        if next(steps, _DONE) is _DONE:
            del self._making[title]
        self._later.start()


def _nothing() -> None:
    pass
