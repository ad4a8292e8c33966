"""Consistency of attribution: what averaging over a mechanism does to single, noisy maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.meta_explainer.statistics import element_variance, map_spread
from seam_core.records import Explanation
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd


def consistency_frame(explanation: Explanation) -> pd.DataFrame:
    """One row a cluster: how far single maps scatter, and what their average gains.

    Columns: cluster, size, distance (root mean squared distance of a map to the mean), snr_single,
    snr_mean, gain_db. A map is taken as the cluster's map plus noise of its own: signal is the
    squared norm of the mean less the noise that is left in it, noise the unbiased squared distance
    of the maps. NaN for a cluster of one, whose noise is unknown.
    """
    import pandas as pd

    single, mean = signal_to_noise(explanation)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = 10.0 * np.log10(mean / single)
    return pd.DataFrame(
        {
            "cluster": explanation.ids,
            "size": explanation.sizes,
            "distance": map_spread(explanation),
            "snr_single": single,
            "snr_mean": mean,
            "gain_db": gain,
        }
    )


def signal_to_noise(explanation: Explanation) -> tuple[np.ndarray, np.ndarray]:
    """(K,) signal-to-noise ratio (of powers) of a single map, and of the cluster's mean map."""
    n = explanation.sizes.astype(np.float64)
    if explanation.map_squares is None:
        raise InputError(
            "explanation", "no sums of squares", "an explanation made by the MetaExplainer"
        )
    variance = element_variance(explanation.map_sums, explanation.map_squares, explanation.sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = variance.sum(axis=(1, 2)) * n / (n - 1)
        signal = np.maximum((explanation.mean_maps**2).sum(axis=(1, 2)) - noise / n, 0.0)
        return signal / noise, signal / (noise / n)


@dataclass(frozen=True, eq=False)
class ReferenceComparison:
    """The reference's own map beside what its mechanism says: the authors' comparison figure.

    cluster : id of the cluster that holds the reference
    reference, mean, foreground, background : (W, A) maps; the background as scaled for the cluster
    correlation : "mean", "foreground", "background" -> Pearson correlation with the reference map
    distance : the same names -> Euclidean distance
    """

    cluster: int
    reference: np.ndarray
    mean: np.ndarray
    foreground: np.ndarray
    background: np.ndarray
    correlation: dict[str, float]
    distance: dict[str, float]


def compare_reference(explanation: Explanation, reference_map: np.ndarray) -> ReferenceComparison:
    """Set the attribution map of the reference (W, A) against its cluster's.

    Raises `InputError` where the library holds no reference.
    """
    if explanation.reference_cluster is None:
        raise InputError("reference", "none in the library", "a library that holds its reference")
    row = explanation.row_of(explanation.reference_cluster)
    reference = np.asarray(reference_map, dtype=np.float64)
    mean = explanation.mean_maps[row]
    background = explanation.background_scale[row] * explanation.background
    maps = {"mean": mean, "foreground": mean - background, "background": background}
    return ReferenceComparison(
        explanation.reference_cluster,
        reference,
        mean,
        maps["foreground"],
        background,
        {name: _correlation(reference, other) for name, other in maps.items()},
        {name: float(np.linalg.norm(reference - other)) for name, other in maps.items()},
    )


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson correlation of two maps; NaN where one does not vary."""
    a, b = first.ravel() - first.mean(), second.ravel() - second.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else float("nan")
