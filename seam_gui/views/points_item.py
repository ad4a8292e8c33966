"""Points as one item of a pyqtgraph plot, drawn by the rasteriser at the view's own pixels."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5 import sip
from PyQt5.QtCore import QPointF, QRectF, QTimer, pyqtSignal
from PyQt5.QtGui import QImage, QPainter
from PyQt5.QtWidgets import QWidget

from seam_core.pictures import faded
from seam_gui.look.theme import theme
from seam_gui.views import rasteriser
from seam_gui.views.density import Density, density_image

_WAIT_MS = 30  # between looks whether the compiled loops are there
_EMPTY = np.zeros(0, dtype=np.float32)


class PointsItem(pg.GraphicsObject):
    """A crowd of points, or how dense it is.

    counted : a density was drawn that has another highest count than the one before
    waiting : it looked again whether the compiled loops are there; the frame is empty until then
    """

    counted = pyqtSignal(int)
    waiting = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        codes, state = np.zeros(0, np.uint16), np.zeros(0, np.uint8)
        self.points = rasteriser.Points(_EMPTY, _EMPTY, codes, state)
        self.colours = np.full((1, 3), 128, dtype=np.uint8)
        self.diameter = 3.0  # pixels of the widget
        self.density = False
        self.most = 0  # points of the fullest square
        self.frame: rasteriser.Frame | None = None
        self._corner, self._ratio = QPointF(), 1.0
        self._image: QImage | None = None
        self.stale = True
        self._again = QTimer(self)
        self._again.setInterval(_WAIT_MS)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._look_again)

    def _look_again(self) -> None:
        self.invalidate()
        self.waiting.emit()

    def boundingRect(self) -> QRectF:
        return self.viewRect()

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()
        self.invalidate()

    def invalidate(self) -> None:
        """Draw the points again at the next paint."""
        self.stale = True
        self.update()

    @property
    def some_shown(self) -> bool:
        """False where all points are hidden, or there are none."""
        return bool(self.points.state.any())

    @property
    def in_one_place(self) -> bool:
        """True for several points that are all the same."""
        (left, right), (low, high) = self.points.extent
        return len(self.points) > 1 and left == right and low == high

    def nearest(self, position: QPointF, radius: int) -> int:
        """The point drawn at a place of the widget or near it, -1 for none."""
        if self.frame is None:
            return -1
        place = (position - self._corner) * self._ratio
        return self.frame.nearest(int(place.x()), int(place.y()), round(radius * self._ratio))

    def rasterise(self) -> None:
        """Draw the points into an image as large as the view box, now."""
        loading = rasteriser.is_loading()
        view = self.getViewWidget()
        if view is None:
            return
        device = self.deviceTransform(view.viewportTransform())
        self._ratio = ratio = view.devicePixelRatioF()
        area = device.mapRect(self.viewRect())
        left, top = np.floor(area.left() * ratio), np.floor(area.top() * ratio)
        self._corner = QPointF(left / ratio, top / ratio)
        shape = (
            max(1, int(np.ceil(area.bottom() * ratio) - top)),
            max(1, int(np.ceil(area.right() * ratio) - left)),
        )
        scale = device.m11() * ratio, device.m22() * ratio
        offset = device.dx() * ratio - left, device.dy() * ratio - top
        background = theme().color("background")
        paper = np.array(background.getRgb()[:3])
        self.frame = rasteriser.render(
            self.points,
            shape,
            scale,
            offset,
            rasteriser.packed(self.colours),
            rasteriser.packed(faded(self.colours, paper)),
            background.rgb(),
            self.diameter * ratio,
            reuse=self.frame,
        )
        image = self.frame.image
        if self.density:
            image = self._dense(density_image(self.points, shape, scale, offset, ratio))
        self._drawn = image  # QImage does not own the memory
        pixels = sip.voidptr(image.ctypes.data)
        self._image = QImage(pixels, shape[1], shape[0], 4 * shape[1], QImage.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)
        self.stale = loading and len(self.points) > 0
        if self.stale:
            self._again.start()

    def _dense(self, density: Density) -> np.ndarray:
        if density.most != self.most:
            self.most = density.most
            self.counted.emit(density.most)
        return density.image

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        if self.stale:
            self.rasterise()
        if self._image is None or self.stale:
            return
        painter.save()
        painter.resetTransform()
        painter.drawImage(self._corner, self._image)
        painter.restore()
