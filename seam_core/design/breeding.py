"""New sequences out of those of a mechanism: recombined, and substituted by its letters."""

from __future__ import annotations

import numpy as np

MORE_SUBSTITUTIONS = 0.02
"""Substitutions of a child besides one, a share of the free positions, on average."""

STRANGE = 0.02
"""Weight of a letter that no sequence of the mechanism has."""

_MOST_COUNTED = 5_000


def letter_weights(members: np.ndarray, n_letters: int) -> np.ndarray:
    """(L, A): share of each letter among the members (m, L), `STRANGE` at the least."""
    members = members[:: -(-len(members) // _MOST_COUNTED)]
    counts = (members[:, :, None] == np.arange(n_letters)).mean(axis=0)
    return np.maximum(counts, STRANGE)


def children(
    parents: np.ndarray,
    weights: np.ndarray,
    fixed: np.ndarray,
    n: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n, L) int8: each from two parents, a stretch of one in the other, and a few substitutions.

    Parameters
    ----------
    parents : (p, L) int8
    weights : (L, A), how likely a letter is put at a position
    fixed : (L,) bool, positions that are not substituted
    """
    length = parents.shape[1]
    first, second = (parents[rng.integers(0, len(parents), n)] for _ in range(2))
    ends = np.sort(rng.integers(0, length + 1, (n, 2)), axis=1)
    place = np.arange(length)
    inside = (place >= ends[:, :1]) & (place < ends[:, 1:])
    bred = np.where(inside, second, first).astype(np.int8)
    free = ~fixed
    if free.any():
        many = 1 + rng.poisson(MORE_SUBSTITUTIONS * free.sum(), n)
        for row, k in zip(bred, np.minimum(many, free.sum()), strict=True):
            substitute(row, int(k), weights, free, rng)
    return bred


def substitute(
    row: np.ndarray, k: int, weights: np.ndarray, free: np.ndarray, rng: np.random.Generator
) -> None:
    """Put other letters at k of the free positions, in place, by their weights.

    The largest of log weights with Gumbel noise are a draw without replacement by weight.
    """
    with np.errstate(divide="ignore"):
        scores = np.log(weights) + rng.gumbel(size=weights.shape)
    scores[~free] = -np.inf
    known = row >= 0
    scores[np.flatnonzero(known), row[known]] = -np.inf
    best = scores.argmax(axis=1)
    places = np.argsort(-scores.max(axis=1), kind="stable")[:k]
    row[places] = best[places]
