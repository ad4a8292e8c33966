"""What a model said when it was checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QLabel, QScrollArea, QWidget

from seam_core.families import ways_out
from seam_core.registry import FAMILIES
from seam_gui.look.words import in_words
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import column, label, set_role
from seam_gui.widgets.family_offer import FamilyOffer


class ModelAnswer(QWidget):
    """Words below the button that asks; they go once they are about something else."""

    def __init__(self, state: AppState, name: str, about: Callable[[], Any]) -> None:
        """`about` gives what the answer holds for, comparable with ==."""
        super().__init__()
        self._about = about
        self._asked: Any = None
        self._text: QLabel = label("", "muted", name)
        self._lines: QLabel = label("", "muted", f"{name}_lines")
        self.family = FamilyOffer(state, name)
        self.setLayout(column(self._text, self.family, self._lines))
        self.hide()
        state.config_changed.connect(self._forget)

    def show_answer(self, answer: dict[str, Any]) -> None:
        """What the model said, as `engine_process.check_model` describes it."""
        problems, lines = answer["problems"], answer["lines"]
        text = "\n".join(map(in_words, problems or ["The model loads.", *lines]))
        self._say(text, "error" if problems else "good", lines if problems else ())
        ways = ways_out([*problems, *lines], answer["heads"])
        self.family.offer(FAMILIES.find(answer["family"]), ways)

    def show_problem(self, message: str) -> None:
        """Why the model cannot be used."""
        self._say(message, "error")
        self.family.offer(None, ways_out([message]))

    def show_waiting(self) -> None:
        """The check has begun."""
        self._say("Loading the model…", "muted")

    def _say(self, text: str, role: str, lines: Sequence[str] = ()) -> None:
        self._asked = self._about()
        self.family.offer(None)
        self._text.setText(text)
        self._lines.setText("\n".join(map(in_words, lines)))
        self._lines.setVisible(bool(lines))
        set_role(self._text, role)
        self.show()
        QTimer.singleShot(0, self._reveal)  # once it has its height

    def _reveal(self) -> None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None:
            above.ensureWidgetVisible(self)

    def _forget(self) -> None:
        if self._asked != self._about():
            self.hide()
