"""From a model's output to the one number a sequence that is explained.

The formulas are written once, in terms of the array operations that each framework gives, so that
gradients flow through whichever computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import NUMPY, ArrayOps
from seam_core.registry import REDUCTIONS, Method
from seam_core.validate import InputError

ALL_COLUMNS = -1
# Columns of a head above which one of them is not explained unasked: it may be a profile.
WIDE = 32
# Added before a logarithm: to a probability what single precision tells from 0, to the rest of it
# what it tells from 1.
NEAR_0, NEAR_1 = 1e-37, 1e-7

# Column indices, of which the mean is explained; (-1,): all of them together; (): none was chosen
Columns = tuple[int, ...]
# Positions of a profile, from and to; (): all
Bins = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class ProfileComponent:
    """First principal component of a library's profiles.

    mean, direction : (B,) float32, B values of a flattened profile
    """

    mean: np.ndarray
    direction: np.ndarray


@dataclass(frozen=True, eq=False)
class Profiles:
    """What the function of a reduction is given.

    values : (n, B, T) array of the framework: the positions and tracks chosen
    ops : operations on arrays of the framework, through which gradients flow
    own : parameters that only the reduction has, as the dataclass that declares them; None without
    component : the library's, for reductions that ask for it
    """

    values: Any
    ops: ArrayOps
    own: Any = None
    component: ProfileComponent | None = None


@dataclass(frozen=True, kw_only=True)
class Reduction(Method):
    """How the output of a head becomes the number explained.

    reduce : profiles -> (n,) array of the framework
    of_profiles : False where the head gives one number a sequence, and only the columns (the mean
        of several) are taken, unless positions are chosen
    needs_component : it is given the first principal component of the library's profiles
    """

    reduce: Callable[[Profiles], Any]
    of_profiles: bool = True
    needs_component: bool = False


def _summed(given: Profiles) -> Any:
    return given.ops.total(given.ops.total(given.values, 2), 1)


def _averaged(given: Profiles) -> Any:
    return given.ops.mean(given.ops.mean(given.values, 2), 1)


def _projected(given: Profiles) -> Any:
    """On the library's first principal component."""
    profile, component = given.values, given.component
    assert component is not None
    mean = given.ops.constant(_as_profile(component.mean, profile), profile)
    direction = given.ops.constant(_as_profile(component.direction, profile), profile)
    return given.ops.total(given.ops.total((profile - mean) * direction, 2), 1)


def _as_profile(values: np.ndarray, profile: Any) -> np.ndarray:
    return values.reshape(1, -1, profile.shape[2])


def _weighted_logits(given: Profiles) -> Any:
    """Logits less their mean, weighted with their softmax, over positions; mean over tracks.

    The gradient flows through the weights too: it is the gradient of the number returned.
    """
    centred = _centred(given)
    return _weighted(centred, given.ops.softmax(centred, 1), given.ops)


def _logits_of_held_weights(given: Profiles) -> Any:
    """The same number, whose gradient takes the weights as they are (bpnet, ChromBPNet)."""
    centred = _centred(given)
    return _weighted(centred, given.ops.softmax(given.ops.held(centred), 1), given.ops)


def _joint_logits(given: Profiles) -> Any:
    """With one softmax, and one mean, over the positions of all tracks together (bpnet-lite)."""
    return _weighted_logits(replace(given, values=given.ops.flat(given.values)[:, :, None]))


def _centred(given: Profiles) -> Any:
    """Logits less their mean over positions, (n, B, T)."""
    return given.values - given.ops.mean(given.values, 1)[:, None, :]


def _weighted(logits: Any, weights: Any, ops: ArrayOps) -> Any:
    return ops.mean(ops.total(weights * logits, 1), 1)


BPNET = (
    "Avsec Z et al. Base-resolution models of transcription-factor binding reveal soft motif "
    "syntax. Nature Genetics 53, 354-366 (2021)."
)


def _logit(given: Profiles) -> Any:
    """log(p / (1 - p)) of the mean of what is chosen, a probability."""
    chance, log = _averaged(given), given.ops.log
    return log(chance + NEAR_0) - log(1.0 - chance + NEAR_1)


NONE = Reduction(name="none", label="None", reduce=_summed, of_profiles=False)
LOGIT = Reduction(
    name="logit",
    label="Logit of a probability",
    reduce=_logit,
    of_profiles=False,
    sentence="the logit of the probability",
)
SUM = Reduction(name="sum", label="Sum", reduce=_summed, sentence="the sum over positions")
MEAN = Reduction(name="mean", label="Mean", reduce=_averaged, sentence="the mean over positions")
FIRST_PC = Reduction(
    name="first_pc",
    label="First principal component",
    reduce=_projected,
    needs_component=True,
    sentence="the projection on the first principal component of the library's profiles",
)
BPNET_PROFILE = Reduction(
    name="bpnet_profile",
    label="BPNet profile",
    reduce=_weighted_logits,
    sentence="the softmax-weighted sum of mean-normalised logits over positions {cite}",
    citation=BPNET,
)
BPNET_PROFILE_HELD = Reduction(
    name="bpnet_profile_held",
    label="BPNet profile, weights held",
    reduce=_logits_of_held_weights,
    sentence="the softmax-weighted sum of mean-normalised logits over positions, whose weights "
    "were held in gradients {cite}",
    citation=BPNET,
)

BPNET_PROFILE_JOINT = Reduction(
    name="bpnet_profile_joint",
    label="BPNet profile, tracks together",
    reduce=_joint_logits,
    sentence="the softmax-weighted sum of mean-normalised logits over the positions of all tracks "
    "together {cite}",
    citation=BPNET,
)


def check_output(
    shape: tuple[int | None, ...],
    head: str,
    column: int | Columns,
    reduction: str,
    source: str = "",
    bins: Bins = (),
) -> None:
    """Raise `InputError` unless an output of `shape` gives one number a sequence.

    shape : (n,), (n, T), or (n, B, T) for profiles of B positions on T tracks; None: any size
    """
    columns = as_columns(column)
    if 0 in shape[1:]:
        raise InputError("head", f"{head}, which is empty", "a head that gives numbers", source)
    of_profiles = REDUCTIONS.get(reduction).of_profiles
    if not of_profiles and not bins:
        _check_columns(shape, head, columns, source)
        return
    if not 2 <= len(shape) <= 3:
        raise InputError(
            "reduction" if of_profiles else "bins",
            f"{reduction if of_profiles else bins}, for head {head} of shape {shape[1:]}",
            "a profile, (positions,) or (positions, tracks); for a single number: none",
            source,
        )
    positions = shape[1]
    if of_profiles and shape[1:] == (1,):
        got = f"{reduction}, for head {head}, which is one number"
        raise InputError("reduction", got, "none, or logit of a probability", source)
    for first, last in bins:
        if positions is not None and last > positions:
            raise InputError("bins", f"{first}:{last}", f"within 0:{positions}", source)
    if not of_profiles and sum(last - first for first, last in bins) > 1:
        got = f"{reduction}, for several bins of head {head}"
        raise InputError("reduction", got, "sum or mean of them", source)
    if len(shape) == 3:
        _check_range(shape[2], head, columns, source)


def _check_columns(shape: tuple[int | None, ...], head: str, columns: Columns, source: str) -> None:
    """Of a head that is no profile."""
    if len(shape) == 3 and 1 in shape[1:]:  # one position, or one track
        shape = (shape[0], shape[1] if shape[2] == 1 else shape[2])
    if len(shape) > 2:
        raise InputError(
            "reduction",
            f"none, for head {head} of shape {shape[1:]}: a profile",
            "--reduction sum, or another that makes a profile one number: " + _of_profiles(),
            source,
        )
    width = shape[-1] if len(shape) > 1 else 1
    if columns == (ALL_COLUMNS,) and width != 1:
        raise InputError("column", ALL_COLUMNS, f"0 to {width} - 1: one of head {head}", source)
    if not columns and (width or 0) > WIDE:
        raise InputError(
            "column",
            f"nothing, for head {head} of {width} columns",
            f"--column 0 to {(width or 0) - 1} for one of them, or, where they are the positions "
            "of a profile, --reduction sum, or another: " + _of_profiles(),
            source,
        )
    _check_range(width, head, columns, source)


def _of_profiles() -> str:
    return ", ".join(each.name for each in REDUCTIONS if each.of_profiles and each is not SUM)


def _check_range(width: int | None, head: str, columns: Columns, source: str) -> None:
    for column in columns:
        if width is not None and column >= width:
            raise InputError("column", column, f"0 to {width - 1}: a column of head {head}", source)


def as_columns(column: int | Columns) -> Columns:
    """Several columns from one."""
    return (column,) if isinstance(column, int) else column


def reduce_output(
    output: Any,
    *,
    column: int | Columns,
    reduction: str,
    ops: ArrayOps = NUMPY,
    component: ProfileComponent | None = None,
    bins: Bins = (),
    own: Any = None,
) -> Any:
    """One number a sequence from the output of one head.

    Parameters
    ----------
    output : (n,), (n, T) or (n, B, T), checked with `check_output`
    column : T, or several, of which the mean is taken
    reduction : the name of a `Reduction`; "none" is the column itself
    component : from `first_component`, where the reduction needs it
    bins : the positions that a profile is reduced over
    own : parameters of the reduction's own

    Returns
    -------
    (n,) array of the framework
    """
    record, columns = REDUCTIONS.get(reduction), as_columns(column)
    if not record.of_profiles and not bins:
        number = _mean_column(output, columns)
        if record is NONE:
            return number
        return record.reduce(Profiles(number[:, None, None], ops, own))
    if record.needs_component and component is None:
        raise InputError(
            "reduction",
            f"{reduction} before the profiles of a library were seen",
            "a call of prepare(library) first",
        )
    profile = _chosen(output, columns, bins, ops)
    with REDUCTIONS.calling(reduction):
        return record.reduce(Profiles(profile, ops, own, component))


def _mean_column(output: Any, columns: Columns) -> Any:
    while len(output.shape) > 2:
        output = output[..., 0] if output.shape[-1] == 1 else output[:, 0]
    if len(output.shape) == 1:
        return output
    parts = [output[:, max(column, 0)] for column in columns or (0,)]
    return parts[0] if len(parts) == 1 else sum(parts[1:], parts[0]) / len(parts)


def _chosen(output: Any, columns: Columns, bins: Bins, ops: ArrayOps) -> Any:
    """(n, B, tracks): the positions and tracks chosen."""
    profile = output[:, :, None] if len(output.shape) == 2 else output
    if len(output.shape) == 3 and columns != (ALL_COLUMNS,):
        tracks = [profile[:, :, column : column + 1] for column in columns or (0,)]
        profile = tracks[0] if len(tracks) == 1 else ops.joined(tracks, 2)
    if bins:
        parts = [profile[:, first:last] for first, last in bins]
        profile = parts[0] if len(parts) == 1 else ops.joined(parts, 1)
    return profile


def chosen_profiles(output: np.ndarray, column: int | Columns, bins: Bins = ()) -> np.ndarray:
    """(n, B) float32: the flattened profiles that "first_pc" works on."""
    profile = _chosen(np.asarray(output), as_columns(column), bins, NUMPY)
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
