"""Shuffles of sequences: of their positions, or of their steps from letter to letter.

Each sequence has a random generator of its own, so that its shuffles do not depend on which others
are shuffled with it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

# Bits of a sort key: position in the sequence below, random numbers above, the letter on top.
POSITION_BITS = 20
RANDOM_BITS = 36
# Choices of the last steps tried at once; about one in four suits DNA, one in twenty protein.
TRIES = 8


def generators_of_rows(seed: int, rows: Iterable[int]) -> list[np.random.Generator]:
    """The random generator of each of these rows of a library."""
    return [np.random.default_rng([seed, int(row)]) for row in rows]


def position_shuffles(
    sequences: np.ndarray, n_shuffles: int, generators: list[np.random.Generator]
) -> np.ndarray:
    """Each sequence with its positions in random order.

    `seam-nn` permutes the letters' columns instead, which turns A into C and so on.

    Parameters
    ----------
    sequences : (n, L) int8
    generators : n, one a sequence

    Returns
    -------
    (n, n_shuffles, L) int8
    """
    length = sequences.shape[1]
    keys = np.stack([rng.random((n_shuffles, length)) for rng in generators])
    order = keys.argsort(axis=2)
    return np.take_along_axis(np.broadcast_to(sequences[:, None], keys.shape), order, axis=2)


def dinucleotide_shuffles(
    sequences: np.ndarray, n_letters: int, n_shuffles: int, generators: list[np.random.Generator]
) -> np.ndarray:
    """Shuffles of each sequence that keep how often every letter follows every other.

    A shuffle is an Eulerian path through the letters, and each possible one as likely: the steps
    out of each letter are taken in random order, but the last step out of each is drawn until
    together they lead to the last letter from everywhere (Altschul & Erickson 1985,
    doi:10.1093/oxfordjournals.molbev.a040370). squid-nn keeps the sequence's own last steps, and
    so never gives some of the shuffles.

    Parameters
    ----------
    sequences : (n, L) int8, letters only, L below 2**20
    generators : n, one a sequence

    Returns
    -------
    (n, n_shuffles, L) int8; first and last letters stay
    """
    n, length = sequences.shape
    if length < 3:
        return np.repeat(sequences[:, None], n_shuffles, axis=1)
    rows = np.repeat(sequences, n_shuffles, axis=0)
    owners = np.repeat(np.arange(n), n_shuffles)
    steps = _shuffled_steps(rows, n_shuffles, generators)
    counts = _letter_counts(rows[:, :-1], n_letters)
    starts = counts.cumsum(axis=1) - counts
    last = _last_steps(rows[:, -1], steps, starts, counts, owners, generators)
    _swap_to_end(steps, last, starts + counts - 1, counts > 0)
    return _walk(rows[:, 0], steps, starts).reshape(n, n_shuffles, length)


def _shuffled_steps(
    rows: np.ndarray, n_shuffles: int, generators: list[np.random.Generator]
) -> np.ndarray:
    """(m, L - 1) int8: where the steps lead, sorted by their letter, in random order for each."""
    shape = (n_shuffles, rows.shape[1] - 1)
    top = 1 << RANDOM_BITS
    keys = np.concatenate([rng.integers(0, top, shape, dtype=np.uint64) for rng in generators])
    keys <<= np.uint64(POSITION_BITS)
    keys |= rows[:, :-1].astype(np.uint64) << np.uint64(RANDOM_BITS + POSITION_BITS)
    keys |= np.arange(shape[1], dtype=np.uint64)
    keys.sort(axis=1)
    keys &= np.uint64((1 << POSITION_BITS) - 1)
    return np.take_along_axis(rows[:, 1:], keys.view(np.int64), axis=1)


def _letter_counts(letters: np.ndarray, n_letters: int) -> np.ndarray:
    """(m, A): how often each letter occurs in each row."""
    offset = np.arange(len(letters))[:, None] * n_letters
    flat = np.bincount((letters + offset).ravel(), minlength=len(letters) * n_letters)
    return flat.reshape(len(letters), n_letters)


def _last_steps(
    ends: np.ndarray,
    steps: np.ndarray,
    starts: np.ndarray,
    counts: np.ndarray,
    owners: np.ndarray,
    generators: list[np.random.Generator],
) -> np.ndarray:
    """(m, A): index of the step that leaves each letter last, all leading to `ends` in the end."""
    last = np.zeros_like(starts)
    todo = np.arange(len(ends))
    while len(todo):
        wanted = np.bincount(owners[todo], minlength=len(generators))
        shape = (TRIES, counts.shape[1])
        drawn = np.concatenate(
            [rng.random((k, *shape)) for rng, k in zip(generators, wanted, strict=True) if k]
        )
        picks = starts[todo, None] + (drawn * counts[todo, None]).astype(np.int64)
        good = _lead_to_end(picks, steps[todo], counts[todo], ends[todo])
        reached = good.any(axis=1)
        last[todo[reached]] = picks[reached, good[reached].argmax(axis=1)]
        todo = todo[~reached]
    return last


def _lead_to_end(
    picks: np.ndarray, steps: np.ndarray, counts: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """(m, tries) bool: do the steps picked for each letter lead to the end from every letter?"""
    inside = np.minimum(picks, steps.shape[1] - 1).reshape(len(picks), -1)
    target = np.take_along_axis(steps, inside, axis=1).reshape(picks.shape).astype(np.int64)
    at_rest = counts == 0
    at_rest[np.arange(len(ends)), ends] = True
    end = ends.astype(np.int64)[:, None, None]
    target = np.where(at_rest[:, None], end, target)
    for _ in range(counts.shape[1].bit_length()):
        target = np.take_along_axis(target, target, axis=2)
    return (target == end).all(axis=2)


def _swap_to_end(
    steps: np.ndarray, picks: np.ndarray, final: np.ndarray, present: np.ndarray
) -> None:
    """Swap, in place, the steps chosen with the final one of their letter."""
    row, letter = np.nonzero(present)
    one, other = picks[row, letter], final[row, letter]
    steps[row, one], steps[row, other] = steps[row, other], steps[row, one]


def _walk(first: np.ndarray, steps: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(m, L) int8: take the steps out of each letter in order, all rows at once."""
    m, n_steps = steps.shape
    path = np.empty((n_steps + 1, m), dtype=np.int8)
    path[0] = first
    # flat indices: one lookup a step instead of two
    taken = (starts + np.arange(m)[:, None] * n_steps).ravel()
    of_row = np.arange(m) * starts.shape[1]
    flat = steps.ravel()
    for position in range(n_steps):
        here = of_row + path[position]
        step = taken[here]
        taken[here] = step + 1
        path[position + 1] = flat[step]
    return np.ascontiguousarray(path.T)
