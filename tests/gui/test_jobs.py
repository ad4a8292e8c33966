"""Jobs: superseding, cancel, failures; runs in the engine process; the event loop meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from PyQt5 import sip
from PyQt5.QtWidgets import QApplication, QCheckBox, QLabel, QProgressBar

from seam_core.parameters import OracleParameters
from seam_core.pipeline import RunConfig
from seam_core.validate import InputError
from seam_gui.views.site_table import VERDICT
from seam_gui.work.engine import Engine, EngineError
from seam_gui.work.errors import explained
from seam_gui.work.jobs import Failure, JobRunner
from tests.waiting import LIMIT_S, wait_for


@pytest.fixture
def jobs(qtbot):
    runner = JobRunner()
    yield runner
    assert runner.shut_down()


def test_a_result_arrives_on_the_gui_thread(jobs, qtbot):
    got = []
    jobs.submit("a", "A", lambda p: 42, done=lambda r: got.append((r, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(got))
    assert got == [(42, threading.main_thread())]


def test_a_new_job_supersedes_the_old_whose_late_result_is_dropped(jobs, qtbot):
    got = []
    go = threading.Event()
    jobs.submit("a", "old", lambda p: go.wait(LIMIT_S) and "old", done=got.append)
    jobs.submit("a", "new", lambda p: "new", done=got.append)
    qtbot.waitUntil(lambda: bool(got))
    go.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert got == ["new"]


def test_cancel_stops_the_work_at_its_next_report(jobs, qtbot):
    reached, told = [], threading.Event()

    def work(progress):
        progress.update(1, 3)
        reached.append("begun")
        wait_for(told)
        progress.update(2, 3)
        reached.append("went on")

    jobs.submit("a", "A", work, done=lambda r: reached.append("done"))
    qtbot.waitUntil(lambda: reached == ["begun"])
    jobs.cancel("a")
    told.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert reached == ["begun"]


def test_a_registered_job_that_ends_as_it_is_cancelled_is_forgotten(jobs, qtbot):
    job = jobs.register("a", "A")
    job.cancelled.connect(job.finish)
    jobs.cancel("a")
    qtbot.waitUntil(lambda: not jobs.busy)
    job.finish()  # late, and harmless


def test_a_thread_may_speak_of_a_job_that_is_deleted_meanwhile(jobs, qtbot):
    said, deleted, spoken = [], threading.Event(), threading.Event()

    def work(progress):
        wait_for(deleted)
        progress.update(1, 1)
        job.finish("late")
        spoken.set()

    job = jobs.submit("a", "A", work, done=said.append)
    job.progressed.connect(lambda *words: said.append(words))
    jobs._running.visible.clear()
    sip.delete(job)
    deleted.set()
    qtbot.waitUntil(spoken.is_set)
    assert jobs.shut_down()
    QApplication.processEvents()
    assert said == []


def test_a_failure_reaches_the_window_with_its_traceback(jobs, qtbot):
    def work(progress):
        raise InputError("maps", "7", "8", "file.npy")

    with qtbot.waitSignal(jobs.job_failed) as caught:
        jobs.submit("a", "A", work)
    failure = caught.args[1]
    assert explained(failure)[0] == "file.npy: maps: got 7; expected 8"
    assert "Traceback" in failure.details


def test_an_error_that_nobody_foresaw_says_so():
    text, _ = explained(Failure(ZeroDivisionError("division by zero"), ""))
    assert "did not foresee" in text
    assert "as it was" in text


def test_a_full_disk_is_named():
    text, _ = explained(Failure(OSError(28, "No space left on device", "x.npy"), ""))
    assert "disk is full" in text
    assert "x.npy" in text


def test_a_long_title_of_a_job_does_not_widen_the_window(window, qtbot):
    width, step = window.find("job_label", QLabel).window().width(), threading.Event()
    window.jobs.submit("x", "Counting " + "w" * 300, lambda progress: wait_for(step))
    shown = window.find("job_label", QLabel)
    qtbot.waitUntil(shown.isVisible)
    assert shown.window().minimumSizeHint().width() <= width
    assert shown.toolTip().endswith("w" * 300)
    step.set()
    window.settle()
    assert shown.window().width() == width


def test_the_status_bar_follows_a_job(window, qtbot):
    step = threading.Event()

    def work(progress):
        progress.update(1, 2, "half way")
        wait_for(step)

    window.jobs.submit("x", "Counting", work)
    qtbot.waitUntil(lambda: "half way" in window.find("job_label", QLabel).text())
    assert window.find("job_percent", QLabel).text() == "50 %"
    assert window.find("job_progress", QProgressBar).value() == 500
    assert window.find("job_cancel").isVisible()
    step.set()
    window.settle()
    assert not window.find("job_cancel").isVisible()
    assert window.find("memory", QLabel).text().endswith("GB")


def test_the_cancel_button_cancels(window, qtbot):
    told = threading.Event()

    def work(progress):
        wait_for(told)
        progress.update(1, 2)
        raise AssertionError("went on")

    window.jobs.submit("x", "Endless", work).cancelled.connect(told.set)
    qtbot.waitUntil(lambda: window.find("job_cancel").isVisible())
    window.click("job_cancel")
    window.settle()
    assert not window.find("job_cancel").isVisible()


@pytest.fixture
def engine(qtbot):
    made = Engine()
    yield made
    made.shut_down()


def test_the_engine_answers_and_names_its_errors(engine, qtbot):
    got = []
    engine.request("warm", {"modules": ["json"]}, done=got.append)
    config = RunConfig(oracle=OracleParameters(model="/no/model.keras"))
    engine.request(
        "check_model",
        {"config": config.to_dict(), "n_sequences": 100, "maps": False},
        failed=got.append,
    )
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got[0] == {}
    assert isinstance(got[1].error, EngineError)
    assert got[1].error.expected
    assert "/no/model.keras" in str(got[1].error)


def test_an_engine_that_dies_says_so_and_the_next_request_starts_another(engine, qtbot):
    got = []
    engine.request("warm", {"modules": ["json"]}, done=got.append)
    qtbot.waitUntil(lambda: len(got) == 1)
    first = engine.pid
    engine.request("warm", {"modules": ["antigravity_of_no_kind"]}, failed=got.append)
    engine._process.kill()
    qtbot.waitUntil(lambda: len(got) == 2)
    assert "unexpectedly" in str(got[1].error)
    engine.request("warm", {"modules": ["json"]}, done=got.append)
    qtbot.waitUntil(lambda: len(got) == 3)
    assert engine.pid != first


def test_a_stuck_request_is_killed_and_what_waited_behind_it_runs(engine, qtbot, monkeypatch):
    monkeypatch.setattr("seam_gui.work.engine._GRACE_MS", 100)
    got = []
    engine.request("warm", {"modules": ["json"]}, done=got.append)
    qtbot.waitUntil(lambda: len(got) == 1)
    # an import that never ends stands for a computation that cannot be interrupted
    stuck = engine.request("warm", {"modules": ["tests.gui.endless"]}, done=got.append)
    engine.request("warm", {"modules": ["csv"]}, done=lambda r: got.append("after"))
    engine.cancel(stuck)
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got[1] == "after"


def test_progress_that_comes_after_a_job_was_cancelled_and_deleted_is_dropped(jobs, engine, qtbot):
    job = jobs.register("run", "Run")
    engine.drive(job, "warm", {"modules": ["tests.gui.endless"]})
    (number,) = engine._requests
    jobs.cancel("run")
    qtbot.waitUntil(lambda: sip.isdeleted(job))
    # a line that the process wrote before it heard of the cancel
    engine._take({"id": number, "progress": [0.5, "half"]})
    assert job.fraction == 0.0


def test_a_step_ends_with_the_job_that_it_belongs_to(jobs, qtbot):
    started, stop, told = threading.Event(), threading.Event(), []

    def work(progress):
        progress.update(1, 2, "half")
        started.set()
        wait_for(stop)
        progress.update(1, 2)
        raise AssertionError("went on")

    job = jobs.register("run", "Run")
    job.cancelled.connect(stop.set)
    job.progressed.connect(lambda fraction, message: told.append((fraction, message)))
    job.cancelled.connect(job.finish)
    jobs.in_thread(job, work, told.append)
    qtbot.waitUntil(lambda: bool(told))
    jobs.cancel("run")
    qtbot.waitUntil(lambda: not jobs.busy)
    assert started.is_set()
    assert set(told) <= {(0.5, "half"), (0.5, "")}  # and no result


def toy_config(window, toy_model):
    state = window.state
    letters = "".join((toy_model / "toy.fa").read_text().split("\n")[1:])
    config = replace(
        state.config,
        sequence=letters,
        oracle=state.config.oracle.replace(model=str(toy_model / "toy.keras")),
        mutagenizer=state.config.mutagenizer.replace(n_sequences=400),
        clusterer=state.config.clusterer.replace(
            embedding="pca", clustering="kmeans", n_clusters=6
        ),
    )
    state.set_config(config)


def test_every_stage_runs_on_the_toy_while_the_event_loop_answers(window, toy_model, watch):
    toy_config(window, toy_model)
    with watch:
        for stages in (
            ("mutagenizer",),
            ("attributer", "compiler"),
            ("clusterer",),
            ("meta_explainer",),
            ("identifier",),
        ):
            window.run(*stages)
            assert not window.door.errors, window.door.errors
    session = window.state.session
    assert len(session.library) == 400
    assert session.maps.maps.shape[0] == 400
    assert session.clustering is not None
    assert session.explanation is not None
    assert session.sites is not None
    assert window.state.dirty
    watch.check()


def test_cancelling_a_run_leaves_the_session_as_it_was(window, toy_model, qtbot):
    toy_config(window, toy_model)
    window.run("mutagenizer")
    before = window.state.session
    window.state.run_requested.emit(("attributer", "compiler"))
    qtbot.waitUntil(lambda: window.find("job_cancel").isVisible())
    window.click("job_cancel")
    window.settle()
    assert window.state.session is before
    # and the next run works
    window.run("attributer", "compiler")
    assert window.state.session.maps is not None


def test_a_bad_model_leaves_the_session_as_it_was(window, session_folder):
    window.open(session_folder)
    before = window.state.session
    config = window.state.config
    oracle = config.oracle.replace(model="/no/such/model.keras")
    window.state.set_config(replace(config, oracle=oracle))
    window.run("attributer", "compiler")
    assert window.state.session is before
    assert "/no/such/model.keras" in window.door.errors[-1][1]


def test_a_rerun_keeps_the_records_that_it_did_not_make(window, session_folder):
    window.open(session_folder)
    before = window.state.session
    window.run("meta_explainer", "identifier")
    after = window.state.session
    assert not window.door.errors, window.door.errors
    assert after.library is before.library
    assert after.maps is before.maps
    assert after.clustering is before.clustering
    assert after.explanation is not before.explanation
    assert np.array_equal(after.explanation.sizes.sum(), 600)


def test_a_new_library_is_a_new_analysis(window, toy_model):
    toy_config(window, toy_model)
    window.run("mutagenizer")
    session = window.state.session
    made_by = replace(session, state={"recipe": {"name": "global_site"}})
    window.state.set_session(made_by)
    window.run("mutagenizer")
    assert "recipe" not in window.state.session.state


def test_sites_are_tested_by_a_click_and_a_cancelled_test_leaves_the_session(window, toy_model):
    toy_config(window, toy_model)
    few = window.state.config.experimenter.replace(n_draws=20, n_controls=50, control_draws=3)
    few = few.replace(experiments=False)  # the click is the order, whatever the box said
    window.state.set_config(replace(window.state.config, experimenter=few))
    window.run("mutagenizer", "attributer", "compiler", "clusterer", "meta_explainer", "identifier")
    window.show_tab("Identify")
    before = window.state.session
    assert before.experiments is None
    window.click("identify_test")
    window.qtbot.waitUntil(lambda: window.find("job_cancel").isVisible())
    window.click("job_cancel")
    window.settle()
    assert window.state.session is before
    window.click("identify_test")
    window.settle()
    assert not window.door.errors, window.door.errors
    tested = window.state.session.experiments
    assert tested.asked
    assert window.find("experimenter_experiments", QCheckBox).isChecked()
    assert "confirmed" in set(tested.sites["verdict"])
    table = window.tab("Identify").results.table.sites
    shown = [table.index(row, VERDICT).data() for row in range(table.rowCount())]
    assert shown == [verdict.replace("_", " ") for verdict in tested.sites["verdict"]]
    assert window.state.session.maps is before.maps
