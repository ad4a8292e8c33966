"""Kept selections side by side: what is drawn, what distinguishes, names and order with undo."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction, QComboBox, QLabel, QLineEdit, QListWidget, QTableView

from seam_core import store
from seam_core.contrast import contrast
from seam_core.exports.columns import TABLES
from tests.gui.exploring import ask, choose, tab, text


@pytest.fixture
def selections(explore):
    """Two selections kept, and the window that compares them."""
    for question in ("Activity > 2", "Activity <= 2 and Hamming > 2"):
        ask(explore, question)
        tab(explore).keep()
    explore.trigger("compare_kept")
    tool = settle(explore)
    yield tool
    tool.close()


def settle(explore):
    tool = explore.find("selections_window")
    for _ in range(3):
        explore.qtbot.waitUntil(lambda: not tool.jobs.busy)
        explore.settle()
    return tool


def names(explore):
    return [kept.name for kept in explore.state.kept]


def test_logos_difference_rows_and_histograms_are_of_the_selections(explore, selections):
    session = explore.state.session
    masks = [kept.mask for kept in explore.state.kept]
    means = [session.maps.maps[mask].mean(axis=0) for mask in masks]
    views = selections.logos.views
    assert len(views) == 3
    np.testing.assert_allclose(views[0].logo.matrix, means[0], atol=1e-5)
    np.testing.assert_allclose(views[1].logo.matrix, means[1], atol=1e-5)
    np.testing.assert_allclose(views[2].logo.matrix, means[0] - means[1], atol=1e-5)
    assert views[2].accessibleName() == "A − B"
    assert selections.logos.msm.matrix.names == ("A", "B")
    counts = np.stack([session.library.sequences[masks[0]] == a for a in range(4)]).sum(axis=1).T
    share = counts / counts.sum(axis=1, keepdims=True)
    bits = -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1)
    np.testing.assert_allclose(selections.logos.msm.matrix.values[0], bits, atol=1e-9)
    sets = {each.name: each.values for each in selections.view.sets}
    assert list(sets) == ["all sequences", "A", "B"]
    assert sets["A"].min() > 2 >= sets["B"].max()


def test_the_difference_to_all_others(explore, selections):
    choose(explore, "selections_second", "all others")
    settle(explore)
    maps, mask = explore.state.session.maps.maps, explore.state.kept[0].mask
    expected = maps[mask].mean(axis=0) - maps[~mask].mean(axis=0)
    np.testing.assert_allclose(selections.logos.views[2].logo.matrix, expected, atol=1e-5)
    assert selections.contrast.sizes == (mask.sum(), (~mask).sum())


def test_one_inside_the_other_leaves_nothing_to_tell_apart(explore, selections):
    ask(explore, "Activity > 1")
    tab(explore).keep()
    settle(explore)
    choose(explore, "selections_second", "C")
    settle(explore)
    assert text(explore, "selections_compared") == "All of A is in C: nothing to tell apart"
    assert selections.contrast is None
    assert not explore.door.errors


def test_the_table_says_what_distinguishes_and_marks_positions(explore, selections):
    session, (first, second) = explore.state.session, explore.state.kept
    expected = contrast(session.library, session.maps, first.mask, second.mask).letters
    table = explore.find("selections_letters", QTableView)
    assert table.model().rowCount() == len(expected)
    best = expected.sort_values("q_value").iloc[0]
    assert float(table.model().index(0, 5).data()) == pytest.approx(best["q_value"], rel=0.06)
    assert f"A ({first.count:,}) against B" in text(explore, "selections_compared")
    table.selectRow(0)
    position = int(table.model().index(0, 0).data())
    assert selections.axis.brush == (position, position + 1)


def test_named_ordered_dropped_with_undo_and_saved(explore, selections, tmp_path):
    listed = explore.find("selections_list", QListWidget)
    listed.setFocus()
    listed.editItem(listed.item(0))
    editor = listed.findChild(QLineEdit)
    editor.setText("both sites")
    QTest.keyClick(editor, Qt.Key_Return)
    settle(explore)
    assert names(explore) == ["both sites", "B"]
    assert explore.find("selections_first", QComboBox).currentText() == "both sites"
    listed.setCurrentRow(0)
    explore.click("selections_down")
    settle(explore)
    assert names(explore) == ["B", "both sites"]
    explore.click("selections_delete")
    settle(explore)
    assert names(explore) == ["B"]
    for _ in range(3):
        explore.find("action_undo", QAction).trigger()
        settle(explore)
    assert names(explore) == ["A", "B"]
    store.save(explore.state.session_to_save(), tmp_path / "saved")
    kept = store.load(tmp_path / "saved").state["kept"]
    assert [each["name"] for each in kept] == ["A", "B"]


def test_a_name_is_not_given_twice(explore, selections):
    selections.list.rename(0, "B")
    assert names(explore) == ["A", "B"]
    assert explore.find("selections_list", QListWidget).item(0).text() == "A"


def test_select_takes_one_up_again(explore, selections):
    explore.find("selections_list", QListWidget).setCurrentRow(0)
    explore.click("selections_select")
    explore.settle()
    assert np.array_equal(explore.state.selection.mask, explore.state.kept[0].mask)


def test_everything_is_exported(explore, selections, tmp_path):
    for name, file in (
        ("letters", "letters.csv"),
        ("positions", "positions.tsv"),
        ("columns", "columns.csv"),
        ("picture", "logos.svg"),
        ("fasta", "a.fasta"),
    ):
        explore.door.answers["save_file"] = tmp_path / file
        explore.trigger_named(f"selections_export_{name}")
        settle(explore)
        assert (tmp_path / file).stat().st_size > 200, name
    for name in ("letters.csv", "positions.tsv", "columns.csv"):
        columns = list(pd.read_csv(tmp_path / name, sep=None, engine="python"))
        assert columns == list(TABLES[f"{name.split('.')[0]} that differ"].columns)
    written = pd.read_csv(tmp_path / "letters.csv")
    assert set(written["first"]) == {"A"}
    assert written["q_value"].between(0, 1).all()
    svg = (tmp_path / "logos.svg").read_text()
    assert "A − B" in svg
    fasta = (tmp_path / "a.fasta").read_text()
    assert fasta.count(">") == explore.state.kept[0].count


def test_without_selections_the_command_says_what_to_do(explore):
    said = []
    explore.state.status_message.connect(said.append)
    explore.trigger("compare_kept")
    assert said == ["Keep a selection first (K)"]


def test_one_selection_and_then_none(explore):
    ask(explore, "Hamming <= 2")
    tab(explore).keep()
    explore.trigger("compare_kept")
    tool = settle(explore)
    assert tool.second.currentText() == "all others"
    assert len(tool.logos.views) == 2
    explore.click("selections_delete")
    settle(explore)
    assert tool.logos.views == ()
    assert explore.find("selections_hint", QLabel).isVisible()
    tool.close()


def test_closed_twice_and_opened_again(explore, selections):
    window = selections
    window.close()
    window.done(0)  # before Qt has deleted it
    explore.trigger("compare_kept")
    explore.settle()
    shown = [each for each in explore.window.findChildren(type(window)) if each.isVisible()]
    assert len(shown) == 1
    assert shown[0] is not window
