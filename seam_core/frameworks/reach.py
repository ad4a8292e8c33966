"""Where a substitution reaches in a network: what local mutants share between frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

# Above this share of the network's work it is not worth the trouble; the second of blocks of
# letters, which are fewer for each sequence whose activations are kept, and of networks of that
# much work.
WORTH, WORTH_FOR_BLOCKS, LEAST_FOR_BLOCKS = 0.6, 0.4, 1_000_000
LARGEST_BATCH = 32
TRIALS = 32
# Mutants made at a time, and bytes of what of a tensor they change: as much as a cache holds.
MUTANTS_AT_A_TIME = 512
WINDOW_BYTES = 1 << 24


@dataclass(frozen=True, eq=False)
class Reach:
    """Where a substitution at each position reaches in a tensor.

    low, high : (L,) first position reached, and the first behind these
    starts : (L,) int32 first position of a window that holds these; width : of all windows
    length : positions of the tensor
    """

    low: np.ndarray
    high: np.ndarray
    starts: np.ndarray
    width: int
    length: int

    def same(self, other: Reach) -> bool:
        """Are the same positions reached?"""
        alike = np.array_equal(self.low, other.low) and np.array_equal(self.high, other.high)
        return self is other or (self.length == other.length and alike)


@dataclass(frozen=True, eq=False)
class Sliding:
    """How an output position depends on input positions: a kernel of `size`, and what pads it.

    apply : (m, positions, C) without what pads it -> (m, positions, C')
    back : where `apply` is affine, gradient (m, positions, C') -> that by the `width` positions
        that were put in
    add : where it spreads what it is given, adds to outputs (m, positions, C') what a change
        (m, width, C) of the inputs makes; the last is the output of the change's first position
        by the kernel's first one
    """

    size: int
    stride: int
    dilation: int
    left: int
    fill: float
    apply: Callable[[Any], Any]
    back: Callable[[Any, int], Any] | None = None
    add: Callable[[Any, Any, int], None] | None = None

    def reach(self, before: Reach, length: int) -> Reach:
        """Where the output is reached, given where the input is."""
        span = (self.size - 1) * self.dilation
        low = -(-(before.low + self.left - span) // self.stride)
        high = (before.high - 1 + self.left) // self.stride
        return as_reach(low, high + 1, length)

    def read(self, width: int) -> int:
        """Positions of the input that `width` positions of the output are made of."""
        return (width - 1) * self.stride + (self.size - 1) * self.dilation + 1

    def needs(self, outputs: range) -> range:
        """The positions of the input that these of the output are made of, padding too."""
        first = outputs.start * self.stride - self.left
        return range(first, first + self.read(len(outputs)))


def mutants_at_a_time(widest: int) -> int:
    """How many, where `widest` bytes of a tensor are reached in each."""
    return max(1, min(MUTANTS_AT_A_TIME, WINDOW_BYTES // max(1, widest)))


def neighbours(positions: np.ndarray, most: int, span: int) -> Iterator[np.ndarray]:
    """The places of `positions` (m,) that lie within `span` of each other, `most` at a time.

    With a span of 0 as they come.
    """
    if span == 0:
        yield from (
            np.arange(at, min(at + most, len(positions))) for at in range(0, len(positions), most)
        )
        return
    order = np.argsort(positions, kind="stable")
    ordered, first = positions[order], 0
    while first < len(order):
        end = np.searchsorted(ordered, ordered[first] + span)
        last = min(first + most, int(end))
        yield order[first:last]
        first = last


def start_reach(length: int, width: int = 1) -> Reach:
    """Where a substitution of `width` neighbouring letters reaches in the sequence itself."""
    return as_reach(np.arange(length), np.arange(length) + width, length)


def as_reach(low: np.ndarray, high: np.ndarray, length: int) -> Reach:
    """A reach of one width that holds `low` to `high` for each position, within the tensor."""
    low, high = np.clip(low, 0, length), np.clip(high, 0, length)
    width = int(max(1, (high - low).max()))
    starts = np.clip(low, 0, length - width).astype(np.int32)
    return Reach(low, high, starts, width, length)


def joined(reaches: Sequence[Reach]) -> Reach:
    """What is reached in any of several tensors of one length."""
    if all(each.same(reaches[0]) for each in reaches):
        return reaches[0]
    low = np.min([each.low for each in reaches], axis=0)
    high = np.max([each.high for each in reaches], axis=0)
    return as_reach(low, high, reaches[0].length)


def left_padding(size: int, stride: int, dilation: int, length: int) -> int:
    """Positions that pad the left end where the output is as long as the input ("same")."""
    outputs = -(-length // stride)
    return max(0, (outputs - 1) * stride + (size - 1) * dilation + 1 - length) // 2


class Work:
    """Roughly the multiplications of a network, those that a mutant spares, and those of `each`
    position that it reaches more.

    width : neighbouring letters that a mutant may have exchanged
    """

    def __init__(self, width: int = 1) -> None:
        self.all = self.spared = self.each = 0.0
        self._worth, self._least = WORTH, 0
        if width > 1:
            self._worth, self._least = WORTH_FOR_BLOCKS, LEAST_FOR_BLOCKS

    def add(self, work: float, reach: Reach | None, *, needed: bool = True) -> None:
        """A layer's; `reach` of what it puts out, None where it is not local.

        needed : is anything that is explained made of it? Mutants leave out what is not
        """
        self.all += work
        if not needed:
            self.spared += work
        elif reach is not None:
            self.spared += work * (1 - min(1.0, reach.width / reach.length))
            self.each += work / len(reach.low)

    @property
    def worth_it(self) -> bool:
        """Is enough of the network local, and is it large enough?"""
        return self.spared > (1 - self._worth) * self.all >= (1 - self._worth) * self._least


class Predictor(Protocol):
    """See `MutantPredictor`."""

    @property
    def width(self) -> int: ...

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray: ...

    def mutants(
        self,
        rows: np.ndarray,
        positions: np.ndarray,
        letters: np.ndarray,
        tick: Callable[[float], None],
    ) -> np.ndarray: ...


def agrees(predictor: Predictor, oracle: Any, length: int, channels: np.ndarray) -> bool:
    """Does a trial at both ends and in between give the predictions of the whole network?"""
    sequences = trial_sequences(length, len(channels))
    positions = np.unique(np.linspace(0, length - predictor.width, TRIALS).astype(int))
    rows = np.arange(len(positions)) % len(sequences)
    columns = positions[:, None] + np.arange(predictor.width)
    letters = (sequences[rows[:, None], columns] + 1) % len(channels)
    own = predictor.start(sequences, np.ones(len(sequences), dtype=bool))
    answers = predictor.mutants(rows, positions, letters, lambda share: None)
    mutants = sequences[rows]
    np.put_along_axis(mutants, columns, letters, axis=1)
    wanted = oracle.predict(channels[mutants])
    # Not the predictions alone: these may be large beside what a substitution changes.
    allowed = 1e-5 * np.abs(own).max() + 1e-2 * np.abs(wanted - own[rows]).max()
    return bool((np.abs(answers - wanted) <= allowed).all())


def trial_sequences(length: int, n_letters: int) -> np.ndarray:
    """(2, L) int8, random and always the same."""
    rng = np.random.default_rng(0)
    return rng.integers(0, n_letters, (2, length)).astype(np.int8)
