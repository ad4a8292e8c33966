"""Logos: the letters drawn, what the mouse reads, one axis for all."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QColor, QImage, QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication

from seam_core import glyphs
from seam_gui.look.theme import theme
from seam_gui.views.logo_painting import Logo, letter_path
from seam_gui.views.logo_view import LogoView
from seam_gui.views.position_axis import PositionAxis
from seam_gui.views.profile_view import Profile, ProfileView


@pytest.fixture
def axis(qtbot):
    made = PositionAxis()
    made.set_extent(10, 30)
    return made


@pytest.fixture
def matrix():
    rng = np.random.default_rng(2)
    return rng.normal(size=(20, 4))


@pytest.fixture
def view(qtbot, axis, matrix):
    made = LogoView(axis)
    qtbot.addWidget(made)
    made.resize(900, 200)
    made.set_logo(Logo(matrix, 10, "ACGT", "a.u.", np.zeros(20, np.int8)), "Average map")
    made.show()
    qtbot.waitExposed(made)
    return made


def centre_of(view, position, letter):
    """Where a letter of the logo is in the widget."""
    logo = view.logo
    stack = glyphs.stack_layout(logo.matrix)
    row = np.flatnonzero((stack.x == position - logo.start) & (stack.letters == letter))[0]
    low, high = view.limits()
    area = view.plot_rect()
    value = (stack.y0[row] + stack.y1[row]) / 2
    return QPointF(view.x_of(position), area.top() + (high - value) / (high - low) * area.height())


def test_left_side_has_room_for_its_widest_label_in_every_view(view, axis, qtbot):
    other = LogoView(axis)
    qtbot.addWidget(other)
    other.resize(900, 200)
    widest = view.fontMetrics().horizontalAdvance("-1.2e-06")
    assert widest > axis.left - 6  # it would be cut
    view.set_logo(Logo(np.zeros((20, 4)), 10, "ACGT", limits=(-1.23e-6, 0.5)))
    assert axis.left - 6 >= widest
    assert other.x_of(15) == view.x_of(15)
    assert view.position_at(view.x_of(15)) == 15


@pytest.mark.parametrize(("alphabet", "highest"), [("ACGT", 2.0), ("AC", 1.0)])
def test_a_library_without_information_has_the_whole_axis_and_says_so(view, alphabet, highest):
    nothing = np.full((20, len(alphabet)), 1e-16)
    view.set_logo(Logo(nothing, 10, alphabet, "bits"), "Information")
    assert view.limits() == (0.0, pytest.approx(highest))
    assert view.note() == "no information"
    view.set_logo(Logo(nothing, 10, alphabet, "a.u."))
    assert view.note() == "zero everywhere"
    something = nothing + np.eye(20, len(alphabet))
    view.set_logo(Logo(something, 10, alphabet, "bits"))
    assert view.note() == ""
    view.grab()


def test_outlines_become_closed_paths_of_the_unit_box():
    for letter in "ACGTUEI":
        box = letter_path(letter).boundingRect()
        assert box.height() == pytest.approx(1.0, abs=1e-6)
        assert -1e-6 <= box.left() <= box.right() <= 1 + 1e-6


def test_each_letter_is_read_where_it_is_drawn(view, matrix):
    for position in (10, 17, 29):
        for letter in range(4):
            found = view.letter_at(centre_of(view, position, letter))
            assert found[:2] == (position, "ACGT"[letter])
            assert found[2] == pytest.approx(matrix[position - 10, letter])


def test_letters_have_their_colours(qtbot, axis):
    logo = np.zeros((20, 4))
    logo[np.arange(20), np.arange(20) % 4] = 1.0
    made = LogoView(axis)
    qtbot.addWidget(made)
    made.resize(900, 200)
    made.set_logo(Logo(logo, 10, "ACGT"))
    image = made.grab().toImage().convertToFormat(QImage.Format_RGB32)
    for position in range(12, 16):
        letter = "ACGT"[(position - 10) % 4]
        left, right = int(made.x_of(position - 0.45)), int(made.x_of(position + 0.45))
        area = made.plot_rect()
        inks = {
            image.pixel(x, y)
            for x in range(left, right)
            for y in range(int(area.top()) + 3, int(area.bottom()) - 3, 5)
        }
        wanted = theme().letter_colors(letter)[letter].rgb()
        assert wanted in inks, letter
        others = {theme().letter_colors(other)[other].rgb() for other in "ACGT" if other != letter}
        assert not inks & others


def test_narrow_letters_become_bars_of_the_same_heights(view, matrix):
    view.axis.set_extent(10, 10 + 20)
    view.resize(110, 200)
    image = view.grab().toImage()
    assert any(
        QColor(image.pixel(x, y)) == theme().letter_colors("A")["A"]
        for x in range(60, 100)
        for y in range(20, 190)
    )


def test_of_several_positions_in_a_pixel_the_tallest_is_drawn(qtbot):
    """Not the letter that is painted last: every tenth of 6,000 is an A, twice as high."""
    axis = PositionAxis()
    axis.set_extent(0, 6_000)
    matrix = np.zeros((6_000, 4))
    matrix[:, 3] = 1.0
    matrix[::10] = (2.0, 0, 0, 0)
    made = LogoView(axis)
    qtbot.addWidget(made)
    made.resize(500, 200)
    made.set_logo(Logo(matrix, 0, "ACGT", "a.u."))
    made.show()
    qtbot.waitExposed(made)
    area = made.plot_rect().toRect()
    image = made.grab().toImage()
    colours = theme().letter_colors("ACGT")
    row = area.bottom() - area.height() // 8
    seen = [image.pixelColor(x, row) for x in range(area.left() + 4, area.right() - 4)]
    assert seen.count(colours["A"]) > 0.9 * len(seen)
    assert colours["T"] not in seen


def test_hover_says_position_letter_and_value(view, matrix):
    point = centre_of(view, 15, 2)
    move = QMouseEvent(QMouseEvent.MouseMove, point, Qt.NoButton, Qt.NoButton, Qt.NoModifier)
    QApplication.sendEvent(view.viewport(), move)
    assert view.axis.hover == 15
    tip = view.toolTip()
    assert "position 15" in tip
    assert f"G {matrix[5, 2]:.3g}" in tip
    assert "a.u." in tip
    assert "reference A" in tip


def test_views_share_zoom_pan_hover_and_brush(view, qtbot, axis):
    other = ProfileView(axis, "profile")
    qtbot.addWidget(other)
    other.resize(900, 100)
    other.set_profiles((Profile("Match", np.linspace(0, 100, 20)),), 10, "%")
    other.show()
    QTest.keyClick(view, Qt.Key_Plus)
    assert axis.high - axis.low == pytest.approx(16)
    assert other.x_of(20) == view.x_of(20)
    with qtbot.waitSignal(view.brushed) as caught:
        start, stop = QPoint(int(view.x_of(15)), 100), QPoint(int(view.x_of(18)), 100)
        QTest.mousePress(view.viewport(), Qt.LeftButton, Qt.NoModifier, start)
        for point in (QPoint(start.x() + 20, 100), stop):
            move = QMouseEvent(
                QMouseEvent.MouseMove, QPointF(point), Qt.NoButton, Qt.LeftButton, Qt.NoModifier
            )
            QApplication.sendEvent(view.viewport(), move)
        QTest.mouseRelease(view.viewport(), Qt.LeftButton, Qt.NoModifier, stop)
    assert caught.args == [(15, 19)]
    assert "match" in other.value_text(20)
    assert other.value_text(20).startswith("position 20")
    QTest.mouseDClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(400, 100))
    assert (axis.low, axis.high) == (9.5, 29.5)


def test_axis_never_leaves_the_positions_there_are(axis):
    rng = np.random.default_rng(0)
    for _ in range(200):
        axis.zoom(float(rng.uniform(0.3, 3)), float(rng.uniform(0, 40)))
        axis.pan(float(rng.normal(0, 10)))
        assert 9.5 - 1e-9 <= axis.low < axis.high <= 29.5 + 1e-9


def test_limits_fixed_adaptive_and_flat(view, axis):
    view.set_logo(Logo(np.zeros((20, 4)), 10, "ACGT"))
    low, high = view.limits()
    assert low < high
    view.grab()
    view.set_logo(Logo(np.ones((20, 4)), 10, "ACGT", limits=(-1.0, 8.0)))
    assert view.limits() == (-1.0, 8.0)
    view.set_logo(Logo(np.ones((20, 4)), 10, "ACGT"))
    assert view.limits() == (0.0, 4.0)


def test_nothing_to_show(view):
    view.set_logo(None)
    assert view.value_text(15) == ""
    assert view.letter_at(QPointF(400, 100)) is None
    view.grab()
