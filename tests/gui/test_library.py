"""The Library tab."""

from __future__ import annotations

import numpy as np
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


def test_the_model_is_checked(window, toy_model):
    model = window.find("oracle_model")
    model.set_value(str(toy_model / "toy.keras"))
    model.edited.emit()
    letters = "".join((toy_model / "toy.fa").read_text().split("\n")[1:])
    window.find("reference_text", QPlainTextEdit).setPlainText(letters)
    window.click("oracle_check")
    window.settle(120_000)
    text = window.find("oracle_found", QLabel).text()
    assert "The model loads" in text
    assert f"{len(letters)} positions" in text
    model.set_value("/no/such.keras")
    model.edited.emit()
    window.click("oracle_check")
    window.settle(120_000)
    assert "/no/such.keras" in window.find("oracle_found", QLabel).text()
