"""Progress on a terminal, with the speed and the time left."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO

from seam_core.progress import SILENT, Progress, TimeLeft, duration
from seam_core.validate import printable

_BAR = 24
_REDRAW_S = 0.1
_LINE_EVERY_S = 10.0


class TerminalProgress:
    """Draws a bar on a terminal; elsewhere (a log file) prints a line now and then."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._drawing = self._stream.isatty()
        self._began = time.monotonic()
        # a log file gets its first line after a while, a terminal at once
        self._shown = 0.0 if self._drawing else self._began
        self._message = ""
        self._width = 0
        self._time_left = TimeLeft()

    def update(self, done: float, total: float, message: str = "") -> None:
        """Show how far the work is; see `seam_core.progress.Progress`."""
        now = time.monotonic()
        fraction = min(1.0, done / total) if total else 1.0
        self._time_left.add(now, fraction)
        every = _REDRAW_S if self._drawing else _LINE_EVERY_S
        if now - self._shown < every and fraction < 1.0:
            return
        if fraction >= 1.0 and message == self._message:
            return
        self._shown, self._message = now, message
        left = self._left(now, fraction)
        if self._drawing:
            filled = int(_BAR * fraction)
            bar = "█" * filled + "·" * (_BAR - filled)
            self._draw(f"{bar} {100 * fraction:3.0f} %  {left}  {message}")
        else:
            self._stream.write(f"{100 * fraction:3.0f} %  {left}  {message}\n")
            self._stream.flush()

    def tell(self, text: str) -> None:
        """Leave a line above the bar; see `seam_core.progress.tell`."""
        self.close()
        self._stream.write(f"note: {printable(text)}\n")
        self._stream.flush()

    def _draw(self, line: str) -> None:
        line = line[:118]
        self._stream.write("\r" + line.ljust(self._width))
        self._stream.flush()
        self._width = len(line)

    def _left(self, now: float, fraction: float) -> str:
        elapsed = now - self._began
        if fraction >= 1.0:
            return f"{duration(elapsed)} in all"
        seconds = self._time_left.seconds(now, 1.0)
        if seconds is None or fraction < 0.02 or elapsed < 1.0:
            return "time left: ?"
        return f"{duration(seconds)} left"

    def close(self) -> None:
        """Leave the bar's line."""
        if self._drawing and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()


@contextlib.contextmanager
def shown(options: argparse.Namespace) -> Iterator[Progress]:
    """Progress on the terminal, or none with --quiet."""
    if getattr(options, "quiet", False):
        yield SILENT
        return
    progress = TerminalProgress()
    try:
        yield progress
    finally:
        progress.close()


def say(text: str) -> None:
    """What a reader found and decided, for the user to know."""
    print(f"note: {printable(text)}")
