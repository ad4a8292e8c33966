"""The few array operations that formulas are written in, with those of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ArrayOps:
    """What a reduction needs of a framework.

    total, mean : (array, axis), the axis is dropped
    softmax : (array, axis), same shape
    held : (array) -> the same, through which no gradient flows
    log : (array) -> natural logarithms
    constant : (NumPy array, like) -> an array of the framework, of the type and device of `like`
    turned : (n, T, B) array -> (n, B, T)
    flipped : (array, axis) -> the same backwards along the axis
    expanded : (array, axis) -> with an axis of one there
    flat : (n, ...) -> (n, all of it)
    widened : half precision as single, since sums of many overflow in it
    tokens : (n, L, A) one-hot -> (n, L) whole numbers
    joined : (arrays, axis) -> one array
    """

    total: Callable[[Any, int], Any]
    mean: Callable[[Any, int], Any]
    softmax: Callable[[Any, int], Any]
    held: Callable[[Any], Any]
    log: Callable[[Any], Any]
    constant: Callable[[np.ndarray, Any], Any]
    turned: Callable[[Any], Any]
    flipped: Callable[[Any, int], Any]
    expanded: Callable[[Any, int], Any]
    flat: Callable[[Any], Any]
    widened: Callable[[Any], Any]
    tokens: Callable[[Any], Any]
    joined: Callable[[list[Any], int], Any]


def _numpy_softmax(array: np.ndarray, axis: int) -> np.ndarray:
    raised = np.exp(array - array.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


NUMPY = ArrayOps(
    total=lambda array, axis: array.sum(axis=axis),
    mean=lambda array, axis: array.mean(axis=axis),
    softmax=_numpy_softmax,
    held=lambda array: array,
    log=np.log,
    constant=lambda values, like: values.astype(like.dtype),
    turned=lambda array: np.moveaxis(array, 1, 2),
    flipped=lambda array, axis: np.flip(array, axis),
    expanded=np.expand_dims,
    flat=lambda array: array.reshape(len(array), -1),
    widened=lambda array: array.astype(np.float32) if array.dtype == np.float16 else array,
    tokens=lambda array: array.argmax(axis=2),
    joined=lambda arrays, axis: np.concatenate(arrays, axis=axis),
)
