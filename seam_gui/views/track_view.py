"""Annotations below the logos and the matrix: features as boxes, signals as areas."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QColor, QFontMetrics, QMouseEvent, QResizeEvent
from PyQt5.QtWidgets import QFrame, QWidget

from seam_core.intervals import span_text
from seam_core.readers.tracks import Feature, Track, rows_of
from seam_gui.look.text import show_tip
from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes
from seam_gui.views.key_pointer import KeyPointer
from seam_gui.views.position_axis import PositionAxis

_SIGNAL, _GAP = 40, 6  # pixels: of a signal, between tracks
_MOST_ROWS = 4  # of one track; more are drawn over the last
_BETWEEN, _BESIDE = 4, 10  # pixels between rows of features, and beside a name in one
_MOST_NAMES = 300
_HIGHEST = 220  # pixels of the view; more tracks are pressed together


class TrackView(pg.GraphicsView):
    """Every track under the other; follows the range of the position axis."""

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("track_view")
        self.setAccessibleName("Annotation tracks")
        self.setFrameShape(QFrame.NoFrame)
        self.setMouseTracking(True)
        KeyPointer(self)
        self.axis = axis
        self._tracks: tuple[Track, ...] = ()
        self._boxes: list[tuple[float, float, Feature, Track]] = []  # top, bottom
        self._names: list[tuple[pg.TextItem, Feature]] = []
        self._height, self._roomy = 0, True
        self.plot = Axes()
        self.setCentralItem(self.plot)
        self.plot.showAxis("bottom", False)
        self.plot.box.disableAutoRange()
        self.plot.box.setMouseEnabled(x=False, y=False)
        self.plot.box.invertY(True)
        self.plot.setContentsMargins(0, 2, 0, 2)
        axis.range_changed.connect(self._follow)
        axis.brush_changed.connect(lambda _: self._show_brush())
        theme().changed.connect(self.draw)
        self._brush: pg.LinearRegionItem | None = None
        self.hide()

    @property
    def _thick(self) -> int:
        """Pixels of a feature: a name has room in it."""
        return QFontMetrics(self.font()).height() + 1

    def _height_of(self, track: Track) -> float:
        """Pixels of a track."""
        if track.values is not None:
            return float(_SIGNAL)
        rows = np.minimum(rows_of(track.features), _MOST_ROWS - 1)
        return float((self._thick + _BETWEEN) * (int(rows.max(initial=0)) + 1))

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What is shown."""
        return self._tracks

    def sizeHint(self) -> QSize:
        return QSize(400, self._height)

    def set_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Show other tracks; none hides the view."""
        if tracks != self._tracks:
            self._tracks = tracks
            self.draw()
        self.setVisible(bool(tracks))

    def draw(self) -> None:
        """Everything anew, in the colours of the theme."""
        palette = theme().palette
        self.setBackground(palette.background)
        self.plot.clear()
        self._brush, self._boxes, self._names = None, [], []
        side = self.plot.getAxis("left")
        side.setPen(palette.separator)
        side.setTextPen(palette.muted)
        side.setStyle(tickLength=0)
        top, ticks = float(_GAP), []
        for place, track in enumerate(self._tracks):
            height = self._height_of(track)
            if track.values is not None:
                self._draw_signal(track, top, place)
            else:
                self._draw_features(track, top, place)
            name = QFontMetrics(self.font()).elidedText(
                track.name, Qt.ElideRight, self.axis.left - 8
            )
            ticks.append((top + height / 2, name))
            top += height + _GAP
        side.setTicks([ticks])
        self.plot.box.setYRange(0, top, padding=0)
        self._height, self._roomy = round(min(top, _HIGHEST)) + 4, top <= 1.2 * _HIGHEST
        self.setFixedHeight(self._height)
        self.updateGeometry()
        self._follow()
        self._show_brush()

    def _colour(self, place: int) -> QColor:
        return QColor(*(int(c) for c in theme().categorical(max(len(self._tracks), 3))[place]))

    def _draw_features(self, track: Track, top: float, place: int) -> None:
        rows = np.minimum(rows_of(track.features), _MOST_ROWS - 1)
        colour = self._colour(place)
        if len(rows):
            thick = self._thick
            tops = top + rows * (thick + _BETWEEN) + _BETWEEN / 2
            bars = pg.BarGraphItem(
                x0=np.array([f.start for f in track.features]) - 0.5,
                x1=np.array([f.stop for f in track.features]) - 0.5,
                y0=tops,
                height=thick,
                brush=colour,
                pen=pg.mkPen(None),
            )
            self.plot.addItem(bars)
            for feature, y in zip(track.features, tops.tolist(), strict=True):
                self._boxes.append((y, y + thick, feature, track))
                if len(self._names) < _MOST_NAMES and feature.name:
                    self._name(feature, y + thick / 2)

    def _name(self, feature: Feature, middle: float) -> None:
        """Its name inside the feature, for where that is wide enough."""
        item = pg.TextItem(feature.name, color="#ffffff", anchor=(0.5, 0.5))
        item.setPos((feature.start + feature.stop - 1) / 2, middle)
        item.setZValue(5)
        self.plot.addItem(item, ignoreBounds=True)
        self._names.append((item, feature))

    def _draw_signal(self, track: Track, top: float, place: int) -> None:
        values = track.values
        assert values is not None
        known = values[np.isfinite(values)]
        low, high = (
            min(float(known.min(initial=0.0)), 0.0),
            max(float(known.max(initial=0.0)), 1e-9),
        )
        y = top + _SIGNAL * (high - np.nan_to_num(values)) / (high - low)
        base = top + _SIGNAL * high / (high - low)
        fill = self._colour(place)
        fill.setAlpha(150)
        edges = np.arange(len(values) + 1) - 0.5
        self.plot.addItem(
            pg.PlotDataItem(
                edges,
                y,
                stepMode="center",
                fillLevel=base,
                brush=fill,
                pen=pg.mkPen(self._colour(place)),
            )
        )

    def _follow(self) -> None:
        """The positions that the axis shows, where the axis has them."""
        self.plot.getAxis("left").setWidth(self.axis.left)
        self.plot.layout.setContentsMargins(0, 0, self.axis.right, 0)
        self.plot.box.setXRange(self.axis.low, self.axis.high, padding=0)
        low, high = self.axis.low, self.axis.high
        pixels = (self.width() - self.axis.left - self.axis.right) / (high - low)
        words = QFontMetrics(self.font())
        for item, feature in self._names:  # in the middle of what is in sight
            first, last = max(feature.start - 0.5, low), min(feature.stop - 0.5, high)
            item.setPos((first + last) / 2, item.pos().y())
            least = words.horizontalAdvance(feature.name) + _BESIDE
            item.setVisible(self._roomy and (last - first) * pixels > least)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "axis"):  # pyqtgraph resizes before it is whole
            self._follow()

    def _show_brush(self) -> None:
        if self._brush is not None:
            self.plot.removeItem(self._brush)
            self._brush = None
        if self.axis.brush is not None:
            tint = QColor(theme().color("accent"))
            tint.setAlpha(40)
            start, stop = self.axis.brush
            self._brush = pg.LinearRegionItem(
                (start - 0.5, stop - 0.5), movable=False, brush=tint, pen=pg.mkPen(None)
            )
            self.plot.addItem(self._brush)

    def text_at(self, x: float, y: float) -> str:
        """What lies at a position and a height of the plot, in words."""
        position = round(x)
        said = [
            _words(feature, track)
            for top, bottom, feature, track in self._boxes
            if top <= y <= bottom and feature.start <= position < feature.stop
        ]
        place = float(_GAP)
        for track in self._tracks:
            height = self._height_of(track)
            values = () if track.values is None else track.values
            if place <= y <= place + height and 0 <= position < len(values):
                said.append(f"{track.name}   position {position}   {values[position]:.4g}")
            place += height + _GAP
        return "\n".join(said)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        where = self.plot.getViewBox().mapSceneToView(self.mapToScene(event.pos()))
        text = self.text_at(where.x(), where.y())
        self.axis.set_hover(round(where.x()))
        show_tip(self, event.globalPos(), text)


def _words(feature: Feature, track: Track) -> str:
    parts = [track.name, feature.name or feature.kind or "feature"]
    parts.append(
        span_text(feature.start, feature.stop) + (f" ({feature.strand})" if feature.strand else "")
    )
    if feature.score == feature.score:
        parts.append(f"score {feature.score:g}")
    return "   ".join(parts)
