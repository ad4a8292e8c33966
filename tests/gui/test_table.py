"""The Table tab, and the table widget at 100,000 rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit

from seam_core.sequences import indices_to_strings
from seam_gui.widgets.frame_table import Column, FrameModel, FrameTable, write_table


@pytest.fixture
def opened(window, session_folder):
    window.open(session_folder)
    window.show_tab("Table")
    window.settle()
    return window


def names(model):
    return [model.headerData(i, Qt.Horizontal, Qt.DisplayRole) for i in range(model.columnCount())]


def column_texts(model, name, n=5):
    column = names(model).index(name)
    return [model.data(model.index(row, column)) for row in range(min(n, model.rowCount()))]


def test_what_the_table_shows(opened):
    session = opened.state.session
    model = opened.find("sequence_table").frame
    assert model.rowCount() == 600
    assert names(model) == ["#", "Activity", "Hamming", "Cluster", "Sequence"]
    letters = indices_to_strings(session.library.sequences[:5])
    assert column_texts(model, "Sequence") == letters


def test_a_click_on_a_header_sorts(opened):
    table = opened.find("sequence_table")
    header = table.horizontalHeader()
    column = names(table.frame).index("Activity")
    at = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.LeftButton, Qt.NoModifier, at)
    activity = opened.state.session.table.activity
    assert (np.diff(activity[table.frame.rows]) >= 0).all()
    QTest.mouseClick(header.viewport(), Qt.LeftButton, Qt.NoModifier, at)
    assert (np.diff(activity[table.frame.rows]) <= 0).all()


def test_filter(opened):
    opened.type("table_filter", "Activity > 3 and Hamming <= 4")
    frame = opened.state.session.table.frame
    expected = np.flatnonzero((frame["Activity"] > 3) & (frame["Hamming"] <= 4))
    assert np.array_equal(np.sort(opened.find("sequence_table").frame.rows), expected)
    count = opened.find("table_count", QLabel).text()
    assert count == f"{len(expected)} of 600 rows"
    opened.find("table_filter", QLineEdit).clear()
    assert opened.find("sequence_table").frame.rowCount() == 600


def test_filter_by_letter(opened):
    opened.type("table_filter", "Letter[5] != Reference[5]")
    library = opened.state.session.library
    expected = np.flatnonzero(library.sequences[:, 5] != library.reference[5])
    assert np.array_equal(np.sort(opened.find("sequence_table").frame.rows), expected)


def test_a_wrong_filter_is_told_and_keeps_the_rows(opened):
    opened.type("table_filter", "Activty > 3")
    wrong = opened.find("table_wrong", QLabel)
    assert wrong.isVisible()
    assert "Activty" in wrong.text()
    assert opened.find("sequence_table").frame.rowCount() == 600


def test_copy(opened):
    table = opened.find("sequence_table")
    table.selectRow(2)
    opened.click("table_copy")
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == names(table.frame)
    assert len(lines) == 2
    assert float(lines[1].split("\t")[1]) == opened.state.session.table.activity[2]


def test_export_writes_the_rows_shown(opened, tmp_path):
    opened.type("table_filter", "Hamming < 3")
    opened.door.answers["save_file"] = tmp_path / "out.csv"
    opened.click("table_export")
    opened.settle()
    frame = pd.read_csv(tmp_path / "out.csv", float_precision="round_trip")
    assert len(frame) == opened.find("sequence_table").frame.rowCount()
    assert (frame["Hamming"] < 3).all()
    rows = frame["#"].to_numpy()
    assert np.array_equal(frame["Activity"], opened.state.session.table.activity[rows])


@pytest.fixture
def big():
    rng = np.random.default_rng(0)
    n = 100_000
    return [
        Column("#", np.arange(n), "d"),
        Column("Activity", rng.normal(size=n)),
        Column("Kind", rng.choice(np.array(["b", "a", "c"], dtype=object), n)),
    ], n


def test_sorting_100000_rows_is_stable_and_leaves_the_data(big):
    columns, n = big
    model = FrameModel()
    model.set_columns(columns, n)
    model.sort(2)
    kinds = columns[2].values[model.rows]
    assert list(dict.fromkeys(kinds)) == ["a", "b", "c"]
    for kind in "abc":
        assert (np.diff(model.rows[kinds == kind]) > 0).all()
    model.sort(2, Qt.DescendingOrder)
    kinds = columns[2].values[model.rows]
    assert list(dict.fromkeys(kinds)) == ["c", "b", "a"]
    for kind in "abc":
        assert (np.diff(model.rows[kinds == kind]) > 0).all()
    model.sort(-1)
    assert np.array_equal(model.rows, np.arange(n))


def test_nan_sorts_last_and_shows_nothing():
    model = FrameModel()
    model.set_columns([Column("x", np.array([2.0, np.nan, 1.0]))], 3)
    model.sort(0)
    assert model.rows.tolist() == [2, 0, 1]
    assert model.data(model.index(2, 0)) == ""


def test_selected_rows_of_a_sorted_table(big, qtbot):
    columns, n = big
    table = FrameTable("big")
    qtbot.addWidget(table)
    table.set_columns(columns, n)
    table.sortByColumn(1, Qt.AscendingOrder)
    table.selectAll()
    assert len(table.selected_rows()) == n
    table.selectRow(0)
    assert table.selected_rows().tolist() == [int(columns[1].values.argmin())]


def test_cells_with_the_separator_are_quoted(tmp_path):
    model = FrameModel()
    model.set_columns([Column("a,b", np.array(['x,"y"', "z"], dtype=object))], 2)
    path = tmp_path / "t.csv"
    write_table(model, path, np.arange(2))
    frame = pd.read_csv(path)
    assert frame["a,b"].tolist() == ['x,"y"', "z"]
    assert not list(tmp_path.glob("*.part"))


def test_an_empty_session_says_what_the_table_is(window):
    window.show_tab("Table")
    assert window.find("table_empty_title", QLabel).isVisible()
    assert window.find("table_missing", QLabel).text() == "Needs a library."
