"""How quickly a batch goes once its workers are under way, beside its attributions alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rate:
    """What a worker does with loci that follow one another.

    loci : how many that was measured on; the first of each worker is not among them
    locus_s : seconds from the end of one to the end of the next
    attribution_s : those of them in which the model was asked for maps and predictions
    """

    loci: int
    locus_s: float
    attribution_s: float

    @property
    def share(self) -> float:
        """Of the rate that attribution alone would have."""
        return self.attribution_s / self.locus_s

    def __str__(self) -> str:
        """For people: both rates."""
        text = _an_hour(self.locus_s)
        if not self.attribution_s:
            return text
        alone = _an_hour(self.attribution_s)
        return f"{text}; attribution alone: {alone}, of which this is {self.share:.0%}"


def _an_hour(seconds: float) -> str:
    return f"{3600 / seconds:,.0f} loci an hour and worker ({seconds:.3g} s each)"


@dataclass
class _Worker:
    begun: float
    ended: float
    loci: int = 0
    attribution_s: float = 0.0


class Pace:
    """Takes results as they come; keeps a little for each worker, nothing for a locus."""

    def __init__(self) -> None:
        self._workers: dict[str, _Worker] = {}

    def add(self, result: dict[str, Any]) -> None:
        """A locus came back; one that failed, or that says not where it was done, counts not."""
        worker, at = result.get("worker"), result.get("at")
        if worker is None or at is None or result.get("error"):
            return
        end = float(at) + float(result["seconds"])
        known = self._workers.get(worker)
        if known is None:
            self._workers[worker] = _Worker(begun=end, ended=end)
            return
        known.ended = max(known.ended, end)
        known.loci += 1
        known.attribution_s += float(result.get("attribution_s", 0.0))

    @property
    def rate(self) -> Rate | None:
        """None where no worker did two loci."""
        loci = sum(worker.loci for worker in self._workers.values())
        seconds = sum(worker.ended - worker.begun for worker in self._workers.values())
        if not loci or seconds <= 0:
            return None
        asked = sum(worker.attribution_s for worker in self._workers.values())
        return Rate(loci, seconds / loci, asked / loci)
