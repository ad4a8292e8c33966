"""Files that C libraries read, in a process of their own: a damaged one ends or hangs only that."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from seam_core.interpreter import own_process
from seam_core.validate import InputError

# Seconds of the processor that a file may take, and those of the clock where nothing else ends it.
WORK_S = 20
_LONGEST_S = 120.0
# what a process ends with that took more
_OUT_OF_WORK = -getattr(signal, "SIGXCPU", 0)
_ENDLESS = "a damaged file (what reads it comes to no end)"


def read_apart(reader: str, path: Path, *more: object, field: str, expected: str) -> bytes:
    """What a reader of `seam_core.readers.child` makes of the file.

    Raises `InputError` where it fails, breaks down or does not come to an end.
    """
    program, first = own_process("seam_core.readers.child")
    arguments = [program, *first, reader, str(path)]
    try:
        run = subprocess.run(
            [*arguments, *map(str, more)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LONGEST_S,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(field, _ENDLESS, expected, str(path)) from error
    if run.returncode:
        raise InputError(field, _said(run), expected, str(path))
    return run.stdout


def _said(run: subprocess.CompletedProcess[bytes]) -> str:
    if run.returncode and run.returncode == _OUT_OF_WORK:
        return _ENDLESS
    lines = run.stderr.decode("utf-8", "replace").strip().splitlines()
    said = lines[-1][:160] if run.returncode > 0 and lines else "what reads it breaks down"
    return f"an unreadable or damaged file ({said})"
