"""Which model, which of its outputs; and a check that it loads and fits."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_gui.app_state import AppState
from seam_gui.theme import SPACING
from seam_gui.widgets.basics import button, label, row, set_role
from seam_gui.widgets.stage_form import StageForm

_FIRST = ("model", "head")


class ModelForm(QWidget):
    """The oracle's parameters: two that always matter, the others on request."""

    check_requested = pyqtSignal()

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.form = StageForm(state, "oracle", only=_FIRST)
        self.more = StageForm(state, "oracle", prefix="oracle_more", leave_out=_FIRST)
        self.more.hide()
        self._toggle = button(
            "More about the model",
            "oracle_show_more",
            "Weights, column, reduction of profiles, alphabet, axes, other inputs",
            self._show_more,
        )
        self._toggle.setProperty("link", True)
        check = button(
            "Check",
            "oracle_check",
            "Load the model and say what it takes and answers",
            self.check_requested.emit,
        )
        self._found = label("", "muted", "oracle_found")
        self._found.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.form)
        layout.addWidget(self.more)
        layout.addLayout(row(self._toggle, None, check))
        layout.addWidget(self._found)
        state.config_changed.connect(self._forget_answer)
        self._asked: Any = None

    def show_answer(self, answer: dict[str, Any]) -> None:
        """What the model said, as `engine_process.check_model` describes it."""
        problems, lines = answer["problems"], answer["lines"]
        self._say("\n".join(problems or ["The model loads.", *lines]), _role(problems))
        self._asked = self._state.config.oracle

    def show_problem(self, message: str) -> None:
        """Why the model cannot be used."""
        self._say(message, "error")
        self._asked = self._state.config.oracle

    def show_waiting(self) -> None:
        """The check has begun."""
        self._say("Loading the model…", "muted")

    def _say(self, text: str, role: str) -> None:
        self._found.setText(text)
        set_role(self._found, role)
        self._found.show()

    def _forget_answer(self) -> None:
        if self._asked is not None and self._asked != self._state.config.oracle:
            self._found.hide()
            self._asked = None

    def _show_more(self) -> None:
        shown = self.more.isHidden()
        self.more.setVisible(shown)
        self._toggle.setText("Less about the model" if shown else "More about the model")


def _role(problems: list[str]) -> str:
    return "error" if problems else "good"
