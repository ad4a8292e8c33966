"""Mutants of a PyTorch module, known by the positions of its tensors that they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seam_core.frameworks.reach import Reach, Sliding
from seam_core.frameworks.torch.calls import with_tensors
from seam_core.frameworks.torch.local_rules import Local, Summary
from seam_core.frameworks.torch.runtime import import_torch


@dataclass(frozen=True, eq=False)
class Step:
    """A call with local arguments.

    how : None where it is not local
    reach, axis : of what it returns; the shape without the batch axis is its results'
    around : whether the sequences' activations are needed, of each argument
    blank : what it returns, without numbers and with a first axis of 1
    needed : is the number explained made of what it returns?
    """

    name: str
    how: Sliding | Summary | Callable[[list[Any]], Any] | None
    reach: Reach | None
    axis: int
    around: tuple[bool, ...]
    blank: Any = None
    needed: bool = True


def is_known(tensor: Any) -> bool:
    """Is anything known of this tensor?"""
    return hasattr(tensor, "_seam_local")


def known(tensor: Any) -> Local:
    """What is known of a tensor."""
    return tensor._seam_local


def mark(tensor: Any, local: Local) -> Any:
    """The tensor, of which this is known from now on."""
    tensor._seam_local = local
    return tensor


@dataclass(frozen=True, eq=False)
class Originals:
    """What is kept of a tensor of n sequences.

    rows : (n L + 1, C), a row a position, the last one what pads it
    before, after : summaries of n sequences: (n, C) totals, or the largest up to a position and
        from it on, (n, L + 1, C)
    """

    rows: Any
    before: Any = None
    after: Any = None


def originals_of(tensor: Any, axis: int, how: Any) -> Originals:
    """What the mutants of n sequences need of a tensor of these."""
    torch = import_torch()
    values = tensor if axis == 1 else tensor.transpose(1, 2)
    fill = how.fill if isinstance(how, Sliding) else 0.0
    rows = values.new_full((values.shape[0] * values.shape[1] + 1, values.shape[2]), fill)
    rows[:-1] = values.reshape(-1, values.shape[2])
    if not isinstance(how, Summary):
        return Originals(rows)
    if how.kind != "max":
        return Originals(rows, values.sum(dim=1))
    least = values.new_full((len(values), 1, values.shape[2]), float("-inf"))
    before = torch.cat([least, values.cummax(dim=1).values], dim=1)
    after = torch.cat([values.flip(1).cummax(dim=1).values.flip(1), least], dim=1)
    return Originals(rows, before, after)


def placeholder(window: Any, reach: Reach, axis: int) -> Any:
    """A tensor of the shape of all positions, all NaN, that knows the positions reached."""
    shape = list(window.shape)
    shape[axis] = reach.length
    return mark(_without_numbers(window, shape), Local(reach, axis, window))


def _without_numbers(like: Any, shape: Sequence[int]) -> Any:
    """NaN, or 0 of whole numbers, in the memory of one."""
    value = float("nan") if like.is_floating_point() else 0
    return like.new_full((1,), value).expand(shape)


def blank_of(output: Any) -> Any:
    """What a call returned for some sequences, as it is kept in a `Step`."""
    return with_tensors(
        output, lambda tensor: _without_numbers(tensor, (1, *tensor.shape[1:])[: tensor.dim()])
    )


class Mutants:
    """Single substitutions, at `positions` (m,) of sequences `rows` (m,)."""

    def __init__(self, device: Any, rows: np.ndarray, positions: np.ndarray) -> None:
        torch = import_torch()
        self._device = device
        self._rows = torch.as_tensor(rows, dtype=torch.int64, device=device)
        self._positions = positions
        self._starts: dict[int, Any] = {}

    def result_of(
        self, step: Step, func: Any, args: Any, kwargs: Any, tensors: list[Any], notes: Any
    ) -> Any:
        """What a call returns for the mutants."""
        if not step.needed:
            return with_tensors(step.blank, lambda tensor: self._unused(tensor, step))
        locals_ = [known(tensor) for tensor in tensors]
        if step.how is None:
            whole = {
                id(tensor): self._turned(self._whole(local, note), local.axis)
                for tensor, local, note in zip(tensors, locals_, notes, strict=True)
            }
            given = with_tensors((args, kwargs), lambda tensor: whole.get(id(tensor), tensor))
            return func(*given[0], **given[1])
        if isinstance(step.how, Summary):
            return self._summary(step, func, locals_[0], notes[0])
        reach, axis = step.reach, step.axis
        assert reach is not None
        if isinstance(step.how, Sliding):
            how = step.how
            first = self._start(reach) * how.stride - how.left
            patch = self._around(locals_[0], notes[0], first, how.read(reach.width))
            return placeholder(self._turned(how.apply(patch), axis), reach, axis)
        windows = [
            local.window if note is None else self._reached(local, note, reach)
            for local, note in zip(locals_, notes, strict=True)
        ]
        return with_tensors(step.how(windows), lambda window: placeholder(window, reach, axis))

    def _unused(self, blank: Any, step: Step) -> Any:
        """A result of which nothing that is explained is made."""
        tensor = blank.expand(len(self._positions), *blank.shape[1:]) if blank.dim() else blank
        return tensor if step.reach is None else mark(tensor, Local(step.reach, step.axis))

    def _start(self, reach: Reach) -> Any:
        """(m,) the first position reached in each mutant."""
        if id(reach) not in self._starts:
            torch = import_torch()
            starts = reach.starts[self._positions]
            self._starts[id(reach)] = torch.as_tensor(
                starts, dtype=torch.int64, device=self._device
            )
        return self._starts[id(reach)]

    def _turned(self, values: Any, axis: int) -> Any:
        """(m, positions, C) in the order of the tensor's axes."""
        return values if axis == 1 else values.transpose(1, 2)

    def _whole(self, local: Local, note: Originals) -> Any:
        zero = self._start(local.reach).new_zeros(1)
        return self._around(local, note, zero, local.reach.length)

    def _reached(self, local: Local, note: Originals, reach: Reach) -> Any:
        """The positions of `reach` of a tensor that is reached in fewer."""
        values = self._around(local, note, self._start(reach), reach.width)
        return self._turned(values, local.axis)

    def _around(self, local: Local, note: Originals, first: Any, width: int) -> Any:
        """(m, width, C): positions `first` (m,) on of the mutants; what pads them outside."""
        torch = import_torch()
        if local.patch is not None:
            shift = _only(first - local.patch[0])
            inside = bool(first.min() >= 0) and bool(first.max() + width <= local.reach.length)
            if inside and shift is not None and 0 <= shift <= local.patch[1].shape[1] - width:
                return local.patch[1][:, shift : shift + width]
        window = self._turned(local.window, local.axis)
        before = _only(self._start(local.reach) - first)
        if before == 0 and width == window.shape[1]:
            return window
        if before is not None and 0 <= before <= width - window.shape[1]:
            after = torch.arange(before + window.shape[1], width, device=self._device)
            sides = torch.cat([torch.arange(before, device=self._device), after])
            beside = self._unchanged(local, note, first, sides)
            patch = torch.cat([beside[:, :before], window, beside[:, before:]], dim=1)
        else:
            patch = self._scattered(local, note, first, width)
        local.patch = first, patch
        return patch

    def _unchanged(self, local: Local, note: Originals, first: Any, offsets: Any) -> Any:
        """(m, offsets, C): positions `first` + `offsets` of the sequences; what pads them."""
        length, end = local.reach.length, len(note.rows) - 1
        places = first[:, None] + offsets
        outside = (places < 0) | (places >= length)
        index = (self._rows[:, None] * length + places).masked_fill_(outside, end)
        return note.rows.index_select(0, index.flatten()).view(*index.shape, note.rows.shape[1])

    def _scattered(self, local: Local, note: Originals, first: Any, width: int) -> Any:
        """`_around` where windows lie at different places of it, as at the ends of sequences."""
        torch = import_torch()
        window = self._turned(local.window, local.axis)
        m, size, channels = window.shape
        offsets = torch.arange(width, device=self._device)
        # One row more, for what of the window lies outside.
        patch = note.rows.new_empty((m * width + 1, channels))
        patch[:-1] = self._unchanged(local, note, first, offsets).view(-1, channels)
        own = (self._start(local.reach) - first)[:, None] + torch.arange(size, device=self._device)
        beyond = (own < 0) | (own >= width)
        own = own + torch.arange(m, device=self._device)[:, None] * width
        own.masked_fill_(beyond, m * width)
        patch.index_copy_(0, own.flatten(), window.reshape(-1, channels))
        return patch[:-1].view(m, width, channels)

    def _summary(self, step: Step, func: Any, local: Local, note: Originals) -> Any:
        """What all positions come to: of the sequence's, those reached exchanged."""
        torch = import_torch()
        how, reach = step.how, local.reach
        assert isinstance(how, Summary)
        window, start = self._turned(local.window, local.axis), self._start(reach)
        if how.kind == "max":
            values = torch.maximum(
                note.before[self._rows, start], note.after[self._rows, start + reach.width]
            )
            values = torch.maximum(values, window.amax(dim=1))
        else:
            places = start[:, None] + torch.arange(reach.width, device=self._device)
            own = note.rows[self._rows[:, None] * reach.length + places]
            values = note.before[self._rows] + (window - own).sum(dim=1)
            values = values / reach.length if how.kind == "mean" else values
        values = values.unsqueeze(local.axis) if how.keep else values
        if step.name == "max":  # with places, which nobody asks for
            return torch.return_types.max((values, torch.full_like(values, -1, dtype=torch.int64)))
        return values


def _only(values: Any) -> int | None:
    """The whole number that all of `values` are; None where they differ."""
    low, high = int(values.min()), int(values.max())
    return low if low == high else None
