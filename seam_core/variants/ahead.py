"""The next answers made while the last ones are written: a model has a core left for that."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


@contextlib.contextmanager
def one_ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """The same items in the same order, each made on a thread while the one before is used, the
    first from the start.

    What making one raises comes in its turn. On leaving, one that is under way is waited for,
    unless the user interrupts: a slow model may have hours to go.
    """
    threads: list[threading.Thread] = []

    def begun() -> queue.SimpleQueue[tuple[object, BaseException | None]]:
        made: queue.SimpleQueue[tuple[object, BaseException | None]] = queue.SimpleQueue()

        def make() -> None:
            try:
                made.put((next(items, _END), None))
            except BaseException as error:
                made.put((_END, error))

        threads[:] = [threading.Thread(target=make, daemon=True, name="ahead")]
        threads[0].start()
        return made

    def going() -> Iterator[Item]:
        coming = first
        while True:
            item, error = coming.get()
            if error is not None:
                raise error
            if item is _END:
                return
            coming = begun()
            yield item  # type: ignore[misc]

    first = begun()
    try:
        yield going()
    except KeyboardInterrupt:
        threads.clear()
        raise
    finally:
        for thread in threads:
            thread.join()
