"""Which positions lose and keep their letters together: the tree that sites are cut from."""

from __future__ import annotations

import numpy as np

from seam_core.records import Explanation
from seam_core.validate import InputError, check_range

NOISE = -1

FACTORED = 500
"""Positions from which distances between rows of their covariance are taken in fewer dimensions."""

HEIGHTS_TRIED = 256
"""Merges from the top of the tree that are tried as the cut to draw."""


def entropy_covariance(explanation: Explanation) -> np.ndarray:
    """(W, W) float64: covariance of the MSM's entropy columns over clusters, noise left out.

    Zeros where there are fewer than two clusters: nothing varies.
    """
    bits = _bits(explanation)
    if len(bits) < 2:
        return np.zeros((explanation.entropy.shape[1],) * 2)
    return np.atleast_2d(np.cov(bits, rowvar=False))


def _bits(explanation: Explanation) -> np.ndarray:
    return np.nan_to_num(explanation.entropy[explanation.ids != NOISE])


def position_linkage(points: np.ndarray) -> np.ndarray:
    """(W - 1, 4): average linkage of points (W, D) by Euclidean distance, one a position.

    The rows of the covariance, or points that are as far from each other.
    """
    from scipy.cluster import hierarchy
    from scipy.spatial import distance

    if len(points) < 2:
        return np.zeros((0, 4))
    return hierarchy.linkage(distance.pdist(points), method="average")


def entropy_linkage(explanation: Explanation, covariance: np.ndarray) -> np.ndarray:
    """(W - 1, 4): `position_linkage` of `entropy_covariance`.

    Of many positions the distances are taken between points of as many dimensions as there are
    clusters, which are as far from each other as the covariance's rows: with X the (K, W) entropy
    less its mean and X X' = V diag(v) V', those of diag(sqrt(v)) V' X.
    """
    bits = _bits(explanation)
    if len(covariance) < FACTORED or not 2 <= len(bits) < len(covariance):
        return position_linkage(covariance)
    apart = (bits - bits.mean(axis=0)) / np.sqrt(len(bits) - 1)
    variances, axes = np.linalg.eigh(apart @ apart.T)
    return position_linkage((apart.T @ axes) * np.sqrt(np.maximum(variances, 0.0)))


def leaf_order(linkage: np.ndarray) -> np.ndarray:
    """(W,) columns in the order in which the tree's leaves are drawn."""
    from scipy.cluster import hierarchy

    return hierarchy.leaves_list(linkage) if len(linkage) else np.zeros(1, np.int32)


def groups_by_number(linkage: np.ndarray, n_sites: int) -> tuple[list[np.ndarray], float]:
    """`n_sites` + 1 groups of columns less the largest, the background; and the height of the cut.

    Raises `InputError` where there are not that many positions.
    """
    from scipy.cluster import hierarchy

    if n_sites > len(linkage):
        raise InputError("n_sites", n_sites, f"at most {len(linkage)}, one less than positions")
    labels = hierarchy.fcluster(linkage, n_sites + 1, criterion="maxclust")
    return _without_largest(labels), float(np.sort(linkage[:, 2])[-n_sites] * 0.99)


def groups_by_height(linkage: np.ndarray, height: float) -> list[np.ndarray]:
    """Groups of columns that merge at or below `height`, less the largest, the background."""
    from scipy.cluster import hierarchy

    check_range(height, "site_cut_height", 0.0)
    if not len(linkage):
        return []
    return _without_largest(hierarchy.fcluster(linkage, height, criterion="distance"))


def last_gap_height(linkage: np.ndarray) -> float:
    """The authors' automatic cut: the merge behind the last gap that exceeds mean + sd of the gaps.

    Three groups' height where no gap does (seam-nn calls a function there that does not exist).
    """
    heights = np.sort(linkage[:, 2])
    if len(heights) < 2:
        return 0.0
    gaps = np.diff(heights)
    (significant,) = np.nonzero(gaps > gaps.mean() + gaps.std())
    if len(significant):
        return float(heights[significant[-1] + 1])
    return float(heights[-min(3, len(heights))] * 0.99)


def height_of_groups(linkage: np.ndarray, groups: list[np.ndarray]) -> float:
    """Height at which the tree's groups come closest to `groups`: where to draw their cut.

    Closeness is the share that a group and its best match have in common, averaged over groups;
    of heights that are equally close, the highest. 0 without groups.
    """
    if not groups or not len(linkage):
        return 0.0
    n_columns = len(linkage) + 1
    born = np.concatenate([np.zeros(n_columns), linkage[:, 2]])
    gone = np.full(len(born), np.inf)
    both, size = np.zeros((len(born), len(groups))), np.ones(len(born))
    for column, group in enumerate(groups):
        both[group, column] = 1
    for row, (first, second) in enumerate(linkage[:, :2].astype(np.intp), n_columns):
        both[row], size[row] = both[first] + both[second], size[first] + size[second]
        gone[first] = gone[second] = linkage[row - n_columns, 2]
    shared = both / (size[:, None] + [len(group) for group in groups] - both)
    heights = np.unique(linkage[:, 2])[-HEIGHTS_TRIED:]
    closeness = [shared[(born <= h) & (h < gone)].max(axis=0).mean() for h in heights]
    return float(heights[len(heights) - 1 - int(np.argmax(closeness[::-1]))])


def _without_largest(labels: np.ndarray) -> list[np.ndarray]:
    """Members of each group, in order of their first position, less the first largest one."""
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    largest = max(range(len(groups)), key=lambda index: len(groups[index]))
    kept = [group for index, group in enumerate(groups) if index != largest]
    return sorted(kept, key=lambda group: int(group[0]))
