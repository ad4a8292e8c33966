"""The colour of each cluster in the mode in force, the same in every picture."""

from __future__ import annotations

import numpy as np

from seam_core.colours import cluster_rgb
from seam_core.curation import Curation
from seam_core.tree_drawing import first_leaves, tree_groups
from seam_gui.look.theme import theme
from seam_gui.views.dendrogram_view import DendrogramView


def colour_codes(
    labels: np.ndarray, curation: Curation | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) uint16 entries, and the (K + 1, 3) uint8 palette they point into; noise is the last."""
    top = int(labels.max(initial=0)) + 1
    palette = colours_of(np.append(np.arange(top), -1), curation)
    return np.where(labels >= 0, labels, top).astype(np.uint16), palette


def branch_colours(
    view: DendrogramView,
    matrix: np.ndarray,
    labels: np.ndarray,
    cut: float,
    curation: Curation | None = None,
) -> dict[int, tuple[int, int, int]]:
    """Colour of each node of a tree that lies in one cluster and not above the cut."""
    leaves = view.leaves
    own = labels[first_leaves(matrix, leaves)]
    groups = tree_groups(view.merges, dict(zip(leaves.tolist(), own.tolist(), strict=True)), cut)
    colours = colours_of(np.array(list(groups.values()), dtype=np.int64), curation)
    return {
        node: (int(red), int(green), int(blue))
        for node, (red, green, blue) in zip(groups, colours, strict=True)
    }


def colours_of(ids: np.ndarray, curation: Curation | None) -> np.ndarray:
    """(K, 3) uint8 colours of clusters: the user's where there are, noise grey."""
    colours = None if curation is None else curation.colours
    return cluster_rgb(ids, colours, colour_blind=theme().colour_blind)
