"""Integrated gradients of PyTorch modules from the mean slopes in cells of the paths."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles.capabilities import secants_of
from seam_core.oracles.function import FunctionOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from tests.core.networks import random_letters, twin_networks

nn = torch.nn


def oracle_of(*layers):
    torch.manual_seed(0)
    return TorchOracle(nn.Sequential(*layers), length=40)


def rectified():
    return oracle_of(nn.Flatten(), nn.Linear(160, 30), nn.ReLU(), nn.Linear(30, 1))


def by_steps(oracle, inputs, baseline, steps=2000, at_once=100):
    """The mean gradient by autograd at the middles of many even steps."""
    middles = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    total = 0.0
    for part in middles.reshape(-1, at_once, 1, 1, 1):
        asked = (baseline + part * (inputs - baseline)).reshape(-1, *inputs.shape[1:])
        total = total + oracle.gradient(asked)[1].reshape(at_once, *inputs.shape).sum(axis=0)
    return total / steps


def sums(oracle, inputs, baseline, n_cells):
    edges = np.linspace(0, 1, n_cells + 1)
    secants = secants_of(oracle, 40, range(40))
    return secants.sums(inputs, baseline, edges, lambda share: None)[0]


def apart(found, exact):
    gaps = np.linalg.norm((found - exact).reshape(len(exact), -1), axis=1)
    return (gaps / np.linalg.norm(exact.reshape(len(exact), -1), axis=1)).mean()


def run(oracle, library, **options):
    return Attributer(oracle, AttributerParameters(method="intgrad", **options)).run(library)[0]


def test_one_cell_is_exact_for_one_layer_of_relus():
    oracle, inputs = rectified(), one_hot(random_letters(3))
    exact = by_steps(oracle, inputs, np.zeros_like(inputs))
    np.testing.assert_allclose(sums(oracle, inputs, np.zeros_like(inputs), 1), exact, atol=3e-4)


@pytest.mark.parametrize("max_pool", [True, False])
def test_more_cells_come_nearer(max_pool):
    oracle = TorchOracle(twin_networks(max_pool=max_pool)[1], length=40)
    inputs, starts = one_hot(random_letters(4)), one_hot(random_letters(4, seed=5))
    exact = by_steps(oracle, inputs, starts)
    errors = [apart(sums(oracle, inputs, starts, k), exact) for k in (1, 4, 16)]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    assert errors[2] < 0.03


def test_cells_add_up_to_the_difference_of_the_predictions():
    oracle = TorchOracle(twin_networks()[1], length=40)
    inputs, starts = one_hot(random_letters(4)), one_hot(random_letters(4, seed=5))
    explained = (sums(oracle, inputs, starts, 3) * (inputs - starts)).sum(axis=(1, 2))
    np.testing.assert_allclose(
        explained, oracle.predict(inputs) - oracle.predict(starts), atol=1e-4
    )


def test_a_run_takes_as_many_cells_as_even_steps_are_exact(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 0)
    oracle, library = TorchOracle(twin_networks()[1], length=40), Library(random_letters(20))
    maps = run(oracle, library, intgrad_rule="calibrated")
    assert 1 < maps.ran["cells"] <= 12
    inputs = one_hot(library.sequences)
    exact = by_steps(oracle, inputs, np.zeros_like(inputs))
    even = run(oracle, library, intgrad_steps=20)
    assert apart(maps.maps, exact) < 1.2 * apart(even.maps, exact)


class Running(nn.Module):
    """Layers with buffers, one of them written while it is asked, and ReLUs in place."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope
        self.convolution, self.norm = nn.Conv1d(4, 12, 5), nn.BatchNorm1d(12)
        self.layers = nn.Sequential(nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Flatten())
        self.head = nn.Linear(12 * 36, 1)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, inputs):
        hidden = self.norm(self.convolution(inputs.transpose(1, 2)))
        self.seen.copy_(hidden.detach().mean())
        hidden += self.slope * hidden.detach().new_ones(1)
        return self.head(self.layers(hidden))[:, 0] + 0 * self.seen


def test_few_sequences_take_cells_only_where_these_are_as_exact(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.HELD_FOR_CELLS", 0)
    torch.manual_seed(0)
    module = Running(0.1)
    module.norm.running_mean.normal_()
    module.norm.running_var.uniform_(0.5, 2.0)
    oracle, library = TorchOracle(module, length=40), Library(random_letters(16))
    maps = run(oracle, library, intgrad_rule="calibrated")
    assert maps.ran["cells"] in (6, 7)  # one layer of ReLUs: exact
    inputs = one_hot(library.sequences)
    exact = by_steps(oracle, inputs, np.zeros_like(inputs))
    even = run(oracle, library, intgrad_steps=20)
    assert apart(maps.maps, exact) < 0.2 * apart(even.maps, exact)
    fewer = run(oracle, Library(random_letters(15)), intgrad_rule="calibrated")
    assert fewer.ran["gradients"] == 21


def test_few_sequences_of_a_small_network_take_even_steps():
    maps = run(rectified(), Library(random_letters(16)), intgrad_rule="calibrated")
    assert maps.ran["gradients"] == 21


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.head = nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 1)

    def forward(self, inputs):
        return self.head(self.layer(inputs)[0].mean(dim=1))[:, 0]


def test_recurrent_layers_have_no_cells():
    assert secants_of(TorchOracle(Recurrent(), length=40), 40, range(40)) is None


def test_few_sequences_of_an_operation_without_a_rule_take_even_steps(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.HELD_FOR_CELLS", 0)
    maps = run(
        TorchOracle(Sorted(), length=40), Library(random_letters(16)), intgrad_rule="calibrated"
    )
    assert maps.ran["gradients"] == 21


class Sorted(nn.Module):
    """An operation that no rule is known for."""

    def forward(self, inputs):
        return (inputs.flatten(1) * torch.arange(160.0)).cumsum(1).sort(1).values[:, 80:100].sum(1)


def test_without_a_rule_nodes_are_taken(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 0)
    maps = run(TorchOracle(Sorted(), length=40), Library(random_letters(4)))
    assert "cells" not in maps.ran
    maps = run(
        TorchOracle(Sorted(), length=40), Library(random_letters(4)), intgrad_rule="calibrated"
    )
    assert "cells" not in maps.ran
    assert maps.ran["gradients"] > 1


def test_oracles_that_are_no_networks_have_none():
    function = FunctionOracle(lambda x: x.sum(axis=(1, 2)), length=40, n_letters=4)
    assert secants_of(function, 40, range(40)) is None
