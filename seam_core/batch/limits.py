"""Limits of a locus. One that breaks them ends its worker's process; its next try says why.

A process that hangs in compiled code answers to nothing but its end, so that is what it gets: the
cluster starts another worker and sends the locus again, and the mark that the first try left
beside the results tells the second what became of it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seam_core.readers.settings import read_object
from seam_core.validate import InputError, SeamError

# Times that a locus may take its worker with it, for whatever reason.
MOST_ENDS = 2
LOOK_S = 0.25


class LocusEnded(SeamError):
    """The locus was tried before, and ended its worker."""


@contextlib.contextmanager
def limited(mark: Path, *, seconds: float = 0.0, memory_mb: float = 0.0) -> Iterator[None]:
    """Within it, this process ends where the time or its memory goes over a limit (0: none).

    Raises `LocusEnded` where an earlier try went over one, or ended its process `MOST_ENDS` times.
    """
    ends = _earlier_ends(mark)
    _write(mark, at=time.time(), seconds=seconds, ends=ends)
    done = threading.Event()
    if seconds:
        # a thread of C: it comes even where the interpreter's lock is held
        faulthandler.dump_traceback_later(seconds, exit=True, file=open(os.devnull, "w"))  # noqa: SIM115
    if memory_mb:
        arguments = (mark, memory_mb, ends, done)
        threading.Thread(target=_watch_memory, args=arguments, daemon=True).start()
    try:
        yield
    finally:
        done.set()
        faulthandler.cancel_dump_traceback_later()
        mark.unlink(missing_ok=True)


def _earlier_ends(mark: Path) -> int:
    """How often the locus ended its worker before; raises `LocusEnded` where that was enough."""
    try:
        values = read_object(mark, "locus")
        ends = int(values.get("ends", 0)) + 1
        reason, seconds = str(values.get("reason", "")), float(values.get("seconds", 0))
        at = float(values.get("at", 0))
    except (InputError, ValueError, TypeError):
        return 0
    if not reason and seconds and time.time() - at >= seconds:
        reason = f"not finished after {seconds:g} s, the limit of time"
    if not reason and ends >= MOST_ENDS:
        reason = f"its worker ended under it {ends} times"
    if reason:
        mark.unlink(missing_ok=True)
        raise LocusEnded(reason)
    return ends


def _watch_memory(mark: Path, memory_mb: float, ends: int, done: threading.Event) -> None:
    import psutil

    process = psutil.Process()
    while not done.wait(LOOK_S):
        used = process.memory_info().rss / 1e6
        if used > memory_mb:
            reason = f"its worker took {used:.0f} MB; the limit of memory is {memory_mb:g} MB"
            _write(mark, at=time.time(), ends=ends, reason=reason)
            os._exit(1)


def _write(mark: Path, **values: Any) -> None:
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps(values), encoding="utf-8")
