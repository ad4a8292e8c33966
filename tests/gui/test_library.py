"""The Library tab."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt5.QtWidgets import QComboBox, QLabel, QPlainTextEdit


def test_pictures_of_the_library(window, session_folder):
    window.open(session_folder)
    window.show_tab("Library")
    window.settle()
    session = window.state.session
    mutations = window.find("mutation_histogram")
    assert mutations.counts.sum() == 600
    activities = window.find("activity_histogram")
    assert activities.counts.sum() == 600
    (mark,) = activities.marks
    row = int(np.flatnonzero((session.library.sequences == session.library.reference).all(1))[0])
    assert mark.value == pytest.approx(session.table.activity[row])
    assert "600 sequences" in window.find("library_facts", QLabel).text()


def test_an_optimized_library_shows_its_search(window, toy_model):
    choose_toy(window, toy_model)
    edit(window, "mutagenizer_library", "optimized")
    edit(window, "mutagenizer_n_sequences", 60)
    edit(window, "mutagenizer_generations", 3)
    window.click("library_only")
    window.settle()
    library = window.state.session.library
    view = window.find("search_trajectory")
    assert view.isVisible()
    shown = view.trajectory
    assert list(shown.generation) == [0, 1, 2, 3]
    np.testing.assert_array_equal(shown.highest, library.trajectory["highest"])
    np.testing.assert_array_equal(shown.kept_activity, library.lineage["activity"])
    assert not pictured_alike(
        view, lambda: view.set_trajectory(replace(shown, median=shown.lowest))
    )
    (band,) = [i for i in view.plot.items if isinstance(i, pg.FillBetweenItem)]
    assert band.path().boundingRect().height() > 0
    # its activities are known before the table is made
    assert window.find("activity_histogram").counts.sum() == len(library)
    edit(window, "mutagenizer_library", "local")
    window.click("library_only")
    window.settle()
    assert not view.isVisible()
    assert window.find("activity_histogram").hint == "The model has not been asked yet"


def test_a_library_without_a_reference_shows_what_its_sequences_share(window, toy_model):
    choose_toy(window, toy_model)
    edit(window, "mutagenizer_library", "global")
    edit(window, "mutagenizer_pattern", "TGACTCA")
    edit(window, "mutagenizer_pattern_start", 10)
    edit(window, "mutagenizer_n_sequences", 500)
    window.click("library_only")
    window.settle()
    assert not window.find("mutation_histogram").isVisible()
    positions = window.find("position_histogram")
    assert positions.title == "Letters in common"
    assert list(np.flatnonzero(positions.counts == 100)) == list(range(10, 17))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"library": "optimized"}, "a model and a reference sequence or a sequence length"),
        ({"library": "optimized", "sequence_length": 60}, "a model"),
        ({"library": "generator"}, "a model and a reference sequence"),
        ({"library": "global", "pattern": "ACGT", "sequence_length": 60}, "a model"),
    ],
)
def test_what_each_library_needs(window, parameters, words):
    for name, value in parameters.items():
        edit(window, f"mutagenizer_{name}", value)
    assert window.find("library_missing", QLabel).text() == f"Needs {words}."
    alone = parameters["library"] == "global"
    assert window.find("library_only").isEnabled() == alone


def test_generators_of_squid_are_in_the_list(window, toy_model):
    choose_toy(window, toy_model)
    edit(window, "mutagenizer_library", "generator")
    box = window.find("mutagenizer_generator", QComboBox)
    assert box.isVisible()
    index = box.findText("squid.mutagenizer:RandomMutagenesis(mut_rate=0.1)")
    box.setCurrentIndex(index)
    box.activated.emit(index)
    assert window.state.config.mutagenizer.generator == box.itemText(index)
    box.setEditText("my_module:Mine(speed=2)")
    box.lineEdit().editingFinished.emit()
    assert window.state.config.mutagenizer.generator == "my_module:Mine(speed=2)"


def test_the_size_of_a_combinatorial_library_is_said_before_it_is_made(window, toy_model):
    choose_toy(window, toy_model)
    edit(window, "mutagenizer_library", "combinatorial")
    size = window.find("mutagenizer_size", QLabel)
    assert size.text() == "16,111 sequences, 967 kB"
    edit(window, "mutagenizer_max_order", 9)
    assert "308,646,207,014,707 sequences of 60 letters" in size.text()
    assert size.property("role") == "error"
    window.click("library_only")
    window.settle()
    ((_, text, _),) = window.door.errors
    assert "308,646,207,014,707 sequences" in text


def test_unknown_letters_are_told_at_once(window):
    text = window.find("reference_text", QPlainTextEdit)
    text.setPlainText("ACGTNACGTN")
    found = window.find("reference_found", QLabel)
    assert "2 unknown (N, the first at position 4)" in found.text()
    assert found.property("role") == "error"


def choose_toy(window, toy_model):
    """The small network and its sequence."""
    edit(window, "oracle_model", str(toy_model / "toy.keras"))
    letters = "".join((toy_model / "toy.fa").read_text().split("\n")[1:])
    window.find("reference_text", QPlainTextEdit).setPlainText(letters)


def edit(window, name, value):
    """A field of a form, as if typed into."""
    editor = window.find(name)
    editor.set_value(value)
    editor.edited.emit()


def pictured_alike(view, change):
    """Whether a view looks the same after a change."""
    before = view.grab().toImage()
    change()
    return view.grab().toImage() == before


def test_a_typed_sequence_is_counted_and_wrong_letters_are_named(window):
    text = window.find("reference_text", QPlainTextEdit)
    text.setPlainText("acgt ACGT\nAA")
    assert window.state.config.sequence == "ACGTACGTAA"
    assert window.find("reference_found", QLabel).text().startswith("10 letters")
    text.setPlainText("ACGZ")
    assert "Z" in window.find("reference_found", QLabel).text()


def test_a_fasta_record(window, tmp_path):
    path = tmp_path / "x.fa"
    path.write_text(">one\nACGT\n>two words\nGGGG\nCC\n")
    window.find("reference_source", QComboBox).setCurrentIndex(1)
    fasta = window.find("reference_fasta")
    fasta.set_value(str(path))
    fasta.edited.emit()
    window.settle()
    record = window.find("reference_record", QComboBox)
    assert record.count() == 2
    assert window.state.config.sequence == "ACGT"
    record.setCurrentIndex(1)
    record.activated.emit(1)
    assert window.state.config.sequence == "GGGGCC"
    assert window.state.config.name == "two"


def test_a_file_that_is_no_fasta_leaves_no_former_sequence(window, tmp_path):
    good, empty = tmp_path / "good.fa", tmp_path / "empty.fa"
    good.write_text(">one\nACGT\n")
    empty.write_text("")
    window.find("reference_source", QComboBox).setCurrentIndex(1)
    for path in (good, empty):
        edit(window, "reference_fasta", str(path))
        window.settle()
    edit(window, "oracle_model", "any.keras")  # another field is edited: the reason stays
    found = window.find("reference_found", QLabel)
    assert "empty.fa" in found.text()
    assert found.property("role") == "error"
    assert window.state.config.sequence == ""
    assert window.find("reference_record", QComboBox).count() == 0
    assert not window.find("library_run").isEnabled()


def test_letters_of_another_alphabet_are_told_whose_they_are(window):
    text = window.find("reference_text", QPlainTextEdit)
    found = window.find("reference_found", QLabel)
    for letters, alphabet in (("ACGUU", "RNA"), ("MKWWKDY", "protein")):
        text.setPlainText(letters)
        assert f"Those of {alphabet} are: “Alphabet”" in found.text()
    text.setPlainText("AC1GU")
    assert "Those of" not in found.text()


def test_a_genomic_interval(window, tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(">chr1\nACGTAC\nGTTTTT\n>chr2\nCCCC\n")
    window.find("reference_source", QComboBox).setCurrentIndex(2)
    window.find("reference_genome").set_value(str(path))
    window.type("reference_interval", "chr1:5-9")
    window.settle()
    assert window.state.config.sequence == "ACGTT"
    window.type("reference_interval", "chr3:1-2")
    window.settle()
    assert "chr3" in window.find("reference_found", QLabel).text()


def test_what_is_missing_is_said_and_the_button_waits(window, toy_model):
    missing = window.find("library_missing", QLabel)
    assert "a model" in missing.text()
    assert "reference" in missing.text()
    assert not window.find("library_run").isEnabled()
    model = window.find("oracle_model")
    model.set_value(str(toy_model / "toy.keras"))
    model.edited.emit()
    window.find("reference_text", QPlainTextEdit).setPlainText("ACGT" * 15)
    assert window.find("library_run").isEnabled()


def test_browse_goes_through_the_door(window, toy_model):
    window.door.answers["open_file"] = toy_model / "toy.keras"
    window.find("oracle_model").browse.click()
    assert window.state.config.oracle.model == str(toy_model / "toy.keras")


def test_what_a_model_lacks_is_told(window):
    model = window.find("oracle_model")
    model.set_value("/no/such.keras")
    model.edited.emit()
    window.click("oracle_check")
    window.settle()
    assert "/no/such.keras" in window.find("oracle_found", QLabel).text()
