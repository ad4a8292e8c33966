"""Imports of what is large."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing_for_good() -> Iterator[None]:
    """What is imported within stays for good, so that the garbage collector need not look at it.

    Thousands of modules make millions of objects, and no garbage: a fifth of TensorFlow's import is
    looking for some, and each later look would stop every thread.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
    gc.freeze()
