"""Forms made from the parameter dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel, QScrollArea

from seam_core.parameters import Parameters, describe, in_use
from seam_core.parameters.base import parameter
from seam_core.stages import PARTS
from seam_core.validate import InputError
from seam_gui.look.words import in_words, label_of, lowest_text
from seam_gui.widgets.fields import ComboBox, DoubleSpinBox, SpinBox
from seam_gui.widgets.parameter_form import ParameterForm


@dataclass(frozen=True)
class Sample(Parameters):
    method: str = parameter("a", "Which way", choices=("a", "b"))
    steps: int = parameter(20, "How many", low=2, high=100, unit="steps", when=("method", ("b",)))
    rate: float = parameter(0.1, "How fast", low=0.0, high=1.0, unit="per nt")
    cut: float | None = parameter(None, "Where", low=0.0)
    first: int | None = parameter(None, "From", low=0)
    fast: bool = parameter(False, "Hurry")
    name: str = parameter("x", "What")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name == "bad":
            raise InputError("name", "'bad'", "another name")


@pytest.fixture
def form(qtbot):
    made = ParameterForm(Sample, "sample")
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("cls", PARTS.values())
def test_every_parameter_of_every_stage_has_an_editor_that_gives_its_default_back(qtbot, cls):
    form = ParameterForm(cls, "x")
    qtbot.addWidget(form)
    assert form.value == cls()
    for item in describe(cls):
        editor = form.editor(item.name)
        assert editor.value() == item.default, item.name
        assert editor.objectName() == f"x_{item.name}"
        assert in_words(item.help) in editor.toolTip()


def test_what_is_entered_comes_out(form, qtbot):
    with qtbot.waitSignal(form.changed):
        form.editor("rate").setValue(0.25)
    form.editor("fast").click()
    form.editor("method").setCurrentIndex(1)
    assert form.value == Sample(method="b", rate=0.25, fast=True)


def test_a_row_shows_only_when_it_matters(form):
    assert not form.editor("steps").isVisible()
    form.editor("method").setCurrentIndex(1)
    assert form.editor("steps").isVisible()


def test_optional_numbers_have_an_automatic_value(form):
    assert form.editor("cut").text() == "automatic"
    assert form.value.cut is None
    form.editor("cut").setValue(0.0)
    assert form.value.cut == 0.0
    form.editor("first").setValue(0)
    assert form.value.first == 0
    form.set_value(Sample(cut=3.5))
    assert form.editor("cut").value() == 3.5
    assert form.editor("first").value() is None


def test_a_value_that_cannot_be_is_told_and_not_taken(form, qtbot):
    editor = form.editor("name")
    editor.selectAll()
    QTest.keyClicks(editor, "bad")
    QTest.keyClick(editor, Qt.Key_Return)
    error = form.findChild(QLabel, "sample_method_error")
    assert error.isVisible()
    assert "another name" in error.text()
    assert form.value.name == "x"
    editor.selectAll()
    QTest.keyClicks(editor, "good")
    QTest.keyClick(editor, Qt.Key_Return)
    assert not error.isVisible()
    assert form.value.name == "good"


def test_bounds_hold_while_typing(form):
    editor = form.editor("rate")
    editor.selectAll()
    QTest.keyClicks(editor, "7")
    QTest.keyClick(editor, Qt.Key_Return)
    assert 0.0 <= form.value.rate <= 1.0


def test_tooltips_say_what_unit_and_range(form):
    text = form.editor("steps").toolTip()
    for part in ("How many.", "Unit: steps.", "From 2 to 100.", "Default: 20."):
        assert part in text


def test_set_value_says_nothing(form, qtbot):
    with qtbot.assertNotEmitted(form.changed):
        form.set_value(Sample(method="b", steps=5, fast=True))
    assert form.editor("steps").value() == 5


def turn(field, step: int) -> None:
    """The wheel over a field that has the focus."""
    field.setFocus()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(field.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, step),
        Qt.NoButton,
        Qt.NoModifier,
        Qt.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)


def test_the_wheel_scrolls_a_panel_and_changes_none_of_its_fields(window):
    window.click("oracle_show_more")
    source = window.find("reference_source", QComboBox)
    bar = panel_of(source).verticalScrollBar()
    fields = [
        each
        for kind in (QComboBox, QAbstractSpinBox)
        for each in panel_of(source).findChildren(kind)
        if each.isVisible()
    ]
    assert len(fields) > 8
    before = window.state.config
    for field in fields:
        for step in (-120, 120):
            seen = bar.value()
            turn(field, step)
            assert bar.value() != seen or bar.value() in (bar.minimum(), bar.maximum())
    assert window.state.config == before
    assert source.currentIndex() == 0


def panel_of(widget) -> QScrollArea:
    while not isinstance(widget, QScrollArea):
        widget = widget.parentWidget()
    return widget


def test_no_field_is_turned_in_passing(explore):
    """None takes the focus by the wheel, and all of them are of the kinds that know of panels."""
    for kind in (QComboBox, QAbstractSpinBox):
        for field in explore.window.findChildren(kind):
            assert isinstance(field, (ComboBox, SpinBox, DoubleSpinBox)), field.objectName()
            assert field.focusPolicy() == Qt.StrongFocus, field.objectName()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n_clusters", "Number of clusters"),
        ("umap_min_dist", "UMAP least distance"),
        ("umap_neighbors", "UMAP neighbours"),
        ("tsne_perplexity", "t-SNE perplexity"),
        ("memory_limit_gb", "Memory limit"),
    ],
)
def test_labels(name, text):
    assert label_of(name) == text


@pytest.mark.parametrize("stage", PARTS)
def test_a_number_that_help_explains_at_its_lowest_is_shown_in_words(stage):
    cls = PARTS[stage]
    for item in describe(cls):
        explained = f"; {item.low:g}: " in item.help if item.type is int else False
        if item.optional or explained:
            assert lowest_text(item.name, optional=item.optional), item.name


def test_the_batch_size_is_automatic_until_it_is_a_number(qtbot):
    made = ParameterForm(PARTS["attributer"], "attributer")
    qtbot.addWidget(made)
    editor = made.editor("batch_size")
    assert editor.text() == "automatic"
    assert editor.value() == 0
    editor.setValue(64)
    assert editor.text() == "64 sequences"
    assert made.value.batch_size == 64


def test_when_is_transitive():
    shown = in_use(PARTS["clusterer"](clustering="ward"))
    assert "cluster_components" not in shown
    assert "cut_height" in shown


def test_forms_that_share_a_stage_follow_each_other(window):
    window.show_tab("Clusters")
    window.find("clusterer_embedding").set_value("pca")
    window.find("clusterer_clustering").set_value("kmeans")
    wanted = window.state.parameters("clusterer")
    assert (wanted.embedding, wanted.clustering) == ("pca", "kmeans")
    assert not window.find("clusterer_umap_neighbors").isVisible()
