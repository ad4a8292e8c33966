"""The Clusters tab."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtWidgets import QLabel, QTabBar
from scipy.cluster.hierarchy import fcluster

from seam_core.colours import NOISE, rgb
from seam_core.parameters import ClustererParameters
from seam_core.records import Clustering
from seam_gui.widgets.cluster_colours import colour_codes
from seam_gui.widgets.stability_check import as_shown


@pytest.fixture
def opened(window, session_folder):
    window.open(session_folder)
    window.show_tab("Clusters")
    window.settle()
    return window


def test_the_scatter_and_the_facts(opened):
    facts = opened.find("cluster_facts", QLabel).text()
    assert "600 maps" in facts
    assert "clusters" in facts


def test_dragging_the_cut_recolours_and_counts(opened):
    matrix = opened.state.session.linkage.matrix
    height = float(np.sort(matrix[:, 2])[-5])
    seen = []
    opened.tab("Clusters").pictures.labels_previewed.connect(seen.append)
    opened.find("cluster_dendrogram").cut_moved.emit(height)
    opened.settle()
    expected = fcluster(matrix, height, "distance")
    assert len(np.unique(seen[-1])) == len(np.unique(expected))
    same_ours = seen[-1][:, None] == seen[-1][None]
    same_scipy = expected[:, None] == expected[None]
    assert np.array_equal(same_ours, same_scipy)
    count = len(np.unique(expected))
    assert opened.find("cluster_tree_words", QLabel).text().startswith(f"{count} clusters")
    # the session is as it was until the cut is used
    before = opened.state.session.clustering
    opened.click("cluster_tree_back")
    assert seen[-1] is None
    assert opened.state.session.clustering is before


def test_using_a_cut_makes_it_the_sessions_clusters(opened):
    height = float(np.sort(opened.state.session.linkage.matrix[:, 2])[-5]) * 1.0001
    opened.find("cluster_dendrogram").cut_released.emit(height)
    opened.settle()
    opened.click("cluster_use_cut")
    opened.settle()
    assert not opened.door.errors, opened.door.errors
    session = opened.state.session
    assert len(session.clustering.ids) == 5
    assert session.clustering.cut_height == pytest.approx(height)
    assert session.explanation.n_clusters == 5


def test_a_click_on_a_branch_selects_its_sequences(opened):
    matrix = opened.state.session.linkage.matrix
    n = len(matrix) + 1
    node = n + len(matrix) - 2
    opened.find("cluster_dendrogram").branch_clicked.emit(node, "replace")
    assert opened.state.selection.count == int(matrix[len(matrix) - 2, 3])
    opened.state.history.undo()
    assert opened.state.selection is None or opened.state.selection.count == 0


def test_the_spectrum_says_where_80_and_90_percent_are(opened):
    shares = opened.state.session.embedding.variance_ratio
    names = opened.find("cluster_picture_names", QTabBar)
    names.setCurrentIndex([names.tabText(i) for i in range(names.count())].index("PCA spectrum"))
    curve = opened.find("pca_spectrum")
    assert np.allclose(curve.y_values, np.cumsum(shares) * 100)
    for mark in curve.marks:
        share, at = mark.text.split(" % at ")
        reached = np.cumsum(shares)[int(at) - 1]
        assert reached * 100 >= float(share)


def test_noise_is_grey_and_no_index():
    labels = np.array([0, 2, -1, 1])
    codes, palette = colour_codes(labels)
    assert tuple(palette[codes[2]]) == rgb(NOISE)
    assert len({tuple(palette[c]) for c in codes}) == 4


def test_a_session_without_a_tree(opened):
    opened.state.set_record("linkage", None)
    opened.settle()
    view = opened.find("cluster_dendrogram")
    assert view.groups_at(1.0) == 1  # nothing is joined, so nothing is cut


def show_picture(window, text):
    names = window.find("cluster_picture_names", QTabBar)
    names.setCurrentIndex([names.tabText(i) for i in range(names.count())].index(text))
    window.settle()


def test_the_number_of_clusters_suggested_is_that_of_the_engine_and_can_be_used(opened):
    from seam_core.clusterer import suggest_n_clusters
    from seam_core.identifier import SitesShown

    session = opened.state.session
    window = range(session.maps.start, session.maps.stop)
    shown = SitesShown(session.library, window)
    expected = suggest_n_clusters(session.linkage, session.table.activity, shown=shown)
    show_picture(opened, "How many clusters")
    assert expected.reason in opened.find("cluster_advice", QLabel).text()
    assert np.allclose(opened.find("merge_gaps").y_values, expected.gaps)
    opened.tab("Clusters").pictures.number_chosen.emit(expected.n_clusters)
    opened.settle()
    assert not opened.door.errors, opened.door.errors
    assert len(opened.state.session.clustering.ids) == expected.n_clusters
    show_picture(opened, "Agreement")
    assert "adjusted Rand" in opened.find("cluster_agreement", QLabel).text()
    cells = opened.find("cluster_cross_table").frame
    assert cells.rowCount() == len(session.clustering.ids)
    counts = np.array([column.values for column in cells.columns[1:]])
    now = opened.state.session.clustering
    assert np.array_equal(counts.sum(axis=1), np.unique(now.labels, return_counts=True)[1])
    assert np.array_equal(
        counts.sum(axis=0), np.unique(session.clustering.labels, return_counts=True)[1]
    )


def test_the_page_of_the_number_scrolls_in_a_low_window(opened):
    show_picture(opened, "How many clusters")
    curve, scroll = opened.find("merge_gaps"), opened.find("cluster_number_scroll")
    opened.find("cluster_pictures_splitter").setSizes([10_000, 0])
    opened.settle()
    assert curve.height() >= curve.minimumHeight() > 0
    assert scroll.verticalScrollBar().maximum() > 0
    opened.find("cluster_use_number").setFocus()
    scroll.ensureWidgetVisible(curve)
    assert scroll.verticalScrollBar().value() > 0


def test_stability_is_measured_in_the_engine(opened):
    wanted = opened.state.parameters("clusterer").replace(clustering="kmeans", n_clusters=4)
    opened.state.set_parameters("clusterer", wanted)
    opened.run("clusterer")
    show_picture(opened, "Stability")
    opened.click("cluster_measure")
    opened.settle()
    assert not opened.door.errors, opened.door.errors
    assert "over 5 subsets" in opened.find("cluster_stability", QLabel).text()
    assert len(opened.find("stability_bars").counts) == 4


@pytest.mark.parametrize(
    ("method", "n_clusters", "cut_height"), [("ward", 3, None), ("hdbscan", None, 2.5)]
)
def test_stability_is_of_the_clusters_shown_not_of_those_asked_for(method, n_clusters, cut_height):
    asked = ClustererParameters(cut_height=2.5)
    shown = Clustering(np.array([0, 0, 1, 2, -1]), method, "linkage", asked, 1.5)
    found = as_shown(shown, ClustererParameters())
    assert (found.n_clusters, found.cut_height) == (n_clusters, cut_height)
    assert as_shown(replace(shown, parameters=None), asked) == found
