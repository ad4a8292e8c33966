"""The next answers made while the last ones are written: a model has a core left for that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


@contextlib.contextmanager
def one_ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """The same items in the same order, each made on a thread while the one before is used.

    What making one raises comes in its turn. On leaving, one that is under way is waited for.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:

        def going() -> Iterator[Item]:
            coming = pool.submit(next, items, _END)
            while (item := coming.result()) is not _END:
                coming = pool.submit(next, items, _END)
                yield item  # type: ignore[misc]

        yield going()
