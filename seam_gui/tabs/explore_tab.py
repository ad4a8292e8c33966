"""Explore: scatter, logos, MSM, tables and statistics, all about one selection."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PyQt5.QtCore import QTimer
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QAction, QVBoxLayout, QWidget

from seam_core.manner import manner_of
from seam_core.records import Clustering, Explanation
from seam_core.selection import Clusters, Selection
from seam_gui.actions import Actions
from seam_gui.commands import TAB_MENUS
from seam_gui.dialogs import dialogs
from seam_gui.look.text import counted
from seam_gui.look.theme import theme
from seam_gui.pictures.explore_exports import ExploreExports
from seam_gui.pictures.picture_drag import PictureDrag
from seam_gui.pictures.scene import Scene
from seam_gui.pictures.shown import Shown
from seam_gui.services import Services
from seam_gui.tabs.explore.curator import Curator
from seam_gui.tabs.explore.empty_words import empty_words
from seam_gui.tabs.explore.equipment import Equipment
from seam_gui.tabs.explore.keeper import Keeper
from seam_gui.tabs.explore.panels import Panels
from seam_gui.tabs.explore.selection_logos import SelectionLogos
from seam_gui.tabs.explore.selector import Selector
from seam_gui.tabs.explore.subspaces import Subspaces
from seam_gui.tabs.explore.workings import Workings
from seam_gui.tabs.tab import Tab
from seam_gui.views.position_axis import PositionAxis
from seam_gui.widgets.in_turns import InTurns
from seam_gui.work.site_edits import SiteEdits


class ExploreTab(Tab):
    """Puts the views together and turns what they ask for into steps of the history."""

    title = "Explore"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        state, jobs = self.state, self.jobs
        self.scene = Scene(state.session)
        self.axis = PositionAxis(self)
        self.axis.set_spacing(services.settings.position_spacing)
        self.workings = Workings(jobs, self)
        self.site_edits = SiteEdits(state, jobs, self)
        self.curator = Curator(state, jobs, lambda: self.scene, self)
        self.subspaces = Subspaces(state, jobs, self)
        self.keeper = Keeper(services, self)
        self.keep = self.keeper.keep
        self._pictures = PictureDrag(lambda: services.working.path, self)
        self._waiting = False  # for the clusters to be explained
        self._followed: tuple[Scene, Selection | None] | None = None
        self._later = QTimer(self)  # several signals of one change are answered once
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._reload)
        self._tables = QTimer(self)  # they follow the pictures, in their own turn
        self._tables.setSingleShot(True)
        self._tables.timeout.connect(self._show_tables)
        self._dressed = QTimer(self)  # other colours of clusters: in a turn of its own
        self._dressed.setSingleShot(True)
        self._dressed.timeout.connect(self._show_scene)
        self._safe = theme().colour_blind
        self._in_turns = InTurns(self)

    # put together

    def build(self) -> Iterator[None]:
        """Make the panels, a few a step: the window answers in between."""
        self.panels = panels = Panels(self.axis, self.jobs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panels)
        yield
        yield from panels.build()
        self.scatter, self.logos, self.msm = panels.scatter, panels.logos, panels.msm
        self.clusters, self.sequences = panels.clusters, panels.sequences
        self.statistics, self.comparison = panels.statistics, panels.comparison
        self.tree, self.candidates = panels.tree, panels.candidates
        self.selector = Selector(
            self.state, lambda: self.scene, panels.scatter, panels.clusters.table
        )
        self.select, self.clear = self.selector.select, self.selector.clear
        self.summed = SelectionLogos(
            self.state, self.jobs, self.workings, panels.logos, self._show_sums
        )
        self.exports = ExploreExports(self.state, self.jobs, self, self.shown)
        self.equipment = Equipment(
            self.services, panels, self.curator, self.select, self.clear, self
        )
        self._connect()
        self._make_actions()
        yield
        self._reload()
        self.state.tell_manner(lambda: self.shown().manner)

    def showEvent(self, event: QShowEvent) -> None:
        self.panels.dress()  # a remembered layout may have moved them
        if self.window().focusWidget() is None:
            self.scatter.view.setFocus()

    def _connect(self) -> None:
        state = self.state
        state.session_changed.connect(self._reopened)
        state.record_changed.connect(lambda _slot: self._later.start(0))
        for signal in (state.clustering_changed, state.curation_changed):
            signal.connect(lambda: self._later.start(0))
        state.selection_changed.connect(self._follow_selection)
        for ran in (self.jobs.job_started, self.jobs.job_ended):
            ran.connect(lambda *_: self._say_empty())
        state.theme_changed.connect(self._dress)
        maps = self.panels.maps
        for source in (self.scatter, maps, self.sequences, self.tree):
            source.gesture_made.connect(self.select)
        for source in (self.scatter, maps):
            source.cleared.connect(self.clear)
        self.axis.editable = True
        self.axis.bounds_dragged.connect(self.site_edits.set_bounds)
        self.axis.range_changed.connect(
            lambda: self.sequences.table.show_window(self.axis.window())
        )
        self.tree.previewed.connect(self.scatter.preview)
        self.tree.cut_chosen.connect(self._use_cut)
        self.clusters.table.clusters_chosen.connect(self.selector.choose_rows)
        self.clusters.asked.connect(lambda name: self._actions[name].trigger())
        self.candidates.pair_chosen.connect(lambda pair: self.select(Clusters(pair)))
        self.candidates.asked.connect(lambda name: self._actions[name].trigger())
        self.clusters.labelled.connect(self.curator.label)
        self.clusters.noted.connect(self.curator.note)
        self.clusters.recompute_pressed.connect(
            lambda: state.run_requested.emit(("meta_explainer", "identifier"))
        )
        view = self.msm.view
        view.cell_clicked.connect(self.selector.choose_cell)
        view.rows_brushed.connect(lambda ids, mode: self.select(Clusters(ids), mode))
        for brushing in (view, self.logos):
            brushing.brushed.connect(self.selector.brush)
        self.comparison.cluster_clicked.connect(
            lambda cluster, mode: self.select(Clusters((cluster,)), mode)
        )
        self.logos.keep_pressed.connect(self.keep)
        self.logos.kept_chosen.connect(self.keeper.take_up)
        self.logos.kept_dropped.connect(self.keeper.drop)
        self.sequences.export_pressed.connect(self.exports.write)
        self.comparison.csv_pressed.connect(lambda: self.exports.write("comparison"))

    def _make_actions(self) -> None:
        menus, exports = TAB_MENUS[self.title], self.exports
        handlers = {
            **self.panels.handlers(),
            **self.selector.handlers(),
            **self.keeper.handlers(),
            "tick_spacing": self.ask_spacing,
            "export_picture": exports.ask,
            "copy_python": exports.copy_python,
            "copy_picture": self.copy_picture,
            **self.curator.handlers(self.selector.clusters),
            **self.subspaces.handlers(),
            **self.equipment.handlers(),
        }
        commands = [command for menu in menus.values() for command in menu]
        self._actions = Actions(commands, handlers, self.state, self, inside=True)
        for view, names in self.panels.view_menus():
            self._actions.offer(view, names)
        self._pictures.watch(self.panels.pictures())

    def menu_actions(self) -> dict[str, list[QAction]]:
        """Its commands, and which panels are shown."""
        actions = {menu: self._actions.of(own) for menu, own in TAB_MENUS[self.title].items()}
        return {**actions, "View": [*actions["View"], *self.panels.toggles()]}

    def shown(self) -> Shown:
        """All that a figure of the tab depends on."""
        scatter = self.scatter
        return Shown(
            self.scene,
            self.state.selection,
            self.logos.options,
            self.axis.window(),
            scatter.colour_by,
            scatter.order,
            scatter.axes,
            self.msm.quantity,
            self.comparison.kind,
            self.msm.clusters,
            *self.comparison.counted(),
            scatter.limits,
            self.comparison.outliers(),
            scatter.view.star,
            self.msm.limits,
            self.state.tracks,
            self.panels.legend.left_out,
            scatter.view.marker,
            self.equipment.names.mode,
            scatter.view.sight,
            self.equipment.names.letter,
        )

    # follow the state

    def _reopened(self) -> None:
        self._later.stop()
        self.workings.forget()
        self.summed.forget()
        self.scene = Scene(self.state.session)
        self.msm.forget_limits()
        if "pictures" in self.state.session.state:
            manner = manner_of(self.state.session.state)
            self.logos.take_manner(manner)
            self.msm.take_manner(manner)
            self.panels.legend.take_manner(manner)
            self.equipment.names.mode = manner.naming
        self._in_turns.hold(self.scatter, self.logos, self.msm, *self.panels.docks)
        self._reload()

    def _reload(self) -> None:
        """Take session and curation as they are now."""
        session, curation = self.state.session, self.state.curation
        old, fresh = self.scene, Scene(session, curation)
        current = session.clustering is not None and not (curation and curation.stale)
        if session.explanation is not None and current and fresh.labels is not None:
            self.workings.remember(fresh.labels, session.explanation)
        explanation = self.workings.explanation_of(fresh.labels)
        self._waiting = False
        if explanation is None and fresh.labels is not None:
            self._waiting = self.workings.explain(
                old, fresh, lambda found: self._explained(fresh, found)
            )
        self._take(fresh.with_explanation(explanation))
        if session.maps is not None:
            self.workings.warm_up(session.maps.maps.shape[2])

    def _say_empty(self) -> None:
        """What the views say while they have nothing to show."""
        running = any(job.key == "run" for job in self.jobs.visible_jobs)
        points, logos, clusters = empty_words(self.scene, running=running)
        self.scatter.view.set_empty_text(points)
        for logo in (self.logos.attribution, self.logos.sequence):
            logo.set_empty_text(logos)
        for view in (self.msm.view, self.comparison.plot):
            view.set_empty_text(clusters)

    def _explained(self, scene: Scene, explanation: Explanation) -> None:
        """The worker knows the clusters; `scene` is still the one shown unless it was edited."""
        if scene.labels is None or scene.labels is not self.scene.labels:
            return
        self._waiting = False
        self.workings.remember(scene.labels, explanation)
        session = self.state.session
        computed = session.clustering is not None and session.clustering.labels is scene.labels
        if computed and session.explanation is None:
            self.state.set_record("explanation", explanation)  # shown when the state says so
        else:
            self._take(self.scene.with_explanation(explanation))

    def _take(self, scene: Scene) -> None:
        before, self.scene = self.scene, scene
        explanation = scene.explanation
        self.summed.set_scene(scene)
        if explanation is not None and scene.total is not None:
            old = before.explanation
            width = explanation.entropy.shape[1]
            if old is None or (old.start, old.entropy.shape[1]) != (explanation.start, width):
                self.axis.set_extent(explanation.start, explanation.start + width)
        self._show_scene()

    def _show_scene(self) -> None:
        """Draw everything; what needs sums that are being made keeps its picture until then."""
        scene = self.scene
        self._say_empty()
        self.axis.set_sites(*scene.judged_sites)
        self.axis.set_locus(scene.session.locus)
        self.scatter.set_scene(scene)
        self.equipment.set_scene(scene)
        self._tables.start(0)
        self._followed = None
        if not self._waiting:
            self.msm.set_scene(scene)
        self._follow_selection()

    def _show_tables(self) -> None:
        scene, curation = self.scene, self.state.curation
        self.clusters.set_scene(scene)
        stale = curation is not None and curation.stale and scene.session.sites is not None
        self.clusters.set_stale(stale)
        self.clusters.set_carried(self.state.carried)
        self.tree.set_scene(scene)
        self.candidates.set_scene(scene)
        self._choose_rows()

    def _choose_rows(self) -> None:
        ids = () if self.state.selection is None else self.state.selection.clusters()
        self.clusters.table.set_chosen(ids)
        self.candidates.set_chosen(ids)

    def _dress(self) -> None:
        """Another theme; colours of clusters and letters change for colour-blind eyes alone."""
        if theme().colour_blind != self._safe:
            self._safe = theme().colour_blind
            self._dressed.start(0)
        else:
            self.msm.dress()

    def _follow_selection(self) -> None:
        selection, scene = self.state.selection, self.scene
        rows = self.logos.rows
        if rows.kept != self.state.kept:  # at once: those that are gone cannot be clicked
            rows.set_kept([(kept, self.summed.words(kept), None) for kept in self.state.kept])
        if self._later.isActive():
            return  # the clusters are about to change, too
        if self._followed == (scene, selection) and not self._waiting:
            self.summed.show()  # another kept selection
            return
        self._followed = (scene, selection)
        self.scatter.set_selection(selection)
        ids = selection.clusters() if selection is not None else ()
        if not self._tables.isActive():
            self._choose_rows()
        self.equipment.set_selection(selection)
        self.comparison.plot.set_chosen(frozenset(ids))
        self.axis.set_brush(None if selection is None else selection.positions)
        nonempty = selection if selection is not None and selection.count > 0 else None
        title, count = scene.title_of_selection(selection), scene.count_of_selection(selection)
        self.logos.set_title(title, count, nonempty is not None)
        if self._waiting:
            return
        if self.summed.follow(scene, nonempty):
            self._show_sums()
        else:
            self.msm.view.set_chosen(frozenset())

    def _show_sums(self) -> None:
        if self._waiting:
            return
        selection, sums = self.state.selection, self.summed.sums
        ids = selection.clusters() if selection is not None else ()
        some = selection is not None and selection.count > 0
        self.msm.set_selection(ids, sums if some and len(ids) != 1 else None)
        self.sequences.show_sequences(self.scene, selection, sums)
        self.statistics.show_statistics(self.scene, selection, sums)
        self.summed.show()

    # what the user asks for

    def ask_spacing(self) -> None:
        """Every how many positions the axes have a number."""
        now = self.axis.spacing
        answer = dialogs().ask_text(
            self, "Position numbers", "Every how many positions (empty: auto)", f"{now or ''}"
        )
        if answer is None:
            return
        text = answer.strip()
        if text and not (text.isdigit() and int(text) > 0):
            said = f"Spacing: got {answer!r}; expected a whole number from 1, or nothing"
            self.state.status_message.emit(said)
            return
        self.services.settings.position_spacing = int(text) if text else None
        self.axis.set_spacing(self.services.settings.position_spacing)

    def copy_picture(self) -> None:
        """The picture that has the keyboard, to the clipboard."""
        copied = self._pictures.copy()
        self.state.status_message.emit(f"Copied: {copied}" if copied else "There is no picture yet")

    def _use_cut(self, labels: np.ndarray, height: float) -> None:
        """Other clusters from the same tree, in one step of the history."""
        session, linkage = self.state.session, self.state.session.linkage
        if linkage is None:
            return
        cut = Clustering(labels, linkage.method, "linkage", linkage.parameters, height)
        self.state.take_result(
            f"Cut the tree into {counted(len(cut.ids), 'cluster')}",
            session.with_record("clustering", cut),
        )
