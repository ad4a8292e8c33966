"""What Explore adds to the menus, with shortcuts that work while the tab is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QWidget


@dataclass(frozen=True)
class Offer:
    """One action; its objectName is `action_<name>`."""

    menu: str
    name: str
    text: str
    shortcut: str
    tip: str
    run: Callable[[], object]


def make_actions(tab: QWidget, offers: list[Offer]) -> dict[str, list[QAction]]:
    """Actions by menu; they also belong to the tab, so that their keys work there."""
    found: dict[str, list[QAction]] = {}
    for offer in offers:
        action = QAction(offer.text, tab)
        action.setObjectName(f"action_{offer.name}")
        action.setToolTip(offer.tip)
        action.setStatusTip(offer.tip)
        action.setShortcut(offer.shortcut)
        action.setShortcutContext(Qt.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked, run=offer.run: run())
        tab.addAction(action)
        found.setdefault(offer.menu, []).append(action)
    return found
