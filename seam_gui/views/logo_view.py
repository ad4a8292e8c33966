"""A logo as vector letters: zooms without blurring, drawn again in milliseconds."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QPainter
from PyQt5.QtWidgets import QWidget

from seam_core import glyphs, logos
from seam_core.records import Site
from seam_core.site_boxes import runs_of
from seam_gui.look.text import plain, show_tip
from seam_gui.look.theme import theme
from seam_gui.views.logo_painting import LEGIBLE, NOTHING, Logo, paint_logo
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.position_view import BELOW, PositionView
from seam_gui.views.scatter_parts import number

_NEAR_TOP = 7  # pixels from the lines of the sites
_ZOOM = "zoom in for letters"


class LogoView(PositionView):
    """One logo, its title at the upper left.

    clicked : position
    """

    clicked = pyqtSignal(int)
    least = 22

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(axis, parent)
        self.setObjectName("logo_view")
        self._colour: QColor | None = None
        self._logo: Logo | None = None
        self._limits = (0.0, 1.0)
        self._stacks: list[glyphs.Stack] = []
        self._title = ""
        self._empty = "Select sequences to see their logo"
        self._zero = pg.InfiniteLine(0, angle=0)
        self._zero.setZValue(-1)
        self.plot.addItem(self._zero)
        self.set_logo(None)
        self.dress()
        axis.hover_changed.connect(self._follow_hover)

    @property
    def logo(self) -> Logo | None:
        """What is shown."""
        return self._logo

    def dress(self) -> None:
        super().dress()
        if hasattr(self, "_zero"):
            self._zero.setPen(theme().palette.separator)

    def set_logo(self, logo: Logo | None, title: str = "", colour: QColor | None = None) -> None:
        """Show a logo, or nothing; `colour`: a mark before its title."""
        self._logo = logo
        self._title, self._colour = title, colour
        self._stacks = []
        self._limits = self._limits_of(logo)
        if logo is not None:
            self._stacks = [glyphs.stack_layout(m) for m in (*logo.behind, logo.matrix)]
            metrics = QFontMetrics(self.font())
            self.axis.make_room(max(metrics.horizontalAdvance(number(v)) for v in self.limits()))
            self.set_values(*self.limits())
        if self._zero.isVisible() != (logo is not None):  # each change lays the axes out anew
            self._zero.setVisible(logo is not None)
            self.plot.getAxis("left").setStyle(showValues=logo is not None)
        self.redraw()

    def value_text(self, position: int) -> str:
        """Letters and values at a position, highest first: "88  T 0.41  A -0.02 bits"."""
        logo = self._logo
        if logo is None or not 0 <= position - logo.start < len(logo.matrix):
            return ""
        heights = logo.matrix[position - logo.start]
        order = np.argsort(-np.abs(heights), kind="stable")[:4]
        parts = [f"{logo.alphabet[a]} {number(heights[a])}" for a in order if heights[a]]
        text = f"position {position}   " + "   ".join(parts) + f" {logo.unit}"
        if logo.reference is not None and logo.reference[position - logo.start] >= 0:
            text += f"   (reference {logo.alphabet[logo.reference[position - logo.start]]})"
        return text.rstrip()

    def note(self) -> str:
        """What is said in place of letters where all heights are zero; else nothing."""
        logo = self._logo
        if logo is None or any(np.any(np.abs(m) > NOTHING) for m in (logo.matrix, *logo.behind)):
            return ""
        return "no information" if logo.unit == "bits" else "zero everywhere"

    @property
    def is_legible(self) -> bool:
        """True where letters are wide enough to be drawn as such."""
        return self.pixels_per_position() >= LEGIBLE

    def limits(self) -> tuple[float, float]:
        """Lowest and highest value on the y axis."""
        return self._limits

    @staticmethod
    def _limits_of(logo: Logo | None) -> tuple[float, float]:
        if logo is None:
            return 0.0, 1.0
        if logo.limits is not None:
            low, high = logo.limits
        else:
            low, high = logos.y_limits(np.stack([logo.matrix, *logo.behind]))
        if high - low < NOTHING:
            whole = float(np.log2(len(logo.alphabet)))
            return (0.0, whole) if logo.unit == "bits" else (-0.5, 0.5)
        return low, high

    def letter_at(self, position: QPointF) -> tuple[int, str, float] | None:
        """Position, letter and value drawn at a point of the widget."""
        logo = self._logo
        where = self.position_at(position.x())
        if logo is None or not 0 <= where - logo.start < len(logo.matrix):
            return None
        low, high = self.limits()
        area = self.plot_rect()
        value = high - (position.y() - area.top()) / area.height() * (high - low)
        stack = self._stacks[-1]
        hit = (stack.x == where - logo.start) & (stack.y0 <= value) & (value <= stack.y1)
        rows = np.flatnonzero(hit)
        if len(rows) == 0:
            return None
        letter = int(stack.letters[rows[0]])
        return where, logo.alphabet[letter], float(logo.matrix[where - logo.start, letter])

    # drawing

    def top_margin(self) -> int:
        return QFontMetrics(self.font()).height() + 6

    @property
    def numbered(self) -> bool:
        """A flat logo leaves the numbers to the views beside it: letters need the room."""
        return super().numbered and self.height() >= 4.5 * QFontMetrics(self.font()).height()

    def minimumSizeHint(self) -> QSize:
        height = self.top_margin() + self.least + BELOW
        return QSize(super().minimumSizeHint().width(), height)

    def paint_data(self, painter: QPainter) -> None:
        if self._logo is None:
            return
        self.paint_brush(painter)
        painter.setPen(theme().color("muted"))
        painter.drawText(self.plot_rect(), Qt.AlignCenter, self.note())
        painter.setRenderHint(QPainter.Antialiasing)
        paint_logo(
            painter,
            self._logo,
            self._stacks,
            self.plot_rect(),
            (self.axis.low, self.axis.high),
            self.limits(),
        )
        self.paint_drag(painter)

    def paint_over(self, painter: QPainter) -> None:
        """Title and unit above the letters, or what to do where there are none."""
        painter.setPen(theme().color("muted"))
        if self._logo is None:
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap, self._empty)
            return
        area, metrics = self.plot_rect(), QFontMetrics(painter.font())
        self._paint_sites(painter, area)
        self.paint_dragged(painter)
        painter.setPen(theme().color("muted"))
        box = QRectF(area.left(), 2, area.width(), metrics.height())
        painter.drawText(box, Qt.AlignRight, self._logo.unit)
        taken = metrics.horizontalAdvance(self._title) + 2 * metrics.height()
        if not self.is_legible and taken < (area.width() - metrics.horizontalAdvance(_ZOOM)) / 2:
            painter.drawText(box, Qt.AlignHCenter, _ZOOM)
        painter.setPen(theme().color("text"))
        if self._colour is not None:
            side = metrics.ascent()
            painter.fillRect(QRectF(box.left(), 3, side, side), self._colour)
            box.setLeft(box.left() + side + 6)
        painter.drawText(box, Qt.AlignLeft, self._title)

    def _paint_sites(self, painter: QPainter, area: QRectF) -> None:
        """Each stretch of a site as a line above the letters, which it never covers."""
        unit, y = self.pixels_per_position(), area.top() - 2
        zero = area.left() - (self.axis.low + 0.5) * unit
        for site in self.axis.sites:
            painter.setPen(self.axis.site_pen(site, 2))
            for start, stop in runs_of(site.positions):
                left = max(zero + start * unit, area.left())
                right = min(zero + stop * unit, area.right())
                if left < right:
                    painter.drawLine(QPointF(left, y), QPointF(right, y))

    # mouse

    def holds_site(self, site: Site, position: QPointF) -> bool:
        return abs(position.y() - self.plot_rect().top()) <= _NEAR_TOP

    def hover_at(self, position: QPointF) -> None:
        letter = self.letter_at(position)
        where = self.position_at(position.x())
        text = self.value_text(where)
        if letter is not None and self._logo is not None:
            text = f"{letter[1]}  {number(letter[2])} {self._logo.unit}\n{text}"
        self.axis.read.emit(text.replace("\n", "      "))
        show_tip(self, self.mapToGlobal(position.toPoint()), text)

    def click_at(self, position: QPointF, modifiers: Qt.KeyboardModifiers) -> None:
        super().click_at(position, modifiers)
        where = self.position_at(position.x())
        if where >= 0:
            self.clicked.emit(where)

    def _follow_hover(self, position: int) -> None:
        self.setToolTip(plain(self.value_text(position)))

    def sizeHint(self) -> QSize:
        return QSize(640, 120)
