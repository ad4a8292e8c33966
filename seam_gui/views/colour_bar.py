"""What the colours of a plot mean: pyqtgraph's colour bar, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QApplication, QWidgetAction

from seam_gui.look.theme import theme
from seam_gui.views.axes import Axes, name_axis
from seam_gui.views.axis_label import in_lines
from seam_gui.views.scatter_parts import number

_WIDTH, _NUMBERS = 12, 44  # pixels of the colours and of the numbers beside them
_COLUMN = 2  # of the plot's layout, right of the data


class ColourBar:
    """A bar right of a plot that comes and goes; `changed` is told of ends that the user drags."""

    def __init__(self, plot: Axes, changed: Callable[[tuple[float, float]], None]) -> None:
        self._plot, self._changed = plot, changed
        self._bar: pg.ColorBarItem | None = None
        self._title, self._lines, self._numbers = "", list[str](), list[str]()
        plot.box.sigResized.connect(self._write_title)

    @property
    def bar(self) -> pg.ColorBarItem | None:
        """The item, while it is shown."""
        return self._bar if self._bar is not None and self._bar.isVisible() else None

    def show(
        self,
        title: str,
        limits: tuple[float, float],
        colours: np.ndarray,
        ticks: list[tuple[float, str]] | None = None,
    ) -> None:
        """(C, 3) uint8 colours from `limits[0]` to `limits[1]`; `ticks`: values to name."""
        bar = self._bar or self._make()
        low, high = limits
        palette = theme().palette
        bar.rounding = max(high - low, 1e-12) / 200
        bar.region.setVisible(ticks is None)  # a scale of counts follows what is in sight
        for line in bar.region.lines:
            line.setPen(palette.text)
            line.setHoverPen(palette.accent)
        bar.setLevels((low, high if high > low else low + 1.0))
        bar.setColorMap(pg.ColorMap(np.linspace(0, 1, len(colours)), colours))
        for side in ("left", "right", "top", "bottom"):
            bar.getAxis(side).setPen(palette.separator)
        bar.axis.setTextPen(palette.muted)
        bar.axis.setTicks(None if ticks is None else [ticks])
        self._title = title
        self._numbers = [number(low), number(high)] if ticks is None else [t for _, t in ticks]
        self._lines = []
        self._write_title()
        if not bar.isVisible():
            self._plot.layout.addItem(bar, 0, _COLUMN)
            bar.setVisible(True)

    def _write_title(self, *_: object) -> None:
        """Upright beside the numbers, in as many lines as the height asks for."""
        height = self._plot.box.size().height()
        lines = in_lines(self._title, height) if height >= 1 else [self._title]
        if self._bar is not None and lines != self._lines:
            self._lines = lines
            self._bar.axis.setWidth(_room_for(self._numbers, len(lines)))
            name_axis(self._bar.axis, self._title, theme().palette.muted, lines)

    def hide(self) -> None:
        """No bar, and no room for one."""
        if self._bar is not None and self._bar.isVisible():
            self._plot.layout.removeItem(self._bar)
            self._bar.setVisible(False)

    def _make(self) -> pg.ColorBarItem:
        self._bar = bar = bar_item(width=_WIDTH)
        bar.sigLevelsChangeFinished.connect(lambda _: self._changed(bar.levels()))
        half = QFontMetrics(QApplication.font()).height() // 2  # the uppermost number is whole
        bar.layout.setContentsMargins(0, half, 0, 0)
        bar.setParentItem(self._plot)
        bar.setVisible(False)
        return bar


def _room_for(numbers: list[str], lines: int) -> int:
    """Pixels right of the colours: numbers, and the lines of the title upright beside them."""
    metrics = QFontMetrics(QApplication.font())
    widest = max((metrics.horizontalAdvance(text) for text in numbers), default=0)
    return max(_NUMBERS, widest + 10) + lines * metrics.height()


def bar_item(**options: object) -> pg.ColorBarItem:
    """pyqtgraph's colour bar without a plot's hundred hidden controls, which every change of the
    theme would dress."""
    bar = pg.ColorBarItem(colorMapMenu=False, **options)
    for action in bar.findChildren(QWidgetAction):
        action.deleteLater()
    bar.ctrlMenu.deleteLater()
    return bar
