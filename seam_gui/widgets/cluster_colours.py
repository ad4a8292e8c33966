"""The colour of each cluster, the same in every picture."""

from __future__ import annotations

import numpy as np

from seam_gui.theme import theme

NOISE = (140, 146, 158)


def colour_codes(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) uint16 entries, and the (K + 1, 3) uint8 palette they point into; noise is the last."""
    top = int(labels.max(initial=0)) + 1
    palette = np.concatenate([theme().categorical(top), np.array([NOISE], dtype=np.uint8)])
    return np.where(labels >= 0, labels, top).astype(np.uint16), palette
