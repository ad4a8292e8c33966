"""Round values along an axis."""

from __future__ import annotations

import numpy as np


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round values from `low` to `high`: about so many, and two at least."""
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return [low]
    raw = span / max(1, about)
    power = 10.0 ** np.floor(np.log10(raw))
    steps = [float(power * m) for m in (10, 5, 2, 1, 0.5, 0.2)]
    step = next(i for i in reversed(range(4)) if steps[i] >= raw)
    while step < len(steps) - 1 and len(_multiples(low, high, steps[step])) < 2:
        step += 1
    return _multiples(low, high, steps[step])


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = np.ceil(low / step)
    count = int(np.floor(high / step) - first) + 1
    return [float(round((first + i) * step, 12)) for i in range(count)]
