"""Recipes in the window: chosen, changed, run as the command runs them, saved and loaded again."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtWidgets import QComboBox, QLabel, QListWidget, QPlainTextEdit, QTextBrowser

from seam_core import recipes, store, trust
from seam_core.cli import main
from seam_gui.look.theme import theme
from tests.core.test_recipes import ORACLE
from tests.factories import make_session

TINY = """
[recipe]
title = "Two columns"
question = "Do both columns read the same?"
look_at = "The colours of the scatter."
needs = ["model", "sequence"]
combine = "{combine}"

[mutagenizer]
n_sequences = 80

[attributer]
method = "ism"

[clusterer]
embedding = "pca"
clustering = "kmeans"
n_clusters = 4

[[variant]]
name = "first"
oracle = {{ column = 0 }}

[[variant]]
name = "second"
oracle = {{ column = 1 }}
"""


@pytest.fixture
def oracle(tmp_path):
    (tmp_path / "two_heads.py").write_text(ORACLE)
    trust.approve(trust.subject_of_code(str(tmp_path / "two_heads.py")))
    return f"{tmp_path / 'two_heads.py'}:heads"


def choose(window, row):
    """A recipe of the dialog, as a user picks it."""
    window.click("recipe_choose")
    window.settle()
    window.find("recipe_list", QListWidget).setCurrentRow(row)
    window.click("recipe_use")
    window.settle()


def choose_file(window, path):
    window.door.answers["open_file"] = path
    window.click("recipe_choose")
    window.settle()
    window.click("recipe_file")
    window.settle()
    window.click("recipe_use")
    window.settle()


def bring(window, model, sequence="ACGTTGCA" * 4):
    editor = window.find("oracle_model")
    editor.set_value(model)
    editor.edited.emit()
    if sequence:
        window.find("reference_text", QPlainTextEdit).setPlainText(sequence)


def test_the_dialog_says_what_each_recipe_is_for(window):
    window.click("recipe_choose")
    window.settle()
    listed = window.find("recipe_list", QListWidget)
    assert listed.count() == 9
    for row, recipe in enumerate(recipes.shipped()):
        listed.setCurrentRow(row)
        text = window.find("recipe_text", QTextBrowser).toPlainText()
        assert recipe.title in text
        assert recipe.question in text
        assert recipe.look_at.split(":")[0] in text
    window.click("recipe_cancel")
    assert window.state.recipe is None


def test_a_recipe_fills_the_forms_of_all_tabs_and_keeps_what_the_user_brought(window, toy_model):
    model = str(toy_model / "toy.keras")
    bring(window, model)
    choose(window, 0)
    recipe = recipes.load("local_sites")
    assert window.find("recipe_title", QLabel).text() == recipe.title
    config = window.state.config
    assert config.oracle.model == model
    assert config.sequence == "ACGTTGCA" * 4
    for stage in ("mutagenizer", "attributer", "clusterer", "meta_explainer", "identifier"):
        assert getattr(config, stage) == getattr(recipe.config, stage)
    assert window.find("mutagenizer_n_sequences").value() == 30_000
    window.show_tab("Clusters")
    assert window.find("clusterer_n_clusters").value() == 30
    window.type("clusterer_n_clusters", "12")
    assert window.state.config.clusterer.n_clusters == 12
    assert window.state.recipe is not None


def test_what_a_recipe_needs_is_said(window, toy_model):
    choose(window, 0)
    missing = window.find("library_missing", QLabel)
    assert "a model" in missing.text()
    assert "a reference sequence" in missing.text()
    choose(window, 3)  # a measured landscape brings its sequences
    assert "reference" not in missing.text()
    bring(window, str(toy_model / "toy.keras"), sequence="")
    assert window.find("library_run").isEnabled()
    window.click("recipe_forget")
    assert window.state.recipe is None
    assert window.state.config.attributer.method == "ism"


def test_the_runs_of_a_recipe_can_be_changed_and_left_out(window):
    choose(window, 6)
    assert [v.name for v in window.state.recipe.variants] == ["Dev", "Hk"]
    assert not window.find("run_0_leave_out").isVisible()
    head = window.find("run_1_oracle_head")
    head.set_value("counts")
    head.edited.emit()
    assert window.state.recipe.variants[1].changes == {"oracle": {"head": "counts"}}
    assert window.state.recipe.variants[0].changes == {"oracle": {"head": "0"}}
    choose(window, 8)
    window.click("run_2_leave_out")
    assert [v.name for v in window.state.recipe.variants] == ["saliency", "intgrad", "ism"]


def test_a_recipe_of_joined_runs_gives_what_the_command_gives(
    window, oracle, tmp_path, watch, capsys
):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY.format(combine="task"))
    choose_file(window, file)
    bring(window, oracle)
    with watch:
        window.click("library_run")
        window.settle()
    assert not window.door.errors, window.door.errors
    session = window.state.session
    assert list(session.table.frame["Task"].astype(str)) == ["first"] * 80 + ["second"] * 80
    assert window.state.dirty
    assert window.window.tabs.currentIndex() == window.tab_names.index("Explore")
    assert window.find("scatter_colour", QComboBox).currentText() == "Task"
    assert window.find("scatter_order", QComboBox).currentText() == "random"
    window.show_tab("Library")
    window.settle()
    assert "The colours of the scatter" in window.find("library_made_by", QLabel).text()
    arguments = ["run", "--recipe", file, "--model", oracle, "--sequence", "ACGTTGCA" * 4]
    arguments += ["--out", tmp_path / "out", "--quiet"]
    assert main([str(argument) for argument in arguments]) == 0
    same = store.load(tmp_path / "out")
    np.testing.assert_array_equal(same.library.sequences, session.library.sequences)
    np.testing.assert_array_equal(same.clustering.labels, session.clustering.labels)
    watch.check()
    assert window.state.history.undoText() == "Run: Two columns"
    window.state.history.undo()
    window.settle()
    assert window.state.session.is_empty
    window.state.history.redo()
    window.settle()
    assert window.state.session is session


def colours_of_legend(view):
    """(R, G, B) -> pixels, of the picture's upper right corner but for its background."""
    image = view.grab().toImage()
    ratio = image.devicePixelRatio()
    right, down = int(image.width()), int(80 * ratio)
    found = Counter(
        image.pixelColor(x, y).getRgb()[:3]
        for x in range(right - int(70 * ratio), right)
        for y in range(down)
    )
    return {colour: n for colour, n in found.items() if n >= 49}


def test_tasks_are_seen_as_colours_with_their_names(window, tmp_path, session_folder):
    from seam_gui.views import rasteriser

    rasteriser.warm_up(wait=True)
    session = make_session(600, 60, 8, seed=5)
    tasks = np.repeat(["Dev", "Hk"], 300)
    joined = session.with_record("table", replace(session.table, frame=session.table.frame.assign(
        Task=pd.Categorical(tasks))))  # fmt: skip
    joined = replace(joined, **{slot: getattr(session, slot) for slot in ("explanation", "sites")})
    store.save(joined, tmp_path / "joined")
    window.resize(1280, 800)
    window.open(tmp_path / "joined")
    window.show_tab("Explore")
    window.settle()
    scatter = window.tab("Explore").scatter
    scatter.view.render_frame()
    chosen = window.find("scatter_colour", QComboBox)
    assert chosen.currentText() == "Task"
    assert scatter.view.legend.names == ("Dev", "Hk")
    of_task = [tuple(int(c) for c in colour) for colour in theme().categorical(2)]
    assert set(of_task) <= set(colours_of_legend(scatter.view))
    codes = scatter.view.points.codes
    assert [len(set(codes[tasks == task])) for task in ("Dev", "Hk")] == [1, 1]
    assert codes[0] != codes[-1]
    # what the user chooses stays, also when the clusters are made again
    chosen.setCurrentIndex(chosen.findData("Activity"))
    window.run("meta_explainer")
    assert chosen.currentText() == "Activity"
    window.open(session_folder)
    assert chosen.currentText() != "Task"
    window.open(tmp_path / "joined")
    assert chosen.currentText() == "Task"


def test_a_session_is_saved_as_a_recipe_that_runs_again(window, oracle, tmp_path):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY.format(combine="task"))
    choose_file(window, file)
    bring(window, oracle)
    window.click("library_run")
    window.settle()
    window.door.answers["ask_text"] = "Mine again"
    window.door.answers["save_file"] = tmp_path / "mine.toml"
    window.trigger("save_recipe")
    window.settle()
    assert not window.door.errors, window.door.errors
    saved = recipes.load(tmp_path / "mine.toml")
    assert saved.title == "Mine again"
    assert [variant.name for variant in saved.variants] == ["first", "second"]
    assert saved.config.mutagenizer.n_sequences == 80
    assert saved.config.oracle.model == ""
    window.show_tab("Library")
    window.click("recipe_choose")
    window.settle()
    listed = window.find("recipe_list", QListWidget)
    titles = [listed.item(row).text() for row in range(listed.count())]
    assert titles[9:] == ["Mine again", "Two columns"]
    window.click("recipe_cancel")
    arguments = ["run", "--recipe", tmp_path / "mine.toml", "--model", oracle]
    arguments += ["--sequence", "ACGTTGCA" * 4, "--out", tmp_path / "again", "--quiet"]
    assert main([str(argument) for argument in arguments]) == 0
    again = store.load(tmp_path / "again")
    labels = window.state.session.clustering.labels
    np.testing.assert_array_equal(again.clustering.labels, labels)
    # a session saved and opened keeps what made it
    folder = tmp_path / "kept"
    window.door.answers["save_file"] = folder
    window.trigger("save_as")
    window.settle()
    assert recipes.of_session(store.load(folder)).combine == "task"


def test_settings_alone_are_saved_as_a_recipe(window, tmp_path):
    choose(window, 1)
    config = window.state.config
    window.door.answers["ask_text"] = "Plan"
    window.door.answers["save_file"] = tmp_path / "plan"
    window.trigger("save_recipe")
    window.settle()
    saved = recipes.load(tmp_path / "plan.toml")
    assert saved.config == replace(config, name="")


def test_a_recipe_to_compare_asks_for_a_folder_and_opens_its_sessions(window, oracle, tmp_path):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY.format(combine="compare"))
    choose_file(window, file)
    bring(window, oracle)
    window.door.answers["save_file"] = tmp_path / "both"
    window.click("library_run")
    window.settle()
    assert not window.door.errors, window.door.errors
    assert (tmp_path / "both" / "comparison.csv").is_file()
    assert store.is_session(tmp_path / "both" / "second")
    assert window.state.folder == tmp_path / "both" / "first"
    window.show_tab("Library")
    # the same folder a second time is not written over
    choose_file(window, file)
    window.click("library_run")
    window.settle()
    assert "one with sessions" in window.door.errors[-1][1]


def test_a_measured_landscape_needs_a_table_and_no_sequence(window, tmp_path):
    letters = ["".join(word) for word in itertools.product("ACGT", repeat=4)]
    measured = [word.count("A") + 2 * (word[1:3] == "CG") for word in letters]
    table = tmp_path / "landscape.csv"
    table.write_text(
        "Sequence,Activity\n" + "\n".join(map("{},{}".format, letters, measured)) + "\n"
    )
    choose(window, 4)
    assert "a table of measurements" in window.find("library_missing", QLabel).text()
    bring(window, str(table), sequence="")
    config = window.state.config
    window.state.set_config(
        replace(config, clusterer=config.clusterer.replace(embedding="pca", n_clusters=6))
    )
    window.click("library_run")
    window.settle()
    assert not window.door.errors, window.door.errors
    session = window.state.session
    assert len(session.library) == 256
    assert sorted(session.table.activity) == sorted(float(value) for value in measured)
    assert session.explanation.n_clusters == 6


def test_a_cancelled_recipe_leaves_the_session_as_it_was(window, oracle, tmp_path, qtbot):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY.format(combine="task").replace("80", "200000"))
    choose_file(window, file)
    bring(window, oracle)
    before = window.state.session
    window.click("library_run")
    qtbot.waitUntil(lambda: window.find("job_cancel").isVisible())
    qtbot.waitUntil(lambda: window.jobs.visible_jobs[0].fraction > 0)
    window.click("job_cancel")
    window.settle()
    assert window.state.session is before
    assert window.state.recipe is not None
    assert not window.door.errors, window.door.errors


def test_a_file_that_is_no_recipe_says_so_in_the_dialog(window, tmp_path):
    (tmp_path / "bad.toml").write_text('[recipe]\ntitle = "t"\n[kitchen]\n')
    window.door.answers["open_file"] = tmp_path / "bad.toml"
    window.click("recipe_choose")
    window.settle()
    window.click("recipe_file")
    window.settle()
    assert "kitchen" in window.find("recipe_wrong", QLabel).text()
    window.click("recipe_cancel")


def test_a_dropped_recipe_fills_the_forms(window, tmp_path):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY.format(combine="task"))
    window.files.open_dropped([file])
    window.settle()
    assert window.state.recipe.title == "Two columns"
    assert window.state.config.mutagenizer.n_sequences == 80
    (tmp_path / "bad.toml").write_text("[recipe")
    window.files.open_dropped([tmp_path / "bad.toml"])
    window.settle()
    assert "not TOML" in window.door.errors[-1][1]


def test_without_a_folder_nothing_runs(window, oracle, tmp_path):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY.format(combine="compare"))
    choose_file(window, file)
    bring(window, oracle)
    window.click("library_run")
    assert not window.jobs.running


def test_a_recipe_is_left_when_another_session_is_opened(window, session_folder):
    choose(window, 6)
    window.open(session_folder)
    assert window.state.recipe is None
    window.show_tab("Library")
    window.settle()
    assert not window.find("recipe_title", QLabel).isVisible()
