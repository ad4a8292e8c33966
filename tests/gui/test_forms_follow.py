"""Every form says what will run, whichever way the session came or went."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit

from seam_core import recipes, store
from seam_gui.widgets.stage_form import StageForm
from seam_gui.windows.recipes.form import use
from tests.factories import make_session
from tests.gui.exploring import ask
from tests.gui.test_open import drop, peer_files
from tests.gui.test_recovery import crashed_copy

__all__ = ["peer_files"]  # a fixture
FASTA = ">one\nACGTACGTAC\n>two words\nGGGGCCCCTTTTAAAA\n"


@pytest.fixture
def busy(window, session_folder, tmp_path):
    """A session with every field that a user can leave behind filled."""
    window.open(session_folder)
    window.show_tab("Explore")
    window.settle()
    ask(window, "Activity > 0")
    window.find("cluster_filter", QLineEdit).setText("2")
    window.show_tab("Table")
    window.settle()
    window.find("table_filter", QLineEdit).setText("Activity > 1")
    window.show_tab("Library")
    path = tmp_path / "x.fa"
    path.write_text(FASTA)
    window.find("reference_source", QComboBox).setCurrentIndex(1)
    window.find("reference_fasta").set_value(str(path))
    window.find("reference_fasta").edited.emit()
    window.settle()
    record = window.find("reference_record", QComboBox)
    record.setCurrentIndex(1)
    record.activated.emit(1)
    config = window.state.config
    window.state.set_parameters("mutagenizer", config.mutagenizer.replace(n_sequences=777))
    assert config.sequence == "GGGGCCCCTTTTAAAA"
    assert_forms_say_what_runs(window)
    return window


def opened(window, tmp_path, files):
    other = tmp_path / "other"
    store.save(make_session(200, 40, 4, seed=9), other)
    window.open(other)


def new(window, tmp_path, files):
    window.files.new()


def imported(window, tmp_path, files):
    drop(window, *files.values())
    window.settle()
    window.click("import_ok")


def dropped(window, tmp_path, files):
    other = tmp_path / "dropped"
    store.save(make_session(200, 40, 4, seed=9), other)
    drop(window, other)


def recovered(window, tmp_path, files):
    crashed = crashed_copy(window)
    window.documents.recover(crashed)


def of_a_recipe(window, tmp_path, files):
    use(window.state, recipes.load(recipes.names()[3]))


def filled_anew(window, tmp_path, files):
    recipe = recipes.load(recipes.names()[0])
    window.files.new_from(recipe.config, recipe)


def undone(window, tmp_path, files):
    window.state.history.undo()


ANOTHER = (opened, new, imported, dropped, recovered, filled_anew)
SAME = (of_a_recipe, undone)


def assert_forms_say_what_runs(window):
    config, state = window.state.config, window.state
    for form in window.findChildren(StageForm):
        value = state.parameters(form._stage)
        assert form.value == value
        for item in form._declared:
            assert form.editor(item.name).value() == getattr(value, item.name), item.name
    text = window.find("reference_text", QPlainTextEdit).toPlainText()
    assert "".join(text.split()) == config.sequence
    source = window.find("reference_source", QComboBox).currentIndex()
    record = window.find("reference_record", QComboBox)
    if source == 1:
        assert record.currentData()[1] == config.sequence
    else:
        assert record.count() == 0
        assert not window.find("reference_fasta").value()
    found = window.find("reference_found", QLabel).text()
    assert found.startswith(f"{len(config.sequence):,} letters") if config.sequence else not found


@pytest.mark.parametrize("change", [*ANOTHER, *SAME], ids=lambda change: change.__name__)
def test_forms_follow(busy, change, tmp_path, peer_files):
    window = busy
    window.door.answers["unsaved"] = "discard"
    before = window.state.session
    change(window, tmp_path, peer_files)
    window.settle()
    assert not window.door.errors, window.door.errors
    assert_forms_say_what_runs(window)
    window.show_tab("Explore")
    window.settle()
    if change in ANOTHER:
        assert window.state.session is not before
        assert window.find("reference_source", QComboBox).currentIndex() == 0
        for name in ("cluster_filter", "table_filter"):
            assert window.find(name, QLineEdit).text() == "", name
        # a recovered session has its selection, and so the question that made it
        asked = "" if window.state.selection is None else "Activity > 0"
        assert bool(asked) == (change is recovered)
        assert window.find("query_edit", QLineEdit).text() == asked
        assert bool(window.find("query_answer", QLabel).text()) == bool(asked)
    elif change is undone:  # the selection that the question made is gone
        assert window.find("query_edit", QLineEdit).text() == ""
        window.state.history.redo()
        window.settle()
        assert window.find("query_edit", QLineEdit).text() == "Activity > 0"


def test_a_configuration_that_names_a_file_is_shown_as_its_record(busy, tmp_path):
    window, path = busy, tmp_path / "of.a.file.fa"
    window.door.answers["unsaved"] = "discard"
    path.write_text(FASTA.replace("G", "A"))
    config = window.state.config
    named = replace(config, sequence=str(path), record="two", name="mine")
    window.files.new_from(named)
    window.state.set_parameters("clusterer", config.clusterer.replace(n_clusters=3))  # meanwhile
    window.settle()
    assert window.find("reference_fasta").value() == str(path)
    assert window.state.config.sequence == "AAAACCCCTTTTAAAA"
    assert window.find("reference_name", QLineEdit).text() == window.state.config.name == "mine"
    assert_forms_say_what_runs(window)
    window.files.new_from(replace(named, record="three"))
    window.settle()
    assert "three" in window.find("reference_found", QLabel).text()  # as the command says


def test_a_reading_that_ends_late_changes_nothing(busy, tmp_path, peer_files):
    window = busy
    window.door.answers["unsaved"] = "discard"
    window.show_tab("Library")
    window.find("reference_fasta").edited.emit()  # being read
    window.files.new()
    window.settle()
    assert window.state.config.sequence == ""
    assert_forms_say_what_runs(window)


def test_what_cannot_be_goes_with_its_session(busy, session_folder):
    form = next(f for f in busy.findChildren(StageForm) if f._stage == "mutagenizer")
    form.editor("mutate_start").set_value(50)
    form.editor("mutate_stop").set_value(10)
    form._take()
    busy.door.answers["unsaved"] = "discard"
    busy.open(session_folder)
    busy.settle()
    assert_forms_say_what_runs(busy)


def test_a_wrong_question_does_not_widen_the_window(explore):
    explore.window.resize(1100, 760)
    explore.settle()
    ask(explore, "NoSuchColumn > 3 and " + "Another <= 10 and " * 40 + "Last > 1")
    answer = explore.find("query_answer", QLabel)
    assert "NoSuchColumn" in answer.text()
    assert explore.find("query_edit").width() >= answer.width() - 1
    assert answer.toolTip() == answer.text()
    assert explore.window.width() == 1100
    assert explore.window.minimumSizeHint().width() <= 1100
