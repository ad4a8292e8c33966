"""Files that C libraries read, in a process of their own: a damaged one ends or hangs only that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from seam_core.validate import InputError

_LONGEST_S = 20.0
# Python looks for modules in the folder that the user is in, unless it is told not to
_FIRST = "import sys\nsys.path = [place for place in sys.path if place]\n"


def read_apart(code: str, path: Path, *more: object, field: str, expected: str) -> bytes:
    """What `code` writes, run with the path and what comes after it as `sys.argv[1:]`.

    Raises `InputError` where it fails, breaks down or does not come to an end.
    """
    arguments = [sys.executable, "-c", _FIRST + code, str(path), *map(str, more)]
    try:
        run = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST_S
        )
    except subprocess.TimeoutExpired as error:
        got = "a damaged file (what reads it comes to no end)"
        raise InputError(field, got, expected, str(path)) from error
    if run.returncode:
        lines = run.stderr.decode("utf-8", "replace").strip().splitlines()
        said = lines[-1][:160] if run.returncode > 0 and lines else "what reads it breaks down"
        raise InputError(field, f"an unreadable or damaged file ({said})", expected, str(path))
    return run.stdout
