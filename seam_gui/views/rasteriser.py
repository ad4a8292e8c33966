"""Points into an image: a million of them in the time of a frame.

The loops are compiled by numba. `warm_up` loads them in a thread; until they are there, frames stay
empty, so that the window answers. Where numba cannot be loaded, NumPy draws, several times slower.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from seam_core.importing import importing_for_good
from seam_core.pictures import CHOSEN, DIM, HIDDEN, NORMAL
from seam_core.point_marks import Sight, extent

SOFT_LIMIT = 40_000
"""Up to so many points get soft edges; in larger crowds edges cannot be seen."""

_NO_ORDER = np.zeros(0, dtype=np.int32)


class _Kernels:
    """The compiled loops, once they are loaded."""

    def __init__(self) -> None:
        self.loaded: Any = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def warm_up(self) -> threading.Thread:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._load, name="raster", daemon=True)
                self._thread.start()
            return self._thread

    @property
    def loading(self) -> bool:
        return self.loaded is None and self._thread is not None and self._thread.is_alive()

    def _load(self) -> None:
        with importing_for_good():
            from seam_gui.views import raster_kernels

            raster_kernels.compile_all()
        self.loaded = raster_kernels


_kernels = _Kernels()


def warm_up(*, wait: bool = False) -> None:
    """Start loading the compiled loops; `wait` until they are there."""
    thread = _kernels.warm_up()
    if wait:
        thread.join()


def is_loading() -> bool:
    """True while the compiled loops are on their way; frames are empty until then."""
    return _kernels.loading


@dataclass
class Points:
    """What is drawn.

    x, y : (N,) float32
    codes : (N,) uint16, colour of each point as an index of a look-up table
    state : (N,) uint8, `HIDDEN`, `DIM`, `NORMAL` or `CHOSEN`
    order : (N,) int32 drawing order, or empty for the points' own
    """

    x: np.ndarray
    y: np.ndarray
    codes: np.ndarray
    state: np.ndarray
    order: np.ndarray = field(default_factory=lambda: _NO_ORDER)

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def extent(self) -> Sight:
        """See `seam_core.point_marks.extent`."""
        return extent(self.x, self.y)


@dataclass(frozen=True)
class Frame:
    """An image, and which point is on top at each pixel (-1: none)."""

    image: np.ndarray
    index: np.ndarray

    def nearest(self, x: int, y: int, radius: int = 4) -> int:
        """The point drawn at or near a pixel, -1 where there is none within `radius`."""
        height, width = self.index.shape
        left, top = max(0, x - radius), max(0, y - radius)
        window = self.index[top : min(height, y + radius + 1), left : min(width, x + radius + 1)]
        rows, columns = np.nonzero(window >= 0)
        if len(rows) == 0:
            return -1
        distance = (rows + top - y) ** 2 + (columns + left - x) ** 2
        closest = int(np.argmin(distance))
        if distance[closest] > radius**2:
            return -1
        return int(window[rows[closest], columns[closest]])


@lru_cache(maxsize=64)
def spans(diameter: float) -> np.ndarray:
    """(S, 3) int32 rows of dy, first dx, last dx + 1: the pixels of a disc with hard edges."""
    disc = stamp(diameter)
    disc = disc[disc[:, 2] >= 128]
    rows = [disc[disc[:, 1] == dy] for dy in np.unique(disc[:, 1])]
    return np.array([[r[0, 1], r[:, 0].min(), r[:, 0].max() + 1] for r in rows], dtype=np.int32)


@lru_cache(maxsize=64)
def stamp(diameter: float) -> np.ndarray:
    """(S, 3) int32 rows of dx, dy, coverage (1..256): a disc with soft edges."""
    radius = max(diameter, 1.0) / 2.0
    reach = int(np.ceil(radius))
    side = np.arange(-reach, reach + 1)
    fine = (np.arange(8) + 0.5) / 8 - 0.5
    offsets = (side[:, None] + fine).ravel()
    inside = offsets[:, None] ** 2 + offsets[None, :] ** 2 <= radius**2
    size = len(side)
    share = inside.reshape(size, 8, size, 8).mean(axis=(1, 3))
    dy, dx = np.nonzero(share > 0.03)
    coverage = np.round(share[dy, dx] * 256).astype(np.int32)
    coverage[(side[dx] == 0) & (side[dy] == 0)] = 256
    return np.stack([side[dx], side[dy], coverage], axis=1).astype(np.int32)


def render(
    points: Points,
    shape: tuple[int, int],
    scale: tuple[float, float],
    offset: tuple[float, float],
    lut: np.ndarray,
    dim_lut: np.ndarray,
    background: int,
    diameter: float = 3.0,
    *,
    reuse: Frame | None = None,
) -> Frame:
    """Draw points.

    Parameters
    ----------
    shape : (height, width) in pixels
    scale, offset : pixel = coordinate * scale + offset, for x and y
    lut, dim_lut : (C,) uint32 0xffRRGGBB, colours of points and of dimmed points
    background : 0xffRRGGBB
    diameter : of a point, in pixels
    reuse : a frame no longer shown, whose memory is written over where the shape is the same
    """
    if reuse is not None and reuse.image.shape == tuple(shape):
        image, index = reuse.image, reuse.index
        index.fill(-1)
    else:
        image, index = np.empty(shape, dtype=np.uint32), np.full(shape, -1, dtype=np.int32)
    if len(points) == 0 or is_loading():
        image.fill(background)
        return Frame(image, index)
    kernels = _kernels.loaded
    if kernels is None:
        return _slow_frame(points, index, scale, offset, lut, dim_lut, background, diameter)
    place = np.array(scale, dtype=np.float64), np.array(offset, dtype=np.float64)
    x, y, codes, state, order = points.x, points.y, points.codes, points.state, points.order
    if len(points) > SOFT_LIMIT:
        for wanted in (DIM, NORMAL, CHOSEN):
            kernels.draw_hard(index, x, y, *place, state, wanted, order, spans(float(diameter)))
        inks = kernels.inks(codes, lut, dim_lut, state, np.uint32(background))
        kernels.colour(image, index, inks)
        return Frame(image, index)
    image.fill(background)
    disc = stamp(float(diameter))
    for wanted, colours in ((DIM, dim_lut), (NORMAL, lut), (CHOSEN, lut)):
        kernels.draw_soft(image, index, x, y, *place, codes, colours, state, wanted, order, disc)
    return Frame(image, index)


def _slow_frame(
    points: Points,
    index: np.ndarray,
    scale: tuple[float, float],
    offset: tuple[float, float],
    lut: np.ndarray,
    dim_lut: np.ndarray,
    background: int,
    diameter: float,
) -> Frame:
    """The frame with hard edges, by NumPy."""
    height, width = index.shape
    order = points.order if len(points.order) else np.arange(len(points))
    rows = order[np.argsort(points.state[order], kind="stable")]  # chosen ones last, on top
    rows = rows[points.state[rows] != HIDDEN]
    px = np.floor(points.x[rows] * scale[0] + offset[0])
    py = np.floor(points.y[rows] * scale[1] + offset[1])
    rank = np.full(index.size, -1)
    for dy, first, last in spans(float(diameter)):
        for dx in range(first, last):
            at_x, at_y = px + dx, py + dy
            seen = (at_x >= 0) & (at_y >= 0) & (at_x < width) & (at_y < height)
            here = np.full(index.size, -1)
            here[at_y[seen].astype(np.int64) * width + at_x[seen].astype(np.int64)] = (
                np.flatnonzero(seen)
            )
            np.maximum(rank, here, out=rank)
    top = rank.reshape(index.shape)
    index[top >= 0] = rows[top[top >= 0]]
    shown = np.maximum(index, 0)
    colours = np.where(points.state == DIM, dim_lut[points.codes], lut[points.codes])
    image = np.where(index >= 0, colours[shown], np.uint32(background)).astype(np.uint32)
    return Frame(image, index)


def density(
    points: Points,
    shape: tuple[int, int],
    scale: tuple[float, float],
    offset: tuple[float, float],
) -> np.ndarray:
    """(H, W) int32: number of visible points in each pixel."""
    if is_loading():
        return np.zeros(shape, dtype=np.int32)
    if _kernels.loaded is not None:
        counts = np.zeros(shape, dtype=np.int32)
        two = np.array(scale, dtype=np.float64), np.array(offset, dtype=np.float64)
        _kernels.loaded.count(counts, points.x, points.y, *two, points.state)
        return counts
    px = np.floor(points.x * scale[0] + offset[0])
    py = np.floor(points.y * scale[1] + offset[1])
    seen = (points.state != HIDDEN) & (px >= 0) & (py >= 0) & (px < shape[1]) & (py < shape[0])
    flat = py[seen].astype(np.int64) * shape[1] + px[seen].astype(np.int64)
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int32)


def packed(colours: np.ndarray) -> np.ndarray:
    """(C, 3) uint8 colours as (C,) uint32 0xffRRGGBB."""
    wide = np.asarray(colours, dtype=np.uint32)
    return (0xFF000000 | wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]).astype(np.uint32)
