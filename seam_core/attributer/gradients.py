"""Maps made of gradients: saliency, smoothed gradients and integrated gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from seam_core.attributer.baselines import Baselines, in_words
from seam_core.attributer.batches import BatchMaps, Method
from seam_core.attributer.declared import AttributionJob, AttributionMethod, Calls
from seam_core.attributer.methods import usual_batch
from seam_core.attributer.nodes import (
    AUTHORS_STEPS,
    CALIBRATION_ROWS,
    FEW,
    FEW_FOR_CELLS,
    HELD_FOR_CELLS,
    PathRule,
    calibrated,
    cell_rule,
    trapezoid,
)
from seam_core.oracles.capabilities import (
    LARGEST_ON_CPU,
    Gradient,
    PathSecants,
    capabilities_of,
    path_sums_in,
    secants_at_once,
    secants_of,
)
from seam_core.progress import Tick
from seam_core.records import AttributionMaps
from seam_core.sequences import encode

# Half of what other methods take: a sixth less work a map for DeepSTARR on two cores.
_ON_CPU = LARGEST_ON_CPU // 2

# (n, L, A) -> (n,)
Predict = Callable[[np.ndarray], np.ndarray]
# (sequences (n, L, A), baselines, tick) -> (n, L, A), the mean gradient along the paths, and the
# predictions (n,) of the sequences where they come with it
Along = Callable[[np.ndarray, np.ndarray, Tick], tuple[np.ndarray, np.ndarray | None]]


def saliency(gradient: Gradient, one_hot: np.ndarray, predict: Predict | None = None) -> BatchMaps:
    """Gradient of the prediction by the one-hot sequence.

    Source: Simonyan, Vedaldi, Zisserman, arXiv:1312.6034. The sum over the batch is
    differentiated; `seam-nn` differentiates its mean, so that its maps shrink with the batch.

    Parameters
    ----------
    one_hot : (n, L, A) float32
    predict : where the predictions that come with the gradient are not the model's
    """
    predictions, gradients = gradient(one_hot)
    return BatchMaps(gradients, predictions if predict is None else predict(one_hot))


def smoothgrad(
    predict: Predict,
    gradient: Gradient,
    one_hot: np.ndarray,
    generators: list[np.random.Generator],
    *,
    samples: int,
    sd: float,
    antithetic: bool = False,
    tick: Tick,
) -> BatchMaps:
    """Mean gradient over noisy copies of each sequence.

    Source: Smilkov, Thorat, Kim, Viegas, Wattenberg, arXiv:1706.03825; antithetic variates,
    Hammersley & Morton, Proc. Camb. Phil. Soc. 52, 449-475 (1956).

    Parameters
    ----------
    one_hot : (n, L, A) float32
    generators : n, one a sequence, so that its noise does not depend on the batch
    samples, sd : copies, and the standard deviation of their Gaussian noise
    antithetic : every second copy gets the noise of the one before with the other sign, so that
        what the gradient changes along a line through the sequence cancels
    """
    total = np.zeros_like(one_hot)
    noise = np.empty_like(one_hot)
    for sample in range(samples):
        tick(sample / samples)
        if antithetic and sample % 2:
            np.negative(noise, out=noise)
        else:
            for row, rng in enumerate(generators):
                rng.standard_normal(out=noise[row], dtype=np.float32)
            noise *= np.float32(sd)
        total += gradient(one_hot + noise)[1]
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
    at_a_time: int = 1,
    along: Along | None = None,
    ends_apart: bool = False,
    tick: Tick,
) -> BatchMaps:
    """Weighted mean of the gradients along the straight path from `baseline` to each sequence.

    Source: Sundararajan, Taly, Yan, ICML 2017.

    Parameters
    ----------
    one_hot : (n, L, A) float32
    baseline : (n, L, A) or, one for all, (1, L, A) float32
    nodes, weights : (m,) where on the path (0: baseline, 1: sequence) and with what weight
    multiply : times (sequence - baseline), so that a map sums to the difference it explains
    at_a_time : sequences that the model is best given at once: several nodes of fewer
    along : a quicker way to the mean
    ends_apart : the predictions that come with the gradient are not the model's

    Returns
    -------
    Maps with the completeness error |sum(map x (x - b)) - (f(x) - f(b))|.
    """
    difference = one_hot - baseline
    at_ends: dict[float, np.ndarray] = {}
    if along is not None:
        mean, at_sequences = along(one_hot, baseline, tick)
        if at_sequences is not None:
            at_ends[1.0] = at_sequences
    else:
        mean = np.zeros_like(one_hot)
        n_calls = -(-len(nodes) // max(1, at_a_time // len(one_hot)))
        for group in np.array_split(np.arange(len(nodes)), n_calls):
            tick(group[0] / len(nodes))
            # a baseline that all have is asked once
            points = [
                baseline + np.float32(nodes[k]) * difference if nodes[k] else baseline
                for k in group
            ]
            ends = np.cumsum([len(point) for point in points])[:-1]
            values, gradients = gradient(np.concatenate(points))
            for k, value, each in zip(
                group, np.split(values, ends), np.split(gradients, ends), strict=True
            ):
                mean += np.float32(weights[k]) * each
                if nodes[k] in (0.0, 1.0) and not ends_apart:
                    at_ends[float(nodes[k])] = value
    predictions = at_ends[1.0] if 1.0 in at_ends else predict(one_hot)
    start = at_ends[0.0] if 0.0 in at_ends else predict(baseline)
    product = mean * difference
    error = np.abs(product.sum(axis=(1, 2)) - (predictions - start))
    return BatchMaps(product if multiply else mean, predictions, error)


def _saliency(job: AttributionJob) -> Method:
    gradient = job.gradient(in_window=True)
    predict = job.oracle.predict if job.half else None
    return lambda first, last, _: saliency(gradient, job.one_hot(first, last), predict)


def _smoothgrad(job: AttributionJob) -> Method:
    gradient, settings = job.gradient(in_window=True), job.parameters

    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        return smoothgrad(
            job.oracle.predict,
            gradient,
            job.one_hot(first, last),
            job.generators(first, last),
            samples=settings.noise_samples,
            sd=settings.noise_sd,
            antithetic=settings.noise_rule == "antithetic",
            tick=tick,
        )

    return method


def _intgrad(job: AttributionJob) -> Method:
    oracle, settings, library = job.oracle, job.parameters, job.library
    gradient, quicker, along = job.gradient(), None, None
    baseline = Baselines(settings, library, job.baselines, 1, "zeros", job.beside)
    if settings.intgrad_rule == "trapezoid":
        # Even steps that are asked for are the authors' to the last digit.
        rule = PathRule(*trapezoid(settings.intgrad_steps))
    elif not settings.intgrad_nodes and _too_few(job):
        rule = PathRule(*trapezoid(AUTHORS_STEPS))
    else:
        quicker = job.gradient_in_window()
        gradient = quicker or gradient
        wanted = settings.intgrad_nodes
        secants = None
        if not (wanted or job.half):
            secants = secants_of(oracle, library.length, job.window)
        rule = job.once(f"nodes, {job.half}", lambda: _found_rule(job, gradient, secants))
        if not job.half:
            along = _along(job, rule, secants, in_window=quicker is not None)
    job.ran["baseline"] = baseline.kind
    job.ran["gradients" if rule.edges is None else "cells"] = len(rule.nodes)
    at_a_time = (
        1 if along else settings.batch_size or usual_batch(INTGRAD.name, oracle, library.length)
    )

    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        found = integrated_gradients(
            oracle.predict,
            gradient,
            job.one_hot(first, last),
            baseline(first, last)[:, 0],
            rule.nodes,
            rule.weights,
            multiply=settings.multiply_by_inputs,
            at_a_time=at_a_time,
            along=along,
            ends_apart=job.half,
            tick=tick,
        )
        # what lies outside the window belongs to the sum too, and was not looked at
        return replace(found, error=None) if quicker else found

    return method


def _too_few(job: AttributionJob) -> bool:
    """Does looking for better places than even steps take longer than it saves?"""
    n = len(job.whole)
    if n >= FEW or n < FEW_FOR_CELLS or job.half or not secants_at_once(job.oracle):
        return n < FEW
    held = capabilities_of(job.oracle).bytes_per_sequence(job.library.length)
    return (held or 0) < HELD_FOR_CELLS


def _along(
    job: AttributionJob, rule: PathRule, secants: PathSecants | None, *, in_window: bool
) -> Along | None:
    """The oracle's own way along paths, where it has one."""
    edges = rule.edges
    if edges is not None:
        assert secants is not None
        return lambda one_hot, baseline, tick: secants.sums(one_hot, baseline, edges, tick)
    length = job.library.length
    if in_window:
        sums = path_sums_in(job.oracle, length, job.window)
    else:
        sums = capabilities_of(job.oracle).path_sums(length)
    if sums is None:
        return None
    return lambda one_hot, baseline, tick: (
        sums(one_hot, baseline, rule.nodes, rule.weights, tick),
        None,
    )


def _found_rule(job: AttributionJob, gradient: Gradient, secants: PathSecants | None) -> PathRule:
    """The rule for the whole library, found on a few of its sequences."""
    library, wanted = job.whole, job.parameters.intgrad_nodes
    baseline = Baselines(job.parameters, library, job.baselines, 1, "zeros")
    rows = np.unique(np.linspace(0, len(library) - 1, CALIBRATION_ROWS).astype(int))
    sample = encode(library.sequences[rows], library.alphabet)
    starts = np.concatenate([baseline(row, row + 1)[:, 0] for row in rows])
    if secants is not None:
        found = cell_rule(job.oracle, gradient, secants, sample, starts, len(library), job.tick)
        if found is not None or len(library) < FEW:
            return found or PathRule(*trapezoid(AUTHORS_STEPS))
    return PathRule(*calibrated(job.oracle, gradient, sample, starts, wanted, job.tick))


def _said_of_intgrad(maps: AttributionMaps) -> str:
    settings, ran = maps.parameters, maps.ran
    assert settings is not None
    kind = ran.get("baseline") or ("zeros" if settings.baseline == "auto" else settings.baseline)
    gradients = f", {ran['gradients']} gradients" if "gradients" in ran else ""
    if "cells" in ran:
        gradients = f", mean gradients of {ran['cells']} cells by the rescale rule"
    times = ", times the difference from the baseline" if settings.multiply_by_inputs else ""
    return (
        f"integrated gradients {{cite}} from {in_words(kind)} ({settings.intgrad_rule} rule"
        f"{gradients}){times}"
    )


SALIENCY = AttributionMethod(
    name="saliency",
    label="Saliency",
    parameters=("precision",),
    prepare=_saliency,
    largest_batch=128,
    largest_on_cpu=_ON_CPU,
    needs_gradient=True,
    calls=lambda settings, length, letters: Calls(gradients=1),
    sentence="the gradient of the output with respect to the one-hot sequence {cite}",
    citation="Simonyan K, Vedaldi A, Zisserman A. Deep inside convolutional networks: visualising "
    "image classification models and saliency maps. arXiv:1312.6034 (2013).",
)
INTGRAD = AttributionMethod(
    name="intgrad",
    label="Integrated gradients",
    parameters=("baseline", "intgrad_rule", "multiply_by_inputs", "precision"),
    prepare=_intgrad,
    largest_batch=128,
    largest_on_cpu=_ON_CPU,
    needs_gradient=True,
    calls=lambda settings, length, letters: Calls(gradients=settings.intgrad_steps + 1),
    sentence=_said_of_intgrad,
    citation="Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML (2017). "
    "arXiv:1703.01365.",
)
SMOOTHGRAD = AttributionMethod(
    name="smoothgrad",
    label="SmoothGrad",
    parameters=("noise_samples", "noise_rule", "noise_sd", "precision"),
    prepare=_smoothgrad,
    largest_batch=128,
    largest_on_cpu=_ON_CPU,
    needs_gradient=True,
    calls=lambda settings, length, letters: Calls(gradients=settings.noise_samples),
    sentence=lambda maps: (
        f"gradients averaged over {maps.parameters.noise_samples} noisy copies {{cite}} "
        f"({maps.parameters.noise_rule} noise, standard deviation {maps.parameters.noise_sd:g})"
    ),
    citation="Smilkov D, Thorat N, Kim B, Viégas F, Wattenberg M. SmoothGrad: removing noise by "
    "adding noise. arXiv:1706.03825 (2017).",
)
