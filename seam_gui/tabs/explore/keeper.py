"""Selections kept side by side, each one undoable step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt5.QtWidgets import QWidget

from seam_core.selection import Selection
from seam_gui.services import Services

_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Keeper:
    """Keeps the selection, takes a kept one up again, drops it, compares those there are."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        self._services, self._state, self._parent = services, services.state, parent

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {"keep": self.keep, "compare_kept": self.compare}

    def keep(self) -> None:
        """Keep the selection beside the others, under the next letter."""
        selection, kept = self._state.selection, self._state.kept
        if selection is None or not selection.count:
            return
        used = {each.name for each in kept}
        name = next((n for n in _NAMES if n not in used), "")
        if not name:
            self._state.status_message.emit("26 selections are kept already: drop one first")
            return
        self._state.change(f"Keep selection {name}", kept=(*kept, replace(selection, name=name)))

    def compare(self) -> None:
        """Those kept, in a window of their own."""
        from seam_gui.windows.selections.window import open_selections

        open_selections(self._services, self._parent.window())

    def take_up(self, kept: Selection) -> None:
        """Select the sequences of a kept one."""
        self._state.change(f"Select {kept.name} again", selection=replace(kept, name=""))

    def drop(self, dropped: Selection) -> None:
        """Keep one no longer."""
        rest = tuple(kept for kept in self._state.kept if kept is not dropped)
        self._state.change(f"Drop selection {dropped.name}", kept=rest)
