"""Hand-set networks: sites that filters read, behind the nonlinearities that networks have."""

from __future__ import annotations

import numpy as np
from scipy.special import erf, expit

from tests.planted_base import Draft, Formula, Kind


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))


def gelu_mlp(rng: np.random.Generator) -> Kind:
    """One hidden unit a site, a second layer that mixes them with either sign, GELU after each."""
    draft = Draft(rng, 100, (7, 8, 7))
    scores = [draft.score(s, 4.0) for s in range(3)]
    mixing, biases = rng.normal(0.0, 1.0, (8, 3)), rng.normal(0.0, 0.5, 8)
    out, ground = rng.normal(0.0, 1.0, 8), draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        first = np.stack([_gelu(score(x) - 2.0) for score in scores], axis=1)
        return _gelu(first @ mixing.T + biases) @ out + ground(x)

    return draft.kind("gelu_mlp", formula, "")


def _best_match(draft: Draft, site: int) -> Formula:
    """(N,) in 0..1: how far the best window, anywhere, is above half of the site's letters."""
    motif = draft.reference[draft.columns[site]].copy()
    width = len(motif)

    def filtered(x: np.ndarray) -> np.ndarray:
        windows = x.shape[1] - width + 1
        hits = sum((x[:, j : j + windows] == motif[j]).astype(float) for j in range(width))
        return np.maximum(2.0 * hits / width - 1.0, 0.0).max(axis=1)

    return filtered


def cnn_pool_sigmoid(rng: np.random.Generator) -> Kind:
    """Filters over the whole sequence, ReLU, the largest of each, and a sigmoid head.

    The head is saturated by the reference, or answers a few hundredths at most, as the seed has it.
    """
    draft = Draft(rng, 120, (8, 10, 9))
    found = [_best_match(draft, s) for s in range(3)]
    weights, ground = rng.uniform(2.0, 5.0, 3), draft.background()
    threshold = rng.uniform(0.2, 1.3) * weights.sum()

    def formula(x: np.ndarray) -> np.ndarray:
        total = sum(w * best(x) for w, best in zip(weights, found, strict=True))
        return expit(total - threshold + ground(x))

    return draft.kind("cnn_pool_sigmoid", formula, "logit")
