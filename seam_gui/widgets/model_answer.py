"""What a model said when it was checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QCoreApplication, QEvent, QPoint, QTimer
from PyQt5.QtWidgets import QLabel, QScrollArea, QWidget

from seam_core.families import Question, ways_out
from seam_core.registry import FAMILIES
from seam_gui.look.words import in_words
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import column, label, set_role
from seam_gui.widgets.facts_table import FactsTable
from seam_gui.widgets.family_offer import FamilyOffer


class ModelAnswer(QWidget):
    """How the check stands and its table, below the button that asks; they go, and what comes
    later is left out, once they are about something else."""

    def __init__(self, state: AppState, name: str, about: Callable[[], Any]) -> None:
        """`about` gives what the answer holds for, comparable with ==."""
        super().__init__()
        self._about = about
        self._asked: Any = None
        self._rows: dict[str, str] = {}  # as the engine says them
        self._text: QLabel = label("", "muted", name)
        self.table = FactsTable(f"{name}_table")
        self.family = FamilyOffer(state, name)
        self.setLayout(column(self._text, self.family, self.table))
        self.hide()
        state.config_changed.connect(self._forget)

    def begin(self) -> None:
        """The check has begun."""
        self._asked = self._about()
        self._rows.clear()
        self.table.clear()
        self._say("Loading the model…", "muted")

    def add(self, what: str, said: str) -> None:
        """A row of the table; see `seam_core.pipeline.checking`."""
        if self._holds():
            self._rows[what] = said
            self.table.add(what, in_words(said))

    def show_answer(self, answer: dict[str, Any]) -> None:
        """How the check ended, as `engine_process.check_model` describes it."""
        if not self._holds():
            return
        problems = answer["problems"]
        asked = answer["question"] and Question(**answer["question"])
        loads = f"The model loads, asked with {asked.options()}." if asked else "The model loads."
        text = "\n".join(map(in_words, problems or [loads]))
        self._say(text, "error" if problems else "good")
        said = [": ".join(row) for row in self._rows.items()]
        ways = ways_out([*problems, *said], answer["heads"])
        self.family.offer(FAMILIES.find(answer["family"]), ways, asked)

    def show_problem(self, message: str) -> None:
        """Why the model cannot be used."""
        if self._holds():
            self._say(in_words(message), "error")
            self.family.offer(None, ways_out([message]))

    def show_stopped(self) -> None:
        """The user stopped the check; what was found stays."""
        if self._holds():
            self._say("The check was stopped.", "muted")

    def _say(self, text: str, role: str) -> None:
        self.family.offer(None)
        self._text.setText(text)
        set_role(self._text, role)
        self.show()
        QTimer.singleShot(0, self._reveal)

    def _reveal(self) -> None:
        """Scroll to all of it; of what is higher than the panel, to where it begins."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is None or not self.isVisible():
            return
        QCoreApplication.sendPostedEvents(None, QEvent.LayoutRequest)  # all have their heights
        top = self.mapTo(above.widget(), QPoint()).y()
        bar, height = above.verticalScrollBar(), above.viewport().height()
        bar.setValue(min(top, max(bar.value(), top + self.height() - height)))

    def _holds(self) -> bool:
        return bool(self._asked == self._about())

    def _forget(self) -> None:
        if not self._holds():
            self.hide()
