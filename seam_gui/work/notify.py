"""How any part of the window tells the user something."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from seam_gui.dialogs import dialogs
from seam_gui.state.app_state import AppState
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure


class Notify:
    """Lines for the status bar, and boxes for what went wrong."""

    def __init__(self, state: AppState, window: QWidget) -> None:
        """`window` is behind boxes that belong to no other window."""
        self._state, self._window = state, window

    def message(self, text: str) -> None:
        """One line in the status bar."""
        self._state.status_message.emit(text)

    def error(self, title: str, failure: Failure, parent: QWidget | None = None) -> None:
        """A failure in the user's words, its traceback behind Details."""
        text, details = explained(failure)
        dialogs().error(parent or self._window, title, text, details)
