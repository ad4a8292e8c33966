"""The MSM: every cell where it should be, hover, click and brush."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QColor, QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication

from seam_core.records import Site
from seam_core.site_boxes import runs_of
from seam_gui.look.theme import theme
from seam_gui.views.msm_matrix import Matrix, scale_of
from seam_gui.views.msm_view import MsmView
from seam_gui.views.names_axis import spread
from seam_gui.views.painting import apart
from seam_gui.views.position_axis import LEFT, PositionAxis
from seam_gui.views.scale_bar import ScaleBar

K, W, START = 6, 12, 5


@pytest.fixture
def matrix():
    values = np.linspace(0, 2, K * W).reshape(K, W)
    values[2, 3] = np.nan
    ids = np.array([7, 3, -1, 4, 0, 9])
    return Matrix(
        values,
        ids,
        tuple(f"cluster {i}" for i in ids),
        np.full((K, 3), 90, np.uint8),
        START,
        "Entropy",
        "bits",
        (0.0, 2.0),
        reference_row=3,
    )


@pytest.fixture
def view(qtbot, matrix):
    axis = PositionAxis()
    axis.set_extent(START, START + W)
    axis.set_sites((Site("A", (6, 7, 10)),))
    made = MsmView(axis)
    qtbot.addWidget(made)
    made.resize(LEFT + 12 + 480, 260)
    made.set_matrix(matrix)
    made.show()
    qtbot.waitExposed(made)
    return made


def middle(view, row, position) -> QPoint:
    area = view.cell_rect()
    y = area.top() + (row + 0.5) / len(view.matrix.ids) * area.height()
    return QPointF(view.x_of(position), y).toPoint()


def test_counts_stand_right_of_their_rows(view, matrix, qtbot):
    before = view.position_at(view.x_of(8))
    counts = np.arange(len(matrix.ids)) * 2
    view.set_counts(counts, "positions ≤ 1 bits")
    assert view.position_at(view.x_of(8)) == before
    area, row = view.cell_rect(), len(counts) - 1
    y = round(area.top() + (row + 0.5) / len(counts) * area.height())
    picture = view.grab().toImage()
    ground = QColor(theme().palette.background).rgb()
    strip = range(int(area.right()) + 9, view.width() - 12)
    assert all(picture.pixel(x, y) != ground for x in strip)  # the longest fills the strip
    first = round(area.top() + 0.5 / len(counts) * area.height())
    assert picture.pixel(int(area.right()) + 12, first) == ground
    assert f"{counts[row]} of {matrix.values.shape[1]} positions ≤ 1 bits" in view.count_text(row)
    asked = []
    view.rows_brushed.connect(lambda ids, mode: asked.append(ids))
    QTest.mouseClick(
        view.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(int(area.right()) + 20, y)
    )
    assert asked == [(int(matrix.ids[row]),)]


def drag(view, start, stop, modifiers=Qt.NoModifier):
    QTest.mousePress(view.viewport(), Qt.LeftButton, modifiers, start)
    for point in ((start + stop) / 2, stop):
        move = QMouseEvent(
            QMouseEvent.MouseMove, QPointF(point), Qt.NoButton, Qt.LeftButton, modifiers
        )
        QApplication.sendEvent(view.viewport(), move)
    QTest.mouseRelease(view.viewport(), Qt.LeftButton, modifiers, stop)


def test_cells_have_the_colour_of_their_value(view, matrix):
    image = view.grab().toImage()
    scale = scale_of(matrix)
    for row, column in ((0, 0), (1, 11), (4, 8), (5, 11)):
        spot = middle(view, row, START + column) + QPoint(6, 4)
        level = int(matrix.values[row, column] / 2 * 255)
        got = np.array(QColor(image.pixel(spot)).getRgb()[:3], dtype=int)
        assert np.abs(got - scale[level].astype(int)).max() <= 6
    missing = QColor(image.pixel(middle(view, 2, START + 3) + QPoint(6, 4))).getRgb()[:3]
    assert missing == (128, 128, 128)


def test_hover_reads_the_cell(view, matrix):
    point = QPointF(middle(view, 1, 9))
    move = QMouseEvent(QMouseEvent.MouseMove, point, Qt.NoButton, Qt.NoButton, Qt.NoModifier)
    QApplication.sendEvent(view.viewport(), move)
    assert view.toolTip() == f"cluster 3   position 9   entropy {matrix.values[1, 4]:.3g} bits"
    assert view.axis.hover == 9
    assert "not defined" in view.cell_text(2, START + 3)
    assert view.cell_text(0, 99) == ""


def test_click_names_cluster_position_and_mode(view, qtbot):
    with qtbot.waitSignal(view.cell_clicked) as caught:
        QTest.mouseClick(view.viewport(), Qt.LeftButton, Qt.ShiftModifier, middle(view, 2, 8))
    assert caught.args == [-1, 8, "add"]
    with qtbot.waitSignal(view.rows_brushed) as caught:
        QTest.mouseClick(
            view.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(20, middle(view, 5, 8).y())
        )
    assert caught.args == [(9,), "replace"]


def test_dragging_across_brushes_positions_and_down_selects_clusters(view, qtbot):
    with qtbot.waitSignal(view.brushed) as caught:
        drag(view, middle(view, 2, 6), middle(view, 2, 9))
    assert caught.args == [(6, 10)]
    with qtbot.waitSignal(view.rows_brushed) as caught:
        drag(view, middle(view, 1, 8), middle(view, 3, 8), Qt.AltModifier)
    assert caught.args == [(3, -1, 4), "remove"]
    with qtbot.waitSignal(view.rows_brushed) as caught:
        drag(view, QPoint(10, middle(view, 4, 8).y()), QPoint(12, 500))
    assert caught.args[0] == (0, 9)


def test_selection_row_above_keeps_the_clusters_rows(view, matrix):
    from dataclasses import replace

    view.set_matrix(replace(matrix, extra=np.linspace(0, 2, W)))
    for row in range(K):
        assert view.row_at(middle(view, row, 8).y()) == row
    assert view.row_at(view.plot_rect().top() + 2) == -1


def test_large_matrix_and_none(view):
    rng = np.random.default_rng(0)
    values = rng.random((1000, 2114))
    ids = np.arange(1000)
    names = tuple(map(str, ids))
    view.axis.set_extent(0, 2114)
    colours = np.zeros((1000, 3), np.uint8)
    view.set_matrix(Matrix(values, ids, names, colours, 0, "Entropy", "bits", (0, 1)))
    view.grab()
    assert view.cell_text(999, 2113).startswith("999")
    view.set_matrix(None)
    view.grab()
    assert view.row_at(50) == -1


def test_the_ends_of_its_colours_are_dragged(view, matrix):
    bar, told = ScaleBar("scale", view.images), []
    bar.levels_chosen.connect(told.append)
    view.set_matrix(matrix)
    bar.set_scale(scale_of(matrix), *matrix.limits, matrix.unit)
    assert bar.texts == ("0", "2 bits")
    bar.bar.region.setRegion((63, 159))  # the upper end half way to the middle of the bar
    assert view.levels == bar.bar.levels() == (0.0, pytest.approx(1.5))
    assert told[-1] == view.levels
    bar.set_scale(theme().diverging(), -1.0, 1.0, "bits")
    bar.bar.region.setRegion((63, 159))
    low, high = bar.bar.levels()
    assert -low == high == pytest.approx(0.5), "white stays at zero"
    QTest.mouseDClick(bar.bar.getViewWidget().viewport(), Qt.LeftButton)
    assert told[-1] is None
    bar.deleteLater()


@pytest.mark.parametrize("first", [[], [3, 4], [0, 9]])
def test_names_of_rows_never_lie_over_each_other(first):
    emphasised = np.isin(np.arange(10), first)
    rows = np.flatnonzero(spread(emphasised, 3))
    assert np.diff(rows).min() >= 3
    assert not first or first[0] in rows


def test_runs():
    assert runs_of((1, 2, 3, 7, 9, 10)) == [(1, 4), (7, 8), (9, 11)]
    assert runs_of(()) == []


def test_names_are_over_their_sites_where_there_is_room_and_never_over_each_other():
    widths = np.array([20.0, 40.0, 10.0, 30.0])
    far = np.array([50.0, 200.0, 300.0, 400.0])
    assert np.array_equal(apart(far, widths, 500), far - widths / 2)
    lefts = apart(np.array([50.0, 52.0, 470.0, 490.0]), widths, 500)
    assert np.all(np.diff(lefts) > widths[:-1])
    assert lefts[-1] + widths[-1] <= 500
    assert len(apart(np.zeros(0), np.zeros(0), 500)) == 0
