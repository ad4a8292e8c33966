"""From a model's output to the one number a sequence that is explained.

The formulas are written once, in terms of a few array operations; NumPy, PyTorch and TensorFlow
each give theirs (`ArrayOps`), so that gradients flow through whichever computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from seam_core.validate import InputError

NONE = "none"
SUM = "sum"
FIRST_PC = "first_pc"
BPNET_PROFILE = "bpnet_profile"
REDUCTIONS = (NONE, SUM, FIRST_PC, BPNET_PROFILE)
ALL_COLUMNS = -1


@dataclass(frozen=True)
class ArrayOps:
    """What a reduction needs of a framework.

    total, mean : (array, axis), the axis is dropped
    softmax : (array, axis), same shape
    constant : (NumPy array, like) -> an array of the framework, of the type and device of `like`
    turned : (n, T, B) array -> (n, B, T)
    """

    total: Callable[[Any, int], Any]
    mean: Callable[[Any, int], Any]
    softmax: Callable[[Any, int], Any]
    constant: Callable[[np.ndarray, Any], Any]
    turned: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class ProfileComponent:
    """First principal component of a library's profiles.

    mean, direction : (B,) float32, B values of a flattened profile
    """

    mean: np.ndarray
    direction: np.ndarray


def _numpy_softmax(array: np.ndarray, axis: int) -> np.ndarray:
    raised = np.exp(array - array.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


NUMPY = ArrayOps(
    total=lambda array, axis: array.sum(axis=axis),
    mean=lambda array, axis: array.mean(axis=axis),
    softmax=_numpy_softmax,
    constant=lambda values, like: values.astype(like.dtype),
    turned=lambda array: np.moveaxis(array, 1, 2),
)


def check_output(
    shape: tuple[int | None, ...], head: str, column: int, reduction: str, source: str = ""
) -> None:
    """Raise `InputError` unless an output of `shape` gives one number a sequence.

    Parameters
    ----------
    shape : (n,), (n, T), or (n, B, T) for profiles of B positions on T tracks; None: any size
    column : a column T; -1 takes all of them together (profiles only)
    """
    if reduction == NONE and len(shape) > 2 and any(size != 1 for size in shape[2:]):
        raise InputError(
            "reduction",
            f"none, for head {head} of shape {shape[1:]}: a profile",
            "one that makes a profile one number: " + ", ".join(REDUCTIONS[1:]),
            source,
        )
    if reduction == NONE and len(shape) == 3:
        shape = shape[:2]
    if reduction != NONE and not 2 <= len(shape) <= 3:
        raise InputError(
            "reduction",
            f"{reduction}, for head {head} of shape {shape[1:]}",
            "a profile, (positions,) or (positions, tracks); for a single number: none",
            source,
        )
    if len(shape) == 2 and reduction != NONE:
        return  # the profile has one track; there is no column to choose
    columns = shape[-1] if len(shape) > 1 else 1
    if column == ALL_COLUMNS and reduction == NONE and columns != 1:
        raise InputError("column", column, f"0 to {columns} - 1: one of head {head}", source)
    if columns is not None and column >= columns:
        raise InputError("column", column, f"0 to {columns - 1}: a column of head {head}", source)


def reduce_output(
    output: Any,
    *,
    column: int,
    reduction: str,
    ops: ArrayOps = NUMPY,
    component: ProfileComponent | None = None,
) -> Any:
    """One number a sequence from the output of one head.

    Parameters
    ----------
    output : (n,), (n, T) or (n, B, T), checked with `check_output`
    reduction : "none": the column itself. "sum": over a profile's positions and the tracks chosen.
        "first_pc": projection on the library's first principal component of the profiles.
        "bpnet_profile": logits less their mean, weighted with their softmax, both over positions,
        and summed; the mean over the tracks chosen (Avsec et al. 2021, doi:10.1038/
        s41588-021-00782-6). The gradient flows through the weights too: it is the gradient of
        the number returned.
    component : of "first_pc", from `first_component`

    Returns
    -------
    (n,) array of the framework
    """
    if reduction == NONE:
        return _one_column(output, column)
    profile = _tracks(output, column)
    if reduction == SUM:
        return ops.total(ops.total(profile, 2), 1)
    if reduction == BPNET_PROFILE:
        centred = profile - ops.mean(profile, 1)[:, None, :]
        return ops.mean(ops.total(ops.softmax(centred, 1) * centred, 1), 1)
    if component is None:
        raise InputError(
            "reduction",
            "first_pc before the profiles of a library were seen",
            "a call of prepare(library) first",
        )
    mean = ops.constant(_as_profile(component.mean, profile), profile)
    direction = ops.constant(_as_profile(component.direction, profile), profile)
    return ops.total(ops.total((profile - mean) * direction, 2), 1)


def _as_profile(values: np.ndarray, profile: Any) -> np.ndarray:
    return values.reshape(1, -1, profile.shape[2])


def _one_column(output: Any, column: int) -> Any:
    while len(output.shape) > 2:
        output = output[..., 0]
    if len(output.shape) == 1:
        return output
    return output[:, max(column, 0)]


def _tracks(output: Any, column: int) -> Any:
    """(n, B, tracks chosen)."""
    if len(output.shape) == 2:
        return output[:, :, None]
    if column == ALL_COLUMNS:
        return output
    return output[:, :, column : column + 1]


def chosen_profiles(output: np.ndarray, column: int) -> np.ndarray:
    """(n, B) float32: the flattened profiles that "first_pc" works on."""
    profile = _tracks(np.asarray(output), column)
    return profile.reshape(len(profile), -1).astype(np.float32)


def first_component(profiles: np.ndarray) -> ProfileComponent:
    """The direction in which the profiles of a library differ most.

    Its sign is that of the correlation with the sum of the profile, so that more signal is more
    activity.

    Parameters
    ----------
    profiles : (N, B), N >= 2; `InputError` when they do not differ
    """
    if len(profiles) < 2:
        raise InputError("reduction", f"first_pc of {len(profiles)} profile", "two or more")
    mean = profiles.mean(axis=0, dtype=np.float64)
    centred = profiles - mean
    if profiles.shape[1] <= len(profiles):
        _, vectors = np.linalg.eigh(centred.T @ centred)
        direction = vectors[:, -1]
    else:
        _, vectors = np.linalg.eigh(centred @ centred.T)
        direction = centred.T @ vectors[:, -1]
    norm = np.linalg.norm(direction)
    if not np.any(centred) or norm == 0:
        raise InputError("reduction", "first_pc of profiles that are all equal", "a library")
    direction = direction / norm
    if (centred @ direction) @ centred.sum(axis=1) < 0:
        direction = -direction
    return ProfileComponent(mean.astype(np.float32), direction.astype(np.float32))
