"""What stands on the scatter beside its points: names of clusters, the logo under the mouse."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QObject, QRectF, QSize, Qt
from PyQt5.QtGui import QFont, QPainter
from PyQt5.QtWidgets import QWidget

from seam_core import glyphs, logos
from seam_gui.look.theme import theme
from seam_gui.pictures.scene import Scene
from seam_gui.views.logo_painting import Logo, paint_logo
from seam_gui.views.scatter_view import ScatterView

NAMED = ("off", "all", "labelled")
_WORDS = {"off": "no names", "all": "id or label of each cluster", "labelled": "labels alone"}
_MOST = 400  # names; more would cover the points
_SIZE = QSize(300, 84)


class CentroidNames(QObject):
    """Ids or labels of the clusters at the medians of their points."""

    def __init__(self, view: ScatterView) -> None:
        super().__init__(view)
        self._view = view
        self.mode = "off"
        self.items: list[pg.TextItem] = []

    def next_mode(self) -> str:
        """Off, all, those with a label; the one chosen, in words."""
        self.mode = NAMED[(NAMED.index(self.mode) + 1) % len(NAMED)]
        return f"Names of clusters in the scatter: {_WORDS[self.mode]}"

    def show_scene(self, scene: Scene | None, axes: tuple[int, int]) -> None:
        """The names of a scene's clusters over two axes of its embedding."""
        for item in self.items:
            self._view.plot.removeItem(item)
        self.items = []
        if scene is None or scene.labels is None or scene.session.embedding is None:
            return
        if self.mode == "off":
            return
        points = scene.session.embedding.coordinates[:, list(axes)]
        for cluster in scene.order[:_MOST]:
            name = scene.name_of(cluster)
            if cluster in scene.hidden or (self.mode == "labelled" and not name):
                continue
            place = np.median(points[scene.labels == cluster], axis=0)
            self._add(name or str(cluster), place)

    def _add(self, text: str, place: np.ndarray) -> None:
        palette = theme().palette
        fill = theme().color("background")
        fill.setAlpha(190)
        item = pg.TextItem(text, color=palette.text, anchor=(0.5, 0.5), fill=fill)
        font = QFont(self._view.font())
        font.setBold(True)
        item.setFont(font)
        item.setPos(float(place[0]), float(place[1]))
        item.setZValue(20)
        self._view.plot.addItem(item, ignoreBounds=True)
        self.items.append(item)


class HoverLogo(QWidget):
    """The attribution map of the sequence under the mouse, small, above its card."""

    def __init__(self, view: ScatterView) -> None:
        super().__init__(view)
        self.setObjectName("scatter_hover_logo")
        self.setAccessibleName("Logo of the sequence under the mouse")
        for attribute in (Qt.WA_TransparentForMouseEvents, Qt.WA_NoSystemBackground):
            self.setAttribute(attribute)
        self.resize(_SIZE)
        self.hide()
        self._view = view
        self._scene: Scene | None = None
        self.logo: Logo | None = None
        view.hovered.connect(self.show_point)

    def set_scene(self, scene: Scene) -> None:
        """The maps of a scene."""
        self._scene = scene
        self.hide()

    def show_point(self, index: int) -> None:
        """The map of one sequence, -1: none."""
        scene = self._scene
        maps = None if scene is None else scene.session.maps
        library = None if scene is None else scene.session.library
        if index < 0 or maps is None or library is None:
            self.hide()
            return
        matrix = np.asarray(maps.maps[index], dtype=float)
        self.logo = Logo(matrix, maps.start, library.alphabet)
        self.move(12, max(self._view.height() - _SIZE.height() - 96, 0))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: object) -> None:
        if self.logo is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        paper = theme().color("raised")
        paper.setAlpha(235)
        painter.setPen(theme().color("separator"))
        painter.setBrush(paper)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        start, stop = self.logo.start, self.logo.start + len(self.logo.matrix)
        low, high = logos.y_limits(self.logo.matrix)
        if high <= low:
            return
        area = QRectF(self.rect()).adjusted(6, 6, -6, -6)
        stacks = [glyphs.stack_layout(self.logo.matrix)]
        paint_logo(painter, self.logo, stacks, area, (start - 0.5, stop - 0.5), (low, high))
