"""The comparison of two sessions or more, in a window of its own."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QComboBox, QMenu, QPushButton, QSplitter, QTabWidget, QWidget

from seam_core.progress import Progress
from seam_core.session import Session
from seam_gui.dialogs import dialogs
from seam_gui.look.theme import SPACING, theme
from seam_gui.services import Services
from seam_gui.views.scale_bar import ScaleBar
from seam_gui.widgets.basics import button, column, enable_choice, label, row
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.frame_table import Column, FrameTable
from seam_gui.widgets.in_turns import InTurns
from seam_gui.windows.comparison.cells_view import QUANTITIES, CellsView
from seam_gui.windows.comparison.compared import (
    Compared,
    correspond,
    keep,
    names_told_apart,
    read,
    read_embedding,
)
from seam_gui.windows.comparison.logo_pair import LogoPair
from seam_gui.windows.comparison.pictures import ComparisonExports, ComparisonShown
from seam_gui.windows.comparison.space_panel import Space, SpacePanel
from seam_gui.windows.tool_window import ToolWindow

if TYPE_CHECKING:
    from seam_core.comparison import Correspondence, SharedEmbedding

_numbers = itertools.count(1)


class ComparisonWindow(ToolWindow):
    """Which of several sessions' clusters are which: a scatter of all, a heat map, two logos."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        title = "Comparison of sessions"
        super().__init__(services, parent, name="comparison", title=title, page="comparison")
        self.compared: list[Compared] = []
        self.correspondence: Correspondence | None = None
        self.shown_pair: tuple[int, int] | None = None
        self._shared: SharedEmbedding | None = None
        self._partners: tuple[dict[int, int], ...] = ()
        self._scratch = services.working.path / f"comparison-{next(_numbers)}"
        self.space_panel = SpacePanel()
        self.space_panel.wanted.connect(self._embed)
        self.space_panel.picked.connect(self._show_partner)
        self.cells = CellsView()
        self.cells.cell_clicked.connect(self.show_pair)
        self.table = FrameTable("comparison_pairs")
        self.table.rows_selected.connect(self._show_row)
        self.logos = LogoPair()
        self.exports = ComparisonExports(services.state, self.jobs, self, self.shown, self.say)
        self._turns = InTurns(self)
        self.content.addLayout(self._head())
        upper = QSplitter()
        upper.setObjectName("comparison_splitter")
        upper.addWidget(self.space_panel)
        upper.addWidget(self._middle())
        upper.setSizes([600, 600])
        whole = QSplitter(Qt.Vertical)
        whole.setObjectName("comparison_rows")
        whole.addWidget(upper)
        whole.addWidget(self.logos)
        whole.setSizes([460, 260])
        for splitter in (upper, whole):
            splitter.setChildrenCollapsible(False)
        self.content.addWidget(whole, 1)

    def _head(self) -> Any:
        self.left = _box("comparison_left", "The session of the rows, left")
        self.right = _box("comparison_right", "The session of the columns, right")
        for box in (self.left, self.right):
            box.activated.connect(lambda _: self._correspond())
        self._agreement = label("", "muted", "comparison_agreement")
        add = button(
            "Add a session…", "comparison_add", "Another session of the same locus", self.ask
        )
        export = QPushButton("Export")
        export.setObjectName("comparison_export")
        export.setToolTip("Pictures and tables of this comparison")
        menu = QMenu(export)
        menu.addAction("Picture…", self.exports.ask).setObjectName("comparison_export_picture")
        menu.addAction("Matched pairs…", lambda: self.exports.save_table(False)).setObjectName(
            "comparison_export_pairs"
        )
        menu.addAction("Every pair of clusters…", lambda: self.exports.save_table(True))
        export.setMenu(menu)
        line = row(self.left, label("against", "muted"), self.right, self._agreement, add, export)
        line.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING)
        line.setStretch(3, 1)
        return line

    def _middle(self) -> QWidget:
        self.quantity = _box("comparison_quantity", "What the cells say")
        for name, text in QUANTITIES.items():
            self.quantity.addItem(text, name)
        self.quantity.currentIndexChanged.connect(lambda _: self._show_quantity())
        self.scale = ScaleBar("comparison_scale", self.cells.images)
        self.scale.levels_chosen.connect(self._choose_levels)
        theme().changed.connect(self._show_scale)
        page = QWidget()
        layout = column(margins=SPACING)
        layout.addLayout(row(self.quantity, None, self.scale))
        layout.addWidget(self.cells, 1)
        page.setLayout(layout)
        tabs = QTabWidget()
        tabs.setObjectName("comparison_tabs")
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        tabs.addTab(page, "Correspondence")
        tabs.addTab(self.table, "Matched pairs")
        return tabs

    def done(self, result: int) -> None:
        super().done(result)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def shown(self) -> ComparisonShown:
        """All that a figure of this window depends on."""
        if self.correspondence is None:
            return ComparisonShown(self.space_panel.space, None)
        left, right = (each.explanation for each in self.pair)
        return ComparisonShown(
            self.space_panel.space,
            self.correspondence,
            self.pair_names,
            (left, right),
            self.shown_pair,
            self.quantity.currentData(),
            self.cells.values,
            self.cells.limits(),
            self.logos.shown_kind,
            self.logos.centred.isChecked(),
            self.logos.same.isChecked(),
        )

    # sessions

    @property
    def pair(self) -> tuple[Compared, Compared]:
        """The two sessions whose clusters are shown."""
        return (
            self.compared[self.left.currentIndex()],
            self.compared[self.right.currentIndex()],
        )

    @property
    def pair_names(self) -> tuple[str, str]:
        """Their names."""
        return self.left.currentText(), self.right.currentText()

    def ask(self) -> None:
        """Ask for a session's folder and add it."""
        folder = dialogs().open_folder(self, "Compare with a session")
        if folder is not None:
            self.add([folder])

    def add(self, folders: Sequence[Path], current: Session | None = None) -> None:
        """Add sessions from their folders, after the one shown in the main window if given."""
        known = {each.folder for each in self.compared}
        wanted = [Path(folder) for folder in folders if Path(folder) not in known]

        def work(progress: Progress) -> list[Compared]:
            from seam_core.comparison import common_window

            sessions = (
                [] if current is None else [keep(current, self._scratch / "current", progress)]
            )
            sessions += [read(folder, "", progress) for folder in wanted]
            for other in sessions:
                common_window((*self.compared, *sessions)[0].session, other.session)
            return sessions

        self.jobs.submit("read", "Opening the sessions", work, done=self._take)

    def _take(self, sessions: list[Compared]) -> None:
        self.compared += sessions
        names = names_told_apart(self.compared)
        for box, first in ((self.left, 0), (self.right, 1)):
            place = max(box.currentIndex(), first if len(names) > first else 0)
            box.clear()
            box.addItems(names)
            box.setCurrentIndex(place)
        if len(self.compared) > 1:
            self._correspond(and_embed=True)

    # which clusters are which

    def _correspond(self, *, and_embed: bool = False) -> None:
        left = self.left.currentIndex()
        sessions = list(self.compared)

        def work(progress: Progress) -> dict[int, Correspondence]:
            matches = {}
            for index, other in enumerate(sessions):
                progress.update(index, len(sessions), other.name)
                matches[index] = correspond(sessions[left], other)
            return matches

        def matched(matches: dict[int, Correspondence]) -> None:
            self._show_matches(matches)
            if and_embed:  # in a turn of its own: it may start a process
                QTimer.singleShot(0, self._embed)

        self.jobs.submit("correspond", "Matching the clusters", work, done=matched)

    def _show_matches(self, matches: dict[int, Correspondence]) -> None:
        self._partners = tuple(
            dict(zip(each.pairs["right"].tolist(), each.pairs["left"].tolist(), strict=True))
            for each in matches.values()
        )
        self.correspondence = matches[self.right.currentIndex()]
        differ = self.correspondence.shared is None
        for index, name in enumerate(QUANTITIES):
            enable_choice(self.quantity, index, name == "likeness" or not differ)
        if differ:
            self.quantity.setCurrentIndex(list(QUANTITIES).index("likeness"))
            self._agreement.setText("other sequences: matched by likeness of their mean maps")
        else:
            rand = self.correspondence.adjusted_rand
            self._agreement.setText(f"same sequences; adjusted Rand index {rand:.3f}")
        self._turns.hold(self.cells, self.space_panel.view, *self.logos.views)
        self.cells.set_correspondence(self.correspondence, self.pair_names)
        self._show_scale()
        # the event loop answers in between
        for step in (self._fill_table, self._show_space):
            QTimer.singleShot(0, step)
        if len(self.correspondence.pairs):
            first = self.correspondence.pairs.iloc[0]
            self.show_pair(int(first["left"]), int(first["right"]))

    def _show_quantity(self) -> None:
        self.cells.set_quantity(self.quantity.currentData())
        self._show_scale()

    def _show_scale(self) -> None:
        low, high = self.cells.limits()
        self.scale.set_scale(self.cells.scale(), low, high, "")

    def _choose_levels(self, levels: tuple[float, float] | None) -> None:
        self.cells.set_levels(levels)
        self._show_scale()

    def _fill_table(self) -> None:
        if self.correspondence is None:
            return
        pairs = self.correspondence.pairs
        left, right = (each.explanation for each in self.pair)
        rows = [left.row_of(i) for i in pairs["left"]], [right.row_of(i) for i in pairs["right"]]
        columns = [
            Column("Left", pairs["left"].to_numpy(), tip=f"Cluster of {self.pair_names[0]}"),
            Column("Right", pairs["right"].to_numpy(), tip=f"Cluster of {self.pair_names[1]}"),
        ]
        if self.correspondence.shared is not None:
            columns += [
                Column("Shared", pairs["shared"].to_numpy(), tip="Sequences in both"),
                Column("Jaccard", pairs["jaccard"].to_numpy(), ".3f", "In both over in either"),
            ]
        columns += [
            Column("Likeness", pairs["likeness"].to_numpy(), ".3f", "Correlation of mean maps"),
            Column("n left", left.sizes[rows[0]], tip="Sequences of the left cluster"),
            Column("n right", right.sizes[rows[1]], tip="Sequences of the right cluster"),
            Column("Median left", left.medians[rows[0]], ".3g", "Median activity, left"),
            Column("Median right", right.medians[rows[1]], ".3g", "Median activity, right"),
        ]
        self.table.set_columns(columns, len(pairs))

    def show_pair(self, left: int, right: int) -> None:
        """The logos of two clusters."""
        self.shown_pair = (left, right)
        self.cells.set_chosen(left, right)
        sides = self.pair
        self.logos.show_pair(((sides[0], left), (sides[1], right)))

    def _show_row(self, rows: np.ndarray) -> None:
        if self.correspondence is not None and len(rows):
            pair = self.correspondence.pairs.iloc[int(rows[0])]
            self.show_pair(int(pair["left"]), int(pair["right"]))

    def _show_partner(self, which: int, cluster: int) -> None:
        """A point was clicked: its cluster and the one matched with it, else the likest."""
        if self.correspondence is None:
            return
        match = self.correspondence
        if which == self.left.currentIndex():
            score, ids, others, own, other = match.score, match.left_ids, match.right_ids, 0, 1
        elif which == self.right.currentIndex():
            score, ids, others, own, other = match.score.T, match.right_ids, match.left_ids, 1, 0
        else:
            return
        pairs = match.pairs[["left", "right"]].to_numpy()
        matched = dict(zip(pairs[:, own].tolist(), pairs[:, other].tolist(), strict=True))
        likest = int(others[score[int(np.flatnonzero(ids == cluster)[0])].argmax()])
        both = {own: cluster, other: matched.get(cluster, likest)}
        self.show_pair(both[0], both[1])

    # the shared embedding

    def _embed(self) -> None:
        if len(self.compared) < 2:
            return
        out = self._scratch / "embedding"
        job = self.jobs.register("embed", "Shared embedding", done=self._take_embedding)
        self.services.engine.drive(
            job,
            "embed_together",
            {
                "sessions": [str(each.folder) for each in self.compared],
                "embedding": self.space_panel.parameters.to_dict(),
                "most": self.space_panel.most.value(),
                "out": str(out),
            },
            done=lambda answer: self.jobs.in_thread(
                job, lambda progress: read_embedding(out, answer["method"]), job.finish
            ),
        )

    def _take_embedding(self, shared: SharedEmbedding) -> None:
        self._shared = shared
        self._show_space()

    def _show_space(self) -> None:
        if self._shared is None or self.correspondence is None:
            return
        n = int(self._shared.session.max(initial=0)) + 1
        if n != len(self.compared) or len(self._partners) != n:
            return  # of fewer sessions than there are by now
        names = tuple(self.left.itemText(index) for index in range(n))
        self.space_panel.set_space(Space(tuple(self.compared), names, self._shared, self._partners))


def _box(name: str, tip: str) -> QComboBox:
    box = ComboBox()
    box.setObjectName(name)
    box.setToolTip(tip)
    box.setMinimumContentsLength(14)
    return box
