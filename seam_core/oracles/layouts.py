"""How one-hot sequences (n, L, A) are laid out for a model, written once for every framework."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from seam_core.oracles.array_ops import ArrayOps
from seam_core.validate import FOREIGN

# name -> the axes that the model takes; "1" is an axis of one, "LA" both side by side
AXES: dict[str, tuple[str, ...]] = {
    "channels_last": ("L", "A"),
    "channels_first": ("A", "L"),
    "NL41": ("L", "A", "1"),
    "N1L4": ("1", "L", "A"),
    "N4L1": ("A", "L", "1"),
    "N41L": ("A", "1", "L"),
    "N14L": ("1", "A", "L"),
    "flat": ("LA",),
    "flat_first": ("AL",),
    "tokens": ("L",),
}
TOKENS = "tokens"


def letters_come_first(layout: str) -> bool:
    """Does the model have its channels before its positions? Then its profiles have too."""
    axes = "".join(AXES[layout])
    return axes.index("A") < axes.index("L") if "A" in axes else False


def laid_out(sequences: Any, layout: str, ops: ArrayOps) -> Any:
    """(n, L, A) as the model takes them."""
    axes = AXES[layout]
    if layout == TOKENS:
        return ops.tokens(sequences)
    if letters_come_first(layout):
        sequences = ops.turned(sequences)
    if len(axes) == 1:
        return ops.flat(sequences)
    return ops.expanded(sequences, axes.index("1") + 1) if "1" in axes else sequences


def length_in(shape: tuple[int | None, ...], layout: str, n_letters: int) -> int | bool | None:
    """L of an input of `shape` (without the batch axis); None: open; False: it does not fit."""
    axes = AXES[layout]
    if len(shape) != len(axes):
        return False
    if n_letters in shape and "A" in axes and shape[axes.index("A")] is None:
        return False  # the letters are along the axis of their size, not along an open one
    length: int | None = None
    for axis, size in zip(axes, shape, strict=True):
        if axis == "L":
            length = size
        elif axis in ("LA", "AL"):
            if size is None or size % n_letters:
                return False
            length = size // n_letters
        elif size not in (None, {"A": n_letters, "1": 1}[axis]):
            return False
    return length


def fitting(
    shape: tuple[int | None, ...], n_letters: int, looked_up: bool | None = None
) -> list[str]:
    """The layouts that an input of `shape` (without the batch axis) may have.

    looked_up : are its numbers indices of an embedding? None: not known
    """
    names = [name for name in AXES if length_in(shape, name, n_letters) is not False]
    if looked_up is None or TOKENS not in names:
        return names
    return [TOKENS] if looked_up else [name for name in names if name != TOKENS]


def running(call: Callable[[str], Any], layout: str) -> list[str]:
    """The layouts other than `layout` that `call` can be made in: for messages.

    Indices to look up (tokens) are told where nothing else runs.
    """
    found: list[str] = []
    for name in sorted(AXES, key=lambda name: name == TOKENS):
        if name == layout or (name == TOKENS and found):
            continue
        with suppress(*FOREIGN):
            call(name)
            found.append(name)
    return [name for name in found if "1" not in AXES[name]] or found


def looks_like_sequence(shape: tuple[int | None, ...], n_letters: int) -> bool:
    """Is an input of `shape` (without the batch axis) of one-hot letters?"""
    one_hot = [name for name in fitting(shape, n_letters) if "A" in AXES[name]]
    sizes = [size for size in shape if size not in (1, n_letters)]
    return bool(one_hot) and len(sizes) == 1 and (sizes[0] is None or sizes[0] > n_letters)


def as_shape(layout: str, length: int | None, n_letters: int) -> str:
    """(N, 4, 1, 200) in words."""
    sizes = {"L": length or "length", "A": n_letters, "1": 1}
    product = "length x letters" if length is None else length * n_letters
    sizes["LA"] = sizes["AL"] = product
    return "(" + ", ".join(["N", *(str(sizes[axis]) for axis in AXES[layout])]) + ")"
