"""How quickly a batch goes, and what its workers do before their first locus."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
import threading
from dataclasses import replace

import pytest

from seam_core.batch import batch_progress, warming
from seam_core.batch import log as log_module
from seam_core.batch import worker as worker_module
from seam_core.batch.log import Log, LogReader, log_file
from seam_core.batch.rates import Pace
from seam_core.batch.worker import Job, reproducible, run_locus
from tests.core.batches import config, some_loci  # noqa: F401  (a fixture)
from tests.waiting import LIMIT_S, wait_for


def result(worker, at, seconds, asked=0.0, error=""):
    times = {"at": at, "seconds": seconds, "attribution_s": asked}
    return {"name": "a", "error": error, "worker": worker, **times}


def test_the_rate_is_that_of_workers_under_way():
    """Two workers of 2 s a locus, half a second between loci; a first locus that takes a minute."""
    pace = Pace()
    assert pace.rate is None
    for worker in ("one", "two"):
        pace.add(result(worker, 100.0, 60.0, asked=50.0))
        for k in range(4):
            pace.add(result(worker, 160.5 + 2.5 * k, 2.0, asked=1.0))
    pace.add(result("one", 171.0, 0.1, error="too short"))
    rate = pace.rate
    assert rate.loci == 8
    assert rate.locus_s == pytest.approx(2.5)
    assert rate.attribution_s == pytest.approx(1.0)
    assert rate.share == pytest.approx(0.4)
    said = str(rate)
    assert "1,440 loci an hour" in said
    assert "attribution alone: 3,600 loci an hour" in said
    assert "40%" in said


def test_the_log_ends_with_the_rate(tmp_path):
    pace = Pace()
    for k in range(3):
        pace.add(result("one", 2.0 * k, 2.0, asked=0.5))
    with Log(tmp_path / "out") as log:
        log.end(pace.rate)
    last = json.loads(log_file(tmp_path / "out").read_text())
    assert last["rate"] == {"loci": 2, "locus_s": 2.0, "attribution_s": 0.5}


def test_a_batch_on_another_machine_runs_while_its_log_is_written(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(log_module.platform, "node", lambda: "there")
    with Log(tmp_path / "out") as log:
        log.begin(0, 5)
        monkeypatch.setattr(log_module.platform, "node", lambda: "here")
        monkeypatch.setattr(log_module.time, "monotonic", lambda: now[0])
        reader = LogReader(tmp_path / "out")
        assert batch_progress(tmp_path / "out", reader).running
        now[0] += log_module.SILENT_S + 1
        os.utime(log_file(tmp_path / "out"), (1.0, 1.0))
        log.beat()  # nothing is said, but it lives
        assert batch_progress(tmp_path / "out", reader).running
        now[0] += log_module.SILENT_S + 1
        assert not batch_progress(tmp_path / "out", reader).running
        log.add({"name": "a", "error": ""})
        assert batch_progress(tmp_path / "out", reader).running
    os.utime(log_file(tmp_path / "out"), (1.0, 1.0))
    assert not batch_progress(tmp_path / "out").running


def test_a_locus_says_what_its_attribution_took(config, tmp_path):
    job = Job(some_loci(1)[0], reproducible(config).to_dict(), str(tmp_path / "out"))
    found = run_locus(job)
    assert 0 < found["attribution_s"] < found["seconds"]


@pytest.fixture
def job(config, tmp_path, monkeypatch):
    monkeypatch.setattr(warming.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(warming, "_rehearse", lambda config: None)
    monkeypatch.setattr(worker_module, "_oracles", {})
    settings = reproducible(config).to_dict()
    return Job(some_loci(1)[0], settings, str(tmp_path / "out"), settings_sum="abc")


def test_a_worker_loads_its_model_before_its_first_locus(job, tmp_path):
    warming.get_ready(pickle.dumps(job))
    assert len(worker_module._oracles) == 1
    assert not list((tmp_path / "seam-loci").iterdir())
    assert not (tmp_path / "out").exists()


def test_a_worker_starts_though_its_model_takes_longer_to_load(job, monkeypatch):
    """Its cluster would end it: what is not ready by then is waited for by the first locus."""
    over = threading.Event()
    monkeypatch.setattr(warming, "START_S", 0.01)
    monkeypatch.setattr(warming, "get_ready", lambda packed: over.wait(LIMIT_S))

    async def start():
        await warming.in_time(pickle.dumps(job))
        assert not over.is_set()
        over.set()

    asyncio.run(start())


def test_the_time_of_a_locus_begins_when_its_worker_is_ready(job, monkeypatch):
    began, over, waited = threading.Event(), threading.Event(), threading.Event()

    def load(sequence, config):
        began.set()
        over.wait(LIMIT_S)

    monkeypatch.setattr(warming, "_load", load)
    threading.Thread(target=warming.get_ready, args=(pickle.dumps(job),), daemon=True).start()
    wait_for(began)
    first = threading.Thread(target=lambda: (warming.wait_until_ready(), waited.set()), daemon=True)
    first.start()
    assert not waited.is_set()
    over.set()
    wait_for(waited)


def test_a_model_that_ended_a_worker_is_left_to_the_locus(job):
    mark = warming._mark(job)
    mark.parent.mkdir()
    mark.touch()
    warming.get_ready(pickle.dumps(job))
    assert not worker_module._oracles


def test_a_worker_of_other_software_or_without_the_model_gets_ready_in_silence(job):
    warming.get_ready(pickle.dumps(replace(job, software={"numpy": "0.1"})))
    gone = {**job.config, "oracle": {**job.config["oracle"], "model": "gone.py:f"}}
    warming.get_ready(pickle.dumps(replace(job, config=gone)))
    warming.get_ready(b"nothing")
    assert not worker_module._oracles


def test_a_worker_without_this_product_takes_the_plugin(job, monkeypatch):
    from distributed.protocol.pickle import dumps, loads

    sent = dumps(warming._plugin(pickle.dumps(job)))
    monkeypatch.setitem(sys.modules, "seam_core.batch.warming", None)
    asyncio.run(loads(sent).setup(None))
    assert not worker_module._oracles
    monkeypatch.undo()


def test_what_is_rehearsed_runs_through(config):
    warming._rehearse(config)
