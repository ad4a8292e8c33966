"""Explore in the real window: one selection, many views, curation, history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QComboBox, QDockWidget, QLabel, QLineEdit, QWidget

from seam_core import logos, store
from seam_core.meta_explainer import MetaExplainer
from seam_core.records import Clustering
from seam_core.selection import inside_polygon
from seam_gui.views import rasteriser
from seam_gui.views.cluster_table import CLUSTER, LABEL, MEDIAN, SIZE
from seam_gui.views.rasteriser import CHOSEN, DIM, HIDDEN, NORMAL


@pytest.fixture
def explore(window, session_folder):
    """The window with a session opened and Explore in front."""
    rasteriser.warm_up(wait=True)
    window.resize(1280, 800)
    window.open(session_folder)
    window.show_tab("Explore")
    window.settle()
    window.tab("Explore").scatter.view.render_frame()
    return window


def tab(explore):
    return explore.tab("Explore")


def text(explore, name):
    return explore.find(name, QLabel).text()


def mask(explore):
    return explore.state.selection.mask


def point_of(explore, index) -> QPoint:
    return tab(explore).scatter.view.position_of(index).toPoint()


def visible_point(explore, cluster=None) -> int:
    """A sequence that is on top where it is drawn."""
    view = tab(explore).scatter.view
    labels = tab(explore).scene.labels
    for index in range(len(labels)):
        wanted = cluster is None or labels[index] == cluster
        if wanted and view.point_at(view.position_of(index)) == index:
            return index
    raise AssertionError("no point of the cluster is on top")


def drag(widget, points, modifiers=Qt.NoModifier):
    QTest.mousePress(widget, Qt.LeftButton, modifiers, points[0])
    for point in points[1:]:
        move = QMouseEvent(
            QMouseEvent.MouseMove, QPointF(point), Qt.NoButton, Qt.LeftButton, modifiers
        )
        QApplication.sendEvent(widget, move)
    QTest.mouseRelease(widget, Qt.LeftButton, modifiers, points[-1])


def row_of(explore, cluster) -> int:
    rows = tab(explore).clusters.table.clusters.clusters
    return [row.cluster_id for row in rows].index(cluster)


def cell(explore, cluster, column) -> str:
    model = tab(explore).clusters.table.clusters
    return model.index(row_of(explore, cluster), column).data()


def click_row(explore, cluster, modifiers=Qt.NoModifier):
    table = tab(explore).clusters.table
    index = table.clusters.index(row_of(explore, cluster), SIZE)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), Qt.LeftButton, modifiers, table.visualRect(index).center())
    explore.settle()


def ask(explore, question, modifiers=Qt.NoModifier):
    edit = explore.find("query_edit", QLineEdit)
    edit.setText(question)
    QTest.keyClick(edit, Qt.Key_Return, modifiers)
    explore.settle()


def choose(explore, name, data):
    combo = explore.find(name, QComboBox)
    combo.setCurrentIndex(
        combo.findData(data) if combo.findData(data) >= 0 else combo.findText(data)
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


def test_click_in_the_scatter_selects_the_cluster_everywhere(explore):
    cluster = int(tab(explore).scene.order[3])
    index = visible_point(explore, cluster)
    QTest.mouseClick(
        tab(explore).scatter.view, Qt.LeftButton, Qt.NoModifier, point_of(explore, index)
    )
    explore.settle()
    labels = explore.state.session.clustering.labels
    assert np.array_equal(mask(explore), labels == cluster)
    assert text(explore, "selection_title").lower() == f"cluster {cluster}"
    assert f"{(labels == cluster).sum()} of 600" in text(explore, "selection_count")
    assert tab(explore).clusters.table.chosen() == (cluster,)
    assert tab(explore).msm.view._chosen == {cluster}
    states = tab(explore).scatter.view._points.state
    assert set(states[labels == cluster]) == {CHOSEN}
    assert set(states[labels != cluster]) == {DIM}
    explanation = explore.state.session.explanation
    k = explanation.row_of(cluster)
    np.testing.assert_allclose(
        tab(explore).logos.attribution.logo.matrix, explanation.mean_maps[k], atol=1e-9
    )
    np.testing.assert_allclose(
        tab(explore).logos.sequence.logo.matrix, logos.pwm(explanation.letter_counts[k])
    )


def test_lasso_selects_what_lies_inside_and_the_logo_is_theirs(explore):
    view = tab(explore).scatter.view
    w, h = view.width(), view.height()
    corners = [QPoint(5, 5), QPoint(w // 2, 8), QPoint(w // 2 + 30, h - 20), QPoint(10, h - 9)]
    drag(view, corners)
    explore.settle()
    session = explore.state.session
    coordinates = session.embedding.coordinates
    vertices = np.array([view._to_data(QPointF(c)) for c in corners])
    inside = inside_polygon(coordinates[:, 0], coordinates[:, 1], vertices)
    assert np.array_equal(mask(explore), inside)
    assert 0 < inside.sum() < 600
    expected = session.maps.maps[inside].mean(axis=0)
    np.testing.assert_allclose(tab(explore).logos.attribution.logo.matrix, expected, atol=1e-5)
    assert tab(explore).msm.view.matrix.extra is not None
    step = explore.state.selection.steps[0]
    assert step.gesture.kind == "polygon", "the gesture is kept, not only its result"


def test_modifiers_combine_and_escape_clears(explore):
    order = tab(explore).scene.order
    labels = tab(explore).scene.labels
    click_row(explore, order[0])
    view = tab(explore).scatter.view
    index = visible_point(explore, order[2])
    QTest.mouseClick(view, Qt.LeftButton, Qt.ShiftModifier, point_of(explore, index))
    assert np.array_equal(mask(explore), np.isin(labels, [order[0], order[2]]))
    QTest.mouseClick(view, Qt.LeftButton, Qt.AltModifier, point_of(explore, index))
    assert np.array_equal(mask(explore), labels == order[0])
    view.setFocus()
    QTest.keyClick(view, Qt.Key_Escape)
    explore.settle()
    assert explore.state.selection is None
    assert text(explore, "selection_title") == "All sequences"
    assert set(view._points.state) == {NORMAL}


def test_questions_select_and_wrong_ones_say_why(explore):
    ask(explore, "Activity > 2 and Hamming <= 4")
    frame = explore.state.session.table.frame
    expected = (frame["Activity"] > 2) & (frame["Hamming"] <= 4)
    assert np.array_equal(mask(explore), expected)
    assert text(explore, "query_answer") == f"{expected.sum():,} sequences"
    ask(explore, "Activty > 2")
    assert "Activty" in text(explore, "query_answer")
    assert np.array_equal(mask(explore), expected), "the selection stays as it was"


def test_msm_cell_selects_its_cluster_and_marks_the_column(explore):
    view = tab(explore).msm.view
    area = view.cell_rect()
    row, position = 2, 30
    y = area.top() + (row + 0.5) / len(view.matrix.ids) * area.height()
    spot = QPointF(view.x_of(position), y).toPoint()
    QTest.mouseMove(view, spot)
    QTest.mouseClick(view, Qt.LeftButton, Qt.NoModifier, spot)
    explore.settle()
    cluster = int(view.matrix.ids[row])
    assert explore.state.selection.clusters() == (cluster,)
    assert tab(explore).axis.brush == (position, position + 1)
    view.hover_at(QPointF(spot))
    counts = explore.state.session.explanation.letter_counts
    k = explore.state.session.explanation.row_of(cluster)
    most = int(counts[k, position].max())
    assert f"{most:,}" in text(explore, "msm_cell")
    assert f"position {position}" in text(explore, "msm_cell")


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
    assert set(tab(explore).scatter.view._points.state[labels == cluster]) == {HIDDEN}
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


def test_kept_selections_stand_side_by_side(explore):
    ask(explore, "Activity > 2")
    chosen = mask(explore)
    explore.click("keep_selection")
    cluster = tab(explore).scene.order[0]
    click_row(explore, cluster)
    explore.click("keep_selection")
    explore.settle()
    assert text(explore, "kept_title_0").startswith("A   Activity > 2")
    assert text(explore, "kept_title_1").startswith("B   cluster")
    maps = explore.state.session.maps.maps
    logo = tab(explore).logos.findChild(type(tab(explore).logos.attribution), "kept_logo_0").logo
    np.testing.assert_allclose(logo.matrix, maps[chosen].mean(axis=0), atol=1e-5)
    explore.click("kept_select_0")
    explore.settle()
    assert np.array_equal(mask(explore), chosen)
    explore.click("kept_drop_0")
    explore.settle()
    assert [kept.name for kept in explore.state.kept] == ["B"]
    explore.trigger("undo")
    assert [kept.name for kept in explore.state.kept] == ["A", "B"]


def test_logo_options(explore):
    panel, explanation = tab(explore).logos, explore.state.session.explanation
    cluster = int(explanation.ids[1])
    click_row(explore, cluster)
    k = 1
    choose(explore, "logo_attribution", "foreground")
    np.testing.assert_allclose(panel.attribution.logo.matrix, explanation.foregrounds[k])
    explore.find("logo_centred").click()
    centred = panel.attribution.logo.matrix
    np.testing.assert_allclose(centred.sum(axis=1), 0, atol=1e-9)
    explore.find("logo_fixed").click()
    fixed = panel.attribution.limits()
    click_row(explore, int(explanation.ids[2]))
    assert panel.attribution.limits() == fixed
    choose(explore, "logo_sequence", "enrichment")
    expected = logos.enrichment(explanation.letter_counts[2], explanation.letter_counts.sum(axis=0))
    np.testing.assert_allclose(panel.sequence.logo.matrix, expected)
    choose(explore, "logo_attribution", "background")
    choose(explore, "logo_attribution", "variability")
    assert len(panel.attribution.logo.behind) == explanation.n_clusters
    explore.find("logo_by_reference").click()
    panel.attribution.grab()


def test_msm_quantities_orders_and_marginals(explore):
    explanation = explore.state.session.explanation
    view = tab(explore).msm.view
    choose(explore, "msm_quantity", "consensus")
    choose(explore, "msm_order", "label")
    assert view.matrix.ids.tolist() == sorted(explanation.ids.tolist())
    rows = np.argsort(explanation.ids)
    np.testing.assert_allclose(view.matrix.values, explanation.consensus_match[rows])
    choose(explore, "msm_quantity", "change")
    assert view.matrix.diverging
    choose(explore, "msm_order", "similarity")
    explore.find("msm_with_marginals").click()
    explore.find("msm_threshold").setValue(0.0)
    counts = (explanation.entropy <= explanation.expected_entropy).sum(axis=0)
    shown = tab(explore).msm._marginal
    assert f"{counts[20]}" in shown.value_text(20)
    marked = (explanation.entropy <= explanation.expected_entropy)[tab(explore).msm.rows]
    for row in range(len(marked)):
        words = f"{marked[row].sum()} of {marked.shape[1]} positions ≤ 0 bits"
        assert words in view.count_text(row)
    explore.settle()
    assert view.plot_rect().right() == shown.plot_rect().right()
    assert view.plot_rect().right() == tab(explore).logos.attribution.plot_rect().right()
    assert shown.plot_rect().height() >= 20
    assert (explore.window.width(), explore.window.height()) == (1280, 800)
    wide = view.plot_rect().width()
    explore.find("msm_with_marginals").click()
    assert view.count_text(0) == ""
    assert view.plot_rect().width() > wide


@pytest.mark.parametrize("name", ["logo_attribution", "logo_sequence", "msm_quantity", "msm_order"])
def test_boxes_show_the_whole_of_what_is_chosen(explore, name):
    combo = explore.find(name, QComboBox)
    arrow = 24
    for i in range(combo.count()):
        combo.setCurrentIndex(i)
        explore.settle()
        metrics = combo.fontMetrics()
        assert combo.width() >= metrics.horizontalAdvance(combo.currentText()) + arrow
        assert combo.height() >= metrics.height() + 8


def test_colour_by_column_density_and_order(explore):
    view = tab(explore).scatter.view
    choose(explore, "scatter_colour", "Activity")
    activity = explore.state.session.table.activity
    codes = view._points.codes
    top = np.argmax(activity)
    assert codes[top] == 255
    assert view._legend.title == "Activity"
    choose(explore, "scatter_order", "ascending")
    assert view._points.order[-1] == top
    choose(explore, "scatter_colour", "density")
    view.grab()
    choose(explore, "scatter_colour", "cluster")
    explore.find("scatter_size").setValue(7)
    assert view.marker_size == 7


def test_reference_button_brings_the_star_to_the_middle(explore):
    view = tab(explore).scatter.view
    explore.click("scatter_reference")
    spot = view.position_of(0)
    assert (spot.x(), spot.y()) == pytest.approx((view.width() / 2, view.height() / 2))
    explore.click("scatter_fit")


def test_hover_card_says_what_the_sequence_is(explore):
    view = tab(explore).scatter.view
    index = visible_point(explore)
    QTest.mouseMove(view, point_of(explore, index))
    QApplication.processEvents()
    said = text(explore, "scatter_hover_label")
    frame = explore.state.session.table.frame
    assert f"#{index}" in said
    assert f"{frame['Activity'][index]:.3g}" in said
    n = frame["Hamming"][index]
    assert "reference" in said if n == 0 else f"{n} mutation" in said


def test_sequences_panel_marks_mismatches(explore):
    explore.find("dock_sequences", QDockWidget).raise_()
    cluster = tab(explore).scene.order[0]
    click_like(explore, cluster)
    model = tab(explore).sequences.table.sequences
    labels = explore.state.session.clustering.labels
    assert [name for name, _ in model.pinned] == ["reference", "consensus"]
    assert np.array_equal(np.sort(model.rows), np.flatnonzero(labels == cluster))
    library = explore.state.session.library
    last = model.columnCount() - 1
    shown = model.index(2, last).data()
    assert len(shown) == library.length
    counts = explore.state.session.explanation.letter_counts
    k = explore.state.session.explanation.row_of(cluster)
    assert np.array_equal(model.pinned[1][1], counts[k].argmax(axis=1))
    model.sort(1, Qt.DescendingOrder)
    activity = explore.state.session.table.activity
    assert model.rows[0] == np.flatnonzero(labels == cluster)[activity[labels == cluster].argmax()]
    tab(explore).sequences.table.selectRow(2)
    explore.click("sequence_copy")
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[0] == "Index"
    assert lines[1].split("\t")[0] == str(model.rows[0])
    explore.click("sequence_select")
    assert explore.state.selection.indices.tolist() == [model.rows[0]]


def click_like(explore, cluster):
    """Select a cluster while the table of clusters is behind another panel."""
    from seam_core.selection import Clusters

    tab(explore).select(Clusters((cluster,)))
    explore.settle()


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
    QTest.mouseClick(plot, Qt.LeftButton, Qt.NoModifier, QPoint(int(x), 60))
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
    assert len(np.unique(tab(explore).scatter.view._points.codes)) == 3
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


def test_empty_session_and_session_without_maps(window):
    window.show_tab("Explore")
    window.settle()
    window.tab("Explore").grab()
    for name in ("cluster_merge", "cluster_gather", "cluster_cut"):
        window.click(name)
    window.trigger("select_all")
    window.trigger("keep")
    window.trigger("copy_python")
    assert window.state.selection is None


def test_session_with_only_an_embedding(explore):
    session = explore.state.session
    from dataclasses import replace

    bare = replace(
        session, library=None, table=None, maps=None, linkage=None, explanation=None, sites=None
    )
    explore.state.open(bare, None)
    explore.settle()
    explore.tab("Explore").grab()
    click_row(explore, int(session.clustering.ids[0]))
    assert explore.state.selection.count == (session.clustering.labels == 0).sum()


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


def test_the_reference_cannot_be_gone_to_without_points(explore):
    session = replace(explore.state.session, embedding=None)
    explore.state.open(session, None)
    explore.settle()
    panel = tab(explore).scatter
    panel.go_to_reference()
    assert not panel.findChild(QWidget, "scatter_reference").isEnabled()


def test_a_kept_selection_that_is_gone_cannot_be_clicked(explore):
    ask(explore, "Activity > 2")
    explore.trigger("keep")
    explore.settle()
    old = explore.find("kept_0")
    explore.trigger("undo")
    assert tab(explore).logos.kept == ()  # at once, not only when logos are drawn anew
    old.chosen.emit(old.selection)  # a click that was on its way
    old.dropped.emit(old.selection)
    explore.settle()
    assert explore.state.kept == ()
