"""What an oracle can do besides predicting, as the attribution methods ask for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

from seam_core.oracles.protocol import Oracle
from seam_core.progress import Tick
from seam_core.validate import MemoryBudgetError

# Share of the free memory that the model's working set of one batch may take, of two at most.
MEMORY_SHARE = 0.125
# Bytes of a working set beyond which a processor is the slower for it: arrays of many megabytes are
# new memory each time, which the system clears first.
LARGEST_ON_CPU = 3 << 25
# So many times as much where memory is used again: with 32 sequences of 2,114 letters at once
# PyTorch takes half as long a map of BPNet as with 15.
REUSED = 4
# Floats alive a sequence, for each of its one-hot values, where the oracle does not say.
GUESSED_WIDTH = 500

# inputs (n, L, A) -> predictions (n,) and gradients (n, L, A)
Gradient = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
# (sequences (n, L, A), references (n R, L, A)) -> predictions (n,), theirs (n R,), and the
# multipliers (n R, L, A) of the differences between them
Multipliers = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
# (sequences, baselines, nodes, weights, tick) -> (n, L, A), the weighted sum of the gradients
PathSums = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Tick], np.ndarray]


class PathSecants(Protocol):
    """Mean gradients in cells of straight paths, by DeepLIFT's rules."""

    def __call__(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Of each of the k cells, in turn, the predictions (n,) at its end and the mean gradient
        (n, L, A) inside; edges (k + 1,)."""
        ...

    def sums(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray, tick: Tick
    ) -> tuple[np.ndarray, np.ndarray]:
        """The mean gradient (n, L, A) between the first edge and the last, and the predictions
        (n,) at the last."""
        ...


class CellByCell:
    """Sums of what is given cell by cell."""

    def __init__(self, cells: Callable[..., Iterator[tuple[np.ndarray, np.ndarray]]]) -> None:
        self._cells = cells

    def __call__(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return self._cells(one_hot, baseline, edges)

    def sums(
        self, one_hot: np.ndarray, baseline: np.ndarray, edges: np.ndarray, tick: Tick
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `PathSecants`."""
        widths = np.diff(edges)
        total, predictions = np.zeros_like(one_hot), np.empty(0, np.float32)
        for done, (values, mean) in enumerate(self(one_hot, baseline, edges)):
            tick(done / len(widths))
            predictions = values
            total += np.float32(widths[done]) * mean
        return total, predictions


class MutantPredictor(Protocol):
    """Predicts sequences, and mutants of them with other letters at `width` neighbouring positions.

    batch : most sequences that it is started with
    at_a_time : mutants that it predicts at once
    is_shortcut : does it give what predicting whole mutants gives? The quicker may then be asked
    """

    batch: int
    at_a_time: int
    is_shortcut: bool
    width: int

    def start(self, sequences: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Predictions of those of (n, L) `sequences` that are `wanted` (n,) bool.

        The mutants asked for next are of these sequences.
        """
        ...

    def mutants(
        self, rows: np.ndarray, positions: np.ndarray, letters: np.ndarray, tick: Tick
    ) -> np.ndarray:
        """Predictions (m,) of `letters` put at `positions` of sequences `rows`.

        Parameters
        ----------
        positions : (m,) the first exchanged, at most L - width
        letters : (m,), or (m, width) from that position on
        """
        ...


class MutantsOfAnother:
    """What a predictor that asks another one has from it: how much at once, and how quickly.

    width : given apart, as predictors of other packages that know of single positions have none
    """

    def __init__(self, predictor: MutantPredictor, width: int) -> None:
        self._predictor = predictor
        self.batch = predictor.batch
        self.at_a_time = predictor.at_a_time
        self.is_shortcut = predictor.is_shortcut
        self.width = width


class Capabilities(Protocol):
    """What an oracle offers; None where it does not. See also `reuses_memory`.

    batches_at_once : how many batches are best computed side by side, on threads
    largest_batch : sequences that it answers at once; None: as the method likes
    device : "CPU" or "GPU" where a framework runs it, else ""
    """

    @property
    def batches_at_once(self) -> int: ...

    @property
    def largest_batch(self) -> int | None: ...

    @property
    def device(self) -> str: ...

    def bytes_per_sequence(self, length: int) -> int | None:
        """What a map of one sequence takes in the model, beside its weights; None: unknown."""
        ...

    @property
    def gradient(self) -> Gradient | None:
        """Predictions and their gradients in one pass."""
        ...

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        """A quicker gradient that is 0 outside `window`, for sequences of `length`."""
        ...

    def path_sums(self, length: int) -> PathSums | None:
        """A quicker sum of gradients along straight paths."""
        ...

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        """A predictor of mutants that is quicker than predicting them whole.

        channels : (C, A) float32, what the model is given for each letter
        width : neighbouring positions that a mutant may differ in
        """
        ...

    def multipliers(self) -> Multipliers | None:
        """DeepLIFT's multipliers; `InputError` for an operation without a rule."""
        ...


@runtime_checkable
class Capable(Oracle, Protocol):
    """An oracle that says what it can do besides predicting."""

    @property
    def capabilities(self) -> Capabilities: ...


class PlainCapabilities:
    """Of an oracle that predicts, and may have methods `gradient` and `multipliers`."""

    batches_at_once = 1
    largest_batch: int | None = None
    device = ""

    def __init__(self, oracle: Oracle) -> None:
        self._gradient: Gradient | None = getattr(oracle, "gradient", None)
        self._multipliers: Multipliers | None = getattr(oracle, "multipliers", None)

    @property
    def gradient(self) -> Gradient | None:
        return self._gradient

    def bytes_per_sequence(self, length: int) -> int | None:
        return None

    def gradient_in(self, length: int, window: range) -> Gradient | None:
        return None

    def path_sums(self, length: int) -> PathSums | None:
        return None

    def mutants(self, length: int, channels: np.ndarray, width: int = 1) -> MutantPredictor | None:
        return None

    def multipliers(self) -> Multipliers | None:
        return self._multipliers


def mutants_of(
    known: Capabilities, length: int, channels: np.ndarray, width: int = 1
) -> MutantPredictor | None:
    """What predicts mutants of `width` neighbouring positions; None also of an oracle of another
    package whose `mutants` knows of single positions only."""
    if width == 1:
        return known.mutants(length, channels)
    knows = "width" in inspect.signature(known.mutants).parameters
    return known.mutants(length, channels, width=width) if knows else None


def secants_of(oracle: Oracle, length: int, window: range) -> PathSecants | None:
    """The mean gradients in the cells of paths, of a window at least; None of what knows of none,
    as most do."""
    make = getattr(capabilities_of(oracle), "secants", None)
    return None if make is None else make(length, window)


def secants_at_once(oracle: Oracle) -> bool:
    """Has it secants that need no tracing, so that they pay for few sequences?"""
    return getattr(capabilities_of(oracle), "secants_at_once", False)


def repays_tracing(oracle: Oracle, n_bytes: int) -> bool:
    """Whether what predicts mutants is worth making for more that take so many bytes in the model;
    True where making it takes no time."""
    known = getattr(capabilities_of(oracle), "repays_tracing", None)
    return True if known is None else known(n_bytes)


def path_sums_in(oracle: Oracle, length: int, window: range) -> PathSums | None:
    """Sums of gradients along paths that are 0 outside the window; None of what knows of none."""
    make = getattr(capabilities_of(oracle), "path_sums_in", None)
    return None if make is None else make(length, window)


def capabilities_of(oracle: Oracle) -> Capabilities:
    """What an oracle says that it can do; of any other its gradient, where it has one."""
    return oracle.capabilities if isinstance(oracle, Capable) else PlainCapabilities(oracle)


def heads_of(oracle: Oracle) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """(name, shape without the batch axis) of each output, where the oracle says."""
    return tuple(getattr(oracle, "heads", ()))


def inputs_of(oracle: Oracle) -> tuple[tuple[str, str], ...]:
    """(name, what it is given in words) of each input, where the oracle says."""
    return tuple(getattr(oracle, "inputs", ()))


def rows_in_memory(
    oracle: Oracle,
    length: int,
    largest: int,
    *,
    on_cpu: int = LARGEST_ON_CPU,
) -> int:
    """How many sequences fit through the model at once, at most `largest`.

    on_cpu : bytes that a processor takes at most; several times as many where memory is used again

    Raises
    ------
    MemoryBudgetError
        One sequence takes more than the machine has.
    """
    import psutil

    known = capabilities_of(oracle)
    each = known.bytes_per_sequence(length)
    memory = psutil.virtual_memory()
    if each and known.device == "CPU" and each > memory.total:
        raise MemoryBudgetError(
            f"the model takes about {each / 1e9:,.0f} GB for one sequence of {length:,} letters; "
            f"this machine has {memory.total / 1e9:,.0f} GB"
        )
    room = memory.available * MEMORY_SHARE
    if known.device == "CPU":
        room = min(room, REUSED * LARGEST_ON_CPU if reuses_memory(known) else on_cpu)
    guessed = GUESSED_WIDTH * length * oracle.n_letters * 4
    return int(max(1, min(largest, room // (each or guessed))))


def reuses_memory(known: Capabilities) -> bool:
    """Are arrays put where others were, so that larger batches pay?"""
    return getattr(known, "reuses_memory", False)


class Kept:
    """What was made of a network before; tracing takes seconds."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """What was kept under the name, or is made now."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def forget(self) -> None:
        """Of a number explained that changed."""
        self._made.clear()
