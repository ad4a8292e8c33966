"""The tables of configurations and interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.identifier import estimates as est
from seam_core.identifier.activity import assign_clusters
from seam_core.identifier.covariance import NOISE
from seam_core.identifier.subsets import (
    estimated_order,
    mask_name,
    members,
    moebius,
    subset_masks,
)
from seam_core.parameters import IdentifierParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import Explanation, Site

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Configurations:
    """What is known of each subset of sites.

    masks : (n,), bit s stands for site s
    means, interactions : from all sequences; None without them
    assigned : (n,) row of the cluster that the authors' rule takes
    stability : (n,) share of the reclusterings that call a term as it is called; None without them
    """

    masks: np.ndarray
    means: est.Estimates | None
    interactions: est.Estimates | None
    assigned: np.ndarray
    stability: np.ndarray | None = None


def estimate_configurations(
    explanation: Explanation,
    activity: np.ndarray,
    codes: np.ndarray | None,
    sequence_activity: np.ndarray | None,
    parameters: IdentifierParameters,
    *,
    codes_again: Sequence[np.ndarray] = (),
    progress: Progress = SILENT,
) -> Configurations:
    """Activities and interactions of the subsets of S sites.

    Parameters
    ----------
    activity : (K, S), of the sites in the clusters
    codes : (N,) which sites each sequence shows, one bit a site
    sequence_activity : (N,)
    codes_again : as `codes`, by each reclustering
    """
    n_sites = activity.shape[1]
    order = estimated_order(n_sites, parameters.epistasis_order)
    masks = subset_masks(n_sites, order)
    mechanisms = np.flatnonzero(explanation.ids != NOISE)
    if not len(mechanisms):
        mechanisms = np.arange(explanation.n_clusters)
    assigned = mechanisms[assign_clusters(activity[mechanisms], members(masks, n_sites))]
    if codes is None or sequence_activity is None:
        return Configurations(masks, None, None, assigned)
    grouped = est.Grouped(codes, sequence_activity)
    by = _interactions(grouped, masks, order, parameters, progress)
    means, interactions = est.with_intervals(
        grouped,
        [est.configuration_means(grouped, masks), by],
        n_bootstrap=parameters.n_bootstrap,
        level=parameters.interval_level,
        rng=np.random.default_rng(parameters.seed),
        progress=progress,
    )
    if not codes_again or parameters.n_bootstrap == 0:
        return Configurations(masks, means, interactions, assigned)
    others = []
    for own in codes_again:
        again = est.Grouped(own, sequence_activity)
        statistic = _interactions(again, masks, order, parameters, SILENT)
        others.append(np.where(statistic.told, statistic.of(again.n, again.total), np.nan))
    interactions, stability = est.with_reclusterings(
        interactions,
        np.array(others),
        members(masks, n_sites).sum(axis=1),
        parameters.interval_level,
    )
    return Configurations(masks, means, interactions, assigned, stability)


def _interactions(
    grouped: est.Grouped,
    masks: np.ndarray,
    order: int,
    parameters: IdentifierParameters,
    progress: Progress,
) -> est.Statistic:
    if parameters.epistasis_method == "moebius":
        return est.interactions_by_moebius(grouped, masks, order)
    return est.interactions_by_regression(grouped, masks, order, progress)


def configuration_frame(
    explanation: Explanation,
    sites: Sequence[Site],
    active: np.ndarray,
    configurations: Configurations,
) -> pd.DataFrame:
    """`Sites.configurations`: one row a configuration, columns as documented there."""
    import pandas as pd

    means = configurations.means or _unknown(len(configurations.masks))
    represented = means.n >= est.LEAST_SEQUENCES
    names = [mask_name(mask, sites) for mask in configurations.masks.tolist()]
    shown = active @ (1 << np.arange(len(sites), dtype=np.int64))
    shown = np.where(explanation.ids == NOISE, -1, shown)
    n_clusters, of_clusters = _of_clusters(explanation, configurations.masks, shown)
    notes = [
        _configuration_note(name, int(n), int(clusters), configurations.means is not None)
        for name, n, clusters in zip(names, means.n, n_clusters, strict=True)
    ]
    return pd.DataFrame(
        {
            "sites": names,
            "order": members(configurations.masks, len(sites)).sum(axis=1),
            "estimate": means.value,
            "low": means.low,
            "high": means.high,
            "n": means.n,
            "represented": represented,
            "n_clusters": n_clusters,
            "clusters_estimate": of_clusters,
            "assigned_cluster": explanation.ids[configurations.assigned],
            "assigned_median": explanation.medians[configurations.assigned],
            "assigned_shows": shown[configurations.assigned] == configurations.masks,
            "note": notes,
        }
    )


def epistasis_frame(
    explanation: Explanation,
    sites: Sequence[Site],
    configurations: Configurations,
    parameters: IdentifierParameters,
) -> pd.DataFrame:
    """`Sites.epistasis`: one row a subset of one site or more, columns as documented there."""
    import pandas as pd

    values = configurations.interactions or _unknown(len(configurations.masks))
    order = members(configurations.masks, len(sites)).sum(axis=1)
    authors = moebius(explanation.medians[configurations.assigned], configurations.masks)
    represented = np.isfinite(values.value)
    names = [mask_name(mask, sites) for mask in configurations.masks.tolist()]
    most = estimated_order(len(sites), parameters.epistasis_order)
    notes = [
        _interaction_note(name, int(n), bool(told), int(size), configurations, most)
        for name, n, told, size in zip(names, values.n, represented, order, strict=True)
    ]
    rate = 1.0 - parameters.interval_level
    low, high = est.selected_intervals(values, order, rate)
    frame = pd.DataFrame(
        {
            "sites": names,
            "order": order,
            "estimate": values.value,
            "low": low,
            "high": high,
            "p_value": values.p_value,
            "called": est.called(values, order, rate),
            "n": values.n,
            "represented": represented,
            "authors_estimate": authors,
            "note": notes,
            "stability": np.nan if configurations.stability is None else configurations.stability,
        }
    )
    return frame[order > 0].reset_index(drop=True)


def _unknown(n: int) -> est.Estimates:
    nothing = np.full(n, np.nan)
    return est.Estimates(nothing, nothing, nothing, nothing, np.zeros(n, np.int64))


def _of_clusters(
    explanation: Explanation, masks: np.ndarray, shown: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Clusters that show exactly each configuration, and their medians' mean by size."""
    count = np.zeros(len(masks), np.int64)
    mean = np.full(len(masks), np.nan)
    row_of = {int(mask): row for row, mask in enumerate(masks)}
    for code in np.unique(shown[shown >= 0]).tolist():
        if code in row_of:
            here = shown == code
            count[row_of[code]] = here.sum()
            mean[row_of[code]] = np.average(
                explanation.medians[here], weights=explanation.sizes[here]
            )
    return count, mean


def _configuration_note(name: str, n: int, n_clusters: int, from_sequences: bool) -> str:
    shows = "no site" if name == "none" else f"{name} and no other site"
    if not from_sequences:
        return "no sequences given: only the authors' one-cluster median"
    if n == 0:
        return f"not represented: no sequence shows {shows}"
    if n < est.LEAST_SEQUENCES:
        return f"not represented: only {n} sequences show {shows}"
    return "" if n_clusters else f"no cluster shows {shows}"


def _interaction_note(
    name: str, n: int, told: bool, order: int, configurations: Configurations, most: int
) -> str:
    if configurations.interactions is None:
        return "no sequences given: only the authors' one-cluster estimate"
    if told:
        return ""
    if order > most:
        return f"not estimated: more than {most} sites"
    if n < est.LEAST_SEQUENCES:
        return f"not represented: a combination of {name} is shown by only {n} sequences"
    return f"not told apart from other interactions: {name} always comes with other sites"
