"""How a batch grows with its loci; the oracle is a function, so that what is measured is ours.

`batch_size --n 10000` takes the night. There is no peer.
"""

from __future__ import annotations

import json
import math
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.runner import Action, Benchmark

if TYPE_CHECKING:
    from seam_core.batch.rates import Rate

WORKERS = 2
ORACLE = """
import numpy as np

def reads(one_hot):
    columns = ["ACGT".index(letter) for letter in "TGACTCA"]
    present = one_hot[:, np.arange(8, 15), columns].min(axis=1)
    return (present + 0.5 * one_hot[:, 20, 2] * present).astype(np.float32)
"""


class Memory:
    """MB of this process (which is client and scheduler) and of each worker, now and then."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        import psutil

        me = psutil.Process()
        while not self._over.wait(1.0):
            workers = [0.0]
            for child in me.children(recursive=True):
                try:
                    workers.append(child.memory_info().rss / 1e6)
                except psutil.Error:
                    continue
            self.samples.append((me.memory_info().rss / 1e6, max(workers)))

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def figures(self) -> dict[str, float]:
        """After a third of the time and at the end: what grows between them grows with n."""
        third = self.samples[len(self.samples) // 3]
        peak = np.max(self.samples, axis=0)
        names = ("client", "worker")
        sizes = {f"{name}_third_mb": round(third[i], 1) for i, name in enumerate(names)}
        return {**sizes, **{f"{name}_peak_mb": round(peak[i], 1) for i, name in enumerate(names)}}


def _batch_size(n: int) -> Action:
    from seam_core import recipes
    from seam_core.batch import Cluster, Locus, run_batch

    rng = np.random.default_rng(0)
    letters = np.array(list("ACGT"))
    loci = [
        Locus(
            f"locus {i}",
            "".join(letters[rng.integers(0, 4, 8)])
            + "TGACTCA"
            + "".join(letters[rng.integers(0, 4, 15)]),
        )
        for i in range(n)
    ]
    base = recipes.load("local_sites").config

    def action() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            oracle = Path(folder) / "oracle.py"
            oracle.write_text(ORACLE, encoding="utf-8")
            config = replace(
                base,
                oracle=base.oracle.replace(model=f"{oracle}:reads"),
                mutagenizer=base.mutagenizer.replace(n_sequences=150),
                attributer=base.attributer.replace(method="ism"),
                clusterer=base.clusterer.replace(n_clusters=4),
                identifier=base.identifier.replace(n_sites=1, n_bootstrap=10),
                experimenter=base.experimenter.replace(experiments=False),
            )
            out = Path(folder) / "batch"
            began = time.perf_counter()
            with Memory() as memory:
                found = run_batch(loci, config, out, cluster=Cluster(workers=WORKERS))
            seconds = time.perf_counter() - began
            began = time.perf_counter()
            again = run_batch(loci, config, out, cluster=Cluster(workers=WORKERS))
            assert again.skipped == n
            rerun = time.perf_counter() - began
            files = [path for path in out.rglob("*") if path.is_file()]
            return {
                "rerun_s": round(rerun, 2),
                **_of_rate(found.rate),
                "files": len(files),
                "kb_each": round(sum(path.stat().st_size for path in files) / n / 1e3, 1),
                **_of_log(out.with_name("batch.log.jsonl"), seconds, n),
                **memory.figures(),
            }

    return action


def _of_rate(rate: Rate | None) -> dict[str, float]:
    """Seconds a locus of a worker that is under way, and those of attribution alone."""
    if rate is None:
        return {}
    return {"steady_s": round(rate.locus_s, 4), "attribution_s": round(rate.attribution_s, 4)}


def _of_log(log: Path, seconds: float, n: int) -> dict[str, float]:
    """Time of a locus, what a batch adds to it, and how time grows with the loci (1: in step)."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    rows = [line for line in lines if "seconds" in line]
    ends = sorted(row["at"] + row["seconds"] for row in rows)
    first = ends[2 * WORKERS]  # the workers have started
    quarter, whole = ends[n // 4] - first, ends[-1] - first
    steady = whole / (n - 2 * WORKERS)
    inside = float(np.median([row["seconds"] for row in rows]))
    return {
        "locus_s": round(inside, 4),
        "loci_per_hour": round(3600 * n / seconds, 1),
        "overhead_each_s": round(steady * WORKERS - inside, 4),
        "exponent": round(math.log(whole / quarter) / math.log(_times(n)), 3),
    }


def _times(n: int) -> float:
    """How many times the loci of the first quarter all of them are, without the first ones."""
    return (n - 1 - 2 * WORKERS) / (n // 4 - 2 * WORKERS)


BENCHMARKS = {"batch_size": Benchmark(_batch_size, default_n=300)}
