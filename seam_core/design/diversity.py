"""Choosing sequences that differ from each other."""

from __future__ import annotations

import numpy as np


def spread(sequences: np.ndarray, n: int, min_distance: int, start: int = 0) -> np.ndarray:
    """Rows of up to n sequences, any two of which differ at `min_distance` positions or more.

    Farthest first: from `start` on, each is the one farthest from those chosen (Gonzalez 1985).

    Parameters
    ----------
    sequences : (m, L) int8

    Returns
    -------
    (k,) int64 in the order chosen, k <= n
    """
    if len(sequences) == 0 or n < 1:
        return np.zeros(0, np.int64)
    taken = [start]
    nearest = (sequences != sequences[start]).sum(axis=1)
    while len(taken) < n:
        row = int(nearest.argmax())
        if nearest[row] < min_distance:
            break
        taken.append(row)
        np.minimum(nearest, (sequences != sequences[row]).sum(axis=1), out=nearest)
    return np.array(taken, dtype=np.int64)


def nearest_distances(sequences: np.ndarray) -> np.ndarray:
    """(n,) int64: at how many positions each differs from the nearest other; -1 where alone."""
    if len(sequences) < 2:
        return np.full(len(sequences), -1)
    nearest = np.empty(len(sequences), np.int64)
    for row, sequence in enumerate(sequences):
        distances = (sequences != sequence).sum(axis=1)
        distances[row] = sequences.shape[1] + 1
        nearest[row] = distances.min()
    return nearest
