"""Batches: loci read right, the same bytes however they are run, errors kept to their locus."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w

from seam_core import recipes
from seam_core.batch import Cluster, Locus, batch_progress, is_batch, open_batch, run_batch
from seam_core.batch import cluster as cluster_module
from seam_core.batch import run as run_module
from seam_core.batch import worker as worker_module
from seam_core.batch.log import Log, log_file
from seam_core.batch.parts import fingerprints, read_locus
from seam_core.batch.tables import collect_tables
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.cli import main
from seam_core.exports.columns import undocumented
from seam_core.intervals import Interval
from seam_core.parameters import OracleParameters
from seam_core.stages import PARTS
from seam_core.validate import InputError
from tests.waiting import LIMIT_S, wait_until

ORACLE = """
import os
import time
import numpy as np

def reads_ap1(one_hot):
    time.sleep(float(os.environ.get("SEAM_TEST_SLEEP", "0")))
    columns = ["ACGT".index(letter) for letter in "TGACTCA"]
    present = one_hot[:, np.arange(8, 15), columns].min(axis=1)
    return (present + 0.5 * one_hot[:, 20, 2] * present).astype(np.float32)
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "batch_oracle.py").write_text(ORACLE)
    base = recipes.load("local_sites").config
    return replace(
        base,
        oracle=OracleParameters(model=f"{tmp_path / 'batch_oracle.py'}:reads_ap1"),
        mutagenizer=base.mutagenizer.replace(n_sequences=150),
        attributer=base.attributer.replace(method="ism"),
        clusterer=base.clusterer.replace(n_clusters=4),
        identifier=base.identifier.replace(n_sites=1, n_bootstrap=10),
        experimenter=base.experimenter.replace(experiments=False),
    )


def some_loci(n: int) -> list[Locus]:
    rng = np.random.default_rng(0)
    letters = np.array(list("ACGT"))
    return [
        Locus(f"locus {i}", "".join(letters[rng.integers(0, 4, 8)]) + "TGACTCA"
              + "".join(letters[rng.integers(0, 4, 15)]))
        for i in range(n)
    ]  # fmt: skip


def is_done(job: Job) -> bool:
    return fingerprints(Path(job.out)).get(job.locus.name) == job.fingerprint


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_locus_has_its_own_seed_whatever_its_place():
    def seed(name, base=0):
        return Job(Locus(name, "ACGT"), {"mutagenizer": {"seed": base}}, "out").seed

    assert seed("a") == seed("a")
    assert seed("a") != seed("b")
    assert seed("a") != seed("a", base=1)


def test_one_locus_gives_the_same_bytes_again(config, tmp_path):
    locus = some_loci(1)[0]
    for out in ("x", "y"):
        job = Job(locus, reproducible(config).to_dict(), str(tmp_path / out), full=True)
        assert run_locus(job)["error"] == ""
        assert is_done(job)
    assert tree(tmp_path / "x") == tree(tmp_path / "y")
    assert not is_done(replace(job, inputs={"oracle.model": "other"}))
    assert not is_done(replace(job, software={"numpy": "0.1"}))
    assert not is_done(replace(job, locus=replace(locus, sequence="A" * 30)))


def test_every_column_is_documented_and_no_cell_has_brackets(config, tmp_path):
    locus = replace(some_loci(1)[0], interval=Interval("chr1", 100, 130, "-"))
    job = Job(locus, reproducible(config).to_dict(), str(tmp_path / "out"))
    run_module._prepare(tmp_path / "out", [job])
    run_locus(job)
    tmp_path = tmp_path / "out"
    collect_tables(tmp_path)
    for name in ("loci", "sites", "epistasis"):
        columns = [c for c in pd.read_parquet(tmp_path / f"{name}.parquet") if c != "locus"]
        table = name if name == "epistasis" else f"batch {name}"
        assert undocumented(table, columns) == []
        assert list(pd.read_csv(tmp_path / f"{name}.csv"))[1:] == columns
    for name in ("clusters", "msm", "logos"):
        table = read_locus(tmp_path, locus.name).tables[name]
        assert undocumented(f"locus {name}", table.column_names) == []
    sites = pd.read_csv(tmp_path / "sites.csv")
    assert set(sites["strand"]) == {"-"}
    for row in sites.to_dict("records"):
        positions = [int(word) for word in str(row["positions"]).split()]
        assert (positions[0], positions[-1] + 1) == (row["start"], row["stop"])
        assert row["chromosome_start"] == 130 - row["stop"]


def test_an_error_is_the_locuss(config, tmp_path):
    job = Job(Locus("short", "ACGT"), reproducible(config).to_dict(), str(tmp_path / "x"))
    result = run_locus(job)
    assert result["error"]
    assert tree(tmp_path / "x") == {}


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


def command(tmp_path, config, out, *more):
    """The batch command for the FASTA file of six loci."""
    text = "".join(f">{locus.name.replace(' ', '_')}\n{locus.sequence}\n" for locus in some_loci(6))
    (tmp_path / "loci.fa").write_text(text)
    made = {part: getattr(config, part).to_dict() for part in PARTS}
    values = {
        part: {name: value for name, value in own.items() if value is not None}
        for part, own in made.items()
    }
    (tmp_path / "batch.toml").write_text(tomli_w.dumps(values))
    arguments = ["batch", tmp_path / "loci.fa", "--config", tmp_path / "batch.toml", "--quiet"]
    arguments += ["--trust-model"]  # the file names code
    return [str(argument) for argument in (*arguments, "--out", out, *more)]


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
    config, tmp_path, monkeypatch
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


def test_a_batch_under_way_shows_what_there_is(config, tmp_path):
    out = tmp_path / "out"
    loci = [*some_loci(2), Locus("off", error="interval: off the end")]
    jobs = [Job(locus, reproducible(config).to_dict(), str(out)) for locus in loci]
    run_module._prepare(out, jobs)
    assert is_batch(out)
    assert batch_progress(out) is None
    with Log(out) as log:
        log.begin(1, 3)
        log.add(run_locus(jobs[0]))
        here = batch_progress(out)
        assert (here.total, here.done, here.failed, here.running) == (3, 2, 0, True)
        assert here.seconds_left is not None
        opened = open_batch(out)
        assert list(opened.states) == ["done", "waiting", "failed"]
        assert opened.loci["error"].tolist() == ["", "", "interval: off the end"]
        assert opened.sites["locus"].isin(["locus 0"]).all()
        # made from other settings: not this batch's result
        other = reproducible(replace(config, mutagenizer=config.mutagenizer.replace(seed=9)))
        run_locus(Job(loci[1], other.to_dict(), str(out)))
        assert list(open_batch(out).states) == ["done", "waiting", "failed"]
        log.add({"name": "locus 1", "error": "boom"})
        log.end()
    assert list(open_batch(out).states) == ["done", "failed", "failed"]
    assert batch_progress(out).ended
    # whoever ran it is gone without a word
    text = log_file(out).read_text().splitlines()
    start = {**json.loads(text[0]), "pid": 2**22 + 5}
    log_file(out).write_text("\n".join([json.dumps(start), *text[1:-1], '{"na']))
    assert not batch_progress(out).running
    with pytest.raises(InputError, match="folder of a batch"):
        open_batch(tmp_path)


def test_a_cluster_listens_on_loopback_only():
    with cluster_module.client_of(Cluster(workers=1)) as client:
        info = client.scheduler_info()
        assert info["address"].startswith("tcp://127.0.0.1:")
        assert all(address.startswith("tcp://127.0.0.1:") for address in info["workers"])
        threads = client.run(lambda: os.environ["OMP_NUM_THREADS"])
        assert set(threads.values()) == {"1"}


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


def test_the_manifest_says_how_the_locus_was_run(config, tmp_path):
    locus = replace(some_loci(1)[0], interval=Interval("chr1", 100, 130))
    job = Job(locus, reproducible(config).to_dict(), str(tmp_path / "x"), {"oracle.model": "sum"})
    run_locus(job)
    manifest = read_locus(tmp_path / "x", locus.name).manifest
    assert manifest["locus"]["interval"]["chromosome"] == "chr1"
    assert manifest["parameters"]["mutagenizer"]["seed"] == job.seed
    assert manifest["inputs"] == {"oracle.model": "sum"}
    assert "timings_s" not in json.dumps(manifest)
    assert str(tmp_path) not in json.dumps(manifest)
