"""What tests of batches start from: a model, a run, loci and the command."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tomli_w

from seam_core import recipes
from seam_core.batch import Locus
from seam_core.batch import run as run_module
from seam_core.batch.parts import fingerprints
from seam_core.batch.worker import Job, run_locus
from seam_core.parameters import OracleParameters
from seam_core.stages import PARTS
from seam_core.validate import SeamError
from tests.waiting import wait_until

HERE = Path(__file__).parents[2]

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


@pytest.fixture
def in_turn(monkeypatch):
    """The loci of a batch are run here, one after the other, up to so many."""
    most = [100]

    def until_done(todo, take, tick, cluster):
        for job in list(todo.values())[: most[0]]:
            take(iter([(job, run_locus(job))]))
        if len(todo):
            raise SeamError("stopped")

    monkeypatch.setattr(run_module, "until_done", until_done)
    return most


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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Hand:
    """A scheduler and workers started by hand, as on a cluster.

    path : where a process works and looks for modules first, and its user's folder
    """

    def __init__(self, port: int) -> None:
        self.address = f"tcp://127.0.0.1:{port}"
        self._port = port
        self.processes: list[subprocess.Popen] = []

    def _start(self, *arguments: str, path: Path | None) -> subprocess.Popen:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        before = [] if path is None else [str(path)]
        own = os.pathsep.join([*before, str(HERE), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": own}
        if path is not None:
            environment["HOME"] = str(path)
        where = {"env": environment, "cwd": path or HERE}  # modules lie in that, too, for Python
        process = subprocess.Popen([sys.executable, "-m", *arguments], **where, **quiet)
        self.processes.append(process)
        return process

    def scheduler(self, path: Path | None = None) -> subprocess.Popen:
        arguments = ("--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard")
        process = self._start("distributed.cli.dask_scheduler", *arguments, path=path)
        wait_until(self._listens, what="a scheduler that listens", process=process)
        return process

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def worker(self, path: Path | None = None) -> subprocess.Popen:
        arguments = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "60")
        return self._start("distributed.cli.dask_worker", self.address, *arguments, path=path)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def hand():
    made = Hand(free_port())
    yield made
    made.end()


class Said:
    """A progress that keeps what was said."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def update(self, done: float, total: float, message: str = "") -> None:
        self.texts.append(message)

    def heard(self, part: str) -> bool:
        return any(part in text for text in self.texts)
