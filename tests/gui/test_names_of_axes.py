"""What a picture is named by is read whole, however large the letters and small the picture."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QColor, QFontMetrics, QImage, QPainter
from PyQt5.QtWidgets import QApplication

from seam_core.pictures import Names
from seam_gui.views.activity_view import ActivityView
from seam_gui.views.axes import Axes
from seam_gui.views.axis_label import in_lines
from seam_gui.views.colour_bar import ColourBar
from seam_gui.views.names_axis import with_room
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.profile_view import Profile, ProfileView
from seam_gui.views.scatter_parts import draw_names
from seam_gui.views.scatter_view import ScatterView

NAMES = ("Match to reference", "Match to consensus")


@pytest.fixture
def large(qapp):
    """Letters of 15 points."""
    before = qapp.font()
    font = QApplication.font()
    font.setPointSize(15)
    qapp.setFont(font)
    yield
    qapp.setFont(before)


def upright(axis):
    """Pixels that an upright name takes of the height of its axis."""
    return axis.label.boundingRect().width() - 2 * axis.label.document().documentMargin()


def test_an_upright_name_is_as_long_as_its_axis_at_most(qtbot, large):
    view = ActivityView()
    qtbot.addWidget(view)
    view.set_values(np.arange(50.0), None, 3.0)
    view.set_labels("activity", "share of all (%)")
    axis = view.plot.getAxis("left")
    for height in (190, 600, 190):
        view.resize(420, height)
        view.show()
        QApplication.processEvents()
        assert view.plot.box.height() > 60
        assert upright(axis) <= axis.size().height() + 1
        whole = axis.label.toPlainText().replace("\n", " ").split()
        assert whole == ["share", "of", "all", "(%)"]
        lines = in_lines("share of all (%)", axis.size().height())
        assert (len(lines) > 1) == (height == 190)


def test_the_title_of_a_colour_bar_too(qtbot, large):
    import pyqtgraph as pg

    view, plot = pg.GraphicsView(), Axes()
    qtbot.addWidget(view)
    view.setCentralItem(plot)
    bar = ColourBar(plot, lambda _: None)
    view.resize(400, 160)
    view.show()
    QApplication.processEvents()
    bar.show("Expression <b>in</b> K562 cells", (0.0, 1.0), np.zeros((4, 3), np.uint8))
    QApplication.processEvents()
    axis = bar.bar.axis
    assert upright(axis) <= plot.box.size().height() + 1
    # what looks like a tag is part of the name of a column
    assert axis.label.toPlainText().split() == ["Expression", "<b>in</b>", "K562", "cells"]
    for line in in_lines("Expression <b>in</b> K562 cells", plot.box.size().height()):
        assert not line.endswith("…")


def test_the_legend_of_profiles_takes_the_lines_that_it_needs(qtbot, large):
    axis = PositionAxis()
    axis.set_extent(0, 30)
    view = ProfileView(axis, "some_profiles")
    qtbot.addWidget(view)
    view.set_profiles(tuple(Profile(name, np.arange(30.0)) for name in NAMES), 0, "% of all")
    metrics, margins = QFontMetrics(view.font()), {}
    for width in (900, 320):
        view.resize(width, 200)
        view.show()
        QApplication.processEvents()
        lines = view._legend()
        shown = [entry for line in lines for entry in line]
        assert [text for _, text, _ in shown] == [*NAMES, "% of all"]
        ends = [x + metrics.horizontalAdvance(text) for x, text, profile in shown]
        assert max(ends) <= width
        margins[width] = view.plot_rect().top()
    assert margins[320] >= margins[900] + metrics.height()  # below the names


def test_names_of_colours_are_read_on_points(qapp):
    picture = QImage(300, 200, QImage.Format_RGB32)
    picture.fill(QColor("red"))  # as many points
    painter = QPainter(picture)
    colours = np.zeros((2, 3), np.uint8)
    draw_names(painter, Names("Kind", ("first", "no values"), colours), QRectF(0, 0, 300, 200))
    painter.end()
    seen = [picture.pixelColor(x, y) for y in range(10, 34) for x in range(250, 290)]
    assert QColor("red") not in seen
    assert picture.pixelColor(20, 100) == QColor("red")


def test_a_cluster_without_room_for_its_name_has_its_id(qapp):
    name = "17 none of the sites"
    whole = QFontMetrics(qapp.font()).horizontalAdvance(name) + 2
    assert with_room(name, whole) == name
    assert with_room(name, whole * 3 // 4).endswith("…")
    assert with_room(name, whole // 4) == "17"


def test_numbers_of_small_ranges_are_not_in_thousandths(qtbot):
    """pyqtgraph divides by a thousand where a range is below 1, and has no unit to say so."""
    view = ScatterView()
    qtbot.addWidget(view)
    small = np.linspace(-0.4, 0.4, 50)
    for wide in (0.5, 1.0, 2e-4):
        view.set_points(wide * small, wide * small, ("PC 1", "PC 2"))
        view.dress()
        view.show()
        for side in ("left", "bottom"):
            axis = view.plot.getAxis(side)
            (spacing, values), *_ = axis.tickValues(*axis.range, 400)
            texts = axis.tickStrings(values, axis.autoSIPrefixScale * axis.scale, spacing)
            assert [float(text) for text in texts] == pytest.approx(values, abs=1e-9)
