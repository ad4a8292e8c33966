"""The Mechanism Summary Matrix: what is conserved where, in each cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.records import Explanation
from seam_core.validate import check_choice

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("Entropy", "Reference", "Consensus")
NOISE = -1


def reference_mismatch(letter_counts: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
    """Percent of sequences that differ from the reference: (..., W, A) -> (..., W).

    NaN without a reference, where it is unknown, and where no letter was counted.
    """
    shape = letter_counts.shape[:-1]
    if reference is None:
        return np.full(shape, np.nan)
    known = reference >= 0
    index = np.where(known, reference, 0).astype(np.intp)
    index = np.broadcast_to(index, shape)[..., None]
    same = np.take_along_axis(letter_counts, index, axis=-1)[..., 0]
    return np.where(known, 100.0 - _percent(same, letter_counts), np.nan)


def consensus_match(letter_counts: np.ndarray) -> np.ndarray:
    """Percent of sequences with the cluster's most frequent letter: (..., W, A) -> (..., W)."""
    return _percent(letter_counts.max(axis=-1), letter_counts)


def _percent(part: np.ndarray, letter_counts: np.ndarray) -> np.ndarray:
    total = letter_counts.sum(axis=-1)
    return np.where(total > 0, 100.0 * part / np.maximum(total, 1), np.nan)


def msm_frame(explanation: Explanation) -> pd.DataFrame:
    """The long form: one row a cluster and position, as the authors' package gives it.

    Columns Cluster, Position (in the sequence), Reference, Consensus, Entropy.
    """
    import pandas as pd

    n_clusters, width = explanation.entropy.shape
    positions = np.arange(explanation.start, explanation.start + width)
    return pd.DataFrame(
        {
            "Cluster": np.repeat(explanation.ids, width),
            "Position": np.tile(positions, n_clusters),
            "Reference": explanation.reference_mismatch.ravel(),
            "Consensus": explanation.consensus_match.ravel(),
            "Entropy": explanation.entropy.ravel(),
        }
    )


def msm_matrix(explanation: Explanation, column: str = "Entropy") -> np.ndarray:
    """(K, W) float64: one column of the MSM; "Delta" is entropy less the background's."""
    check_choice(column, "column", (*COLUMNS, "Delta"))
    if column == "Reference":
        return explanation.reference_mismatch
    if column == "Consensus":
        return explanation.consensus_match
    if column == "Delta":
        return explanation.entropy - explanation.expected_entropy
    return explanation.entropy


def cluster_order(how: str, ids: np.ndarray, medians: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """(K,) rows in the order to show them; noise (-1) comes last whatever the order.

    Parameters
    ----------
    how : "label"; "median", lowest activity first; "similarity", the leaves of a Ward tree of the
        MSM's entropy rows
    bits : (K, W) entropy
    """
    check_choice(how, "cluster_order", ("median", "similarity", "label"))
    if how == "label":
        order = np.argsort(ids, kind="stable")
    elif how == "median":
        order = np.lexsort((ids, medians))
    else:
        order = _leaves(bits)
    noise = ids[order] == NOISE
    return np.concatenate([order[~noise], order[noise]])


def _leaves(bits: np.ndarray) -> np.ndarray:
    from scipy.cluster import hierarchy

    if len(bits) < 2:
        return np.arange(len(bits))
    return hierarchy.leaves_list(hierarchy.linkage(np.nan_to_num(bits), method="ward"))
