"""What the window knows of a tab, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from PyQt5.QtWidgets import QAction, QMainWindow, QSplitter, QWidget

from seam_gui.services import Services
from seam_gui.widgets.stage_form import RunButtons


class Tab(QWidget):
    """A tab connects itself to the services; the window asks for what stands here.

    title : as in `commands.TABS`; its page of Help is called the same, in lower case
    warm_up : modules that a run from here imports, the slow way; the engine imports them early
    run_buttons : the tab's blue button, where it has one
    """

    title: ClassVar[str]
    warm_up: ClassVar[tuple[str, ...]] = ()
    run_buttons: RunButtons | None = None

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{self.title.lower()}_tab")
        self.services = services
        self.state, self.jobs = services.state, services.jobs

    @property
    def help_page(self) -> str:
        """Name of the page that F1 shows."""
        return self.title.lower()

    def build(self) -> Iterator[None]:
        """Make what is inside, a step each: the window answers in between."""
        yield from ()

    def menu_actions(self) -> Mapping[str, list[QAction]]:
        """What the tab adds to the window's menus, by the menu's name."""
        return {}

    def layout_parts(self) -> dict[str, QSplitter | QMainWindow]:
        """Splitters and dock areas whose sizes and places are remembered, by name."""
        parts: list[QSplitter | QMainWindow] = [
            *self.findChildren(QSplitter),
            *self.findChildren(QMainWindow),
        ]
        return {part.objectName(): part for part in parts if part.objectName()}
