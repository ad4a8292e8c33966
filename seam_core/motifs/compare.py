"""Which known motifs a motif resembles: TOMTOM's comparison.

Gupta, Stamatoyannopoulos, Bailey, Noble, Genome Biology 8:R24 (2007); complete scores after Tanaka,
Bailey, Grant, Noble, Bioinformatics 27:1603 (2011). Plain NumPy: the null distributions of a query
are a few hundred short convolutions, so nothing has to be compiled (memelite, which computes the
same, first compiles for two minutes; the tests compare the two).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seam_core.motifs.meme import Motif
from seam_core.progress import SILENT, Progress
from seam_core.sequences import DNA
from seam_core.validate import InputError, check_range

if TYPE_CHECKING:
    import pandas as pd

_BINS = 100
COLUMNS = (
    "query", "target", "name", "p_value", "e_value", "q_value", "offset", "overlap", "strand",
)  # fmt: skip


def match_motifs(
    queries: Sequence[Motif],
    database: Sequence[Motif],
    *,
    top: int | None = 10,
    both_strands: bool = True,
    weighted: bool = True,
    progress: Progress = SILENT,
) -> pd.DataFrame:
    """The motifs of a database that each query resembles most.

    Parameters
    ----------
    queries : motifs to name
    database : known motifs, of the same alphabet; p-values rest on their columns, so that a small
        database (below 50 motifs) gives rough ones
    top : matches kept a query, best first; None: all
    both_strands : compare the targets' reverse complements too (DNA and RNA)
    weighted : a column of the query counts by its information. False gives TOMTOM's own p-values,
        in which a flat column that meets a flat column counts as a match, so that any site with
        flat positions resembles the long motifs with flat flanks (CTCF's).

    Returns
    -------
    DataFrame, one row a match: `query`, `target`, `name` (the target's, for people); `p_value`,
    chance that a random target of this length aligns as well at its best offset and strand;
    `e_value`, that times the targets; `q_value`, Benjamini and Hochberg's over all targets of the
    query; `offset`, where the query's first position falls on the target as aligned (negative:
    before it); `overlap`, columns aligned; `strand` of the target.

    Columns are compared by Euclidean distance; columns of the query outside of the overlap score as
    the median column of the database would.

    Raises `InputError` for an empty database or for motifs of two alphabets.
    """
    import pandas as pd

    if not database:
        raise InputError("database", "no motifs", "at least one motif")
    alphabets = {motif.alphabet for motif in (*queries, *database)}
    if len(alphabets) > 1:
        raise InputError("motifs", " and ".join(sorted(alphabets)), "motifs of one alphabet")
    if top is not None:
        check_range(top, "top", 1)
    (alphabet,) = alphabets
    strands = both_strands and alphabet in (DNA, "ACGU")
    rows = []
    for index, query in enumerate(queries):
        progress.update(index, len(queries), f"Motif {query.label}")
        rows.append(_matches(query, database, strands, weighted, top))
    progress.update(1, 1)
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(rows, ignore_index=True)


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """(n,) q-values: the lowest false-discovery rate at which each would be called."""
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * len(p_values) / np.arange(1, len(p_values) + 1)
    q_values = np.empty_like(scaled)
    q_values[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q_values


def _matches(
    query: Motif,
    database: Sequence[Motif],
    both_strands: bool,
    weighted: bool,
    top: int | None,
) -> pd.DataFrame:
    import pandas as pd

    scores = _column_scores(query, database, both_strands)
    if weighted:
        weights = query.information() / np.log2(len(query.alphabet))
        scores = [weights[:, None] * score for score in scores]
    unit = _bin_width(scores)
    binned = [np.rint(score / unit).astype(np.int64) for score in scores]
    spans = _SpanNulls(np.concatenate(binned, axis=1))
    n = len(database)
    log_null = {len(motif): spans.offsets(len(query), len(motif)) for motif in database}
    found = np.empty(n, dtype=[("p", float), ("offset", int), ("overlap", int), ("reverse", bool)])
    for index, motif in enumerate(database):
        forward = _best_offset(binned[index])
        best, reverse = forward, False
        if both_strands:
            other = _best_offset(binned[n + index])
            if other[0] > forward[0]:
                best, reverse = other, True
        p_value = spans.p_value(best[0], log_null[len(motif)], 2 if both_strands else 1)
        found[index] = (p_value, best[1], best[2], reverse)
    q_values = benjamini_hochberg(found["p"])
    kept = np.argsort(found["p"], kind="stable")[: top or n]
    return pd.DataFrame(
        {
            "query": query.name,
            "target": [database[i].name for i in kept],
            "name": [database[i].label for i in kept],
            "p_value": found["p"][kept],
            "e_value": found["p"][kept] * n,
            "q_value": q_values[kept],
            "offset": found["offset"][kept],
            "overlap": found["overlap"][kept],
            "strand": np.where(found["reverse"][kept], "-", "+"),
        }
    )


def _column_scores(query: Motif, database: Sequence[Motif], both_strands: bool) -> list[np.ndarray]:
    """For each target (then each reverse complement), (w, l) scores of query against target
    columns: minus their distance, less the query column's median over the database."""
    matrices = [motif.matrix for motif in database]
    if both_strands:
        matrices = matrices + [matrix[::-1, ::-1] for matrix in matrices]
    columns = np.concatenate(matrices)
    squared = (
        (query.matrix**2).sum(axis=1)[:, None]
        + (columns**2).sum(axis=1)[None, :]
        - 2.0 * query.matrix @ columns.T
    )
    scores = -np.sqrt(np.maximum(squared, 0.0))
    scores -= np.median(scores, axis=1, keepdims=True)
    edges = np.cumsum([len(matrix) for matrix in matrices])[:-1]
    return np.split(scores, edges, axis=1)


def _bin_width(scores: list[np.ndarray]) -> float:
    low = min(score.min() for score in scores)
    high = max(score.max() for score in scores)
    return float(max(high - low, 1e-9)) / _BINS


def _best_offset(scores: np.ndarray) -> tuple[int, int, int]:
    """Highest sum over the diagonals of (w, l) `scores`: sum, offset, overlap."""
    w, length = scores.shape
    offsets = np.arange(-(w - 1), length)
    sums = np.array([np.trace(scores, offset) for offset in offsets])
    best = int(sums.argmax())
    offset = int(offsets[best])
    return int(sums[best]), offset, min(w + offset, length) - max(offset, 0)


class _SpanNulls:
    """Survival functions of the summed score of every span of the query's columns, when each column
    meets a column drawn from the database."""

    def __init__(self, binned: np.ndarray) -> None:
        """`binned`: (w, n) integer scores of the query's columns against all target columns."""
        self._lows = binned.min(axis=1)
        histograms = [
            np.bincount(row - low) / len(row) for row, low in zip(binned, self._lows, strict=True)
        ]
        self._spans: dict[tuple[int, int], tuple[int, np.ndarray]] = {}
        for first in range(len(binned)):
            density, low = np.ones(1), 0
            for stop in range(first + 1, len(binned) + 1):
                density = np.convolve(density, histograms[stop - 1])
                low += int(self._lows[stop - 1])
                survival = np.minimum(np.cumsum(density[::-1])[::-1], 1.0)
                self._spans[first, stop] = (low, survival)

    @staticmethod
    def offsets(w: int, length: int) -> list[tuple[int, int]]:
        """The span of the query that overlaps a target of `length`, at every offset."""
        return [(max(0, -offset), min(w, length - offset)) for offset in range(-(w - 1), length)]

    def p_value(self, score: int, spans: list[tuple[int, int]], strands: int) -> float:
        """Chance that the best of all offsets and strands scores `score` or more, offsets taken as
        independent."""
        log_below = 0.0
        for span in spans:
            low, survival = self._spans[span]
            at = score - low
            if at <= 0:
                return 1.0
            if at < len(survival):
                log_below += np.log1p(-min(survival[at], 1.0 - 1e-16))
        return float(max(-np.expm1(strands * log_below), np.finfo(float).tiny))
