"""DeepSHAP of PyTorch's plain calls: what only moves numbers needs no rule, the others have one.

What came out is told by completeness: contributions sum to the difference explained.
"""

import numpy as np
import pytest
import torch
from torch.nn import functional

from seam_core.frameworks.torch.rescale import multipliers_of_torch
from seam_core.sequences import one_hot
from seam_core.validate import InputError
from tests.core.networks import random_letters
from tests.core.test_odd_layers import LENGTH, Trunk, made

PLACES = torch.arange(LENGTH)
HALF = PLACES < LENGTH // 2


def with_zeros(h):
    h = torch.relu(h)
    h[:, :, HALF] = 0.5
    return h


def without(h):
    h = h * 1.0
    h[h < 0] = 0.0
    return h


def summed(h, name):
    return getattr(torch.zeros_like(h), name)(2, (PLACES % 5).expand_as(h), h)


def folded(h):
    windows = torch.relu(functional.unfold(h[:, :, None], (1, 3)))
    return functional.fold(windows, (1, LENGTH), (1, 3))[:, :, 0]


def spread_and_mean(h, name):
    spread, mean = getattr(torch, name)(h, dim=2, keepdim=True)
    return torch.relu(h - mean) * spread


def holes(h):
    masks = torch.where(PLACES < 2, torch.nan, torch.where(PLACES == 3, torch.inf, 0.0))
    return torch.nan_to_num(h.square() + masks, nan=0.5, posinf=2.0)


def overwritten(h):
    h = h.square()
    h.addcmul_(torch.relu(h), torch.sigmoid(h), value=0.5)
    return h


PAIRS = torch.linspace(-1, 1, 2 * LENGTH**2).view(2, LENGTH, LENGTH)
CALLS = {
    "places put": with_zeros,
    "borders": lambda h: torch.relu(functional.pad(h, (2, 2), mode="replicate")),
    "summed at places": lambda h: torch.relu(summed(h, "scatter_add")),
    "columns added": lambda h: torch.relu(torch.zeros_like(h).index_add(2, PLACES % 5, h)),
    "columns copied": lambda h: h.index_copy(2, PLACES[:3], torch.relu(h[:, :, 4:7])),
    "columns filled": lambda h: torch.relu(h).index_fill(2, PLACES[:3], 0.0),
    "windows": folded,
    "turned": lambda h: torch.relu(torch.rot90(h, 2, (1, 2))).square(),
    "chosen": lambda h: torch.relu(h.masked_select(HALF.expand_as(h)).view(len(h), 8, -1)),
    "one over": lambda h: 1 / (h.square() + 1),
    "two to the": lambda h: 2**h,
    "clip": lambda h: h.clip(-0.1, 0.1),
    "at least": lambda h: h.clamp_min(0.1),
    "at most": lambda h: torch.clamp_max(h, 0.1),
    "power": lambda h: h.float_power(2).float(),
    "shrunk": lambda h: functional.tanhshrink(h) + functional.softshrink(h, 0.1),
    "log odds": lambda h: torch.logit(torch.sigmoid(h)),
    "variance and mean": lambda h: spread_and_mean(h, "var_mean"),
    "deviation and mean": lambda h: spread_and_mean(h, "std_mean"),
    "cosine": lambda h: h * functional.cosine_similarity(h, torch.relu(h) + 0.1)[:, None],
    "of pairs": lambda h: functional.bilinear(h, torch.relu(h), PAIRS),
    "by a vector": lambda h: h * torch.mv(h.square().sum(1), PAIRS[0, 0]).view(-1, 1, 1),
    "each by each": lambda h: torch.outer(h.square().sum((1, 2)), PAIRS[0, 0, :8])[:, :, None],
    "product added": lambda h: torch.addcmul(h, torch.relu(h), torch.sigmoid(h), value=0.5),
    "product added in place": overwritten,
    "quotient added": lambda h: torch.addcdiv(h, torch.relu(h), 1 + h.square()),
    "larger of two": lambda h: torch.max(h, other=0.1 * h.square()),
    "by names": lambda h: torch.mul(input=torch.relu(input=h), other=h),
    "no numbers": holes,
    "softmin": lambda h: h * functional.softmin(h, dim=2),
    "between": lambda h: torch.lerp(h, torch.relu(h), torch.sigmoid(h)),
    "contracted": lambda h: torch.einsum("ncl,ncl->nc", [h, torch.relu(h)])[:, :, None],
}


def contributions(middle):
    """(6,) sums of contributions, and the differences they explain."""
    oracle = made(Trunk(middle).eval(), head=0)
    multipliers = multipliers_of_torch(oracle)
    given = [one_hot(random_letters(n, LENGTH), 4).astype(np.float32) for n in (3, 9)]
    sequences, references = given[0], given[1][3:]
    of_sequences, of_references, found = multipliers(sequences, references)
    np.testing.assert_allclose(of_sequences, oracle.predict(sequences), rtol=1e-5)
    runs = np.repeat(sequences, 2, axis=0) - references
    return (found * runs).sum(axis=(1, 2)), np.repeat(of_sequences, 2) - of_references


@pytest.mark.parametrize("call", CALLS)
def test_contributions_add_up(call):
    told, difference = contributions(CALLS[call])
    assert np.abs(difference).max() > 1e-3
    np.testing.assert_allclose(told, difference, atol=1e-6)


@pytest.mark.parametrize(
    ("middle", "operation"),
    [
        (lambda h: torch.topk(h, 3, dim=2).values, "topk"),
        (lambda h: torch.prod(h, dim=2)[:, :, None], "prod"),
        (lambda h: torch.pow(h.square() + 1, torch.relu(h)), "pow"),
        (lambda h: torch.special.expit(h), "sigmoid of special_expit"),
    ],
)
def test_what_has_no_rule_is_refused_by_the_call_that_it_is(middle, operation):
    with pytest.raises(InputError, match=f"the operation {operation}, which"):
        contributions(middle)


@pytest.mark.parametrize(
    ("middle", "message"),
    [
        (lambda h: torch.vmap(torch.relu)(h), "relu where it cannot be looked into"),
        (lambda h: torch.div(h, 0.01, rounding_mode="floor"), "div with rounding_mode"),
        (lambda h: torch.div(1, h.square() + 1, rounding_mode="trunc"), "div with rounding_mode"),
        (without, "of the sequence"),
    ],
)
def test_steps_of_the_sequence_are_refused(middle, message):
    with pytest.raises(InputError, match=message):
        contributions(middle)
