"""Trees, pictures and groups of DeepSTARR's maps, beside the peer's.

The peer's trees come by its faster path: distances in TensorFlow, then SciPy.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import subprocess
import sys
import tempfile
import time
from functools import partial
from typing import Any

import numpy as np

from benchmarks.data import ROOT, deepstarr_maps
from benchmarks.runner import Action, Benchmark

N_CLUSTERS = 200
# maps that fastcluster's linkage_vector, whose time grows with their square too, is given
MOST_VECTORS = 5_000
GROWTH = (5_000, 10_000, 20_000, 40_000)


def _ward(n: int) -> Action:
    from seam_core.clusterer import ward_linkage

    maps = deepstarr_maps(n)
    ward_linkage(deepstarr_maps(2_500))

    def action() -> dict[str, Any]:
        ward_linkage(maps)
        return {"n_features": int(np.prod(maps.shape[1:]))}

    return action


def _peer_clusterer(n: int, **options: Any) -> Any:
    from seam.clusterer import Clusterer

    return Clusterer(np.array(deepstarr_maps(n)), **options)


def _peer_ward(n: int) -> Action:
    import tensorflow  # noqa: F401

    peer = _peer_clusterer(n, gpu=True)

    def action() -> None:
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            peer.cluster(
                method="hierarchical", link_method="ward", dist_fname=f"{folder}/distances.dat"
            )

    return action


def growth_exponents(n: int) -> dict[str, Any]:
    """Time and memory between 5,000 and 40,000 maps as powers of their number.

    Sizes above four times `n` are left out, so that a small run stays small.
    """
    sizes = [size for size in GROWTH if size <= max(4 * n, GROWTH[1])]
    command = [sys.executable, "-m", "benchmarks", "ward", "--side", "ours", "--n"]
    seconds, megabytes = [], []
    for size in sizes:
        done = subprocess.run(
            [*command, str(size)], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
        )
        measured = json.loads(done.stdout.strip().splitlines()[-1])
        seconds.append(measured["s"])
        megabytes.append(measured["peak_mb"])
    span = math.log(sizes[-1] / sizes[0])
    return {
        "growth_n": sizes,
        "growth_s": [round(value, 3) for value in seconds],
        "growth_peak_mb": [round(value, 1) for value in megabytes],
        "time_exponent": round(math.log(seconds[-1] / seconds[0]) / span, 2),
        "memory_exponent": round(math.log(megabytes[-1] / megabytes[0]) / span, 2),
    }


def _further(n: int) -> dict[str, Any]:
    return {**growth_exponents(n), **beside_linkage_vector(n)}


def beside_linkage_vector(n: int) -> dict[str, Any]:
    """fastcluster's Ward in the memory of the maps, on as many of them as it does in a minute."""
    import fastcluster

    from seam_core.clusterer import as_rows, ward_linkage

    n = min(n, MOST_VECTORS)
    rows = np.ascontiguousarray(as_rows(deepstarr_maps(n)))
    seconds, trees = [], []
    for method in (ward_linkage, partial(fastcluster.linkage_vector, method="ward")):
        began = time.perf_counter()
        trees.append(method(rows))
        seconds.append(time.perf_counter() - began)
    ours, theirs = (tree[:, 2] for tree in trees)
    return {
        "linkage_vector_n": n,
        "linkage_vector_s": round(seconds[1], 3),
        "linkage_vector_ratio": round(seconds[1] / seconds[0], 2),
        "linkage_vector_height_error": float(f"{np.abs(ours / theirs - 1).max():.1e}"),
    }


def _umap(n: int) -> Action:
    """PCA and UMAP, from the maps."""
    from seam_core.clusterer import Clusterer
    from seam_core.parameters import ClustererParameters

    stage = Clusterer(ClustererParameters(embedding="umap"))
    stage.embed(deepstarr_maps(200))
    maps = deepstarr_maps(n)

    def action() -> dict[str, Any]:
        embedding = stage.embed(maps)
        assert embedding.variance_ratio is not None
        return {"variance_kept": round(float(embedding.variance_ratio[:50].sum()), 4)}

    return action


def _peer_umap(n: int) -> Action:
    """The peer's UMAP of the same components: it has no PCA before it."""
    from seam.clusterer import Clusterer

    from seam_core.clusterer import as_rows, principal_axes

    rows = as_rows(deepstarr_maps(n))
    scores = principal_axes(rows, min(50, n)).scores(rows)
    with contextlib.redirect_stdout(io.StringIO()):
        Clusterer(scores[:200], method="umap", gpu=False).embed(n_components=2)

    def action() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            Clusterer(scores, method="umap", gpu=False).embed(n_components=2)

    return action


def _scores(n: int) -> np.ndarray:
    from seam_core.clusterer import as_rows, principal_axes

    rows = as_rows(deepstarr_maps(n))
    return principal_axes(rows, min(50, n)).scores(rows)


def _kmeans(n: int) -> Action:
    from seam_core.clusterer import kmeans

    rows = _scores(n)
    kmeans(rows[:500], 5)
    return partial(kmeans, rows, min(N_CLUSTERS, n))


def _peer_kmeans(n: int) -> Action:
    from seam.clusterer import Clusterer

    rows = _scores(n)
    peer = Clusterer(rows, gpu=False)
    return partial(peer.cluster, rows, method="kmeans", n_clusters=min(N_CLUSTERS, n))


def _tree(n: int) -> np.ndarray:
    from seam_core.clusterer import ward_linkage

    return ward_linkage(deepstarr_maps(n))


def _cut(n: int) -> Action:
    from seam_core.clusterer import cut_linkage

    return partial(cut_linkage, _tree(n), min(N_CLUSTERS, n))


def _peer_cut(n: int) -> Action:
    tree = _tree(n)
    peer = _peer_clusterer(2)

    def action() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            peer.get_cluster_labels(tree, criterion="maxclust", n_clusters=min(N_CLUSTERS, n))

    return action


BENCHMARKS: dict[str, Benchmark] = {
    "ward": Benchmark(_ward, _peer_ward, default_n=20_000, extra=_further),
    "umap": Benchmark(_umap, _peer_umap, default_n=10_000),
    "kmeans": Benchmark(_kmeans, _peer_kmeans, default_n=10_000),
    "cut": Benchmark(_cut, _peer_cut, default_n=10_000, repeats=3),
}
