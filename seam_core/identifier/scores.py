"""How much of each site every sequence shows: a score that adds up over positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_core.records import AttributionMaps, Library, Site

RIDGE = 1.0
"""In sequences: a letter that few have is drawn to what maps say of it, or to nothing."""

CHUNK_ROWS = 8_192


def site_scores(
    library: Library,
    activity: np.ndarray,
    sites: Sequence[Site],
    maps: AttributionMaps | None = None,
) -> np.ndarray:
    """(N, S) float32: 1 for a site as the usual sequence has it, 0 for the one that loses most.

    What each letter at each position of a site does to the activity is fitted for all sites at
    once, by least squares drawn to what the maps say of it; a site's score is the sum over its
    positions. Positions that two sites share count for each.

    Parameters
    ----------
    activity : (N,)
    maps : of the library
    """
    columns = np.array(sorted({p for site in sites for p in site.positions}), dtype=int)
    letters = library.sequences[:, columns]
    n_letters = len(library.alphabet)
    usual = library.reference
    if usual is None:
        counts = [np.bincount(column[column >= 0], minlength=n_letters) for column in letters.T]
        own = np.argmax(counts, axis=1) if counts else np.zeros(0, int)
    else:
        own = usual[columns]
    effects = _effects(letters, own, activity, n_letters, _of_maps(library, columns, own, maps))
    scores = np.zeros((len(library), len(sites)), np.float32)
    places = np.arange(len(columns))
    each = np.where(letters >= 0, effects[places, letters], 0.0)
    for index, site in enumerate(sites):
        inside = np.isin(columns, site.positions)
        change = each[:, inside].sum(axis=1)
        # a site takes away in one direction, where it activates and where it represses
        farthest = change[np.argmax(np.abs(change))] if len(change) else 0.0
        scores[:, index] = 1.0 - change / farthest if farthest else 1.0
    return scores


def _of_maps(
    library: Library, columns: np.ndarray, own: np.ndarray, maps: AttributionMaps | None
) -> np.ndarray:
    """(P, A): what maps say that each letter does in place of the usual one; 0 without."""
    expected = np.zeros((len(columns), len(library.alphabet)))
    if maps is None or maps.maps.shape[2] != len(library.alphabet):
        return expected
    there = (columns >= maps.start) & (columns < maps.stop)
    total = np.zeros((int(there.sum()), expected.shape[1]))
    for first in range(0, len(maps), CHUNK_ROWS):
        total += maps.maps[first : first + CHUNK_ROWS, columns[there] - maps.start].sum(axis=0)
    mean = total / len(maps)
    expected[there] = mean - mean[np.arange(len(mean)), own[there]][:, None]
    return expected


def _effects(
    letters: np.ndarray,
    own: np.ndarray,
    activity: np.ndarray,
    n_letters: int,
    expected: np.ndarray,
) -> np.ndarray:
    """(P, A): change of the activity with each letter, 0 for the usual one."""
    from scipy import sparse

    n, width = letters.shape
    size = width * n_letters
    row, place = np.nonzero((letters != own) & (letters >= 0))
    letter = place * n_letters + letters[row, place]
    # (N, P * A + 1): the letters that are not the usual ones, few a sequence, and a constant
    entries = np.concatenate([row, np.arange(n)]), np.concatenate([letter, np.full(n, size)])
    features = sparse.csr_matrix((np.ones(len(row) + n), entries), shape=(n, size + 1))
    gram, along = (features.T @ features).toarray(), features.T @ activity
    prior = np.append(_scaled(expected.ravel(), gram, along), 0.0)
    ridge = np.append(np.full(size, RIDGE), 0.0)
    effects = np.linalg.solve(
        gram + np.diag(ridge) + 1e-9 * np.eye(size + 1), along + ridge * prior
    )
    return effects[:size].reshape(width, n_letters)


def _scaled(expected: np.ndarray, gram: np.ndarray, along: np.ndarray) -> np.ndarray:
    """What the maps say in the units of activity: the one factor that fits the library best."""
    size, n = len(expected), gram[-1, -1]
    mean = gram[-1, :size] / n
    inside = gram[:size, :size] - n * np.outer(mean, mean)
    size_of = float(expected @ inside @ expected)
    fits = float(expected @ (along[:size] - mean * along[-1]))
    return expected * (fits / size_of if size_of > 0 else 0.0)
