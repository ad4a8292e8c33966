"""Every variant of the reference up to a number of substitutions, made block by block."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, islice
from math import comb

import numpy as np

from seam_core.mutagenizer.blocks import rows_in_block


def count_variants(length: int, n_letters: int, max_order: int) -> int:
    """1 + sum over k of C(length, k) (A - 1)^k: variants with at most `max_order` substitutions.

    -1 stands for `length`: all A^length sequences.

    Examples
    --------
    >>> count_variants(length=8, n_letters=4, max_order=2)  # 1 + 8 x 3 + 28 x 9
    277
    >>> count_variants(length=8, n_letters=4, max_order=-1)
    65536
    """
    if max_order == -1:
        return int(n_letters) ** length
    return sum(comb(length, k) * (n_letters - 1) ** k for k in range(min(max_order, length) + 1))


def variant_blocks(
    reference: np.ndarray,
    *,
    n_letters: int,
    max_order: int,
    start: int,
    stop: int,
    block_rows: int = 0,
) -> Iterator[np.ndarray]:
    """The reference, then all single substitutions in `start`..`stop`, then all double ones, ...

    The order is that of `squid.mutagenizer.CombinatorialMutagenesis`: by number of substitutions,
    their positions, their letters. Only one block exists at a time.

    Parameters
    ----------
    reference : (L,) int8
    max_order : at most stop - start; -1: all
    block_rows : most rows at a time; 0: chosen from their length

    Yields
    ------
    (n, L) int8
    """
    block_rows = block_rows or rows_in_block(len(reference))
    yield reference[None].copy()
    others = _other_letters(reference, n_letters)
    last_order = stop - start if max_order == -1 else max_order
    for order in range(1, last_order + 1):
        n_choices = (n_letters - 1) ** order
        choices_at_once = min(n_choices, block_rows)
        positions_at_once = max(1, block_rows // n_choices)
        for positions in _position_sets(start, stop, order, positions_at_once):
            for first in range(0, n_choices, choices_at_once):
                ranks = np.arange(first, min(n_choices, first + choices_at_once))
                letters = _digits(ranks, n_letters - 1, order)
                yield _substituted(reference, positions, letters, others)


def _other_letters(reference: np.ndarray, n_letters: int) -> np.ndarray:
    """(L, A - 1) int8: the letters that each position does not have, in order."""
    choices = np.arange(n_letters - 1, dtype=np.int8)
    return choices + (choices >= reference[:, None])


def _position_sets(start: int, stop: int, order: int, at_once: int) -> Iterator[np.ndarray]:
    """Combinations of `order` positions, (m, order), m at most `at_once`."""
    sets = combinations(range(start, stop), order)
    while True:
        flat = np.fromiter(chain.from_iterable(islice(sets, at_once)), dtype=np.int64)
        if len(flat) == 0:
            return
        yield flat.reshape(-1, order)


def _digits(ranks: np.ndarray, base: int, n_digits: int) -> np.ndarray:
    """(m, n_digits): each rank written in `base`, most significant digit first."""
    powers = base ** np.arange(n_digits - 1, -1, -1)
    return ranks[:, None] // powers % base


def _substituted(
    reference: np.ndarray, positions: np.ndarray, letters: np.ndarray, others: np.ndarray
) -> np.ndarray:
    """(m * c, L): each of the m sets of positions with each of the c choices of letters."""
    m, c = len(positions), len(letters)
    block = np.empty((m, c, len(reference)), dtype=np.int8)
    block[:] = reference
    values = others[positions[:, None, :], letters[None]]
    block[np.arange(m)[:, None, None], np.arange(c)[None, :, None], positions[:, None, :]] = values
    return block.reshape(m * c, -1)
