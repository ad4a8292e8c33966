"""The whole way of a large library: how each step grows, up to a million sequences.

`python -m benchmarks million --n 1000000` runs everything from the library to the sites on
DeepSTARR's saliency maps, at `n` and at a quarter of it, and prints for each step its seconds and
the power of the number of sequences that it grows with.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.data import ROOT, deepstarr_model, eve_window
from benchmarks.runner import Action, Benchmark

N_CLUSTERS = 200


def _million(n: int) -> Action:
    """Library, table, maps, PCA and UMAP, K-means, summaries and sites; then opened again."""
    from seam_core import pipeline, store
    from seam_core.pipeline import RunConfig

    config = RunConfig(sequence=eve_window())
    config = replace(
        config,
        oracle=config.oracle.replace(model=str(deepstarr_model()), head="1"),
        mutagenizer=config.mutagenizer.replace(n_sequences=n),
        attributer=config.attributer.replace(method="saliency"),
        clusterer=config.clusterer.replace(
            embedding="umap", clustering="kmeans", cluster_on="pca", n_clusters=N_CLUSTERS
        ),
        experimenter=config.experimenter.replace(experiments=False),
    )

    def action() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            session = pipeline.run(config, folder=out)
            assert session.provenance is not None
            taken = {stage: round(s, 3) for stage, s in session.provenance.timings_s.items()}
            size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
            began = time.perf_counter()
            store.load(out)
            opened = round(time.perf_counter() - began, 3)
        return {"stages_s": taken, "open_s": opened, "session_mb": round(size / 1e6, 1)}

    return action


def growth_of_steps(n: int) -> dict[str, Any]:
    """Step -> the power of the number of sequences that its time grows with, from n / 4 to n."""
    small, large = (_measured(size) for size in (max(1_000, n // 4), n))
    span = math.log(n / max(1_000, n // 4))
    before, after = small["figures"]["stages_s"], large["figures"]["stages_s"]
    exponents = {
        stage: round(math.log(max(after[stage], 1e-3) / max(before[stage], 1e-3)) / span, 2)
        for stage in after
    }
    memory = math.log(large["peak_mb"] / small["peak_mb"]) / span
    return {"time_exponents": exponents, "memory_exponent": round(memory, 2)}


def _measured(n: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", "million", "--side", "ours", "--n", str(n)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


BENCHMARKS = {"million": Benchmark(_million, default_n=20_000, extra=growth_of_steps)}
