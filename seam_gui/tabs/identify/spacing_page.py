"""The page on how far apart two sites may lie, and which way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_gui.look.theme import SPACING
from seam_gui.views.spacing_view import SpacingCurves
from seam_gui.widgets.basics import row
from seam_gui.widgets.fields import ComboBox

if TYPE_CHECKING:
    import pandas as pd


class SpacingPage(QWidget):
    """The curves, and which pair is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: pd.DataFrame | None = None
        self.curves = SpacingCurves()
        self.pair = ComboBox()
        self.pair.setObjectName("spacing_pair")
        self.pair.setToolTip("The first site stays where it is, the second one is moved")
        self.pair.currentTextChanged.connect(self._show)
        line = row(self.pair, None)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout.addLayout(line)
        layout.addWidget(self.curves, 1)

    def set_frame(self, frame: pd.DataFrame | None) -> None:
        """`Experiments.spacing`; None where it was not asked."""
        self._frame = frame
        pairs = [] if frame is None else list(dict.fromkeys(frame["sites"]))
        self.pair.blockSignals(True)
        self.pair.clear()
        self.pair.addItems(pairs)
        self.pair.blockSignals(False)
        self.pair.setVisible(bool(pairs))
        self._show(self.pair.currentText())

    def _show(self, pair: str) -> None:
        frame = self._frame
        self.curves.set_pair(None if frame is None else frame[frame["sites"] == pair])
