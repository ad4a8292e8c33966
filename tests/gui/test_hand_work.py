"""Labels and selections through runs: carried over, named before or when they go, brought back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtWidgets import QLabel

from seam_core import selection as sel
from seam_core.selection import Clusters, Query, Rows
from seam_gui.state.working_folder import files_of
from tests.gui.test_jobs import toy_config


def snapshot(state):
    return (
        state.session.clustering,
        state.session.maps,
        state.curation,
        state.kept,
        state.selection,
        state.carried,
    )


def label_and_keep(explore):
    """A label, a note and two kept selections, given in Explore; the cluster labelled."""
    tab, state = explore.tab("Explore"), explore.state
    first, second = (row.cluster_id for row in tab.clusters.table.clusters.clusters[:2])
    tab.curator.label(first, "GATA")
    tab.curator.note(second, "look again")
    explore.settle()
    tab.select(Query("Hamming <= 3"))
    tab.keep()
    tab.select(Clusters((first,)))
    tab.keep()
    explore.settle()
    assert [kept.name for kept in state.kept] == ["A", "B"]
    return first


def use_cut(window, n_clusters):
    """The button of the Clusters tab, after the line was let go where it gives n clusters."""
    window.show_tab("Clusters")
    window.settle()
    heights = np.sort(window.state.session.linkage.matrix[:, 2])
    window.find("cluster_dendrogram").cut_released.emit(float(heights[-n_clusters]) * 1.0001)
    window.settle()
    window.click("cluster_use_cut")
    window.settle()
    assert not window.door.errors, window.door.errors


def heir_of(before, after, cluster):
    """The rule, counted anew: more than half of both."""
    members = before == cluster
    for new in np.unique(after):
        both = np.sum(members & (after == new))
        if 2 * both > members.sum() and 2 * both > np.sum(after == new):
            return int(new)
    return None


def test_using_a_cut_carries_labels_and_is_one_step(explore):
    first = label_and_keep(explore)
    state = explore.state
    before, steps = snapshot(state), state.history.count()
    said = []
    state.status_message.connect(said.append)
    n = len(state.session.clustering.ids)
    use_cut(explore, n + 1)
    old, new = before[0].labels, state.session.clustering.labels
    assert len(np.unique(new)) == n + 1
    assert state.history.count() == steps + 1
    assert state.history.undoText() == "Run: Analysis"
    heir = heir_of(old, new, first)
    if heir is None:
        assert any(line.startswith("Lost: label “GATA”") for line in state.carried)
    else:
        assert state.curation.names == {heir: "GATA"}
        assert state.kept[1].clusters() == (heir,)
    np.testing.assert_array_equal(state.kept[0].mask, before[3][0].mask)
    assert state.kept[0].steps == before[3][0].steps
    # what happened is said, and can be read later
    assert any(text.startswith("Labels and selections: ") for text in said)
    assert any(f". Analysis: {n + 1} clusters, " in text for text in said)
    explore.show_tab("Explore")
    explore.settle()
    line = explore.find("clusters_carried", QLabel)
    assert line.isVisible()
    assert "GATA" in line.text()
    assert "GATA" in line.toolTip()
    after = snapshot(state)
    state.history.undo()
    explore.settle()
    assert all(a is b for a, b in zip(snapshot(state), before, strict=True))
    assert not line.isVisible()
    state.history.redo()
    explore.settle()
    assert all(a is b for a, b in zip(snapshot(state), after, strict=True))


def test_labels_that_find_no_cluster_are_named_and_come_back(explore):
    label_and_keep(explore)
    state = explore.state
    before = snapshot(state)
    said = []
    state.status_message.connect(said.append)
    use_cut(explore, 2)
    sizes = np.unique(state.session.clustering.labels, return_counts=True)[1]
    assert len(sizes) == 2
    lost = [line for line in state.carried if line.startswith("Lost: ")]
    assert lost
    assert any("Edit > Undo brings it back" in text for text in said)
    assert explore.door.asked == []  # nothing was asked: it can be undone
    assert "lost" in explore.window.statusBar().currentMessage()
    state.history.undo()
    explore.settle()
    assert "lost" not in explore.window.statusBar().currentMessage()
    assert all(a is b for a, b in zip(snapshot(state), before, strict=True))
    assert "GATA" in state.curation.names.values()


def test_what_was_carried_is_saved_with_the_session(explore, tmp_path):
    label_and_keep(explore)
    use_cut(explore, 3)
    carried = explore.state.carried
    assert carried
    explore.door.answers["save_file"] = tmp_path / "kept"
    explore.trigger("save_as")
    explore.settle()
    explore.open(tmp_path / "kept")
    assert explore.state.carried == carried


@pytest.fixture
def toy(window, toy_model):
    """The toy analysed, with a label and a kept selection of its own."""
    toy_config(window, toy_model)
    window.show_tab("Library")
    window.click("library_run")
    window.settle()
    assert not window.door.errors, window.door.errors
    label_and_keep_toy(window)
    return window


def label_and_keep_toy(window):
    window.show_tab("Explore")
    window.settle()
    tab = window.tab("Explore")
    first = tab.clusters.table.clusters.clusters[0].cluster_id
    tab.curator.label(first, "GATA")
    tab.select(Rows((1, 2, 3)))
    tab.keep()
    window.settle()


def other_library(window):
    config = window.state.config
    mutagenizer = config.mutagenizer.replace(seed=11)
    window.state.set_config(replace(config, mutagenizer=mutagenizer))
    window.show_tab("Library")
    window.settle()


def test_another_library_is_asked_about_first_and_no_leaves_everything(toy):
    state = toy.state
    before, steps = snapshot(state), state.history.count()
    asked = []
    confirm = toy.door.confirm
    toy.door.confirm = lambda parent, title, text, agree="OK": (
        asked.append(text) or confirm(parent, title, text, agree)
    )
    # the same library again: nothing may go, nothing is asked
    toy.show_tab("Library")
    toy.click("library_run")
    toy.settle()
    assert asked == []
    assert "GATA" in state.curation.names.values()
    np.testing.assert_array_equal(state.kept[0].indices, [1, 2, 3])
    state.history.undo()
    toy.settle()
    other_library(toy)
    toy.click("library_run")
    toy.settle()
    assert len(asked) == 1
    assert "label “GATA”" in asked[0]
    assert "A (3 sequences)" in asked[0]
    assert "Undo" in asked[0]
    assert all(a is b for a, b in zip(snapshot(state), before, strict=True))
    assert state.history.count() == steps + 1  # of the run of the same library, undone
    assert not toy.jobs.busy


def test_another_library_can_be_undone_with_its_files(toy):
    state = toy.state
    before = snapshot(state)
    maps = np.array(state.session.maps.maps)
    toy.door.answers["confirm"] = True
    other_library(toy)
    toy.click("library_run")
    toy.settle()
    assert not toy.door.errors, toy.door.errors
    assert state.session.maps is not before[1]
    assert any(line.startswith("Lost: kept selection A") for line in state.carried)
    assert all(path.is_file() for path in files_of(state.sessions()))
    runs = set(toy.working.path.glob("run-*"))
    state.history.undo()
    toy.settle()
    assert all(a is b for a, b in zip(snapshot(state), before, strict=True))
    np.testing.assert_array_equal(state.session.maps.maps, maps)
    assert "GATA" in state.curation.names.values()
    # what no step refers to any more goes with the next run
    label_and_keep_toy(toy)
    toy.run("meta_explainer", "identifier")
    # (small maps are arrays in memory and need no folder)
    later = set(toy.working.path.glob("run-*")) - runs
    assert len(later) == 1
    assert len(runs | later) > len(set(toy.working.path.glob("run-*")))
    assert all(path.is_file() for path in files_of(state.sessions()))


def test_maps_alone_leave_no_clusters_for_labels_and_are_asked_about(toy):
    state = toy.state
    before = snapshot(state)
    config = state.config
    state.set_config(replace(config, attributer=config.attributer.replace(method="ism")))
    toy.run("attributer")
    assert toy.door.asked[-1] == "confirm"
    assert all(a is b for a, b in zip(snapshot(state), before, strict=True))


def test_a_run_that_keeps_the_clusters_keeps_everything_and_is_a_step(explore):
    label_and_keep(explore)
    state = explore.state
    before, steps = snapshot(state), state.history.count()
    explanation = state.session.explanation
    explore.run("meta_explainer", "identifier")
    assert state.history.count() == steps + 1
    assert state.session.explanation is not explanation
    assert state.curation.names == before[2].names
    assert state.kept is before[3]
    state.history.undo()
    explore.settle()
    assert state.session.explanation is explanation


def test_a_cut_in_explore_carries_as_well(explore):
    tab, state = explore.tab("Explore"), explore.state
    first = label_and_keep(explore)
    old = state.session.clustering.labels
    names = {i: i + 50 for i in np.unique(old).tolist()}
    tab._use_cut(np.array([names[i] for i in old.tolist()], dtype=np.int32), 1.0)
    explore.settle()
    assert state.curation.names == {names[first]: "GATA"}
    assert sel.Clusters((names[first],)) == state.kept[1].steps[0].gesture


def test_a_result_that_comes_after_the_user_went_back_stands_by_itself(explore):
    tab, state = explore.tab("Explore"), explore.state
    label_and_keep(explore)
    old = state.session.clustering.labels
    tab._use_cut((old + 50).astype(np.int32), 1.0)
    explore.settle()
    state.run_requested.emit(("meta_explainer", "identifier"))
    state.history.undo()
    explore.settle()
    assert not explore.door.errors, explore.door.errors
    session = state.session
    assert sorted(session.explanation.ids) == sorted(session.clustering.ids)
    assert set(session.clustering.ids) == set(np.unique(old) + 50)
    assert "GATA" in state.curation.names.values()
    state.history.undo()
    explore.settle()
    np.testing.assert_array_equal(state.session.clustering.labels, old)
    assert "GATA" in state.curation.names.values()
