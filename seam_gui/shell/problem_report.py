"""Report a problem: versions, the last actions and the log, to be copied."""

from __future__ import annotations

from PyQt5.QtWidgets import QApplication, QDialog, QPlainTextEdit, QWidget

from seam_core import diagnostics
from seam_gui.look.theme import SPACING
from seam_gui.widgets.basics import button, column, label, row

_SIZE = (720, 520)


class ProblemDialog(QDialog):
    """Shown by Help > Report a problem; nothing is sent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problem_dialog")
        self.setWindowTitle("Report a problem")
        about = label(
            "Copy this text into your report, with what you did and what you expected. Nothing "
            "leaves this computer unless you send it; look it over, as it names files."
        )
        self._text = QPlainTextEdit(diagnostics.problem_report())
        self._text.setObjectName("problem_text")
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        layout = column(about, self._text, margins=SPACING * 2)
        layout.addLayout(
            row(
                None,
                button("Close", "problem_close", "Close", self.accept),
                button("Copy", "problem_copy", "Copy all of it", self._copy, primary=True),
            )
        )
        self.setLayout(layout)
        self.resize(*_SIZE)
        self.finished.connect(lambda _: self.deleteLater())

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self._text.toPlainText())
