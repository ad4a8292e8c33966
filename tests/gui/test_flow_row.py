"""Rows of controls that wrap."""

from __future__ import annotations

from PyQt5.QtWidgets import QLabel, QWidget

from seam_gui.widgets.flow_row import FlowRow


def box(width):
    made = QLabel()
    made.setFixedSize(width, 20)
    return made


def shown(qtbot, width, *boxes):
    widget = QWidget()
    widget.setLayout(FlowRow(*boxes, spacing=10))
    qtbot.addWidget(widget)
    widget.resize(width, 200)
    widget.show()
    return widget


def test_a_wide_row_is_one_line_and_pushes_what_follows_none_to_the_right(qtbot):
    first, second, last = box(50), box(50), box(50)
    widget = shown(qtbot, 300, first, second, None, last)
    assert (first.x(), second.x(), last.x()) == (0, 60, 250)
    assert first.y() == second.y() == last.y() == 0
    assert widget.heightForWidth(300) == 20


def test_a_narrow_row_goes_on_below_and_leaves_out_what_is_hidden(qtbot):
    first, hidden, second = box(80), box(80), box(80)
    hidden.hide()
    widget = shown(qtbot, 100, first, hidden, second)
    assert (second.x(), second.y()) == (0, 30)
    assert widget.heightForWidth(100) == 50
    assert widget.minimumSizeHint().width() == 80
