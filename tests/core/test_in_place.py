"""DeepSHAP and integrated gradients of PyTorch modules that write into their tensors, and the like.

Each is beside the same network in plain calls, whose multipliers are the same.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles.capabilities import capabilities_of
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

LENGTH = 24


class Net(nn.Module):
    """Two convolutions, and what comes between them and the mean over positions."""

    def __init__(self, run):
        super().__init__()
        torch.manual_seed(3)
        self.first = nn.Conv1d(4, 8, 5, padding=2)
        self.second = nn.Conv1d(8, 8, 3, padding=1)
        self.out = nn.Linear(8, 1)
        self.run = run

    def forward(self, x):
        return self.out(self.run(self, x.transpose(1, 2)).mean(2))


def _again(net, x):
    """As pre-activation networks do: what the layer was given is what it returned."""
    h = net.first(x)
    return net.second(functional.relu(h, inplace=True)) + h


def _again_apart(net, x):
    h = torch.relu(net.first(x))
    return net.second(h) + h


def _dropped(net, x):
    h = net.first(x)
    h.clamp_(min=0)
    h.tanh_()
    h.mul_(x[:, :1] + 1)
    return net.second(h)


def _dropped_apart(net, x):
    return net.second(torch.tanh(net.first(x).clamp(min=0)) * (x[:, :1] + 1))


def _added(net, x):
    before = net.first(x)
    h = functional.gelu(net.second(before))
    h += before
    return h


def _added_apart(net, x):
    before = net.first(x)
    return functional.gelu(net.second(before)) + before


def _given_added(net, x):
    before = net.first(x)
    h = torch.relu(before)
    before += 1
    return torch.relu(before + h - 0.8)


def _given_added_apart(net, x):
    before = net.first(x)
    return torch.relu(before + 1 + torch.relu(before) - 0.8)


def _input(net, x):
    x.sub_(0.25)
    x *= 2
    return torch.tanh(net.first(x))


def _input_apart(net, x):
    return torch.tanh(net.first((x - 0.25) * 2))


def _in_part(net, x):
    h = net.first(x)
    h[:, :, :5] = torch.relu(h[:, :, :5])
    h[:, 0] *= 2
    h[:, :4].tanh_()
    h[:, :, 9] = 0
    return h


def _in_part_apart(net, x):
    h = net.first(x)
    h = torch.cat([torch.relu(h[:, :, :5]), h[:, :, 5:]], dim=2)
    h = torch.cat([torch.tanh(h[:, :1] * 2), torch.tanh(h[:, 1:4]), h[:, 4:]], dim=1)
    return torch.where(torch.arange(LENGTH) == 9, 0.0, h)


def _around(net, x):
    return torch.tanh(net.first(functional.pad(x, (3, 3), mode="circular")))


def _around_apart(net, x):
    return torch.tanh(net.first(torch.cat([x[:, :, -3:], x, x[:, :, :3]], dim=2)))


def _hidden(net, x):
    h = net.first(x)
    h.masked_fill_(torch.arange(LENGTH) < 5, 0.5)
    return torch.tanh(h)


def _hidden_apart(net, x):
    return torch.tanh(net.first(x).masked_fill(torch.arange(LENGTH) < 5, 0.5))


def _pooled(net, x):
    h, _ = functional.max_pool1d(torch.relu(net.first(x)), 2, return_indices=True)
    h += 1
    return torch.tanh(h)


def _pooled_apart(net, x):
    return torch.tanh(functional.max_pool1d(torch.relu(net.first(x)), 2) + 1)


def _row_by_row(net, x):
    return torch.stack([torch.tanh(torch.relu(net.first(row))) for row in x])


def _in_parts(net, x):
    return torch.cat([torch.tanh(torch.relu(net.first(part))) for part in x.split(2)])


def _whole(net, x):
    return torch.tanh(torch.relu(net.first(x)))


def _smallest(net, x):
    pairs = net.first(x).unflatten(-1, (-1, 2))
    return torch.tanh(pairs.min(-1).values + pairs.amin(-1))


def _smallest_apart(net, x):
    return torch.tanh(-2 * functional.max_pool1d(-net.first(x), 2))


def _factor(net, x):
    h = net.first(x)
    other = h.transpose(1, 2).clone()
    made = h @ other
    other.mul_(0.1)
    return made


def _factor_apart(net, x):
    h = net.first(x)
    return h @ h.transpose(1, 2)


def _largest(net, x):
    h = net.first(x)
    at_two, at_all = functional.max_pool1d(h, 2), h.amax(2, keepdim=True)
    of_all = h.max(2, keepdim=True).values
    for each in (h, at_all, of_all):
        each.tanh_()
    return torch.cat([h, at_two, at_all, of_all], dim=2)


def _largest_apart(net, x):
    h = net.first(x)
    at_all = torch.tanh(h.amax(2, keepdim=True))
    return torch.cat([torch.tanh(h), functional.max_pool1d(h, 2), at_all, at_all], dim=2)


def _of_two(net, x):
    h = net.first(x)
    larger = torch.max(h, net.second(h)) + h.max(torch.zeros(1))
    return larger + torch.min(h, net.second(h)).square()


def _of_two_apart(net, x):
    h = net.first(x)
    larger = torch.maximum(h, net.second(h)) + torch.relu(h)
    return larger + torch.minimum(h, net.second(h)).square()


def _added_product(net, x):
    h = net.first(x)
    return torch.baddbmm(torch.relu(h), net.second.weight[:, :, 0].expand(len(h), 8, 8), h)


def _added_product_apart(net, x):
    h = net.first(x)
    return torch.relu(h) + net.second.weight[:, :, 0] @ h


PAIRS = {
    "factor": (_factor, _factor_apart),
    "largest": (_largest, _largest_apart),
    "larger of two": (_of_two, _of_two_apart),
    "product and sum": (_added_product, _added_product_apart),
    "smallest of two": (_smallest, _smallest_apart),
    "used again": (_again, _again_apart),
    "answers dropped": (_dropped, _dropped_apart),
    "residual": (_added, _added_apart),
    "argument": (_given_added, _given_added_apart),
    "input": (_input, _input_apart),
    "part": (_in_part, _in_part_apart),
    "circular": (_around, _around_apart),
    "mask": (_hidden, _hidden_apart),
    "pool with places": (_pooled, _pooled_apart),
    "row by row": (_row_by_row, _whole),
    "two rows at a time": (_in_parts, _whole),
}


@pytest.fixture(scope="module")
def asked():
    return one_hot(random_letters(3, LENGTH)), one_hot(random_letters(6, LENGTH, seed=8))


def capabilities(run):
    return capabilities_of(TorchOracle(Net(run).eval(), length=LENGTH))


@pytest.mark.parametrize("name", PAIRS)
def test_multipliers_are_those_of_the_network_that_writes_into_nothing(name, asked):
    written, apart = (capabilities(run).multipliers()(*asked) for run in PAIRS[name])
    for found, expected in zip(written, apart, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    ours, theirs, slopes = written
    moved = (slopes * (np.repeat(asked[0], 2, axis=0) - asked[1])).sum((1, 2))
    np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-5)
    assert np.abs(moved).max() > 1e-3


@pytest.mark.parametrize("name", PAIRS)
def test_so_are_mean_gradients_along_paths(name, asked):
    edges = np.linspace(0, 1, 5)

    def of(run):
        secants = capabilities(run).secants(LENGTH, range(LENGTH))
        return list(secants(asked[0], asked[1][:3], edges))

    for found, expected in zip(*(of(run) for run in PAIRS[name]), strict=True):
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_places_of_the_largest_are_a_step_where_they_are_used(asked):
    def unpooled(net, x):
        h, places = functional.max_pool1d(torch.relu(net.first(x)), 2, return_indices=True)
        return functional.max_unpool1d(h, places, 2)

    with pytest.raises(InputError, match=r"Net \(max_pool1d\) makes a mask, or another step"):
        capabilities(unpooled).multipliers()(*asked)


def test_what_has_no_rule_is_told_in_words(asked):
    def into_a_part(net, x):
        h = net.first(x)
        h[:, :, :5].sinh_()
        return h

    def overwritten(net, x):
        h = net.first(x)
        made = net.second(h)
        h += 1
        return made * h

    def unseen(net, x):
        return torch.vmap(lambda row: torch.relu(net.first(row)))(x)

    for run, words in (
        (
            into_a_part,
            "the operation sinh into a part of a tensor, which it has no rule for.*--method",
        ),
        (unseen, r"the operation relu where it cannot be looked into.*, or --method saliency"),
    ):
        with pytest.raises(InputError, match=words):
            capabilities(run).multipliers()(*asked)
    shapes = iter(range(4, LENGTH))

    def shrinking(net, x):
        return torch.relu(net.first(x[..., next(shapes) :]))

    with pytest.raises(InputError, match="a model that differs from call to call; expected an"):
        capabilities(shrinking).multipliers()(*asked)
    with pytest.raises(OracleError, match="no gradient: RuntimeError: one of the variables"):
        capabilities(overwritten).multipliers()(*asked)


def _filters(net, x):
    """Filters that are made of the sequence."""
    h = net.first(x)
    filters = torch.relu(h).mean(2).reshape(-1, 1, 1).expand(-1, 1, 3)
    rows = functional.conv1d(h.reshape(1, -1, LENGTH), filters, padding=1, groups=len(filters))
    return rows.view_as(h)


def _product_and_sum(net, x):
    return torch.stack([torch.addmm(row[:, :8], row, row.T) for row in net.first(x)])


def _scales(net, x):
    rows = net.first(x).transpose(1, 2)
    return torch.stack([functional.layer_norm(row, (8,), row.mean(0)) for row in rows]).mT


def _channels(net, x):
    h = net.first(x)
    scale = torch.sigmoid(h).mean((0, 2))
    return functional.batch_norm(h, torch.zeros(8), torch.ones(8), scale)


@pytest.mark.parametrize(
    ("run", "operation"),
    [
        (_filters, "convolution"),
        (_product_and_sum, "addmm"),
        (_scales, "layer_norm"),
        (_channels, "native_batch_norm"),
    ],
)
def test_what_has_a_rule_for_one_argument_is_refused_where_two_vary(run, operation, asked):
    words = f"the operation {operation} of two arguments that depend on the sequence"
    with pytest.raises(InputError, match=words):
        capabilities(run).multipliers()(*asked)
