"""Letters of a logo that fit the paper whenever they are drawn; imported late, as matplotlib is."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from seam_core.figures.style import HAIRS_PER_INCH, figure_of
from seam_core.glyphs import LETTER_WIDTH, Stack, placed_outlines, tallest


class Letters(PathPatch):
    """All copies of one letter in axes whose first position is `start`.

    mine : (M,) bool, its copies in the stack
    """

    def __init__(
        self,
        stack: Stack,
        mine: np.ndarray,
        alphabet: str,
        index: int,
        start: int,
        **looks: Any,
    ) -> None:
        super().__init__(Path(np.empty((0, 2))), **looks)
        self._stack, self._mine = stack, mine
        self._alphabet, self._index, self._start = alphabet, index, start

    def get_path(self) -> Path:
        """As the figure is wide now: single letters, or bars where they are finer than a hair."""
        axes = self.axes
        assert axes is not None
        stack, mine = self._stack, self._mine
        low, high = axes.get_xlim()
        inches = axes.get_window_extent().width / figure_of(self).dpi
        cell = abs(high - low) / max(1e-9, inches * HAIRS_PER_INCH)  # positions in a hair's width
        width, narrow = LETTER_WIDTH, cell > 1
        if narrow:
            cells = np.floor((stack.x + self._start - low) / cell)
            mine = mine & tallest(stack.x, stack.y1 - stack.y0, cells)
            stack = stack._replace(x=low + (cells + 0.5) * cell - self._start)
            width = cell
        copies = Stack(*(column[mine] for column in stack))
        outlines = placed_outlines(copies, self._alphabet, width=width, bars=narrow)
        vertices, codes = outlines[self._index]
        return Path(vertices + [self._start, 0.0], codes)
