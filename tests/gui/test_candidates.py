"""Curation as in phy: candidates to merge by keys, labels that grow, a selection as a sub-space."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction, QCheckBox, QTableView

from seam_core.clusterer import ward_linkage
from seam_core.likeness import merge_candidates, most_alike
from seam_core.readers.labels import read_cluster_texts
from seam_core.selection import Clusters
from seam_gui.state.settings import Settings
from seam_gui.tabs.explore import curator
from tests.gui.exploring import choose, click_like, tab, text
from tests.waiting import wait_for


@pytest.fixture
def candidates(explore):
    """Explore with the panel of candidates in front."""
    dock = next(d for d in tab(explore).panels.docks if d.objectName() == "dock_candidates")
    dock.show()
    dock.raise_()
    explore.settle()
    return tab(explore).candidates


def key(explore, which, modifiers=Qt.NoModifier):
    view = tab(explore).scatter.view
    view.setFocus()
    QTest.keyClick(view, which, modifiers)
    explore.settle()


def test_keys_step_through_the_pairs_most_alike(explore, candidates):
    expected = merge_candidates(explore.state.session.explanation)
    pairs = list(zip(expected["left"], expected["right"], strict=True))
    key(explore, Qt.Key_J)
    assert candidates.pair == pairs[0]
    assert set(explore.state.selection.clusters()) == set(pairs[0])
    key(explore, Qt.Key_J)
    assert candidates.pair == pairs[1]
    key(explore, Qt.Key_J, Qt.ShiftModifier)
    assert candidates.pair == pairs[0]
    key(explore, Qt.Key_X)
    assert candidates.pair == pairs[1], "the next one takes its place"
    assert text(explore, "candidate_count") == f"{len(pairs) - 1} pairs   1 skipped"
    assert set(explore.state.selection.clusters()) == set(pairs[1])


def test_a_merge_brings_other_candidates(explore, candidates):
    explore.click("candidate_next")
    explore.settle()
    left, right = candidates.pair
    n = candidates.table.frame.rowCount()
    key(explore, Qt.Key_M, Qt.ControlModifier)
    explore.qtbot.waitUntil(lambda: candidates.table.frame.rowCount() < n)
    assert not {left, right} & set(explore.state.curation.order)
    explore.click("candidate_next")
    explore.settle()
    assert left not in candidates.pair


def test_the_ones_most_like_the_selected_cluster(explore, candidates):
    cluster = int(tab(explore).scene.order[3])
    tab(explore).select(Clusters((cluster,)))
    explore.find("candidate_own", QCheckBox).click()
    choose(explore, "candidate_by", "msm")
    explore.settle()
    table = explore.find("candidate_table", QTableView).model()
    expected = most_alike(explore.state.session.explanation, cluster, "msm")
    assert table.rowCount() == len(expected)
    assert float(table.index(0, 2).data()) == pytest.approx(expected["likeness"][0], abs=6e-4)


def test_labels_are_offered_again(explore):
    first, second = (int(i) for i in tab(explore).scene.order[:2])
    click_like(explore, first)
    explore.door.answers["ask_text"] = "both sites"
    explore.trigger("cluster_label")
    click_like(explore, second)
    explore.door.answers["ask_text"] = "none"
    explore.trigger("cluster_label")
    assert explore.door.offered == ("both sites",)
    assert explore.state.curation.names == {first: "both sites", second: "none"}
    assert Settings().labels == ["none", "both sites"]


def test_into_a_selection_and_back_with_what_was_edited_there(explore):
    whole = explore.state.session
    order = tab(explore).scene.order
    first, second, third = (int(i) for i in order[:3])
    folder = explore.state.folder
    tab(explore).curator.label(third, "outside")
    tab(explore).select(Clusters((first, second)))
    rows = explore.state.selection.indices
    explore.trigger("subspace")
    explore.settle()
    inside = explore.state.session
    assert len(inside.library) == len(rows)
    assert np.array_equal(inside.maps.maps, whole.maps.maps[rows])
    assert tab(explore).scene.n == len(rows)
    assert explore.state.folder is None, "saving it cannot replace what it was taken from"
    tab(explore).curator.merge((first, second))
    explore.settle()
    (merged,) = np.unique(explore.state.curation.labels)
    assert "Zoom into" in explore.window.statusBar().currentMessage()
    explore.trigger("subspace_back")
    explore.settle()
    assert explore.state.session is whole
    shown = explore.window.statusBar().currentMessage()
    assert shown == f"Back to {len(whole.library)} sequences", "and no more where one was before"
    assert explore.state.folder == folder
    labels = explore.state.curation.labels
    assert set(labels[rows]) == {merged}
    assert explore.state.curation.names == {third: "outside"}
    assert np.array_equal(explore.state.selection.indices, rows)
    explore.find("action_undo", QAction).trigger()
    explore.settle()
    assert explore.state.session is inside, "undo goes in again"


def test_back_without_a_way_says_so(explore):
    said = []
    explore.state.status_message.connect(said.append)
    explore.trigger("subspace_back")
    assert said == ["All sequences are shown"]


def test_labels_are_read_back_from_the_table_that_was_exported(explore, tmp_path):
    """In another session of the same clusters, as a colleague would; one step to undo."""
    ids = [int(i) for i in tab(explore).scene.order[:2]]
    tab(explore).curator.label(ids[0], "both sites")
    tab(explore).curator.colour(ids[1:], "#12ab34")
    explore.settle()
    explore.door.answers["save_file"] = tmp_path / "clusters.csv"
    explore.find("action_export_clusters", QAction).trigger()
    explore.settle()
    for _ in range(2):
        explore.find("action_undo", QAction).trigger()
    explore.settle()
    assert not explore.state.curation or not explore.state.curation.names
    explore.door.answers["open_file"] = tmp_path / "clusters.csv"
    explore.trigger("read_labels")
    explore.settle()
    assert explore.state.curation.names == {ids[0]: "both sites"}
    assert explore.state.curation.colours[ids[1]] == "#12ab34"
    assert "Read labels of" in explore.window.statusBar().currentMessage()
    explore.find("action_undo", QAction).trigger()
    assert not explore.state.curation or not explore.state.curation.names


@pytest.fixture
def held_up(explore, tmp_path, monkeypatch):
    """A table of labels for all clusters, which is being read until the event is set."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(path):
        begun.set()
        wait_for(go_on)
        return read_cluster_texts(path)

    path = tmp_path / "mine.csv"
    ids = map(int, tab(explore).scene.order)
    path.write_text("Cluster,Label\n" + "".join(f"{i},named {i}\n" for i in ids))
    monkeypatch.setattr(curator, "read_cluster_texts", slow)
    explore.door.answers["open_file"] = path
    explore.trigger("read_labels")
    wait_for(begun)
    return go_on


def test_clusters_that_are_edited_while_labels_are_read_have_theirs_or_none(explore, held_up):
    first, second, *others = (int(i) for i in tab(explore).scene.order)
    tab(explore).curator.merge([first, second])
    held_up.set()
    explore.settle()
    assert explore.state.curation.names == {i: f"named {i}" for i in others}
    said = explore.window.statusBar().currentMessage()
    assert said == f"Read labels of {len(others)} clusters; 2 that there are not were left"


def test_labels_of_other_clusters_than_there_were_are_not_taken(explore, held_up):
    session = explore.state.session
    labels = np.roll(session.clustering.labels, 1)  # the same ids mean other sequences
    other = replace(session, clustering=replace(session.clustering, labels=labels))
    explore.state.take_result("Cluster", other)
    held_up.set()
    explore.settle()
    assert not explore.state.curation or not explore.state.curation.names
    said = explore.window.statusBar().currentMessage()
    assert said == "The clusters were made anew while mine.csv was read: read again"


def test_a_cluster_that_changes_while_it_is_split_is_left(explore, monkeypatch):
    import seam_core.clusterer

    begun, go_on = threading.Event(), threading.Event()

    def slow(*arguments, **options):
        begun.set()
        wait_for(go_on)
        return ward_linkage(*arguments, **options)

    monkeypatch.setattr(seam_core.clusterer, "ward_linkage", slow)
    first, second, *_ = (int(i) for i in tab(explore).scene.order)
    title = tab(explore).scene.title_of(first)
    tab(explore).curator.split(first, 2)
    wait_for(begun)
    tab(explore).curator.merge([first, second])
    merged = explore.state.curation
    go_on.set()
    explore.settle()
    assert explore.state.curation is merged
    said = explore.window.statusBar().currentMessage()
    assert said == f"{title} changed while it was split: nothing was done"
