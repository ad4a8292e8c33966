"""Which known motifs a motif resembles: TOMTOM's comparison.

Gupta, Stamatoyannopoulos, Bailey, Noble, Genome Biology 8:R24 (2007); complete scores after Tanaka,
Bailey, Grant, Noble, Bioinformatics 27:1603 (2011). Plain NumPy: the null distributions of a query
are a few hundred short convolutions, so nothing has to be compiled (memelite, which computes the
same, first compiles for two minutes; the tests compare the two).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from seam_core.motifs.meme import STRONGEST_ODDS, Motif
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

    Columns are compared by Euclidean distance; columns of the query outside of the overlap score as
    the median column of the database would.

    Raises `InputError` for an empty database or for motifs of two alphabets.

    Parameters
    ----------
    queries : motifs to name
    database : known motifs, of the same alphabet; p-values rest on their columns, so that a small
        database (below 50 motifs) gives rough ones
    top : matches kept a query, best first; None: all
    both_strands : compare the targets' reverse complements too (DNA and RNA)
    weighted : a column of the query counts by its information, and a query whose letters are mixed
        with others' (a graded site's) is drawn out until its strongest position prefers one letter
        to another 100 to 1. False gives TOMTOM's own p-values, in which a flat column that meets a
        flat column counts as a match, so that any site with flat positions resembles the long
        motifs with flat flanks (CTCF's).

    Returns
    -------
    DataFrame, one row a match: `query`, `target`, `name` (the target's, for people); `p_value`,
    chance that a random target of this length aligns as well at its best offset and strand;
    `e_value`, that times the targets; `q_value`, Benjamini and Hochberg's over all targets of
    all queries; `offset`, where the query's first position falls on the target as aligned
    (negative: before it); `overlap`, columns aligned; `strand` of the target.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control

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
        rows.append(_matches(query, database, strands, weighted))
    progress.update(1, 1)
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    matches = pd.concat(rows, ignore_index=True)
    matches["q_value"] = false_discovery_control(matches["p_value"])
    # one query after another, whatever their names
    query_of = np.repeat(np.arange(len(rows)), len(database))
    return matches[matches.groupby(query_of).cumcount() < (top or len(database))].reset_index(
        drop=True
    )


def _matches(
    query: Motif,
    database: Sequence[Motif],
    both_strands: bool,
    weighted: bool,
) -> pd.DataFrame:
    """All targets, best first; q-values are made when all queries are there."""
    import pandas as pd

    if weighted:
        query = _drawn_out(query)
    scores = _column_scores(query, database, both_strands)
    if weighted:
        weights = query.information() / np.log2(len(query.alphabet))
        scores *= weights[:, None]
    binned = np.rint(scores / (max(float(np.ptp(scores)), 1e-9) / _BINS)).astype(np.int64)
    nulls = _SpanNulls(binned)
    lengths = np.array([len(motif) for motif in database])
    strands = 2 if both_strands else 1
    starts = np.concatenate([[0], np.cumsum(np.tile(lengths, strands))[:-1]]).reshape(strands, -1)
    scored = np.empty(
        len(database),
        dtype=[("p", float), ("offset", int), ("overlap", int), ("reverse", bool)],
    )
    for length in np.unique(lengths):
        (these,) = np.nonzero(lengths == length)
        columns = starts[:, these, None] + np.arange(length)
        sums, offsets, overlaps = _best_offsets(binned[:, columns])
        best = sums.argmax(axis=0)
        pick = best, np.arange(len(these))
        spans = _spans(len(query), int(length))
        scored["p"][these] = nulls.p_values(sums[pick], spans, strands)
        scored["offset"][these] = offsets[pick]
        scored["overlap"][these] = overlaps[pick]
        scored["reverse"][these] = best == 1
    kept = np.argsort(scored["p"], kind="stable")
    return pd.DataFrame(
        {
            "query": query.name,
            "target": [database[i].name for i in kept],
            "name": [database[i].label for i in kept],
            "p_value": scored["p"][kept],
            "e_value": scored["p"][kept] * len(database),
            "q_value": np.nan,
            "offset": scored["offset"][kept],
            "overlap": scored["overlap"][kept],
            "strand": np.where(scored["reverse"][kept], "-", "+"),
        }
    )


def _drawn_out(query: Motif) -> Motif:
    """The motif with its log-odds as large as `STRONGEST_ODDS`; as it is where they are larger."""
    odds = np.log(np.maximum(query.matrix, np.exp(-2 * STRONGEST_ODDS)))
    odds -= odds.mean(axis=1, keepdims=True)
    widest = float(np.ptp(odds, axis=1).max())
    if not 0 < widest < STRONGEST_ODDS:
        return query
    matrix = np.exp(odds * (STRONGEST_ODDS / widest))
    return replace(query, matrix=matrix / matrix.sum(axis=1, keepdims=True))


def _column_scores(query: Motif, database: Sequence[Motif], both_strands: bool) -> np.ndarray:
    """(w, n) scores of the query's columns against all target columns, then those of the reverse
    complements: minus their distance, less the query column's median."""
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
    return scores - np.median(scores, axis=1, keepdims=True)


def _best_offsets(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Highest sum over the diagonals of each target's scores.

    Parameters
    ----------
    scores : (w, ..., l) integer scores of the query against targets of one length

    Returns
    -------
    sums, offsets, overlaps : (...) each
    """
    w, length = scores.shape[0], scores.shape[-1]
    offsets = np.arange(-(w - 1), length)
    sums = np.stack([np.trace(scores, offset, axis1=0, axis2=-1) for offset in offsets])
    best = sums.argmax(axis=0)
    best_offset = offsets[best]
    overlaps = np.minimum(w + best_offset, length) - np.maximum(best_offset, 0)
    return np.take_along_axis(sums, best[None], axis=0)[0], best_offset, overlaps


def _spans(w: int, length: int) -> list[tuple[int, int]]:
    """The span of the query that overlaps a target of `length`, at every offset."""
    return [(max(0, -offset), min(w, length - offset)) for offset in range(-(w - 1), length)]


class _SpanNulls:
    """Survival functions of the summed score of every span of the query's columns, when each column
    meets a column drawn from the database."""

    def __init__(self, binned: np.ndarray) -> None:
        """`binned`: (w, n) integer scores of the query's columns against all target columns."""
        lows = binned.min(axis=1)
        histograms = [
            np.bincount(row - low) / len(row) for row, low in zip(binned, lows, strict=True)
        ]
        self._spans: dict[tuple[int, int], tuple[int, np.ndarray]] = {}
        for first in range(len(binned)):
            density, low = np.ones(1), 0
            for stop in range(first + 1, len(binned) + 1):
                density = np.convolve(density, histograms[stop - 1])
                low += int(lows[stop - 1])
                survival = np.minimum(np.cumsum(density[::-1])[::-1], 1.0 - 1e-16)
                self._spans[first, stop] = (low, np.append(np.log1p(-survival), 0.0))

    def p_values(
        self, sums: np.ndarray, spans: Sequence[tuple[int, int]], strands: int
    ) -> np.ndarray:
        """(n,) chance that the best of all offsets and strands scores (n,) `sums` or more, offsets
        taken as independent."""
        log_below = np.zeros(len(sums))
        certain = np.zeros(len(sums), dtype=bool)
        for span in spans:
            low, log_survival = self._spans[span]
            at = sums - low
            certain |= at <= 0
            log_below += log_survival[np.clip(at, 0, len(log_survival) - 1)]
        p_values = -np.expm1(strands * log_below)
        return np.where(certain, 1.0, np.maximum(p_values, np.finfo(float).tiny))
