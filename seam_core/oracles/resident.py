"""What an answer takes of the memory, seen from outside: for models that do not say it."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from seam_core.progress import readable_bytes

# Growth of the process that is told from what else happens in it, and seconds and sequences that
# are spent on it.
TOLD_APART, PATIENCE_S, MOST = 1 << 26, 1.0, 64
# Bytes below which one measurement differs from the next by as much as it says.
SURE = 10_000_000
# How often the process is looked at.
_EVERY_S = 5e-4


def bytes_of_answer(answer: Callable[[np.ndarray], object], one: np.ndarray) -> int:
    """Bytes by which the process grows for each sequence that is asked about at once.

    What only the first answer takes (packages, compiled code) is not counted, unless it took long
    or much: then no other is asked for.

    Parameters
    ----------
    one : (1, L, A), what is asked about
    """
    began = time.perf_counter()
    first = _growth(lambda: answer(one))
    seconds = time.perf_counter() - began
    rows = int(min(MOST, PATIENCE_S / max(seconds, 1e-6)))
    if rows < 2 or first >= TOLD_APART:
        return max(first, one.nbytes)
    several = np.repeat(one, rows, axis=0)
    return max(_growth(lambda: answer(several)) // rows, one.nbytes)


def readable_growth(n: int) -> str:
    """What an answer was measured to take, in words, no more exact than it is."""
    return f"about {readable_bytes(n)}" if n >= SURE else f"under {readable_bytes(SURE)}"


def _growth(call: Callable[[], object]) -> int:
    """Most bytes of the process while it is called, beyond those before."""
    import psutil

    gc.collect()
    _give_back()
    process, over = psutil.Process(), threading.Event()
    before = most = process.memory_info().rss

    def watch() -> None:
        nonlocal most
        while not over.is_set():
            most = max(most, process.memory_info().rss)
            over.wait(_EVERY_S)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        held = call()
        most = max(most, process.memory_info().rss)
        del held
    finally:
        over.set()
        watcher.join()
    return most - before


def _give_back() -> None:
    """Let the C library return what was freed, which would be taken again without growth."""
    import ctypes

    with suppress(OSError, AttributeError):  # of Linux's alone
        ctypes.CDLL(None).malloc_trim(0)
