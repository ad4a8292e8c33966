"""What tells two sets of sequences apart: letters, positions, attributions, columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.meta_explainer import Sums, subset_sums
from seam_core.meta_explainer.statistics import element_variance
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Library
from seam_core.validate import InputError, check_shape

if TYPE_CHECKING:
    import pandas as pd

EXPECTED = 5
"""Where every expected count is at least this, the chi-squared test stands for Fisher's exact."""
_HALF = 0.5  # added to every count of an odds ratio, lest it divide by nothing (Haldane, Anscombe)


@dataclass(frozen=True, eq=False)
class Contrast:
    """Two sets of sequences, and what differs between them.

    sizes : sequences in the first only, and in the second only: these are compared
    shared : sequences in both, which are left out
    letters : DataFrame, one row a position and letter that either set has: `position`, `letter`,
        `count_first`, `count_second`, `share_first`, `share_second` (percent), `log2_odds`
        (positive: enriched in the first), `p_value`, `q_value`, and of the attributions of that
        letter `attribution_difference`, `attribution_p`, `attribution_q` (Welch's t)
    positions : DataFrame, one row a position: `position`, `chi2`, `cramers_v` (0 to 1), `p_value`,
        `q_value` of the letters there, `attribution_distance` (Euclidean, of the mean maps)
    columns : DataFrame, one row a numeric column of the table: `column`, `median_first`,
        `median_second`, `auc` (chance that one of the first has the larger value), `p_value`,
        `q_value` (Mann-Whitney U)
    """

    sizes: tuple[int, int]
    shared: int
    letters: pd.DataFrame
    positions: pd.DataFrame
    columns: pd.DataFrame


def contrast(
    library: Library,
    maps: AttributionMaps,
    first: np.ndarray,
    second: np.ndarray,
    *,
    columns: Mapping[str, np.ndarray] | None = None,
    progress: Progress = SILENT,
) -> Contrast:
    """Compare two selections, (N,) bool each; what is in both is left out.

    columns : name -> (N,) of the table; text is passed over

    Raises `InputError` where a mask is of another size, or one has nothing of its own.
    """
    for name, mask in (("first", first), ("second", second)):
        check_shape(mask, (len(library),), f"{name} selection")
    apart = first & ~second, second & ~first
    for name, mask in zip(("first", "second"), apart, strict=True):
        if not mask.any():
            raise InputError(
                f"{name} selection", "no sequence that the other has not", "one or more"
            )
    sums = [subset_sums(library, maps, mask, progress=progress) for mask in apart]
    return Contrast(
        (int(apart[0].sum()), int(apart[1].sum())),
        int((first & second).sum()),
        letter_contrast(*sums, alphabet=library.alphabet, start=maps.start),
        position_contrast(*sums, start=maps.start),
        column_contrast(columns or {}, *apart),
    )


def letter_contrast(first: Sums, second: Sums, *, alphabet: str, start: int = 0) -> pd.DataFrame:
    """`Contrast.letters` of one row of sums each; letters that neither has are left out."""
    import pandas as pd

    counts = np.stack([first.letter_counts[0], second.letter_counts[0]])
    totals = counts.sum(axis=2, keepdims=True)
    shares = 100.0 * counts / np.maximum(totals, 1)
    rest = totals - counts
    odds = np.log2(
        (counts[0] + _HALF) * (rest[1] + _HALF) / ((counts[1] + _HALF) * (rest[0] + _HALF))
    )
    difference, welch = _attributions(first, second)
    where, letter = np.nonzero(counts.sum(axis=0))
    at = (where, letter)
    p = independence(counts[0][at], rest[0][at], counts[1][at], rest[1][at])
    return pd.DataFrame(
        {
            "position": where + start,
            "letter": np.array(list(alphabet))[letter],
            "count_first": counts[0][at],
            "count_second": counts[1][at],
            "share_first": shares[0][at],
            "share_second": shares[1][at],
            "log2_odds": odds[at],
            "p_value": p,
            "q_value": q_values(p),
            "attribution_difference": difference[at],
            "attribution_p": welch[at],
            "attribution_q": q_values(welch[at]),
        }
    )


def position_contrast(first: Sums, second: Sums, *, start: int = 0) -> pd.DataFrame:
    """`Contrast.positions` of one row of sums each."""
    import pandas as pd
    from scipy.stats import chi2 as chi2_distribution

    counts = np.stack([first.letter_counts[0], second.letter_counts[0]]).astype(float)
    total = counts.sum(axis=(0, 2))
    expected = (
        counts.sum(axis=2, keepdims=True) * counts.sum(axis=0) / np.maximum(total, 1)[:, None]
    )
    terms = np.divide(
        (counts - expected) ** 2, expected, out=np.zeros_like(counts), where=expected > 0
    )
    statistic = terms.sum(axis=(0, 2))
    freedom = (counts.sum(axis=0) > 0).sum(axis=1) - 1
    known = (freedom > 0) & (counts.sum(axis=2) > 0).all(axis=0)
    p = np.where(known, chi2_distribution.sf(statistic, np.maximum(freedom, 1)), 1.0)
    difference = _means(first) - _means(second)
    return pd.DataFrame(
        {
            "position": np.arange(start, start + len(total)),
            "chi2": statistic,
            "cramers_v": np.sqrt(statistic / np.maximum(total, 1)),
            "p_value": p,
            "q_value": q_values(p),
            "attribution_distance": np.linalg.norm(difference, axis=1),
        }
    )


def column_contrast(
    columns: Mapping[str, np.ndarray], first: np.ndarray, second: np.ndarray
) -> pd.DataFrame:
    """`Contrast.columns` of two (N,) masks; what is no number is left out."""
    import pandas as pd
    from scipy.stats import mannwhitneyu

    rows = []
    for name, values in columns.items():
        if values.dtype.kind not in "fiu":
            continue
        one, other = (values[mask & np.isfinite(values)] for mask in (first, second))
        if not len(one) or not len(other):
            continue
        test = mannwhitneyu(one, other)
        auc = float(test.statistic) / (len(one) * len(other))
        rows.append((name, np.median(one), np.median(other), auc, float(test.pvalue)))
    names = ["column", "median_first", "median_second", "auc", "p_value"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(q_value=q_values(frame["p_value"].to_numpy(dtype=float)))


def independence(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """(n,) two-sided p-values of the tables [[a, b], [c, d]], each (n,) counts.

    Fisher's exact test; the chi-squared test without correction where every expected count is at
    least `EXPECTED`. Tables that come again are tested once.
    """
    from scipy.stats import chi2 as chi2_distribution
    from scipy.stats import fisher_exact

    tables = np.stack([a, b, c, d], axis=1).astype(np.int64)
    unique, back = np.unique(tables, axis=0, return_inverse=True)
    rows = np.stack([unique[:, 0] + unique[:, 1], unique[:, 2] + unique[:, 3]], axis=1)
    sides = np.stack([unique[:, 0] + unique[:, 2], unique[:, 1] + unique[:, 3]], axis=1)
    expected = rows[:, :, None] * sides[:, None, :] / np.maximum(rows.sum(axis=1), 1)[:, None, None]
    p = np.ones(len(unique))
    large = expected.min(axis=(1, 2)) >= EXPECTED if len(unique) else np.zeros(0, dtype=bool)
    observed = unique[large].reshape(-1, 2, 2)
    statistic = ((observed - expected[large]) ** 2 / expected[large]).sum(axis=(1, 2))
    p[large] = chi2_distribution.sf(statistic, 1)
    for i in np.flatnonzero(~large):
        p[i] = fisher_exact(unique[i].reshape(2, 2)).pvalue
    return p[back.ravel()]


def q_values(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's false discovery rates; NaN where there is no p-value."""
    from scipy.stats import false_discovery_control

    rates = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        rates[known] = false_discovery_control(p[known])
    return rates


def _means(sums: Sums) -> np.ndarray:
    """(W, A) mean map of one row of sums."""
    return sums.map_sums[0] / max(int(sums.sizes[0]), 1)


def _attributions(first: Sums, second: Sums) -> tuple[np.ndarray, np.ndarray]:
    """(W, A) difference of the mean maps, and Welch's p-value of it; NaN for sets of one."""
    from scipy.stats import ttest_ind_from_stats

    n = [int(sums.sizes[0]) for sums in (first, second)]
    spread = [
        np.sqrt(
            element_variance(sums.map_sums[0], sums.map_squares[0], size) * size / max(size - 1, 1)
        )
        for sums, size in zip((first, second), n, strict=True)
    ]
    means = _means(first), _means(second)
    if min(n) < 2:
        return means[0] - means[1], np.full(means[0].shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        test = ttest_ind_from_stats(
            means[0], spread[0], n[0], means[1], spread[1], n[1], equal_var=False
        )
    return means[0] - means[1], np.asarray(test.pvalue)
