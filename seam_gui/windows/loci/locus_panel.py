"""One locus of a batch: its sites, logos, matrix and configurations, without its session."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from seam_core.pictures import msm_limits
from seam_core.site_boxes import boxes_where
from seam_gui.look.text import counted
from seam_gui.look.theme import SPACING
from seam_gui.views.configuration_view import ConfigurationView
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.msm_matrix import Matrix
from seam_gui.views.msm_view import MsmView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.scatter_parts import number
from seam_gui.widgets.accessible import make_accessible
from seam_gui.widgets.basics import EmptyState, Page, button, label, row
from seam_gui.widgets.cluster_colours import colours_of
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.frame_table import FrameTable
from seam_gui.widgets.in_turns import InTurns
from seam_gui.windows.loci.essentials import MSM, LocusEssentials
from seam_gui.windows.loci.table_page import column_of

_TABLES = {
    "configurations": "Configurations",
    "epistasis": "Interactions",
    "clusters": "Clusters",
}


class LocusPanel(QWidget):
    """open_requested, again_requested : the user wants the whole session, or to run it here."""

    open_requested = pyqtSignal()
    again_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: LocusEssentials | None = None
        self.axis = PositionAxis(self)
        self._holder = QWidget()
        self._made = False
        self._turns = InTurns(self)
        self.page = Page(self._holder, self._empty())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)

    def _make(self) -> None:
        """What shows a locus, when there is one to show."""
        self._title = label("", "title", "locus_title")
        self._facts = label("", "muted", "locus_facts")
        self._open = button(
            "Open its session",
            "locus_open",
            "The whole analysis, in the main window; where the batch kept sessions",
            self.open_requested.emit,
        )
        self._again = button(
            "Take to the Library",
            "locus_again",
            "Its sequence, parameters and seed as a new analysis in the main window",
            self.again_requested.emit,
        )
        self.mean, self.background = LogoView(self.axis), LogoView(self.axis)
        self.mean.setObjectName("locus_mean")
        self.background.setObjectName("locus_background")
        self.msm = MsmView(self.axis)
        self.msm.setObjectName("locus_msm")
        self.quantity = ComboBox()
        self.quantity.setObjectName("locus_quantity")
        self.quantity.setToolTip("What the matrix shows")
        for name, text in zip(
            MSM, ("Entropy", "Differ from the reference", "Match the consensus"), strict=True
        ):
            self.quantity.addItem(text, name)
        self.quantity.currentIndexChanged.connect(lambda _: self._draw_msm())
        for view in (self.mean, self.background, self.msm):
            view.brushed.connect(self.axis.set_brush)
        self.configurations = ConfigurationView()
        self.configurations.setObjectName("locus_site_activity")
        self.tables = {name: FrameTable(f"locus_{name}") for name in _TABLES}
        self._lay_out()
        make_accessible(self)  # the window was shown before this was made
        self._made = True

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Vertical)
        parts.setObjectName("locus_parts")
        matrix = QWidget()
        inside = QVBoxLayout(matrix)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(row(self.quantity, None))
        inside.addWidget(self.msm, 1)
        tabs = QTabWidget()
        tabs.setObjectName("locus_tabs")
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        tabs.addTab(self.tables["configurations"], _TABLES["configurations"])
        tabs.addTab(self.tables["epistasis"], _TABLES["epistasis"])
        tabs.addTab(self.configurations, "Sites by cluster")
        tabs.addTab(self.tables["clusters"], _TABLES["clusters"])
        for part in (self.mean, self.background, matrix, tabs):
            parts.addWidget(part)
        parts.setSizes([110, 90, 220, 190])
        parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self._holder)
        layout.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, 0)
        layout.setSpacing(SPACING)
        head = row(self._title, self._open, self._again)
        head.setStretch(0, 1)
        layout.addLayout(head)
        layout.addWidget(self._facts)
        layout.addWidget(parts, 1)

    def _empty(self) -> EmptyState:
        return EmptyState(
            "locus_empty", "No locus chosen", "Choose one in a table to see what was found there."
        )

    @property
    def shown(self) -> LocusEssentials | None:
        """The locus shown."""
        return self._shown

    def show_nothing(self, title: str, hint: str) -> None:
        """Say why there is nothing to see of a locus: it failed, or is not done yet."""
        self._shown = None
        self.page.empty.say(title, hint)
        self.page.show_content(False)

    def show_locus(self, locus: LocusEssentials, place: str) -> None:
        """Show what was kept of a locus."""
        if not self._made:
            self._make()
        before, self._shown = self._shown, locus
        self.page.show_content(True)
        self._title.setText(locus.name)
        self._facts.setText(_facts(locus, place))
        self._open.setEnabled(locus.session is not None)
        stop = locus.start + len(locus.background)
        if before is None or (self.axis.start, self.axis.stop) != (locus.start, stop):
            self.axis.set_extent(locus.start, stop)
        self.axis.set_locus(locus.interval)
        self._turns.hold(self.mean, self.background, self.msm, self.configurations)
        self.axis.set_brush(None)
        self.axis.set_sites(locus.sites)
        self.mean.set_logo(_logo(locus, locus.reference_mean), _mean_title(locus))
        self.background.set_logo(_logo(locus, locus.background), "Average background")
        self._draw_msm()
        self.configurations.set_matrix(
            locus.ids,
            tuple(site.name for site in locus.sites),
            locus.site_activity,
            binary=False,
            reference=locus.reference_cluster,
        )
        for name, table in self.tables.items():
            frame = locus.tables[name]
            table.set_columns([column_of(str(c), frame[c]) for c in frame], len(frame))

    def _draw_msm(self) -> None:
        locus, name = self._shown, self.quantity.currentData()
        if locus is None:
            return
        rows = np.flatnonzero(locus.ids == locus.reference_cluster)
        self.msm.set_matrix(
            Matrix(
                locus.msm[name],
                locus.ids,
                tuple(f"cluster {i}" for i in locus.ids),
                colours_of(locus.ids, None),
                locus.start,
                self.quantity.currentText(),
                MSM[name],
                msm_limits(locus.msm[name], name.lower()),
                reference_row=int(rows[0]) if len(rows) else None,
                boxes=boxes_where(locus.sites, locus.shown),
            )
        )


def _logo(locus: LocusEssentials, matrix: np.ndarray) -> Logo:
    return Logo(matrix, locus.start, locus.alphabet, "a.u.", locus.letters)


def _mean_title(locus: LocusEssentials) -> str:
    if locus.reference_cluster is None:
        return "No cluster holds the reference"
    return f"Mean map of cluster {locus.reference_cluster}, which holds the reference"


def _facts(locus: LocusEssentials, place: str) -> str:
    facts: dict[str, Any] = locus.manifest["found"]
    words = [
        place,
        counted(facts["n_sequences"], "sequence"),
        counted(facts["n_clusters"], "cluster"),
        counted(facts["n_sites"], "site"),
    ]
    if facts["reference_activity"] is not None:
        words.append(f"activity {number(facts['reference_activity'])}")
    if facts["activity_iqr"]:
        share = facts["mean_cluster_iqr"] / facts["activity_iqr"]
        words.append(f"spread inside clusters {share:.0%} of all".replace("%", " %"))
    if facts["median_completeness_error"] is not None:
        words.append(f"completeness error {number(facts['median_completeness_error'])}")
    if "task_separation" in facts:
        words.append(f"separation of the runs {number(facts['task_separation'])}")
    return "   ·   ".join(word for word in words if word)
