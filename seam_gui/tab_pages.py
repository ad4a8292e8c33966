"""The six tabs: the one shown first is made at once, the others once the window is there."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from seam_gui.app_state import AppState
from seam_gui.jobs import JobRunner


def _library() -> type[QWidget]:
    from seam_gui.tabs.library_tab import LibraryTab

    return LibraryTab


def _table() -> type[QWidget]:
    from seam_gui.tabs.table_tab import TableTab

    return TableTab


def _attribution() -> type[QWidget]:
    from seam_gui.tabs.attribution_tab import AttributionTab

    return AttributionTab


def _clusters() -> type[QWidget]:
    from seam_gui.tabs.cluster_tab import ClusterTab

    return ClusterTab


def _explore() -> type[QWidget]:
    from seam_gui.tabs.explore_tab import ExploreTab

    return ExploreTab


def _identify() -> type[QWidget]:
    from seam_gui.tabs.identify_tab import IdentifyTab

    return IdentifyTab


_CLASSES: dict[str, Callable[[], type[QWidget]]] = {
    "Library": _library,
    "Table": _table,
    "Attribution": _attribution,
    "Clusters": _clusters,
    "Explore": _explore,
    "Identify": _identify,
}
TAB_NAMES = tuple(_CLASSES)


class TabPages(QTabWidget):
    """Tabs that are made when they are first needed.

    made : name of a tab that now exists
    """

    made = pyqtSignal(str)

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        super().__init__()
        self.setObjectName("tabs")
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self._state, self._jobs = state, jobs
        self._pages: dict[str, QWidget] = {}
        for name in TAB_NAMES:
            frame = QWidget()
            layout = QVBoxLayout(frame)
            layout.setContentsMargins(0, 0, 0, 0)
            self.addTab(frame, name)
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._make_next)
        self.currentChanged.connect(lambda index: self.make(TAB_NAMES[index]))

    @property
    def current(self) -> QWidget:
        """The tab shown."""
        return self.make(TAB_NAMES[self.currentIndex()])

    def make(self, name: str) -> QWidget:
        """The tab of a name, made now where it was not yet."""
        if name not in self._pages:
            page = _CLASSES[name]()(self._state, self._jobs)
            self._pages[name] = page
            self.widget(TAB_NAMES.index(name)).layout().addWidget(page)
            page.show()
            self.made.emit(name)
        return self._pages[name]

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self.setCurrentIndex(TAB_NAMES.index(name))

    def make_others_soon(self) -> None:
        """One tab a turn of the event loop, so that the window answers in between."""
        self._later.start()

    def _make_next(self) -> None:
        missing = [name for name in TAB_NAMES if name not in self._pages]
        if missing:
            self.make(missing[0])
            self._later.start()
