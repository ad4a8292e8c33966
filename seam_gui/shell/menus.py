"""The menus of the window, made from the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt5.QtWidgets import QMenu, QMenuBar

from seam_core.demos import find
from seam_gui.actions import Actions
from seam_gui.commands import MENUS, Item, Submenu
from seam_gui.look.text import plain
from seam_gui.state.settings import Settings


def build_menus(bar: QMenuBar, actions: Actions) -> dict[str, QMenu]:
    """All menus and submenus, by name."""
    menus: dict[str, QMenu] = {}
    for name, items in MENUS.items():
        menus[name] = _named(bar.addMenu(f"&{name}"), name.lower(), actions)
        menus |= _fill(menus[name], items, actions)
    return menus


def _named(menu: QMenu, name: str, actions: Actions) -> QMenu:
    menu.setObjectName(f"menu_{name}")
    menu.setToolTipsVisible(True)
    actions.follow(menu)
    return menu


def _fill(menu: QMenu, items: Iterable[Item], actions: Actions) -> dict[str, QMenu]:
    """Append items; the submenus among them."""
    inside: dict[str, QMenu] = {}
    for item in items:
        if item is None:
            menu.addSeparator()
        elif isinstance(item, Submenu):
            inside[item.name] = _named(menu.addMenu(item.text), item.name, actions)
            inside[item.name].addActions(actions.of(item.commands))
        else:
            menu.addAction(actions[item.name])
    return inside


def fill_demos(menu: QMenu, names: Iterable[str], open_demo: Callable[[str], object]) -> None:
    """One entry a demo."""
    for name in names:
        demo = find(name)
        action = menu.addAction(demo.title)
        action.setObjectName(f"action_demo_{name}")
        action.setToolTip("A precomputed result" if demo.precomputed else "Run now, in a minute")
        action.triggered.connect(lambda _checked, n=name: open_demo(n))
    menu.setEnabled(not menu.isEmpty())


def keep_recent(menu: QMenu, settings: Settings, open_folder: Callable[[Path], object]) -> None:
    """The folders opened last, as they are whenever the menu opens."""

    def fill() -> None:
        menu.clear()
        for i, path in enumerate(path for path in settings.recent if path.is_dir()):
            action = menu.addAction(f"{path.name}   –   {path.parent}")
            action.setObjectName(f"action_recent_{i}")
            action.setToolTip(plain(str(path)))
            action.triggered.connect(lambda _checked, p=path: open_folder(p))
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)
            return
        menu.addSeparator()
        forget = menu.addAction("Clear the list")
        forget.setObjectName("action_recent_clear")
        forget.triggered.connect(lambda _checked: settings.clear_recent())

    menu.aboutToShow.connect(fill)
    fill()
