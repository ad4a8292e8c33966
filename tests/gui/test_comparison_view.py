"""Sessions side by side: one embedding, which clusters are which, logos of a pair."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QComboBox, QLabel, QTabWidget

from seam_core import comparison, curation, store
from seam_core.parameters import ClustererParameters
from seam_core.records import Clustering
from seam_gui.look.theme import theme
from seam_gui.windows.comparison.window import ComparisonWindow
from tests.factories import explain, make_session


def other_clusters(session, seed=5):
    """The same sequences and maps, a fifth of them in other clusters under other names."""
    rng = np.random.default_rng(seed)
    labels = session.clustering.labels + 20
    moved = rng.random(len(labels)) < 0.2
    labels[moved] = 20
    clustering = Clustering(labels.astype(np.int32), "kmeans", "maps")
    explanation = explain(session.library, session.table, session.maps, clustering, 0.06)
    made = {"clustering": clustering, "explanation": explanation, "sites": None, "trust": None}
    return replace(session, name="other", **made)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A session, the same in other clusters, and one of other sequences."""
    place = tmp_path_factory.mktemp("compared")
    first = make_session(400, 60, 6, seed=3)
    third = make_session(300, 60, 5, seed=4)
    third = replace(third, name="third")
    for name, session in (("a", first), ("b", other_clusters(first)), ("c", third)):
        store.save(session, place / name)
    return {name: place / name for name in "abc"}


def settle(window, qtbot):
    tool = window.find("comparison_window")
    for _ in range(3):  # what one job's result sets going is waited for, too
        qtbot.waitUntil(lambda: not tool.jobs.busy)
        window.settle()
    return tool


@pytest.fixture
def compared(window, folders, qtbot):
    """The comparison of a and b."""
    window.open(folders["a"])
    window.door.answers["open_folder"] = folders["b"]
    window.trigger("compare")
    tool = settle(window, qtbot)
    assert not window.door.errors, window.door.errors
    yield tool
    tool.close()


def test_two_sessions_side_by_side(window, compared, folders):
    expected = comparison.correspond(store.load(folders["a"]), store.load(folders["b"]))
    said = window.find("comparison_agreement", QLabel).text()
    assert f"{expected.adjusted_rand:.3f}" in said
    np.testing.assert_array_equal(compared.correspondence.jaccard, expected.jaccard)
    best = expected.pairs.iloc[0]
    assert f"cluster {int(best['left'])}" in window.find("comparison_title_left", QLabel).text()
    assert f"cluster {int(best['right'])}" in window.find("comparison_title_right", QLabel).text()
    space = compared.space_panel.space
    assert np.bincount(space.shared.session).tolist() == [400, 400]
    both = space.shared.embedding.coordinates
    np.testing.assert_allclose(both[:400], both[400:], atol=1e-2)  # the maps are the same
    legend = window.find("comparison_legend", QLabel).text()
    assert "made up" in legend
    assert "other" in legend


def test_a_cell_says_what_it_holds_and_its_click_shows_both_logos(window, compared, qtbot):
    cells, found = compared.cells, compared.correspondence
    rows, columns = found.arranged()
    at = cells.centre_of(1, 2)
    assert cells.cell_at(at) == (1, 2)
    text = cells.cell_text(1, 2)
    left, right = int(found.left_ids[rows[1]]), int(found.right_ids[columns[2]])
    assert f"cluster {left}" in text
    assert f"cluster {right}" in text
    assert f"{found.shared[rows[1], columns[2]]:,} sequences in both" in text
    QTest.mouseClick(cells.viewport(), Qt.LeftButton, Qt.NoModifier, at.toPoint())
    assert compared.shown_pair == (left, right)
    records = [each.explanation for each in compared.pair]
    for side, record, cluster in zip(("left", "right"), records, (left, right), strict=True):
        shown = window.find(f"comparison_logo_{side}").logo.matrix
        np.testing.assert_array_equal(shown, record.mean_maps[record.row_of(cluster)])
    window.find("comparison_logo_kind", QComboBox).setCurrentIndex(1)
    shown = window.find("comparison_logo_left").logo.matrix
    np.testing.assert_array_equal(shown, records[0].foregrounds[records[0].row_of(left)])
    window.find("comparison_same_heights").setChecked(True)
    limits = [window.find(f"comparison_logo_{side}").limits() for side in ("left", "right")]
    assert limits[0] == limits[1]


def test_colours_by_cluster_join_matched_clusters(compared):
    panel = compared.space_panel
    panel.colour.setCurrentIndex(panel.colour.findData("cluster"))
    codes = panel.view.points.codes
    pairs = dict(
        zip(
            compared.correspondence.pairs["left"],
            compared.correspondence.pairs["right"],
            strict=True,
        )
    )
    own = panel.space.clusters()
    for left, right in list(pairs.items())[:3]:
        colours = set(codes[:400][own[:400] == left]) | set(codes[400:][own[400:] == right])
        assert len(colours) == 1
    panel.shown.setCurrentIndex(2)
    panel.shown.activated.emit(2)
    state = panel.view.points.state
    assert len(set(state[:400])) == len(set(state[400:])) == 1
    assert state[0] != state[400]


def test_the_embedding_takes_its_own_parameters(window, compared, folders, qtbot):
    panel = compared.space_panel
    panel.method.setCurrentIndex(panel.method.findData("diffusion"))
    panel.method.activated.emit(panel.method.currentIndex())
    settle(window, qtbot)
    assert panel.form_button.isEnabled()
    editor = panel.form.editor("diffusion_time")
    editor.set_value(3)
    editor.edited.emit()
    settle(window, qtbot)
    wanted = comparison.shared_embedding(
        [store.load(folders["a"]), store.load(folders["b"])],
        parameters=ClustererParameters(embedding="diffusion", diffusion_time=3),
        most=panel.most.value(),
    )
    shown = panel.space.shared.embedding
    assert shown.method == "diffusion"
    np.testing.assert_allclose(shown.coordinates, wanted.embedding.coordinates, atol=1e-5)


def test_a_click_on_a_point_shows_its_cluster_and_the_partner(compared):
    panel = compared.space_panel
    point = 417
    cluster = int(compared.compared[1].session.clustering.labels[17])
    panel.view.clicked.emit(point, "replace")
    pairs = compared.correspondence.pairs
    partner = int(pairs.loc[pairs["right"] == cluster, "left"].iloc[0])
    assert compared.shown_pair == (partner, cluster)
    assert "#17" in panel.space.describe(point)


def test_other_sequences_are_matched_by_likeness_in_a_third_session(
    window, compared, folders, qtbot
):
    window.door.answers["open_folder"] = folders["c"]
    window.click("comparison_add")
    settle(window, qtbot)
    right = window.find("comparison_right", QComboBox)
    assert right.count() == 3
    right.setCurrentIndex(2)
    right.activated.emit(2)
    settle(window, qtbot)
    assert "other sequences" in window.find("comparison_agreement", QLabel).text()
    assert compared.quantity.currentData() == "likeness"
    assert np.bincount(compared.space_panel.space.shared.session).tolist() == [400, 400, 300]
    assert compared.correspondence.shared is None


def test_tables_and_pictures_are_exported(window, compared, folders, tmp_path, qtbot):
    window.door.answers["save_file"] = tmp_path / "pairs.csv"
    compared.exports.save_table(False)
    settle(window, qtbot)
    pairs = pd.read_csv(tmp_path / "pairs.csv")
    assert list(pairs["left"]) == list(compared.correspondence.pairs["left"])
    window.door.answers["save_file"] = tmp_path / "all.tsv"
    compared.exports.save_table(True)
    settle(window, qtbot)
    assert len(pd.read_csv(tmp_path / "all.tsv", sep="\t")) == compared.correspondence.score.size
    made = compared.exports.drawings()
    assert list(made) == ["shared_embedding", "correspondence", "pair_logos", "matched_logos"]
    for picture in made.values():
        assert picture.make().axes
    window.door.answers["save_file"] = tmp_path / "picture.svg"
    compared.exports.ask()
    dialog = window.find("figure_dialog")
    dialog._accept()
    settle(window, qtbot)
    assert (tmp_path / "picture.svg").stat().st_size > 1000


def test_the_table_of_pairs_chooses_a_pair(window, compared):
    window.find("comparison_tabs", QTabWidget).setCurrentIndex(1)
    table = compared.table
    table.selectRow(2)
    pair = compared.correspondence.pairs.iloc[2]
    assert compared.shown_pair == (pair["left"], pair["right"])


def test_sessions_that_cannot_be_compared_say_why(window, folders, tmp_path, qtbot):
    store.save(make_session(200, 40, 4, seed=1, n_sites=2), tmp_path / "short")
    window.open(folders["a"])
    window.door.answers["open_folder"] = tmp_path / "short"
    window.trigger("compare")
    tool = settle(window, qtbot)
    assert "length: got 40" in window.door.errors[-1][1]
    window.door.answers["open_folder"] = tmp_path
    window.click("comparison_add")
    settle(window, qtbot)
    assert len(window.door.errors) == 2
    tool.close()


def test_clusters_are_those_that_the_user_made(window, folders, qtbot):
    window.open(folders["a"])
    state = window.state
    clusters = state.session.clustering
    made = curation.start(clusters, state.session.explanation)
    first, second = made.order[:2]
    made, _ = curation.merge(made, (first, second))
    made, _ = curation.label(made, made.order[0], "both sites")
    state.change("Merge", curation=made)
    window.settle()
    window.door.answers["open_folder"] = folders["b"]
    window.trigger("compare")
    tool = settle(window, qtbot)
    assert not window.door.errors, window.door.errors
    merged = made.order[0]
    assert merged in tool.correspondence.left_ids
    assert first not in tool.correspondence.left_ids
    left = tool.compared[0]
    together = int(np.isin(clusters.labels, (first, second)).sum())
    assert left.explanation.sizes[left.explanation.row_of(merged)] == together
    tool.show_pair(merged, int(tool.correspondence.right_ids[0]))
    assert "both sites" in window.find("comparison_title_left", QLabel).text()
    tool.close()


def test_without_clusters_there_is_nothing_to_compare(window):
    window.trigger("compare")
    assert not window.window.findChildren(ComparisonWindow)


def test_closing_while_it_computes_leaves_nothing_behind(window, folders, qtbot):
    window.open(folders["a"])
    window.door.answers["open_folder"] = folders["b"]
    window.trigger("compare")
    tool = window.find("comparison_window")
    qtbot.waitUntil(lambda: any(job.key == "embed" for job in tool.jobs.running))
    scratch = tool._scratch
    tool.close()
    window.settle()
    assert not scratch.exists()


def test_the_event_loop_answers_meanwhile(window, folders, watch, qtbot):
    importlib.import_module("scipy.optimize")  # as `preparation` does after the start
    window.open(folders["a"])
    window.door.answers["open_folder"] = folders["b"]
    with watch:
        window.trigger("compare")
        tool = settle(window, qtbot)
    tool.close()
    watch.check()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_draws_in_both_themes(window, compared, mode):
    theme().set_mode(mode)
    image = compared.grab().toImage()
    seen = {image.pixel(x, y) for x in range(0, 1200, 6) for y in range(0, 760, 6)}
    assert len(seen) > 30
