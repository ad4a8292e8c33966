"""Going along the sequence: typed places, overview, numbers, history, a table that follows."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QDockWidget, QLineEdit

from seam_core.intervals import Interval, parse_interval, places_in
from seam_core.records import Site
from seam_core.validate import InputError
from seam_gui.views.logo_painting import Logo
from seam_gui.views.logo_view import LogoView
from seam_gui.views.overview_strip import OverviewStrip
from seam_gui.views.position_axis import PositionAxis, PositionNumbers
from seam_gui.widgets.position_entry import PositionEntry
from tests.gui.exploring import drag, surface, tab

PLUS = parse_interval("chr2R:5,876,534-5,876,782")
MINUS = Interval(PLUS.chromosome, PLUS.start, PLUS.stop, "-")


@pytest.fixture
def axis(qtbot):
    made = PositionAxis()
    made.set_extent(0, 249)
    return made


@pytest.mark.parametrize(
    ("text", "locus", "found"),
    [
        ("85-110", None, (85, 109)),
        ("85 .. 110", PLUS, (85, 109)),
        ("88", None, (88, 88)),
        ("chr2R:5,876,534", PLUS, (0, 0)),
        ("chr2R:5876534", MINUS, (248, 248)),
        ("5,876,620", PLUS, (86, 86)),
        ("chr2R:5,876,600-5,876,640", PLUS, (66, 106)),
        ("chr2R:5,876,600-5,876,640", MINUS, (142, 182)),
        ("chr2R:5,876,000-5,876,540", PLUS, (0, 6)),
    ],
)
def test_places_are_read_as_users_write_them(text, locus, found):
    assert places_in(text, 0, 249, locus) == found


@pytest.mark.parametrize(
    ("text", "locus"),
    [
        ("somewhere", None),
        ("300", None),
        ("110-85", None),
        ("chr2R:5,876,620", None),
        ("chr3L:5,876,620", PLUS),
        ("chr2R:9,000,000", PLUS),
        ("", PLUS),
    ],
)
def test_what_is_no_place_is_said_with_what_is_expected(text, locus):
    with pytest.raises(InputError) as caught:
        places_in(text, 0, 249, locus)
    assert "0-249" in str(caught.value)
    assert ("chr2R:5,876,534-5,876,782" in str(caught.value)) == (locus is not None)


@pytest.mark.parametrize("locus", [PLUS, MINUS])
def test_a_place_and_its_number_are_each_others_inverse(locus):
    numbers = [locus.number_of(position) for position in range(249)]
    assert sorted(numbers) == list(range(5_876_534, 5_876_783))
    assert [locus.position_of(number) for number in numbers] == list(range(249))


def test_the_entry_shows_and_takes_positions(axis, qtbot):
    entry = PositionEntry(axis, "position_edit")
    qtbot.addWidget(entry)
    assert entry.text() == "0-249"
    entry.setText("85-110")
    QTest.keyClick(entry, Qt.Key_Return)
    assert (axis.low, axis.high) == (84.5, 109.5)
    entry.setText("chr2R:5,876,620")
    QTest.keyClick(entry, Qt.Key_Return)
    assert (axis.low, axis.high) == (84.5, 109.5)
    assert "expected" in entry.toolTip()
    axis.set_locus(PLUS)
    entry.setText("chr2R:5,876,620")
    QTest.keyClick(entry, Qt.Key_Return)
    assert (axis.low + axis.high) / 2 == 86
    assert entry.text().startswith("chr2R:5,876,6")
    axis.history.back()
    assert (axis.low, axis.high) == (84.5, 109.5)
    axis.history.back()
    assert (axis.low, axis.high) == (-0.5, 248.5)


@pytest.mark.parametrize(
    ("locus", "spacing", "wanted"),
    [
        (None, None, [0, 50, 100, 150, 200]),
        (None, 25, list(range(0, 249, 25))),
        (PLUS, None, [5_876_550, 5_876_600, 5_876_650, 5_876_700, 5_876_750]),
        (MINUS, 100, [5_876_600, 5_876_700]),
    ],
)
def test_numbers_are_round_where_they_are_counted(axis, locus, spacing, wanted):
    axis.set_locus(locus)
    axis.set_spacing(spacing)
    numbers = PositionNumbers(axis)
    [(_, places)] = numbers.tickValues(-0.5, 248.5, 600)
    texts = numbers.tickStrings(list(places), 1.0, 50)
    assert sorted(int(text.replace(",", "")) for text in texts if text) == wanted


def test_the_overview_shows_and_moves_what_the_logos_show(axis, qtbot):
    strip = OverviewStrip(axis)
    qtbot.addWidget(strip)
    strip.resize(800, strip.sizeHint().height())
    axis.set_sites((Site("A", (30, 31, 32)),))
    strip.set_values(np.arange(249.0), 0)
    strip.show()
    qtbot.waitExposed(strip)
    axis.show_range(99.5, 149.5)
    assert strip.region.getRegion() == (99.5, 149.5)
    middle = strip.to_widget(125, 0).x()
    y = int(strip.box_rect().center().y())
    right = int(strip.to_widget(175, 0).x())
    drag(strip, [QPoint(int(middle), y), QPoint(int(middle) + 20, y), QPoint(right, y)])
    assert axis.high - axis.low == pytest.approx(50)
    assert (axis.low + axis.high) / 2 == pytest.approx(174, abs=3)
    QTest.mouseClick(
        surface(strip), Qt.LeftButton, Qt.NoModifier, QPoint(int(strip.to_widget(40, 0).x()), y)
    )
    assert (axis.low + axis.high) / 2 == pytest.approx(40, abs=1)
    QTest.mouseDClick(surface(strip), Qt.LeftButton, Qt.NoModifier, QPoint(int(middle), y))
    assert (axis.low, axis.high) == (-0.5, 248.5)


@pytest.mark.parametrize(("width", "letters"), [(249, False), (60, True), (6144, False)])
def test_a_logo_says_when_its_letters_cannot_be_read(qtbot, width, letters):
    axis = PositionAxis()
    axis.set_extent(0, width)
    view = LogoView(axis)
    qtbot.addWidget(view)
    view.resize(700, 120)
    view.set_logo(Logo(np.ones((width, 4)), 0, "ACGT"), "Average")
    view.grab()
    assert view.is_legible == letters
    axis.go_to("10-40")
    assert view.is_legible


def test_the_table_of_sequences_follows(explore):
    explore.find("dock_sequences", QDockWidget).raise_()
    explore.settle()
    entry = explore.find("position_edit", QLineEdit)
    explore.type("position_edit", "20-40")
    assert entry.text() == "20-40"
    table = tab(explore).sequences.table
    assert table.window_shown == (20, 40)
    table.resize(500, table.height())
    explore.type("position_edit", "30-50")
    assert table.horizontalScrollBar().value() > 0
    explore.trigger("view_back")
    explore.trigger("all_positions")
    assert table.window_shown == (0, 60)


def test_spacing_is_asked_for_and_remembered(explore):
    explore.door.answers["ask_text"] = "7"
    explore.trigger("tick_spacing")
    assert tab(explore).axis.spacing == 7
    assert explore.services.settings.position_spacing == 7
    explore.door.answers["ask_text"] = "often"
    explore.trigger("tick_spacing")
    assert tab(explore).axis.spacing == 7
    explore.door.answers["ask_text"] = ""
    explore.trigger("tick_spacing")
    assert explore.services.settings.position_spacing is None


def test_the_locus_numbers_the_positions(explore):
    explore.door.answers["ask_text"] = "chr2R:5876534-5876593"
    explore.trigger("locus")
    explore.settle()
    assert explore.find("position_edit", QLineEdit).text() == "chr2R:5,876,534-5,876,593"
