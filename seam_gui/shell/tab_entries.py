"""What tabs add to the menus."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QAction, QMenu

from seam_gui.shell.tab_pages import TabPages
from seam_gui.tabs.tab import Tab

# here a tab's entries are about the pictures in front, and are hidden with them
_WITH_TAB = ("File", "Edit", "View")


class TabEntries(QObject):
    """Puts the entries of tabs into the menus, and shows those that the tab in front means."""

    def __init__(self, menus: Mapping[str, QMenu], tabs: TabPages) -> None:
        super().__init__(tabs)
        self._menus, self._tabs = menus, tabs
        self._own: dict[Tab, list[QAction]] = {}
        tabs.currentChanged.connect(lambda _index: self._show())

    def add(self, tab: Tab) -> None:
        """The entries of a tab."""
        own = self._own.setdefault(tab, [])
        for menu_name, actions in tab.menu_actions().items():
            menu = self._menus[menu_name]
            before = _place(menu)
            if before is None:
                menu.addActions(actions)
            else:
                menu.insertActions(before, actions)
            separator = menu.insertSeparator(actions[0])
            if menu_name in _WITH_TAB:
                own += [separator, *actions]
        self._show()

    def _show(self) -> None:
        front = self._tabs.current
        for tab, actions in self._own.items():
            for action in actions:
                action.setVisible(tab is front)


def _place(menu: QMenu) -> QAction | None:
    """In front of Quit and its separator; otherwise at the end."""
    entries = menu.actions()
    names = [entry.objectName() for entry in entries]
    return entries[names.index("action_quit") - 1] if "action_quit" in names else None
