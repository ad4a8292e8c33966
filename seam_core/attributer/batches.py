"""What a method gives for a batch, and how large a batch may be."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from seam_core.oracles import Oracle

# Share of the free memory that the model's working set of one batch may take, of two at most.
MEMORY_SHARE = 0.125
# Floats alive a sequence, for each of its one-hot values, where the oracle does not say.
GUESSED_WIDTH = 500

Item = TypeVar("Item")
Made = TypeVar("Made")

# Told which share of a batch is done; raises `Cancelled` when the user asked to stop.
Tick = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class BatchMaps:
    """Maps of n sequences.

    maps : (n, L, A) float32
    predictions : (n,) float32
    error : (n,) float32 completeness error, or None where the method has none
    """

    maps: np.ndarray
    predictions: np.ndarray
    error: np.ndarray | None = None


# Rows first to last of the library -> their maps.
Method = Callable[[int, int, Tick], BatchMaps]


def rows_in_memory(oracle: Oracle, length: int, largest: int) -> int:
    """How many sequences fit through the model at once, at most `largest`.

    An oracle may say what one sequence takes in an attribute `bytes_per_sequence`.
    """
    import psutil

    guess = GUESSED_WIDTH * length * oracle.n_letters * 4
    each = getattr(oracle, "bytes_per_sequence", None) or guess
    free = psutil.virtual_memory().available * MEMORY_SHARE
    return int(max(1, min(largest, free // each)))


def kept(oracle: Any, name: str, make: Callable[[], Any]) -> Any:
    """What was made of an oracle's network before, or is made now; tracing takes seconds."""
    if name not in oracle.compiled:
        oracle.compiled[name] = make()
    return oracle.compiled[name]


def side_by_side(
    function: Callable[[Item], Made], items: Iterable[Item], at_once: int
) -> Generator[Made, None, None]:
    """What `function` makes of each item, in order; `at_once` of them on threads.

    What `function` raises comes in its turn. Closed early, it waits for those under way.
    """
    if at_once == 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="batch")
    begun: deque[Future[Made]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(function, item))
            if len(begun) > at_once:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
