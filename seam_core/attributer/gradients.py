"""Maps made of gradients: saliency, smoothed gradients and integrated gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seam_core.attributer.batches import BatchMaps
from seam_core.oracles.capabilities import Gradient, PathSums
from seam_core.progress import Tick

# (n, L, A) -> (n,)
Predict = Callable[[np.ndarray], np.ndarray]


def saliency(gradient: Gradient, one_hot: np.ndarray) -> BatchMaps:
    """Gradient of the prediction by the one-hot sequence.

    Parameters
    ----------
    one_hot : (n, L, A) float32

    Source: Simonyan, Vedaldi, Zisserman, arXiv:1312.6034. The sum over the batch is
    differentiated; `seam-nn` differentiates its mean, so that its maps shrink with the batch.
    """
    predictions, gradients = gradient(one_hot)
    return BatchMaps(gradients, predictions)


def smoothgrad(
    predict: Predict,
    gradient: Gradient,
    one_hot: np.ndarray,
    generators: list[np.random.Generator],
    *,
    samples: int,
    sd: float,
    tick: Tick,
) -> BatchMaps:
    """Mean gradient over noisy copies of each sequence.

    Parameters
    ----------
    one_hot : (n, L, A) float32
    generators : n, one a sequence, so that its noise does not depend on the batch
    samples, sd : copies, and the standard deviation of their Gaussian noise

    Source: Smilkov, Thorat, Kim, Viegas, Wattenberg, arXiv:1706.03825.
    """
    total = np.zeros_like(one_hot)
    noisy = np.empty_like(one_hot)
    for sample in range(samples):
        tick(sample / samples)
        for row, rng in enumerate(generators):
            rng.standard_normal(out=noisy[row], dtype=np.float32)
        noisy *= np.float32(sd)
        noisy += one_hot
        total += gradient(noisy)[1]
    return BatchMaps(total / np.float32(samples), predict(one_hot))


def integrated_gradients(
    predict: Predict,
    gradient: Gradient,
    one_hot: np.ndarray,
    baseline: np.ndarray,
    nodes: np.ndarray,
    weights: np.ndarray,
    *,
    multiply: bool,
    along: PathSums | None = None,
    tick: Tick,
) -> BatchMaps:
    """Weighted mean of the gradients along the straight path from `baseline` to each sequence.

    Parameters
    ----------
    one_hot : (n, L, A) float32
    baseline : (n, L, A) or, one for all, (1, L, A) float32
    nodes, weights : (m,) where on the path (0: baseline, 1: sequence) and with what weight
    multiply : times (sequence - baseline), so that a map sums to the difference it explains
    along : a quicker way to the sum of the gradients

    Returns
    -------
    Maps with the completeness error |sum(map x (x - b)) - (f(x) - f(b))|.

    One node at a time, so that memory does not grow with their number.
    Source: Sundararajan, Taly, Yan, ICML 2017.
    """
    difference = one_hot - baseline
    at_ends: dict[float, np.ndarray] = {}
    if along is not None:
        mean = along(one_hot, baseline, nodes, weights, tick)
    else:
        mean = np.zeros_like(one_hot)
        for done, (node, weight) in enumerate(zip(nodes, weights, strict=True)):
            tick(done / len(nodes))
            values, gradients = gradient(baseline + np.float32(node) * difference)
            mean += np.float32(weight) * gradients
            if node in (0.0, 1.0):
                at_ends[float(node)] = values
    predictions = at_ends[1.0] if 1.0 in at_ends else predict(one_hot)
    start = at_ends[0.0] if 0.0 in at_ends else predict(baseline)
    product = mean * difference
    error = np.abs(product.sum(axis=(1, 2)) - (predictions - start))
    return BatchMaps(product if multiply else mean, predictions, error)
