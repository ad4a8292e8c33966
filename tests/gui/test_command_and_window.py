"""What the command can set, the window can: every option has a control that sets the same."""

from __future__ import annotations

import argparse
from dataclasses import fields

import numpy as np
import pytest
from PyQt5.QtWidgets import QAction, QComboBox, QPlainTextEdit, QWidget

from seam_core.cli.main import build_parser
from seam_core.parameters import Parameters, describe
from seam_core.pipeline import RunConfig
from seam_core.stages import AFTER_MAPS, PARTS
from seam_core.validate import InputError
from seam_gui.commands import TABS
from seam_gui.widgets.editors import ChoiceEditor
from seam_gui.widgets.stage_form import StageForm
from tests.gui.test_open import drop, peer_files

__all__ = ["peer_files"]  # a fixture
# options that are no parameter: where the window has the same
ELSEWHERE = {
    "sequence": ("reference_text", "reference_fasta"),
    "record": ("reference_record",),
    "locus": ("reference_interval", "action_locus"),
    "name": ("reference_name",),
    "config": ("recipe_choose",),  # settings of the window are kept as recipes
    "recipe": ("recipe_choose", "action_recipe"),
    "session": ("action_open",),
    "out": ("action_save_as",),
    "stages": ("library_run", "attribution_run", "cluster_run", "identify_run", "identify_test"),
    "runs": ("recipe_runs",),
    "tracks": ("action_add_track",),
    "pictures": ("action_export_picture", "action_report"),
}
NOT_IN_THE_WINDOW = {
    "help": "the window has its Help menu",
    "overwrite": "the window asks when a folder holds a session",
    "quiet": "of the terminal",
    "verbose": "of the terminal",
    "trust_model": "the window asks when a model would run code",
    "seed": "each stage has its own",
    **dict.fromkeys(
        ("scheduler", "wait", "tls_ca", "tls_cert", "tls_key"),
        "of a cluster, where the window sends batches",
    ),
}


def options(command: str) -> dict[str, argparse.Action]:
    subparsers = next(
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return {action.dest: action for action in subparsers.choices[command]._actions}


@pytest.fixture
def built(window):
    for tab in TABS:
        window.show_tab(tab)
        window.settle()
    return window


def editors(window, part: str, name: str):
    forms = [form for form in window.findChildren(StageForm) if form._stage == part]
    return [form.editor(name) for form in forms if name in form._editors]


def other_value(parameters: Parameters, item):
    """A value that can be and is not the default."""
    candidates = [
        *item.choices,
        not item.default if item.type is bool else None,
        item.type(item.low or 0) + item.type(1),
        item.low,
        item.high,
        "ACGU",
        "1",
    ]
    for value in candidates:
        if value is None or value == item.default:
            continue
        try:
            changed = parameters.replace(**{item.name: value})
        except (InputError, TypeError):
            continue
        return getattr(changed, item.name)
    raise AssertionError(f"no other value of {item.name}")


def test_every_option_of_run_is_known():
    parameters = {item.name for cls in PARTS.values() for item in describe(cls)}
    left = set(options("run")) - parameters - set(ELSEWHERE) - set(NOT_IN_THE_WINDOW)
    assert left == set()
    settings = {item.name for item in fields(RunConfig)} - set(PARTS)
    assert settings <= set(ELSEWHERE)


@pytest.mark.parametrize("part", PARTS)
def test_a_control_sets_what_the_option_sets(built, part):
    known = options("run")
    for item in describe(PARTS[part]):
        assert item.name in known, item.name
        (editor,) = editors(built, part, item.name)
        value = other_value(PARTS[part](), item)
        editor.set_value(value)
        editor.edited.emit()
        assert getattr(built.state.parameters(part), item.name) == value, item.name
        if isinstance(editor, ChoiceEditor):
            offered = {editor.itemData(i) for i in range(editor.count())}
            assert offered == set(known[item.name].choices), item.name
        built.state.set_parameters(part, PARTS[part]())
        assert editor.value() == item.default, item.name


def test_controls_of_other_options_are_there(built):
    for names in ELSEWHERE.values():
        for name in names:
            assert built.window.findChildren(QWidget, name) or built.window.findChildren(
                QAction, name
            ), name


def test_the_session_gets_the_name_that_was_typed(built):
    built.show_tab("Library")
    built.find("reference_text", QPlainTextEdit).setPlainText("ACGTACGT")
    built.type("reference_name", "my enhancer")
    built.find("reference_text", QPlainTextEdit).setPlainText("ACGTACGTAA")
    assert built.state.config.name == "my enhancer"
    built.files.new()
    built.settle()
    assert built.state.config.name == ""
    assert built.find("reference_name").text() == ""


def test_every_option_of_import_is_in_its_dialog(window):
    window.files.import_files()
    controls = {
        "mave": "import_table",
        "maps": "import_maps",
        "maps_key": "import_maps_key",
        "maps_layout": "import_maps_layout",
        "odd_letters": "import_odd_letters",
        "embedding_file": "import_embedding",
        "linkage": "import_linkage",
        "reference": "import_reference",
        "columns": "import_sequence_column",
        "import_alphabet": "import_alphabet",
        "window_start": "import_start",
        "window_stop": "import_stop",
        "name": "import_name",
        "only": "import_cluster",
    }
    for name in controls.values():
        window.find(name)
    # of the stages that follow, the dialog asks for grouping and order; the tabs have the others
    parameters = {item.name for part in AFTER_MAPS for item in describe(PARTS[part])}
    there = {"out", *NOT_IN_THE_WINDOW, *controls, *parameters, "own"}
    assert set(options("import")) <= there
    for name in ("clustering", "cluster_on", "n_clusters", "cut_height", "dbscan_eps"):
        window.find(f"import_{name}")
    window.find("import_cluster_order")
    window.find("import_dialog").reject()


def test_imported_maps_are_clustered_at_once_as_the_command_would(window, peer_files):
    files = {name: path for name, path in peer_files.items() if name != "linkage"}
    drop(window, *files.values())
    window.settle()
    window.find("import_reference", QComboBox).setCurrentIndex(1)
    window.find("import_cluster").click()
    # with an embedding and no tree, in the embedding
    assert window.find("import_clustering").value() == "kmeans"
    assert window.find("import_cluster_on").value() == "embedding"
    window.find("import_n_clusters").setValue(6)
    window.find("import_cluster_order").set_value("label")
    window.click("import_ok")
    window.settle()
    assert not window.door.errors, window.door.errors
    session = window.state.session
    assert session.clustering.method == "kmeans"
    assert session.clustering.source == "embedding"
    np.testing.assert_array_equal(session.explanation.ids, np.arange(6))
    assert session.embedding.method == "imported"
    assert window.state.parameters("clusterer") == session.clustering.parameters
