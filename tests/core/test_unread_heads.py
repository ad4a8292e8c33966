"""Heads of PyTorch modules that are not explained are not computed, where nobody reads them."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from tests.core.networks import random_letters

nn = torch.nn


class Heads(nn.Module):
    """(n, L, 4) to a profile (n, L, 1) and counts (n, 1), as those of BPNet."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.body = nn.Conv1d(4, 8, 5, padding=2)
        self.profile = nn.Conv1d(8, 1, 9, padding=4)
        self.counts = nn.Linear(8, 1)

    def forward(self, inputs):
        hidden = torch.relu(self.body(inputs.transpose(1, 2)))
        profile = self.profile(hidden).transpose(1, 2)
        return profile, self.read(self.counts(hidden.mean(dim=2)), profile)

    def read(self, counts, profile):
        return counts


class Held(Heads):
    def read(self, counts, profile):
        return counts * profile.detach().square().mean(dim=(1, 2))[:, None]


class Gated(Heads):
    def read(self, counts, profile):
        return torch.where(profile.amax(dim=1) > 100, 2 * counts, counts)


class Branching(Heads):
    def read(self, counts, profile):
        return 2 * counts if float(profile.max()) > 100 else counts


class Filled(Heads):
    def read(self, counts, profile):
        return counts + 0 * profile.detach().nan_to_num().sum()


class Twice(Heads):
    """The profile's layer is asked a second time, for the counts."""

    def read(self, counts, profile):
        return counts + self.profile(profile.transpose(1, 2).expand(-1, 8, -1)).mean(dim=2)


class Rows:
    """How many rows went through a layer."""

    def __init__(self, layer):
        self.outputs = []
        layer.register_forward_hook(lambda *call: self.outputs.append(call[-1].detach()))

    @property
    def n(self):
        return sum(len(each) for each in self.outputs if each.isfinite().all())


def oracle_of(module, head=1):
    return TorchOracle(module, head=head, reduction="none" if head else "sum", length=40)


def by_hand(module, inputs):
    tensor = torch.tensor(inputs, requires_grad=True)
    _, counts = module(tensor)
    (gradients,) = torch.autograd.grad(counts.sum(), tensor)
    return counts[:, 0].detach().numpy(), gradients.numpy()


@pytest.mark.parametrize("kind", [Heads, Held, Gated, Branching, Filled, Twice])
def test_numbers_are_the_modules_own_to_the_last_bit(kind):
    inputs = one_hot(random_letters(12))
    predictions, gradients = by_hand(kind().eval(), inputs)
    module = kind()
    rows = Rows(module.profile)
    oracle = oracle_of(module)
    oracle.gradient(inputs)
    rows.outputs.clear()
    for _ in range(2):
        found, slopes = oracle.gradient(inputs)
        np.testing.assert_array_equal(found, predictions)
        np.testing.assert_array_equal(slopes, gradients)
        np.testing.assert_array_equal(oracle.predict(inputs), predictions)
    # once, to look for it
    assert (rows.n == 1) == (kind is Heads)


def test_the_head_that_is_explained_is_computed():
    module = Heads()
    rows = Rows(module.profile)
    oracle_of(module, head=0).gradient(one_hot(random_letters(12)))
    assert rows.n >= 12


def test_few_sequences_are_not_worth_a_look():
    module = Heads()
    rows = Rows(module.profile)
    oracle = oracle_of(module)
    for _ in range(4):
        oracle.gradient(one_hot(random_letters(2)))
    assert rows.n == 8
    oracle.gradient(one_hot(random_letters(2)))
    assert rows.n == 9


def test_many_at_once_are_worth_a_look_at_once():
    module = Heads()
    rows = Rows(module.profile)
    oracle = oracle_of(module)
    oracle.predict(one_hot(random_letters(1)))  # which shows its two heads
    oracle.gradient(one_hot(random_letters(8)))
    assert rows.n == 1 + 1


@pytest.mark.parametrize(
    "options",
    [
        {"method": "deepshap", "n_backgrounds": 9},
        {"method": "intgrad"},
        {"method": "intgrad", "intgrad_rule": "calibrated"},
        {"method": "ism"},
    ],
)
def test_methods_give_the_same_without_it(options, monkeypatch):
    library = Library(random_letters(160 if "intgrad_rule" in options else 10))
    parameters = AttributerParameters(**options)
    maps, predictions = Attributer(oracle_of(Heads()), parameters).run(library)
    monkeypatch.setattr("seam_core.frameworks.torch.unread.MANY", 10**9)
    wanted, answers = Attributer(oracle_of(Heads()), parameters).run(library)
    np.testing.assert_array_equal(maps.maps, wanted.maps)
    np.testing.assert_array_equal(predictions, answers)


@pytest.mark.parametrize("method", ["deepshap", "ism", "saliency"])
def test_nothing_that_a_call_made_outlives_it(method):
    """Activations are freed with the last that needs them, not when cycles are looked for."""
    oracle = TorchOracle(Heads(), head=1)
    library = Library(random_letters(4, 40))
    attributer = Attributer(oracle, AttributerParameters(method=method, batch_size=4))

    def left():
        attributer.run(library)
        # by its type: a weak proxy whose object is gone raises where its class is asked for
        return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())

    left()
    gc.collect()
    gc.disable()
    try:
        assert left() == left()
    finally:
        gc.enable()
