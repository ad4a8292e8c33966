"""Which model, which of its outputs; and a check that it loads and fits."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_gui.look.theme import SPACING
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, row
from seam_gui.widgets.model_answer import ModelAnswer
from seam_gui.widgets.stage_form import StageForm

_FIRST = ("model", "head")


class ModelForm(QWidget):
    """The oracle's parameters: two that always matter, the others on request."""

    check_requested = pyqtSignal()

    def __init__(self, state: AppState) -> None:
        super().__init__()
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
        self.answer = ModelAnswer(state, "oracle_found", lambda: state.config.oracle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.form)
        layout.addWidget(self.more)
        layout.addLayout(row(self._toggle, None, check))
        layout.addWidget(self.answer)

    def _show_more(self) -> None:
        shown = self.more.isHidden()
        self.more.setVisible(shown)
        self._toggle.setText("Less about the model" if shown else "More about the model")
