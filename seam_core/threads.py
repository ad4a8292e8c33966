"""Pieces of work side by side on threads, what they make in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


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
