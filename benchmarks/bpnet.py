"""Attribution maps of bpnet-lite's BPNet at ChromBPNet's size, beside tangermeme and captum.

64 filters, 8 dilated layers, 2,114 letters, random weights; the counts are explained. Every peer is
given the same network in the same run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.runner import Action, Benchmark, relative_error, work_at_error

LENGTH = 2114
REFERENCES = 20
STEPS = 20
# Maps whose accuracy is told, and steps of those that are taken as exact.
CHECKED = 4
EXACT_STEPS = 200


def network(n_layers: int = 8) -> Any:
    """The network, the same in every process."""
    import torch
    from bpnetlite.bpnet import BPNet

    torch.manual_seed(0)
    return BPNet(
        n_filters=64, n_layers=n_layers, n_outputs=1, n_control_tracks=0, verbose=False
    ).eval()


def counts_only() -> Any:
    """The network's counts as the only output, for the peers."""
    from bpnetlite.bpnet import CountWrapper

    return CountWrapper(network()).eval()


def _letters(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4, (n, LENGTH), dtype=np.int8)


def _inputs(n: int) -> Any:
    import torch

    from seam_core.sequences import one_hot

    return torch.tensor(one_hot(_letters(n))).transpose(1, 2).contiguous()


def _attributer(**options: Any) -> Any:
    from seam_core.attributer import Attributer
    from seam_core.frameworks.torch.oracle import TorchOracle
    from seam_core.oracles.adapters import Adapter
    from seam_core.parameters import AttributerParameters

    oracle = TorchOracle(network(), head=1, adapter=Adapter(layout="channels_first"))
    return Attributer(oracle, AttributerParameters(**options))


def _ours(n: int, **options: Any) -> Action:
    from seam_core.records import Library

    attributer, library = _attributer(**options), Library(_letters(n))
    return lambda: attributer.run(library)


def _tangermeme_ism(n: int) -> Action:
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    model, inputs = counts_only(), _inputs(n)
    return lambda: saturation_mutagenesis(model, inputs, device="cpu")


def _tangermeme_deepshap(n: int) -> Action:
    from tangermeme.deep_lift_shap import deep_lift_shap

    model, inputs = counts_only(), _inputs(n)
    return lambda: deep_lift_shap(model, inputs, n_shuffles=REFERENCES, device="cpu")


def _bare_gradient(n: int) -> Action:
    """A loop that does nothing but ask for the gradient, in batches of 32."""
    import torch

    model, inputs = counts_only(), _inputs(n)

    def action() -> None:
        for first in range(0, n, 32):
            batch = inputs[first : first + 32].clone().requires_grad_(True)
            torch.autograd.grad(model(batch).sum(), batch)

    return action


def _captum_intgrad(n: int) -> Action:
    """Captum, with as many steps as the authors take, a few sequences at a time."""
    from captum.attr import IntegratedGradients

    model, inputs = counts_only(), _inputs(n)

    def action() -> None:
        method = IntegratedGradients(model)
        for first in range(0, n, 4):
            method.attribute(inputs[first : first + 4], n_steps=STEPS, target=0)

    return action


def intgrad_accuracy(n: int) -> dict[str, float]:
    """Relative error of a map against many even steps: ours for a library of n, and captum's; and
    the steps that it takes to be as exact as ours, and how many times more work that is."""
    from captum.attr import IntegratedGradients

    from seam_core.attributer.declared import Beside
    from seam_core.records import Library

    rows = np.arange(min(n, CHECKED))
    library = Library(_letters(n))
    few = Library(library.sequences[rows])
    ours = _attributer(method="intgrad", intgrad_rule="calibrated")
    found = ours.run(few, beside=Beside(library, rows))[0].maps
    exact = _attributer(method="intgrad", intgrad_steps=EXACT_STEPS).run(few)[0].maps
    inputs = _inputs(n)[rows]
    captum = IntegratedGradients(counts_only(), multiply_by_inputs=False)

    def of_peer(steps: int) -> float:
        maps = captum.attribute(inputs, n_steps=steps, target=0).transpose(1, 2).numpy()
        return relative_error(maps, exact)

    return work_at_error(relative_error(found, exact), of_peer, STEPS)


BENCHMARKS = {
    "ism_bpnet": Benchmark(lambda n: _ours(n, method="ism"), _tangermeme_ism, default_n=1),
    "deepshap_bpnet": Benchmark(
        lambda n: _ours(n, method="deepshap", n_backgrounds=REFERENCES),
        _tangermeme_deepshap,
        default_n=4,
    ),
    "saliency_bpnet": Benchmark(
        lambda n: _ours(n, method="saliency"), _bare_gradient, default_n=128
    ),
    "intgrad_bpnet": Benchmark(
        lambda n: _ours(n, method="intgrad", intgrad_rule="calibrated"),
        _captum_intgrad,
        default_n=16,
        extra=intgrad_accuracy,
    ),
}
