"""What tabs add to the menus."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QAction, QMenu

from seam_gui.shell.tab_pages import TAB_NAMES, TabPages

# here a tab's entries are about the pictures in front, and are hidden with them
_WITH_TAB = ("File", "Edit", "View")


class TabEntries(QObject):
    """Puts the entries of tabs into the menus, and shows those that the tab in front means."""

    def __init__(self, menus: Mapping[str, QMenu], tabs: TabPages) -> None:
        super().__init__(tabs)
        self._menus, self._tabs = menus, tabs
        self._own: dict[str, list[QAction]] = {}
        tabs.currentChanged.connect(lambda _index: self._show())

    def add(self, name: str, entries: Mapping[str, list[QAction]]) -> None:
        """The entries of the tab called `name`, by menu."""
        own = self._own.setdefault(name, [])
        for menu_name, actions in entries.items():
            menu = self._menus[menu_name]
            before = _place(menu)
            menu.insertActions(before, actions)
            separator = menu.insertSeparator(actions[0])
            if menu_name in _WITH_TAB:
                own += [separator, *actions]
        self._show()

    def _show(self) -> None:
        front = TAB_NAMES[self._tabs.currentIndex()]
        for name, actions in self._own.items():
            for action in actions:
                action.setVisible(name == front)


def _place(menu: QMenu) -> QAction | None:
    """In front of Quit and its separator; otherwise at the end."""
    entries = menu.actions()
    names = [entry.objectName() for entry in entries]
    return entries[names.index("action_quit") - 1] if "action_quit" in names else None
