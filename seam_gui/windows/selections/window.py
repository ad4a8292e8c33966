"""The kept selections of the session side by side, in a window of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import QSignalBlocker, Qt
from PyQt5.QtWidgets import QCheckBox, QComboBox, QPushButton, QSplitter, QTabWidget, QWidget

from seam_core.meta_explainer import Sums
from seam_core.progress import Progress
from seam_core.selection import Selection
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING, theme
from seam_gui.services import Services
from seam_gui.views.overlaid_view import Overlaid, OverlaidView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.basics import column, label, row
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow
from seam_gui.widgets.frame_table import FrameTable
from seam_gui.windows.selections.exports import SelectionExports
from seam_gui.windows.selections.list_panel import SelectionList
from seam_gui.windows.selections.logo_column import LogoColumn, logo_unit
from seam_gui.windows.selections.material import (
    KINDS,
    QUANTITIES,
    REST,
    Summed,
    contrasted,
    nested,
    summed,
)
from seam_gui.windows.selections.tables import letter_columns, number_columns, position_columns
from seam_gui.windows.tool_window import ToolWindow

if TYPE_CHECKING:
    from seam_core.contrast import Contrast

_NONE = "Choose two selections above to see what differs"


class SelectionsWindow(ToolWindow):
    """Logos, difference, MSM rows, distributions and what distinguishes; follows the session."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        title = "Selections side by side"
        super().__init__(services, parent, name="selections", title=title, page="selections")
        self.state = services.state
        self.axis = PositionAxis(self)
        self.list = SelectionList(self.state)
        self.logos = LogoColumn(self.axis)
        self.contrast: Contrast | None = None
        self.summed: list[Summed] = []
        self._known: dict[int, Summed] = {}
        self._followed: tuple[Selection, ...] | None = None
        self.exports = SelectionExports(self, self)
        whole = QSplitter()
        whole.setObjectName("selections_splitter")
        whole.addWidget(self.list)
        whole.addWidget(self._right())
        whole.setSizes([256, 944])
        whole.setStretchFactor(1, 1)
        whole.setChildrenCollapsible(False)
        self.content.addWidget(whole, 1)
        self.follow(self.state.selection_changed, self._follow)
        self.follow(self.state.session_changed, self.close)
        self.follow(theme().changed, self._draw)
        self._follow()

    def _right(self) -> QWidget:
        lower = QSplitter()
        lower.setObjectName("selections_lower")
        lower.addWidget(self._histograms())
        lower.addWidget(self._tables())
        lower.setSizes([380, 580])
        lower.setChildrenCollapsible(False)
        body = QSplitter(Qt.Vertical)
        body.setObjectName("selections_body")
        body.addWidget(self.logos)
        body.addWidget(lower)
        body.setSizes([480, 240])
        body.setChildrenCollapsible(False)
        page = QWidget()
        layout = column()
        layout.addWidget(self._head())
        layout.addWidget(body, 1)
        page.setLayout(layout)
        return page

    def _head(self) -> QWidget:
        self.kind = self._box(
            "selections_kind",
            "What the logos show: the mean of the maps, of the map at the letters present, letters"
            " in bits, or their share",
            KINDS,
            self._draw,
        )
        self.quantity = self._box(
            "selections_quantity", "What the rows below the logos show", QUANTITIES, self._draw
        )
        self.same = self._check(
            "selections_same", "one y axis", "One for all, the difference apart"
        )
        self.centred = self._check(
            "selections_centred", "centred", "Less the mean over letters at each position"
        )
        self.first = self._box(
            "selections_first", "The difference is of this one", {}, self._compare
        )
        self.second = self._box("selections_second", "less this one", {}, self._compare)
        export = QPushButton("Export")
        export.setObjectName("selections_export")
        export.setToolTip("The picture, tables of what differs, sequences of each selection")
        export.setMenu(self.exports.menu(export))
        head = QWidget()
        line = FlowRow(
            self.kind,
            self.centred,
            self.same,
            self.quantity,
            label("difference", "muted"),
            self.first,
            label("less", "muted"),
            self.second,
            None,
            export,
        )
        line.setContentsMargins(SPACING, SPACING, SPACING, SPACING // 2)
        head.setLayout(line)
        return head

    def _histograms(self) -> QWidget:
        self.values = self._box(
            "selections_column", "Whose distribution is shown", {}, self._spread
        )
        self.view = OverlaidView("selections_histogram")
        page = QWidget()
        layout = column(margins=SPACING)
        layout.addLayout(row(self.values, None))
        layout.addWidget(self.view, 1)
        page.setLayout(layout)
        return page

    def _tables(self) -> QWidget:
        self.letters, self.positions, self.numbers = (
            FrameTable(f"selections_{name}") for name in ("letters", "positions", "numbers")
        )
        for table in (self.letters, self.positions):
            table.rows_selected.connect(lambda rows, t=table: self._mark(t, rows))
        self.tabs = QTabWidget()
        self.tabs.setObjectName("selections_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.letters, "Letters")
        self.tabs.addTab(self.positions, "Positions")
        self.tabs.addTab(self.numbers, "Columns")
        self._compared_words = label("", "muted", "selections_compared")
        page = QWidget()
        page.setLayout(column(self._compared_words, self.tabs, margins=SPACING))
        return page

    def _box(
        self, name: str, tip: str, entries: dict, take: Callable[[], None]
    ) -> QComboBox:  # fmt: skip
        box = ComboBox()
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.setSizeAdjustPolicy(QComboBox.AdjustToContents)
        for data, (text, _) in entries.items():
            box.addItem(text, data)
        box.currentIndexChanged.connect(lambda _: take())
        return box

    def _check(self, name: str, text: str, tip: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setChecked(name == "selections_same")
        box.toggled.connect(lambda _: self._draw())
        return box

    # follow the session

    @property
    def kept(self) -> tuple[Selection, ...]:
        """The selections, in their order."""
        return self.state.kept

    @property
    def colours(self) -> np.ndarray:
        """(n, 3) uint8: a colour a selection."""
        return theme().categorical(max(len(self.kept), 1))[: len(self.kept)]

    def _follow(self) -> None:
        """Kept selections came, went, or are called otherwise."""
        if self._followed is self.kept:
            return
        self._followed = self.kept
        self.list.show_kept(self.colours)
        self._offer()
        session, kept, known = self.state.session, self.kept, dict(self._known)
        if session.library is None or session.maps is None:
            self.say("The session has no maps")
            return

        def work(progress: Progress) -> list[Summed]:
            return summed(session, kept, known, progress)

        self.jobs.submit("sums", "Summing the selections", work, done=self._summed)

    def _offer(self) -> None:
        """The selections as choices of the difference; what was chosen stays where it can."""
        before = self.first.currentText(), self.second.currentText()
        names = [kept.name for kept in self.kept]
        fallback = names[:1], names[1:2] or [REST]
        for box, entries, was, else_ in zip(
            (self.first, self.second), (names, [*names, REST]), before, fallback, strict=True
        ):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(entries)
                wanted = was if was in entries else next(iter(else_), "")
                box.setCurrentIndex(entries.index(wanted) if wanted in entries else -1)
        table = self.state.session.table
        columns = (
            []
            if table is None
            else [str(name) for name in table.frame if table.frame[name].dtype.kind in "fiu"]
        )
        if [self.values.itemText(i) for i in range(self.values.count())] != columns:
            with QSignalBlocker(self.values):
                self.values.clear()
                self.values.addItems(columns)

    def _summed(self, sums: list[Summed]) -> None:
        self.summed = sums
        self._known = {id(each.selection.mask): each for each in sums}
        self._draw()
        self._compare()

    # draw

    @property
    def pair(self) -> tuple[Selection, Selection | None] | None:
        """The selections compared; the second None: all others."""
        first, second = self.first.currentIndex(), self.second.currentIndex()
        if not 0 <= first < len(self.kept) or second < 0:
            return None
        return self.kept[first], self.kept[second] if second < len(self.kept) else None

    @property
    def marked(self) -> Selection | None:
        """The selection that is marked in the list."""
        at = self.list.list.currentRow()
        return self.kept[at] if 0 <= at < len(self.kept) else None

    @property
    def names(self) -> tuple[str, str]:
        """Of the two that are compared."""
        return self.first.currentText(), self.second.currentText()

    @property
    def same_heights(self) -> bool:
        """Whether all logos have one scale."""
        return self.same.isChecked()

    @property
    def difference(self) -> tuple[str, np.ndarray] | None:
        """Name and (W, A) matrix of the difference of the two logos."""
        first, second = self.first.currentIndex(), self.second.currentIndex()
        if not 0 <= first < len(self.summed) or second < 0:
            return None
        other = self.summed[second] if second < len(self.summed) else self._rest(first)
        if other is None or (first == second):
            return None
        one = self.summed[first]
        matrix = self.logo_of(one) - self.logo_of(other)
        return f"{one.name} − {self.second.currentText()}", matrix

    def logo_of(self, each: Summed) -> np.ndarray:
        """(W, A) of the kind chosen."""
        explanation = self.state.session.explanation
        counts = each.sums.letter_counts[0] if explanation is None else explanation.library_counts
        return each.logo(self.kind.currentData(), counts, centred=self.centred.isChecked())

    def _rest(self, first: int) -> Summed | None:
        """All sequences but those of a selection, from the sums of all."""
        explanation = self.state.session.explanation
        if explanation is None:
            return None
        from seam_core.meta_explainer import sums_of

        clusters = sums_of(explanation)
        if clusters is None:
            return None
        total, own = clusters.total(), self.summed[first].sums
        left = Sums(*(getattr(total, name) - getattr(own, name) for name in vars(total)))
        return Summed(self.summed[first].selection, left)

    def _draw(self) -> None:
        session = self.state.session
        self.axis.set_locus(session.locus)
        if session.library is None or session.maps is None:
            return
        titles = [
            f"{each.name}   {counted(each.selection.count, 'sequence')}" for each in self.summed
        ]
        matrices = [self.logo_of(each) for each in self.summed]
        extra = self.difference
        if extra is not None:
            titles.append(extra[0])
            matrices.append(extra[1])
        self.logos.show_logos(
            titles,
            matrices,
            logo_unit(self.kind.currentData()),
            session.library,
            session.maps,
            same=self.same.isChecked(),
            difference=extra is not None,
        )
        self.logos.show_msm(
            self.summed, self.colours[: len(self.summed)], self.quantity.currentData(),
            session.library, session.maps,
        )  # fmt: skip
        self._spread()

    def _spread(self) -> None:
        table, name = self.state.session.table, self.values.currentText()
        if table is None or name not in table.frame:
            self.view.set_sets("", ())
            return
        values = table.frame[name].to_numpy(dtype=float)
        grey = np.array(theme().color("muted").getRgb()[:3])
        sets = [Overlaid("all sequences", values, grey)] if self.summed else []
        sets += [
            Overlaid(each.name, values[each.selection.mask], colour)
            for each, colour in zip(self.summed, self.colours, strict=False)
        ]
        self.view.set_sets(name, tuple(sets))

    def _compare(self) -> None:
        self._draw()
        pair, session = self.pair, self.state.session
        if pair is None or pair[0] is pair[1]:
            self._show_contrast(None)
            return
        inside = nested(*pair)
        if inside is not None:
            names = self.names if inside == 0 else self.names[::-1]
            self._show_contrast(None, f"All of {names[0]} is in {names[1]}: nothing to tell apart")
            return

        def work(progress: Progress) -> Contrast:
            return contrasted(session, *pair, progress)

        self.jobs.submit("contrast", "Comparing letters", work, done=self._show_contrast)

    def _show_contrast(self, contrast: Contrast | None, why: str = _NONE) -> None:
        self.contrast = contrast
        names = self.first.currentText(), self.second.currentText()
        tables = (
            (self.letters, letter_columns, "letters"),
            (self.positions, position_columns, "positions"),
            (self.numbers, number_columns, "columns"),
        )
        for table, columns_of, slot in tables:
            frame = None if contrast is None else getattr(contrast, slot)
            table.empty = why
            table.set_columns(
                [] if frame is None else columns_of(frame, names),
                0 if frame is None else len(frame),
            )
        if contrast is None:
            self._compared_words.setText(why)
            return
        shared = f"; {contrast.shared:,} in both are left out" if contrast.shared else ""
        self._compared_words.setText(
            f"{names[0]} ({contrast.sizes[0]:,}) against {names[1]} ({contrast.sizes[1]:,}){shared}"
        )

    def _mark(self, table: FrameTable, rows: np.ndarray) -> None:
        """Positions of rows of a table, brushed in the pictures."""
        values = table.frame.columns[0].array if table.frame.columns else None
        if values is not None and len(rows):
            positions = values[rows]
            self.axis.set_brush((int(positions.min()), int(positions.max()) + 1))


def open_selections(services: Services, parent: QWidget) -> SelectionsWindow:
    """The window that is open, or a new one."""
    shown = (each for each in parent.findChildren(SelectionsWindow) if each.isVisible())
    window = next(shown, None) or SelectionsWindow(services, parent)
    window.show()
    window.raise_()
    return window
