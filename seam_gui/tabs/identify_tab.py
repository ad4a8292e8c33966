"""Identify: binding sites, which clusters show them, and how they interact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QAction, QLabel, QSplitter, QVBoxLayout, QWidget

from seam_core import selection as sel
from seam_core.findings import verdicts_of
from seam_core.meta_explainer import reference_row
from seam_core.pictures import msm_limits
from seam_core.records import Explanation, Sites
from seam_core.selection import Clusters, landscape_of
from seam_core.site_boxes import site_boxes
from seam_gui.actions import Actions
from seam_gui.commands import TAB_MENUS, VIEW_MENUS
from seam_gui.look.theme import SPACING, theme
from seam_gui.look.words import SITES_BEFORE
from seam_gui.pictures.identify_pictures import IdentifyPictures
from seam_gui.pictures.scene import Scene
from seam_gui.pictures.shown import SitesShown
from seam_gui.services import Services
from seam_gui.tabs.identify.results_panel import ResultsPanel
from seam_gui.tabs.identify.site_editor import SiteEditor
from seam_gui.tabs.identify.ways_finder import WaysFinder
from seam_gui.tabs.tab import Tab
from seam_gui.views.covariance_view import SHAPES, CovarianceView
from seam_gui.views.deferred import Deferred
from seam_gui.views.dendrogram_view import DendrogramView
from seam_gui.views.msm_matrix import Matrix, scale_of
from seam_gui.views.msm_view import MsmView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.scale_bar import ScaleBar
from seam_gui.widgets.basics import EmptyState, Page, SidePanel, label
from seam_gui.widgets.cluster_colours import colours_of
from seam_gui.widgets.fields import ComboBox
from seam_gui.widgets.flow_row import FlowRow
from seam_gui.widgets.stage_form import RunButtons, StageForm
from seam_gui.work.curated import Curated


class IdentifyTab(Tab):
    """Form on the left; covariance and tree, MSM with the sites, tables below."""

    title = "Identify"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.axis = PositionAxis(self)
        self.axis.set_spacing(services.settings.position_spacing)
        self.editor = SiteEditor(self.state, self.jobs, self)
        self.curated = Curated(self.state, self.jobs, self)
        self._msm_levels: tuple[float, float] | None = None  # as the user dragged them
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._show)

    def build(self) -> Iterator[None]:
        """Make the form, the pictures and the tables, a step each."""
        splitter = QSplitter()
        splitter.setObjectName("identify_splitter")
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        splitter.addWidget(self._make_panel())
        yield
        self.results = ResultsPanel()
        yield
        self._make_pictures()
        yield
        splitter.addWidget(self._make_page())
        splitter.setStretchFactor(1, 1)
        yield
        state = self.state
        state.theme_changed.connect(Deferred(self, self._dress))
        for signal in (state.session_changed, state.curation_changed):
            signal.connect(lambda: self._later.start(0))
        state.record_changed.connect(lambda _slot: self._later.start(0))
        self.curated.changed.connect(lambda: self._later.start(0))
        state.selection_changed.connect(self._follow_selection)
        self._connect()
        self.ways = WaysFinder(self.services, self.results.robustness)
        self.pictures = IdentifyPictures(self.state, self.jobs, self, self.shown)
        self.results.pages.currentChanged.connect(self.pictures.note_page)
        self._make_actions()
        self._later.start(0)  # the window answers in between

    def _make_actions(self) -> None:
        editor, results = self.editor, self.results
        names = results.table.selected_names
        handlers = {
            "site_add": lambda: editor.add(self.axis.brush),
            "site_remove": lambda: editor.remove(names()),
            "site_join": lambda: editor.join(names()),
            "site_split": lambda: editor.split(names(), self.axis.brush),
            "site_match": lambda: editor.match(results.motif_choice.source),
            "site_use_names": lambda: editor.use_names(results.matches),
            "site_export": lambda: editor.export(results.matches),
            "export_sites_picture": self.pictures.ask,
            "copy_sites_python": self.pictures.copy_python,
        }
        commands = [command for menu in TAB_MENUS[self.title].values() for command in menu]
        self._actions = Actions(commands, handlers, self.state, self, inside=True)
        for name, views in (
            ("sites", (results.table,)),
            ("positions", (self.covariance, self.msm, self.tree)),
            ("results", (results.configuration, results.epistasis, results.pairs)),
        ):
            for view in views:
                self._actions.offer(view, VIEW_MENUS[name])

    def menu_actions(self) -> dict[str, list[QAction]]:
        """Its commands."""
        return {menu: self._actions.of(own) for menu, own in TAB_MENUS[self.title].items()}

    def shown(self) -> SitesShown:
        """All that a figure of the tab depends on."""
        curation = self.state.curation
        return SitesShown(
            self.curated.session,
            {} if curation is None else dict(curation.names),
            self.axis.window(),
            self.covariance.shape,
            self.results.binary,
            self.covariance.chosen_levels,
            edited=self.curated.session is not self.state.session,
        )

    def _make_panel(self) -> SidePanel:
        panel = SidePanel("identify_panel")
        panel.add_section("Sites", StageForm(self.state, "identifier"))
        panel.add_section("Test on the model", StageForm(self.state, "experimenter"))
        panel.finish()
        self.run_buttons = RunButtons(
            self.state,
            self.jobs,
            "identify",
            "Find sites",
            "Positions that clusters keep or lose together, and how they interact (Ctrl+Return)",
            self._stages,
            (
                (
                    "identify_test",
                    "Test on the model",
                    "Ask the model again about each site: knocked out, put in, combined",
                    ("experimenter",),
                ),
            ),
        )
        self._stale = label(
            SITES_BEFORE + ": Find sites looks for them anew.",
            "warning",
            "identify_stale",
        )
        panel.buttons.addWidget(self._stale)
        panel.buttons.addWidget(self.run_buttons)
        return panel

    def _stages(self) -> tuple[str, ...]:
        stale = self.state.curation is not None and self.state.curation.stale
        return ("meta_explainer", "identifier") if stale else ("identifier",)

    def _make_pictures(self) -> None:
        self.covariance = CovarianceView(self.axis)
        self.tree = DendrogramView("position_tree")
        self.tree.set_empty_text("The tree of positions")
        self.msm = MsmView(self.axis)
        self.msm.setObjectName("identify_msm")
        self._shape = ComboBox()
        self._shape.setObjectName("covariance_shape")
        self._shape.addItems(SHAPES)
        self._shape.setToolTip("Draw the covariance as a square or as its upper triangle")
        self._shape.currentTextChanged.connect(self.covariance.set_shape)
        self._scale = ScaleBar("covariance_scale", self.covariance.images)
        self._scale.levels_chosen.connect(self._choose_levels)
        self._msm_scale = ScaleBar("identify_msm_scale", self.msm.images)
        self._msm_scale.levels_chosen.connect(self._choose_msm_levels)

    def _make_page(self) -> Page:
        left = QWidget()
        line = FlowRow(_heading("Covariance"), self._shape, None, self._scale)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.covariance, 1)
        right = QWidget()
        line = FlowRow(_heading("Clusters by position"), None, self._msm_scale)
        line.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.msm, 3)
        heading = label("Tree of positions: drag the line", "muted")
        heading.setContentsMargins(SPACING, SPACING, SPACING, 0)
        column.addWidget(heading)
        column.addWidget(self.tree, 2)
        above = QSplitter()
        above.setObjectName("identify_above")
        above.addWidget(left)
        above.addWidget(right)
        above.setSizes([490, 400])  # both headings in one line at 1280 pixels
        above.setChildrenCollapsible(False)
        above.setProperty("help_page", "site_pictures")
        whole = QSplitter(Qt.Vertical)
        whole.setObjectName("identify_vertical")
        whole.addWidget(above)
        whole.addWidget(self.results)
        whole.setSizes([440, 260])
        whole.setChildrenCollapsible(False)
        empty = EmptyState(
            "identify_empty",
            "No sites yet",
            "Binding sites are found from the clusters' summary matrix. Embed and cluster first "
            "(Clusters tab), then press Find sites.",
        )
        self._page = Page(whole, empty)
        empty.follow(self.jobs)
        return self._page

    def _connect(self) -> None:
        results, editor = self.results, self.editor
        results.site_edited.connect(editor.edit_cell)
        results.sites_chosen.connect(self._show_site)
        results.asked.connect(lambda name: self._actions[name].trigger())
        results.cluster_clicked.connect(self._select_cluster)
        results.export_asked.connect(editor.export_frame)
        editor.matched.connect(results.set_matches)
        self.tree.cut_released.connect(editor.cut)
        self.msm.cell_clicked.connect(lambda cluster, _p, mode: self._select_cluster(cluster, mode))
        self.msm.rows_brushed.connect(self._select_clusters)
        self.axis.editable = True
        self.axis.bounds_dragged.connect(editor.set_bounds)
        for view in (self.msm, self.covariance):
            view.brushed.connect(self._brush)

    # follow the state

    def _show(self) -> None:
        session = self.curated.session
        explanation, sites = session.explanation, session.sites
        self._stale.setVisible(self.state.curation is not None and self.state.curation.stale)
        self._page.show_content(explanation is not None and sites is not None)
        library = session.library
        where = None if library is None else reference_row(library)
        clustering = session.clustering
        self._reference = (
            None if where is None or clustering is None else int(clustering.labels[where])
        )
        self.results.set_session(session, self._reference)
        if explanation is None or sites is None:
            self.covariance.set_matrix(None)
            self.tree.set_linkage(None)
            self.msm.set_matrix(None)
            return
        width = explanation.entropy.shape[1]
        extent = (explanation.start, explanation.start + width)
        if (self.axis.start, self.axis.stop) != extent:
            self.axis.set_extent(*extent)
        self.axis.set_locus(session.locus)
        self.axis.set_sites(sites.sites, verdicts_of(session.experiments))
        self.covariance.set_matrix(sites.covariance, explanation.start)
        self._show_scale()
        self.tree.set_linkage(sites.linkage, "group")
        self.tree.set_cut(sites.cut_height)
        self._show_msm(explanation, sites)
        self._follow_selection()

    def _dress(self) -> None:
        """What is drawn in colours of the theme and does not follow it by itself."""
        session = self.curated.session
        if session.explanation is not None and session.sites is not None:
            self._show_scale()
            self._show_msm(session.explanation, session.sites)

    def _choose_levels(self, levels: tuple[float, float] | None) -> None:
        self.covariance.set_levels(levels)
        self._show_scale()

    def _choose_msm_levels(self, levels: tuple[float, float] | None) -> None:
        self._msm_levels = levels
        self._later.start(0)

    def _show_scale(self) -> None:
        self._scale.set_scale(theme().diverging(), *self.covariance.levels, "bits²")

    def _show_msm(self, explanation: Explanation, sites: Sites) -> None:
        ids, scene = explanation.ids, Scene(self.curated.session, self.state.curation)
        where = () if self._reference is None else np.flatnonzero(ids == self._reference).tolist()
        matrix = Matrix(
            explanation.entropy,
            ids,
            tuple(scene.title_of(int(i)) for i in ids),
            colours_of(ids, self.state.curation),
            explanation.start,
            "Entropy",
            "bits",
            self._msm_levels or msm_limits(explanation.entropy, "entropy"),
            reference_row=where[0] if where else None,
            boxes=site_boxes(sites, ids),
        )
        self.msm.set_matrix(matrix)
        self._msm_scale.set_scale(scale_of(matrix), *matrix.limits, "bits")

    def _follow_selection(self) -> None:
        selection = self.state.selection
        ids = () if selection is None else selection.clusters()
        self.msm.set_chosen(frozenset(ids))
        self.axis.set_brush(None if selection is None else selection.positions)

    # what the user asks for

    def _select_cluster(self, cluster_id: int, mode: str) -> None:
        self._select_clusters((cluster_id,), mode)

    def _select_clusters(self, ids: tuple[int, ...], mode: str) -> None:
        session = self.state.session
        curation = self.state.curation
        clustering = session.clustering if curation is None else curation.as_clustering()
        landscape = landscape_of(session.library, session.table, None, clustering, None)
        new = sel.select(landscape, Clusters(ids), mode, self.state.selection)
        self.state.change(f"Select {Clusters(ids).describe()}", selection=new)

    def _brush(self, positions: tuple[int, int] | None) -> None:
        old = self.state.selection
        if positions != (None if old is None else old.positions):
            known = self.state.session.library or self.state.session.clustering
            new = replace(old or sel.nothing(len(known or ())), positions=positions)
            self.state.change("Brush positions", selection=new)

    def _show_site(self, names: list[str]) -> None:
        """Rows of the table highlight their positions."""
        sites = self.state.session.sites
        selected = [] if sites is None else [s for s in sites.sites if s.name in names]
        if selected:
            self._brush((min(s.start for s in selected), max(s.stop for s in selected)))


def _heading(text: str) -> QLabel:
    heading = label(text, "heading")
    heading.setWordWrap(False)
    return heading
