"""The tree: its layout against SciPy, the cut, the branches."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication
from scipy.cluster.hierarchy import dendrogram, fcluster, linkage

from seam_core.geometry import leaves_below
from seam_core.tree_drawing import height_ticks
from seam_gui.views.dendrogram_view import DendrogramView
from seam_gui.views.tree_layout import tree_top


@pytest.fixture(scope="module")
def matrix():
    rng = np.random.default_rng(5)
    return linkage(rng.normal(size=(60, 4)), "ward")


def test_whole_tree_is_laid_out_as_scipy_does(matrix):
    top = tree_top(matrix, 100)
    drawn = dendrogram(matrix, no_plot=True)
    assert top.leaves.tolist() == drawn["leaves"]
    ours = sorted(zip(np.sort([top.left, top.right], 0)[0] * 10 + 5, top.heights, strict=True))
    theirs = sorted(
        (min(x[1], x[2]), y[1])
        for x, y in zip(*(drawn[k] for k in ("icoord", "dcoord")), strict=True)
    )
    np.testing.assert_allclose(ours, theirs)


def test_top_of_the_tree_covers_every_sequence_once(matrix):
    top = tree_top(matrix, 12)
    assert len(top.leaves) == 12
    members = np.concatenate([leaves_below(matrix, int(node)) for node in top.leaves])
    assert sorted(members.tolist()) == list(range(60))
    np.testing.assert_allclose(np.sort(top.heights), np.sort(matrix[-11:, 2]))


def test_labels_of_heights_are_not_cut(qtbot, matrix):
    made = DendrogramView()
    qtbot.addWidget(made)
    small = matrix.copy()
    small[:, 2] *= 1.9e-5
    made.set_linkage(small)
    words = [f"{height:.2g}" for height in height_ticks(float(small[:, 2].max()))]
    widest = max(made.fontMetrics().horizontalAdvance(word) for word in words)
    assert made._area().left() - 8 >= widest


@pytest.fixture
def view(qtbot, matrix):
    made = DendrogramView()
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.set_linkage(matrix)
    made.set_cut(float(matrix[-4, 2] + matrix[-3, 2]) / 2)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_groups_are_those_of_scipy(view, matrix):
    for height in np.linspace(0.01, matrix[-1, 2] * 1.01, 15):
        expected = len(np.unique(fcluster(matrix, height, "distance")))
        assert view.groups_at(height) == expected


def move_to(view, x, y, buttons=Qt.LeftButton):
    event = QMouseEvent(QMouseEvent.MouseMove, QPointF(x, y), Qt.NoButton, buttons, Qt.NoModifier)
    QApplication.sendEvent(view.viewport(), event)


def test_dragging_the_line_says_where_it_is(view, qtbot, matrix):
    start, target = view.y_of(view.cut), view.y_of(matrix[-2, 2])
    heights = []
    view.cut_moved.connect(heights.append)
    QTest.mousePress(view.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(300, round(start)))
    move_to(view, 300, (start + target) / 2)
    move_to(view, 300, target)
    with qtbot.waitSignal(view.cut_released) as caught:
        QTest.mouseRelease(
            view.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(300, round(target))
        )
    assert len(heights) == 2
    assert caught.args[0] == pytest.approx(matrix[-2, 2], rel=1e-3)


def test_clicking_a_branch_names_its_node(view, qtbot, matrix):
    top = tree_top(matrix, 2000)
    for k in (58, 57, 50):
        x = float(view._x(top, (top.left[k] + top.right[k]) / 2))
        y = float(view.y_of(top.heights[k]))
        if view._on_cut(QPointF(x, y)):
            continue
        with qtbot.waitSignal(view.branch_clicked) as caught:
            QTest.mouseClick(
                view.viewport(), Qt.LeftButton, Qt.ShiftModifier, QPointF(x, y).toPoint()
            )
        assert caught.args == [int(top.nodes[k]), "add"]


def test_colours_reach_everything_below(view, matrix):
    root = 2 * 60 - 2
    left, right = (int(i) for i in matrix[-1, :2])
    view.set_branch_colours({left: (255, 0, 0), right: (0, 0, 255)})
    colours = view._link_colours(tree_top(matrix, 2000))
    for leaf in leaves_below(matrix, left):
        assert colours[int(leaf)] == (255, 0, 0)
    assert root not in colours


def test_a_large_tree_and_none(qtbot):
    n = 30_000
    steps = np.arange(n - 1)
    chain = np.stack([np.where(steps, n + steps - 1, 0), steps + 1, steps + 1.0, steps + 2], 1)
    made = DendrogramView()
    qtbot.addWidget(made)
    made.set_linkage(chain)
    made.set_cut(n - 5.5)
    assert made.groups_at(n - 5.5) == 6
    made.grab()
    made.set_linkage(None)
    made.grab()
    assert made.node_at(QPointF(100, 100)) == -1
