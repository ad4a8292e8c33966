"""Saliency asks a model no more than a plain loop does: the first maps show if it is steady."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.validate import OracleError
from tests.core.networks import random_letters

nn = torch.nn


class Odd(nn.Module):
    """Asked how often, and what is done to the hidden units."""

    def __init__(self, change):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(160, 30), nn.Linear(30, 1)
        self.change, self.asked = change, []

    def forward(self, inputs):
        self.asked.append(len(inputs))
        return self.last(self.change(torch.relu(self.first(inputs.flatten(1)))))


def of_the_batch(hidden):
    return hidden - hidden.mean(dim=0)


def drawn_by_numpy(hidden):
    return hidden + float(np.random.rand())  # noqa: NPY002 as a module of others would


def saliency(module, n, **options):
    parameters = AttributerParameters(method="saliency", **options)
    oracle = TorchOracle(module, length=40)
    return Attributer(oracle, parameters).run(Library(random_letters(n)))


@pytest.mark.parametrize("n", [1, 20])
@pytest.mark.parametrize("change", [nn.functional.dropout, drawn_by_numpy])
def test_a_module_that_draws_at_random_is_refused(change, n):
    with pytest.raises(OracleError, match="prediction: is random"):
        saliency(Odd(change), n)


def test_a_module_whose_answers_hang_on_the_batch_is_refused():
    with pytest.raises(OracleError, match="prediction: depends on the other sequences"):
        saliency(Odd(of_the_batch), 20)


@pytest.mark.parametrize(("n", "asked"), [(1, [1]), (20, [1, 20, 1])])
def test_a_steady_module_is_asked_for_its_memory_and_maps_and_at_most_once_more(n, asked):
    module = Odd(torch.sigmoid)
    saliency(module, n)
    assert module.asked == asked


def test_batches_are_of_about_one_size(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.attributer.usual_batch", lambda *_: 15)
    module = Odd(torch.sigmoid)
    saliency(module, 32)
    # once more before the second, for layers that are not needed
    assert module.asked == [11, 1, 1, 11, 10]
