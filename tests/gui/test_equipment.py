"""What stands beside the scatter and on it: legend, brushed histograms, names, logo, neighbours."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QImage, QRegion
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction, QLineEdit, QTableView, QWidget

from seam_core import store
from seam_core.figures import overview
from seam_core.likeness import nearest_maps
from seam_core.manner import MapShown, maps_beside
from seam_core.records import Table
from seam_core.selection import Clusters
from seam_gui.look.theme import theme
from seam_gui.pictures.figure_calls import figure_calls
from seam_gui.views.rasteriser import HIDDEN
from tests.factories import make_session
from tests.gui.exploring import ask, choose, mask, tab, text
from tests.gui.pictures import calls_of
from tests.gui.test_one_drawing import assert_same


def front(explore, name):
    dock = next(d for d in tab(explore).panels.docks if d.objectName() == f"dock_{name}")
    dock.show()
    dock.raise_()
    explore.settle()
    return dock.widget()


def cell(explore, row, column):
    return explore.find("legend_table", QTableView).model().index(row, column).data()


def click(explore, row, modifiers=Qt.NoModifier):
    table = explore.find("legend_table", QTableView)
    index = table.model().index(row, 0)
    QTest.mouseClick(table.viewport(), Qt.LeftButton, modifiers, table.visualRect(index).center())
    explore.settle()


def hidden(explore):
    return tab(explore).scatter.view.points.state == HIDDEN


def test_the_legend_counts_and_composes(explore):
    front(explore, "legend")
    labels, order = tab(explore).scene.labels, tab(explore).scene.order
    first = int(order[0])
    assert cell(explore, 0, 0) == f"cluster {first}"
    assert cell(explore, 0, 1) == f"{(labels == first).sum():,}"
    assert cell(explore, 0, 2) == ""
    ask(explore, "Activity > 2")
    chosen = mask(explore)
    own = (chosen & (labels == first)).sum()
    assert cell(explore, 0, 2) == f"{own:,}"
    assert float(cell(explore, 0, 3)) == pytest.approx(100 * own / chosen.sum(), abs=0.06)
    fold = (own / chosen.sum()) / (labels == first).mean()
    assert float(cell(explore, 0, 4)) == pytest.approx(fold, abs=0.006)


def test_a_click_hides_shift_isolates_and_undo_shows(explore):
    front(explore, "legend")
    labels, order = tab(explore).scene.labels, tab(explore).scene.order
    click(explore, 1)
    assert np.array_equal(hidden(explore), labels == order[1])
    click(explore, 1)
    assert not hidden(explore).any()
    click(explore, 2, Qt.ShiftModifier)
    assert np.array_equal(hidden(explore), labels != order[2])
    assert text(explore, "legend_words").endswith(f"{len(order) - 1} hidden")
    explore.find("action_undo", QAction).trigger()
    explore.settle()
    assert not hidden(explore).any()


def test_the_legend_in_front_of_another_session(explore, tmp_path):
    front(explore, "legend")
    tab(explore).select(Clusters((int(tab(explore).scene.order[0]),)))
    store.save(make_session(90, 60, 3, seed=5), tmp_path / "smaller")
    explore.open(tmp_path / "smaller")
    n = tab(explore).scene.n
    rows = explore.find("legend_table", QTableView).model().rowCount()
    assert sum(int(cell(explore, row, 1)) for row in range(rows)) == n == 90


def test_the_legend_is_searched(explore):
    front(explore, "legend")
    cluster = int(tab(explore).scene.order[4])
    tab(explore).curator.label(cluster, "Both Sites")
    explore.settle()
    explore.find("legend_search", QLineEdit).setText("both")
    explore.settle()
    assert explore.find("legend_table", QTableView).model().rowCount() == 1
    assert "Both Sites" in cell(explore, 0, 0)


@pytest.fixture
def coloured(window, tmp_path):
    """A session whose table has a column of text."""
    session = make_session(300, 40, 5, seed=4)
    frame = session.table.frame.assign(Batch=np.array(["x", "y", "z"] * 100))
    store.save(replace(session, table=Table(frame)), tmp_path / "coloured")
    window.resize(1280, 800)
    window.open(tmp_path / "coloured")
    window.show_tab("Explore")
    window.settle()
    return window


def test_a_column_of_text_is_a_legend_too(coloured):
    front(coloured, "legend")
    choose(coloured, "legend_column", "Batch")
    coloured.settle()
    assert [cell(coloured, row, 0) for row in range(3)] == ["x", "y", "z"]
    click(coloured, 1)
    batch = coloured.state.session.table.frame["Batch"].to_numpy()
    assert np.array_equal(hidden(coloured), batch == "y")
    tab(coloured).select(Clusters((int(tab(coloured).scene.order[0]),)))
    coloured.settle()
    assert np.array_equal(hidden(coloured), batch == "y"), "a selection does not show it again"
    coloured.click("legend_show_all")
    assert not hidden(coloured).any()


def test_what_a_column_of_text_leaves_out_is_in_no_picture(coloured, tmp_path, monkeypatch):
    """Neither in the file nor in lines of Python nor in the report; it is saved, and goes."""
    front(coloured, "legend")
    choose(coloured, "legend_column", "Batch")
    coloured.settle()
    click(coloured, 1)
    drawing = figure_calls(tab(coloured).exports.shown())["scatter"]
    assert len(drawing.make().axes[0].collections[0].get_offsets()) == 200
    store.save(coloured.state.session_to_save(), tmp_path / "kept")
    saved = overview.draw(store.load(tmp_path / "kept"), "embedding_shown")
    assert_same(drawing.make(), saved, "scatter")
    (_, shown), (_, script) = calls_of(drawing, tmp_path / "kept", monkeypatch)
    np.testing.assert_array_equal(script["left_out"], shown["left_out"])
    coloured.open(tmp_path / "coloured")
    assert not hidden(coloured).any()
    coloured.open(tmp_path / "kept")
    batch = coloured.state.session.table.frame["Batch"].to_numpy()
    assert np.array_equal(hidden(coloured), batch == "y")


def test_several_brushes_select_together_and_counts_follow(explore):
    panel = front(explore, "filters")
    activity, hamming = panel.histograms["Activity"], panel.histograms["Hamming"]
    activity.region.setRegion((1.0, 3.0))
    frame = explore.state.session.table.frame
    first = frame["Activity"].between(1.0, 3.0)
    assert text(explore, "filter_count") == f"{first.sum():,} of 600 sequences"
    assert hamming.counts.sum() == first.sum(), "the others show what is inside while it moves"
    activity.region.sigRegionChangeFinished.emit(activity.region)
    hamming.region.setRegion((0.0, 3.5))
    hamming.region.sigRegionChangeFinished.emit(hamming.region)
    explore.settle()
    both = first & frame["Hamming"].between(0, 3.5)
    assert np.array_equal(mask(explore), both)
    explore.click("filter_clear")
    explore.settle()
    assert explore.state.selection is None
    assert activity.brush is None


def test_another_selection_takes_the_brushes_away(explore):
    panel = front(explore, "filters")
    activity = panel.histograms["Activity"]
    activity.region.setRegion((1.0, 3.0))
    activity.region.sigRegionChangeFinished.emit(activity.region)
    explore.settle()
    tab(explore).select(Clusters((int(tab(explore).scene.order[0]),)))
    explore.settle()
    assert activity.brush is None
    assert text(explore, "filter_count") == "600 of 600 sequences"


def test_names_at_the_points_of_clusters(explore):
    scene = tab(explore).scene
    names = tab(explore).equipment.names
    ids = [str(i) for i in sorted(scene.order)]
    cluster = int(np.bincount(scene.labels).argmax())  # whose name comes first
    first = [item.toPlainText() for item in names.items]
    assert str(cluster) in first
    assert set(first) <= set(ids)
    (left, _), (low, _) = tab(explore).scatter.view.shown_range()
    tab(explore).scatter.view.show_range(((left, left + 1e-6), (low, low + 1e-6)))
    explore.qtbot.waitUntil(lambda: [item.toPlainText() for item in names.items] == ids)
    explore.trigger("next_names")
    assert [item.toPlainText() for item in names.items] == ids
    place = names.items[ids.index(str(cluster))].pos()
    expected = np.median(scene.session.embedding.coordinates[scene.labels == cluster, :2], axis=0)
    assert (place.x(), place.y()) == pytest.approx(tuple(expected), abs=1e-5)
    tab(explore).curator.label(cluster, "both sites")
    explore.settle()
    explore.trigger("next_names")
    assert [item.toPlainText() for item in names.items] == ["both sites"]
    explore.trigger("next_names")
    assert names.items == []
    explore.trigger("next_names")
    assert f"{cluster} both sites" in [item.toPlainText() for item in names.items]


def test_filters_fit_into_a_low_panel(explore):
    """Whatever they have to show; a column without numbers says so."""
    session = explore.state.session
    frame = session.table.frame.assign(Empty=np.nan)
    table = replace(session.table, frame=frame)
    explore.state.change("Another column", session=replace(session, table=table))
    explore.window.resize(1366, 768)
    panel = front(explore, "filters")
    explore.settle()
    scroll = explore.find("filter_scroll")
    assert panel.histograms
    for histogram in panel.histograms.values():
        assert histogram.height() <= scroll.viewport().height()
    assert panel.histograms["Empty"].hint == "No numbers"


def test_the_logo_of_the_sequence_under_the_mouse(explore):
    view, logo = tab(explore).scatter.view, tab(explore).equipment.hover_logo
    view.hovered.emit(7)
    assert logo.isVisible()
    np.testing.assert_array_equal(logo.logo.matrix, explore.state.session.maps.maps[7])
    image = logo.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(image.height())}
    assert len(colours) > 3, "letters are drawn"
    view.hovered.emit(-1)
    assert not logo.isVisible()


def test_the_card_of_a_sequence_is_read_over_any_points(explore):
    """Paper below its words, its logo straight above it."""
    view, logo = tab(explore).scatter.view, tab(explore).equipment.hover_logo
    QTest.mouseMove(view.viewport(), view.position_of(7).toPoint())
    explore.settle()
    assert view.card.isVisible()
    assert logo.geometry().left() == view.card.geometry().left()
    assert 0 < view.card.geometry().top() - logo.geometry().bottom() < 10
    area = view.box_rect()
    for corner in (area.bottomLeft(), area.topLeft()):
        view.card.say("a text", area, corner)
        around = view.card.geometry().adjusted(0, -logo.height() - 4, 0, 0)
        assert not around.adjusted(-12, 0, 12, 12).contains(corner.toPoint()), "it stays in sight"
    image, paper = QImage(view.card.size(), QImage.Format_RGB32), theme().color("raised")
    image.fill(Qt.red)
    view.card.render(image, QPoint(), QRegion(), QWidget.RenderFlags(QWidget.DrawChildren))
    seen = [image.pixelColor(4, y) for y in range(8, image.height() - 8)]
    assert max(abs(ink.green() - paper.green()) for ink in seen) < 40, "little of the red"


def test_nearest_neighbours_of_the_sequence_under_the_mouse(explore):
    tab(explore).scatter.view.hovered.emit(11)
    explore.trigger("neighbours")
    explore.settle()
    expected, _ = nearest_maps(explore.state.session.maps, 11, 25)
    assert set(explore.state.selection.indices) == set(expected.tolist())


def test_maps_beside_are_linked(explore):
    scatter = tab(explore).scatter.view
    explore.trigger("map_beside")
    explore.settle()
    (beside,) = tab(explore).panels.maps.maps
    assert beside.isVisible()
    other = "diffusion"
    assert tab(explore).scene.session.embedding.method != other
    choose(explore, "map_source_0", other)
    explore.settle()
    assert explore.state.maps_beside == (MapShown(other, (0, 1)),)
    assert len(beside.view.points) == 600
    assert not np.array_equal(beside.view.points.x, scatter.points.x), "axes of its own"
    cluster = int(tab(explore).scene.order[1])
    tab(explore).select(Clusters((cluster,)))
    explore.settle()
    for name in ("state", "codes", "order"):
        assert np.array_equal(getattr(beside.view.points, name), getattr(scatter.points, name))
    beside.view.hovered.emit(17)
    assert scatter._hover == 17
    points, middle = beside.view.points, float(np.median(beside.view.points.x))
    beside.view.boxed.emit((middle, -1e6), (1e6, 1e6), "replace")
    explore.settle()
    assert np.array_equal(mask(explore), points.x >= np.float32(middle))
    choose(explore, "map_source_0", "")
    explore.settle()
    assert explore.state.maps_beside == (MapShown("", beside.shown.axes),)
    assert (
        maps_beside(json.loads(json.dumps(explore.state.session_to_save().state)))
        == explore.state.maps_beside
    )
    explore.click("map_drop_0")
    explore.settle()
    assert not explore.state.maps_beside
    explore.trigger("undo")
    explore.settle()
    assert len(tab(explore).panels.maps.maps) == 1


def test_several_clusters_have_a_logo_each_in_their_colours(explore):
    some = tuple(int(i) for i in tab(explore).scene.order[:3])
    tab(explore).select(Clusters(some))
    explore.settle()
    rows = tab(explore).logos.rows.clusters
    explanation = tab(explore).scene.explanation
    assert [view.accessibleName() for view in rows] == [
        f"Logo of cluster {i}   {(tab(explore).scene.labels == i).sum():,} sequences" for i in some
    ]
    for view, cluster in zip(rows, some, strict=True):
        at = explanation.row_of(cluster)
        np.testing.assert_allclose(view.logo.matrix, explanation.mean_maps[at], atol=1e-6)
        assert view._colour.getRgb()[:3] == tuple(
            tab(explore).scene.colours(np.array([cluster]))[0]
        )
    front(explore, "statistics")
    assert len(explore.find("activity_view")._parts) == 3
    explore.find("logo_apart").click()
    explore.settle()
    assert not tab(explore).logos.rows.clusters
