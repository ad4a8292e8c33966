"""A run on a worker of a Dask cluster: the same session comes home, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

from seam_core import pipeline, store
from seam_core.batch import Cluster, elsewhere
from seam_core.cli import main
from seam_core.progress import Cancelled
from tests.core.batches import config, some_loci  # noqa: F401  (a fixture)
from tests.core.test_batch_shards import Said, hand  # noqa: F401  (a fixture)
from tests.waiting import LIMIT_S, wait_until


@pytest.fixture
def named(config, tmp_path, monkeypatch):  # noqa: F811
    """A model named by a path from this process's folder, which is not the worker's."""
    from dataclasses import replace

    worker = tmp_path / "worker"
    worker.mkdir()
    monkeypatch.chdir(worker)  # where a process that is started now works
    model = config.oracle.model.rsplit("/", 1)[1]
    oracle = config.oracle.replace(model=model)
    return replace(config, oracle=oracle, sequence=some_loci(1)[0].sequence, name="one")


def test_a_session_comes_home_in_pieces_though_a_worker_is_lost(
    named,
    hand,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.3")
    monkeypatch.setattr(elsewhere, "is_shared", lambda answer: False)
    hand.scheduler()
    first = hand.worker()
    monkeypatch.chdir(tmp_path)
    cluster, said, sessions = Cluster(scheduler=hand.address), Said(), []

    def run():
        sessions.append(elsewhere.run_elsewhere(named, "out", cluster=cluster, progress=said))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    wait_until(lambda: said.heard("on "), what="a word from the worker")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: said.heard("no worker since"), what="a word on the loss")
    monkeypatch.delenv("SEAM_TEST_SLEEP")
    hand.worker()
    thread.join(LIMIT_S)
    assert sessions
    assert said.heard("bringing the session from")
    here = pipeline.run(named)
    home = store.load(tmp_path / "out")
    assert home.name == "one"
    np.testing.assert_array_equal(home.library.sequences, here.library.sequences)
    np.testing.assert_array_equal(home.maps.maps, here.maps.maps)
    np.testing.assert_array_equal(home.clustering.labels, here.clustering.labels)


def test_a_worker_stops_when_it_is_told_to_and_says_what_is_wrong(
    named,
    hand,  # noqa: F811
    tmp_path,
    monkeypatch,
    capsys,
):
    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.3")
    hand.scheduler()
    hand.worker()
    monkeypatch.chdir(tmp_path)

    class Stop(Said):
        def update(self, done: float, total: float, message: str = "") -> None:
            super().update(done, total, message)
            if message.startswith("on "):
                raise Cancelled

    cluster = Cluster(scheduler=hand.address)
    with pytest.raises(Cancelled):
        elsewhere.run_elsewhere(named, "out", cluster=cluster, progress=Stop())
    assert not (tmp_path / "out").exists()
    # the worker is free again: it answers the next run, whose model it cannot load
    (tmp_path / "broken.py").write_text("raise ValueError('no such thing')\n")
    given = ["run", "--model=broken.py:f", "--sequence", named.sequence, "--trust-model"]
    given += ["--scheduler", hand.address, "--out", "out", "--quiet"]
    assert main(given) == 2
    assert "no such thing" in capsys.readouterr().err
    assert main([*given, "--stages", "compiler"]) == 2
    assert "together with --scheduler" in capsys.readouterr().err
