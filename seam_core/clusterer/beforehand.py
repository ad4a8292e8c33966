"""What is known to be wrong with a clustering before there are maps: told before they are made."""

from __future__ import annotations

from seam_core.clusterer.products import choose_products
from seam_core.parameters import ClustererParameters
from seam_core.registry import CLUSTERINGS, EMBEDDINGS
from seam_core.validate import InputError


def check_clusterer(settings: ClustererParameters, n_maps: int) -> None:
    """Raise what embedding and clustering so many maps would, as far as parameters tell it."""
    if settings.embedding != "none":
        check_embedding(settings, n_maps)
    check_clustering(settings, n_maps, embedded=settings.embedding != "none")


def check_embedding(settings: ClustererParameters, n_maps: int) -> None:
    """Raise `InputError` for too few maps, and what the method itself says of them."""
    method = EMBEDDINGS.get(settings.embedding)
    least = settings.n_components + 3
    if n_maps < least:
        axes = f"an embedding of {settings.n_components} axes (more sequences, or embedding none)"
        raise InputError("maps", f"{n_maps} maps", f"{least} or more for {axes}")
    if method.check is not None:
        method.check(settings, n_maps)


def check_clustering(settings: ClustererParameters, n_maps: int, *, embedded: bool) -> None:
    """Raise `InputError` for more clusters than maps, and what the method itself says of them.

    embedded : there is an embedding that can be grouped
    """
    method = CLUSTERINGS.get(settings.clustering)
    numbered = "n_clusters" in method.parameters and settings.cut_height is None
    if numbered and (settings.n_clusters or 1) > n_maps:
        raise InputError("n_clusters", settings.n_clusters, f"1 to {n_maps}, the number of maps")
    if settings.cluster_on == "embedding" and not (method.is_tree or embedded):
        raise InputError("cluster_on", "no embedding", "an embedding, made or imported")
    if settings.cluster_device == "gpu":
        choose_products("gpu")
    if method.check is not None:
        method.check(settings, n_maps)


def memory_at_most(settings: ClustererParameters, n_maps: int, n_numbers: int) -> str:
    """What clustering maps of so many numbers each may need beyond its limit; "" where it fits.

    How much it is depends on how many of the maps are the same, which is known once they are made.
    """
    method = CLUSTERINGS.get(settings.clustering)
    needed = 0.0 if method.memory is None else method.memory(n_maps, n_numbers)
    if needed <= settings.memory_limit_gb * 1e9:
        return ""
    return (
        f"memory: {method.name} linkage of {n_maps:,} maps needs {needed / 1e9:.1f} GB if no two "
        f"are the same, and is then refused: memory_limit_gb allows {settings.memory_limit_gb:g}"
    )
