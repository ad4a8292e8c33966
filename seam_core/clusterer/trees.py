"""Trees of the maps (hierarchical clustering), in SciPy's format.

The kernels are imported where they are used: numba takes its time.
"""

from __future__ import annotations

import importlib.util

import numpy as np

from seam_core.clusterer.declared import ClusteringMethod, TreeJob
from seam_core.clusterer.inputs import as_rows
from seam_core.clusterer.products import choose_products
from seam_core.clusterer.workers import Workers
from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps
from seam_core.registry import CLUSTERINGS
from seam_core.validate import InputError, MemoryBudgetError, check_shape


def ward_linkage(
    maps: AttributionMaps | np.ndarray,
    *,
    progress: Progress | None = None,
    n_threads: int = 0,
    device: str = "auto",
    memory_limit_gb: float = 8.0,
) -> np.ndarray:
    """Ward's tree of maps, without their distance matrix.

    Equals `scipy.cluster.hierarchy.linkage(maps as float64, "ward")` up to exact ties, between
    which any choice is a Ward tree, and float64 rounding. Memory is that of the maps and of a list
    of candidates a map; time grows with N^2.

    Parameters
    ----------
    maps : (N, L, A) or (N, F), float16 to float64, memory-mapped or not; read only
    n_threads : 0: one a core. The tree does not depend on it; fewer leave room for other work
    device : "auto", "cpu" or "gpu" (torch); neither does it depend on that
    memory_limit_gb : what the tree may take beside the maps

    Returns
    -------
    (N - 1, 4) float64 linkage in SciPy's format, the heights non-decreasing

    Raises
    ------
    InputError
        No maps, or NaN or infinity in them.
    MemoryBudgetError
        The tree would need more than the limit.
    Cancelled
        By `progress`; nothing is left behind.
    """
    from seam_core.clusterer import tree_format
    from seam_core.clusterer.duplicates import distinct_rows
    from seam_core.clusterer.ward import ward_merges

    progress = progress or SILENT
    rows = as_rows(maps)
    n, n_features = rows.shape
    if n == 1:
        return np.empty((0, 4))
    distinct = distinct_rows(rows, progress)
    n_distinct = len(distinct.firsts)
    _check_memory("ward", n, ward_memory(n_distinct, n_features), memory_limit_gb)
    with Workers(n_threads) as workers:
        children, squares = ward_merges(
            rows,
            distinct.firsts,
            distinct.counts,
            products=choose_products(device, 0.5 * n_distinct**2 * n_features),
            workers=workers,
            progress=progress,
        )
    children, heights = tree_format.with_identical(children, np.sqrt(squares), distinct)
    return tree_format.to_linkage(children, heights)


def ward_memory(n: int, n_features: int) -> float:
    """Bytes that `ward_linkage` takes at most for `n` distinct maps, beside the maps."""
    from seam_core.clusterer.ward import CAPACITY, TAIL

    centroids = 8.0 / 2 * n * n_features
    at_the_end = min(n, TAIL)
    dense = 8.0 * at_the_end * (at_the_end + n_features)
    if n <= TAIL:
        return centroids + dense
    coordinates = 4.0 * n * n_features
    return n * (12.0 * CAPACITY + 200.0) + coordinates + centroids + dense


def linkage_by(
    maps: AttributionMaps | np.ndarray,
    method: str,
    *,
    progress: Progress | None = None,
    n_threads: int = 0,
    device: str = "auto",
    memory_limit_gb: float = 8.0,
) -> np.ndarray:
    """A tree by "ward", "single", "average" or "complete" linkage; otherwise as `ward_linkage`.

    Single linkage is a minimum spanning tree and needs no distance matrix. Average and complete
    linkage do: 4 N (N - 1) bytes with fastcluster, twice that with SciPy; the `MemoryBudgetError`
    of a matrix that is too large says how much it would need.
    """
    record = CLUSTERINGS.get(method)
    if record.link is None:
        trees = ", ".join(each.name for each in CLUSTERINGS if each.is_tree)
        raise InputError("clustering", f"{method}, which makes no tree", f"one of {trees}")
    settings = ClustererParameters(
        clustering=method,
        cluster_threads=n_threads,
        cluster_device=device,
        memory_limit_gb=memory_limit_gb,
    )
    return link(maps, settings, progress or SILENT)


def link(
    maps: AttributionMaps | np.ndarray, parameters: ClustererParameters, progress: Progress
) -> np.ndarray:
    """(N - 1, 4) float64: the tree by the clustering that the parameters name."""
    record = CLUSTERINGS.get(parameters.clustering)
    own = parameters.of(record)
    with CLUSTERINGS.calling(record.name):
        matrix = np.asarray(record.link(TreeJob(maps, parameters, own, progress)), np.float64)
    n = len(maps)
    check_shape(matrix, (n - 1, 4), f"tree of {record.name}")
    return matrix


def _ward(job: TreeJob) -> np.ndarray:
    return ward_linkage(
        job.maps,
        progress=job.progress,
        n_threads=job.parameters.cluster_threads,
        device=job.parameters.cluster_device,
        memory_limit_gb=job.parameters.memory_limit_gb,
    )


def _single(job: TreeJob) -> np.ndarray:
    from seam_core.clusterer import tree_format
    from seam_core.clusterer.pairwise import minimum_spanning_tree

    rows = as_rows(job.maps)
    if len(rows) == 1:
        return np.empty((0, 4))
    with Workers(job.parameters.cluster_threads) as workers:
        return tree_format.from_edges(*minimum_spanning_tree(rows, workers, job.progress))


def _by_distances(job: TreeJob) -> np.ndarray:
    """Average or complete linkage, from all distances."""
    from seam_core.clusterer.pairwise import condensed_distances

    method, rows = job.parameters.clustering, as_rows(job.maps)
    n = len(rows)
    if n == 1:
        return np.empty((0, 4))
    _check_distances(job.parameters, n)
    in_place: dict[str, bool] = {}
    if _has_fastcluster():
        from fastcluster import linkage

        in_place["preserve_input"] = False
    else:
        from scipy.cluster.hierarchy import linkage
    with Workers(job.parameters.cluster_threads) as workers:
        distances = condensed_distances(rows, workers, job.progress)
    return linkage(distances, method, **in_place)


def _has_fastcluster() -> bool:
    return importlib.util.find_spec("fastcluster") is not None


def _check_distances(settings: ClustererParameters, n_maps: int) -> None:
    needed = (1 if _has_fastcluster() else 2) * 4.0 * n_maps * (n_maps - 1)
    _check_memory(settings.clustering, n_maps, needed, settings.memory_limit_gb)


def _check_memory(method: str, n: int, needed: float, limit_gb: float) -> None:
    if needed > limit_gb * 1e9:
        others = "single linkage" if method == "ward" else "Ward or single linkage"
        raise MemoryBudgetError(
            f"{method} linkage of {n:,} maps needs {needed / 1e9:.1f} GB; memory_limit_gb allows "
            f"{limit_gb:g}. Take fewer maps, raise the limit, or choose {others}, which needs less."
        )


_OF_TREES = ("n_clusters", "cut_height")
WARD = ClusteringMethod(
    name="ward",
    label="Hierarchical, Ward",
    parameters=_OF_TREES,
    link=_ward,
    memory=ward_memory,
    sentence="by Ward's hierarchical clustering {cite} of the maps",
    citation="Ward JH. Hierarchical grouping to optimize an objective function. Journal of the "
    "American Statistical Association 58, 236-244 (1963).",
    packages=("numba",),
)
AVERAGE, COMPLETE = (
    ClusteringMethod(
        name=name,
        label=f"Hierarchical, {name} linkage",
        parameters=_OF_TREES,
        link=_by_distances,
        check=_check_distances,
        sentence=f"by hierarchical clustering ({name} linkage) of the maps",
        packages=("fastcluster or scipy",),
    )
    for name in ("average", "complete")
)
SINGLE = ClusteringMethod(
    name="single",
    label="Hierarchical, single linkage",
    parameters=_OF_TREES,
    link=_single,
    sentence="by hierarchical clustering (single linkage) of the maps",
    packages=("numba",),
)
