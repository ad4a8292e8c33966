"""The watch over the GUI thread sees what it is there for."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from PyQt5.QtCore import QTimer

from seam_core import store
from tests.gui.responsiveness import Watch


def in_worker(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def use_processor(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@pytest.fixture
def array(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    return tmp_path / "a.npy"


def test_heavy_work_in_a_worker_is_as_it_should_be(watch, array, qtbot):
    with watch:
        in_worker(lambda: np.load(array))
    watch.check()
    assert watch.spy.elsewhere == ["numpy.load"]
    np.load(array)  # afterwards nobody looks
    watch.check()


@pytest.mark.parametrize("name", ["array", "session", "package"])
def test_heavy_work_in_the_gui_thread_is_found(watch, array, session_folder, name):
    with watch:
        in_worker(lambda: np.load(array))
        if name == "array":
            np.load(array)
        elif name == "session":
            store.load(session_folder)
        else:
            with pytest.raises(ImportError):
                import phate.no_such_part  # noqa: F401
    with pytest.raises(
        AssertionError, match=r"GUI thread did: .*(numpy\.load|store\.load|import phate)"
    ):
        watch.check()


def test_a_spy_that_saw_nothing_says_so(watch):
    with watch:
        pass
    with pytest.raises(AssertionError, match="blind"):
        watch.check()


def test_a_long_turn_counts_by_its_processor_time_and_not_by_the_clock(watch, array, qtbot):
    over = []
    QTimer.singleShot(0, lambda: (use_processor(0.2), over.append("busy")))
    with watch:
        in_worker(lambda: np.load(array))
        qtbot.waitUntil(lambda: "busy" in over)
    assert 0.2 <= max(watch.turns.seconds) < Watch.LONGEST_TURN_S
    watch.LONGEST_TURN_S = 0.1
    with watch:
        threading.Event().wait(0.2)  # late, and not busy
    watch.turns.seconds.remove(max(watch.turns.seconds))  # the busy one
    watch.check()
    watch.turns.seconds.append(0.2)
    with pytest.raises(AssertionError, match="one turn"):
        watch.check()
