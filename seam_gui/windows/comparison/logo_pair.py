"""Logos of two clusters of two sessions, side by side on one axis of positions."""

from __future__ import annotations

import numpy as np
from PyQt5.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from seam_core.logos import y_limits
from seam_core.validate import InputError
from seam_gui.look.theme import SPACING
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.basics import label, row
from seam_gui.widgets.fields import ComboBox
from seam_gui.windows.comparison.compared import Compared

KINDS = {
    "average": ("Average map", "a.u."),
    "foreground": ("Foreground", "a.u."),
    "contribution": ("Contribution of present letters", "a.u."),
    "pwm": ("Letters (PWM)", "bits"),
}


class LogoPair(QWidget):
    """Two logos; what one shows along the sequence, the other shows too."""

    def __init__(self) -> None:
        super().__init__()
        self._sides: tuple[tuple[Compared, int], ...] = ()
        self.axis = PositionAxis(self)
        self.kind = ComboBox()
        self.kind.setObjectName("comparison_logo_kind")
        self.kind.setToolTip("What the logos show")
        for name, (text, _) in KINDS.items():
            self.kind.addItem(text, name)
        self.kind.currentIndexChanged.connect(lambda _: self._draw())
        self.same = QCheckBox("one y-axis")
        self.same.setObjectName("comparison_same_heights")
        self.same.setToolTip("Heads and methods differ in size; tick to see by how much")
        self.same.toggled.connect(lambda _: self._draw())
        self.centred = QCheckBox("centred")
        self.centred.setObjectName("comparison_centred")
        self.centred.setToolTip("Less the mean over letters at each position")
        self.centred.toggled.connect(lambda _: self._draw())
        self.views, self.titles = [], []
        grid = QHBoxLayout()
        grid.setSpacing(SPACING)
        for side in ("left", "right"):
            view = LogoView(self.axis)
            view.setObjectName(f"comparison_logo_{side}")
            view.set_empty_text("Click a cell or a point to see both clusters")
            view.brushed.connect(self.axis.set_brush)
            title = label("", "", f"comparison_title_{side}")
            column = QVBoxLayout()
            column.addWidget(title)
            column.addWidget(view, 1)
            grid.addLayout(column, 1)
            self.views.append(view)
            self.titles.append(title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING)
        layout.addLayout(row(self.kind, self.centred, self.same, None))
        layout.addLayout(grid, 1)

    @property
    def shown_kind(self) -> str:
        """One of `KINDS`."""
        return self.kind.currentData()

    def show_pair(self, sides: tuple[tuple[Compared, int], ...]) -> None:
        """Two sessions, each with one of its clusters; () shows nothing."""
        if sides:
            records = [each.explanation for each, _ in sides]
            start = min(record.start for record in records)
            stop = max(record.start + record.entropy.shape[1] for record in records)
            if (start, stop) != (self.axis.start, self.axis.stop):
                self.axis.set_extent(start, stop)
            places = {each.session.locus for each, _ in sides}
            self.axis.set_locus(places.pop() if len(places) == 1 else None)
        self._sides = sides
        self._draw()

    def _draw(self) -> None:
        if not self._sides:
            for view, title in zip(self.views, self.titles, strict=True):
                view.set_logo(None)
                title.setText("")
            return
        kind, centred = self.shown_kind, self.centred.isChecked()
        try:
            matrices = [
                each.explanation.logos(kind, centred=centred)[each.explanation.row_of(cluster)]
                for each, cluster in self._sides
            ]
        except InputError as error:  # sums that an older session was made without
            for view in self.views:
                view.set_empty_text(str(error))
                view.set_logo(None)
            return
        limits = None
        if self.same.isChecked():
            ends = np.array([y_limits(matrix) for matrix in matrices])
            limits = (float(ends[:, 0].min()), float(ends[:, 1].max()))
        for (each, cluster), matrix, view, title in zip(
            self._sides, matrices, self.views, self.titles, strict=True
        ):
            record = each.explanation
            unit = KINDS[kind][1]
            logo = Logo(matrix, record.start, record.alphabet, unit, record.reference, limits)
            view.set_logo(logo)
            title.setText(each.title_of(cluster))
