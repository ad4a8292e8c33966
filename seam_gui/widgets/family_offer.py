"""How a model can be asked, offered to the form: as its family is, or as a message says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QWidget

from seam_core.families import Family, Question
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, column, label, row
from seam_gui.widgets.fields import ComboBox


class FamilyOffer(QWidget):
    """Names the family that a file is of, and puts one of its questions into the form."""

    def __init__(self, state: AppState, name: str) -> None:
        """`name` begins the names of its widgets."""
        super().__init__()
        self._state = state
        self._asked: tuple[Question, ...] = ()
        self._title: QLabel = label("", "", f"{name}_family")
        self._title.setWordWrap(True)
        self._questions = ComboBox()
        self._questions.setObjectName(f"{name}_question")
        self._questions.setAccessibleName("What the model is asked for")
        use = button("Use", f"{name}_use", "Set the form to ask the model this", self._use)
        layout = column(self._title)
        layout.addLayout(row(self._questions, use))
        self.setLayout(layout)
        self.hide()

    def offer(
        self,
        family: Family | None,
        ways: Sequence[Question] = (),
        asked: Question | None = None,
    ) -> None:
        """The family that was recognised, and what a problem's message says; none hides it.

        asked : as the model answered, which is offered first
        """
        others = (*(() if family is None else family.questions), *ways)
        first = next((each for each in others if asked and each.settings == asked.settings), asked)
        rest = tuple(each for each in others if each is not first)
        self._asked = rest if first is None else (first, *rest)
        self.setVisible(bool(self._asked))
        title = "It may be asked with:"
        if family is not None:
            title = f"This is a model of the family {family.label}. Ask it for:"
        self._title.setText(title)
        self._questions.clear()
        for question in self._asked:
            self._questions.addItem(question.what)
            last = self._questions.count() - 1
            self._questions.setItemData(last, question.options(), Qt.ToolTipRole)

    def _use(self) -> None:
        if not self._asked:
            return
        question = self._asked[self._questions.currentIndex()]
        config = self._state.config
        self._state.set_config(replace(config, oracle=question.applied(config.oracle)))
