"""Arrows from the reference's star to the variants that are kept with the session."""

from __future__ import annotations

import numpy as np
from PyQt5.QtGui import QColor

from seam_core.findings import variant_places
from seam_gui.look.verdicts import arrows_of
from seam_gui.pictures.scene import Scene


def variant_arrows(scene: Scene | None, axes: tuple[int, int]) -> list[tuple[np.ndarray, QColor]]:
    """End and colour of each, on two axes of the embedding."""
    if scene is None:
        return []
    embedding, experiments = scene.session.embedding, scene.session.experiments
    if embedding is None or experiments is None or experiments.variants is None:
        return []
    frame = experiments.variants
    places = variant_places(frame, [embedding.axis_name(axis) for axis in axes])
    return arrows_of(frame, places, np.arange(len(frame)))
