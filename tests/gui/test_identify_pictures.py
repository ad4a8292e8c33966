"""Pictures and scripts out of Identify: what they hold is what was shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QApplication,
    QComboBox,
    QTabWidget,
)

from seam_core import curation, store
from seam_core.handwork import as_curated
from seam_core.records import Site
from seam_gui.look.theme import theme
from seam_gui.pictures.figure_calls import figure_calls
from tests.gui.pictures import calls_of, written
from tests.judged import experiments

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


def pictures(identify):
    return identify.tab("Identify").pictures


@pytest.mark.parametrize("shape", ["square", "triangle"])
def test_scripts_make_the_figures_that_were_shown(identify, shape, session_folder, monkeypatch):
    """Every drawing, run as a script on the saved session, calls the same function with the same
    arguments."""
    identify.find("covariance_shape", QComboBox).setCurrentText(shape)
    identify.tab("Identify").axis.show_range(9.5, 40.5)
    theme().set_colour_blind(True)
    identify.settle()
    found = pictures(identify).drawings()
    assert set(found) == NAMES
    assert found["covariance"].values["shape"] == {"triangle": "triangular"}.get(shape, shape)
    assert found["covariance"].values["window"] == (10, 41)
    assert found["tree"].values["colour_blind"]
    for name, drawing in found.items():
        (shown_args, shown), (script_args, script) = calls_of(drawing, session_folder, monkeypatch)
        assert type(shown_args[0]) is type(script_args[0]), name
        assert_same_record(shown_args[0], script_args[0])
        shown.pop("sites", None), script.pop("sites", None)
        assert shown == script, name


@pytest.mark.parametrize("shape", ["square", "triangle"])
def test_boxes_of_sites_are_those_of_the_figure(identify, shape):
    """A site with a gap: each stretch with each; lines as experiments say, in every picture."""
    session, view = identify.state.session, identify.tab("Identify").covariance
    first, _, *others = session.sites.sites
    gapped = Site("B", (20, 21, 22, 27, 28))
    sites = replace(session.sites, sites=(first, gapped, *others))
    asked = experiments(sites.sites)  # confirmed, weak, not confirmed
    identify.find("covariance_shape", QComboBox).setCurrentText(shape)
    identify.state.change("Judge", session=replace(session, sites=sites, experiments=asked))
    identify.settle()
    area, unit = view.plot_rect(), view.pixels_per_position()
    shown = sorted(
        [round((p.x() - area.left()) / unit + view.axis.low, 3) for p in outline]
        for outline in view.outlines(gapped, area)
    )
    assert len(shown) == {"square": 4, "triangle": 3}[shape]
    drawings = pictures(identify).drawings()
    lines = drawings["covariance"].make().axes[0].lines
    drawn = [np.round(x.get_xdata(), 3).tolist() for x in lines if x.get_linestyle() == "--"]
    assert sorted(drawn) == shown
    assert sum(line.get_linestyle() == ":" for line in lines) == 1
    boxes = [box.get_linestyle() for box in drawings["msm"].make().axes[0].patches]
    assert {"solid", "dashed", "dotted"} <= set(boxes)
    assert "'B': 'weak'" in drawings["msm"].script("kept")
    for tab in ("Identify", "Explore"):
        axis = identify.tab(tab).axis
        pens = [axis.site_pen(site, 1).style() for site in axis.sites[:3]]
        assert pens == [Qt.SolidLine, Qt.DashLine, Qt.DotLine], tab
    logo = figure_calls(identify.tab("Explore").shown())["attribution_logo"]
    assert "--" in {line.get_linestyle() for line in logo.make().axes[0].lines}


def test_edited_clusters_are_those_of_screen_script_and_report(identify, tmp_path, monkeypatch):
    """A merge is shown as `seam report` and `seam export` take it; then a site is edited."""
    before = identify.state.session
    merged, _ = curation.merge(
        curation.start(before.clustering, before.explanation), before.explanation.ids[:2].tolist()
    )
    identify.state.change("Merge", curation=merged)
    identify.settle()
    theirs = as_curated(before, merged)
    shown = identify.tab("Identify").shown().session
    np.testing.assert_array_equal(shown.explanation.ids, theirs.explanation.ids)
    np.testing.assert_array_equal(shown.sites.activity, theirs.sites.activity)
    assert identify.tab("Identify").msm.matrix.ids.tolist() == theirs.explanation.ids.tolist()
    assert identify.find("identify_stale").isVisible()
    store.save(identify.state.session_to_save(), tmp_path / "kept")
    for drawing in pictures(identify).drawings().values():
        (ours, _), (script, _) = calls_of(drawing, tmp_path / "kept", monkeypatch)
        assert_same_record(ours[0], script[0])
    site = theirs.sites.sites[0]
    identify.tab("Identify").editor.set_bounds(site.name, site.start + 1, site.stop)
    identify.settle()
    now = identify.state.session
    assert not identify.state.curation.stale
    np.testing.assert_array_equal(now.explanation.ids, theirs.explanation.ids)
    assert now.sites.sites[0].start == site.start + 1
    identify.trigger("undo")
    assert identify.state.session is before
    assert identify.state.curation is merged


def assert_same_record(ours, theirs):
    for field in ("covariance", "linkage", "activity", "entropy"):
        if hasattr(ours, field):
            np.testing.assert_allclose(getattr(ours, field), getattr(theirs, field), atol=1e-6)


def test_every_figure_is_drawn(identify):
    for name, drawing in pictures(identify).drawings().items():
        assert drawing.make().axes, name


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


def test_picture_is_written_at_the_size_chosen(identify, tmp_path):
    image = written(identify, "export_sites_picture", "tree", tmp_path / "tree.png")
    assert (image.width(), image.height()) == (300, 180)


def test_nothing_to_draw_is_said(window):
    window.show_tab("Identify")
    window.settle()
    said = []
    window.state.status_message.connect(said.append)
    window.trigger("export_sites_picture")
    window.trigger("copy_sites_python")
    assert said == ["There is no picture to export yet", "There is no figure to copy yet"]


def test_the_same_keys_mean_the_pictures_of_the_tab_in_front(identify):
    press(identify.find("identify_msm"))
    assert "msm_heatmap(" in QApplication.clipboard().text()
    press(identify.find("covariance_view"))
    assert "site_covariance(session.sites" in QApplication.clipboard().text()
    identify.show_tab("Explore")
    identify.settle()
    press(identify.find("scatter_view"))
    assert "site_covariance" not in QApplication.clipboard().text()


def press(view):
    """Ctrl+Shift+C in a picture."""
    view.window().activateWindow()
    view.setFocus()
    QTest.keyClick(view, Qt.Key_C, Qt.ControlModifier | Qt.ShiftModifier)
