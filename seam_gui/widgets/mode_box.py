"""How a gesture changes the selection, chosen once instead of by a key each time."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget

from seam_gui.widgets.fields import ComboBox

KEYS = "Shift adds, Ctrl or Alt removes, Ctrl+Shift keeps what is in both"
_MODES = {"replace": "Replace", "add": "Add", "remove": "Remove", "intersect": "Intersect"}


class ModeBox(ComboBox):
    """Replace, Add, Remove, Intersect.

    chosen : a mode of `seam_core.selection.combine`
    """

    chosen = pyqtSignal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(f"What a gesture without a key does to the selection\n{KEYS}")
        for mode, text in _MODES.items():
            self.addItem(text, mode)
        self.currentIndexChanged.connect(lambda _: self.chosen.emit(self.mode))

    @property
    def mode(self) -> str:
        """The mode chosen."""
        return self.currentData()
