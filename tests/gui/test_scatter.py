"""The rasteriser against a plain drawing, and the scatter under a real mouse."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication

from seam_core.pictures import Legend, by_column
from seam_gui.look.theme import theme
from seam_gui.views import rasteriser
from seam_gui.views.rasteriser import CHOSEN, DIM, HIDDEN, NORMAL, Points
from seam_gui.views.scatter_view import ScatterView
from tests.waiting import LIMIT_S

WHITE = 0xFFFFFFFF


def made_points(n=400, seed=0):
    rng = np.random.default_rng(seed)
    state = rng.choice([HIDDEN, DIM, NORMAL, CHOSEN], n).astype(np.uint8)
    return Points(
        rng.uniform(-3, 43, n).astype(np.float32),
        rng.uniform(-3, 33, n).astype(np.float32),
        rng.integers(0, 5, n).astype(np.uint16),
        state,
        rng.permutation(n).astype(np.int32),
    )


def plainly(points, shape, diameter):
    """Which point is on top of each pixel, drawn one after another."""
    index = np.full(shape, -1)
    for wanted in (DIM, NORMAL, CHOSEN):
        for i in points.order:
            if points.state[i] != wanted:
                continue
            px, py = int(np.floor(points.x[i])), int(np.floor(points.y[i]))
            for dy, first, last in rasteriser.spans(diameter):
                for dx in range(first, last):
                    if 0 <= py + dy < shape[0] and 0 <= px + dx < shape[1]:
                        index[py + dy, px + dx] = i
    return index


@pytest.mark.parametrize("soft", [True, False])
@pytest.mark.parametrize("diameter", [1.0, 2.0, 3.0, 6.0])
def test_compiled_drawing_equals_plain_drawing(monkeypatch, soft, diameter):
    rasteriser.warm_up(wait=True)
    monkeypatch.setattr(rasteriser, "SOFT_LIMIT", 10**9 if soft else 0)
    points, shape = made_points(), (30, 40)
    lut = np.array([0xFF000000 + i for i in range(5)], dtype=np.uint32)
    dim = lut + np.uint32(0x100)
    frame = rasteriser.render(points, shape, (1.0, 1.0), (0.0, 0.0), lut, dim, WHITE, diameter)
    expected = plainly(points, shape, diameter)
    assert np.array_equal(frame.index, expected)
    shown = np.maximum(expected, 0)
    colours = np.where(points.state == DIM, dim[points.codes], lut[points.codes])
    painted = np.where(expected >= 0, colours[shown], WHITE)
    if soft:  # edges are blended, centres are not
        assert (frame.image[expected < 0] >> 24 == 0xFF).all()
    else:
        assert np.array_equal(frame.image, painted.astype(np.uint32))


def test_numpy_stands_in_where_the_loops_cannot_be_loaded(monkeypatch):
    points, shape = made_points(seed=4), (30, 40)
    lut = np.arange(5, dtype=np.uint32) + 0xFF000000
    monkeypatch.setattr(rasteriser._kernels, "loaded", None)
    frame = rasteriser.render(points, shape, (1.0, 1.0), (0.0, 0.0), lut, lut, WHITE, 3.0)
    assert np.array_equal(frame.index, plainly(points, shape, 3.0))
    counts = rasteriser.density(points, shape, (1.0, 1.0), (0.0, 0.0))
    monkeypatch.undo()
    rasteriser.warm_up(wait=True)
    assert np.array_equal(counts, rasteriser.density(points, shape, (1.0, 1.0), (0.0, 0.0)))


def test_no_frame_is_drawn_slowly_while_the_loops_are_on_their_way(monkeypatch, view, qtbot):
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait, args=(LIMIT_S,))
    thread.start()
    with monkeypatch.context() as patch:
        patch.setattr(rasteriser._kernels, "loaded", None)
        patch.setattr(rasteriser._kernels, "_thread", thread)
        view.invalidate()
        view.viewport().repaint()
        assert view.point_at(QPointF(at(view, 4))) == -1
        gate.set()
        thread.join()
    # drawn without being asked
    qtbot.waitUntil(lambda: view.point_at(QPointF(at(view, 4))) == 4)


def test_density_counts_every_visible_point():
    points = made_points(seed=2)
    counts = rasteriser.density(points, (60, 60), (1.0, 1.0), (10.0, 10.0))
    assert counts.sum() == np.count_nonzero(points.state != HIDDEN)


def test_a_frame_reused_is_drawn_afresh():
    lut = np.arange(5, dtype=np.uint32) + 0xFF000000
    draw = (lut, lut, WHITE, 3.0)
    first = rasteriser.render(made_points(seed=1), (30, 40), (1, 1), (0, 0), *draw)
    again = rasteriser.render(made_points(seed=2), (30, 40), (1, 1), (0, 0), *draw, reuse=first)
    fresh = rasteriser.render(made_points(seed=2), (30, 40), (1, 1), (0, 0), *draw)
    assert np.array_equal(again.image, fresh.image)
    assert np.array_equal(again.index, fresh.index)


@pytest.fixture
def view(qtbot):
    """Nine points on a grid, 100 apart in a widget of 400 x 400."""
    rasteriser.warm_up(wait=True)
    made = ScatterView()
    qtbot.addWidget(made)
    made.resize(400, 400)
    x, y = np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    made.set_points(x.ravel(), y.ravel(), ("PC 1", "PC 2"))
    made.set_colours(np.arange(9), np.full((9, 3), 40, np.uint8))
    made.show()
    qtbot.waitExposed(made)
    made.render_frame()
    return made


def at(view, index) -> QPoint:
    return view.position_of(index).toPoint()


def drag(view, points, button=Qt.LeftButton, modifiers=Qt.NoModifier):
    QTest.mousePress(view.viewport(), button, modifiers, points[0])
    for point in points[1:]:
        from PyQt5.QtGui import QMouseEvent

        move = QMouseEvent(
            QMouseEvent.MouseMove, QPointF(point), Qt.NoButton, Qt.MouseButtons(button), modifiers
        )
        QApplication.sendEvent(view.viewport(), move)
    QTest.mouseRelease(view.viewport(), button, modifiers, points[-1])


def around(view, indices, pad=12):
    """Corners of a box around points, in the widget."""
    spots = [at(view, i) for i in indices]
    left, right = min(p.x() for p in spots) - pad, max(p.x() for p in spots) + pad
    top, bottom = min(p.y() for p in spots) - pad, max(p.y() for p in spots) + pad
    return QPoint(left, top), QPoint(right, top), QPoint(right, bottom), QPoint(left, bottom)


def test_every_point_is_found_where_it_is_drawn(view):
    for index in range(9):
        assert view.point_at(QPointF(at(view, index))) == index
    middle = (view.position_of(0) + view.position_of(4)) / 2
    assert view.point_at(middle) == -1


def test_click_names_the_point_and_the_mode(view, qtbot):
    for modifiers, mode in (
        (Qt.NoModifier, "replace"),
        (Qt.ShiftModifier, "add"),
        (Qt.AltModifier, "remove"),
        (Qt.ControlModifier | Qt.ShiftModifier, "intersect"),
    ):
        with qtbot.waitSignal(view.clicked) as caught:
            QTest.mouseClick(view.viewport(), Qt.LeftButton, modifiers, at(view, 5))
        assert caught.args == [5, mode]


def test_lasso_gives_its_vertices_in_the_points_coordinates(view, qtbot):
    with qtbot.waitSignal(view.lassoed) as caught:
        drag(view, around(view, [0, 1, 3, 4]), modifiers=Qt.ShiftModifier)
    vertices, mode = caught.args
    assert mode == "add"
    xs, ys = zip(*vertices, strict=True)
    assert min(xs) < 0
    assert 1 < max(xs) < 2
    assert min(ys) < 0
    assert 1 < max(ys) < 2


def test_rectangle_and_polygon_tools(view, qtbot):
    view.set_tool("rectangle")
    corners = around(view, [4, 5, 7, 8])
    with qtbot.waitSignal(view.boxed) as caught:
        drag(view, [corners[0], corners[2]])
    low, high, _ = caught.args
    assert 0 < low[0] < 1
    assert high[0] > 2
    view.set_tool("polygon")
    corners = around(view, [8])
    with qtbot.waitSignal(view.lassoed) as caught:
        for corner in corners:
            QTest.mouseClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, corner)
        QTest.mouseDClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, corners[-1])
    assert len(caught.args[0]) == 4
    QTest.mouseClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, corners[0])
    QTest.keyClick(view, Qt.Key_Escape)
    assert view._gesture.points == []


def test_wheel_zooms_about_the_mouse_and_right_button_pans(view):
    spot = view.position_of(8)
    event = QWheelEvent(
        spot,
        view.mapToGlobal(spot.toPoint()),
        QPoint(),
        QPoint(0, 240),
        Qt.NoButton,
        Qt.NoModifier,
        Qt.NoScrollPhase,
        False,
    )
    gap = view.position_of(8).x() - view.position_of(7).x()
    QApplication.sendEvent(view.viewport(), event)
    assert (view.position_of(8) - spot).manhattanLength() < 1e-6
    assert view.position_of(8).x() - view.position_of(7).x() == pytest.approx(gap * 1.44)
    before = view.position_of(4)
    drag(view, [QPoint(200, 200), QPoint(230, 190)], Qt.RightButton)
    moved = view.position_of(4) - before
    assert (moved.x(), moved.y()) == pytest.approx((30, -10))
    QTest.keyClick(view, Qt.Key_0)
    assert view.position_of(8).x() - view.position_of(7).x() == pytest.approx(gap)


def test_zoom_ends_where_there_is_nothing_more_to_see(view):
    whole = np.ptp(view.whole(), axis=1)
    for _ in range(200):
        view.zoom(1 / 1.3)
    assert np.ptp(view.shown_range(), axis=1) == pytest.approx(20 * whole)
    for _ in range(200):
        view.zoom(1.3)
    assert np.ptp(view.shown_range(), axis=1) == pytest.approx(1e-5 * whole, rel=1e-3)


def test_a_box_zooms_and_the_history_leads_back_and_forward(view, qtbot):
    whole = view.shown_range()
    view.set_tool("zoom")
    corners = around(view, [4, 5, 7, 8])
    with qtbot.assertNotEmitted(view.boxed):
        drag(view, [corners[0], corners[2]])
    near = view.shown_range()
    (left, right), (low, high) = near
    assert 0 < left < 1 < 2 < right
    assert 0 < low < 1 < 2 < high
    QTest.keyClick(view, Qt.Key_Left, Qt.AltModifier)
    assert view.shown_range() == whole
    QTest.mouseClick(view.viewport(), Qt.ForwardButton, Qt.NoModifier, at(view, 4))
    assert view.shown_range() == near
    QTest.keyClick(view, Qt.Key_Home)
    np.testing.assert_allclose(view.shown_range(), whole)
    view.history.back()
    assert view.shown_range() == near
    view.set_points(np.arange(9.0), np.arange(9.0))
    assert view.history.can_go == (False, False)


def test_the_wheel_over_an_axis_changes_that_axis_alone(view):
    (x, y), spot = view.shown_range(), QPointF(view.box_rect().center().x(), view.height() - 4)
    wheel = QWheelEvent(
        spot,
        view.mapToGlobal(spot.toPoint()),
        QPoint(),
        QPoint(0, 120),
        Qt.NoButton,
        Qt.NoModifier,
        Qt.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), wheel)
    now = view.shown_range()
    assert now[0][1] - now[0][0] < x[1] - x[0]
    assert now[1] == y


def test_axes_are_named_and_colours_of_numbers_have_their_bar(view, qtbot):
    assert view.plot.getAxis("bottom").labelText == "PC 1"
    assert view.plot.getAxis("left").labelText == "PC 2"
    assert view._bar.bar is None
    scale = theme().sequential()
    view.set_colours(np.arange(9), scale, Legend("Activity", -1.5, 4.0, scale))
    assert view._bar.bar.levels() == (-1.5, 4.0)
    assert view._bar.bar.axis.labelText == "Activity"
    with qtbot.waitSignal(view.levels_chosen) as caught:
        view._bar.bar.region.lines[1].setValue(120)
        view._bar.bar.sigLevelsChangeFinished.emit(view._bar.bar)
    assert caught.args[0][1] < 4.0
    view.set_density(True)
    view.render_frame()
    qtbot.waitUntil(lambda: "points" in view._bar.bar.axis.labelText)
    view.set_density(False)
    view.set_colours(np.arange(9), scale)
    assert view._bar.bar is None


@pytest.mark.parametrize("place", [0.0, 3.0, 1e9])
def test_points_in_one_place_are_in_the_middle(view, place):
    view.set_points(np.full(9, place), np.full(9, place))
    view.render_frame()
    middle = view.box_rect().center()
    assert (view.position_of(3) - middle).manhattanLength() < 2
    assert view.point_at(view.position_of(3)) >= 0


def test_points_without_a_place_are_left_out(view):
    x = np.arange(9.0)
    x[2] = np.nan
    view.set_points(x, np.arange(9.0))
    view.render_frame()
    (low, high), _ = view.shown_range()
    assert low < 0 < 8 < high
    assert view.point_at(view.position_of(3)) == 3
    view.set_points(np.full(9, np.nan), np.arange(9.0))
    view.grab()


def test_hover_shows_the_card(view):
    view.set_describer(lambda index: f"sequence {index}")
    QTest.mouseMove(view.viewport(), at(view, 3))
    QApplication.processEvents()
    assert view.card.isVisible()
    assert view.card.text() == "sequence 3"
    QTest.mouseMove(view.viewport(), QPoint(2, 2))
    QApplication.processEvents()
    assert not view.card.isVisible()


def test_hidden_points_are_neither_drawn_nor_found(view):
    state = np.full(9, NORMAL, dtype=np.uint8)
    state[4] = HIDDEN
    view.set_states(state)
    view.render_frame()
    assert view.point_at(view.position_of(4)) == -1
    assert view.point_at(view.position_of(3)) == 3


def test_no_points_say_what_to_do(qtbot):
    made = ScatterView()
    qtbot.addWidget(made)
    made.show()
    made.set_points(np.zeros(0), np.zeros(0))
    QTest.mouseClick(made.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(20, 20))
    made.grab()


def test_a_lasso_that_closes_on_its_start_is_a_lasso(view, qtbot):
    corners = around(view, [0, 1, 3, 4])
    with qtbot.waitSignal(view.lassoed) as caught, qtbot.assertNotEmitted(view.clicked):
        drag(view, [*corners, corners[0]])
    assert len(caught.args[0]) == 5


def test_a_trembling_click_is_a_click_and_a_box_drawn_back_is_given_up(view, qtbot):
    spot = at(view, 5)
    with qtbot.waitSignal(view.clicked):
        drag(view, [spot, spot + QPoint(2, 0), spot + QPoint(2, 1)])
    view.set_tool("rectangle")
    corner, _, opposite, _ = around(view, [4, 5, 7, 8])
    with qtbot.assertNotEmitted(view.boxed), qtbot.assertNotEmitted(view.clicked):
        drag(view, [corner, opposite, corner])


def test_without_a_key_the_mode_is_the_one_chosen(view, qtbot):
    for chosen in ("add", "remove", "intersect", "replace"):
        view.set_mode(chosen)
        for modifiers, mode in (
            (Qt.NoModifier, chosen),
            (Qt.ShiftModifier, "add"),
            (Qt.ControlModifier, "remove"),
        ):
            with qtbot.waitSignal(view.clicked) as caught:
                QTest.mouseClick(view.viewport(), Qt.LeftButton, modifiers, at(view, 5))
            assert caught.args == [5, mode]


def test_a_column_without_values_says_so(view):
    found = by_column("Nothing", np.full(9, np.nan))
    view.set_colours(found.codes, found.palette, found.legend)
    assert view._bar.bar is None
    assert view.legend.names == ("no values",)
    assert len(np.unique(view.colours[view.points.codes], axis=0)) == 1
    view.grab()
