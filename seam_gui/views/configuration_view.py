"""Which clusters show which sites: the binding-configuration matrix."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QSize, Qt, pyqtSignal

from seam_gui.views.cells_plot import CellsPlot, shades
from seam_gui.views.gestures import mode_of


class ConfigurationView(CellsPlot):
    """Clusters down, sites across; a click selects the cluster.

    cluster_clicked : id, mode
    """

    cluster_clicked = pyqtSignal(int, str)

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._ids = np.zeros(0, dtype=np.int64)
        self._values = np.zeros((0, 0))
        self._reference: int | None = None
        self._binary = True
        super().__init__("configuration_view", "Clusters by site", "No sites yet")
        self.setMinimumSize(160, 120)

    def set_matrix(
        self,
        ids: np.ndarray,
        names: tuple[str, ...],
        values: np.ndarray,
        *,
        binary: bool,
        reference: int | None = None,
    ) -> None:
        """(K, S) activity in 0..1, or True and False, of clusters `ids` at sites `names`."""
        self._ids, self._names, self._values = ids, names, np.asarray(values, dtype=np.float64)
        self._binary, self._reference = binary, reference
        self._show()

    def _show(self) -> None:
        marked = [bool(cluster == self._reference) for cluster in self._ids]
        rows = [f"★ {i}" if star else f"{i}" for i, star in zip(self._ids, marked, strict=True)]
        self.show_cells(self._values, (0.0, 1.0), shades(), rows, self._names, marked)

    def dress(self) -> None:
        super().dress()
        self._show()

    def cell_text(self, row: int, column: int) -> str:
        value = self._values[row, column]
        said = ("shown" if value else "not shown") if self._binary else f"activity {value:.2f}"
        star = "   ★ holds the reference" if self._ids[row] == self._reference else ""
        return f"cluster {self._ids[row]}   site {self._names[column]}   {said}{star}"

    def click_cell(self, row: int, column: int, modifiers: Qt.KeyboardModifiers) -> None:
        self.cluster_clicked.emit(int(self._ids[row]), mode_of(modifiers))

    def sizeHint(self) -> QSize:
        return QSize(300, 260)
