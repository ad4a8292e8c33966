"""The same five methods on PyTorch models, with the numbers that Keras gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import SeamError
from tests.core.networks import random_letters, twin_networks

nn = torch.nn


@pytest.fixture(scope="module")
def twins():
    keras_network, torch_network = twin_networks()
    return KerasOracle(keras_network), TorchOracle(torch_network, length=40)


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(5))


@pytest.fixture(scope="module")
def references():
    return one_hot(random_letters(3, seed=9))


@pytest.mark.parametrize(
    "options",
    [
        {"method": "saliency"},
        {"method": "intgrad"},
        {"method": "intgrad", "baseline": "dinucleotide", "intgrad_rule": "trapezoid"},
        {"method": "smoothgrad", "noise_samples": 3},
        {"method": "ism"},
        {"method": "ism", "ism_score": "log2fc", "map_start": 5, "map_stop": 9},
        {"method": "deepshap", "n_backgrounds": 3},
    ],
)
def test_same_numbers_in_both_frameworks(twins, library, options):
    parameters = AttributerParameters(**options)
    (ours, p), (theirs, q) = (Attributer(o, parameters).run(library) for o in twins)
    np.testing.assert_allclose(theirs.maps, ours.maps, atol=1e-4)
    np.testing.assert_allclose(q, p, atol=1e-4)


class Body(nn.Module):
    """A convolution and a dense layer around what is tested, on (n, L, A)."""

    def __init__(self, middle, width=6):
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv1d(4, width, 5, padding=2)
        self.middle = middle
        self.out = nn.LazyLinear(1)
        self.eval()(torch.zeros(1, 40, 4))

    def forward(self, one_hot):
        hidden = self.middle(self.conv(one_hot.transpose(1, 2)))
        return self.out(hidden.flatten(1))


class Gate(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x[:, :3]) * x[:, 3:] / (1 + x[:, 3:].square())


class Excitation(nn.Module):
    """A product in place, with what it is made of itself."""

    def forward(self, x):
        x = x + 1
        x *= torch.sigmoid(x.mean(dim=2, keepdim=True))
        return x


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.pool = nn.Linear(6, 2)
        self.layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True)

    def forward(self, x):
        x = self.layer(x[:, :, ::3].transpose(1, 2))
        return torch.einsum("nlh,nlc->nhc", torch.softmax(self.pool(x), dim=1), x)


class Largest(nn.Module):
    def forward(self, x):
        return torch.maximum(x.amax(dim=2), x.max(dim=2).values - x.mean(dim=2))


MIDDLES = {
    **{name: getattr(nn, name)() for name in ("ReLU", "ELU", "Sigmoid", "Tanh", "Softplus")},
    **{name: getattr(nn, name)() for name in ("SELU", "GELU", "SiLU", "LeakyReLU", "ReLU6")},
    "in place": nn.Sequential(nn.ReLU(inplace=True), nn.MaxPool1d(3, 2, padding=1)),
    "softmax": nn.Softmax(dim=1),
    "layer norm": nn.LayerNorm(40),
    "batch norm, pools": nn.Sequential(nn.BatchNorm1d(6), nn.AvgPool1d(2), nn.MaxPool1d(2)),
    "adaptive": nn.AdaptiveMaxPool1d(3),
    "gate": Gate(),
    "group norm": nn.Sequential(nn.GroupNorm(3, 6), nn.ReLU()),
    "excitation": Excitation(),
    "attention": Attention(),
    "largest": Largest(),
}


@pytest.mark.parametrize("name", MIDDLES)
def test_deepshap_is_complete(library, references, name):
    oracle = TorchOracle(Body(MIDDLES[name]), length=40)
    parameters = AttributerParameters(method="deepshap", baseline="given")
    maps, predictions = Attributer(oracle, parameters, baselines=references).run(library)
    gap = predictions - oracle.predict(references).mean()
    sums = (maps.maps * one_hot(library.sequences)).sum(axis=(1, 2))
    np.testing.assert_allclose(sums, gap, atol=1e-3)
    assert maps.completeness_error.max() < 1e-3
    assert np.abs(gap).max() > 1e-2


def test_deepshap_equals_shap(library, references):
    import shap

    network = Body(nn.Sequential(nn.ReLU(), nn.MaxPool1d(2), nn.Softplus()))
    explainer = shap.DeepExplainer(network, torch.tensor(references))
    inputs = one_hot(library.sequences)
    wanted = explainer.shap_values(torch.tensor(inputs), check_additivity=False)
    wanted = np.asarray(wanted).reshape(inputs.shape).sum(axis=2)
    for module in network.modules():  # shap leaves hooks and tensors behind
        module._forward_hooks.clear()
        module._backward_hooks.clear()
    parameters = AttributerParameters(method="deepshap", baseline="given", hypothetical=False)
    oracle = TorchOracle(network, length=40)
    maps, _ = Attributer(oracle, parameters, baselines=references).run(library)
    np.testing.assert_allclose(maps.maps.sum(axis=2), wanted, atol=1e-4)


class Turned(nn.Module):
    def forward(self, x):
        return nn.functional.log_softmax(x, dim=1) + torch.cumprod(x, dim=1)


def test_what_has_no_rule_is_named(library):
    parameters = AttributerParameters(method="deepshap", n_backgrounds=2)
    with pytest.raises(SeamError, match=r"deepshap.*operation cumprod, which it has no rule for"):
        Attributer(TorchOracle(Body(Turned()), length=40), parameters).run(library)
    scripted = torch.jit.trace(Body(nn.ReLU()), torch.zeros(2, 40, 4))
    with pytest.raises(
        SeamError, match=r"deepshap.*TorchScript program.*PyTorch module.*, or --method saliency"
    ):
        Attributer(TorchOracle(scripted, length=40), parameters).run(library)
