"""Pictures and scripts out of Identify: what they hold is what was shown."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QTabWidget,
)

from seam_core import figures
from seam_gui.theme import theme

NAMES = {
    "covariance",
    "tree",
    "msm",
    "configuration",
    "activities",
    "pairs",
    "terms",
    "drivers",
}


@pytest.fixture
def identify(window, session_folder):
    window.resize(1280, 800)
    window.open(session_folder)
    window.show_tab("Identify")
    window.settle()
    return window


def pictures(identify):
    return identify.tab("Identify").pictures


@pytest.mark.parametrize("shape", ["square", "triangle"])
def test_scripts_make_the_figures_that_were_shown(identify, shape, session_folder, monkeypatch):
    """Every recipe, run as a script on the saved session, calls the same function with the same
    arguments."""
    identify.find("covariance_shape", QComboBox).setCurrentText(shape)
    identify.tab("Identify").axis.show_range(9.5, 40.5)
    theme().set_colour_blind(True)
    identify.settle()
    found = pictures(identify).recipes()
    assert set(found) == NAMES
    assert found["covariance"].values["shape"] == {"triangle": "triangular"}.get(shape, shape)
    assert found["covariance"].values["window"] == (10, 41)
    assert found["tree"].values["colour_blind"]
    for name, recipe in found.items():
        calls = []

        def record(*args, _calls=calls, **kwargs):
            _calls.append((args, kwargs))

        with monkeypatch.context() as patch:
            patch.setattr(figures, recipe.function, record)
            patch.setattr(figures, "save_figure", lambda *a, **k: None)
            recipe.make()
            exec(compile(recipe.script(str(session_folder)), name, "exec"), {})
        (shown_args, shown), (script_args, script) = calls
        assert type(shown_args[0]) is type(script_args[0]), name
        assert_same_record(shown_args[0], script_args[0])
        shown.pop("sites", None), script.pop("sites", None)
        assert shown == script, name


def assert_same_record(ours, theirs):
    for field in ("covariance", "linkage", "activity", "entropy"):
        if hasattr(ours, field):
            np.testing.assert_allclose(getattr(ours, field), getattr(theirs, field), atol=1e-6)


def test_every_figure_is_drawn(identify):
    for name, recipe in pictures(identify).recipes().items():
        assert recipe.make().axes, name


def test_copy_as_python_means_the_page_or_view_last_used(identify):
    identify.trigger("copy_sites_python")
    assert "site_covariance(session.sites" in QApplication.clipboard().text()
    identify.find("identify_pages", QTabWidget).setCurrentIndex(1)
    identify.find("configuration_binary").click()
    identify.trigger("copy_sites_python")
    script = QApplication.clipboard().text()
    assert "configuration_matrix(session.sites, binary=False" in script
    assert "store.load(" in script
    pictures(identify)._note_focus(None, identify.tab("Identify").msm)
    identify.trigger("copy_sites_python")
    assert "msm_heatmap(session.explanation" in QApplication.clipboard().text()


def test_picture_is_written_at_the_size_chosen(identify, door, tmp_path):
    door.answers["save_file"] = tmp_path / "tree.png"
    identify.trigger("export_sites_picture")
    dialog = identify.find("figure_dialog", QDialog)
    dialog.findChild(QComboBox, "figure_format").setCurrentText("png")
    picture = dialog.findChild(QComboBox, "figure_picture")
    picture.setCurrentIndex(picture.findData("tree"))
    identify.find("figure_own_size").setChecked(False)
    identify.find("figure_width").setValue(5.0)
    identify.find("figure_height").setValue(3.0)
    identify.find("figure_dpi").setValue(60)
    buttons = dialog.findChild(QDialogButtonBox, "figure_buttons")
    buttons.button(QDialogButtonBox.Save).click()
    identify.settle()
    image = QImage(str(tmp_path / "tree.png"))
    assert (image.width(), image.height()) == (300, 180)


def test_nothing_to_draw_is_said(window):
    window.show_tab("Identify")
    window.settle()
    said = []
    window.state.status_message.connect(said.append)
    window.trigger("export_sites_picture")
    window.trigger("copy_sites_python")
    assert said == ["There is no picture to export yet", "There is no figure to copy yet"]
