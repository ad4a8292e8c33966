"""Explore: the table of clusters, their curation, tree and statistics."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QDockWidget, QLineEdit

from seam_core import store
from seam_core.meta_explainer import MetaExplainer
from seam_core.records import Clustering
from seam_gui.views.cluster_table import CLUSTER, LABEL, MEDIAN, SIZE
from seam_gui.views.rasteriser import HIDDEN
from tests.gui.exploring import (
    ask,
    cell,
    choose,
    click_like,
    click_row,
    mask,
    row_of,
    tab,
    text,
)


def test_table_tells_what_the_clusters_are(explore):
    session = explore.state.session
    explanation = session.explanation
    table = tab(explore).clusters.table
    assert table.clusters.rowCount() == explanation.n_clusters
    for k, cluster in enumerate(explanation.ids.tolist()):
        assert cell(explore, cluster, SIZE) == f"{explanation.sizes[k]:,}"
        assert float(cell(explore, cluster, MEDIAN)) == pytest.approx(
            explanation.activity_quartiles[k, 2], rel=0.01
        )
    starred = [r for r in table.clusters.clusters if r.reference]
    assert [r.cluster_id for r in starred] == [int(session.clustering.labels[0])]
    assert "★" in cell(explore, starred[0].cluster_id, CLUSTER)


def test_rows_are_copied_whole_and_with_all_digits(explore):
    click_row(explore, 2)
    table = tab(explore).clusters.table
    QTest.keyClick(table, Qt.Key_C, Qt.ControlModifier)
    names, values = (row.split("\t") for row in QApplication.clipboard().text().splitlines())
    members = explore.state.session.table.activity[explore.state.session.clustering.labels == 2]
    assert names[:5] == ["Cluster", "Label", "n", "Median", "IQR"]
    assert (values[0], values[2]) == ("2", str(len(members)))
    assert float(values[3]) == pytest.approx(np.median(members), rel=1e-6)
    table.clearSelection()
    QTest.keyClick(table, Qt.Key_C, Qt.ControlModifier)
    assert len(QApplication.clipboard().text().splitlines()) == 1 + len(table.clusters.clusters)


def test_undo_and_redo_walk_through_selection_and_curation(explore):
    first, second = tab(explore).scene.order[:2]
    click_row(explore, first)
    click_row(explore, second, Qt.ControlModifier)
    labels = explore.state.session.clustering.labels
    explore.click("cluster_merge")
    explore.settle()
    new = int(labels.max()) + 1
    assert new in tab(explore).scene.order
    assert explore.state.selection.clusters() == (new,)
    for _ in range(3):
        explore.trigger("undo")
    explore.settle()
    assert explore.state.selection is None
    assert explore.state.curation is None
    assert tab(explore).scene.order[:2] == (first, second)
    for _ in range(3):
        explore.trigger("redo")
    explore.settle()
    assert explore.state.selection.clusters() == (new,)
    assert cell(explore, new, SIZE) == str(np.isin(labels, [first, second]).sum())


def test_merge_updates_table_logo_and_msm_as_a_new_run_would(explore):
    first, second = tab(explore).scene.order[2:4]
    click_row(explore, first)
    click_row(explore, second, Qt.ControlModifier)
    explore.trigger("cluster_merge")
    explore.settle()
    session, curation = explore.state.session, explore.state.curation
    expected = MetaExplainer(session.explanation.parameters).run(
        session.library,
        session.table,
        session.maps,
        Clustering(curation.labels, "curated", "maps"),
    )
    shown = tab(explore).scene.explanation
    assert np.array_equal(shown.ids, expected.ids)
    np.testing.assert_allclose(shown.map_sums, expected.map_sums, atol=1e-4)
    np.testing.assert_allclose(shown.entropy, expected.entropy, atol=1e-9)
    np.testing.assert_allclose(shown.activity_quartiles, expected.activity_quartiles)
    assert tab(explore).msm.view.matrix.values.shape[0] == len(expected.ids)
    assert explore.find("stale_label").isVisible()
    assert explore.find("recompute_button").isVisible()


def test_labels_colours_notes_hiding_and_order(explore):
    cluster = tab(explore).scene.order[1]
    table = tab(explore).clusters.table
    model = table.clusters
    model.setData(model.index(row_of(explore, cluster), LABEL), "both sites")
    explore.settle()
    assert cell(explore, cluster, LABEL) == "both sites"
    click_row(explore, cluster)
    assert "both sites" in text(explore, "selection_title")
    tab(explore).curator.colour((cluster,), "#ff0000")
    tab(explore).curator.note(cluster, "see figure 2")
    explore.settle()
    assert model.clusters[row_of(explore, cluster)].colour == (255, 0, 0)
    explore.trigger("cluster_down")
    explore.settle()
    assert tab(explore).scene.order[2] == cluster
    explore.click("cluster_hide")
    explore.settle()
    labels = tab(explore).scene.labels
    assert set(tab(explore).scatter.view.points.state[labels == cluster]) == {HIDDEN}
    assert cluster not in tab(explore).msm.view.matrix.ids
    explore.click("cluster_show_all")
    explore.settle()
    assert cluster in tab(explore).msm.view.matrix.ids
    assert not explore.find("stale_label").isVisible(), "looks do not make sites stale"


def test_split_asks_for_parts_and_cut_follows_the_lasso(explore, door):
    scene = tab(explore).scene
    cluster = max(scene.order, key=lambda i: (scene.labels == i).sum())
    size = int((scene.labels == cluster).sum())
    click_row(explore, cluster)
    door.answers["ask_text"] = "3"
    explore.click("cluster_split")
    explore.settle()
    parts = [i for i in tab(explore).scene.order if i not in scene.order]
    assert len(parts) == 3
    assert sum(int(cell(explore, i, SIZE)) for i in parts) == size
    explore.trigger("undo")
    explore.settle()
    members = np.flatnonzero(scene.labels == cluster)
    half = members[: len(members) // 2]
    ask(explore, f"Cluster = {cluster} and Index <= {half[-1]}")
    explore.click("cluster_cut")
    explore.settle()
    added = [i for i in tab(explore).scene.order if i not in scene.order]
    assert sorted(int(cell(explore, i, SIZE)) for i in added) == sorted(
        [len(half), len(members) - len(half)]
    )


def test_new_cluster_from_a_selection(explore):
    ask(explore, "Hamming <= 2")
    wanted = mask(explore)
    explore.click("cluster_gather")
    explore.settle()
    labels = explore.state.curation.labels
    (new,) = np.unique(labels[wanted])
    assert np.array_equal(labels == new, wanted)


def test_statistics_of_the_selection_and_between_clusters(explore):
    cluster = tab(explore).scene.order[2]
    click_like(explore, cluster)
    explore.find("dock_statistics", QDockWidget).raise_()
    explore.settle()
    session = explore.state.session
    k = session.explanation.row_of(cluster)
    said = text(explore, "statistics_summary")
    inside = session.table.activity[session.clustering.labels == cluster]
    assert f"{len(inside):,} sequences" in said
    assert f"median {np.median(inside):.3g}" in said
    match = tab(explore).statistics._match
    expected = 100 - session.explanation.reference_mismatch[k, 12]
    assert f"match to reference {expected:.3g}" in match.value_text(12)
    explore.find("dock_comparison", QDockWidget).raise_()
    explore.settle()
    plot = tab(explore).comparison.plot
    column = int(np.flatnonzero(tab(explore).msm.rows == k)[0])
    assert f"{np.median(inside):.3g}" in plot.text_of(column)
    for kind in ("compact", "bar", "occupancy", "marginal", "box"):
        choose(explore, "comparison_kind", kind)
        plot.grab()
    x = plot._area().left() + 0.5 * plot._area().width() / len(plot._data.ids)
    QTest.mouseClick(plot.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(int(x), 60))
    assert explore.state.selection.clusters() == (int(plot._data.ids[0]),)


def test_tree_branch_selects_and_cut_recolours_then_becomes_the_clusters(explore):
    explore.find("dock_tree", QDockWidget).raise_()
    explore.settle()
    panel, session = tab(explore).tree, explore.state.session
    matrix = session.linkage.matrix
    panel.view.branch_clicked.emit(int(matrix[-1, 0]), "replace")
    assert explore.state.selection.steps[0].gesture.kind == "branch"
    panel.view.set_cut(float(matrix[-3:-1, 2].mean()))
    panel.view.cut_moved.emit(panel.view.cut)
    assert len(np.unique(tab(explore).scatter.view.points.codes)) == 3
    explore.click("tree_use_cut")
    explore.settle()
    assert len(explore.state.session.clustering.ids) == 3
    assert explore.state.session.explanation.n_clusters == 3
    assert tab(explore).clusters.table.clusters.rowCount() == 3
    explore.trigger("undo")
    explore.settle()
    assert explore.state.session.clustering is session.clustering
    assert tab(explore).clusters.table.clusters.rowCount() == session.explanation.n_clusters


def test_curation_and_kept_selections_are_saved_with_the_session(explore, tmp_path):
    first, second = tab(explore).scene.order[:2]
    click_row(explore, first)
    click_row(explore, second, Qt.ControlModifier)
    explore.trigger("cluster_merge")
    explore.settle()
    new = tab(explore).scene.order[0]
    tab(explore).curator.label(new, "merged")
    explore.click("keep_selection")
    store.save(explore.state.session_to_save(), tmp_path / "kept")
    labels = explore.state.curation.labels
    explore.open(tmp_path / "kept")
    explore.show_tab("Explore")
    explore.settle()
    assert np.array_equal(tab(explore).scene.labels, labels)
    assert cell(explore, new, LABEL) == "merged"
    assert text(explore, "kept_title_0").startswith("A")


def test_filter_and_sort_of_the_cluster_table(explore):
    table = tab(explore).clusters.table
    table.sortByColumn(SIZE, Qt.DescendingOrder)
    sizes = [row.size for row in table.clusters.clusters]
    assert sizes == sorted(sizes, reverse=True)
    explore.find("cluster_filter", QLineEdit).setText("zzz")
    assert table.clusters.rowCount() == 0
    explore.find("cluster_filter", QLineEdit).clear()
    assert table.clusters.rowCount() == len(sizes)


def test_keys_step_through_clusters(explore):
    view = tab(explore).scatter.view
    view.setFocus()
    explore.trigger("next")
    first = explore.state.selection.clusters()
    explore.trigger("next")
    assert explore.state.selection.clusters() != first
    explore.trigger("previous")
    assert explore.state.selection.clusters() == first
    explore.trigger("invert")
    assert explore.state.selection.count == 600 - (tab(explore).scene.labels == first[0]).sum()


def test_recompute_brings_sites_up_to_date_and_keeps_the_labels(explore):
    first, second = tab(explore).scene.order[:2]
    click_row(explore, first)
    click_row(explore, second, Qt.ControlModifier)
    explore.trigger("cluster_merge")
    explore.settle()
    new = tab(explore).scene.order[0]
    tab(explore).curator.label(new, "merged")
    explore.settle()
    explore.click("recompute_button")
    explore.settle()
    session = explore.state.session
    assert not explore.find("stale_label").isVisible()
    assert set(session.sites.cluster_ids.tolist()) == set(tab(explore).scene.order)
    assert set(session.explanation.ids.tolist()) == set(tab(explore).scene.order)
    assert cell(explore, new, LABEL) == "merged"
