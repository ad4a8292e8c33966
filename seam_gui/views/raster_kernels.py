"""Compiled loops of the scatter. Import this in a thread: numba takes half a second to load."""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np

Array: TypeAlias = np.ndarray

HIDDEN, DIM, NORMAL, CHOSEN = 0, 1, 2, 3
"""What a point looks like, the value of its `state`."""


@numba.njit(cache=True, nogil=True)
def draw_hard(
    index: Array,
    x: Array,
    y: Array,
    scale: Array,
    offset: Array,
    state: Array,
    wanted: int,
    order: Array,
    spans: Array,
) -> None:
    """Write the number of every point whose state is `wanted` over its pixels.

    index : (H, W) int32, the point on top of each pixel
    scale, offset : (2,) pixel = coordinate * scale + offset
    order : (N,) int32 in which points are drawn, or empty for their own order
    spans : (S, 3) int32: dy, first dx, last dx + 1; the pixels of a disc, row by row
    """
    height, width = index.shape
    pixels = index.ravel()
    margin = spans.shape[0] // 2 + 1
    scale_x, scale_y, offset_x, offset_y = scale[0], scale[1], offset[0], offset[1]
    ordered = order.shape[0] > 0
    for k in range(x.shape[0]):
        i = order[k] if ordered else k
        if state[i] != wanted:
            continue
        fx = x[i] * scale_x + offset_x
        fy = y[i] * scale_y + offset_y
        if fx >= margin and fy >= margin and fx < width - margin and fy < height - margin:
            middle = int(fy) * width + int(fx)
            for s in range(spans.shape[0]):
                # unsigned: else each pixel is asked whether it counts from the end
                at = np.uint64(middle + spans[s, 0] * width + spans[s, 1])
                for _ in range(spans[s, 2] - spans[s, 1]):
                    pixels[at] = i
                    at += np.uint64(1)
        elif fx > -margin and fy > -margin and fx < width + margin and fy < height + margin:
            px, py = int(np.floor(fx)), int(np.floor(fy))
            for s in range(spans.shape[0]):
                at_y = py + spans[s, 0]
                if at_y >= 0 and at_y < height:
                    for at_x in range(max(0, px + spans[s, 1]), min(width, px + spans[s, 2])):
                        index[at_y, at_x] = i


@numba.njit(cache=True, nogil=True)
def inks(codes: Array, lut: Array, dim_lut: Array, state: Array, background: np.uint32) -> Array:
    """(1 + N,) uint32: the background, then the colour of every point."""
    colours = np.empty(1 + codes.shape[0], dtype=np.uint32)
    colours[0] = background
    for i in range(codes.shape[0]):
        colours[1 + i] = dim_lut[codes[i]] if state[i] == DIM else lut[codes[i]]
    return colours


@numba.njit(cache=True, nogil=True)
def colour(image: Array, index: Array, inks: Array) -> None:
    """Each pixel in the colour of the point on top of it; no branch, for the sake of speed."""
    pixels, points = image.ravel(), index.ravel()
    for p in range(pixels.shape[0]):
        pixels[p] = inks[np.uint32(points[p] + 1)]


@numba.njit(cache=True, nogil=True)
def draw_soft(
    image: Array,
    index: Array,
    x: Array,
    y: Array,
    scale: Array,
    offset: Array,
    codes: Array,
    lut: Array,
    state: Array,
    wanted: int,
    order: Array,
    stamp: Array,
) -> None:
    """As `draw_hard`, but with soft edges, straight into the image.

    image : (H, W) uint32, 0xffRRGGBB
    codes : (N,) uint16, entry of `lut` (uint32) of each point
    stamp : (S, 3) int32: dx, dy, coverage of 1..256
    """
    height, width = image.shape
    ordered = order.shape[0] > 0
    for k in range(x.shape[0]):
        i = order[k] if ordered else k
        if state[i] != wanted:
            continue
        fx = x[i] * scale[0] + offset[0]
        fy = y[i] * scale[1] + offset[1]
        if not (fx > -99 and fx < width + 99 and fy > -99 and fy < height + 99):
            continue
        px, py = int(np.floor(fx)), int(np.floor(fy))
        own = lut[codes[i]]
        for s in range(stamp.shape[0]):
            at_x, at_y = px + stamp[s, 0], py + stamp[s, 1]
            if at_x < 0 or at_y < 0 or at_x >= width or at_y >= height:
                continue
            coverage = stamp[s, 2]
            if coverage >= 256:
                image[at_y, at_x] = own
            else:
                image[at_y, at_x] = blend(image[at_y, at_x], own, coverage)
            if coverage >= 128:
                index[at_y, at_x] = i


@numba.njit(cache=True, nogil=True, inline="always")
def blend(under: np.uint32, over: np.uint32, coverage: int) -> np.uint32:
    """`over` at coverage/256 on `under`, both 0xffRRGGBB; two channels at a time."""
    rest = np.uint32(256 - coverage)
    part = np.uint32(coverage)
    even = np.uint32(0x00FF00FF)
    odd = np.uint32(0x0000FF00)
    red_blue = (((under & even) * rest + (over & even) * part) >> np.uint32(8)) & even
    green = (((under & odd) >> np.uint32(8)) * rest + ((over & odd) >> np.uint32(8)) * part) & odd
    return np.uint32(0xFF000000) | red_blue | green


@numba.njit(cache=True, nogil=True)
def count(counts: Array, x: Array, y: Array, scale: Array, offset: Array, state: Array) -> None:
    """Add every visible point to the (H, W) int32 histogram `counts`."""
    height, width = counts.shape
    for i in range(x.shape[0]):
        if state[i] == 0:
            continue
        fx = x[i] * scale[0] + offset[0]
        fy = y[i] * scale[1] + offset[1]
        if fx >= 0 and fy >= 0 and fx < width and fy < height:
            counts[int(fy), int(fx)] += 1


def compile_all() -> None:
    """Compile (or load from the cache) every loop, for the types that the rasteriser uses."""
    image = np.zeros((4, 4), dtype=np.uint32)
    points = np.zeros(1, dtype=np.float32)
    state = np.full(1, NORMAL, dtype=np.uint8)
    two = np.ones(2, dtype=np.float64)
    index = np.zeros((4, 4), dtype=np.int32)
    codes, lut = np.zeros(1, dtype=np.uint16), np.zeros(1, dtype=np.uint32)
    none, disc = np.zeros(0, dtype=np.int32), np.array([[0, 0, 1]], dtype=np.int32)
    draw_hard(index, points, points, two, two, state, NORMAL, none, disc)
    colour(image, index, inks(codes, lut, lut, state, np.uint32(0)))
    draw_soft(image, index, points, points, two, two, codes, lut, state, NORMAL, none, disc)
    count(np.zeros((2, 2), dtype=np.int32), points, points, two, two, state)
