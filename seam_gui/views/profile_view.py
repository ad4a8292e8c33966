"""Values along the sequence as lines or bars, on the logos' axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QSize, Qt
from PyQt5.QtGui import QFontMetrics, QPainter, QPen, QPolygonF
from PyQt5.QtWidgets import QWidget

from seam_gui.look.text import show_tip
from seam_gui.look.theme import theme
from seam_gui.views.painting import rectangles
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.position_view import PositionView
from seam_gui.views.scatter_parts import number

_SWATCH = 17  # pixels of a profile's colour before its name, and between names


@dataclass(frozen=True, eq=False)
class Profile:
    """One value a position.

    values : (W,); NaN leaves a gap
    colour : field of the palette, e.g. "accent"
    bars : bars from zero instead of a line
    """

    name: str
    values: np.ndarray
    colour: str = "accent"
    bars: bool = False


class ProfileView(PositionView):
    """Profiles over each other, named at the top."""

    def __init__(
        self,
        axis: PositionAxis,
        name: str,
        parent: QWidget | None = None,
        *,
        numbered: bool = True,
    ) -> None:
        """`numbered`: positions have their numbers below; needless under a view that has them."""
        self._profiles: tuple[Profile, ...] = ()
        self._start, self._unit, self._limits = 0, "", (0.0, 1.0)
        super().__init__(axis, parent, numbered=numbered)
        self.setObjectName(name)

    def set_profiles(
        self,
        profiles: tuple[Profile, ...],
        start: int,
        unit: str = "",
        limits: tuple[float, float] | None = None,
    ) -> None:
        """Profiles whose first value belongs to position `start`."""
        self._profiles, self._start, self._unit = profiles, start, unit
        if limits is None:
            both = [p.values[np.isfinite(p.values)] for p in profiles]
            known = np.concatenate([*both, np.zeros(1)])
            limits = (float(known.min()), float(known.max()) or 1.0)
        self._limits = limits
        metrics = QFontMetrics(self.font())
        self.axis.make_room(max(metrics.horizontalAdvance(number(v)) for v in limits))
        low, high = limits
        self.set_values(low, high if high > low else low + 1.0)
        self._arrange()
        self.redraw()

    def value_text(self, position: int) -> str:
        """The values at a position."""
        column = position - self._start
        parts = [
            f"{profile.name.lower()} {number(profile.values[column])} {self._unit}"
            for profile in self._profiles
            if 0 <= column < len(profile.values) and np.isfinite(profile.values[column])
        ]
        return f"position {position}   " + "   ".join(parts) if parts else ""

    def top_margin(self) -> int:
        return len(self._legend()) * QFontMetrics(self.font()).height() + 6

    def _legend(self) -> list[list[tuple[float, str, Profile | None]]]:
        """Lines of (x, text, profile): names as they fit beside each other, then the unit."""
        metrics = QFontMetrics(self.font())
        left, right = float(self.axis.left), self.width() - self.axis.right
        lines: list[list[tuple[float, str, Profile | None]]] = [[]]
        x = left
        for profile in (*self._profiles, None):
            name, before = (self._unit, 0) if profile is None else (profile.name, _SWATCH)
            wide = metrics.horizontalAdvance(name) + before
            if lines[-1] and x + wide > right:
                lines.append([])
                x = left
            text = metrics.elidedText(name, Qt.ElideRight, int(max(right - left - before, 0)))
            at = x if profile else max(right - wide, x)
            lines[-1].append((at, text, profile))
            x += wide + _SWATCH
        return lines

    def paint_data(self, painter: QPainter) -> None:
        self.paint_brush(painter)
        painter.setRenderHint(QPainter.Antialiasing)
        for profile in self._profiles:
            self._paint_profile(painter, profile)
        self.paint_drag(painter)

    def paint_over(self, painter: QPainter) -> None:
        """Names of the profiles and their unit, above."""
        metrics = QFontMetrics(self.font())
        for row, line in enumerate(self._legend()):
            top = row * metrics.height()
            middle = top + metrics.height() / 2
            for x, text, profile in line:
                if profile is not None:
                    painter.setPen(QPen(theme().color(profile.colour), 3))
                    painter.drawLine(QPointF(x, middle), QPointF(x + 12, middle))
                painter.setPen(theme().color("muted" if profile is None else "text"))
                place = QPointF(x + (0 if profile is None else _SWATCH), top + metrics.ascent())
                painter.drawText(place, text)

    def _paint_profile(self, painter: QPainter, profile: Profile) -> None:
        colour, area = theme().color(profile.colour), self.plot_rect()
        first, last = self.visible_positions()
        first = max(first, self._start)
        values = profile.values[first - self._start : max(last - self._start, 0)]
        known = np.flatnonzero(~np.isnan(values))
        unit, (low, high) = self.pixels_per_position(), self._limits
        x = area.left() + (known + first - self.axis.low) * unit
        y = area.bottom() - (values[known] - low) / max(high - low, 1e-12) * area.height()
        if not profile.bars:
            painter.setPen(QPen(colour, 1.4))
            ends = zip(x.tolist(), y.tolist(), strict=True)
            painter.drawPolyline(QPolygonF([QPointF(*end) for end in ends]))
            return
        zero = area.bottom() - (max(low, 0.0) - low) / max(high - low, 1e-12) * area.height()
        colour.setAlpha(170)
        painter.setPen(Qt.NoPen)
        painter.setBrush(colour)
        wide = np.full(len(x), max(unit * 0.9, 1.0))
        painter.drawRects(rectangles(x - unit / 2, np.minimum(y, zero), wide, np.abs(zero - y)))

    def hover_at(self, position: QPointF) -> None:
        text = self.value_text(self.position_at(position.x()))
        self.axis.read.emit(text)
        show_tip(self, self.mapToGlobal(position.toPoint()), text)

    def sizeHint(self) -> QSize:
        return QSize(640, 110)
