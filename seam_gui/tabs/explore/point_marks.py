"""What stands on the scatter beside its points: names of clusters, the logo under the mouse."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QObject, QRectF, Qt, QTimer
from PyQt5.QtGui import QFont, QFontMetrics, QPainter
from PyQt5.QtWidgets import QWidget

from seam_core import glyphs, logos
from seam_core.point_marks import FEW, LETTER, NAMINGS, Letter, NameMark, name_marks, with_room
from seam_gui.look.theme import theme
from seam_gui.pictures.scene import Scene
from seam_gui.views.hover_card import ABOVE, paint_card
from seam_gui.views.logo_painting import Logo, paint_logo
from seam_gui.views.scatter_view import ScatterView

_WORDS = {
    "few": f"ids and labels of {FEW} clusters at most, else labels: those that have room",
    "all": "id and label of each cluster",
    "labelled": "labels alone",
    "off": "no names",
}
_PAUSE_MS = 150  # after the picture was moved, until names are placed again


class CentroidNames(QObject):
    """Names of the clusters at the medians of their points, see `seam_core.point_marks`."""

    def __init__(self, view: ScatterView) -> None:
        super().__init__(view)
        self._view = view
        self.mode = NAMINGS[0]
        self.letter = LETTER  # that the names shown were placed with
        self.items: list[pg.TextItem] = []
        self._marks: list[NameMark] = []
        self._shown: list[NameMark] = []
        self._moved = QTimer(self)
        self._moved.setSingleShot(True)
        self._moved.setInterval(_PAUSE_MS)
        self._moved.timeout.connect(self.place_again)
        for moved in (view.box.sigRangeChanged, view.box.sigResized):
            moved.connect(lambda *_: self._moved.start())
        theme().changed.connect(self._dress)

    def next_mode(self) -> str:
        """The next of `NAMINGS`, in words."""
        self.mode = NAMINGS[(NAMINGS.index(self.mode) + 1) % len(NAMINGS)]
        return f"Names of clusters in the scatter: {_WORDS[self.mode]}"

    def show_scene(
        self, scene: Scene | None, axes: tuple[int, int], left_out: np.ndarray | None
    ) -> None:
        """The names of a scene's clusters over two axes of its embedding, without some points."""
        self._marks = []
        if scene is not None and scene.labels is not None and scene.session.embedding is not None:
            points = scene.session.embedding.coordinates[:, list(axes)]
            self._marks = name_marks(
                points, scene.labels, scene.names, self.mode, hidden=scene.hidden, left_out=left_out
            )
        self._draw(self._with_room())

    def _with_room(self) -> list[NameMark]:
        sight = self._view.sight or self._view.points.extent
        place, star = self._view.reference_place, self._view.star
        self.letter = self._measured()
        ends = [arrow.end for arrow in self._view.arrows]
        return with_room(self._marks, self.mode, sight, place, star, self.letter, ends)

    def _measured(self) -> Letter:
        """How much of the picture a bold letter and a line take; never less than usual."""
        metrics, box = QFontMetrics(self._font()), self._view.box.size()
        wide = metrics.horizontalAdvance("0") / max(box.width(), 1)
        high = metrics.height() / max(box.height(), 1)
        return round(min(max(wide, LETTER[0]), 0.5), 3), round(min(max(high, LETTER[1]), 0.5), 3)

    def _font(self) -> QFont:
        font = QFont(self._view.font())
        font.setBold(True)
        return font

    def place_again(self) -> None:
        """Names as there is room for them now."""
        now = self._with_room()
        if now != self._shown:
            self._draw(now)

    def _dress(self) -> None:
        self._draw(self._shown)

    def _draw(self, marks: list[NameMark]) -> None:
        for item in self.items:
            self._view.plot.removeItem(item)
        self.items, self._shown = [], marks
        for mark in marks:
            self._add(mark.text, mark.place)

    def _add(self, text: str, place: tuple[float, float]) -> None:
        palette = theme().palette
        fill = theme().color("background")
        fill.setAlpha(150)
        item = pg.TextItem(text, color=palette.text, anchor=(0.5, 0.5), fill=fill)
        item.setFont(self._font())
        item.setPos(*place)
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
        self.resize(ABOVE.width(), ABOVE.height() - 4)
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
        card = self._view.card.geometry()
        self.move(card.left(), max(card.top() - ABOVE.height(), 0))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: object) -> None:
        if self.logo is None:
            return
        painter = QPainter(self)
        paint_card(painter, QRectF(self.rect()))
        start, stop = self.logo.start, self.logo.start + len(self.logo.matrix)
        low, high = logos.y_limits(self.logo.matrix)
        if high <= low:
            return
        area = QRectF(self.rect()).adjusted(6, 6, -6, -6)
        stacks = [glyphs.stack_layout(self.logo.matrix)]
        paint_logo(painter, self.logo, stacks, area, (start - 0.5, stop - 0.5), (low, high))
