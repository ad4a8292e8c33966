"""Batches with files, workers and users that are not here: remote files, TLS, trust, paths."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from seam_core import trust
from seam_core.batch import Cluster, collect, run_batch
from seam_core.batch import cluster as cluster_module
from seam_core.batch import run as run_module
from seam_core.batch.inputs import with_absolute_paths
from seam_core.batch.log import last_question
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.cli import main
from seam_core.cli.batch import _bring, _how, _with_files_here
from seam_core.cli.configuration import config_from
from seam_core.cli.main import build_parser
from seam_core.parameters import BatchParameters, OracleParameters
from seam_core.pipeline import RunConfig
from seam_core.readers.remote import brought, is_remote
from seam_core.validate import InputError, MissingPackageError, SeamError
from tests.core.batches import config, in_turn, some_loci, tree  # noqa: F401  (fixtures)


@pytest.fixture
def memory():
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()


def test_a_remote_file_is_brought_once_and_again_when_it_changes(memory, tmp_path):
    memory.pipe("/bucket/a.fa", b">one\nACGT\n")
    assert is_remote("memory://bucket/a.fa")
    assert not is_remote("C:/a.fa")
    here = brought("memory://bucket/a.fa", tmp_path, "loci")
    assert here.name == "a.fa"
    assert here.read_bytes() == b">one\nACGT\n"
    before = here.stat().st_mtime_ns
    assert brought("memory://bucket/a.fa", tmp_path).stat().st_mtime_ns == before
    memory.pipe("/bucket/a.fa", b">two\nTTTT\n")
    assert brought("memory://bucket/a.fa", tmp_path).read_bytes() == b">two\nTTTT\n"


def test_what_cannot_be_brought_says_why(memory, tmp_path, monkeypatch):
    import sys

    with pytest.raises(InputError, match=r"memory://bucket/none: genome: got FileNotFoundError"):
        brought("memory://bucket/none", tmp_path, "genome")
    with pytest.raises(InputError, match="a kind of place that fsspec knows"):
        brought("banana://bucket/none", tmp_path, "genome")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingPackageError, match=r"s3:// needs another package: .*s3fs"):
        brought("s3://bucket/none", tmp_path, "genome")
    assert list(tmp_path.rglob("*.part")) == []


def test_the_command_takes_addresses(memory, tmp_path):
    for name in ("loci.bed", "genome.fa", "model.keras"):
        memory.pipe(f"/b/{name}", name.encode())
    given = ["batch", "memory://b/loci.bed", "--genome=memory://b/genome.fa"]
    given += ["--model=memory://b/model.keras", "--out", str(tmp_path / "out")]
    options = build_parser().parse_args(given)
    _bring(options, BatchParameters())
    for name, path in (("loci.bed", options.loci), ("genome.fa", options.genome),
                       ("model.keras", options.model)):  # fmt: skip
        with open(path) as file:
            assert file.read() == name
        assert path.startswith(str(tmp_path / "out.inputs"))


def test_a_configuration_says_how_the_batch_goes_and_options_win(memory, tmp_path, capsys):
    memory.pipe("/b/model.keras", b"no model")
    (tmp_path / "loci.fa").write_text(">one\nACGT\n")
    (tmp_path / "c.toml").write_text(
        '[oracle]\nmodel = "memory://b/model.keras"\n'
        '[batch]\nscheduler = "tcp://here:1"\nwait = 5\nshard = "2/3"\n'
    )
    given = ["batch", str(tmp_path / "loci.fa"), "--config", str(tmp_path / "c.toml")]
    given += ["--out", str(tmp_path / "out"), "--wait=7"]
    how = _how(build_parser().parse_args(given))
    assert how == BatchParameters(scheduler="tcp://here:1", wait=7.0, shard="2/3")
    assert main([*given, "--shard=0/3"]) == 2
    assert "I from 1 to N" in capsys.readouterr().err
    # the model of the configuration is fetched too
    options = build_parser().parse_args(given)
    here = _with_files_here(config_from(options), options, how).oracle.model
    assert Path(here).read_bytes() == b"no model"
    assert Path(here).is_relative_to(tmp_path / "out.inputs")
    for table, says in (('"x"', "a table of settings"), ("{waits = 1}", "waits")):
        (tmp_path / "c.toml").write_text(f"batch = {table}\n")
        assert main(given) == 2
        assert says in capsys.readouterr().err


def test_results_go_to_a_remote_place_part_by_part(config, tmp_path, memory, in_turn):
    loci = some_loci(3)
    run_batch(loci, config, tmp_path / "here")
    wanted = tree(tmp_path / "here")
    in_turn[0] = 2
    with pytest.raises(SeamError, match="stopped"):
        run_batch(loci, config, "memory://b/there", stage=str(tmp_path / "one"))
    sent = {name.removeprefix("/b/there/") for name in memory.store}
    assert {name for name in sent if "manifests" in name} == {
        f"parts/000{n}/manifests.parquet" for n in (0, 1)
    }
    assert "batch.json" not in sent
    # another machine goes on: what was sent is not done again
    in_turn[0] = 1
    done = run_batch(loci, config, "memory://b/there", stage=str(tmp_path / "two"))
    assert done.skipped == 2
    there = {name.removeprefix("/b/there/"): file.getvalue() for name, file in memory.store.items()}
    assert there.pop("logs/whole.jsonl")
    assert there == wanted
    # a finished one is as it was, and says so while it is changed
    before = memory.store["/b/there/batch.json"].modified
    run_batch(loci, config, "memory://b/there", stage=str(tmp_path / "two"))
    assert memory.store["/b/there/batch.json"].modified == before
    in_turn[0] = 0
    with pytest.raises(SeamError, match="stopped"):
        run_batch(some_loci(4), config, "memory://b/there", stage=str(tmp_path / "two"))
    assert "/b/there/batch.json" not in memory.store
    with pytest.raises(InputError, match="--full"):
        run_batch(loci, config, "memory://b/there", full=True)


def test_shards_at_a_remote_place_are_collected_elsewhere(
    config,
    tmp_path,
    memory,
    in_turn,
):
    loci = [*some_loci(2), replace(some_loci(1)[0], name="bad", sequence="ACGT")]
    for shard in (1, 2):
        run_batch(loci, config, "memory://s", shard=(shard, 2), stage=str(tmp_path / f"{shard}"))
    result = collect("memory://s", stage=str(tmp_path / "all"))
    assert (len(result.done), list(result.failed), result.waiting) == (2, ["bad"], 0)
    assert "/s/batch.json" in memory.store
    assert "/s/loci.parquet" in memory.store


def test_relative_paths_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.py", "w.h5", "a.npz", "b.npz"):
        (tmp_path / name).write_text("x")
    oracle = OracleParameters(
        model="mine.py:f", weights="w.h5", other_inputs="x=a.npz:key, y=b.npz", framework="auto"
    )
    made = with_absolute_paths(replace(RunConfig(), oracle=oracle)).oracle
    assert made.model == f"{tmp_path}/mine.py:f"
    assert made.weights == f"{tmp_path}/w.h5"
    assert made.other_inputs == f"x={tmp_path}/a.npz:key, y={tmp_path}/b.npz"
    patterns = OracleParameters(model="*.npz; mine.py:f")
    made = with_absolute_paths(replace(RunConfig(), oracle=patterns)).oracle
    assert trust.split_models(made.model) == [f"{tmp_path}/*.npz", f"{tmp_path}/mine.py:f"]
    same = with_absolute_paths(RunConfig())
    assert same == RunConfig()


@pytest.fixture
def asking(monkeypatch):
    """Every model asks for a yes to its content, as a pickled module does."""
    import seam_core.frameworks
    from seam_core.batch import worker

    monkeypatch.setattr(trust, "_now", set())
    monkeypatch.setattr(worker, "_oracles", {})
    ours = seam_core.frameworks.load_oracle

    def load(parameters, **options):
        if not trust.is_approved("file 1"):
            said = "a pickled module, which runs code"
            raise trust.TrustError("model", "file 1", said, "--trust-model", "m.pt")
        return ours(parameters, **options)

    monkeypatch.setattr(seam_core.frameworks, "load_oracle", load)


def test_a_model_that_runs_code_is_asked_about_and_not_a_locuss_error(
    config,
    tmp_path,
    asking,
):
    job = Job(some_loci(1)[0], reproducible(config).to_dict(), str(tmp_path))
    asked = run_locus(job)
    assert asked["trust"]["subject"] == "file 1"
    assert not asked["elsewhere"]
    # what the user agreed to where the batch was started holds for its workers
    assert run_locus(replace(job, approved=("file 1",)))["error"] == ""


def test_trust_is_asked_once_for_all_loci(config, tmp_path, monkeypatch, capsys):
    """The first answer that asks ends the batch, and the window finds the question."""
    question = {"field": "model", "subject": "file 1", "why": "a pickled module",
                "expected": "--trust-model", "source": "m.pt"}  # fmt: skip

    def results(todo, take, tick, cluster):
        take((job, {"name": job.locus.name, "error": "no", "trust": question})
             for job in todo.values())  # fmt: skip

    monkeypatch.setattr(run_module, "until_done", results)
    with pytest.raises(trust.TrustError) as raised:
        run_batch(some_loci(3), config, tmp_path / "out")
    assert raised.value.question() == question
    assert last_question(tmp_path / "out") == question
    text = "".join(f">l{i}\n{locus.sequence}\n" for i, locus in enumerate(some_loci(3)))
    (tmp_path / "a.fa").write_text(text)
    given = ["batch", tmp_path / "a.fa", "--model", config.oracle.model, "--method=ism"]
    assert main([*map(str, given), "--quiet", "--out", str(tmp_path / "out2")]) == 2
    said = capsys.readouterr()
    assert (said.out + said.err).count("a pickled module") == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("tls")
    names = [str(folder / "cert.pem"), str(folder / "key.pem")]
    order = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    order += ["-subj", "/CN=localhost", "-out", names[0], "-keyout", names[1]]
    subprocess.run(order, check=True, capture_output=True)
    return names


def test_a_cluster_with_certificates_is_encrypted(certificate):
    cert, key = certificate
    cluster = Cluster(workers=1, tls=(cert, cert, key))
    with cluster_module.client_of(cluster) as client:
        info = client.scheduler_info()
        assert info["address"].startswith("tls://127.0.0.1:")
        assert all(address.startswith("tls://") for address in info["workers"])
        assert client.submit(sum, [1, 2]).result() == 3


def test_certificates_that_are_none_are_named(certificate, tmp_path):
    cert, key = certificate
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for tls, scheduler, message in (
        ((cert, cert, ""), "", "--tls-key: got nothing"),
        ((cert, "gone.pem", key), "", "--tls-cert: got gone.pem"),
        ((cert, str(wrong), key), "", "certificates in PEM"),
        (("", "", ""), "tls://127.0.0.1:9", "--tls-ca, --tls-cert, --tls-key"),
    ):
        cluster = Cluster(scheduler=scheduler, tls=tls)
        with pytest.raises(InputError, match=message):
            cluster_module.security_of(cluster)
