"""Logos below those of the selection: one a selected cluster, then one a kept selection."""

from __future__ import annotations

from typing import NamedTuple

from PyQt5.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from seam_core.selection import Selection
from seam_gui.look.text import counted, plain
from seam_gui.look.theme import SPACING
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.basics import discard
from seam_gui.widgets.elided_label import ElidedLabel

MOST_CLUSTERS = 12  # with a logo each; more would be looked at in the table


class ClusterRow(NamedTuple):
    """A selected cluster: its id, in words, its colour, its logo."""

    cluster: int
    title: str
    colour: QColor
    logo: Logo


class LogoRows(QScrollArea):
    """Seen while there are any.

    kept_chosen, kept_dropped : a kept `Selection`
    brushed : (start, stop) or None
    """

    kept_chosen = pyqtSignal(object)
    kept_dropped = pyqtSignal(object)
    brushed = pyqtSignal(object)

    def __init__(self, axis: PositionAxis) -> None:
        super().__init__()
        self._axis = axis
        self.clusters: list[LogoView] = []
        self._kept: list[KeptLogo] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        inside = QWidget()
        inside.setLayout(self._column)
        self.setObjectName("kept_selections")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self.hide()

    @property
    def kept(self) -> tuple[Selection | None, ...]:
        """The kept selections that are shown."""
        return tuple(widget.selection for widget in self._kept)

    def minimumSizeHint(self) -> QSize:
        """As of one logo: the others are scrolled to."""
        views = [*self.clusters, *(kept.view for kept in self._kept)]
        return views[0].minimumSizeHint() if views else super().minimumSizeHint()

    def set_clusters(self, rows: list[ClusterRow]) -> None:
        """Other clusters beside each other."""
        while len(self.clusters) > len(rows):
            discard(self.clusters.pop())
        while len(self.clusters) < len(rows):
            view = LogoView(self._axis)
            view.setObjectName(f"cluster_logo_{len(self.clusters)}")
            view.brushed.connect(self.brushed)
            self._column.insertWidget(len(self.clusters), view)
            self.clusters.append(view)
        for view, row in zip(self.clusters, rows, strict=True):
            view.setAccessibleName(f"Logo of {row.title}")
            view.set_logo(row.logo, row.title, row.colour)
        self._follow()

    def set_kept(self, kept: list[tuple[Selection, str, Logo | None]]) -> None:
        """Kept selections, each with how it was made and its attribution logo."""
        while len(self._kept) > len(kept):
            discard(self._kept.pop())
        while len(self._kept) < len(kept):
            kept_logo = KeptLogo(self._axis, len(self._kept))
            kept_logo.chosen.connect(self.kept_chosen)
            kept_logo.dropped.connect(self.kept_dropped)
            kept_logo.view.brushed.connect(self.brushed)
            self._column.addWidget(kept_logo)
            self._kept.append(kept_logo)
        for widget, (selection, words, logo) in zip(self._kept, kept, strict=True):
            widget.show_kept(selection, words, logo)
        self._follow()

    def _follow(self) -> None:
        self.setVisible(bool(self.clusters or self._kept))
        self.updateGeometry()
        self._line_up()

    def _line_up(self) -> None:
        """Positions below those of the logos above, whether there is a scroll bar or not."""
        taken = self.width() - self.viewport().width()
        for view in (*self.clusters, *(kept.view for kept in self._kept)):
            view.take_right(taken)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Resize:
            self._line_up()
        return super().viewportEvent(event)


class KeptLogo(QWidget):
    """One kept selection: its letter, its logo, take it up again or drop it."""

    chosen = pyqtSignal(object)
    dropped = pyqtSignal(object)

    def __init__(self, axis: PositionAxis, number: int) -> None:
        super().__init__()
        self.selection: Selection | None = None
        self.setObjectName(f"kept_{number}")
        self.view = LogoView(axis)
        self.view.setObjectName(f"kept_logo_{number}")
        again = _button("Select", f"kept_select_{number}", "Select these sequences again")
        again.clicked.connect(lambda: self.chosen.emit(self.selection))
        drop = _button("×", f"kept_drop_{number}", "Keep it no longer")
        drop.clicked.connect(lambda: self.dropped.emit(self.selection))
        self._words = ElidedLabel()
        self._words.setObjectName(f"kept_title_{number}")
        line = QHBoxLayout()
        line.setContentsMargins(SPACING, 2, SPACING, 0)
        line.addWidget(self._words, 1)
        line.addWidget(again)
        line.addWidget(drop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.view, 1)

    def show_kept(self, selection: Selection, words: str, logo: Logo | None) -> None:
        """The kept selection, how it was made, and its logo."""
        self.selection = selection
        count = counted(selection.count, "sequence")
        parts = (selection.name, words[:60], count if count != words else "")
        said = "   ".join(part for part in parts if part)
        self._words.setText(said)
        self._words.setToolTip(plain(said))
        self.view.set_logo(logo)


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setProperty("flat", True)
    return button
