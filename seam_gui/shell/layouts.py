"""Sizes and places of the window's parts, remembered between starts."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt5.QtCore import QByteArray

from seam_gui.state.settings import Settings
from seam_gui.tabs.tab import Tab


class Layouts:
    """Puts back what was remembered, and what was there at the first start."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._first: dict[str, QByteArray] = {}

    def put_back(self, tab: Tab) -> None:
        """The layout of a tab that was just made, as at the end of the last start."""
        for name, part in tab.layout_parts().items():
            self._first[name] = part.saveState()
            saved = self._settings.layout(name)
            if saved is not None:
                part.restoreState(saved)

    def save(self, tabs: Iterable[Tab]) -> None:
        """Remember the layouts of tabs."""
        for tab in tabs:
            for name, part in tab.layout_parts().items():
                self._settings.set_layout(name, part.saveState())

    def reset(self, tabs: Iterable[Tab]) -> None:
        """As at the first start."""
        self._settings.forget_layout()
        for tab in tabs:
            for name, part in tab.layout_parts().items():
                if name in self._first:
                    part.restoreState(self._first[name])
