"""Logos of the selections under each other, their difference, and their MSM rows, on one axis."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from seam_core.logos import y_limits
from seam_core.pictures import msm_limits
from seam_core.records import AttributionMaps, Library
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.msm_matrix import Matrix
from seam_gui.views.msm_view import MsmView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.basics import discard
from seam_gui.windows.selections.material import KINDS, QUANTITIES, Summed

_HEIGHT = 76


class LogoColumn(QSplitter):
    """A logo a selection, A - B, and one MSM row a selection below."""

    def __init__(self, axis: PositionAxis) -> None:
        super().__init__(Qt.Vertical)
        self.setObjectName("selections_logos")
        self.setChildrenCollapsible(False)
        self.axis = axis
        self._rows: list[LogoView] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        inside = QWidget()
        inside.setLayout(self._column)
        scroll = QScrollArea()
        scroll.setObjectName("selections_logo_scroll")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self.msm = MsmView(axis)
        self.msm.setObjectName("selections_msm")
        self.msm.brushed.connect(axis.set_brush)
        self.addWidget(scroll)
        self.addWidget(self.msm)
        self.setSizes([380, 110])

    @property
    def views(self) -> tuple[LogoView, ...]:
        """The logos from top to bottom, the difference last."""
        return tuple(self._rows)

    def show_logos(
        self,
        titles: list[str],
        matrices: list[np.ndarray],
        unit: str,
        library: Library,
        maps: AttributionMaps,
        *,
        same: bool,
        difference: bool,
    ) -> None:
        """Other logos; with `same`, all have one y axis but the last where it is a difference."""
        self._make(len(matrices))
        stop = maps.stop
        if (self.axis.start, self.axis.stop) != (maps.start, stop):
            self.axis.set_extent(maps.start, stop)
        known = None if library.reference is None else library.reference[maps.start : stop]
        alike = matrices[:-1] if difference else matrices
        shared = y_limits(np.stack(alike)) if same and alike else None
        for place, (view, title, matrix) in enumerate(
            zip(self._rows, titles, matrices, strict=True)
        ):
            view.setAccessibleName(title)
            limits = shared if place < len(alike) else None
            view.set_logo(Logo(matrix, maps.start, library.alphabet, unit, known, limits), title)

    def show_msm(
        self,
        summed: list[Summed],
        colours: np.ndarray,
        quantity: str,
        library: Library,
        maps: AttributionMaps,
    ) -> None:
        """A row a selection of one of `QUANTITIES`."""
        if not summed:
            self.msm.set_matrix(None)
            return
        known = None if library.reference is None else library.reference[maps.start : maps.stop]
        values = np.stack([each.msm_row(quantity, known) for each in summed])
        names = tuple(each.name for each in summed)
        self.msm.set_matrix(
            Matrix(
                values,
                np.arange(len(summed)),
                names,
                colours,
                maps.start,
                QUANTITIES[quantity][0],
                QUANTITIES[quantity][1],
                msm_limits(values, quantity),
                names=names,
            )
        )

    def _make(self, n: int) -> None:
        while len(self._rows) > n:
            discard(self._rows.pop())
        while len(self._rows) < n:
            place = len(self._rows)
            view = LogoView(self.axis)
            view.setObjectName(f"selections_logo_{place}")
            view.brushed.connect(self.axis.set_brush)
            view.setMinimumHeight(_HEIGHT)
            self._column.addWidget(view)
            self._rows.append(view)


def logo_unit(kind: str) -> str:
    """What heights of a kind of logo are in."""
    return KINDS[kind][1]
