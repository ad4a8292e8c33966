"""The sites that clusters show, from the letters in them alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_core.identifier.detection import detect_groups, signal_of_counts
from seam_core.parameters import IdentifierParameters
from seam_core.records import Library


def letter_counts(sequences: np.ndarray, labels: np.ndarray, n_letters: int) -> np.ndarray:
    """(K, W, A) int64: letters of each cluster at each position, clusters by ascending label."""
    ids, rank = np.unique(labels, return_inverse=True)
    order = np.argsort(rank, kind="stable")
    first = np.searchsorted(rank[order], np.arange(len(ids)))
    counts = np.empty((len(ids), sequences.shape[1], n_letters), np.int64)
    ordered = sequences[order]
    for letter in range(n_letters):
        counts[:, :, letter] = np.add.reduceat(ordered == letter, first, axis=0, dtype=np.int64)
    return counts


def sites_of_counts(
    counts: np.ndarray, reference: np.ndarray | None, start: int, parameters: IdentifierParameters
) -> list[set[int]]:
    """Positions of each site that clusters with these letters show.

    Parameters
    ----------
    counts : (K, W, A)
    reference : (W,) letters; None without
    start : position of column 0
    """
    groups = detect_groups(
        signal_of_counts(counts, reference),
        max_gap=parameters.site_max_gap,
        min_length=parameters.site_min_length,
    )
    return [{int(column) + start for column in group} for group in groups]


class SitesShown:
    """The sites that the cuts of one tree show.

    Called with several (N,) labels, each from another cut: the finer clusters lie within the
    coarser ones, so that letters are counted once.
    """

    def __init__(
        self, library: Library, window: range, parameters: IdentifierParameters | None = None
    ) -> None:
        self.library, self.window = library, window
        self.parameters = parameters or IdentifierParameters()

    def __call__(self, cuts: Sequence[np.ndarray]) -> list[list[set[int]]]:
        if not cuts:
            return []
        columns = slice(self.window.start, self.window.stop)
        own = self.library.reference
        reference = None if own is None else own[columns]
        finest = max(cuts, key=lambda labels: int(labels.max()))
        counts = letter_counts(
            self.library.sequences[:, columns], finest, len(self.library.alphabet)
        )
        first = np.unique(finest, return_index=True)[1]
        groups = []
        for labels in cuts:
            within = np.unique(labels[first], return_inverse=True)[1]
            merged = np.zeros((int(within.max()) + 1, *counts.shape[1:]), np.int64)
            np.add.at(merged, within, counts)
            groups.append(sites_of_counts(merged, reference, self.window.start, self.parameters))
        return groups
