"""Clusters: how maps are embedded and grouped, seen at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from seam_core.curation import Curation
from seam_core.parameters import ClustererParameters, describe
from seam_core.registry import CLUSTERINGS, EMBEDDINGS
from seam_core.stages import AFTER_MAPS
from seam_gui.look.text import counted, plain
from seam_gui.look.theme import SPACING
from seam_gui.tabs.tab import Tab
from seam_gui.views.deferred import Deferred
from seam_gui.views.scatter_view import ScatterView
from seam_gui.widgets.basics import EmptyState, Page, SidePanel, label, row
from seam_gui.widgets.cluster_colours import colour_codes
from seam_gui.widgets.cluster_panel import ClusterPictures
from seam_gui.widgets.stability_check import StabilityCheck
from seam_gui.widgets.stage_form import RunButtons, StageForm

_AFTER_CLUSTERS = ("meta_explainer", "identifier")
_RESOURCES = ("graph_neighbors", "memory_limit_gb", "cluster_threads", "cluster_device", "seed")


class ClusterTab(Tab):
    """Forms on the left; scatter above, tree and curves below."""

    title = "Clusters"
    warm_up = ("seam_core.pipeline", "seam_core.clusterer")

    def build(self) -> Iterator[None]:
        """Make the forms and the pictures, a step each."""
        state = self.state
        splitter = QSplitter()
        splitter.setObjectName("cluster_splitter")
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        yield from self._make_panel(splitter)
        self.pictures = ClusterPictures(state, self.jobs)
        self._stability = StabilityCheck(
            state, self.jobs, self.services.engine, self.services.working, self.pictures.stability
        )
        yield
        splitter.addWidget(self._make_page())
        splitter.setStretchFactor(1, 1)
        yield
        self._refresh = Deferred(self, self._show)
        state.session_changed.connect(self._refresh)
        state.record_changed.connect(self._follow)
        state.clustering_changed.connect(self._refresh)
        state.theme_changed.connect(self._refresh)
        self._refresh()

    def _make_panel(self, splitter: QSplitter) -> Iterator[None]:
        state = self.state
        panel = SidePanel("cluster_panel")
        splitter.addWidget(panel)
        of_embedding = _of_embedding()
        panel.add_section("Embedding", StageForm(state, "clusterer", only=of_embedding))
        yield
        grouping = StageForm(state, "clusterer", leave_out=of_embedding + _RESOURCES)
        panel.add_section("Clustering", grouping)
        yield
        panel.add_section("Seed and resources", StageForm(state, "clusterer", only=_RESOURCES))
        panel.add_section("Summaries of the clusters", StageForm(state, "meta_explainer"))
        panel.finish()
        self.run_buttons = RunButtons(
            state,
            self.jobs,
            "cluster",
            "Clusters and all that follows",
            "Embed, cluster, summarise the clusters and find sites (Ctrl+Return). An embedding or "
            "a tree that is there already, made with the same parameters, is not made again",
            lambda: AFTER_MAPS,
            [
                (
                    "cluster_only",
                    "Embed and cluster only",
                    "Without the summaries and the sites",
                    ("clusterer",),
                ),
                (
                    "cluster_summarise",
                    "Summaries and sites only",
                    "Order, background and sites of the clusters that there are",
                    _AFTER_CLUSTERS,
                ),
            ],
        )
        panel.buttons.addWidget(self.run_buttons)
        yield

    def _make_page(self) -> Page:
        empty = EmptyState(
            "cluster_empty",
            "No embedding or clusters yet",
            "Maps that look alike are one mechanism. Choose how maps are put on a plane and how "
            "they are grouped on the left, then press the blue button.",
        )
        self.scatter = ScatterView()
        self.scatter.setObjectName("cluster_scatter")
        self.scatter.set_tool("pan")
        self.scatter.set_empty_text("No embedding: choose one on the left")
        self._facts = label("", "muted", "cluster_facts")
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, 0)
        column.setSpacing(SPACING)
        column.addLayout(row(self._facts))
        column.addWidget(self.scatter, 1)
        self.pictures.labels_previewed.connect(self._preview)
        self.pictures.cut_chosen.connect(self._use_cut)
        self.pictures.number_chosen.connect(self._use_number)
        content = QSplitter(Qt.Vertical)
        content.setObjectName("cluster_pictures_splitter")
        content.addWidget(top)
        content.addWidget(self.pictures)
        content.setStretchFactor(0, 3)
        content.setStretchFactor(1, 2)
        content.setSizes([400, 320])
        content.setChildrenCollapsible(False)
        self._page = Page(content, empty)
        empty.follow(self.jobs)
        return self._page

    def _follow(self, slot: str) -> None:
        if slot in ("embedding", "linkage", "clustering", "maps"):
            self._refresh()

    def _show(self) -> None:
        session = self.state.session
        shown = (session.embedding, session.linkage, session.clustering)
        self._page.show_content(any(record is not None for record in shown))
        embedding = session.embedding
        if embedding is None:
            self.scatter.set_points(np.zeros(0), np.zeros(0))
        else:
            names = (embedding.axis_name(0), embedding.axis_name(1))
            x, y = embedding.coordinates[:, 0], embedding.coordinates[:, 1]
            self.scatter.set_points(x, y, names)
        self._show_clusters()

    def _show_clusters(self) -> None:
        labels = self._labels()
        if labels is not None:
            self._colour(labels, self.state.curation)
        session, clustering = self.state.session, self.state.session.clustering
        facts = []
        if session.embedding is not None:
            maps = counted(len(session.embedding), "map")
            facts.append(f"{EMBEDDINGS.label(session.embedding.method)}, {maps}")
        if labels is not None:
            n = len(np.unique(labels[labels >= 0]))
            facts.append(
                counted(n, "cluster")
                + (
                    f" ({CLUSTERINGS.label(clustering.method)})"
                    if n and clustering is not None
                    else ""
                )
            )
            noise = int(np.count_nonzero(labels < 0))
            if noise:
                facts.append(f"{noise:,} noise")
            if clustering is not None and clustering.cut_height is not None:
                facts.append(f"cut at {clustering.cut_height:.4g}")
        self._facts.setText("   ·   ".join(facts))
        self._facts.setToolTip("" if clustering is None else plain(clustering.reason))

    def _labels(self) -> np.ndarray | None:
        if self.state.curation is not None:
            return self.state.curation.labels
        clustering = self.state.session.clustering
        return None if clustering is None else clustering.labels

    def _colour(self, labels: np.ndarray, curation: Curation | None = None) -> None:
        embedding = self.state.session.embedding
        if embedding is not None and len(labels) == len(embedding):
            self.scatter.set_colours(*colour_codes(labels, curation))

    def _preview(self, labels: Any) -> None:
        """Colours of a cut that is tried out; None goes back to the session's clusters."""
        if labels is None:
            self._show_clusters()
        else:
            self._colour(labels)
            clusters = counted(int(labels.max()) + 1, "cluster")
            self._facts.setText(f"{clusters} at this cut (not yet used)")

    def _use_cut(self, height: float) -> None:
        wanted = self.state.parameters("clusterer")
        linkage = self.state.session.linkage
        if linkage is not None and _is_tree(linkage.method):
            wanted = wanted.replace(clustering=linkage.method)
        self._recut(wanted.replace(cut_height=height))

    def _use_number(self, n_clusters: int) -> None:
        wanted = self.state.parameters("clusterer")
        linkage = self.state.session.linkage
        if linkage is not None and not _is_tree(wanted.clustering):
            wanted = wanted.replace(clustering=linkage.method)
        self._recut(wanted.replace(cut_height=None, n_clusters=n_clusters))

    def _recut(self, wanted: ClustererParameters) -> None:
        self.state.set_parameters("clusterer", wanted)
        self.state.run_requested.emit(AFTER_MAPS)


def _is_tree(clustering: str) -> bool:
    method = CLUSTERINGS.find(clustering)
    return method is not None and method.is_tree


def _of_embedding() -> tuple[str, ...]:
    """The embedding, and the parameters that hang on which it is."""
    hanging = (d for d in describe(ClustererParameters) if d.when and d.when[0] == "embedding")
    return ("embedding", "n_components", *(declared.name for declared in hanging))
