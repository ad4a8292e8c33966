"""Facts that come one after another: what, and what is said of it."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QGridLayout, QLabel, QWidget

from seam_gui.look.theme import SPACING
from seam_gui.widgets.basics import by_font, discard, label

_WHAT_WIDTH = 112


class FactsTable(QWidget):
    """Two columns of text that wraps and can be copied; as high as its rows."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING // 2)
        self._grid.setColumnStretch(1, 1)
        self._said: dict[str, QLabel] = {}

    def add(self, what: str, said: str) -> None:
        """Append a row, or say something else in the one of this name."""
        if what in self._said:
            self._said[what].setText(said)
            return
        cells = label(what, "muted"), label(said)
        cells[0].setFixedWidth(by_font(_WHAT_WIDTH))
        for place, cell in enumerate(cells):
            cell.setTextInteractionFlags(Qt.TextSelectableByMouse)
            cell.setAlignment(Qt.AlignTop | Qt.AlignLeft)
            self._grid.addWidget(cell, len(self._said), place)
        self._said[what] = cells[1]
        self.show()

    def clear(self) -> None:
        """Take all rows away."""
        while (item := self._grid.takeAt(0)) is not None:
            cell = item.widget()
            assert cell is not None
            discard(cell)
        self._said.clear()
        self.hide()
