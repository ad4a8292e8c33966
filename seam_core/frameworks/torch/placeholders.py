"""Mutants of a PyTorch module, known by the positions of its tensors that they change."""

from __future__ import annotations

import functools
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
    read : the positions of it that anything is made of; None: all
    """

    name: str
    how: Sliding | Summary | Callable[[list[Any]], Any] | None
    reach: Reach | None
    axis: int
    around: tuple[bool, ...]
    blank: Any = None
    needed: bool = True
    read: range | None = None


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
    length : L
    before, after : summaries of n sequences: (n, C) totals, or the largest up to a position and
        from it on, (n, L + 1, C)
    """

    rows: Any
    length: int
    before: Any = None
    after: Any = None

    @functools.cached_property
    def values(self) -> Any:
        """(n, L, C) without what pads it."""
        return self.rows[:-1].view(-1, self.length, self.rows.shape[1])


def originals_of(tensor: Any, axis: int, how: Any) -> Originals:
    """What the mutants of n sequences need of a tensor of these."""
    torch = import_torch()
    values = tensor if axis == 1 else tensor.transpose(1, 2)
    fill = how.fill if isinstance(how, Sliding) else 0.0
    n, length, channels = values.shape
    rows = values.new_full((n * length + 1, channels), fill)
    rows[:-1] = values.reshape(-1, channels)
    if not isinstance(how, Summary):
        return Originals(rows, length)
    if how.kind != "max":
        return Originals(rows, length, values.sum(dim=1))
    least = values.new_full((n, 1, channels), float("-inf"))
    before = torch.cat([least, values.cummax(dim=1).values], dim=1)
    after = torch.cat([values.flip(1).cummax(dim=1).values.flip(1), least], dim=1)
    return Originals(rows, length, before, after)


def placeholder(window: Any, reach: Reach, axis: int, first: Any) -> Any:
    """A tensor of the shape of all positions, all NaN, that knows those from `first` on."""
    shape = list(window.shape)
    shape[axis] = reach.length
    return mark(_without_numbers(window, shape), Local(reach, axis, window, first))


def _without_numbers(like: Any, shape: Sequence[int]) -> Any:
    """NaN, or 0 of whole numbers, in the memory of one."""
    return _no_number(like.dtype, like.device).expand(shape)


@functools.cache
def _no_number(dtype: Any, device: Any) -> Any:
    value = float("nan") if dtype.is_floating_point else 0
    return import_torch().full((1,), value, dtype=dtype, device=device)


def blank_of(output: Any) -> Any:
    """What a call returned for some sequences, as it is kept in a `Step`."""
    return with_tensors(
        output, lambda tensor: _without_numbers(tensor, (1, *tensor.shape[1:])[: tensor.dim()])
    )


class Mutants:
    """Substitutions at `positions` (m,) of sequences `rows` (m,)."""

    def __init__(self, device: Any, rows: np.ndarray, positions: np.ndarray) -> None:
        self._m = len(rows)
        self._positions = positions
        self._rows = import_torch().as_tensor(rows, dtype=import_torch().int64, device=device)

    def reached(self, reach: Reach, read: range | None = None) -> tuple[Any, int]:
        """The first position to be made of a tensor of which `read` is read, and how many."""
        raise NotImplementedError

    def _around(self, local: Local, note: Originals | None, first: Any, width: int) -> Any:
        """(m, width, C): positions `first` on of the mutants; what pads them outside."""
        raise NotImplementedError

    def _own(self, note: Originals, first: Any, width: int) -> Any:
        """(m or 1, width, C): positions `first` on of the sequences, all within these."""
        raise NotImplementedError

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
            return self._summary(step, locals_[0], notes[0])
        reach, axis = step.reach, step.axis
        assert reach is not None
        first, width = self.reached(reach, step.read)
        if isinstance(step.how, Sliding):
            how = step.how
            made = self._slid(how, locals_[0], notes, first, width)
            return placeholder(self._turned(made, axis), reach, axis, first)
        windows = [
            self._turned(self._around(local, note, first, width), local.axis)
            for local, note in zip(locals_, notes, strict=True)
        ]
        return with_tensors(
            step.how(windows), lambda window: placeholder(window, reach, axis, first)
        )

    def _slid(self, how: Sliding, local: Local, notes: Any, first: Any, width: int) -> Any:
        """(m, width, C) outputs of a sliding call, `first` on."""
        patch = self._around(local, notes[0], first * how.stride - how.left, how.read(width))
        return how.apply(patch)

    def _unused(self, blank: Any, step: Step) -> Any:
        """A result of which nothing that is explained is made."""
        tensor = blank.expand(self._m, *blank.shape[1:]) if blank.dim() else blank
        return tensor if step.reach is None else mark(tensor, Local(step.reach, step.axis))

    def _turned(self, values: Any, axis: int) -> Any:
        """(m, positions, C) in the order of the tensor's axes."""
        return values if axis == 1 else values.transpose(1, 2)

    def _whole(self, local: Local, note: Originals) -> Any:
        first, _ = self.reached(local.reach)
        return self._around(local, note, first * 0, local.reach.length)

    def _summary(self, step: Step, local: Local, note: Originals) -> Any:
        """What all positions come to: of the sequence's, those reached exchanged."""
        torch = import_torch()
        how, length = step.how, local.reach.length
        assert isinstance(how, Summary)
        window = self._turned(local.window, local.axis)
        first, width = local.first, window.shape[1]
        if how.kind == "max":
            ends = note.before[self._rows, first], note.after[self._rows, first + width]
            values = torch.maximum(torch.maximum(*ends), window.amax(dim=1))
        else:
            change = (window - self._own(note, first, width)).sum(dim=1)
            values = note.before[self._rows] + change
            values = values / length if how.kind == "mean" else values
        values = values.unsqueeze(local.axis) if how.keep else values
        if step.name == "max":  # with places, which nobody asks for
            return torch.return_types.max((values, torch.full_like(values, -1, dtype=torch.int64)))
        return values


class Together(Mutants):
    """At neighbouring positions: of every tensor all hold those that any of them reaches.

    What lies around is a piece of each sequence's own, taken as it is; nothing is made that
    nobody reads.
    """

    def __init__(self, device: Any, rows: np.ndarray, positions: np.ndarray) -> None:
        super().__init__(device, rows, np.unique(positions))
        if (rows == rows[0]).all():  # one piece for all
            self._rows = self._rows[:1]

    def reached(self, reach: Reach, read: range | None = None) -> tuple[int, int]:
        low = min(int(reach.low[self._positions].min()), reach.length - 1)
        high = max(int(reach.high[self._positions].max()), low + 1)
        read = read or range(reach.length)
        first, last = max(low, read.start), min(high, read.stop)
        if first < last:
            return first, last - first
        return (high - 1 if read.start >= high else low), 1  # nothing is: the nearest

    def _slid(self, how: Sliding, local: Local, notes: Any, first: int, width: int) -> Any:
        if how.add is None:
            return super()._slid(how, local, notes, first, width)
        window = self._turned(local.window, local.axis)
        change = window - self._own(notes[0], local.first, window.shape[1])
        made = self._own(notes[1], first, width).expand(self._m, -1, -1).clone()
        how.add(made, change, local.first + how.left - first)
        return made

    def _around(self, local: Local, note: Originals | None, first: int, width: int) -> Any:
        last = first + width
        if local.patch is not None and first >= 0 and last <= local.reach.length:
            begin, patch = local.patch
            if begin <= first and last <= begin + patch.shape[1]:
                return patch[:, first - begin : last - begin]
        window, own = self._turned(local.window, local.axis), local.first
        end = own + window.shape[1]
        if own <= first and last <= end:
            return window[:, first - own : last - own]
        assert note is not None
        patch = window.new_empty((self._m, width, window.shape[2]))
        begin = min(max(first, own), last)
        end = max(min(last, end), begin)
        patch[:, begin - first : end - first] = window[:, begin - own : end - own]
        self._put(patch[:, : begin - first], note, first)
        self._put(patch[:, end - first :], note, end)
        local.patch = first, patch
        return patch

    def _put(self, out: Any, note: Originals, first: int) -> None:
        """The sequences' own at positions `first` on, and what pads them."""
        width = out.shape[1]
        begin = min(max(0, -first), width)
        end = max(min(width, note.length - first), begin)
        if begin < end:
            out[:, begin:end] = self._own(note, first + begin, end - begin)
        for start, stop in ((0, begin), (end, width)):
            if start < stop:
                out[:, start:stop] = note.rows[-1]

    def _own(self, note: Originals, first: int, width: int) -> Any:
        return note.values[:, first : first + width].index_select(0, self._rows)


class Apart(Mutants):
    """At any positions: each holds what it reaches itself."""

    def __init__(self, device: Any, rows: np.ndarray, positions: np.ndarray) -> None:
        super().__init__(device, rows, positions)
        self._starts: dict[int, Any] = {}

    def reached(self, reach: Reach, read: range | None = None) -> tuple[Any, int]:
        if id(reach) not in self._starts:
            starts = reach.starts[self._positions]
            self._starts[id(reach)] = self._rows.new_tensor(starts)
        return self._starts[id(reach)], reach.width

    def _around(self, local: Local, note: Originals | None, first: Any, width: int) -> Any:
        torch = import_torch()
        window, device = self._turned(local.window, local.axis), first.device
        if note is None or (width == window.shape[1] and torch.equal(first, local.first)):
            return window
        m, size, channels = window.shape
        # One row more, for what of the window lies outside.
        patch = window.new_empty((m * width + 1, channels))
        places = first[:, None] + torch.arange(width, device=device)
        outside = (places < 0) | (places >= note.length)
        index = (self._rows[:, None] * note.length + places).masked_fill_(
            outside, len(note.rows) - 1
        )
        torch.index_select(note.rows, 0, index.flatten(), out=patch[:-1])
        own = (local.first - first)[:, None] + torch.arange(size, device=device)
        beyond = (own < 0) | (own >= width)
        own = own + torch.arange(m, device=device)[:, None] * width
        own.masked_fill_(beyond, m * width)
        patch.index_copy_(0, own.flatten(), window.reshape(-1, channels))
        return patch[:-1].view(m, width, channels)

    def _own(self, note: Originals, first: Any, width: int) -> Any:
        places = first[:, None] + import_torch().arange(width, device=first.device)
        return note.rows[self._rows[:, None] * note.length + places]
