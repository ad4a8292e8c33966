"""The time that a check of a model may take."""

from __future__ import annotations

import time

# Seconds that it may take unasked.
PATIENCE_S = 60.0


class Patience:
    """What would end too late is not begun; what began is finished."""

    def __init__(self, seconds: float = PATIENCE_S) -> None:
        self.seconds = seconds
        self._until: float | None = None

    def begin(self) -> Patience:
        """Count from now, where it was not begun before: from when the model is open."""
        if self._until is None:
            self._until = time.perf_counter() + self.seconds
        return self

    def left_s(self) -> float:
        """Seconds that are left, 0 where there are none."""
        until = self.begin()._until
        assert until is not None
        return max(0.0, until - time.perf_counter())

    def suffices(self, seconds: float) -> bool:
        """May something begin that takes about so long?"""
        return seconds <= self.left_s()
