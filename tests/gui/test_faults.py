"""What must not hurt: closing while work runs, lost folders and full disks."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading

import numpy as np
from PyQt5 import sip
from PyQt5.QtWidgets import QApplication

from seam_core import mapping, store
from seam_core.curation import label, start
from seam_core.progress import Cancelled
from seam_core.store import private
from seam_gui.work.engine import Engine
from tests.factories import make_session
from tests.gui.test_jobs import toy_config
from tests.waiting import LIMIT_MS, wait_for


def test_closing_while_a_job_runs_ends_its_thread(window, qtbot):
    told, stopped = threading.Event(), threading.Event()

    def work(progress):
        try:
            wait_for(told)
            progress.update(0, 1)
        except Cancelled:
            stopped.set()
            raise

    window.jobs.submit("x", "Endless", work).cancelled.connect(told.set)
    qtbot.waitUntil(lambda: window.find("job_cancel").isVisible())
    window.window.close()
    wait_for(stopped)
    assert not window.window.isVisible()


def test_closing_while_the_engine_runs_ends_its_process(window, toy_model, qtbot):
    import psutil

    toy_config(window, toy_model)
    window.state.run_requested.emit(("mutagenizer", "attributer"))
    qtbot.waitUntil(lambda: window.engine.pid is not None)
    qtbot.waitUntil(lambda: psutil.pid_exists(window.engine.pid))
    pid = window.engine.pid
    window.files.leave()
    qtbot.waitUntil(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")


def test_an_engine_deleted_with_its_window_ends_in_silence(qtbot):
    engine = Engine()
    engine.request("warm", {"modules": []})
    assert engine._process.waitForStarted(LIMIT_MS)
    sip.delete(engine)  # an exception in a slot fails the test


def test_nothing_is_begun_once_the_engine_is_shut_down(qtbot):
    engine = Engine()
    engine.shut_down()
    engine.warm_up("json")
    assert engine.pid is None
    assert not engine.busy


def test_opening_another_session_while_one_loads_shows_the_second(
    window, session_folder, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    store.save(make_session(200, 40, 4, seed=9), other)
    load, gate = store.load, threading.Event()

    def slow_load(folder, **options):
        if folder == session_folder:
            wait_for(gate)
        return load(folder, **options)

    monkeypatch.setattr(store, "load", slow_load)
    window.files.open_path(session_folder)
    window.files.open_path(other)
    window.qtbot.waitUntil(lambda: window.state.session.library is not None)
    gate.set()
    window.settle()
    assert len(window.state.session.library) == 200
    assert window.state.folder == other


def test_the_sessions_folder_is_gone(window, session_folder, tmp_path):
    folder = tmp_path / "unplugged"
    shutil.copytree(session_folder, folder)
    window.open(folder)
    before = np.array(window.state.session.maps.maps)
    shutil.rmtree(folder)
    for name in window.tab_names:
        window.show_tab(name)
        window.settle()
    assert np.array_equal(window.state.session.maps.maps, before)
    # what is on the screen can still be saved elsewhere
    window.state.mark_unsaved()
    window.door.answers["save_file"] = tmp_path / "rescued"
    window.trigger("save_as")
    window.settle()
    assert not window.door.errors
    assert np.array_equal(store.load(tmp_path / "rescued").maps.maps, before)


def test_a_full_disk_during_autosave_is_said_and_nothing_is_lost(
    window, session_folder, monkeypatch
):
    window.open(session_folder)
    window.state.mark_unsaved()
    before = window.state.session

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "save", full)
    said = []
    window.state.status_message.connect(said.append)
    window.documents.autosave()
    window.settle()
    assert "recovery copy" in said[-1]
    assert not window.door.errors
    assert window.state.session is before
    assert window.state.dirty


def test_a_full_disk_during_save_is_said_and_the_old_session_stays(
    window, session_folder, tmp_path, monkeypatch
):
    folder = tmp_path / "kept"
    shutil.copytree(session_folder, folder)
    window.open(folder)
    window.state.mark_unsaved()
    manifest = (folder / "manifest.json").read_bytes()
    import seam_core.store.folder as folder_module

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(folder_module, "_write_json", full)
    window.trigger("save")
    window.settle()
    QApplication.processEvents()
    assert "disk" in window.door.errors[-1][1]
    assert window.state.dirty
    assert (folder / "manifest.json").read_bytes() == manifest
    assert len(store.load(folder).library) == 600


def test_a_session_that_another_process_has_is_opened_read_only(window, session_folder, tmp_path):
    folder = tmp_path / "shared"
    shutil.copytree(session_folder, folder)
    code = "import sys; from seam_core import store; c = store.claim(sys.argv[1], 'seam-gui'); "
    other = subprocess.Popen(
        [sys.executable, "-c", code + "print('held', flush=True); sys.stdin.read()", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "held\n"
        window.files.open_path(folder)
        assert window.door.asked[-1] == "confirm"
        assert window.state.session.is_empty
        window.door.answers["confirm"] = True
        window.files.open_path(folder)
        window.settle()
        assert len(window.state.session.library) == 600
        assert window.state.folder is None
        assert "(read-only)" in window.window.windowTitle()
        window.state.mark_unsaved()
        said = []
        window.state.status_message.connect(said.append)
        window.trigger("save")
        assert "open read-only: Save as…" in said[-1]
        assert window.state.dirty
        window.door.answers["save_file"] = tmp_path / "mine"
        window.trigger("save_as")
        window.settle()
        assert "(read-only)" not in window.window.windowTitle()
        assert window.state.folder == tmp_path / "mine"
        assert len(store.load(tmp_path / "mine").library) == 600
    finally:
        other.communicate()
    window.open(folder)
    assert window.state.folder == folder
    assert (tmp_path / ".shared.lock").exists()
    window.files.new()
    assert not (tmp_path / ".shared.lock").exists()


def test_damaged_hand_work_is_told_and_never_saved_over(window, session_folder, tmp_path):
    window.open(session_folder)
    curation = start(window.state.session.clustering, window.state.session.explanation)
    window.state.change("Label", curation=label(curation, 0, "mine")[0], carried=("as it was",))
    window.documents.save(tmp_path / "s")
    window.settle()
    manifest = tmp_path / "s" / "manifest.json"
    damaged = manifest.read_text().replace('"next_id"', '"next"')
    manifest.write_text(damaged)
    window.open(tmp_path / "s")
    ((title, text),) = window.door.messages
    assert title == "Part of the work by hand cannot be read"
    assert "curation" in text
    assert window.state.carried == ("as it was",)
    assert window.state.read_only
    assert window.state.folder is None
    assert manifest.read_text() == damaged
    store.claim(tmp_path / "s", "another").release()


def test_maps_cut_off_by_another_program_harm_no_open_window(window, session_folder, tmp_path):
    folder = tmp_path / "cut"
    shutil.copytree(session_folder, folder)
    before = np.array(store.load(folder).maps.maps)
    window.open(folder)
    for file in folder.glob("*.npy"):
        os.truncate(file, 0)
    assert np.array_equal(window.state.session.maps.maps, before)
    window.state.mark_unsaved()
    window.door.answers["confirm"] = True
    window.trigger("save")
    window.settle()
    assert not window.door.errors
    assert np.array_equal(store.load(folder).maps.maps, before)


def test_a_session_is_shown_before_its_maps_are_copied(
    window, session_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)
    folder = tmp_path / "cut"
    shutil.copytree(session_folder, folder)
    before = np.array(store.load(folder).maps.maps)
    allowed, shown = threading.Event(), []
    copy = private.copy_file

    def late(*given):
        wait_for(allowed)
        copy(*given)

    monkeypatch.setattr(private, "copy_file", late)
    window.documents.open(folder, done=lambda: shown.append(window.state.session.maps))
    window.qtbot.waitUntil(lambda: bool(shown), timeout=LIMIT_MS)
    file = folder / "maps.maps.npy"
    assert mapping.path_of(shown[0].maps) == file
    allowed.set()
    window.settle()
    assert window.state.session.maps is shown[0]
    assert mapping.path_of(shown[0].maps) != file
    os.truncate(file, 0)
    window.documents.look()
    window.settle()
    assert np.array_equal(window.state.session.maps.maps, before)
    assert not [title for title, _ in window.door.messages if "maps changed" in title]


def test_maps_cut_off_while_they_are_copied_are_told(window, session_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)
    folder = tmp_path / "cut"
    shutil.copytree(session_folder, folder)
    copy = private.copy_file

    def cut(source, *given):
        os.truncate(source, 5000)
        copy(source, *given)

    monkeypatch.setattr(private, "copy_file", cut)
    window.open(folder)
    assert window.state.session.maps.maps[-1].max() == 0
    window.documents.look()
    window.settle()
    assert len([title for title, _ in window.door.messages if "maps changed" in title]) == 1
    assert not list(window.window.services.working.path.glob("opened-*"))


def test_maps_too_large_for_a_copy_are_cut_off_and_the_labels_stay(
    window, session_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(private, "MOST_COPIED", 0)
    monkeypatch.setattr(private, "can_clone", lambda *_: False)
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)
    folder = tmp_path / "large"
    shutil.copytree(session_folder, folder)
    window.open(folder)
    assert isinstance(window.state.session.maps.maps, np.memmap)
    os.truncate(folder / "maps.maps.npy", 5000)
    assert window.state.session.maps.maps[-1].max() == 0
    for _ in range(2):
        window.documents.look()
        window.settle()
    said = [text for title, text in window.door.messages if "maps changed" in title]
    assert len(said) == 1
    assert str(folder / "maps.maps.npy") in said[0]
    window.state.mark_unsaved()
    window.door.answers.update(confirm=True, save_file=tmp_path / "saved")
    window.trigger("save_as")
    window.settle()
    assert not window.door.errors
    assert not window.state.dirty
    found = store.load(tmp_path / "saved")
    assert found.maps is None
    assert np.array_equal(found.clustering.labels, window.state.session.clustering.labels)
    window.open(tmp_path / "saved")
    assert not window.door.errors


def test_a_session_changed_by_another_program_is_told_once(window, session_folder, tmp_path):
    folder = tmp_path / "shared"
    shutil.copytree(session_folder, folder)
    window.open(folder)
    window.documents.look()
    (folder / "notes.txt").write_text("mine")
    window.documents.look()
    window.settle()
    assert not window.door.messages
    (folder / "manifest.json").write_text("{}")
    for _ in range(2):
        window.documents.look()
        window.settle()
    assert [title for title, _ in window.door.messages] == ["The session changed on the disk"]
    assert str(folder) in window.door.messages[0][1]


def test_what_another_program_wrote_is_replaced_after_a_question(window, session_folder, tmp_path):
    folder = tmp_path / "shared"
    shutil.copytree(session_folder, folder)
    window.open(folder)
    shutil.rmtree(folder)
    store.save(make_session(n=50, length=40, clusters=4), folder)
    window.state.mark_unsaved()
    window.trigger("save")
    window.settle()
    assert window.door.asked[-1] == "confirm"
    assert len(store.load(folder).library) == 50
    window.door.answers["confirm"] = True
    window.trigger("save")
    window.settle()
    assert len(store.load(folder).library) == 600
    asked = len(window.door.asked)
    window.state.mark_unsaved()
    window.trigger("save")
    window.settle()
    assert len(window.door.asked) == asked
