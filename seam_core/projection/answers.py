"""What the strands and the folds of a model answer apart, where it has several."""

from __future__ import annotations

import numpy as np

from seam_core.oracles import Oracle
from seam_core.oracles.context import InContext
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.strands import BothStrands

FORWARD, REVERSE = "forward", "reverse"


def answers_apart(oracle: Oracle, one_hot: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> (n,) float32 answers of each strand and of each fold; empty where there is but one.

    A model asked about both strands answers "forward" and "reverse"; an ensemble under the names of
    its folds; folds that are asked about both strands answer for each fold the mean of both.
    """
    if isinstance(oracle, InContext):
        return answers_apart(oracle.oracle, oracle.embed(one_hot))
    if isinstance(oracle, Ensemble):
        return _by_fold(oracle, oracle.predictions(one_hot))
    if not isinstance(oracle, BothStrands):
        return {}
    turned, inner = oracle.turned(one_hot), oracle.oracle
    answers = {FORWARD: _asked(inner, one_hot), REVERSE: _asked(inner, turned)}
    if isinstance(inner, Ensemble):
        mean = (inner.predictions(one_hot) + inner.predictions(turned)) / 2
        answers |= _by_fold(inner, mean)
    return answers


def _by_fold(ensemble: Ensemble, answers: np.ndarray) -> dict[str, np.ndarray]:
    strands = (FORWARD, REVERSE)  # a fold may be called so too
    names = (f"fold {name}" if name in strands else name for name in ensemble.names)
    return dict(zip(names, answers, strict=True))


def _asked(oracle: Oracle, one_hot: np.ndarray) -> np.ndarray:
    return np.asarray(oracle.predict(one_hot), np.float32)
