"""`python -m benchmarks NAME [--n N] [--json FILE]`; `--list` names them all."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

from benchmarks.runner import Benchmark, compare, measure

# module -> the benchmarks it holds; modules are imported only when one of theirs is run
MODULES: dict[str, tuple[str, ...]] = {
    "library": ("mutagenizer", "compiler"),
    "attribution": ("saliency", "intgrad", "smoothgrad", "ism", "deepshap"),
    "bpnet": ("ism_bpnet", "deepshap_bpnet", "saliency_bpnet", "intgrad_bpnet"),
    "clustering": ("ward", "umap", "kmeans", "cut"),
    "truth": ("truth", "networks"),
    "stability": ("stability",),
    "variants": ("variants",),
    "explanation": ("msm", "background", "logos", "meta", "identify"),
    "recipes": (
        "recipe_local_sites",
        "recipe_local_background",
        "recipe_local_space",
        "recipe_landscape_tree",
        "recipe_landscape_space",
        "recipe_global_site",
        "recipe_global_programs",
        "recipe_global_contexts",
        "recipe_profile_methods",
        "batch",
    ),
    "batches": ("batch_size",),
    "million": ("million",),
    "gui_shell": ("gui_start", "gui_open"),
    "gui_turns": ("gui_turns",),
    "gui_views": ("scatter_frame", "lasso", "switch_cluster", "msm_draw"),
}


def find(name: str) -> Benchmark:
    """The benchmark called `name`; each module keeps its own in a dict BENCHMARKS."""
    for module, names in MODULES.items():
        if name in names:
            return importlib.import_module(f"benchmarks.{module}").BENCHMARKS[name]
    known = ", ".join(name for names in MODULES.values() for name in names)
    raise SystemExit(f"benchmarks: no benchmark {name!r}; there are {known}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "name", nargs="*", help="the benchmark to run; `recipe NAME` is recipe_NAME"
    )
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--n", type=int, help="size; each benchmark has its default")
    parser.add_argument("--json", default="-", help="where to write the result; -: the terminal")
    parser.add_argument("--side", choices=("ours", "peer"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list or not options.name:
        print("\n".join(name for names in MODULES.values() for name in names))
        return
    name = "_".join(options.name)
    benchmark = find(name)
    n = options.n or benchmark.default_n
    if options.side:
        prepare = getattr(benchmark, options.side)
        print(json.dumps(measure(prepare, n, benchmark.repeats)))
        return
    text = json.dumps(compare(name, benchmark, n))
    if options.json == "-":
        print(text)
    else:
        Path(options.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
