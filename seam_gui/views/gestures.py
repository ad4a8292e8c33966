"""What keys and mouse buttons mean, the same in every view."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, Qt

_BOXES = ("rectangle", "zoom")


def mode_of(modifiers: Qt.KeyboardModifiers, otherwise: str = "replace") -> str:
    """How a gesture is combined with the selection.

    Shift adds, Ctrl or Alt (which many window managers take) removes, Ctrl+Shift intersects.

    otherwise : what it is without a key
    """
    if modifiers & Qt.ControlModifier and modifiers & Qt.ShiftModifier:
        return "intersect"
    if modifiers & Qt.ShiftModifier:
        return "add"
    if modifiers & (Qt.ControlModifier | Qt.AltModifier):
        return "remove"
    return otherwise


class GesturePath:
    """The line that a mouse draws: a lasso, a polygon corner by corner, or a rectangle.

    tool : "lasso", "polygon", "rectangle", "pan" or "zoom"
    points : the line so far, in the widget's pixels; a polygon's last point follows the mouse
    """

    CLICK_SLACK = 4  # pixels of a path that is still a click

    def __init__(self) -> None:
        self.tool = "lasso"
        self.points: list[QPointF] = []
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._travelled = 0.0

    def clear(self) -> None:
        """Forget the line."""
        self.points = []
        self._pressed = None

    def press(self, position: QPointF) -> None:
        """The left button went down."""
        self._pressed = self._last = position
        self._travelled = 0.0
        if self.tool == "polygon":
            self.points = [*self.points[:-1], position, position]
        else:
            self.points = [position]

    def move(self, position: QPointF, held: bool) -> bool:
        """The mouse moved, its button held down or not; True when the line changed."""
        if self.tool == "polygon" and self.points:
            self.points[-1] = position
            return True
        if not held or self._pressed is None:
            return False
        self._go_to(position)
        if self.tool == "lasso":
            self.points.append(position)
        elif self.tool in _BOXES:
            self.points = [self._pressed, position]
        return True

    def _go_to(self, position: QPointF) -> None:
        self._travelled += (position - self._last).manhattanLength()
        self._last = position

    def release(self, position: QPointF) -> str:
        """The button went up: "click", or the tool when its line is finished, or "".

        A lasso ends where it began, and is none the less for it: how far the mouse went tells it
        from a click. A box drawn back to its corner holds nothing, and is given up.
        """
        if self._pressed is None or self.tool == "polygon":
            return ""
        self._go_to(position)
        away, self._pressed = (position - self._pressed).manhattanLength(), None
        if self._travelled <= self.CLICK_SLACK:
            return "click"
        if self.tool in _BOXES and away <= self.CLICK_SLACK:
            return ""
        return self.tool if len(self.points) > (2 if self.tool == "lasso" else 1) else ""

    def closed_polygon(self) -> list[QPointF]:
        """The corners of the polygon drawn, [] where there are fewer than three."""
        corners = self.points[:-1]
        return corners if self.tool == "polygon" and len(corners) >= 3 else []
