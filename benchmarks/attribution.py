"""Attribution maps of DeepSTARR's housekeeping head, beside seam-nn and shap."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from benchmarks.data import deepstarr_model, eve_window
from benchmarks.runner import Action, Benchmark, relative_error, work_at_error

HEAD = 1
REFERENCES = 20
# Steps of integrated gradients, and noisy copies, that the authors take.
AUTHORS = 20
# Copies in pairs that are as exact as the authors' 20.
PAIRED = {"noise_rule": "antithetic", "noise_samples": 14}
# What is kept small because it only checks accuracy.
CHECKED = 16


def _library(n: int) -> Any:
    from seam_core.mutagenizer import Mutagenizer
    from seam_core.parameters import MutagenizerParameters
    from seam_core.sequences import strings_to_indices

    stage = Mutagenizer(MutagenizerParameters(n_sequences=n, mutation_rate=0.1))
    return stage.run(strings_to_indices([eve_window()])[0])


def _oracle() -> Any:
    from seam_core.frameworks import load_oracle
    from seam_core.parameters import OracleParameters

    return load_oracle(OracleParameters(model=str(deepstarr_model()), head=str(HEAD)))


def _ours(n: int, **options: Any) -> Action:
    from seam_core.attributer import Attributer
    from seam_core.parameters import AttributerParameters

    library, attributer = _library(n), Attributer(_oracle(), AttributerParameters(**options))

    def action() -> None:
        attributer.run(library)

    attributer.run(_library(3))
    return action


def _peer(n: int, method: str, *, predictions: bool = False, **options: Any) -> Action:
    """seam-nn at its own batch sizes; the sum over the batch, so that its maps are right."""
    os.environ["TQDM_DISABLE"] = "1"
    model = _oracle().model
    import seam
    import tensorflow as tf

    from seam_core.sequences import one_hot

    # Its mutagenesis wants one number a sequence, its gradients one number.
    compress = (lambda out: tf.squeeze(out, axis=1)) if method == "ism" else tf.reduce_sum
    attributer = seam.Attributer(model, method, task_index=HEAD, compress_fun=compress)
    inputs = one_hot(_library(n).sequences)

    def action() -> None:
        if predictions:
            for first in range(0, n, 512):
                model.predict_on_batch(inputs[first : first + 512])
        attributer.compute(inputs, **options)

    warm = inputs[: min(n, 2 if method == "ism" else 128)]
    attributer.compute(warm, **options)
    if predictions:
        model.predict_on_batch(inputs[:512])
    return action


def bare_gradient(n: int) -> dict[str, float]:
    """Seconds of a loop that does nothing but ask the network for its gradient."""
    import tensorflow as tf

    from seam_core.sequences import one_hot

    oracle = _oracle()
    inputs = tf.constant(one_hot(_library(n).sequences))

    @tf.function(input_signature=[tf.TensorSpec([None, 249, 4])])
    def gradient(batch: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(batch)
            total = tf.reduce_sum(oracle.model(batch, training=False)[HEAD])
        return tape.gradient(total, batch)

    gradient(inputs[:128])
    start = time.perf_counter()
    for first in range(0, n, 128):
        gradient(inputs[first : first + 128]).numpy()
    return {"bare_gradient_s": round(time.perf_counter() - start, 6)}


def intgrad_accuracy(n: int) -> dict[str, float]:
    """Relative error of a map against 400 even steps, of ours for a library of n and of 20 even
    steps; and how many even steps are as exact as ours."""
    from seam_core.attributer import Attributer
    from seam_core.attributer.declared import Beside
    from seam_core.parameters import AttributerParameters
    from seam_core.records import Library

    oracle, library = _oracle(), _library(n)
    rows = np.linspace(0, n - 1, min(n, CHECKED)).astype(int)
    few = Library(library.sequences[rows])

    def maps(**options: Any) -> np.ndarray:
        attributer = Attributer(oracle, AttributerParameters(method="intgrad", **options))
        return attributer.run(few, beside=Beside(library, rows))[0].maps

    def even(steps: int) -> np.ndarray:
        return maps(intgrad_rule="trapezoid", intgrad_steps=steps)

    exact = even(400)
    ours = relative_error(maps(intgrad_rule="calibrated"), exact)
    return work_at_error(ours, lambda steps: relative_error(even(steps), exact), AUTHORS)


def smoothgrad_accuracy(n: int) -> dict[str, float]:
    """Relative error of a map against 400 pairs of copies, of ours and of the authors' 20 copies;
    and how many copies of the authors' are as exact as ours."""
    from seam_core.attributer import Attributer
    from seam_core.parameters import AttributerParameters

    oracle, library = _oracle(), _library(CHECKED)

    def maps(**options: Any) -> np.ndarray:
        parameters = AttributerParameters(method="smoothgrad", **options)
        return Attributer(oracle, parameters).run(library)[0].maps

    exact = maps(noise_samples=800, noise_rule="antithetic", seed=1)
    ours = relative_error(maps(**PAIRED), exact)
    return work_at_error(
        ours, lambda samples: relative_error(maps(noise_samples=samples), exact), AUTHORS
    )


def peer_deepshap(n: int) -> Action:
    """shap's explainer on DeepSTARR in PyTorch, a sequence at a time, each with its shuffles."""
    import shap
    import torch

    from seam_core.sequences import one_hot
    from seam_core.shuffles import dinucleotide_shuffles, generators_of_rows

    network = _in_torch(_oracle().model)
    sequences = _library(n).sequences
    shuffles = dinucleotide_shuffles(sequences, 4, REFERENCES, generators_of_rows(0, range(n)))

    def action() -> None:
        for row in range(n):
            references = torch.tensor(one_hot(shuffles[row]))
            inputs = torch.tensor(one_hot(sequences[row : row + 1]))
            explainer = shap.DeepExplainer(network, references)
            explainer.shap_values(inputs, check_additivity=False)

    return action


def _in_torch(model: Any) -> Any:
    """DeepSTARR's housekeeping head with the same weights."""
    import torch

    weights = [
        [torch.tensor(np.ascontiguousarray(value.T)) for value in layer.get_weights()]
        for layer in model.layers
        if layer.weights
    ]

    class DeepSTARR(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            nn = torch.nn
            self.blocks = nn.Sequential()
            for index in range(4):
                (kernel, bias), norm = weights[2 * index : 2 * index + 2]
                conv = nn.Conv1d(kernel.shape[1], kernel.shape[0], kernel.shape[2], padding="same")
                conv.weight.data, conv.bias.data = kernel, bias
                self.blocks.extend([conv, _norm(norm), nn.ReLU(), nn.MaxPool1d(2)])
            self.dense = nn.Sequential()
            for index in range(4, 6):
                (kernel, bias), norm = weights[2 * index : 2 * index + 2]
                self.dense.extend([_linear(kernel, bias), _norm(norm), nn.ReLU()])
            self.head = _linear(*weights[12 + HEAD])

        def forward(self, inputs: Any) -> Any:
            hidden = self.blocks(inputs.transpose(1, 2)).transpose(1, 2).flatten(1)
            return self.head(self.dense(hidden))

    return DeepSTARR().eval()


def _linear(kernel: Any, bias: Any) -> Any:
    import torch

    layer = torch.nn.Linear(kernel.shape[1], kernel.shape[0])
    layer.weight.data, layer.bias.data = kernel, bias
    return layer


def _norm(values: list[Any]) -> Any:
    import torch

    scale, shift, mean, variance = values
    layer = torch.nn.BatchNorm1d(len(scale), eps=0.001)
    layer.weight.data, layer.bias.data = scale, shift
    layer.running_mean, layer.running_var = mean, variance
    return layer


BENCHMARKS = {
    "saliency": Benchmark(
        lambda n: _ours(n, method="saliency"),
        lambda n: _peer(n, "saliency", predictions=True),
        default_n=2_000,
        repeats=3,
        extra=bare_gradient,
    ),
    "intgrad": Benchmark(
        lambda n: _ours(n, method="intgrad", intgrad_rule="calibrated"),
        lambda n: _peer(n, "intgrad", num_steps=AUTHORS),
        default_n=1_000,
        extra=intgrad_accuracy,
    ),
    "smoothgrad": Benchmark(
        lambda n: _ours(n, method="smoothgrad", **PAIRED),
        lambda n: _peer(n, "smoothgrad", num_samples=AUTHORS, batch_size=64),
        default_n=256,
        extra=smoothgrad_accuracy,
    ),
    "ism": Benchmark(
        lambda n: _ours(n, method="ism"),
        lambda n: _peer(n, "ism", batch_size=32),
        default_n=32,
    ),
    "deepshap": Benchmark(
        lambda n: _ours(n, method="deepshap", n_backgrounds=REFERENCES),
        peer_deepshap,
        default_n=16,
    ),
}
