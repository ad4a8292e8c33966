"""The six tabs: the one shown first is made at once, the others once the window is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner


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
_DONE = object()


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
        self._making: dict[str, Iterator[None]] = {}
        self._wanted: list[tuple[str, Callable[[], None]]] = []
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
            for _ in self._making.pop(name, None) or self._steps(name):
                pass
        return self._pages[name]

    def _steps(self, name: str) -> Iterator[None]:
        """Make a tab in pieces, none of which holds up the window for long."""
        kind = _CLASSES[name]()
        yield
        page = kind(self._state, self._jobs)
        page.hide()
        self.widget(TAB_NAMES.index(name)).layout().addWidget(page)
        yield
        yield from getattr(page, "build", tuple)()
        page.minimumSizeHint()  # asks each part for its style, so that showing it need not
        yield
        self._pages[name] = page
        page.show()
        self.made.emit(name)

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self.setCurrentIndex(TAB_NAMES.index(name))

    def make_soon(self, name: str, then: Callable[[], None]) -> None:
        """Make a tab before the others, in turns of the event loop; `then` is called after."""
        self._wanted = [(name, then), *self._wanted]
        self._later.start()

    def make_others_soon(self) -> None:
        """Make all tabs in turns of the event loop, so that the window answers in between."""
        self._wanted += [(name, _nothing) for name in TAB_NAMES]
        self._later.start()

    def _make_next(self) -> None:
        """One step of the next tab, or what was to follow it."""
        if not self._wanted:
            return
        name = self._wanted[0][0]
        if name in self._pages:
            self._later.start()
            self._wanted.pop(0)[1]()
            return
        steps = self._making.setdefault(name, self._steps(name))
        if next(steps, _DONE) is _DONE:
            del self._making[name]
        self._later.start()


def _nothing() -> None:
    pass
