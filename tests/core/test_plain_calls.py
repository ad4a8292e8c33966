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
}


def contributions(middle):
    """(6,) sums of contributions, and the differences they explain."""
    multipliers = multipliers_of_torch(made(Trunk(middle).eval(), head=0))
    given = [one_hot(random_letters(n, LENGTH), 4).astype(np.float32) for n in (3, 9)]
    sequences, references = given[0], given[1][3:]
    of_sequences, of_references, found = multipliers(sequences, references)
    runs = np.repeat(sequences, 2, axis=0) - references
    return (found * runs).sum(axis=(1, 2)), np.repeat(of_sequences, 2) - of_references


@pytest.mark.parametrize("call", CALLS)
def test_contributions_add_up(call):
    told, difference = contributions(CALLS[call])
    assert np.abs(difference).max() > 1e-3
    np.testing.assert_allclose(told, difference, atol=1e-6)


@pytest.mark.parametrize(
    ("middle", "message"),
    [
        (lambda h: torch.div(h, 0.01, rounding_mode="floor"), "div with rounding_mode"),
        (lambda h: torch.div(1, h.square() + 1, rounding_mode="trunc"), "div with rounding_mode"),
        (without, "of the sequence"),
    ],
)
def test_steps_of_the_sequence_are_refused(middle, message):
    with pytest.raises(InputError, match=message):
        contributions(middle)
