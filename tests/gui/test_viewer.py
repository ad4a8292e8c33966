"""`seam_gui.explore`: the window opened from a script or a notebook, and what it hands back."""

from __future__ import annotations

import subprocess
import sys
import types

import numpy as np
import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QAction

import seam_gui
from seam_core import store
from seam_core.validate import InputError
from seam_gui.shell import viewer as viewing
from tests.factories import make_session
from tests.waiting import LIMIT_S


@pytest.fixture
def viewer(qtbot, door):
    """The window on a session in memory, as in a notebook."""
    made = seam_gui.explore(make_session(300, 40, 6, seed=3), block=False)
    qtbot.waitExposed(made.window)
    yield made
    made.close()
    made.window.deleteLater()
    assert not door.asked, "what goes back to Python need not be saved"


def idle(viewer, qtbot):
    jobs = viewer.window.services.jobs
    qtbot.waitUntil(lambda: not jobs.running)


def test_what_is_selected_and_labelled_is_handed_back(viewer, qtbot, door):
    idle(viewer, qtbot)
    tab = viewer.window.tab("Explore")
    assert tab.isVisible(), "the result is in front"
    cluster = int(tab.scene.order[1])
    tab.clusters.table.clusters_chosen.emit((cluster,), "replace")
    door.answers["ask_text"] = "both sites"
    viewer.window.findChild(QAction, "action_cluster_label").trigger()
    assert door.asked.pop() == "ask_text"
    tab.keep()
    expected = np.flatnonzero(viewer.labels == cluster)
    assert np.array_equal(viewer.selected, expected)
    assert np.array_equal(viewer.kept["A"], expected)
    assert viewer.names == {cluster: "both sites"}
    viewer.select(None)
    viewer.select("Label == 'both sites'")
    assert np.array_equal(viewer.selected, expected)
    idle(viewer, qtbot)
    viewer.close()
    assert not viewer.is_open
    table = viewer.table()
    assert len(table) == 300
    assert set(table.loc[table["kept_A"], "label"]) == {"both sites"}
    assert table["selected"].sum() == len(expected), "it stays once the window is closed"


def test_python_selects_and_the_window_follows(viewer, qtbot):
    viewer.select("Activity > 2")
    activity = viewer.session.table.activity
    assert np.array_equal(viewer.selected, np.flatnonzero(activity > 2))
    viewer.select(activity < 0)
    assert np.array_equal(viewer.selected, np.flatnonzero(activity < 0))
    viewer.select([3, 5])
    assert viewer.selected.tolist() == [3, 5]
    with pytest.raises(InputError, match="299"):
        viewer.select([300])
    viewer.select(None)
    assert viewer.selection is None
    assert not len(viewer.selected)
    idle(viewer, qtbot)


def test_a_merge_is_in_the_curated_session_and_in_the_saved_one(viewer, qtbot, tmp_path):
    idle(viewer, qtbot)
    tab = viewer.window.tab("Explore")
    first, second = (int(i) for i in tab.scene.order[:2])
    before = viewer.labels.copy()
    tab.curator.merge((first, second))
    idle(viewer, qtbot)
    merged = viewer.labels[before == first][0]
    assert set(viewer.labels[np.isin(before, (first, second))]) == {merged}
    curated = viewer.curated_session
    assert int(merged) in curated.explanation.ids
    store.save(viewer.session, tmp_path / "saved")
    order = store.load(tmp_path / "saved").state["curation"]["order"]
    assert sorted(order) == np.unique(viewer.labels).tolist()


def test_blocking_comes_back_once_the_window_is_closed(qtbot, door):
    closing = QTimer()
    closing.setSingleShot(True)
    closing.timeout.connect(lambda: [each.close() for each in viewing._open])
    closing.start(0)
    made = seam_gui.explore(make_session(60, 30, 3, seed=1), block=True)
    assert not made.is_open
    made.window.deleteLater()


def test_a_notebook_with_a_running_loop_is_not_blocked(monkeypatch):
    shell = types.SimpleNamespace(active_eventloop="qt5")
    module = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)
    assert viewing._loop_runs()
    shell.active_eventloop = None
    assert not viewing._loop_runs()


def test_something_else_is_refused(qtbot):
    with pytest.raises(InputError, match="a Session"):
        seam_gui.explore("a_folder")


def test_a_script_gets_its_answer(session_folder):
    code = (
        "import sys, seam_gui\n"
        "from seam_core import store\n"
        "from PyQt5.QtCore import QTimer\n"
        "viewer = seam_gui.explore(store.load(sys.argv[1]), block=False)\n"
        "viewer.select('Hamming <= 2')\n"
        "QTimer.singleShot(0, viewer.close)\n"
        "viewer.wait()\n"
        "print(len(viewer.selected))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(session_folder)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    session = store.load(session_folder)
    assert int(done.stdout) == int((session.table.frame["Hamming"] <= 2).sum())
