"""The question that selects sequences, and what it found."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QLineEdit

from seam_core.selection import Everything, Query, Selection
from seam_gui.look.text import counted, plain
from seam_gui.widgets.basics import set_role
from seam_gui.widgets.elided_label import ElidedLabel
from seam_gui.widgets.mode_box import KEYS

_LEAST = 60  # pixels of an answer


class Question(QLineEdit):
    """A line to ask in; `reply` is the label beside it.

    asked : the text, "" to select nothing
    """

    asked = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("query_edit")
        self.setPlaceholderText("Select: Activity > 3 and Hamming <= 10")
        self.setClearButtonEnabled(True)
        self.setToolTip(
            "Select by a question, then Enter (Ctrl+K)\n"
            'Columns of the table, Cluster, Label, Index, Axis1, Letter[88] == "T"\n'
            "and, or, not, in, < <= > >= == !=\n" + KEYS
        )
        self.returnPressed.connect(self._ask)
        self.reply = ElidedLabel()
        self.reply.setObjectName("query_answer")
        self.reply.setProperty("role", "muted")
        self._answered = ""  # the question that the selection answers

    def answer(self, text: str, *, wrong: bool = False) -> None:
        """What the question found, or why it could not be answered."""
        self.reply.setText(text)
        self.reply.setToolTip(plain(text))
        set_role(self.reply, "error" if wrong else "muted")
        self.setProperty("wrong", wrong)
        self.style().unpolish(self)
        self.style().polish(self)

    def show_for(self, selection: Selection | None) -> None:
        """The question that made the selection; one that it does not answer any more goes."""
        last = selection.steps[-1].gesture if selection is not None and selection.steps else None
        if selection is not None and isinstance(last, Query):
            self._answered = last.text
            self.setText(last.text)
            self.answer(counted(selection.count, "sequence"))
        elif self._answered and not isinstance(last, Everything):
            self.forget()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        both = self.width() + self.reply.width()
        self.reply.setMaximumWidth(max(both // 2, _LEAST))  # the question can still be read

    def forget(self) -> None:
        """No question."""
        self._answered = ""
        self.clear()
        self.answer("")

    def _ask(self) -> None:
        text = self.text().strip()
        if text:
            self._answered = text
        self.asked.emit(text)
