"""Sites, configurations, interactions and driver mutations, a page each."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QSplitter, QTabWidget, QVBoxLayout, QWidget

from seam_core.exports.sites import site_letters, stability_in_words
from seam_core.findings import Experiments, terms_in_words
from seam_core.motifs import taxa_of_inputs
from seam_core.session import Session
from seam_gui.commands import SITE_BUTTONS
from seam_gui.look.theme import SPACING
from seam_gui.look.words import meaning_of
from seam_gui.pictures.terms import terms_of
from seam_gui.tabs.identify.motif_choice import MotifChoice
from seam_gui.tabs.identify.robustness_page import RobustnessPage
from seam_gui.tabs.identify.spacing_page import SpacingPage
from seam_gui.tabs.identify.trust_line import TrustLine
from seam_gui.views.configuration_view import ConfigurationView
from seam_gui.views.epistasis_view import EpistasisView, PairView, Term
from seam_gui.views.scatter_parts import number
from seam_gui.views.site_table import SiteRow, SiteTable
from seam_gui.widgets.basics import button, row
from seam_gui.widgets.flow_row import FlowRow
from seam_gui.widgets.frame_table import Column, FrameTable

_LEAST = "< 1e-300"  # a chance that is no more than zero in a computer's numbers
_FRAMES = {
    "configurations": "Configurations",
    "epistasis": "Terms",
    "drivers": "Drivers",
    "tested": "Tested",
    "tested_terms": "Tested interactions",
}


class ResultsPanel(QWidget):
    """asked : name of a command of `SITE_BUTTONS`
    site_edited : name, column, text
    sites_chosen : names
    cluster_clicked : id, mode
    export_asked : name and `FrameModel` of a table
    """

    asked = pyqtSignal(str)
    site_edited = pyqtSignal(str, int, str)
    sites_chosen = pyqtSignal(object)
    cluster_clicked = pyqtSignal(int, str)
    export_asked = pyqtSignal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("identify_results")
        self.table = SiteTable()
        self.table.edited.connect(self.site_edited)
        self.table.chosen.connect(self.sites_chosen)
        self._session: Session | None = None
        self._matches: pd.DataFrame | None = None
        self.pages = QTabWidget()
        self.pages.setObjectName("identify_pages")
        self.pages.setDocumentMode(True)
        self.pages.tabBar().setDrawBase(False)
        self.pages.addTab(self._site_page(), "Sites")
        self.pages.addTab(self._configuration_page(), "Clusters by site")
        self.pages.addTab(self._epistasis_page(), "Interactions")
        self._frames = {}
        for name, title in _FRAMES.items():
            self._frames[name] = FrameTable(f"{name}_table")
            self.pages.addTab(self._table_page(name), title)
        self.spacing = SpacingPage()
        self.pages.addTab(self.spacing, "Spacing")
        self.robustness = RobustnessPage()
        self.pages.addTab(self.robustness, "Robustness")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.pages.tabBar().setProperty("dense", True)  # all fit into a window of 1366 pixels

    @property
    def matches(self) -> pd.DataFrame | None:
        """What the motif database said of the sites."""
        return self._matches

    @property
    def binary(self) -> bool:
        """True: configurations say yes or no instead of an activity."""
        return self._binary.isChecked()

    def _site_page(self) -> QWidget:
        page = QWidget()
        buttons = [
            button(
                command.button_text,
                command.name,
                command.button_tip,
                partial(self.asked.emit, command.name),
            )
            for command in SITE_BUTTONS
        ]
        self.motif_choice = MotifChoice()
        self.motif_choice.chosen.connect(self._match_again)
        line = FlowRow(*buttons[:5], self.motif_choice, *buttons[5:], None)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        self.trust = TrustLine()
        layout.addWidget(self.trust)
        layout.addWidget(self.table, 1)
        return page

    def _configuration_page(self) -> QWidget:
        page = QWidget()
        self.configuration = ConfigurationView()
        self.configuration.cluster_clicked.connect(self.cluster_clicked)
        self._binary = QCheckBox("shown or not")
        self._binary.setObjectName("configuration_binary")
        self._binary.setToolTip("Yes or no; otherwise the activity of each site, from 0 to 1")
        self._binary.setChecked(True)
        self._binary.toggled.connect(lambda _: self._show_configuration())
        line = row(self._binary, None)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.configuration, 1)
        return page

    def _epistasis_page(self) -> QWidget:
        self.epistasis, self.pairs = EpistasisView(), PairView()
        both = QSplitter()
        both.setObjectName("epistasis_splitter")
        both.addWidget(self.epistasis)
        both.addWidget(self.pairs)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        return both

    def set_session(self, session: Session, reference_cluster: int | None) -> None:
        """Show what is known of a session's sites."""
        if self._session is None or self._session.sites is not session.sites:
            self._matches = None
        self._session, self._reference = session, reference_cluster
        self.motif_choice.set_genome(taxa_of_inputs(session.provenance.inputs))
        self._show_sites()
        self._show_configuration()
        sites = session.sites
        terms = () if sites is None else terms_of(sites.epistasis)
        names = () if sites is None else tuple(site.name for site in sites.sites)
        self.epistasis.set_terms(tuple(term for term in terms if term.order > 1))
        self.pairs.set_pairs(names, terms)
        frames = _frames_of(session)
        for name, table in self._frames.items():
            table.set_columns(*_columns(name, frames.get(name)))
            table.empty = _words_for_none(name, session)
        self.trust.show_trust(session.trust, session.experiments)
        asked = session.experiments
        self.spacing.set_frame(None if asked is None else asked.spacing)
        alphabet = "" if session.library is None else session.library.alphabet
        self.robustness.show_trust(session.trust, alphabet)
        self.robustness.ways.axis.set_locus(session.locus)

    def set_matches(self, matches: pd.DataFrame) -> None:
        """What the motif database says."""
        self._matches = matches
        self._show_sites()

    def _table_page(self, name: str) -> QWidget:
        page, table = QWidget(), self._frames[name]
        line = row(
            button("Copy", f"{name}_copy", "Rows marked, or all (Ctrl+C)", table.copy),
            button(
                "CSV…",
                f"{name}_csv",
                "Write this table",
                lambda: self.export_asked.emit(name, table.frame),
            ),
            None,
        )
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(table, 1)
        return page

    def _match_again(self) -> None:
        """Matches that are shown follow the choice of the motifs."""
        if self._matches is not None:
            self.asked.emit("site_match")

    def _show_sites(self) -> None:
        session = self._session
        sites = None if session is None else session.sites
        if session is None or sites is None:
            self.table.sites.set_rows([])
            return
        best = _best(self._matches)
        judged = _judged(session.experiments)
        effects = {term.name: term for term in terms_of(sites.epistasis) if term.order == 1}
        rows = [
            SiteRow(
                site.name,
                site.positions,
                site_letters(session.library, site),
                int(sites.active[:, k].sum()),
                _effect(effects.get(site.name)),
                *best.get(site.name, ("", "")),
                *judged.get(site.name, ("", "", "", "")),
                stability_in_words(session, k),
                "" if session.locus is None else str(session.locus.part(site.start, site.stop)),
            )
            for k, site in enumerate(sites.sites)
        ]
        self.table.sites.set_rows(rows)

    def _show_configuration(self) -> None:
        sites = None if self._session is None else self._session.sites
        if sites is None:
            nothing = np.zeros((0, 0))
            self.configuration.set_matrix(np.zeros(0, int), (), nothing, binary=True)
            return
        binary = self.binary
        self.configuration.set_matrix(
            sites.cluster_ids,
            tuple(site.name for site in sites.sites),
            sites.active if binary else sites.activity,
            binary=binary,
            reference=self._reference,
        )


def _frames_of(session: Session) -> dict[str, pd.DataFrame | None]:
    """The tables of the pages, by name."""
    sites, judged = session.sites, session.experiments
    shown: dict[str, pd.DataFrame | None] = {}
    if sites is not None:
        shown |= {"configurations": sites.configurations, "drivers": sites.drivers}
        shown["epistasis"] = terms_in_words(sites.epistasis)
    if judged is not None and judged.asked:
        shown |= {"tested": judged.sites, "tested_terms": judged.interactions}
    return shown


def _words_for_none(table: str, session: Session) -> str:
    """What a table without rows says."""
    if session.sites is None:
        return "No sites yet: press Find sites"
    if not session.sites.sites:
        return "No sites were found: no group of positions stands out over the clusters"
    if table.startswith("tested"):
        asked = session.experiments is not None and session.experiments.asked
        return "Nothing to test" if asked else "Not tested yet: press Test on the model"
    return "None were found"


def _judged(experiments: Experiments | None) -> dict[str, tuple[str, str, str, str]]:
    """Site -> verdict, knock-out, q and note as the table shows them."""
    if experiments is None:
        return {}
    verdicts = {}
    for entry in experiments.sites.to_dict("records"):
        effect, q = entry["effect"], entry["q"]
        out = "" if np.isnan(effect) else f"{number(effect)} ± {number(entry['se'])}"
        verdicts[str(entry["site"])] = (
            str(entry["verdict"]).replace("_", " "),
            out,
            "" if np.isnan(q) else f"{q:.2g}",
            str(entry["note"]),
        )
    return verdicts


def _effect(term: Term | None) -> str:
    if term is None or np.isnan(term.estimate):
        return ""
    span = "" if np.isnan(term.low) else f"  ({number(term.low)} to {number(term.high)})"
    return f"{number(term.estimate)}{span}"


def _best(matches: pd.DataFrame | None) -> dict[str, tuple[str, str]]:
    """Site -> its best match, and all that were found, a line each."""
    if matches is None or matches.empty:
        return {}
    from seam_core.motifs.names import HIGHEST_Q, shown_matches

    best, shown = {}, shown_matches(matches)
    for query, own in matches.groupby("query", sort=False):
        own = own.sort_values("p_value", kind="stable")
        lines = [
            f"{name}  (q {q_value:.2g})"
            for name, q_value in zip(own["name"], own["q_value"], strict=True)
        ]
        nearest = lines[0] if own["q_value"].iloc[0] <= HIGHEST_Q else shown[str(query)]
        best[query] = (nearest, "\n".join(lines))
    return best


def _columns(table: str, frame: pd.DataFrame | None) -> tuple[list[Column], int]:
    if frame is None or len(frame.columns) == 0:
        return [], 0
    from seam_core.exports.columns import TABLES

    described = TABLES.get(table)
    meanings = {} if described is None else described.columns
    columns = []
    for name in frame.columns:
        values = frame[name].to_numpy()
        if values.dtype.kind not in "fiu":
            values = values.astype(object)
        tip = meaning_of(meanings.get(str(name), ""), meanings)
        chance = name in ("p", "q", "p_value", "q_value")
        columns.append(
            Column(
                str(name),
                values,
                ".2g" if chance else "",
                tip,
                zero=_LEAST if chance else "",
            )
        )
    return columns, len(frame)
