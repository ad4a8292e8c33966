"""A field that says which positions are shown, and shows those that are typed."""

from __future__ import annotations

from PyQt5.QtWidgets import QLineEdit, QWidget

from seam_core.validate import InputError
from seam_gui.look.text import plain
from seam_gui.views.position_axis import PositionAxis

_NARROWEST, _BESIDE = 110, 28  # pixels: of the field, beside its text
_TIP = (
    "Positions that logos and MSM show; type others and press Enter (Ctrl+Shift+G)\n"
    "85-110 or 88; where the locus is known also chr2R:5,876,620"
)


class PositionEntry(QLineEdit):
    """Follows the axis; Enter goes to what is typed."""

    def __init__(self, axis: PositionAxis, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis, self._wide = axis, 0
        self.setObjectName(name)
        self.setAccessibleName("Positions shown")
        self.setPlaceholderText("85-110")
        self.returnPressed.connect(self._go)
        axis.range_changed.connect(self._follow)
        self._say("")
        self._follow()

    def start(self) -> None:
        """The cursor into the field."""
        self.setFocus()
        self.selectAll()

    def _follow(self) -> None:
        text = self._axis.shown_text()
        needed = max(self.fontMetrics().horizontalAdvance(text) + _BESIDE, _NARROWEST)
        if not 0 <= self._wide - needed <= _BESIDE:  # not for each digit that comes and goes
            self._wide = needed
            self.setFixedWidth(needed)
        self.setText(text)
        self._say("")

    def _go(self) -> None:
        try:
            self._axis.go_to(self.text())
        except InputError as error:
            self._say(f"{error.got}; expected {error.expected}")
        else:
            self._follow()

    def _say(self, wrong: str) -> None:
        self.setToolTip(plain(wrong) if wrong else _TIP)
        if bool(wrong) != bool(self.property("wrong")):
            self.setProperty("wrong", bool(wrong))
            self.style().unpolish(self)
            self.style().polish(self)
