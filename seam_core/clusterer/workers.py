"""Threads for kernels that release the GIL, and as many for BLAS."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType


class Workers:
    """A few threads that share out a range of work; results do not depend on how many.

    Kernels are called from threads of our own, and not through numba's parallel loops, whose
    default threading layer ends the process when two jobs use it at once.

    Parameters
    ----------
    n_threads : 0 takes one a core that this process may use
    """

    def __init__(self, n_threads: int = 0) -> None:
        from threadpoolctl import ThreadpoolController

        self.n_threads = n_threads or available_cores()
        self._libraries = ThreadpoolController()
        self._pool = ThreadPoolExecutor(self.n_threads) if self.n_threads > 1 else None

    def __enter__(self) -> Workers:
        self._blas = self._libraries.limit(limits=self.n_threads, user_api="blas")
        self._blas.__enter__()
        return self

    def one_blas_thread(self) -> AbstractContextManager[object]:
        """While workers multiply matrices of their own: BLAS keeps to the thread that calls."""
        return self._libraries.limit(limits=1, user_api="blas")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._blas.__exit__(kind, error, trace)
        if self._pool:
            self._pool.shutdown()

    def share(self, n: int, work: Callable[..., object], least: int = 1) -> None:
        """Call `work(start, stop)` on pieces of 0 .. n, at once; pieces are `least` or longer."""
        n_pieces = min(self.n_threads, max(1, n // least))
        if self._pool is None or n_pieces == 1:
            work(0, n)
            return
        edges = [n * piece // n_pieces for piece in range(n_pieces + 1)]
        for job in [
            self._pool.submit(work, start, stop) for start, stop in itertools.pairwise(edges)
        ]:
            job.result()


def available_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
