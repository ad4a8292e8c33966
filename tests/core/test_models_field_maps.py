"""Maps of PyTorch models beside the field's own, and of both strands."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seam_core.attributer import Attributer
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from tests.core.networks import random_letters
from tests.core.test_models_field import LENGTH, Lab, oracle_of


@pytest.mark.parametrize("method", ["saliency", "ism", "deepshap", "intgrad"])
def test_both_strands_are_the_mean_of_a_map_and_the_turned_one(method):
    one = oracle_of(Lab, column=1)
    letters = random_letters(3, LENGTH)
    there = Library(np.ascontiguousarray(3 - letters[:, ::-1]))
    parameters = AttributerParameters(method=method, baseline="auto", n_backgrounds=2)
    if method == "deepshap":
        parameters = parameters.replace(baseline="zeros")
    both, predictions = Attributer(BothStrands(one, "ACGT"), parameters).run(Library(letters))
    first, p = Attributer(one, parameters).run(Library(letters))
    second, q = Attributer(one, parameters).run(there)
    np.testing.assert_allclose(predictions, (p + q) / 2, atol=1e-6)
    wanted = (first.maps + second.maps[:, ::-1, ::-1]) / 2
    np.testing.assert_allclose(both.maps, wanted, atol=1e-5)


def test_deepshap_of_bpnet_lite_is_tangermemes():
    bpnetlite, tangermeme = (
        pytest.importorskip(name) for name in ("bpnetlite", "tangermeme.deep_lift_shap")
    )

    class Counts(nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model(x)[1]

    torch.manual_seed(0)
    options = {"n_filters": 8, "n_layers": 2, "n_outputs": 1, "n_control_tracks": 0}
    model = bpnetlite.BPNet(**options, trimming=20, verbose=False).eval()
    oracle = TorchOracle(model, head=1, adapter=Adapter(layout="channels_first"), length=120)
    assert [shape for _, shape in oracle.heads or check_oracle(oracle).heads] == [(80, 1), (1,)]
    library = Library(random_letters(2, 120))
    parameters = AttributerParameters(method="deepshap", baseline="zeros")
    found, _ = Attributer(oracle, parameters).run(library)
    x = torch.tensor(one_hot(library.sequences)).movedim(1, 2)
    wanted = tangermeme.deep_lift_shap(
        Counts(model),
        x,
        references=torch.zeros(2, 1, 4, 120),
        device="cpu",
        hypothetical=True,
        warning_threshold=1e9,
    )
    np.testing.assert_allclose(found.maps, wanted.movedim(1, 2), atol=1e-6)
    assert np.abs(found.maps).max() > 1e-4


class HeldProfile(nn.Module):
    """The profile's number with its weights held, in PyTorch's own words."""

    def __init__(self, model):
        super().__init__()
        self.model, self.softmax = model, nn.Softmax(dim=-1)

    def forward(self, x):
        logits = self.model(x)[0]
        logits = logits - logits.mean(dim=-1, keepdim=True)
        weights = self.softmax(logits.detach())
        return (logits * weights).sum(dim=-1).mean(dim=1, keepdim=True)


def test_a_profile_with_weights_held_is_autograds_and_tangermemes():
    bpnetlite = pytest.importorskip("bpnetlite.bpnet")
    tangermeme = pytest.importorskip("tangermeme.deep_lift_shap")
    torch.manual_seed(0)
    options = {"n_filters": 8, "n_layers": 2, "n_outputs": 2, "n_control_tracks": 0}
    model = bpnetlite.BPNet(**options, trimming=20, verbose=False).eval()
    oracle = TorchOracle(
        model,
        head=0,
        column="all",
        reduction="bpnet_profile_held",
        adapter=Adapter(layout="channels_first"),
    )
    letters, references = one_hot(random_letters(2, 120)), one_hot(random_letters(6, 120)[2:])
    x = torch.tensor(letters).movedim(1, 2).contiguous().requires_grad_()
    HeldProfile(model)(x).sum().backward()
    wanted = x.grad.movedim(1, 2)
    np.testing.assert_allclose(
        oracle.gradient(letters)[1], wanted, atol=1e-5 * float(wanted.abs().max())
    )
    slopes = oracle.capabilities.multipliers()(letters, references)[2].reshape(2, 2, 120, 4)
    at_reference = (references.reshape(slopes.shape) * slopes).sum(axis=3, keepdims=True)
    theirs = tangermeme.deep_lift_shap(
        HeldProfile(model),
        x.detach(),
        references=torch.tensor(references).movedim(1, 2).reshape(2, 2, 4, 120),
        device="cpu",
        hypothetical=True,
        warning_threshold=1e9,
    ).movedim(1, 2)
    np.testing.assert_allclose(
        (slopes - at_reference).mean(axis=1), theirs, atol=1e-5 * float(theirs.abs().max())
    )


@pytest.mark.parametrize("strands", [1, 2])
def test_profiles_of_both_strands_are_those_of_bpnet_lite(strands):
    bpnetlite = pytest.importorskip("bpnetlite.bpnet")
    torch.manual_seed(0)
    options = {"n_filters": 8, "n_layers": 2, "n_outputs": strands, "n_control_tracks": 0}
    model = bpnetlite.BPNet(**options, trimming=20, verbose=False).eval()
    chosen = {"head": 0, "column": "all", "adapter": Adapter(layout="channels_first")}
    joint, apart = (
        TorchOracle(model, reduction=name, **chosen)
        for name in ("bpnet_profile_joint", "bpnet_profile")
    )
    letters = one_hot(random_letters(3, 120))
    x = torch.tensor(letters).movedim(1, 2).contiguous().requires_grad_()
    wanted = bpnetlite.ProfileWrapper(model)(x)[:, 0]
    wanted.sum().backward()
    predictions, gradients = joint.gradient(letters)
    np.testing.assert_allclose(predictions, wanted.detach(), rtol=1e-5)
    scale = float(x.grad.abs().max())
    np.testing.assert_allclose(gradients, x.grad.movedim(1, 2), atol=1e-5 * scale)
    assert np.allclose(apart.predict(letters), predictions, rtol=1e-4) == (strands == 1)
