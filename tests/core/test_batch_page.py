"""The page on batches: its job scripts do what they say, on one machine."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys

import pytest

from seam_core.batch import open_batch
from seam_core.cli import main
from tests.core.batches import HERE, ORACLE, some_loci, tree

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # four commands, each with a worker

PAGE = (HERE / "docs" / "batches.md").read_text(encoding="utf-8")
MODEL = (
    "oracle.py:reads_ap1 --trust-model --method ism --n-sequences 60 --n-clusters 2 --n-sites 1 "
    "--n-bootstrap 0 --no-experiments"
)
SHARDS = 2
LOCI = 3  # more than shards, and not as many in each


def block(after: str) -> str:
    """The indented lines that follow a sentence of the page, for two shards and a small model."""
    text = PAGE.split(after, 1)[1]
    lines = re.match(r"\n*((?:    .*\n|\n)+)", text)[1].splitlines()
    text = "\n".join(line[4:] for line in lines).strip() + "\n"
    assert "--model MODEL" in text
    text = text.replace("--model MODEL", f"--model {MODEL}")
    return text.replace("/20", f"/{SHARDS}").replace("1-20", f"1-{SHARDS}").replace(
        "range(1, 21)", f"range(1, {SHARDS + 1})"
    )  # fmt: skip


@pytest.fixture
def place(tmp_path):
    """A folder with what the page's scripts name, and `seam` on the path."""
    (tmp_path / "oracle.py").write_text(ORACLE)
    sequences = [locus.sequence for locus in some_loci(LOCI)]
    (tmp_path / "genome.fa").write_text(f">chr1\n{''.join(sequences)}\n")
    width = len(sequences[0])
    lines = [f"chr1\t{i * width}\t{(i + 1) * width}\tlocus{i}" for i in range(len(sequences))]
    (tmp_path / "loci.bed").write_text("\n".join(lines) + "\n")
    seam = tmp_path / "bin" / "seam"
    seam.parent.mkdir()
    seam.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m seam_core "$@"\n')
    seam.chmod(seam.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def do(place, *command, **more) -> None:
    """A command of a job script, as a process of its own."""
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    modules = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": modules, **more}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def collect(line: str) -> None:
    """The command that collects, here: what it says is done, without another start of Python."""
    program, *arguments = shlex.split(line)
    assert program == "seam"
    assert main(arguments) == 0


def sbatch(place, script: str) -> None:
    """What `sbatch` does with an array: the script once for each number, in any order."""
    (place / "job.sh").write_text(script)
    first, last = re.search(r"^#SBATCH .*--array=(\d+)-(\d+)", script, re.M).groups()
    for number in range(int(last), int(first) - 1, -1):
        do(place, "bash", "job.sh", SLURM_ARRAY_TASK_ID=str(number))


def snakemake(place, rules: str) -> None:
    """Snakemake itself where it is installed; else the shell lines of the two rules."""
    (place / "Snakefile").write_text(rules)
    if shutil.which("snakemake"):
        do(place, "snakemake", "--cores", "1", "tables")
        return
    shard, tables = re.findall(r'shell: "(.*)"', rules)
    for number in range(1, SHARDS + 1):
        do(place, "bash", "-c", shard.replace("{wildcards.i}", str(number)))
    collect(tables)


def test_the_slurm_array_and_the_snakemake_rules_give_the_same_batch(place, monkeypatch):
    monkeypatch.chdir(place)
    sbatch(place, block("As a Slurm array:"))
    collect(re.search(r"`(seam batch --collect DIR.*?)`", PAGE)[1])
    assert list(open_batch(place / "DIR").states) == ["done"] * LOCI
    (place / "DIR").rename(place / "array")
    snakemake(place, block("As Snakemake rules:"))
    assert tree(place / "DIR") == tree(place / "array")
