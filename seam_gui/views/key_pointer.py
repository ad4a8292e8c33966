"""The mouse of a picture, by keys: a cross that the arrows move and Space presses."""

from __future__ import annotations

import math

from PyQt5.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PyQt5.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PyQt5.QtWidgets import QApplication, QGraphicsView, QWidget

from seam_gui.look.theme import theme

_ARROWS = {
    Qt.Key_Left: QPoint(-1, 0),
    Qt.Key_Right: QPoint(1, 0),
    Qt.Key_Up: QPoint(0, -1),
    Qt.Key_Down: QPoint(0, 1),
}
_NOTCHES = {Qt.Key_Plus: 120, Qt.Key_Equal: 120, Qt.Key_Minus: -120}
_BY_KEYS = (Qt.TabFocusReason, Qt.BacktabFocusReason, Qt.ShortcutFocusReason)
_STEP, _MOST = 6, 30  # pixels: below the width of what can be gripped; while a key is held
_ARM = 9  # pixels of the cross
HINT = "arrows move, Space clicks, Shift+arrows drag until Space, + − wheel, Esc ends"


class KeyPointer(QObject):
    """What the mouse does in a view, done by keys: each gesture arrives as the mouse's would.

    Space shows the cross, and clicks where it is. Arrows move it, faster while they are held; with
    Shift the button goes down first and stays so until Space. Shift, Ctrl and Alt held with Space
    mean what they mean for the mouse. Plus and minus turn the wheel there, the menu key asks for
    the view's menu, Esc takes the cross away. A view that was reached by Tab has a frame.
    """

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view)
        self._view = view
        self._place: QPoint | None = None
        self._down = False
        self._held = 0  # times that an arrow came again
        self._mark: _Mark | None = None
        if view.focusPolicy() != Qt.StrongFocus:
            view.setFocusPolicy(Qt.StrongFocus)
        view.installEventFilter(self)

    @property
    def place(self) -> QPoint | None:
        """Where the cross is in the viewport; None: it is not shown."""
        return self._place

    @property
    def framed(self) -> bool:
        """True while the view shows that it has the keys."""
        return self._mark is not None and self._mark.isVisible()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.FocusIn and isinstance(event, QFocusEvent):
            if event.reason() in _BY_KEYS:
                self._frame()
        elif kind == QEvent.FocusOut and isinstance(event, QFocusEvent):
            if event.reason() != Qt.PopupFocusReason:
                self._end()
        elif kind == QEvent.Resize and self._mark is not None:
            self._mark.setGeometry(self._view.viewport().geometry())
        elif kind == QEvent.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._means(event):  # before a command that has this key
                event.accept()
                return True
        elif kind == QEvent.KeyPress and isinstance(event, QKeyEvent) and self._means(event):
            self._do(event)
            return True
        return False

    def _means(self, event: QKeyEvent) -> bool:
        """True where a key is the pointer's own."""
        key = event.key()
        if key == Qt.Key_Space or _asks_menu(event):
            return True
        if self._place is None:
            return False
        if key in _ARROWS:
            return not event.modifiers() & (Qt.ControlModifier | Qt.AltModifier)
        return key in _NOTCHES or key == Qt.Key_Escape

    def _do(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        if self._place is None:
            self._show()
            if key == Qt.Key_Space:
                return
        if key in _ARROWS:
            self._held = self._held + 1 if event.isAutoRepeat() else 0
            self._step(_ARROWS[Qt.Key(key)], drag=bool(modifiers & Qt.ShiftModifier))
        elif key == Qt.Key_Space:
            self._click(modifiers)
        elif key in _NOTCHES:
            self._wheel(_NOTCHES[Qt.Key(key)], modifiers & ~Qt.ShiftModifier)
        elif key == Qt.Key_Escape:
            self._end()
            self._frame()
        else:
            self._menu()

    # what it does

    def _show(self) -> None:
        self._place = self._view.viewport().rect().center()
        self._frame()
        self._move()

    def _step(self, way: QPoint, *, drag: bool) -> None:
        assert self._place is not None, "the cross is shown"
        if drag and not self._down:
            self._send(QEvent.MouseButtonPress, Qt.LeftButton)
        area = self._view.viewport().rect()
        to = self._place + way * min(_STEP + 2 * self._held, _MOST)
        self._place = QPoint(
            min(max(to.x(), area.left()), area.right()), min(max(to.y(), area.top()), area.bottom())
        )
        self._move()

    def _move(self) -> None:
        self._send(QEvent.MouseMove, Qt.NoButton)
        self._draw()

    def _click(self, modifiers: Qt.KeyboardModifiers) -> None:
        """Lets go of what is dragged, else presses and lets go."""
        if not self._down:
            self._send(QEvent.MouseButtonPress, Qt.LeftButton, modifiers)
        self._send(QEvent.MouseButtonRelease, Qt.LeftButton, modifiers)
        self._draw()

    def _send(
        self,
        kind: QEvent.Type,
        button: Qt.MouseButton,
        modifiers: Qt.KeyboardModifiers | Qt.KeyboardModifier = Qt.NoModifier,
    ) -> None:
        if kind == QEvent.MouseButtonPress:
            self._down = True
        elif kind == QEvent.MouseButtonRelease:
            self._down = False
        assert self._place is not None, "the cross is shown"
        surface, at = self._view.viewport(), self._place
        held = Qt.LeftButton if self._down else Qt.NoButton
        event = QMouseEvent(
            kind,
            QPointF(at),
            QPointF(surface.mapTo(self._view.window(), at)),
            QPointF(surface.mapToGlobal(at)),
            button,
            Qt.MouseButtons(held),
            Qt.KeyboardModifiers(modifiers),
        )
        QApplication.sendEvent(surface, event)

    def _wheel(self, notch: int, modifiers: Qt.KeyboardModifiers) -> None:
        assert self._place is not None, "the cross is shown"
        surface, at = self._view.viewport(), self._place
        event = QWheelEvent(
            QPointF(at),
            QPointF(surface.mapToGlobal(at)),
            QPoint(),
            QPoint(0, notch),
            Qt.MouseButtons(Qt.NoButton),
            modifiers,
            Qt.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(surface, event)

    def _menu(self) -> None:
        """The view's menu, where the cross is; views that tell of right clicks are told of one."""
        assert self._place is not None, "the cross is shown"
        if self._view.contextMenuPolicy() in (Qt.PreventContextMenu, Qt.CustomContextMenu):
            self._view.customContextMenuRequested.emit(self._place)
            return
        surface = self._view.viewport()
        asked = QContextMenuEvent(
            QContextMenuEvent.Keyboard, self._place, surface.mapToGlobal(self._place)
        )
        QApplication.sendEvent(surface, asked)

    def _end(self) -> None:
        """No cross, and the button up."""
        if self._down:
            self._send(QEvent.MouseButtonRelease, Qt.LeftButton)
        if self._place is not None:
            QApplication.sendEvent(self._view, QEvent(QEvent.Leave))
        self._place = None
        if self._mark is not None:
            self._mark.hide()

    # what is seen of it

    def _frame(self) -> None:
        if self._mark is None:
            self._mark = _Mark(self._view, self)
        self._mark.setGeometry(self._view.viewport().geometry())
        self._mark.show()
        self._mark.raise_()

    def _draw(self) -> None:
        if self._mark is not None:
            self._mark.update()


def _asks_menu(event: QKeyEvent) -> bool:
    shifted = event.key() == Qt.Key_F10 and bool(event.modifiers() & Qt.ShiftModifier)
    return event.key() == Qt.Key_Menu or shifted


class _Mark(QWidget):
    """The frame of a view that has the keys, its cross, and a line that says what keys do."""

    def __init__(self, view: QGraphicsView, pointer: KeyPointer) -> None:
        super().__init__(view)
        self._pointer = pointer
        self.setAttribute(Qt.WA_TransparentForMouseEvents)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        accent = theme().color("accent")
        painter.setPen(QPen(accent, 2))
        painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        place = self._pointer.place
        if place is not None:
            self._cross(painter, place, accent)
            self._hint(painter, place)
        painter.end()

    def _cross(self, painter: QPainter, place: QPoint, accent: QColor) -> None:
        for colour, width in ((theme().color("background"), 4), (accent, 2)):
            painter.setPen(QPen(colour, width))
            for way in _ARROWS.values():
                painter.drawLine(place + way * 2, place + way * _ARM)

    def _hint(self, painter: QPainter, place: QPoint) -> None:
        """Where it fits in the view, at the side away from the cross."""
        metrics = QFontMetrics(painter.font())
        width, height = metrics.horizontalAdvance(HINT) + 12, metrics.height() + 4
        if width > self.width() or 3 * height > self.height():
            return
        top = 3 if place.y() > math.floor(self.height() / 2) else self.height() - height - 3
        box = QRectF(self.width() - width - 3, top, width, height)
        painter.fillRect(box, theme().color("raised"))
        painter.setPen(theme().color("text"))
        painter.drawText(box, Qt.AlignCenter, HINT)
