"""What a method gives for a batch, and batches side by side on threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from seam_core.progress import Tick

Item = TypeVar("Item")
Made = TypeVar("Made")


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
