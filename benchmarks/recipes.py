"""Whole recipes, and batches. The authors' own run on an A100; there is no peer to run here.

`recipe NAME` runs a recipe on DeepSTARR at the eve window, on the intron landscape, or on the
small profile network; `batch` runs loci with one worker and with two.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.data import DATA, ROOT, deepstarr_model, eve_window
from benchmarks.runner import Action, Benchmark
from seam_core.pipeline import RunConfig

TABLE = DATA / "intron" / "intron.30C.pq"
MODELS = ROOT / "resources" / "models"


def _on_deepstarr(config: RunConfig) -> RunConfig:
    head = config.oracle.head if config.mutagenizer.library == "global" else "1"
    oracle = config.oracle.replace(model=str(deepstarr_model()), head=head)
    return replace(config, oracle=oracle, sequence=eve_window())


def _on_landscape(config: RunConfig) -> RunConfig:
    oracle = config.oracle.replace(model=str(TABLE), measured_column="y")
    return replace(config, oracle=oracle, sequence="AGGTACAT")


def _on_profile(config: RunConfig) -> RunConfig:
    oracle = config.oracle.replace(model=str(MODELS / "bpnet.keras"))
    return replace(config, oracle=oracle, sequence=str(MODELS / "bpnet.fa"))


def _recipe(name: str, fill: Callable[[RunConfig], RunConfig]) -> Callable[[int], Action]:
    def prepare(n: int) -> Action:
        from seam_core import recipes

        recipe = recipes.load(name)
        config = fill(recipe.config)
        if config.mutagenizer.library != "combinatorial":
            each = max(1, n // (len(recipe.variants) if recipe.combine == "task" else 1))
            config = replace(config, mutagenizer=config.mutagenizer.replace(n_sequences=each))

        def action() -> dict[str, Any]:
            with tempfile.TemporaryDirectory() as folder:
                sessions = recipes.run(recipe, config, Path(folder) / "out")
            session = next(iter(sessions.values()))
            timings = session.provenance.timings_s
            return {"stages_s": {stage: round(s, 2) for stage, s in timings.items()}}

        return action

    return prepare


def _batch(n: int) -> Action:
    from seam_core import recipes
    from seam_core.batch import Cluster, read_loci, run_batch

    config = _on_deepstarr(recipes.load("local_sites").config)
    config = replace(
        config,
        mutagenizer=config.mutagenizer.replace(n_sequences=3_000),
        attributer=config.attributer.replace(method="saliency"),
    )
    windows = read_loci(DATA / "deepstarr" / "eve_windows_249.fa")
    loci = [replace(windows[i % len(windows)], name=f"locus {i}") for i in range(n)]

    def action() -> dict[str, Any]:
        figures: dict[str, Any] = {}
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "batch"
                began = time.perf_counter()
                run_batch(loci, config, out, cluster=Cluster(workers=workers))
                seconds = time.perf_counter() - began
                text = out.with_name("batch.log.jsonl").read_text(encoding="utf-8")
            lines = [json.loads(line) for line in text.splitlines()]
            rows = [line for line in lines if "seconds" in line]
            taken = [row["seconds"] for row in rows]
            inside = sum(taken)
            # The first locus of a worker takes its start as well; the median is one without.
            figures[f"locus_s_{workers}"] = round(statistics.median(taken), 2)
            figures[f"loci_per_hour_{workers}"] = round(3600 * n / seconds, 1)
            # With the start of the cluster, its end, and workers that have nothing left to do.
            figures[f"idle_share_{workers}"] = round(seconds * workers / inside - 1, 3)
            figures[f"overhead_share_{workers}"] = round(_between(rows) / inside, 4)
        one, two = figures["loci_per_hour_1"], figures["loci_per_hour_2"]
        figures["speed_up_2_workers"] = round(two / one, 2)
        return figures

    return action


def _between(loci: list[dict[str, Any]]) -> float:
    """Seconds from the end of a locus to the beginning of the next on the same worker, in all."""
    ends: dict[str, float] = {}
    between = 0.0
    for locus in sorted(loci, key=lambda locus: locus["at"]):
        between += locus["at"] - ends.get(locus["worker"], locus["at"])
        ends[locus["worker"]] = locus["at"] + locus["seconds"]
    return between


BENCHMARKS: dict[str, Benchmark] = {
    "recipe_local_sites": Benchmark(_recipe("local_sites", _on_deepstarr), default_n=30_000),
    "recipe_local_background": Benchmark(
        _recipe("local_background", _on_deepstarr), default_n=60_000
    ),
    "recipe_local_space": Benchmark(_recipe("local_space", _on_deepstarr), default_n=100_000),
    "recipe_landscape_tree": Benchmark(_recipe("landscape_tree", _on_landscape), default_n=65_536),
    "recipe_landscape_space": Benchmark(
        _recipe("landscape_space", _on_landscape), default_n=65_536
    ),
    "recipe_global_site": Benchmark(_recipe("global_site", _on_deepstarr), default_n=100_000),
    "recipe_global_programs": Benchmark(
        _recipe("global_programs", _on_deepstarr), default_n=100_000
    ),
    "recipe_global_contexts": Benchmark(
        _recipe("global_contexts", _on_deepstarr), default_n=100_000
    ),
    "recipe_profile_methods": Benchmark(_recipe("profile_methods", _on_profile), default_n=5_000),
    "batch": Benchmark(_batch, default_n=40),
}
