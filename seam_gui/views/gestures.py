"""What keys and mouse buttons mean, the same in every view."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, Qt


def mode_of(modifiers: Qt.KeyboardModifiers) -> str:
    """How a gesture is combined with the selection.

    Shift adds, Alt removes, Ctrl+Shift intersects; otherwise it replaces.
    """
    if modifiers & Qt.ControlModifier and modifiers & Qt.ShiftModifier:
        return "intersect"
    if modifiers & Qt.ShiftModifier:
        return "add"
    if modifiers & Qt.AltModifier:
        return "remove"
    return "replace"


class GesturePath:
    """The line that a mouse draws: a lasso, a polygon corner by corner, or a rectangle.

    tool : "lasso", "polygon", "rectangle" or "pan"
    points : the line so far, in the widget's pixels; a polygon's last point follows the mouse
    """

    CLICK_SLACK = 4  # pixels that the mouse may move in a click

    def __init__(self) -> None:
        self.tool = "lasso"
        self.points: list[QPointF] = []
        self._pressed: QPointF | None = None

    def clear(self) -> None:
        """Forget the line."""
        self.points = []
        self._pressed = None

    def press(self, position: QPointF) -> None:
        """The left button went down."""
        self._pressed = position
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
        if self.tool == "lasso":
            self.points.append(position)
        elif self.tool == "rectangle":
            self.points = [self._pressed, position]
        return True

    def release(self, position: QPointF) -> str:
        """The button went up: "click", or the tool when its line is finished, or ""."""
        if self._pressed is None or self.tool == "polygon":
            return ""
        moved = (position - self._pressed).manhattanLength() > self.CLICK_SLACK
        self._pressed = None
        if not moved:
            return "click"
        return self.tool if len(self.points) > (2 if self.tool == "lasso" else 1) else ""

    def closed_polygon(self) -> list[QPointF]:
        """The corners of the polygon drawn, [] where there are fewer than three."""
        corners = self.points[:-1]
        return corners if self.tool == "polygon" and len(corners) >= 3 else []
