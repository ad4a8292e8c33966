"""Batches: loci read right, the same bytes however they are run, errors kept to their locus."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import json
import os
from dataclasses import replace

import pandas as pd
import pytest

from seam_core.batch import Cluster, Locus, Reader, batch_progress, is_batch, open_batch
from seam_core.batch import cluster as cluster_module
from seam_core.batch import run as run_module
from seam_core.batch.log import Log, log_file
from seam_core.batch.parts import read_locus
from seam_core.batch.tables import collect_tables
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.exports.columns import TABLES, undocumented
from seam_core.intervals import Interval
from seam_core.validate import InputError
from tests.core.batches import config, is_done, some_loci, tree  # noqa: F401  (a fixture)


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
    run_module._prepare(tmp_path / "out", [job, replace(job, locus=some_loci(2)[1])])
    run_locus(job)  # and not the other
    tmp_path = tmp_path / "out"
    collect_tables(tmp_path)
    counts = TABLES["batch loci"].whole
    assert set(counts) <= set(TABLES["batch loci"].columns)
    done = pd.read_csv(tmp_path / "loci.csv", dtype=str).iloc[0]
    assert all(done[name].isdigit() for name in counts if name in done)
    assert {"n_sequences", "n_clusters"} <= set(done.index)
    for name in ("loci", "sites", "epistasis"):
        columns = [c for c in pd.read_parquet(tmp_path / f"{name}.parquet") if c != "locus"]
        table = name if name == "epistasis" else f"batch {name}"
        assert undocumented(table, columns) == []
        assert [c for c in TABLES[table].columns if c in columns] == columns
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


def test_a_batch_under_way_shows_what_there_is(config, tmp_path):
    out = tmp_path / "out"
    loci = [*some_loci(2), Locus("off", error="interval: off the end")]
    jobs = [Job(locus, reproducible(config).to_dict(), str(out)) for locus in loci]
    run_module._prepare(out, jobs)
    assert is_batch(out)
    assert batch_progress(out) is None
    with Log(out) as log:
        log.begin(1, 3)
        log.took(run_locus(jobs[0]))
        here = batch_progress(out)
        assert (here.total, here.done, here.failed, here.running) == (3, 2, 0, True)
        assert here.seconds_left is not None
        reader = Reader(out)
        hurried = reader.read(most_s=0.0)
        assert hurried.unread == 1
        assert list(hurried.states) == ["waiting", "waiting", "failed"]
        opened = reader.read()
        assert opened.unread == 0
        assert list(opened.states) == ["done", "waiting", "failed"]
        assert reader.read(most_s=0.0).unread == 0  # it is known
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
