"""Random sequences to put patterns into."""

from __future__ import annotations

import numpy as np

from seam_core.mutagenizer.blocks import rows_in_block
from seam_core.progress import SILENT, Progress


def random_backgrounds(n: int, length: int, n_letters: int, rng: np.random.Generator) -> np.ndarray:
    """(n, length) int8, every letter as likely."""
    return rng.integers(0, n_letters, (n, length), dtype=np.int8)


def dinucleotide_shuffles(
    sequence: np.ndarray,
    n: int,
    rng: np.random.Generator,
    *,
    progress: Progress = SILENT,
) -> np.ndarray:
    """Shuffles of a sequence with the same dinucleotides, each possible one as likely.

    A shuffle is an Eulerian path through the letters, whose steps are the sequence's
    dinucleotides (Altschul & Erickson 1985, doi:10.1093/oxfordjournals.molbev.a040370). The last
    step out of each letter is drawn until these steps lead to the last letter from everywhere;
    the others are permuted. squid-nn's shuffle keeps the sequence's own last steps, and so never
    gives some of the shuffles.

    Parameters
    ----------
    sequence : (L,) int8, letters only

    Returns
    -------
    (n, L) int8; first and last letter are the sequence's
    """
    shuffles = np.empty((n, len(sequence)), dtype=np.int8)
    letters, codes = np.unique(sequence, return_inverse=True)
    successors = [codes[1:][codes[:-1] == code] for code in range(len(letters))]
    rows = rows_in_block(len(sequence))
    for start in range(0, n, rows):
        stop = min(n, start + rows)
        last_steps = _last_steps(successors, int(codes[-1]), stop - start, rng)
        steps = _permuted_steps(successors, last_steps, rng)
        sizes = np.array([len(s) for s in successors])
        offsets = np.cumsum(sizes) - sizes
        shuffles[start:stop] = letters[_walk(steps, offsets, int(codes[0]), len(sequence))]
        progress.update(stop, n, "backgrounds shuffled")
    return shuffles


def _last_steps(
    successors: list[np.ndarray], end: int, n: int, rng: np.random.Generator
) -> np.ndarray:
    """(n, letters): which of its steps each letter takes last, all leading to `end`."""
    n_letters = len(successors)
    sizes = np.maximum([len(s) for s in successors], 1)
    table = np.full((n_letters, sizes.max()), end)
    for code, following in enumerate(successors):
        table[code, : len(following)] = following
    chosen = np.zeros((n, n_letters), dtype=np.int64)
    todo = np.arange(n)
    while len(todo):
        drawn = rng.integers(0, sizes, (len(todo), n_letters))
        leads_to = table[np.arange(n_letters), drawn]
        leads_to[:, end] = end
        reached = leads_to
        for _ in range(n_letters.bit_length()):
            reached = np.take_along_axis(reached, reached, axis=1)
        good = (reached == end).all(axis=1)
        chosen[todo[good]] = drawn[good]
        todo = todo[~good]
    return chosen


def _permuted_steps(
    successors: list[np.ndarray], last_steps: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(n, L - 1) int8: the steps out of each letter in the order they are taken."""
    n = len(last_steps)
    parts = []
    for code, following in enumerate(successors):
        if len(following) == 0:
            continue
        steps = np.tile(following.astype(np.int8), (n, 1))
        rows, chosen = np.arange(n), last_steps[:, code]
        last = steps[rows, chosen]
        steps[rows, chosen] = steps[:, -1]
        steps[:, :-1] = rng.permuted(steps[:, :-1], axis=1)
        steps[:, -1] = last
        parts.append(steps)
    return np.concatenate(parts, axis=1) if parts else np.empty((n, 0), dtype=np.int8)


def _walk(steps: np.ndarray, offsets: np.ndarray, first: int, length: int) -> np.ndarray:
    """(n, length): follow the steps from `first`, all rows at once."""
    n = len(steps)
    path = np.empty((n, length), dtype=np.int64)
    path[:, 0] = first
    taken = np.tile(offsets, (n, 1))
    rows = np.arange(n)
    here = path[:, 0]
    for position in range(1, length):
        step = taken[rows, here]
        taken[rows, here] = step + 1
        here = steps[rows, step].astype(np.int64)
        path[:, position] = here
    return path
