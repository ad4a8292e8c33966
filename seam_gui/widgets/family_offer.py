"""What a model of a known family can be asked, offered to the form."""

from __future__ import annotations

from dataclasses import replace

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QComboBox, QLabel, QWidget

from seam_core.families import Family
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import button, column, label, row


class FamilyOffer(QWidget):
    """Names the family that a file is of, and puts one of its questions into the form."""

    def __init__(self, state: AppState, name: str) -> None:
        """`name` begins the names of its widgets."""
        super().__init__()
        self._state = state
        self._family: Family | None = None
        self._title: QLabel = label("", "", f"{name}_family")
        self._title.setWordWrap(True)
        self._questions = QComboBox()
        self._questions.setObjectName(f"{name}_question")
        self._questions.setAccessibleName("What the model is asked for")
        use = button("Use", f"{name}_use", "Set the form to ask the model this", self._use)
        layout = column(self._title)
        layout.addLayout(row(self._questions, use))
        self.setLayout(layout)
        self.hide()

    def offer(self, family: Family | None) -> None:
        """The family that was recognised; None hides the offer."""
        self._family = family
        self.setVisible(family is not None)
        if family is None:
            return
        self._title.setText(f"This is a model of the family {family.label}. Ask it for:")
        self._questions.clear()
        for question in family.questions:
            self._questions.addItem(question.what)
            last = self._questions.count() - 1
            self._questions.setItemData(last, question.options(), Qt.ToolTipRole)

    def _use(self) -> None:
        if self._family is None:
            return
        question = self._family.questions[self._questions.currentIndex()]
        config = self._state.config
        self._state.set_config(replace(config, oracle=question.applied(config.oracle)))
