"""Which of two ways to the same maps is the quicker one on the model at hand, by trying both."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from seam_core.oracles.capabilities import MutantPredictor

# Whole sequences that are predicted to see how long one takes.
TRIED_WHOLE = 8
# Work to be done, in trials, from which one pays: it then costs a twentieth at most.
WORTH_A_TRIAL = 20
# A call that takes so many seconds is not repeated to see it warm.
LONG_S = 0.1
# Among ways that take about as long, the choice must not change from run to run: last digits would.
ABOUT_AS_LONG = 1.1


def is_quicker(
    quick: MutantPredictor, whole: MutantPredictor, sequences: np.ndarray, window: range
) -> bool:
    """Is the shortcut no slower than predicting whole sequences? True where a trial never pays.

    Parameters
    ----------
    quick : a shortcut, see `MutantPredictor`
    sequences : (N, L) int8, whose mutants within the window are to be predicted
    """
    n_mutants = 3 * len(sequences) * len(window)
    if n_mutants < WORTH_A_TRIAL * max(TRIED_WHOLE, quick.at_a_time):
        return True
    slow = _seconds_each(whole, sequences[:1], window, TRIED_WHOLE)
    return _seconds_each(quick, sequences[:1], window, quick.at_a_time) <= ABOUT_AS_LONG * slow


def _seconds_each(
    predictor: MutantPredictor, sequence: np.ndarray, window: range, n_mutants: int
) -> float:
    """Of three mutants a position, as maps have them, in the middle of the window."""
    rows = np.zeros(n_mutants, dtype=np.int64)
    first = window.start + max(0, len(window) - n_mutants // 3) // 2
    positions = first + np.arange(n_mutants) // 3 % (window.stop - first)
    letters = np.where(sequence[0, positions] == 0, 1, 0).astype(sequence.dtype)
    predictor.start(sequence, np.ones(1, dtype=bool))
    taken = seconds(lambda: predictor.mutants(rows, positions, letters, lambda share: None))
    return taken / n_mutants


def seconds(action: Callable[[], object]) -> float:
    """How long it takes; what is short is done twice, as the first time is not like the rest."""
    taken = _once(action)
    return taken if taken > LONG_S else min(taken, _once(action))


def _once(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
