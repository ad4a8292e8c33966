"""Which workers of a cluster can do the work, and why the others are refused.

Each is asked once what it is, in words that a worker understands that lacks this product.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seam_core.batch.cluster import WorkersLost, lost_connection
from seam_core.batch.inputs import difference

if TYPE_CHECKING:
    from distributed import Client

# What a worker evaluates: by its name only, as it may have no such module, or another one.
_ASKED = "__import__('seam_core.batch.inputs', fromlist=['software']).software()"
# Refused workers that are named at once.
_NAMED = 2


@dataclass
class Roster:
    """The workers that are there.

    wanted : `seam_core.batch.inputs.software` of who sends the work; {}: any
    answered : called, from another thread, whenever workers have answered
    threads : address -> threads, of those that can do the work
    refused : address -> why it gets no work
    asked : is there a worker that has not answered yet?
    """

    client: Client
    wanted: dict[str, str]
    answered: Callable[[], None]
    threads: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    asked: bool = False
    _there: dict[str, int] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)  # address -> why not; "": it can
    _asking: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Who is there now, by what was answered until now; new ones are asked."""
        self._there = dict(self.client.nthreads())
        self._said = {each: why for each, why in self._said.items() if each in self._there}
        self.threads = {each: n for each, n in self._there.items() if self._said.get(each) == ""}
        self.refused = {each: why for each, why in self._said.items() if why}
        self.asked = len(self._there) > len(self.threads) + len(self.refused)
        new = [each for each in self._there if each not in self._said and each not in self._asking]
        if new:
            self._asking.update(new)
            threading.Thread(target=self._ask, args=(new,), daemon=True).start()

    @property
    def is_empty(self) -> bool:
        """Is nobody there?"""
        return not self._there

    @property
    def where(self) -> dict[str, Any]:
        """What keeps work from those that cannot do it, for `Client.submit`."""
        mixed = len(self._there) > len(self.threads)
        return {"workers": list(self.threads)} if mixed else {}

    def words(self) -> str:
        """Who is refused, for people; "" where nobody is."""
        if not self.refused:
            return ""
        some = [f"{each}: {why}" for each, why in [*self.refused.items()][:_NAMED]]
        more = len(self.refused) - len(some)
        some += [f"and {more} more"] if more else []
        return f"refused {'; '.join(some)}"

    def _ask(self, workers: list[str]) -> None:
        try:
            with lost_connection():
                said = self.client.run(eval, _ASKED, workers=workers, on_error="return")
        except WorkersLost:
            said = {}  # they are asked again, if they are there
        for each, answer in said.items():
            if not isinstance(answer, OSError):
                self._said[each] = self._judged(answer)
        self._asking.difference_update(workers)
        self.answered()

    def _judged(self, answer: dict[str, str] | Exception) -> str:
        """Why a worker is refused, by what it answered; "" where it is not."""
        if isinstance(answer, ImportError):
            return f"this product is not installed there ({answer})"
        if isinstance(answer, Exception):
            return f"it does not answer as this product does ({type(answer).__name__}: {answer})"
        return difference(self.wanted, answer) if self.wanted else ""
