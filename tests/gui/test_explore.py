"""Explore in the real window: one selection, many views, curation, history."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QComboBox, QDockWidget, QWidget

from seam_core import logos
from seam_core.geometry import inside_polygon
from seam_gui.views.rasteriser import CHOSEN, DIM, NORMAL
from tests.gui.exploring import (
    ask,
    choose,
    click_like,
    click_row,
    drag,
    mask,
    point_of,
    surface,
    tab,
    text,
    visible_point,
)


def test_click_in_the_scatter_selects_the_cluster_everywhere(explore):
    cluster = int(tab(explore).scene.order[3])
    index = visible_point(explore, cluster)
    QTest.mouseClick(
        surface(tab(explore).scatter.view), Qt.LeftButton, Qt.NoModifier, point_of(explore, index)
    )
    explore.settle()
    labels = explore.state.session.clustering.labels
    assert np.array_equal(mask(explore), labels == cluster)
    assert text(explore, "selection_title").lower() == f"cluster {cluster}"
    assert f"{(labels == cluster).sum()} of 600" in text(explore, "selection_count")
    assert tab(explore).clusters.table.chosen() == (cluster,)
    assert tab(explore).msm.view._chosen == {cluster}
    states = tab(explore).scatter.view.points.state
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
    area = view.box_rect().toRect()
    left, top, w, h = area.left(), area.top(), area.width(), area.height()
    corners = [(5, 5), (w // 2, 8), (w // 2 + 30, h - 20), (10, h - 9)]
    corners = [QPoint(left + x, top + y) for x, y in corners]
    drag(view, corners)
    explore.settle()
    session = explore.state.session
    coordinates = session.embedding.coordinates
    vertices = np.array([(p.x(), p.y()) for p in (view.to_data(QPointF(c)) for c in corners)])
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
    QTest.mouseClick(surface(view), Qt.LeftButton, Qt.ShiftModifier, point_of(explore, index))
    assert np.array_equal(mask(explore), np.isin(labels, [order[0], order[2]]))
    QTest.mouseClick(surface(view), Qt.LeftButton, Qt.AltModifier, point_of(explore, index))
    assert np.array_equal(mask(explore), labels == order[0])
    view.setFocus()
    QTest.keyClick(view, Qt.Key_Escape)
    explore.settle()
    assert explore.state.selection is None
    assert text(explore, "selection_title") == "All sequences"
    assert set(view.points.state) == {NORMAL}


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
    QTest.mouseMove(surface(view), spot)
    QTest.mouseClick(surface(view), Qt.LeftButton, Qt.NoModifier, spot)
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
    tab(explore).curator.label(cluster, "GATA")
    explore.settle()
    assert text(explore, "kept_title_1").startswith(f"B   cluster {cluster} “GATA”   ")
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
    choose(explore, "logo_letters", "mutants")
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
    codes = view.points.codes
    top = np.argmax(activity)
    assert codes[top] == 255
    assert view.legend.title == "Activity"
    choose(explore, "scatter_order", "ascending")
    assert view.points.order[-1] == top
    choose(explore, "scatter_order", "random")
    drawn = view.points.order
    assert drawn[-1] != top
    assert sorted(drawn) == list(range(len(activity)))
    choose(explore, "scatter_colour", "density")
    view.grab()
    choose(explore, "scatter_colour", "cluster")
    explore.find("scatter_size").setValue(7)
    assert view.marker_size == 7


def test_reference_button_brings_the_star_to_the_middle(explore):
    view = tab(explore).scatter.view
    explore.click("scatter_reference")
    spot = view.position_of(0)
    middle = view.box_rect().center()
    assert (spot.x(), spot.y()) == pytest.approx((middle.x(), middle.y()))
    explore.click("scatter_fit")


def test_the_star_is_shown_named_or_hidden_in_the_figure_too(explore):
    from seam_gui.pictures.figure_calls import figure_calls

    view, pictures = tab(explore).scatter.view, []
    tab(explore).equipment.names.place_again()  # as a timer does after the window was laid out
    for star in ("star", "named", "hidden", "star"):
        assert view.star == star
        pictures.append(view.grab().toImage())
        assert f"{star!r}" in figure_calls(tab(explore).exports.shown())["scatter"].script("x")
        explore.trigger("star")
    assert pictures[0] == pictures[3]
    assert not any(one == two for one, two in itertools.combinations(pictures[:3], 2))


def test_hover_card_says_what_the_sequence_is(explore):
    view = tab(explore).scatter.view
    index = visible_point(explore)
    QTest.mouseMove(surface(view), point_of(explore, index))
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
    assert tab(explore).logos.rows.kept == ()  # at once, not only when logos are drawn anew
    old.chosen.emit(old.selection)  # a click that was on its way
    old.dropped.emit(old.selection)
    explore.settle()
    assert explore.state.kept == ()


def test_the_control_beside_the_tools_says_what_a_gesture_does(explore):
    labels = tab(explore).scene.labels
    first, second = np.unique(labels)[:2].tolist()
    choose(explore, "scatter_mode", "add")
    view = tab(explore).scatter.view
    for cluster in (first, second):
        spot = point_of(explore, visible_point(explore, cluster))
        QTest.mouseClick(surface(view), Qt.LeftButton, Qt.NoModifier, spot)
        explore.settle()
        view.render_frame()  # what is selected is drawn on top
    assert np.array_equal(mask(explore), np.isin(labels, [first, second]))
    choose(explore, "scatter_mode", "intersect")
    ask(explore, f"Cluster == {second}")
    assert np.array_equal(mask(explore), labels == second)
    choose(explore, "scatter_mode", "remove")
    ask(explore, "Index < 300")
    assert np.array_equal(mask(explore), (labels == second) & (np.arange(len(labels)) >= 300))
    choose(explore, "scatter_mode", "replace")
    ask(explore, f"Cluster in ({first}, {second})")
    view.render_frame()
    spot = point_of(explore, visible_point(explore, second))
    QTest.mouseClick(surface(view), Qt.LeftButton, Qt.ControlModifier, spot)
    assert np.array_equal(mask(explore), labels == first)
