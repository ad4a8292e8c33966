"""What a sequence is compared with: nothing, or shuffles of itself.

The shuffles of row i of a library depend on the seed and i alone, so that maps do not depend on
the batch.
"""

from __future__ import annotations

import numpy as np

# Choices of each letter's last exit drawn at once; one in four suits DNA, one in twenty protein.
EXIT_DRAWS = 64


def row_generators(seed: int, first: int, n: int) -> list[np.random.Generator]:
    """One random generator a row, for rows `first` to `first + n` of a library."""
    return [np.random.default_rng([seed, row]) for row in range(first, first + n)]


def position_shuffles(
    sequences: np.ndarray, n_shuffles: int, generators: list[np.random.Generator]
) -> np.ndarray:
    """Each sequence with its positions in random order.

    Parameters
    ----------
    sequences : (n, L) int8
    generators : n, one a sequence

    Returns
    -------
    (n, n_shuffles, L) int8

    `seam-nn` permutes the letters' columns instead, which turns A into C and so on.
    """
    length = sequences.shape[1]
    keys = np.stack([rng.random((n_shuffles, length)) for rng in generators])
    order = keys.argsort(axis=2)
    return np.take_along_axis(np.broadcast_to(sequences[:, None], keys.shape), order, axis=2)


def dinucleotide_shuffles(
    sequences: np.ndarray, n_letters: int, n_shuffles: int, generators: list[np.random.Generator]
) -> np.ndarray:
    """Shuffles of each sequence that keep how often every letter follows every other.

    Parameters
    ----------
    sequences : (n, L) int8, letters only
    generators : n, one a sequence

    Returns
    -------
    (n, n_shuffles, L) int8; first and last letters stay

    A shuffle is a random Eulerian path through the letters: the steps out of each letter in
    random order, but the last step out of each drawn until together they lead to the last letter
    (Altschul & Erickson 1985, doi:10.1093/oxfordjournals.molbev.a040370). All rows at once.
    """
    n, length = sequences.shape
    if length < 3:
        return np.repeat(sequences[:, None], n_shuffles, axis=1)
    keys = np.stack([rng.random((n_shuffles, length - 1)) for rng in generators])
    draws = np.stack([rng.random((n_shuffles, EXIT_DRAWS, n_letters)) for rng in generators])
    rows = np.repeat(sequences, n_shuffles, axis=0).astype(np.int64)
    keys = keys.reshape(len(rows), length - 1)
    left = rows[:, :-1]
    exits = _last_exits(rows, draws.reshape(len(rows), EXIT_DRAWS, n_letters))
    used = exits >= 0
    keys[np.nonzero(used)[0], exits[used]] = 1.0  # after all others, which are below 1
    order = np.argsort(left + keys * (1 - 1e-9), axis=1, kind="stable")
    steps = np.take_along_axis(rows[:, 1:], order, axis=1)
    counts = _counts(left, n_letters)
    return _walk(rows[:, 0], steps, counts.cumsum(axis=1) - counts).reshape(n, n_shuffles, length)


def _counts(letters: np.ndarray, n_letters: int) -> np.ndarray:
    """(m, A): how often each letter occurs in each row."""
    offset = np.arange(len(letters))[:, None] * n_letters
    flat = np.bincount((letters + offset).ravel(), minlength=len(letters) * n_letters)
    return flat.reshape(len(letters), n_letters)


def _last_exits(rows: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """(m, A): index of the step that leaves each letter last; -1 for the end and absent letters.

    Row by row the first draw whose exits lead from every letter to the end; where none does, the
    sequence's own last exits, which always do.
    """
    m, n_draws, n_letters = draws.shape
    left, end = rows[:, :-1], rows[:, -1]
    by_letter = np.argsort(left, axis=1, kind="stable")
    counts = _counts(left, n_letters)
    starts = counts.cumsum(axis=1) - counts
    picks = starts[:, None] + (draws * counts[:, None]).astype(np.int64)
    picks = np.minimum(picks, left.shape[1] - 1)
    own = np.minimum(starts + np.maximum(counts - 1, 0), left.shape[1] - 1)
    picks = np.concatenate([picks, own[:, None]], axis=1)
    steps = np.take_along_axis(by_letter, picks.reshape(m, -1), axis=1)
    target = np.take_along_axis(rows[:, 1:], steps, axis=1).reshape(picks.shape)
    needed = counts > 0
    needed[np.arange(m), end] = False
    target = np.where(needed[:, None], target, end[:, None, None])
    for _ in range(n_letters.bit_length()):
        target = np.take_along_axis(target, target, axis=2)
    good = (target == end[:, None, None]).all(axis=2)
    good[:, n_draws] = True
    chosen = good.argmax(axis=1)
    exits = steps.reshape(picks.shape)[np.arange(m), chosen]
    return np.where(needed, exits, -1)


def _walk(first: np.ndarray, steps: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(m, L) int8: take the steps out of each letter in order, all rows at once."""
    m, n_steps = steps.shape
    path = np.empty((m, n_steps + 1), dtype=np.int8)
    path[:, 0] = first
    taken = starts.copy()
    index = np.arange(m)
    here = first
    for position in range(1, n_steps + 1):
        step = taken[index, here]
        taken[index, here] = step + 1
        here = steps[index, step]
        path[:, position] = here
    return path
