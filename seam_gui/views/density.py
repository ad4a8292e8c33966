"""How many points fall on each spot, as a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.pictures import density_levels
from seam_gui.look.theme import theme
from seam_gui.views import rasteriser

SIDE = 4  # pixels of a square


@dataclass(frozen=True, eq=False)
class Density:
    """An image (H, W) uint32, and the number of points in its fullest square."""

    image: np.ndarray
    most: int


def density_image(
    points: rasteriser.Points,
    shape: tuple[int, int],
    scale: tuple[float, float],
    offset: tuple[float, float],
    ratio: float,
) -> Density:
    """How many points fall into squares of `SIDE` pixels, on a logarithmic scale."""
    side = max(1, round(SIDE * ratio))
    coarse = (-(-shape[0] // side), -(-shape[1] // side))
    counts = rasteriser.density(
        points,
        coarse,
        (scale[0] / side, scale[1] / side),
        (offset[0] / side, offset[1] / side),
    )
    most = max(int(counts.max()), 1)
    colours = rasteriser.packed(theme().sequential())[density_levels(counts)]
    colours[counts == 0] = theme().color("background").rgb()
    full = np.repeat(np.repeat(colours, side, axis=0), side, axis=1)
    return Density(np.ascontiguousarray(full[: shape[0], : shape[1]], dtype=np.uint32), most)


def count_ticks(most: int) -> list[tuple[float, str]]:
    """Places on the scale of a density, and the counts written there: 0, 1, 10 ... the most."""
    counts = [0] + [10**k for k in range(len(str(most))) if 10**k <= most]
    far = [count for count in counts if np.log1p(count) < 0.9 * np.log1p(most)]
    return [(float(np.log1p(count)), f"{count:,}") for count in (*far, most)]
