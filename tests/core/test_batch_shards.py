"""Batches in shards, on schedulers that come and go."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import math
import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from seam_core.batch import Cluster, collect, open_batch, run_batch
from seam_core.cli import main
from seam_core.validate import SeamError
from tests.core.batches import Said, command, config, hand, some_loci, tree  # noqa: F401
from tests.waiting import LIMIT_S, wait_until

pytestmark = pytest.mark.slow


def test_shards_collected_are_the_bytes_of_one_batch(config, tmp_path, capsys):
    whole = command(tmp_path, config, tmp_path / "whole", "--workers=1")
    assert main(whole) == 0
    for shard in ("2/2", "1/2"):
        given = command(tmp_path, config, tmp_path / "shards", "--workers=1", f"--shard={shard}")
        assert main(given) == 0
        if shard == "2/2":
            half = collect(tmp_path / "shards")
            assert (len(half.done), half.waiting) == (3, 3)
    assert main(["batch", "--collect", str(tmp_path / "shards"), "--fail-on=any"]) == 0
    assert "6 of 6 loci done" in capsys.readouterr().out
    assert tree(tmp_path / "shards") == tree(tmp_path / "whole")


def test_a_shard_that_is_none_is_refused(config, tmp_path, capsys):
    for shard, message in (("3/2", "I from 1 to N"), ("x", "as 3/20")):
        given = command(tmp_path, config, tmp_path / "out", f"--shard={shard}")
        assert main(given) == 2
        assert message in capsys.readouterr().err


def test_a_batch_waits_for_workers_and_outlives_its_scheduler(config, tmp_path, hand, monkeypatch):
    """No worker at first; then the scheduler and its worker are killed, and started anew.

    The paths are relative to where the batch is started, and the second worker is another user's.
    """
    calm = run_batch(some_loci(4), config, tmp_path / "calm", cluster=Cluster(workers=1))
    assert len(calm.done) == 4
    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.3")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    named = replace(config, oracle=config.oracle.replace(model="batch_oracle.py:reads_ap1"))
    first, said, found = hand.scheduler(), Said(), []

    def run():
        cluster = Cluster(scheduler=hand.address)
        found.append(run_batch(some_loci(4), named, "out", cluster=cluster, progress=said))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    wait_until(lambda: said.heard("no worker since"), what="a word on workers")
    worker = hand.worker()
    log = tmp_path / "out.log.jsonl"
    wait_until(lambda: log.exists() and '"name"' in log.read_text(), what="a finished locus")
    for process in (first, worker):
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    wait_until(lambda: said.heard("the cluster was lost"), what="a word on the loss")
    hand.scheduler()
    hand.worker(tmp_path / "elsewhere")
    thread.join(LIMIT_S)
    assert found
    assert not found[0].failed
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")
    from distributed import Client

    with Client(hand.address) as client:  # its record of time would grow with every locus
        kept = client.run(lambda dask_worker: "profile" in dask_worker.periodic_callbacks)
    assert list(kept.values()) == [False]


def test_patience_has_the_end_that_the_user_gives_it(config, tmp_path, hand):
    hand.scheduler()
    cluster = Cluster(scheduler=hand.address, patience_s=0.1)
    with pytest.raises(SeamError, match=r"no worker for .*Finished loci are kept"):
        run_batch(some_loci(1), config, tmp_path / "out", cluster=cluster)


def test_a_locus_that_hangs_is_ended_and_the_others_go_on(config, tmp_path, monkeypatch):
    """Its worker ends with it; the one that replaces it records why and does the rest."""
    from pathlib import Path

    file = Path(config.oracle.model.rsplit(":", 1)[0])
    hang = "    if one_hot[0, 0, 3] and one_hot[0, 1, 3]:\n        time.sleep(10_000)\n"
    file.write_text(file.read_text().replace("    columns =", hang + "    columns ="))
    loci = some_loci(3)
    slow = loci[1].__class__("slow", "TT" + loci[1].sequence[2:])
    others = [locus.__class__(locus.name, "AC" + locus.sequence[2:]) for locus in loci]
    one = Cluster(workers=1)
    began = time.perf_counter()
    run_batch(others, config, tmp_path / "calm", cluster=one)
    # twice what all three take here and now, a worker's start included: enough for one
    limit = 2 * math.ceil(time.perf_counter() - began)
    found = run_batch([slow, *others], config, tmp_path / "out", cluster=one, time_limit=limit)
    assert found.failed == {"slow": f"not finished after {limit} s, the limit of time"}
    assert len(found.done) == 3
    assert list(open_batch(tmp_path / "out").states) == ["failed", "done", "done", "done"]
    assert not list((tmp_path / "out").rglob(".*"))
