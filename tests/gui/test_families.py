"""The form offers the questions of the family that a model file is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import QPoint, QRect
from PyQt5.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QScrollArea

from seam_core.parameters import OracleParameters


@pytest.fixture
def profile_network(tmp_path: Path) -> Path:
    """A small network with the layers of ChromBPNet without bias."""
    import keras

    layers = keras.layers
    inputs = keras.Input((80, 4), name="sequence")
    x = layers.Conv1D(4, 11, activation="relu", name="wo_bias_bpnet_1st_conv")(inputs)
    profile = layers.Flatten(name="wo_bias_bpnet_logits")(layers.Conv1D(1, 5)(x))
    counts = layers.Dense(1, name="wo_bias_bpnet_logcount")(layers.GlobalAveragePooling1D()(x))
    path = tmp_path / "chrombpnet_nobias.keras"
    keras.Model(inputs, [profile, counts]).save(path)
    return path


def check(window, path: Path | str) -> str:
    model = window.find("oracle_model")
    model.set_value(str(path))
    model.edited.emit()
    window.click("oracle_check")
    window.settle()
    return window.find("oracle_found", QLabel).text()


def in_sight(window, name: str) -> bool:
    """Is all of the widget within the part of its panel that is seen?"""
    widget = window.find(name)
    panel = widget.parentWidget()
    while not isinstance(panel, QScrollArea):
        panel = panel.parentWidget()
    place = QRect(widget.mapTo(panel.viewport(), QPoint()), widget.size())
    return panel.viewport().rect().contains(place)


def test_a_question_of_the_family_sets_the_form(window, profile_network: Path) -> None:
    window.find("reference_text", QPlainTextEdit).setPlainText("ACGT" * 20)
    window.click("oracle_show_more")
    said = check(window, profile_network)  # head 0 is a profile, and not what the family is for
    assert said == "The model loads, asked with “Head” 1."
    assert window.state.config.oracle.head == OracleParameters().head  # until it is used
    assert "ChromBPNet without bias" in window.find("oracle_found_family", QLabel).text()
    assert in_sight(window, "oracle_found_use")
    questions = window.find("oracle_found_question", QComboBox)
    shown = [questions.itemText(i) for i in range(questions.count())]
    assert shown[:2] == ["total counts (log)", "shape of the profile"]
    assert {"head wo_bias_bpnet_logcount"} < set(shown[2:])  # named in the table
    questions.setCurrentIndex(1)
    window.click("oracle_found_use")
    assert window.state.config.oracle.reduction == "bpnet_profile"
    assert window.state.config.oracle.model == str(profile_network)
    assert "The model loads" in check(window, profile_network)


def test_no_family_is_named_for_a_network_of_none(window, toy_model) -> None:
    assert "The model loads" in check(window, toy_model / "toy.keras")
    assert "family" not in window.find("oracle_found_family", QLabel).text()


@pytest.fixture
def twin_network(tmp_path: Path) -> Path:
    """Two inputs of sequences, a profile and two numbers."""
    import keras

    layers = keras.layers
    inputs = [keras.Input((80, 4), name=name) for name in ("fwd", "rev")]
    x = layers.Conv1D(4, 11, activation="relu")(layers.Add()(inputs))
    pooled = layers.GlobalAveragePooling1D()(x)
    heads = [
        layers.Conv1D(2, 1, name="profile")(x),
        layers.Dense(1, name="rna")(pooled),
        layers.Dense(1, name="atac")(pooled),
    ]
    path = tmp_path / "twin.keras"
    keras.Model(inputs, heads).save(path)
    return path


def take(window, what: str) -> None:
    questions = window.find("oracle_found_question", QComboBox)
    shown = [questions.itemText(i) for i in range(questions.count())]
    questions.setCurrentIndex(shown.index(what))
    window.click("oracle_found_use")


def test_inputs_and_heads_are_offered_one_click_each(window, twin_network: Path) -> None:
    window.find("reference_text", QPlainTextEdit).setPlainText("ACGT" * 20)
    assert "rev" in check(window, twin_network)  # which looks like a sequence
    take(window, "input rev: its reverse complement")
    check(window, twin_network)
    take(window, "head rna")
    assert "The model loads" in check(window, twin_network)
    oracle = window.state.config.oracle
    assert (oracle.input, oracle.head) == ("rev=reverse_complement", "rna")
    take(window, "head atac")
    assert window.state.config.oracle.head == "atac"


LETTERS_FIRST = """
def count(x):
    return x[:, 0, :9].sum(axis=1) if x.shape[1] == 4 else 1 / 0
"""


def test_the_one_layout_that_a_model_runs_with_is_tried_and_offered_first(window, tmp_path) -> None:
    window.door.answers["confirm"] = True  # its code may run
    path = tmp_path / "letters.py"
    path.write_text(LETTERS_FIRST)
    window.find("reference_text", QPlainTextEdit).setPlainText("ACGT" * 20)
    said = check(window, f"{path}:count")
    assert said == "The model loads, asked with “Layout” channels_first."
    window.click("oracle_found_use")
    assert window.state.config.oracle.layout == "channels_first"
    assert check(window, f"{path}:count") == "The model loads."
