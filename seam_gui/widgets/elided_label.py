"""A line of text that gives way: it ends in dots where there is no room, and is never wide."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QFontMetrics, QPainter
from PyQt5.QtWidgets import QLabel, QStyleOption, QWidget

from seam_gui.views.painting import painted

_MOST = 360  # pixels that it asks for
_LEAST = 40


class ElidedLabel(QLabel):
    """`text` is the whole text; whoever sets it says it in the tooltip, too."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.PlainText)

    def sizeHint(self) -> QSize:
        wanted = self._metrics().horizontalAdvance(self.text().split("\n")[0]) + 2
        return QSize(min(wanted, _MOST), super().minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), _LEAST), self._metrics().height())

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self.font())

    @painted
    def paintEvent(self, painter: QPainter) -> None:
        option = QStyleOption()
        option.initFrom(self)
        text = self._metrics().elidedText(
            self.text().replace("\n", " "), Qt.ElideRight, self.contentsRect().width()
        )
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment() | Qt.AlignVCenter),
            option.palette,
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )
