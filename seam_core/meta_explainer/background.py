"""Background separation: what all mechanisms share, and what each has beyond it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.records import Library
from seam_core.validate import check_shape


@dataclass(frozen=True, eq=False)
class Background:
    """The background of K clusters.

    clusters : (K, W, A) float64: each mean map at its entropic positions, 0 elsewhere
    average : (W, A) float64
    scale : (K,) float64, what the average is multiplied with before it is subtracted
    """

    clusters: np.ndarray
    average: np.ndarray
    scale: np.ndarray


def separate_background(
    mean_maps: np.ndarray,
    bits: np.ndarray,
    threshold: float,
    *,
    adaptive: bool = False,
    counted: np.ndarray | None = None,
) -> Background:
    """Split mean maps (K, W, A) into background and foreground.

    A position is entropic in a cluster where its entropy exceeds `threshold`, in bits: letters vary
    there freely, so what the map shows is not of the mechanism. Adaptive scaling multiplies the
    average by sum|cluster background| / sum|average| over the positions where neither is zero.

    Parameters
    ----------
    bits : (K, W) entropy
    counted : (K,) bool, clusters that the average is of; default all
    """
    check_shape(bits, mean_maps.shape[:2], "entropy")
    entropic = bits > threshold
    clusters = np.where(entropic[:, :, None], mean_maps, 0.0)
    of = clusters if counted is None or not counted.any() else clusters[counted]
    average = of.mean(axis=0)
    scale = np.ones(len(clusters))
    if adaptive:
        both = (clusters != 0).any(axis=2) & (average != 0).any(axis=1)
        own = (np.abs(clusters).sum(axis=2) * both).sum(axis=1)
        shared = (np.abs(average).sum(axis=1) * both).sum(axis=1)
        np.divide(own, shared, out=scale, where=shared > 0)
    return Background(clusters, average, scale)


def mutation_rate(library: Library, given: float | None, library_counts: np.ndarray) -> float:
    """The mutation rate that defines the background expectation everywhere.

    `given` where the user says so; the rate a local library was made with; otherwise the share of
    letters that differ from the reference (from each position's commonest letter where there is no
    reference), over the positions that vary at all. For a library of random sequences that is
    close to (A - 1) / A, and the expectation close to log2 A bits.
    """
    if given is not None:
        return given
    parameters = library.parameters
    if parameters is not None and parameters.library == "local" and parameters.mutation_rate > 0:
        return parameters.mutation_rate
    return estimated_rate(library_counts, library.reference)


def estimated_rate(library_counts: np.ndarray, reference: np.ndarray | None) -> float:
    """Mean share of letters (W, A) that are not the reference's, where the library varies."""
    total = library_counts.sum(axis=1)
    usual = library_counts.max(axis=1)
    if reference is not None and len(reference) == len(library_counts):
        known = reference >= 0
        at = library_counts[np.arange(len(reference)), np.where(known, reference, 0)]
        usual = np.where(known, at, usual)
    varies = usual < total
    if not varies.any():
        return 0.0
    return float((1.0 - usual[varies] / total[varies]).mean())
