"""Designing sequences from the window: form, panel, files to order, and the panel as a session."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtWidgets import QDialog, QLabel

from seam_core import store
from seam_core.sequences import strings_to_indices
from seam_gui.widgets.frame_table import FrameTable
from tests.core.projecting import analysed

MODEL = """
from tests.planted_kinds import make

made = make("all_or_none", 0)


def answer(one_hot):
    return made.predict(one_hot)
"""


@pytest.fixture
def designing(window, tmp_path):
    """The window of designs over a planted session whose model is at hand."""
    (tmp_path / "planted_model.py").write_text(MODEL)
    _, session = analysed("all_or_none")
    model = f"{tmp_path / 'planted_model.py'}:answer"
    store.save(replace(session, oracle=session.oracle.replace(model=model)), tmp_path / "s")
    window.door.answers["confirm"] = True
    window.resize(1280, 800)
    window.open(tmp_path / "s")
    window.trigger("design")
    window.settle()
    yield window
    for tool in window.window.findChildren(QDialog, "design_window"):
        tool.close()


def done(driver):
    """Until the window of designs does nothing more."""
    jobs = driver.find("design_window").jobs

    def idle():
        assert [job.key for job in jobs.running] == []

    for _ in range(2):
        driver.qtbot.waitUntil(idle)
    driver.settle()


def said(driver, name):
    return driver.find(name, QLabel).text()


def test_a_panel_is_designed_saved_and_opened(designing, tmp_path):
    designing.type("design_mechanism", "0")
    designing.type("design_n_designs", "5")
    designing.type("design_avoid", "GAATTC;BsaI")
    designing.type("design_n_controlled", "1")
    made, session = analysed("all_or_none")
    own = session.table.activity[session.clustering.labels == 0]
    low, high = round(float(own.min()), 2) - 0.01, round(float(own.max()), 2) + 0.01
    designing.type("design_activity", f"{low:g}:{high:g}")
    kept = session.sites.sites[0]
    designing.type("design_keep", kept.name)
    designing.click("design_run")
    done(designing)
    assert said(designing, "design_wrong") == ""
    assert said(designing, "design_facts").startswith(
        "Mechanism 0: 5 designs, 3 with one site broken, 1 with all sites broken, 1 shuffled"
    )
    table = designing.find("design_table", FrameTable).frame
    assert table.rowCount() == 10
    headings = [column.name for column in table.columns]
    assert headings[:4] == ["name", "kind", "activity", "mechanism"]
    assert table.index(0, 3).data() == "0"
    assert {table.index(row, 1).data() for row in range(10)} == {
        "design", "site broken", "all broken", "shuffled"
    }  # fmt: skip

    designing.door.answers["save_file"] = tmp_path / "panel"
    designing.click("design_save")
    done(designing)
    frame = pd.read_csv(tmp_path / "panel" / "panel.csv")
    assert list(frame["name"]) == [table.index(row, 0).data() for row in range(10)]
    assert not frame["oligo"].str.contains("GAATTC|GGTCTC|GAGACC").any()
    designs = frame[frame["kind"] == "design"]
    assert designs["activity"].between(low, high).all()
    letters = strings_to_indices(list(designs["sequence"]))
    assert (letters == made.reference)[:, list(kept.positions)].all()
    asked = made.formula(strings_to_indices(list(frame["sequence"])))
    np.testing.assert_allclose(frame["activity"], asked, atol=1e-5)

    designing.door.answers["save_file"] = tmp_path / "opened"
    designing.click("design_open")
    done(designing)
    assert len(designing.state.session.library) == 10
    assert "designs of mechanism 0" in designing.state.session.name


def test_what_cannot_be_is_said_and_the_session_stays(designing):
    before = designing.state.session
    designing.type("design_mechanism", "99")
    designing.click("design_run")
    done(designing)
    assert "mechanism: got 99; expected one of the session's 12" in said(designing, "design_wrong")
    assert designing.state.session is before
    assert not designing.find("design_save").isEnabled()


def test_a_selected_cluster_is_the_mechanism_asked_for(window, session_folder):
    from seam_core import selection as sel
    from seam_core.selection import Clusters, landscape_of

    window.open(session_folder)
    session = window.state.session
    landscape = landscape_of(session.library, session.table, None, session.clustering, None)
    chosen = sel.select(landscape, Clusters((3,)), "replace", window.state.selection)
    window.state.change("Select", selection=chosen)
    window.trigger("design")
    tool = window.find("design_window")
    assert tool.parameters.mechanism == 3
    tool.run()
    done(window)
    # the made-up session names no model
    assert "a session that names no model" in said(window, "design_wrong")
    tool.close()


def test_ways_are_found_kept_and_shown_step_by_step(designing):
    designing.find("design_window").close()
    designing.settle()
    designing.show_tab("Identify")
    designing.settle()
    page = designing.tab("Identify").results.robustness
    designing.tab("Identify").results.pages.setCurrentWidget(page)
    assert not page.ways.isVisible()
    designing.click("ways_find")
    designing.settle()
    table = designing.find("ways_table", FrameTable)
    ways = designing.state.session.trust.ways
    assert table.frame.rowCount() == len(ways)
    first = ways[ways["step"] == 1].index[0]
    step = ways.loc[first]
    shown = table.frame.index(int(first), 3).data()
    assert shown == f"{step['before']}{step['position']}{step['after']}"
    table.selectRow(int(first))
    assert page.ways.logo.isVisible()
    assert page.ways.logo.logo.matrix.shape == (120, 4)
    designing.trigger("undo")
    designing.settle()
    assert designing.state.session.trust.ways is None
    assert not page.ways.isVisible()
