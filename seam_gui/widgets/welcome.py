"""The first page: demos, recent sessions, recipes, and where to drop files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING
from seam_gui.state.settings import Settings
from seam_gui.widgets.basics import EmptyState, discard, label

_RECENT = 5
_NAME_LENGTH = 44


class Welcome(EmptyState):
    """What an empty window offers; the lists are as they are whenever it is shown."""

    def __init__(
        self,
        settings: Settings,
        demos: Callable[[], list[str]],
        open_path: Callable[[Path], object],
        open_demo: Callable[[str], object],
        take_tour: Callable[[], object],
        *buttons: QWidget,
    ) -> None:
        super().__init__(
            "library_empty",
            "Open a demo, drop files here, or start a new analysis",
            "A session folder, or a table (.csv, .tsv) with its maps (.npy, .npz) and an embedding "
            "or a linkage (.npy) can be dropped anywhere in this window. For a new analysis choose "
            "a model and a reference sequence on the left.",
            *buttons,
        )
        self._settings, self._demos = settings, demos
        self._open_path, self._open_demo, self._take_tour = open_path, open_demo, take_tour
        self._lists = QWidget()
        self._lists.setObjectName("welcome_lists")
        self._columns = QHBoxLayout(self._lists)
        self._columns.setContentsMargins(0, SPACING * 3, 0, 0)
        self._columns.setSpacing(SPACING * 6)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, self._lists)
        self._offers.append(self._lists)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """The lists anew."""
        while self._columns.count():
            item = self._columns.takeAt(0)
            if item is not None and item.widget() is not None:
                discard(item.widget())
        recent = [path for path in self._settings.recent if path.is_dir()][:_RECENT]
        self._columns.addStretch(1)
        if recent:
            links = [
                self._link(
                    path.name, f"welcome_recent_{i}", str(path), partial(self._open_path, path)
                )
                for i, path in enumerate(recent)
            ]
            self._add("Recent", links)
        demos = [
            self._link(
                name,
                f"welcome_demo_{name}",
                "A precomputed result",
                partial(self._open_demo, name),
            )
            for name in self._demos()
        ]
        if demos:
            self._add("Demos", demos)
        tour = self._link(
            "A tour of one minute", "welcome_tour", "What is where, pointed at", self._take_tour
        )
        self._add("New here?", [tour])
        self._columns.addStretch(1)

    def _add(self, title: str, links: list[QPushButton]) -> None:
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (label(title, "heading"), *links):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._columns.addWidget(box)

    @staticmethod
    def _link(text: str, name: str, tip: str, pressed: Callable[[], object]) -> QPushButton:
        short = text if len(text) <= _NAME_LENGTH else text[: _NAME_LENGTH - 1] + "…"
        link = QPushButton(short.replace("&", "&&"))
        link.setObjectName(name)
        link.setAccessibleName(text)
        link.setProperty("link", True)
        link.setToolTip(plain(tip))
        link.clicked.connect(lambda _checked: pressed())
        return link
