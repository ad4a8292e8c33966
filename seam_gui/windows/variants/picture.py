"""Where variants go in mechanism space, and a variant's logo beside the reference's."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_core.findings import verdicts_of
from seam_core.logos import y_limits
from seam_core.pictures import arrows_of
from seam_core.session import Session
from seam_gui.look.theme import SPACING, theme
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.scatter_view import ScatterView
from seam_gui.widgets.basics import label
from seam_gui.windows.variants.material import Answered

_AROUND = 30
_EMPTY = {
    "reference": "The reference's map",
    "variant": "The variant's map",
    "difference": "The difference of the two",
}


class VariantPicture(QWidget):
    """A scatter with an arrow an allele, above the logos of reference, variant and difference."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._answered: Answered | None = None
        assert session.library is not None
        assert session.library.reference is not None
        assert session.maps is not None
        self._reference, self._start = session.library.reference, session.maps.start
        self.axis = PositionAxis(self)
        self.axis.set_extent(session.maps.start, session.maps.stop)
        self.axis.set_locus(session.locus)
        if session.sites is not None:
            self.axis.set_sites(session.sites.sites, verdicts_of(session.experiments))
        self.scatter = ScatterView()
        self.scatter.setObjectName("variants_scatter")
        self.scatter.set_empty_text("The session has no embedding")
        self.title = label("", "", "variants_title")
        self.logos = []
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(SPACING, SPACING, SPACING, 0)
        column.setSpacing(SPACING // 2)
        column.addWidget(self.title)
        for name, shown in _EMPTY.items():
            view = LogoView(self.axis)
            view.setObjectName(f"variants_logo_{name}")
            view.set_empty_text(f"{shown} appears here for the variant that is clicked")
            view.brushed.connect(self.axis.set_brush)
            column.addWidget(view, 1)
            self.logos.append(view)
        splitter = QSplitter(Qt.Vertical)
        splitter.setObjectName("variants_pictures")
        splitter.addWidget(self.scatter)
        splitter.addWidget(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self._show_points()

    def _show_points(self) -> None:
        embedding, library = self._session.embedding, self._session.library
        if embedding is None or library is None or embedding.coordinates.shape[1] < 2:
            return
        points = embedding.coordinates
        names = (embedding.axis_name(0), embedding.axis_name(1))
        self.scatter.set_points(points[:, 0], points[:, 1], names)
        muted = theme().color("separator")
        palette = np.array([[muted.red(), muted.green(), muted.blue()]], np.uint8)
        self.scatter.set_colours(np.zeros(len(points), np.uint16), palette)
        same = np.flatnonzero((library.sequences == self._reference).all(axis=1))
        self.scatter.set_reference(int(same[0]) if len(same) else None)

    def show_answers(self, answered: Answered, rows: np.ndarray) -> None:
        """Arrows of these rows of the table, the largest effects where they are many."""
        self._answered = answered
        self.scatter.set_arrows(arrows_of(answered.frame, answered.places, rows))

    def show_variant(self, row: int | None) -> None:
        """The logos of a row; None: of the reference alone."""
        answered = self._answered
        if answered is None or (row is not None and answered.frame["outcome"][row]):
            why = "" if answered is None or row is None else answered.frame["outcome"][row]
            self._draw([None, None, None], f"Not answered: {why}" if why else "")
            return
        reference = answered.logo(None, self._start, self._reference)
        if row is not None and not answered.has_map(row):
            name = answered.frame["name"][row]
            self._draw([reference, None, None], f"{name}   its map was not kept: type it to ask")
            return
        if row is None:
            self._draw([reference, None, None], "Reference")
            return
        other = answered.logo(row, self._start, self._reference)
        told = answered.frame.iloc[row]
        self._draw(
            [reference, other, other - reference],
            f"{told['name']}   {told['effect']:+.3g}   {told['verdict']}",
        )
        position = int(told["position"])
        self.axis.show_range(
            max(self.axis.start, position - _AROUND), min(self.axis.stop, position + _AROUND)
        )
        self.axis.set_brush((position, position + max(1, len(str(told["ref"])))))

    def _draw(self, matrices: list[np.ndarray | None], title: str) -> None:
        assert self._session.library is not None
        alphabet = self._session.library.alphabet
        ends = np.array([y_limits(each) for each in matrices if each is not None] or [(0.0, 1.0)])
        limits = (float(ends[:, 0].min()), float(ends[:, 1].max()))
        self.title.setText(title)
        names = ("Reference", "Variant", "Difference")
        for view, matrix, name in zip(self.logos, matrices, names, strict=True):
            logo = None
            if matrix is not None:
                logo = Logo(matrix, self._start, alphabet, "a.u.", limits=limits)
            view.set_logo(logo, name if matrix is not None else "")
