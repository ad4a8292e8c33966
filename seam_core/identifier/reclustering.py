"""The maps clustered again and again: what does not come back hangs on one clustering.

A tree changes with the last digits of the maps, so what is read from one cut of one tree does too.
Here the maps of half the library are clustered, the other maps join the nearest cluster, and the
same is done for the other half, for several ways to halve it and for coarser and finer cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seam_core.entropy import entropy
from seam_core.identifier.detection import PositionSignal, detect_groups, position_signal
from seam_core.identifier.shown import letter_counts
from seam_core.parameters import IdentifierParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Explanation, Library, Site

MOST_ROWS = 1_200
"""Maps behind one tree."""

AXES = 48
"""Directions in which maps vary most, in which they are clustered again."""

AXES_ROWS = 4_000
CHUNK_ROWS = 8_192
CUTS = (15, 30, 60)
"""Numbers of clusters that each tree is cut into, whatever the number of clusters shown: what is
found does not hang on it."""

SAME = 0.5
"""Two sites are the same where they share at least this share of all their positions."""


def reclustered(
    explanation: Explanation,
    library: Library,
    maps: AttributionMaps,
    n_trees: int,
    seed: int,
    progress: Progress = SILENT,
) -> list[Explanation]:
    """One `Explanation` a tree and cut, with letter counts, sizes and entropy of its clusters.

    Mean maps, medians and all else in them are still the given one's.
    """
    n = len(maps)
    if n < 8 or explanation.n_clusters < 2 or n_trees == 0:
        return []
    rng = np.random.default_rng(seed)
    places = _places(maps, rng)
    window = library.sequences[:, maps.start : maps.stop]
    explanations: list[Explanation] = []
    order = rng.permutation(n)
    for index in range(n_trees):
        progress.update(index, n_trees, "Clustering again")
        if index % 2 == 0:
            order = rng.permutation(n)
        half = order[: n // 2] if index % 2 == 0 else order[n // 2 :]
        for labels in _partitions(places, half[:MOST_ROWS]):
            explanations.append(_explained(explanation, window, labels))
    return explanations


def sites_of_halves(
    explanation: Explanation,
    library: Library,
    maps: AttributionMaps,
    parameters: IdentifierParameters,
) -> list[list[set[int]]]:
    """For each of two halves of the library, the positions of the sites that it shows by itself.

    Each half is clustered anew and only its own sequences are counted; none where there are too
    few.
    """
    n = len(maps)
    if n < 16 or explanation.n_clusters < 2:
        return []
    rng = np.random.default_rng(parameters.seed)
    places = _places(maps, rng)
    order = rng.permutation(n)
    window = library.sequences[:, maps.start : maps.stop]
    sites = []
    for half in (order[: n // 2], order[n // 2 :]):
        cuts = _partitions(places[half], np.arange(len(half))[:MOST_ROWS])
        signal = mean_signal([_explained(explanation, window[half], labels) for labels in cuts])
        groups = detect_groups(
            signal, max_gap=parameters.site_max_gap, min_length=parameters.site_min_length
        )
        sites.append([{int(c) + explanation.start for c in group} for group in groups])
    return sites


def mean_signal(replicates: list[Explanation]) -> PositionSignal:
    """What all the reclusterings together say of the positions."""
    signals = [position_signal(one) for one in replicates]
    return PositionSignal(
        np.mean([s.variance for s in signals], axis=0),
        np.mean([s.z for s in signals], axis=0),
        tuple(each for s in signals for each in s.correlations),
        np.concatenate([s.lost for s in signals]),
        np.concatenate([s.sizes for s in signals]),
    )


def site_replicates(
    replicates: list[Explanation], sites: Sequence[Site], *, max_gap: int, min_length: int
) -> list[list[Site | None]]:
    """For each reclustering, the site that it has in the place of each; None where it has none."""
    replicates_of = []
    for one in replicates:
        groups = detect_groups(position_signal(one), max_gap=max_gap, min_length=min_length)
        own = [tuple(int(c) + one.start for c in group) for group in groups]
        replicates_of.append([_same(site, own) for site in sites])
    return replicates_of


def _same(site: Site, groups: list[tuple[int, ...]]) -> Site | None:
    wanted = set(site.positions)
    shares = [len(wanted & set(other)) / len(wanted | set(other)) for other in groups]
    if not shares or max(shares) < SAME:
        return None
    return Site(site.name, groups[int(np.argmax(shares))])


def _places(maps: AttributionMaps, rng: np.random.Generator) -> np.ndarray:
    """(N, axes) float32: the maps along the directions in which they vary most."""
    n = len(maps)
    width = int(np.prod(maps.maps.shape[1:]))
    rows = np.sort(rng.permutation(n)[:AXES_ROWS])
    some = np.asarray(maps.maps[rows], dtype=np.float32).reshape(len(rows), width)
    some -= some.mean(axis=0)
    start = rng.standard_normal((width, min(AXES, width))).astype(np.float32)
    axes = np.linalg.qr(some.T @ (some @ start))[0]
    axes = np.linalg.qr(some.T @ (some @ axes))[0].astype(np.float32)
    places = np.empty((n, axes.shape[1]), np.float32)
    for first in range(0, n, CHUNK_ROWS):
        chunk = np.asarray(maps.maps[first : first + CHUNK_ROWS], dtype=np.float32)
        places[first : first + CHUNK_ROWS] = chunk.reshape(len(chunk), width) @ axes
    return places


def _partitions(places: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """(N,) labels for each cut of the tree of some rows, all others with the nearest cluster."""
    from scipy.cluster import hierarchy

    tree = hierarchy.linkage(places[rows].astype(np.float64), "ward")
    partitions = []
    for number in CUTS:
        wanted = min(number, len(rows) // 2)
        own = hierarchy.fcluster(tree, wanted, "maxclust") - 1
        n_own = np.bincount(own)
        centres = np.stack(
            [np.bincount(own, column) for column in places[rows].T.astype(np.float64)], axis=1
        )
        centres = (centres / n_own[:, None]).astype(np.float32)
        squared = (centres**2).sum(axis=1) - 2.0 * places @ centres.T
        partitions.append(squared.argmin(axis=1))
    return partitions


def _explained(explanation: Explanation, window: np.ndarray, labels: np.ndarray) -> Explanation:
    ids, sizes = np.unique(labels, return_counts=True)
    counts = letter_counts(window, labels, len(explanation.alphabet))
    return replace(
        explanation,
        ids=np.arange(len(ids), dtype=np.int32),
        sizes=sizes,
        letter_counts=counts,
        entropy=entropy(counts),
    )
