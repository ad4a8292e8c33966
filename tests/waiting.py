"""Waiting for an event: one generous limit, in one place.

Whatever happens on a busy machine happens late; a limit is there so that a test which waits in vain
ends by saying what it waited for, before its own timeout (`--timeout` in pyproject.toml) ends it.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

LIMIT_S = 240.0
LIMIT_MS = int(LIMIT_S * 1000)
_LOOK_S = 0.01


def wait_until(
    condition: Callable[[], object],
    *,
    what: str = "the event",
    process: subprocess.Popen | None = None,
) -> None:
    """Until something holds that another process or thread brings about and cannot announce.

    process : must be alive meanwhile; one that ended will not bring it about
    """
    pause, until = threading.Event(), time.monotonic() + LIMIT_S
    while not condition():
        assert process is None or process.poll() is None, f"the process ended before {what}"
        assert time.monotonic() < until, f"{what} did not come within {LIMIT_S:.0f} s"
        pause.wait(_LOOK_S)


def wait_for(event: threading.Event) -> None:
    """Until another thread sets an event."""
    assert event.wait(LIMIT_S), f"the event did not come within {LIMIT_S:.0f} s"
