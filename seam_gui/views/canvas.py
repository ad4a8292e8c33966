"""A widget with one pyqtgraph plot: ours is the mouse over the data, pyqtgraph's over the axes."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt5 import sip
from PyQt5.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PyQt5.QtGui import QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PyQt5.QtWidgets import QWidget

from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.key_pointer import KeyPointer
from seam_gui.views.view_history import ViewHistory


class Canvas(pg.GraphicsView):
    """One view box in its axes; subclasses say what the mouse does over its data, and its keys.

    Over the axes the wheel and dragging change one axis alone, as everywhere in pyqtgraph.
    """

    history: ViewHistory  # set by each kind of canvas: its own, or one that several share

    def __init__(self, plot: Axes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot, self.box = plot, plot.getViewBox()
        self._ours = False  # the mouse was pressed over the data
        for side in ("left", "bottom"):
            plot.getAxis(side).setStyle(maxTickLevel=0)  # ticks in between take a frame's half
        self.setCentralItem(plot)
        self.setCacheMode(pg.GraphicsView.CacheNone)  # one colour is sooner filled than copied
        self.viewport().setAttribute(Qt.WA_OpaquePaintEvent)  # and filled once
        self.setMouseTracking(True)
        KeyPointer(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 40)  # as small as a view says, not as scroll bars would want

    @property
    def alive(self) -> bool:
        """False once Qt has taken the items away, which it does before the widget."""
        return not sip.isdeleted(self.plot)

    def close(self) -> bool:
        """As every widget: pyqtgraph would empty the scene."""
        return QWidget.close(self)

    # geometry, in pixels of the widget

    def box_rect(self) -> QRectF:
        """Where the data are."""
        if self.range.size() != QSizeF(self.size()):  # no event has told a hidden widget's yet
            pg.GraphicsView.resizeEvent(self, None)
        self.plot.layout.activate()
        return self.box.mapRectToScene(self.box.rect())

    def set_margins(self, left: float, top: float, right: float, bottom: float) -> None:
        """Pixels beside the plot, which takes all that is left: with former margins it may have
        been kept larger than the widget."""
        self.plot.layout.setContentsMargins(left, top, right, bottom)
        self.plot.setGeometry(self.range)

    def to_widget(self, x: float, y: float) -> QPointF:
        """Where a place of the data is."""
        return self.box.mapViewToScene(QPointF(x, y))

    def to_data(self, position: QPointF) -> QPointF:
        """The place of the data at a point of the widget."""
        return self.box.mapSceneToView(position)

    def redraw(self) -> None:
        """Paint again what is painted over the items.

        Through the scene, as a change of an item: an update of the viewport would be painted along
        with the first of the window's scenes, and again once this one tells of its items.
        """
        if self.alive:
            self.scene().update()

    def dress(self) -> None:
        """The colours of the theme."""
        palette = theme().palette
        self.setBackground(palette.background)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(palette.separator)
            axis.setTextPen(palette.muted)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """What lies over the items, in pixels."""
        painter.save()
        self.paint_over(painter)
        painter.restore()

    def paint_over(self, painter: QPainter) -> None:
        """Paint over the items; for subclasses."""

    # the mouse over the data; for subclasses

    def press(self, event: QMouseEvent) -> None:
        """A button went down over the data."""

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved, over the data or with a button that went down there."""

    def release(self, event: QMouseEvent) -> None:
        """The button that went down over the data is up."""

    def double_click(self, event: QMouseEvent) -> None:
        """Two clicks over the data."""

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel was turned over the data."""

    def _is_ours(self, event: QMouseEvent | QWheelEvent) -> bool:
        return self.box_rect().contains(QPointF(event.pos()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.BackButton, Qt.ForwardButton):
            back = event.button() == Qt.BackButton
            (self.history.back if back else self.history.forward)()
            return
        self._ours = self._is_ours(event)
        if self._ours:
            self.press(event)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._ours or (not event.buttons() and self._is_ours(event)):
            self.move(event)
        else:
            if not event.buttons():
                self.left_data()
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._ours:
            self._ours = bool(event.buttons())
            self.release(event)
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._is_ours(event):
            self.double_click(event)
        else:
            super().mouseDoubleClickEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._is_ours(event):
            self.wheel(event)
            event.accept()
        else:
            super().wheelEvent(event)

    def left_data(self) -> None:
        """The mouse is no longer over the data; for subclasses."""

    def leaveEvent(self, event: object) -> None:
        self.left_data()
        super().leaveEvent(event)

    def history_key(self, event: QKeyEvent) -> bool:
        """Alt with the arrows goes back and forward; True where that was meant."""
        if event.modifiers() != Qt.AltModifier:
            return False
        if event.key() == Qt.Key_Left:
            self.history.back()
        elif event.key() == Qt.Key_Right:
            self.history.forward()
        else:
            return False
        return True
