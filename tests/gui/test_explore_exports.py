"""Pictures, tables and scripts out of Explore: what they hold is what was shown."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtWidgets import QApplication

from seam_core.selection import Clusters, Polygon, Query
from seam_gui.pictures.figure_calls import figure_calls
from tests.gui.pictures import calls_of, written
from tests.plugin import forget, install


def tab(explore):
    return explore.tab("Explore")


def select(explore, *steps):
    for gesture, mode in steps:
        tab(explore).select(gesture, mode)
    explore.settle()


SELECTIONS = {
    "all": (),
    "cluster": ((Clusters((2,)), "replace"),),
    "mixed": (
        (Polygon(((-9.0, -9.0), (9.0, -9.0), (0.0, 9.0))), "replace"),
        (Query("Activity > 2"), "intersect"),
        (Clusters((1,)), "add"),
    ),
    "label": ((Query("Label == 'DRE'"), "replace"),),
}


@pytest.mark.parametrize("selected", SELECTIONS)
def test_scripts_make_the_figures_that_were_shown(explore, selected, session_folder, monkeypatch):
    """Every drawing, run as a script on the saved session, calls the same function with the same
    arguments."""
    tab(explore).curator.label(2, "DRE")
    select(explore, *SELECTIONS[selected])
    found = figure_calls(tab(explore).exports.shown())
    assert {"scatter", "attribution_logo", "sequence_logo", "msm", "dendrogram"} <= set(found)
    for name, drawing in found.items():
        (shown_args, shown), (script_args, script) = calls_of(drawing, session_folder, monkeypatch)
        assert set(shown) == set(script), name
        for ours, theirs in zip(
            [*shown_args, *(shown[k] for k in shown)],
            [*script_args, *(script[k] for k in shown)],
            strict=True,
        ):
            assert_same(ours, theirs, name)


def assert_same(ours, theirs, name):
    if isinstance(ours, np.ndarray):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=name)
    elif hasattr(ours, "__dataclass_fields__") and not hasattr(ours, "positions"):
        assert type(ours) is type(theirs), name
    else:
        assert list(ours) == list(theirs) if isinstance(ours, (list, tuple)) else ours == theirs


def test_every_figure_is_drawn(explore):
    select(explore, *SELECTIONS["cluster"])
    for name, drawing in figure_calls(tab(explore).exports.shown()).items():
        figure = drawing.make()
        assert figure.axes, name


def test_copy_as_python_puts_the_current_figure_on_the_clipboard(explore):
    select(explore, *SELECTIONS["cluster"])
    tab(explore).msm.view.setFocus()
    tab(explore).exports._note_focus(None, tab(explore).msm.view)
    explore.trigger("copy_python")
    script = QApplication.clipboard().text()
    assert "msm_heatmap(session.explanation" in script
    assert "store.load(" in script


def test_picture_is_written_at_the_size_chosen(explore, tmp_path):
    image = written(explore, "export_picture", "msm", tmp_path / "logo.png")
    assert (image.width(), image.height()) == (300, 180)


@pytest.fixture
def example_plugin(tmp_path, monkeypatch):
    """The example package of docs/, installed for one test."""
    install(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield
    monkeypatch.undo()
    forget()


def test_picture_of_another_package_is_written(
    example_plugin, explore, tmp_path, session_folder, monkeypatch
):
    """The figure that the example declares, by the menu; its lines of Python draw the same."""
    drawing = figure_calls(tab(explore).exports.shown())["sizes"]
    assert drawing.title == "Sizes of clusters"
    (axes,) = drawing.make().axes
    explanation = explore.state.session.explanation
    assert [bar.get_height() for bar in axes.patches] == explanation.sizes.tolist()
    image = written(explore, "export_picture", "sizes", tmp_path / "sizes.png")
    assert (image.width(), image.height()) == (300, 180)
    _, (script_args, script) = calls_of(drawing, session_folder, monkeypatch)
    assert script == {"name": "sizes"}
    assert script_args[0].explanation.sizes.tolist() == explanation.sizes.tolist()


def test_sequences_and_numbers_are_written(explore, door, tmp_path):
    select(explore, *SELECTIONS["cluster"])
    indices = explore.state.selection.indices
    for name, what in (("a.fa", "fasta"), ("b.txt", "indices"), ("c.csv", "comparison")):
        door.answers["save_file"] = tmp_path / name
        tab(explore).exports.write(what)
        explore.settle()
    headers = [x for x in (tmp_path / "a.fa").read_text().splitlines() if x.startswith(">")]
    assert len(headers) == len(indices)
    assert np.loadtxt(tmp_path / "b.txt", dtype=int).tolist() == indices.tolist()
    lines = (tmp_path / "c.csv").read_text().splitlines()
    assert lines[0].startswith("Cluster,Label,n,Median")
    assert len(lines) == 1 + explore.state.session.explanation.n_clusters
