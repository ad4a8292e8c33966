"""Batches in trouble: killed, out of space, without a model; and what the user is told."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from seam_core.batch import Cluster, Locus, batch_progress, open_batch, run_batch
from seam_core.batch import run as run_module
from seam_core.batch import worker as worker_module
from seam_core.batch.log import Log
from seam_core.batch.tables import collect_tables
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.cli import main
from seam_core.validate import InputError
from tests.core.batches import ORACLE, command, config, some_loci, tree  # noqa: F401  (a fixture)
from tests.waiting import LIMIT_S, wait_until


@pytest.mark.slow
def test_a_batch_with_failures_a_killed_worker_and_a_rerun(config, tmp_path, monkeypatch):
    """One worker undisturbed, against two of which one is killed.

    Not both: a locus that was under way on either is rightly given up.
    """
    loci = [*some_loci(6), Locus("bad", "ACGT" * 3), Locus("gone", error="interval: off the end")]
    calm = run_batch(loci, config, tmp_path / "calm", cluster=Cluster(workers=1))
    assert len(calm.done) == 6
    assert set(calm.failed) == {"bad", "gone"}

    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.2")
    stop = threading.Event()
    killed = []
    log = tmp_path / "disturbed.log.jsonl"

    def finished():
        return log.read_text().count('"name"') if log.exists() else 0

    def kill_one():
        import psutil

        while not killed:  # after the first locus that is finished
            wait_until(lambda: stop.is_set() or finished() > 0)
            if stop.is_set():
                return
            for child in psutil.Process().children(recursive=True):
                if "distributed" in " ".join(child.cmdline()) or "spawn_main" in " ".join(
                    child.cmdline()
                ):
                    os.kill(child.pid, signal.SIGKILL)
                    killed.append(child.pid)
                    break

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    disturbed = run_batch(loci, config, tmp_path / "disturbed", cluster=Cluster(workers=2))
    stop.set()
    killer.join()
    assert killed
    assert disturbed.done == calm.done
    assert tree(tmp_path / "disturbed") == tree(tmp_path / "calm")

    packed = list((tmp_path / "calm" / "parts").rglob("*.parquet"))
    assert packed
    before = {path: path.stat().st_mtime_ns for path in packed}
    again = run_batch(loci[:6], config, tmp_path / "calm", cluster=Cluster(workers=1))
    assert again.skipped == 6
    assert {p: p.stat().st_mtime_ns for p in before} == before

    tables = open_batch(tmp_path / "disturbed")
    assert list(tables.loci["locus"]) == [locus.name for locus in loci]
    assert (tables.loci["error"] != "").sum() == 2
    assert set(tables.sites["locus"]) <= {locus.name for locus in loci[:6]}
    assert tables.locus("locus 0").tables["msm"].num_rows


@pytest.mark.slow
def test_a_killed_batch_goes_on_and_gives_the_same_bytes(config, tmp_path):
    """The process that schedules is killed with no chance to clean up, and started again."""
    import psutil

    assert main(command(tmp_path, config, tmp_path / "calm", "--workers=1")) == 0
    arguments = command(tmp_path, config, tmp_path / "killed", "--workers=2")
    environment = {**os.environ, "SEAM_TEST_SLEEP": "0.5"}
    process = subprocess.Popen([sys.executable, "-m", "seam_core", *arguments], env=environment)
    log = tmp_path / "killed.log.jsonl"
    parts = tmp_path / "killed" / "parts"
    wait_until(
        lambda: list(parts.glob("[0-9]*/manifests.parquet")) and '"name"' in log.read_text(),
        what="a finished locus",
        process=process,
    )
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert psutil.wait_procs(workers, timeout=LIMIT_S)[1] == []  # no worker outlives its scheduler
    stopped = batch_progress(tmp_path / "killed")
    assert not stopped.running
    assert not stopped.ended
    so_far = open_batch(tmp_path / "killed")
    assert set(so_far.states) == {"done", "waiting"}
    finished = {path: path.stat().st_mtime_ns for path in parts.glob("[0-9]*/*.parquet")}
    assert main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert tree(tmp_path / "killed") == tree(tmp_path / "calm")
    done = batch_progress(tmp_path / "killed")
    assert (done.total, done.done, done.failed, done.ended) == (6, 6, 0, True)


# one worker process, whichever is first, finds its disk full and its model missing
ONE_WORKER = """
import errno
import os
import zipfile
import seam_core.oracles
from batch_oracle import reads_ap1

def first(name):
    try:
        os.close(os.open(os.path.join(os.path.dirname(__file__), name), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True

def full(*arguments, **options):
    raise OSError(errno.ENOSPC, "No space left on device")

if os.environ.get("SEAM_TEST_FULL") and first("full.claimed"):
    zipfile.ZipFile.writestr = full
if os.environ.get("SEAM_TEST_MISSING") and first("missing.claimed"):
    raise OSError(errno.ENOENT, "no such model on this machine")
"""


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["SEAM_TEST_FULL", "SEAM_TEST_MISSING"])
def test_what_one_worker_cannot_do_another_does(config, tmp_path, monkeypatch, trouble):
    (tmp_path / "one_worker.py").write_text(ONE_WORKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    oracle = config.oracle.replace(model=f"{tmp_path / 'one_worker.py'}:reads_ap1")
    config = replace(config, oracle=oracle)
    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.1")
    monkeypatch.setenv(trouble, "1")
    found = run_batch(some_loci(5), config, tmp_path / "out", cluster=Cluster(workers=2))
    assert (tmp_path / f"{trouble.split('_')[-1].lower()}.claimed").exists()
    assert not found.failed, found.failed
    assert len(found.done) == 5
    assert not list((tmp_path / "out").rglob("*.part"))


def test_a_full_disk_is_the_locuss_error_and_leaves_nothing_half_written(
    config,
    tmp_path,
    monkeypatch,
):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    job = Job(some_loci(1)[0], reproducible(config).to_dict(), str(tmp_path / "x"))
    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "writestr", full)
        result = run_locus(job)
        assert "no space left" in result["error"]
        assert result["elsewhere"]
        assert tree(tmp_path / "x") == {}
    bad = Job(Locus("a", error="bad"), job.config, str(tmp_path / "y"))
    run_module._prepare(tmp_path / "y", [bad])
    before = tree(tmp_path / "y")
    with monkeypatch.context() as patched:
        patched.setattr(pd.DataFrame, "to_parquet", full)
        with pytest.raises(InputError, match="no space left"):
            collect_tables(tmp_path / "y")
        assert tree(tmp_path / "y") == before
    assert run_locus(job)["error"] == ""


def test_a_model_that_is_missing_here_may_be_elsewhere(config, tmp_path, monkeypatch):
    oracle = config.oracle.replace(model=str(tmp_path / "gone.py:f"))
    job = Job(
        some_loci(1)[0], reproducible(replace(config, oracle=oracle)).to_dict(), str(tmp_path)
    )
    result = run_locus(job)
    assert "gone" in result["error"]
    assert result["elsewhere"]
    # it is not looked for again with every locus, but after a while it is
    (tmp_path / "gone.py").write_text(ORACLE.replace("reads_ap1", "f"))
    assert run_locus(job)["error"] == result["error"]
    monkeypatch.setattr(worker_module, "REMEMBER_S", 0.0)
    assert run_locus(job)["error"] == ""


def test_a_full_disk_under_the_log_is_named(tmp_path):
    class Full:
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    with Log(tmp_path / "out") as log:
        log._stream.close()
        log._stream = Full()
        with pytest.raises(InputError, match="no space left"):
            log.begin(0, 1)
    with pytest.raises(InputError), Log(tmp_path / "gone" / "out"):
        pass


def test_a_scheduler_that_does_not_answer_is_named(config, tmp_path, monkeypatch, capsys):
    import distributed

    def refuse(address, **options):
        raise OSError("connection refused")

    monkeypatch.setattr(distributed, "Client", refuse)
    (tmp_path / "a.fa").write_text(f">one\n{some_loci(1)[0].sequence}\n")
    arguments = ["batch", tmp_path / "a.fa", "--model", config.oracle.model, "--method=ism"]
    arguments += ["--scheduler=tcp://127.0.0.1:9", "--out", tmp_path / "out", "--quiet"]
    assert main([str(argument) for argument in arguments]) == 2
    assert "no answer from tcp://127.0.0.1:9" in capsys.readouterr().err


def test_mistakes_of_the_command(config, tmp_path, capsys):
    (tmp_path / "a.fa").write_text(">one\nACGT\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    for arguments, message in (
        (["--out", tmp_path / "out"], "--model: got nothing"),
        (["--recipe=global_site", "--out", tmp_path / "out"], "reads no sequence"),
        (["--model", config.oracle.model, "--out", tmp_path / "full"], "other files"),
        (["--host=192.0.2.1", "--method=ism"], "--host: got 192.0.2.1"),
        (["--dashboard=banana", "--method=ism"], "--dashboard: got banana; expected HOST:PORT"),
        (["--dashboard=127.0.0.1:99999", "--method=ism"], "--dashboard: got 127.0.0.1:99999"),
    ):
        if "--method=ism" in arguments:
            arguments += ["--model", config.oracle.model, "--out", tmp_path / "out"]
        given = ["batch", tmp_path / "a.fa", *arguments, "--quiet"]
        assert main([str(argument) for argument in given]) == 2
        assert message in capsys.readouterr().err
