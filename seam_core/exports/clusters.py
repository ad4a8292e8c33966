"""Clusters as files: their table, the Mechanism Summary Matrix, mean maps and the tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.exports import tables
from seam_core.exports.arrays import blocks_of, write_npy
from seam_core.exports.material import Material
from seam_core.exports.record import Export

if TYPE_CHECKING:
    import pandas as pd


def clusters_frame(material: Material) -> pd.DataFrame:
    """One row a cluster, in the order of the table on the screen; first its columns."""
    import pandas as pd

    explanation, curation = material.need("explanation"), material.curation
    ids = np.array(material.order, dtype=np.int64)
    rows = [explanation.row_of(i) for i in ids.tolist()]
    quartiles = explanation.activity_quartiles[rows]
    notes = {} if curation is None else curation.notes
    hidden = frozenset() if curation is None else curation.hidden
    return pd.DataFrame(
        {
            "Cluster": ids,
            "Label": [material.names.get(i, "") for i in ids.tolist()],
            "n": explanation.sizes[rows],
            "Median": quartiles[:, 2],
            "IQR": quartiles[:, 3] - quartiles[:, 1],
            "Sites": _sites_shown(material, ids),
            "Note": [notes.get(i, "") for i in ids.tolist()],
            "Minimum": quartiles[:, 0],
            "Q25": quartiles[:, 1],
            "Q75": quartiles[:, 3],
            "Maximum": quartiles[:, 4],
            "Holds reference": [i == explanation.reference_cluster for i in ids.tolist()],
            "Hidden": [i in hidden for i in ids.tolist()],
            "Colour": material.colour_of(ids),
        }
    )


def _sites_shown(material: Material, ids: np.ndarray) -> list[str]:
    sites = material.session.sites
    if sites is None:
        return [""] * len(ids)
    shown = dict(zip(sites.cluster_ids.tolist(), sites.active, strict=True))
    return [
        " ".join(site.name for site, on in zip(sites.sites, shown.get(i, ()), strict=False) if on)
        for i in ids.tolist()
    ]


def msm_frame(material: Material) -> pd.DataFrame:
    """One row a cluster and position; quantities under the names that the window has."""
    import pandas as pd

    explanation = material.need("explanation")
    rows = [explanation.row_of(i) for i in material.order]
    width = explanation.entropy.shape[1]
    columns = {"Cluster": np.repeat(explanation.ids[rows], width)}
    if material.names:
        labels = [material.names.get(int(i), "") for i in explanation.ids[rows]]
        columns["Label"] = np.repeat(np.array(labels, dtype=object), width)
    return pd.DataFrame(
        columns
        | {
            "Position": np.tile(np.arange(explanation.start, explanation.start + width), len(rows)),
            "Entropy": explanation.entropy[rows].ravel(),
            "Entropy change": (explanation.entropy[rows] - explanation.expected_entropy).ravel(),
            "Mismatch to reference": explanation.reference_mismatch[rows].ravel(),
            "Match to consensus": explanation.consensus_match[rows].ravel(),
        }
    )


def write_clusters(material: Material, path: Path) -> Path:
    return tables.write_table(clusters_frame(material), path)


def write_msm(material: Material, path: Path) -> Path:
    return tables.write_table(msm_frame(material), path)


def write_means(material: Material, path: Path) -> Path:
    return _write_maps(material, material.need("explanation").mean_maps, path)


def write_foregrounds(material: Material, path: Path) -> Path:
    return _write_maps(material, material.need("explanation").foregrounds, path)


def _write_maps(material: Material, maps: np.ndarray, path: Path) -> Path:
    explanation = material.need("explanation")
    rows = np.array([explanation.row_of(i) for i in material.order], dtype=np.int64)
    return write_npy(path, blocks_of(maps, rows), (len(rows), *maps.shape[1:]), np.float32)


def write_linkage(material: Material, path: Path) -> Path:
    matrix = material.need("linkage").matrix
    return write_npy(path, blocks_of(matrix), matrix.shape, np.float64)


CLUSTER_TABLE = Export(
    "clusters",
    "Table of the clusters",
    "Label, size, activity, sites shown, note and colour of every cluster",
    ("explanation",),
    tables.SUFFIXES,
    write_clusters,
    columns="clusters",
)
MSM = Export(
    "msm",
    "Mechanism Summary Matrix",
    "One row a cluster and position: entropy, mismatch to reference, match to consensus",
    ("explanation",),
    tables.SUFFIXES,
    write_msm,
    columns="msm",
)
MEANS = Export(
    "means",
    "Mean maps of the clusters",
    "Array (K, W, A), float32, in the order of the table of the clusters",
    ("explanation",),
    (".npy",),
    write_means,
)
FOREGROUNDS = Export(
    "foregrounds",
    "Foregrounds of the clusters",
    "Array (K, W, A), float32: mean maps less the scaled background, in the same order",
    ("explanation",),
    (".npy",),
    write_foregrounds,
)
LINKAGE = Export(
    "linkage",
    "Tree of the maps",
    "Array (N - 1, 4), float64, in SciPy's format",
    ("linkage",),
    (".npy",),
    write_linkage,
)
