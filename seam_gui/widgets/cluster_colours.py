"""The colour of each cluster, the same in every picture."""

from __future__ import annotations

import numpy as np
from PyQt5.QtGui import QColor

from seam_core.curation import Curation
from seam_gui.look.theme import theme

NOISE = (140, 146, 158)


def colour_codes(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) uint16 entries, and the (K + 1, 3) uint8 palette they point into; noise is the last."""
    top = int(labels.max(initial=0)) + 1
    palette = np.concatenate([theme().categorical(top), np.array([NOISE], dtype=np.uint8)])
    return np.where(labels >= 0, labels, top).astype(np.uint16), palette


def colours_of(ids: np.ndarray, curation: Curation | None) -> np.ndarray:
    """(K, 3) uint8 colours of clusters: the user's where there are, noise grey."""
    ids = np.asarray(ids, dtype=np.int64)
    palette = theme().categorical(int(ids.max(initial=0)) + 1)
    found = np.where(ids[:, None] >= 0, palette[np.maximum(ids, 0)], NOISE).astype(np.uint8)
    chosen = {} if curation is None else curation.colours
    for row, cluster_id in enumerate(ids.tolist()):
        if cluster_id in chosen:
            found[row] = QColor(chosen[cluster_id]).getRgb()[:3]
    return found
