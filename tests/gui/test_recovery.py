"""Recovery copies: written, offered after a crash, removed once the work is saved."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QApplication

from seam_core import store
from seam_gui.dialogs import Dialogs
from seam_gui.shell.start import StartUp
from seam_gui.state.working_folder import WorkingFolder, left_behind
from tests.factories import make_session


def test_autosave_writes_a_copy_that_is_offered_after_a_crash(window, session_folder):
    window.open(session_folder)
    window.state.mark_unsaved()
    window.documents.autosave()
    window.settle()
    recovery = window.working.recovery
    assert store.is_session(recovery)
    assert left_behind() == []  # its process is alive
    crashed = crashed_copy(window)
    window.files.new()
    window.documents.recover(crashed)
    window.settle()
    assert len(window.state.session.library) == 600
    assert window.state.dirty
    assert left_behind() == []  # this window has it
    assert store.is_session(crashed)


def crashed_copy(window, name="session-crashed"):
    """A recovery copy of what the window shows, as a process that was killed leaves it."""
    window.state.mark_unsaved()
    window.documents.autosave()
    window.settle()
    crashed = window.working.path.with_name(name)
    shutil.copytree(window.working.path, crashed)
    (crashed / "pid").write_text(str(os.getpid()))  # a number that another process has now
    assert left_behind() == [crashed / "recovery"]
    return crashed / "recovery"


def test_a_recovered_copy_goes_only_once_it_is_saved(window, session_folder, tmp_path):
    window.open(session_folder)
    crashed = crashed_copy(window)
    window.documents.recover(crashed)
    window.settle()
    window.files.new()  # "Close without saving"
    assert left_behind() == [crashed]
    window.documents.recover(crashed)
    window.settle()
    window.documents.autosave()
    window.settle()
    assert store.is_session(crashed)
    window.door.answers["save_file"] = tmp_path / "saved"
    window.trigger("save_as")
    window.settle()
    assert not crashed.parent.exists()
    assert len(store.load(tmp_path / "saved").library) == 600


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("answer", ["later", "delete", "recover"])
def test_a_start_offers_what_a_crash_left(window, session_folder, tmp_path, answer, named):
    window.open(session_folder)
    crashed = crashed_copy(window)
    window.files.new()
    window.door.answers["recovery"] = answer
    other = tmp_path / "other"
    store.save(make_session(200, 40, 4, seed=9), other)
    options = argparse.Namespace(
        session=str(other) if named else None, demo=None, tab=None, screenshot=None, quit=False
    )
    before = sys.excepthook
    try:
        StartUp(window.window, options).begin()
    finally:
        sys.excepthook = before
    window.settle()
    assert "recovery" in window.door.asked
    assert crashed.exists() == (answer != "delete")
    shown = window.state.session.library
    expected = 600 if answer == "recover" else 200 if named else None
    assert (None if shown is None else len(shown)) == expected


def test_a_copy_that_cannot_be_read_is_neither_offered_nor_deleted(window, session_folder):
    window.open(session_folder)
    crashed = crashed_copy(window)
    whole = (crashed / "manifest.json").read_bytes()
    (crashed / "manifest.json").write_bytes(whole[:50])
    assert left_behind() == []
    (crashed / "manifest.json").write_bytes(whole)
    crashed.rename(crashed.with_name(".recovery.previous"))  # killed in the middle of a swap
    assert left_behind() == [crashed]


def test_escape_keeps_the_copy(qtbot):
    def press():
        qtbot.keyClick(QApplication.activeModalWidget(), Qt.Key_Escape)

    QTimer.singleShot(0, press)
    assert Dialogs().recovery(None, "a", "today") == "later"


def test_a_saved_session_leaves_no_recovery_copy(window, session_folder, tmp_path):
    window.open(session_folder)
    window.state.mark_unsaved()
    window.documents.autosave()
    window.settle()
    recovery = window.working.recovery
    assert recovery.exists()
    window.door.answers["save_file"] = tmp_path / "saved"
    window.trigger("save_as")
    window.settle()
    assert not recovery.exists()


def test_working_folders_are_removed(tmp_path):
    working = WorkingFolder()
    path = working.path
    working.folder_of_run("a run").mkdir()
    assert path.is_dir()
    working.remove()
    assert not path.exists()
