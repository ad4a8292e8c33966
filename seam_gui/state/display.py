"""Whether there is a screen to show windows on."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """False on a Linux machine without a screen, where Qt would end the process."""
    named = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)
