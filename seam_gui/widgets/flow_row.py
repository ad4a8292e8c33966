"""Controls beside each other that go on in a second line where a window is narrow."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, QSize, Qt
from PyQt5.QtWidgets import QLayout, QLayoutItem, QWidget

from seam_gui.look.theme import SPACING


class FlowRow(QLayout):
    """Like `basics.row`, but it wraps; what follows None stands at the right of its line."""

    def __init__(self, *widgets: QWidget | None, spacing: int = SPACING) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        self._items: list[QLayoutItem] = []
        self._pushed = len(widgets)
        for widget in widgets:
            if widget is None:
                self._pushed = len(self._items)
            else:
                self.addWidget(widget)

    # what Qt asks of a layout

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    # None ends Qt's walk through a layout; the stubs do not know of it
    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientations:
        return Qt.Orientations(Qt.Horizontal)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return self._with_margins(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        wide = max((size.width() for size in sizes), default=0)
        return self._with_margins(wide, max((size.height() for size in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._placed(rect, move=True)

    # where the controls go

    def _with_margins(self, width: int, height: int) -> QSize:
        margins = self.contentsMargins()
        return QSize(
            width + margins.left() + margins.right(), height + margins.top() + margins.bottom()
        )

    def _lines(self, width: int) -> list[list[int]]:
        lines: list[list[int]] = [[]]
        used = 0
        for index, item in enumerate(self._items):
            if item.isEmpty():
                continue
            wide = item.sizeHint().width() + self.spacing()
            if lines[-1] and used + wide > width + self.spacing():
                lines.append([])
                used = 0
            lines[-1].append(index)
            used += wide
        return lines

    def _placed(self, rect: QRect, *, move: bool) -> int:
        """Height that the lines take; moves the controls there where asked to."""
        margins = self.contentsMargins()
        inside = rect.marginsRemoved(margins)
        y = inside.top()
        for line in self._lines(inside.width()):
            hints = [self._items[index].sizeHint() for index in line]
            tall = max((hint.height() for hint in hints), default=0)
            if move:
                self._place_line(line, hints, QRect(inside.left(), y, inside.width(), tall))
            y += tall + self.spacing()
        return y - self.spacing() - rect.top() + margins.bottom()

    def _place_line(self, line: list[int], hints: list[QSize], rect: QRect) -> None:
        wide = [min(hint.width(), rect.width()) for hint in hints]
        left_over = max(0, rect.width() - sum(wide) - self.spacing() * (len(line) - 1))
        for k, index in enumerate(line):
            item = self._items[index]
            if item.expandingDirections() & Qt.Horizontal:
                more = min(left_over, max(0, item.maximumSize().width() - wide[k]))
                wide[k] += more
                left_over -= more
        x = rect.left()
        for k, index in enumerate(line):
            if index >= self._pushed:
                x += left_over
                left_over = 0
            tall = hints[k].height()
            middle = rect.top() + (rect.height() - tall) // 2
            self._items[index].setGeometry(QRect(QPoint(x, middle), QSize(wide[k], tall)))
            x += wide[k] + self.spacing()
