"""Memory in use."""

from __future__ import annotations

import contextlib


def memory_mb(engine_pid: int | None = None) -> float:
    """Resident memory of this process and of the engine's, in MB."""
    import psutil

    total = psutil.Process().memory_info().rss
    if engine_pid:
        with contextlib.suppress(psutil.Error):
            total += psutil.Process(engine_pid).memory_info().rss
    return total / 1e6
