"""Batches: loci read right, the same bytes however they are run, errors kept to their locus."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seam_core import recipes
from seam_core.batch import Locus, open_batch, read_loci, run_batch
from seam_core.batch import cluster as cluster_module
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.cli import main
from seam_core.intervals import Interval
from seam_core.parameters import OracleParameters
from seam_core.validate import InputError

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
CHROMOSOME = "ACGTACGTTGACTCAGATTACAGGCCATTG" * 4


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
    )


def some_loci(n: int) -> list[Locus]:
    rng = np.random.default_rng(0)
    letters = np.array(list("ACGT"))
    return [
        Locus(f"locus {i}", "".join(letters[rng.integers(0, 4, 8)]) + "TGACTCA"
              + "".join(letters[rng.integers(0, 4, 15)]))
        for i in range(n)
    ]  # fmt: skip


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def genome(tmp_path):
    lines = [CHROMOSOME[i : i + 50] for i in range(0, len(CHROMOSOME), 50)]
    text = ">chr1 first\n" + "\n".join(lines) + "\n>chr2\n" + "ACGTNNNNAC" * 4 + "\n"
    (tmp_path / "genome.fa").write_text(text)
    return tmp_path / "genome.fa"


def test_loci_from_bed(genome, tmp_path):
    (tmp_path / "loci.bed").write_text(
        "track name=x\n#comment\n"
        "chr1\t0\t30\tfirst\t0\t+\n"
        "chr1\t30\t60\tback\t0\t-\n"
        "chr1\t60\t90\n"
        "chr1\t100\t130\toff\n"
        "chr9\t0\t30\tnowhere\n"
        "chr2\t0\t30\tunknown\n"
        "chr1\t0\t30\tfirst\n"
        "chr1\tzero\n"
    )
    loci = {locus.name: locus for locus in read_loci(tmp_path / "loci.bed", genome)}
    assert loci["first"].sequence == CHROMOSOME[:30]
    assert loci["chr1_60_90"].sequence == CHROMOSOME[60:90]
    forward = CHROMOSOME[30:60]
    pairs = {"A": "T", "C": "G", "G": "C", "T": "A"}
    assert loci["back"].sequence == "".join(pairs[letter] for letter in reversed(forward))
    assert loci["back"].interval == Interval("chr1", 30, 60, "-")
    for name, said in {
        "off": "positions 1 to 120",
        "nowhere": "chromosome: got chr9",
        "unknown": "got N at position 4",
        "first (2)": "a second time",
        "line 10": "expected BED",
    }.items():
        assert said in loci[name].error
    assert sum(1 for locus in loci.values() if not locus.error) == 3


def test_loci_from_fasta_and_table(tmp_path):
    (tmp_path / "a.fa").write_text(">one\nACGT\n>two\nTTTT\n")
    (tmp_path / "a.csv").write_text("Name,Sequence\none,acgt\ntwo,TTTT\n")
    fasta, table = read_loci(tmp_path / "a.fa"), read_loci(tmp_path / "a.csv")
    assert [(locus.name, locus.sequence) for locus in fasta] == [("one", "ACGT"), ("two", "TTTT")]
    assert fasta == table


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.bed", "chr1\t0\t30\n", "--genome: got nothing"),
        ("a.csv", "Name,Seq\na,ACGT\n", "column Sequence"),
        ("a.xls", "x", "got a .xls file"),
        ("a.fa", "", "an empty file"),
        ("missing.fa", None, "no such file"),
    ],
)
def test_bad_files_of_loci(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_loci(tmp_path / name)


def test_a_locus_has_its_own_seed_whatever_its_place():
    def seed(name, base=0):
        return Job(Locus(name, "ACGT"), {"mutagenizer": {"seed": base}}, "out", "").seed

    assert seed("a") == seed("a")
    assert seed("a") != seed("b")
    assert seed("a") != seed("a", base=1)


def test_one_locus_gives_the_same_bytes_again(config, tmp_path):
    locus = some_loci(1)[0]
    for out in ("x", "y"):
        job = Job(locus, reproducible(config).to_dict(), str(tmp_path / out), "", full=True)
        assert run_locus(job)["error"] == ""
        assert job.is_done()
    assert tree(tmp_path / "x") == tree(tmp_path / "y")
    assert not replace(job, model_sum="other").is_done()
    assert not replace(job, locus=replace(locus, sequence="A" * 30)).is_done()


def test_an_error_is_the_locuss(config, tmp_path):
    job = Job(Locus("short", "ACGT"), reproducible(config).to_dict(), str(tmp_path / "x"), "")
    result = run_locus(job)
    assert result["error"]
    assert not (tmp_path / "x" / "loci" / "short").exists()


@pytest.mark.slow
def test_a_batch_with_failures_killed_workers_and_a_rerun(config, tmp_path, monkeypatch):
    """One worker undisturbed, against two of which one after the other is killed."""
    loci = [*some_loci(6), Locus("bad", "ACGT" * 3), Locus("gone", error="interval: off the end")]
    calm = run_batch(loci, config, tmp_path / "calm", workers=1)
    assert len(calm.done) == 6
    assert set(calm.failed) == {"bad", "gone"}

    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.2")
    stop = threading.Event()
    killed = []

    def kill_now_and_then():
        import psutil

        while not stop.wait(2.5) and len(killed) < 3:
            for child in psutil.Process().children(recursive=True):
                if "distributed" in " ".join(child.cmdline()) or "spawn_main" in " ".join(
                    child.cmdline()
                ):
                    os.kill(child.pid, signal.SIGKILL)
                    killed.append(child.pid)
                    break

    killer = threading.Thread(target=kill_now_and_then, daemon=True)
    killer.start()
    disturbed = run_batch(loci, config, tmp_path / "disturbed", workers=2)
    stop.set()
    killer.join()
    assert killed
    assert disturbed.done == calm.done
    assert tree(tmp_path / "disturbed") == tree(tmp_path / "calm")

    before = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "calm" / "loci").rglob("*.json")
    }
    again = run_batch(loci[:6], config, tmp_path / "calm", workers=1)
    assert again.skipped == 6
    assert {p: p.stat().st_mtime_ns for p in before} == before

    tables = open_batch(tmp_path / "disturbed")
    assert list(tables.loci["locus"]) == [locus.name for locus in loci]
    assert (tables.loci["error"] != "").sum() == 2
    assert set(tables.sites["locus"]) <= {locus.name for locus in loci[:6]}
    assert tables.locus_folder("locus 0").is_dir()


def test_a_cluster_listens_on_loopback_only():
    with cluster_module.client_of(workers=1) as client:
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
    (tmp_path / "a.fa").write_text(f">one\n{CHROMOSOME[:30]}\n")
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
        (["--recipe=global_contexts", "--out", tmp_path / "out"], "of several runs"),
        (["--model", config.oracle.model, "--out", tmp_path / "full"], "other files"),
    ):
        given = ["batch", tmp_path / "a.fa", *arguments, "--quiet"]
        assert main([str(argument) for argument in given]) == 2
        assert message in capsys.readouterr().err


def test_the_manifest_says_how_the_locus_was_run(config, tmp_path):
    locus = replace(some_loci(1)[0], interval=Interval("chr1", 100, 130))
    job = Job(locus, reproducible(config).to_dict(), str(tmp_path / "x"), "sum")
    run_locus(job)
    manifest = json.loads((job.folder / "manifest.json").read_text())
    assert manifest["locus"]["interval"]["chromosome"] == "chr1"
    assert manifest["parameters"]["mutagenizer"]["seed"] == job.seed
    assert manifest["model_sha256"] == "sum"
    assert "timings_s" not in json.dumps(manifest)
    assert str(tmp_path) not in json.dumps(manifest)
