"""How long work says how far it is, and how it is told to stop."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Protocol

# Told which share of a piece of work is done; raises `Cancelled` when the user asked to stop.
Tick = Callable[[float], None]


class Cancelled(Exception):
    """Raised inside a job by `Progress.update` after the user asked it to stop."""


class Progress(Protocol):
    """What a stage calls between batches."""

    def update(self, done: float, total: float, message: str = "") -> None:
        """Report that `done` of `total` units of work are finished.

        Raises `Cancelled` when the user asked to stop. A stage lets it pass: what it was
        making is dropped (or kept as finished batches), what it was given is untouched.
        """


class SilentProgress:
    """Reports to nobody and is never cancelled."""

    def update(self, done: float, total: float, message: str = "") -> None:
        pass


SILENT = SilentProgress()


def duration(seconds: float) -> str:
    """Seconds as a person says them: 12 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def readable_bytes(n: float) -> str:
    """1.5e9 to "1.5 GB"."""
    units = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
    power = 0
    while n >= 1000 and power < len(units) - 1:
        n, power = n / 1000, power + 1
    return f"{n:.3g} {units[power]}"


# Speed is that of the last share of the time, of so many seconds at the least, and of a share of
# what was done at the least: a stall does not stand for the speed.
_RECENT_SHARE, _RECENT_S, _RECENT_DONE = 0.2, 60.0, 0.1


class TimeLeft:
    """Seconds that are left of some work, by how quickly it went of late."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, float]] = []

    def add(self, now: float, done: float) -> None:
        """At the time `now`, so much was done; in any unit, and from any start."""
        if not self._marks or done > self._marks[-1][1]:
            self._marks.append((now, done))
        if len(self._marks) > 10_000:
            self._marks = [self._marks[0], *self._marks[2::2]]

    def seconds(self, now: float, total: float) -> float | None:
        """None where nothing was done yet since the first mark."""
        if len(self._marks) < 2:
            return None
        (began, first), (_, done) = self._marks[0], self._marks[-1]
        since = now - max(_RECENT_S, _RECENT_SHARE * (now - began))
        enough = done - _RECENT_DONE * (done - first)
        place = min(
            bisect_right(self._marks, since, key=lambda mark: mark[0]) - 1,
            bisect_right(self._marks, enough, key=lambda mark: mark[1]) - 1,
        )
        at, before = self._marks[min(max(place, 0), len(self._marks) - 2)]
        return (total - done) * (now - at) / (done - before)


class PartOfProgress:
    """One step of a longer job: maps 0..1 of the step to `start`..`stop` of the whole."""

    def __init__(self, whole: Progress, start: float, stop: float, message: str = "") -> None:
        self._whole = whole
        self._start = start
        self._stop = stop
        self._message = message

    def update(self, done: float, total: float, message: str = "") -> None:
        fraction = done / total if total else 1.0
        here = self._start + (self._stop - self._start) * fraction
        self._whole.update(here, 1.0, message or self._message)

    def tell(self, text: str) -> None:
        """See the function `tell`."""
        inner = getattr(self._whole, "tell", None)
        if inner is None:
            self.update(0.0, 1.0, text)
        else:
            inner(text)


def tell(progress: Progress, text: str) -> None:
    """Say something that stays to be read, before work begins; where nothing stays, as a message.

    A progress where it stays has a method `tell`.
    """
    PartOfProgress(progress, 0.0, 1.0).tell(text)
