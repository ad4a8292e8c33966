"""The positions along the sequence, shared by logos and MSM: what one shows, all show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt5.QtCore import QObject, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QPen
from PyQt5.QtWidgets import QApplication

from seam_core.intervals import Interval, places_in, span_text
from seam_core.records import Site
from seam_core.site_boxes import outline_of
from seam_gui.look.theme import theme
from seam_gui.views.axes import Ticks
from seam_gui.views.view_history import ViewHistory

_NEAR = 60  # positions around a place that was asked for
LEFT, RIGHT = 66, 12  # pixels beside the positions, at least
_GAP = 8  # between a label of the left side and the positions

_STYLES = {"solid": Qt.SolidLine, "dashed": Qt.DashLine, "dotted": Qt.DotLine}


class PositionAxis(QObject):
    """Which positions are shown, under the mouse, and brushed.

    Position p covers p - 0.5 to p + 0.5 of the axis.
    """

    range_changed = pyqtSignal()
    hover_changed = pyqtSignal(int)  # position, or -1
    brush_changed = pyqtSignal(object)  # (start, stop) or None
    read = pyqtSignal(str)  # what is under the mouse, in words
    bounds_dragged = pyqtSignal(str, int, int)  # name of a site, its start and stop

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.start, self.stop = 0, 1
        self.left, self.right = LEFT, RIGHT  # pixels, the same in every view so that they line up
        self.low, self.high = -0.5, 0.5
        self.hover = -1
        self.brush: tuple[int, int] | None = None
        self.sites: tuple[Site, ...] = ()
        self.verdicts: dict[str, str] = {}
        self.editable = False  # bounds of sites can be dragged
        self.dragged: tuple[str, int, int] | None = None  # a site while they are
        self.locus: Interval | None = None
        self.spacing: int | None = None  # between numbers; None: as there is room
        self.history = ViewHistory(lambda: (self.low, self.high), self)
        self.history.asked.connect(lambda shown: self.show_range(*shown))

    def set_extent(self, start: int, stop: int) -> None:
        """The positions that there are; shows them all."""
        self.start, self.stop = start, stop
        self.show_range(start - 0.5, stop - 0.5)
        self.history.restart()

    def show_range(self, low: float, high: float) -> None:
        """Show the positions from `low` to `high`, kept within those that there are."""
        least, most = self.start - 0.5, self.stop - 0.5
        span = min(max(high - low, min(4.0, most - least)), most - least)
        low = min(max((low + high) / 2 - span / 2, least), most - span)
        self.low, self.high = low, low + span
        self.history.moved()
        self.range_changed.emit()

    def set_locus(self, locus: Interval | None) -> None:
        """Where the sequence lies in a genome; positions are then numbered by it."""
        if locus != self.locus:
            self.locus = locus
            self.range_changed.emit()

    def set_spacing(self, spacing: int | None) -> None:
        """Positions between two numbers; None: as there is room."""
        self.spacing = spacing
        self.range_changed.emit()

    def number_of(self, position: int) -> str:
        """A position as the axis numbers it."""
        return f"{position}" if self.locus is None else f"{self.locus.number_of(position):,}"

    def go_to(self, text: str) -> None:
        """Show what a text names: `85-110`, `88`, `chr2R:5,876,620`, `chr2R:5,876,600-5,876,640`.

        Raises `InputError` for what is none of them, or lies outside.
        """
        first, last = places_in(text, self.start, self.stop, self.locus)
        self.history.keep()
        if first == last:  # one place: in the middle, letters beside it legible
            half = min(self.high - self.low, _NEAR) / 2
            self.show_range(first - half, first + half)
        else:
            self.show_range(first - 0.5, last + 0.5)
        self.history.keep()

    def shown_text(self) -> str:
        """The positions in sight, in the words of `go_to`."""
        first, stop = self.window()
        if self.locus is None:
            return span_text(first, stop)
        ends = sorted((self.locus.number_of(first), self.locus.number_of(stop - 1)))
        return f"{self.locus.chromosome}:{ends[0]:,}-{ends[1]:,}"

    def make_room(self, label: int) -> None:
        """Widen the left side for a label so many pixels wide; it never narrows again, lest the
        positions move whenever another selection is shown."""
        if label + _GAP > self.left:
            self.left = label + _GAP
            self.range_changed.emit()

    def keep_right(self, strip: int) -> None:
        """Leave a strip so many pixels wide right of the positions, in every view."""
        if self.right != RIGHT + strip:
            self.right = RIGHT + strip
            self.range_changed.emit()

    def window(self) -> tuple[int, int]:
        """First and last + 1 of the positions that are wholly in sight."""
        low = max(self.start, int(np.ceil(self.low)))
        return low, min(self.stop, int(np.floor(self.high)) + 1)

    def zoom(self, factor: float, at: float) -> None:
        """Magnify about position `at`."""
        self.show_range(at - (at - self.low) / factor, at + (self.high - at) / factor)

    def pan(self, by: float) -> None:
        """Move by positions."""
        self.show_range(self.low + by, self.high + by)

    def reset(self) -> None:
        """Show all positions."""
        self.show_range(self.start - 0.5, self.stop - 0.5)

    def set_hover(self, position: int) -> None:
        """The position under the mouse, -1 for none."""
        if position != self.hover:
            self.hover = position
            self.hover_changed.emit(position)

    def set_brush(self, brush: tuple[int, int] | None) -> None:
        """Positions highlighted in every view; (start, stop), stop exclusive."""
        if brush != self.brush:
            self.brush = brush
            self.brush_changed.emit(brush)

    def set_sites(self, sites: tuple[Site, ...], verdicts: dict[str, str] | None = None) -> None:
        """Sites drawn as boxes; what experiments say of each shows in its line."""
        self.sites, self.verdicts = sites, verdicts or {}
        self.range_changed.emit()

    def drag_bounds(self, dragged: tuple[str, int, int] | None) -> None:
        """A site would have these bounds, were it let go now; None: none is dragged."""
        if dragged != self.dragged:
            self.dragged = dragged
            self.brush_changed.emit(self.brush)

    def site_pen(self, site: Site, width: float) -> QPen:
        """A full line; dashed where the site is weak, dotted and grey where it is not confirmed."""
        outline = outline_of(site.name, self.verdicts)
        pen = QPen(theme().color("muted" if outline == "dotted" else "text"), width)
        pen.setStyle(_STYLES[outline])
        return pen


class PositionNumbers(Ticks):
    """Whole positions below a picture, round in the genome where the locus is known."""

    def __init__(self, axis: PositionAxis, orientation: str = "bottom") -> None:
        super().__init__(orientation)
        self._axis = axis
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=False)
        axis.range_changed.connect(self._renumber)

    def _renumber(self) -> None:
        self.picture = None  # pyqtgraph's cache
        self.update()

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        axis = self._axis
        step = axis.spacing or max(1, round(super().tickSpacing(low, high, size)[0][0]))
        last = f"{axis.number_of(axis.stop)}  "
        widest = QFontMetrics(QApplication.font()).horizontalAdvance(last)
        while not axis.spacing and step < high - low and step * size < widest * (high - low):
            step *= 2
        if axis.locus is None:
            return [(step, 0)]
        first = axis.locus.number_of(0)
        return [(step, (first if axis.locus.strand == "-" else -first) % step)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        start, stop = self._axis.start, self._axis.stop
        known = [self._axis.number_of(round(v)) if start <= v < stop else "" for v in values]
        return [text if self._fits(v, text) else "" for v, text in zip(values, known, strict=True)]

    def _fits(self, value: float, text: str) -> bool:
        """False where a number below the last positions would go over the picture's edge."""
        if self.orientation != "bottom" or self.geometry().width() < 1:
            return True
        (low, high), words = self.range, QFontMetrics(QApplication.font())
        beyond = (high - value) / max(high - low, 1e-9) * self.geometry().width()
        return beyond + self._axis.right >= words.horizontalAdvance(text) / 2
