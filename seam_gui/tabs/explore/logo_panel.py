"""Logos of the selection and of the kept selections, above the MSM, all on one axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from seam_core.manner import Manner
from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING
from seam_gui.pictures.shown import LogoOptions
from seam_gui.tabs.explore.logo_maker import MOST_OVERLAID, SEQUENCES
from seam_gui.tabs.explore.logo_rows import LogoRows
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.overview_strip import OverviewStrip
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.basics import compact, enable_choice, row
from seam_gui.widgets.elided_label import ElidedLabel
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow
from seam_gui.widgets.position_entry import PositionEntry

ATTRIBUTIONS = {
    "average": "Average",
    "foreground": "Foreground",
    "contribution": "Contribution",
    "variability": "Variability",
    "background": "Background",
}
LETTERS = {"all": "All letters", "mutants": "Mutants", "reference": "Reference"}


class LogoPanel(QWidget):
    """What is selected in words, how logos are drawn, the logos.

    keep_pressed : keep the selection beside the others
    options_changed : other logos are wanted
    kept_chosen, kept_dropped : a kept `Selection`
    brushed : (start, stop) or None
    """

    keep_pressed = pyqtSignal()
    options_changed = pyqtSignal()
    kept_chosen = pyqtSignal(object)
    kept_dropped = pyqtSignal(object)
    brushed = pyqtSignal(object)

    def __init__(self, axis: PositionAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("logo_panel")
        self._axis = axis
        self._title = ElidedLabel()
        self._title.setObjectName("selection_title")
        self._title.setProperty("role", "heading")
        self._count = ElidedLabel()
        self._count.setObjectName("selection_count")
        self._count.setProperty("role", "muted")
        self._keep = QToolButton()
        self._keep.setObjectName("keep_selection")
        self._keep.setText("+ Keep")
        self._keep.setToolTip("Keep this selection beside the next ones, as A, B, C … (K)")
        self._keep.clicked.connect(self.keep_pressed)
        self._build_options()
        self.attribution = LogoView(axis)
        self.attribution.setObjectName("attribution_logo")
        self.sequence = LogoView(axis)
        self.sequence.setObjectName("sequence_logo")
        for view in (self.attribution, self.sequence):
            view.brushed.connect(self.brushed)
        self.overview = OverviewStrip(axis)
        self.stack = QSplitter(Qt.Vertical)
        self.stack.setObjectName("logo_splitter")
        self.stack.setChildrenCollapsible(False)
        self.stack.addWidget(self.attribution)
        self.stack.addWidget(self.sequence)
        self.rows = LogoRows(axis)
        self.rows.kept_chosen.connect(self.kept_chosen)
        self.rows.kept_dropped.connect(self.kept_dropped)
        self.rows.brushed.connect(self.brushed)
        self.stack.addWidget(self.rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        top = QWidget()
        self.places = PositionEntry(axis, "position_edit")
        line = row(self._title, self._count, None, self.places, self._keep)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, 0)
        top.setLayout(line)
        options = QWidget()
        options.setLayout(self._options_row)
        layout.addWidget(top)
        layout.addWidget(options)
        layout.addWidget(self.overview)
        layout.addWidget(self.stack, 1)

    def _build_options(self) -> None:
        self._attribution = self._combo("logo_attribution", ATTRIBUTIONS)
        self._attribution.setToolTip(
            "What the upper logo shows (M steps through)\n"
            "Average: the mean of the attribution maps\n"
            "Foreground: that less the average background\n"
            "Contribution: the mean of the map at the letters present\n"
            "Variability: the clusters' logos over each other\n"
            "Background: the average background of all clusters"
        )
        self._sequence = self._combo("logo_sequence", SEQUENCES)
        self._sequence.setToolTip(
            "What the lower logo shows\n"
            "Information: letter frequencies scaled by their information (bits)\n"
            "Enrichment: log2 of the letters counted here over those of the library\n"
            "Frequency: share of each letter"
        )
        self._fixed = self._check("logo_fixed", "fixed y", "One y axis for all clusters (Y)")
        self._centred = self._check(
            "logo_centred", "centred", "Subtract the mean over letters at each position (C)"
        )
        self._letters = self._combo("logo_letters", LETTERS)
        self._letters.setToolTip(
            "Which letters have their colours, the others are grey\n"
            "Mutants: those that differ from the reference (G)\n"
            "Reference: those of the reference"
        )
        self._shaded = self._check("logo_shaded", "shade", "Letters below zero are darker")
        self._apart = self._check(
            "logo_apart", "each", "Several selected clusters: a logo each below, in its colour"
        )
        with QSignalBlocker(self._apart):
            self._apart.setChecked(True)
        self._options_row = FlowRow(
            self._attribution,
            self._sequence,
            self._letters,
            self._fixed,
            self._centred,
            self._shaded,
            self._apart,
            None,
        )
        self._options_row.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)

    def _combo(self, name: str, entries: dict[str, str]) -> QComboBox:
        box = ComboBox()
        box.setObjectName(name)
        for data, text in entries.items():
            box.addItem(text, data)
        compact(box)
        box.currentIndexChanged.connect(lambda _: self.options_changed.emit())
        return box

    def _check(self, name: str, text: str, tip: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setObjectName(name)
        box.setToolTip(tip)
        box.toggled.connect(lambda _: self.options_changed.emit())
        return box

    @property
    def options(self) -> LogoOptions:
        """How logos are drawn now."""
        return LogoOptions(
            self._attribution.currentData(),
            self._sequence.currentData(),
            self._fixed.isChecked(),
            self._centred.isChecked(),
            self._letters.currentData(),
            self._shaded.isChecked(),
        )

    @property
    def apart(self) -> bool:
        """True where several selected clusters have a logo each."""
        return self._apart.isChecked()

    @property
    def views(self) -> tuple[LogoView, ...]:
        """The logos of the selection."""
        return self.attribution, self.sequence

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the commands do that are about logos, by name."""
        return {
            "go_to": self.places.start,
            "next_logo": self.next_kind,
            "fixed_y": lambda: self.toggle("logo_fixed"),
            "centred": lambda: self.toggle("logo_centred"),
            "mutants_only": lambda: self.colour_only("mutants"),
            "reference_only": lambda: self.colour_only("reference"),
            "shaded": lambda: self.toggle("logo_shaded"),
        }

    def toggle(self, name: str) -> None:
        """Flip a check box by its objectName."""
        box = self.findChild(QCheckBox, name)
        assert box is not None
        box.toggle()

    def colour_only(self, letters: str) -> None:
        """Only these letters in colour, or all again."""
        wanted = "all" if self.options.letters == letters else letters
        self._letters.setCurrentIndex(self._letters.findData(wanted))

    def next_kind(self) -> None:
        """Step to the next kind of attribution logo."""
        self._attribution.setCurrentIndex(
            (self._attribution.currentIndex() + 1) % self._attribution.count()
        )

    def take_manner(self, manner: Manner) -> None:
        """Letters as they were saved with a session."""
        with QSignalBlocker(self):
            self._letters.setCurrentIndex(self._letters.findData(manner.letters))
            self._shaded.setChecked(manner.shaded)

    def set_defined(self, contribution: bool) -> None:
        """Offer only the kinds that the session has sums for."""
        enable_choice(self._attribution, self._attribution.findData("contribution"), contribution)
        if not contribution and self.options.attribution == "contribution":
            with QSignalBlocker(self._attribution):
                self._attribution.setCurrentIndex(0)

    def set_title(self, title: str, count: str, can_keep: bool) -> None:
        """What is selected."""
        self._title.setText(title)
        self._title.setToolTip(plain(f"{title}   {count}"))
        self._count.setText(count)
        self._keep.setEnabled(can_keep)

    def set_logos(self, attribution: Logo | None, sequence: Logo | None) -> None:
        """The selection's logos."""
        title = self._attribution.currentText()
        if attribution is not None and len(attribution.behind) == MOST_OVERLAID:
            title += f" of the {MOST_OVERLAID} largest clusters (an exported picture has all)"
        self.attribution.set_logo(attribution, title)
        if attribution is not None:
            shown = np.stack([attribution.matrix, *attribution.behind])
            self.overview.set_values(np.abs(shown).sum(axis=2).max(axis=0), attribution.start)
        self.sequence.set_logo(sequence, self._sequence.currentText())
