"""Clusters of one session against those of another, as a heat map."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QPainter, QPen

from seam_core.comparison import Correspondence
from seam_gui.look.text import counted
from seam_gui.look.theme import theme
from seam_gui.views.cells_plot import CellsPlot
from seam_gui.views.scatter_parts import number

QUANTITIES = {
    "jaccard": "Jaccard index",
    "shared": "Shared sequences",
    "likeness": "Likeness of mean maps",
}
_LIMITS = {"jaccard": (0.0, 1.0), "likeness": (-1.0, 1.0)}
_LEAST = 3.0  # pixels of a cell below which matched pairs are not outlined


class CellsView(CellsPlot):
    """Matched pairs stand on the diagonal, outlined.

    cell_clicked : cluster of the left session, cluster of the right one
    """

    cell_clicked = pyqtSignal(int, int)

    def __init__(self) -> None:
        self._shown: Correspondence | None = None
        self._names = ("", "")
        self._quantity = "jaccard"
        self._levels: tuple[float, float] | None = None  # as the user dragged them
        self._chosen: tuple[int, int] | None = None
        self._left = self._right = np.zeros(0, dtype=np.int64)
        super().__init__(
            "comparison_cells", "Clusters against clusters", "Which clusters are the same"
        )
        self.setMinimumSize(240, 200)

    def set_correspondence(
        self, correspondence: Correspondence | None, names: tuple[str, str]
    ) -> None:
        """Show which clusters of `names[0]` (rows) are which of `names[1]` (columns)."""
        self._shown, self._names, self._chosen = correspondence, names, None
        if correspondence is not None:
            self._left, self._right = correspondence.arranged()
        self._show()

    def set_quantity(self, quantity: str) -> None:
        """One of `QUANTITIES`."""
        self._quantity, self._levels = quantity, None
        self._show()

    def set_levels(self, levels: tuple[float, float] | None) -> None:
        """Values at the ends of the colours; None: as the quantity gives."""
        self._levels = levels
        self._show()

    def set_chosen(self, left: int, right: int) -> None:
        """The pair whose cell is marked."""
        self._chosen = (left, right)
        self.redraw()

    @property
    def values(self) -> np.ndarray:
        """(K, M) of the quantity shown, in the order shown."""
        if self._shown is None:
            return np.zeros((0, 0))
        shown = getattr(self._shown, self._quantity)
        if shown is None:
            shown = np.full(self._shown.likeness.shape, np.nan)
        return np.asarray(shown, dtype=np.float64)[self._left][:, self._right]

    def limits(self) -> tuple[float, float]:
        """Values at the ends of the colour scale."""
        if self._levels is not None:
            return self._levels
        values = self.values
        most = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
        return _LIMITS.get(self._quantity, (0.0, max(most, 1.0)))

    def scale(self) -> np.ndarray:
        """(256, 3) uint8 colours of the values."""
        return theme().diverging() if self.limits()[0] < 0 else theme().sequential()

    def cell_text(self, row: int, column: int) -> str:
        """What a cell holds, in the order shown."""
        shown = self._shown
        if shown is None:
            return ""
        k, m = int(self._left[row]), int(self._right[column])
        lines = [
            f"{self._names[0]}: cluster {shown.left_ids[k]}",
            f"{self._names[1]}: cluster {shown.right_ids[m]}",
        ]
        if shown.shared is not None and shown.jaccard is not None:
            both = counted(shown.shared[k, m], "sequence")
            lines.append(f"{both} in both, Jaccard {number(shown.jaccard[k, m])}")
        lines.append(f"likeness of mean maps {number(float(shown.likeness[k, m]))}")
        return "\n".join(lines)

    def _show(self) -> None:
        shown, values = self._shown, self.values
        rows = [] if shown is None else [str(i) for i in shown.left_ids[self._left]]
        columns = [] if shown is None else [str(i) for i in shown.right_ids[self._right]]
        self.name_axes((self._names[1], self._names[0]), shown=shown is not None)
        self.show_cells(values, self.limits(), self.scale(), rows, columns)

    def dress(self) -> None:
        super().dress()
        self._show()

    # drawing

    def paint_cells(self, painter: QPainter) -> None:
        shown = self._shown
        if shown is None or self.is_empty:
            return
        place = {int(shown.left_ids[k]): row for row, k in enumerate(self._left)}
        across = {int(shown.right_ids[m]): column for column, m in enumerate(self._right)}
        first = self.cell_rect(0, 0)
        painter.setBrush(Qt.NoBrush)
        if min(first.width(), first.height()) >= _LEAST:
            dark = self.limits()[0] >= 0 or theme().palette.dark  # what most cells are
            painter.setPen(QPen(QColor("white" if dark else "black"), 1))
            for left, right in zip(shown.pairs["left"], shown.pairs["right"], strict=True):
                painter.drawRect(self.cell_rect(place[int(left)], across[int(right)]))
        if self._chosen is not None:
            painter.setPen(QPen(theme().color("accent"), 2.5))
            cell = self.cell_rect(place[self._chosen[0]], across[self._chosen[1]])
            painter.drawRect(cell.adjusted(-1, -1, 1, 1))

    def click_cell(self, row: int, column: int, modifiers: Qt.KeyboardModifiers) -> None:
        if self._shown is not None:
            left = int(self._shown.left_ids[self._left[row]])
            right = int(self._shown.right_ids[self._right[column]])
            self.set_chosen(left, right)
            self.cell_clicked.emit(left, right)

    def sizeHint(self) -> QSize:
        return QSize(440, 360)
