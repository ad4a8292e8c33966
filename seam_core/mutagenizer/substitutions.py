"""Random substitutions, many sequences at a time."""

from __future__ import annotations

import numpy as np

from seam_core.mutagenizer.blocks import rows_in_block
from seam_core.progress import SILENT, Progress


def mutation_counts(
    n: int, rate: float, length: int, *, uniform: bool, rng: np.random.Generator
) -> np.ndarray:
    """How many positions mutate in each of `n` sequences.

    Poisson with mean ceil(rate * length), or exactly that number (`uniform`); never more than
    `length`. The product is rounded to nine digits before ceil: 0.1 * 30 is 3.0000000000000004 in
    floating point, and squid-nn mutates 4 positions there instead of 3.

    Returns
    -------
    (n,) int64
    """
    mean = int(np.ceil(round(rate * length, 9)))
    counts = np.full(n, mean) if uniform else rng.poisson(mean, n)
    return np.minimum(counts, length)


def random_positions(
    counts: np.ndarray, length: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """`counts[i]` different positions out of `length` for each row i, every choice as likely.

    Positions are drawn with replacement, and those missing are drawn again until each row has its
    number. As no position is preferred on the way, none is in the result.

    Returns
    -------
    mask : (n, length) bool, the positions chosen
    flat : the same as indices into mask.ravel(), some more than once
    """
    n = len(counts)
    mask = np.zeros((n, length), dtype=bool)
    flat_mask = mask.ravel()
    first_of_row = np.arange(0, n * length, length)
    missing = counts
    drawn = []
    while missing.any():
        rows = np.repeat(first_of_row, missing)
        flat = rows + rng.integers(0, length, len(rows), dtype=np.int32)
        flat_mask[flat] = True
        drawn.append(flat)
        missing = counts - mask.view(np.uint8).sum(axis=1, dtype=np.int32)
    return mask, np.concatenate(drawn) if drawn else np.empty(0, dtype=np.int64)


def other_letters(letters: np.ndarray, n_letters: int, rng: np.random.Generator) -> np.ndarray:
    """For each letter one of the A - 1 others, each as likely. int8, same shape."""
    shift = rng.integers(1, n_letters, letters.shape, dtype=np.int8)
    # (letter + shift) mod A, without leaving the range of int8
    return np.where(letters >= n_letters - shift, letters - (n_letters - shift), letters + shift)


def substitute(
    sequences: np.ndarray, counts: np.ndarray, n_letters: int, rng: np.random.Generator
) -> None:
    """Mutate, in place, `counts[i]` random positions of row i.

    sequences : (n, L) int8, C-contiguous

    Rows that mutate at more than half of their positions choose those to keep instead: drawing
    until only a few are left takes many draws in vain.
    """
    length = sequences.shape[1]
    dense = counts > length // 2
    _, flat = random_positions(np.where(dense, 0, counts), length, rng)
    letters = sequences.ravel()
    # A position drawn twice takes the letter written last, itself uniform over the others.
    letters[flat] = other_letters(letters[flat], n_letters, rng)
    if dense.any():
        kept, _ = random_positions(length - counts[dense], length, rng)
        rows = sequences[dense]
        sequences[dense] = np.where(kept, rows, other_letters(rows, n_letters, rng))


def local_library(
    reference: np.ndarray,
    n: int,
    *,
    n_letters: int,
    rate: float,
    uniform: bool,
    start: int,
    stop: int,
    rng: np.random.Generator,
    progress: Progress = SILENT,
) -> np.ndarray:
    """The reference in row 0, and n - 1 copies with random substitutions in `start`..`stop`.

    The number of mutations follows from the length of the window, as in
    `squid.mutagenizer.RandomMutagenesis`, whose distribution this has.

    Parameters
    ----------
    reference : (L,) int8

    Returns
    -------
    (n, L) int8
    """
    sequences = np.empty((n, len(reference)), dtype=np.int8)
    sequences[:] = reference
    rows = rows_in_block(len(reference))
    for first in range(1, n, rows):
        last = min(n, first + rows)
        counts = mutation_counts(last - first, rate, stop - start, uniform=uniform, rng=rng)
        block = np.ascontiguousarray(sequences[first:last, start:stop])
        substitute(block, counts, n_letters, rng)
        sequences[first:last, start:stop] = block
        progress.update(last, n, "sequences made")
    return sequences
