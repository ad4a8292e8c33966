"""The MetaExplainer: parameters in, `Explanation` out."""

from __future__ import annotations

import numpy as np

from seam_core.entropy import background_entropy, entropy
from seam_core.meta_explainer import msm
from seam_core.meta_explainer.background import mutation_rate, separate_background
from seam_core.meta_explainer.sums import Sums, cluster_sums, updated_sums
from seam_core.parameters import MetaExplainerParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import AttributionMaps, Clustering, Explanation, Library, Table
from seam_core.validate import InputError


class MetaExplainer:
    """What each mechanism is: mean maps, MSM, background, from one pass over the maps."""

    def __init__(self, parameters: MetaExplainerParameters | None = None) -> None:
        self.parameters = parameters or MetaExplainerParameters()

    def run(
        self,
        library: Library,
        table: Table,
        maps: AttributionMaps,
        clustering: Clustering,
        *,
        progress: Progress = SILENT,
    ) -> Explanation:
        """Summarise every cluster.

        A cluster of one is its own mean, its entropy 0. Noise (-1) has a row of its own, the last,
        and no part in the average background: it is not a mechanism.

        Raises
        ------
        InputError
            Library, table, maps and clustering that are not of the same sequences.
        """
        _check_sizes(library, table, maps, clustering)
        ids, rows = np.unique(clustering.labels, return_inverse=True)
        sums = cluster_sums(library, maps, rows.ravel(), len(ids), progress=progress)
        return self.explain(library, table, maps, ids, rows.ravel(), sums)

    def update(
        self,
        old: Explanation,
        old_clustering: Clustering,
        library: Library,
        table: Table,
        maps: AttributionMaps,
        clustering: Clustering,
        *,
        progress: Progress = SILENT,
    ) -> Explanation:
        """`run` after merges, splits and moves, reading only the maps that changed cluster."""
        _check_sizes(library, table, maps, clustering)
        ids, rows = np.unique(clustering.labels, return_inverse=True)
        before = sums_of(old)
        if before is None:
            return self.run(library, table, maps, clustering, progress=progress)
        sums = updated_sums(
            library,
            maps,
            before,
            rows_of(old, old_clustering),
            rows.ravel(),
            len(ids),
            progress=progress,
        )
        return self.explain(library, table, maps, ids, rows.ravel(), sums)

    def explain(
        self,
        library: Library,
        table: Table,
        maps: AttributionMaps,
        ids: np.ndarray,
        rows: np.ndarray,
        sums: Sums,
    ) -> Explanation:
        """Everything that follows from the sums; no map is read.

        Parameters
        ----------
        ids : (K,) cluster id of each row of `sums`; a row without sequences is left out
        rows : (N,) row that each sequence belongs to
        """
        present = sums.sizes > 0
        quartiles = activity_quartiles(table.activity, rows, len(ids))[present]
        where = reference_row(library)
        reference_id = None if where is None or rows[where] < 0 else int(ids[rows[where]])
        ids, sums = ids[present], sums.rows(present)
        bits = entropy(sums.letter_counts)
        order = msm.cluster_order(self.parameters.cluster_order, ids, quartiles[:, 2], bits)
        ids, sums, bits, quartiles = ids[order], sums.rows(order), bits[order], quartiles[order]

        window = slice(maps.start, maps.stop)
        reference = None if library.reference is None else library.reference[window]
        rate = mutation_rate(
            library, self.parameters.background_rate, sums.letter_counts.sum(axis=0)
        )
        background = separate_background(
            sums.map_sums / sums.sizes[:, None, None],
            bits,
            self.parameters.entropy_multiplier * background_entropy(rate, library.n_letters),
            adaptive=self.parameters.adaptive_background,
            counted=ids != msm.NOISE,
        )
        return Explanation(
            ids=ids.astype(np.int32),
            sizes=sums.sizes,
            letter_counts=sums.letter_counts,
            map_sums=sums.map_sums,
            activity_quartiles=quartiles,
            entropy=bits,
            reference_mismatch=msm.reference_mismatch(sums.letter_counts, reference),
            consensus_match=msm.consensus_match(sums.letter_counts),
            cluster_backgrounds=background.clusters,
            background=background.average,
            background_scale=background.scale,
            mutation_rate=rate,
            alphabet=library.alphabet,
            reference=reference,
            start=maps.start,
            parameters=self.parameters,
            map_squares=sums.map_squares,
            contribution_sums=sums.contribution_sums,
            reference_cluster=reference_id,
        )


def sums_of(explanation: Explanation) -> Sums | None:
    """The sums an explanation keeps; None for one that was saved without all of them."""
    if explanation.map_squares is None or explanation.contribution_sums is None:
        return None
    return Sums(
        explanation.sizes,
        explanation.letter_counts,
        explanation.map_sums,
        explanation.map_squares,
        explanation.contribution_sums,
    )


def rows_of(explanation: Explanation, clustering: Clustering) -> np.ndarray:
    """(N,) int32: each sequence's row in the explanation; -1 where its cluster has none."""
    sorter = np.argsort(explanation.ids)
    at = np.searchsorted(explanation.ids, clustering.labels, sorter=sorter)
    rows = sorter[np.minimum(at, len(sorter) - 1)]
    known = explanation.ids[rows] == clustering.labels
    return np.where(known, rows, -1).astype(np.int32)


def reference_row(library: Library) -> int | None:
    """First sequence that equals the reference; None without one."""
    if library.reference is None:
        return None
    for start in range(0, len(library), 4096):
        same = (library.sequences[start : start + 4096] == library.reference).all(axis=1)
        if same.any():
            return start + int(same.argmax())
    return None


def activity_quartiles(activity: np.ndarray, rows: np.ndarray, n_clusters: int) -> np.ndarray:
    """(K, 5) float64: minimum, 25 %, median, 75 %, maximum of each row; NaN of an empty one."""
    order = np.argsort(rows, kind="stable")
    bounds = np.searchsorted(rows[order], np.arange(n_clusters + 1))
    quartiles = np.full((n_clusters, 5), np.nan)
    for row in range(n_clusters):
        values = activity[order[bounds[row] : bounds[row + 1]]]
        if len(values):
            quartiles[row] = np.percentile(values, (0, 25, 50, 75, 100))
    return quartiles


def _check_sizes(
    library: Library, table: Table, maps: AttributionMaps, clustering: Clustering
) -> None:
    for name, record in (("table", table), ("maps", maps), ("clustering", clustering)):
        if len(record) != len(library):
            raise InputError(name, f"{len(record)} sequences", f"{len(library)}, as in the library")
