"""PyTorch modules of layers that are less common, or in wrappers: DeepSHAP adds up, or is refused.

What a rule gives is told by completeness: the contributions sum to the difference explained.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from seam_core.attributer import Attributer
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles.adapters import Adapter
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

LENGTH = 40


class Trunk(nn.Module):
    """A convolution, `middle`, the mean over positions and three columns."""

    def __init__(self, middle=torch.relu, width=8):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv1d(4, 8, 5, padding=2)
        self.middle = middle
        self.out = nn.Linear(width, 3)

    def forward(self, x):
        return self.out(self.middle(self.conv(x)).mean(-1))


class Spread(Trunk):
    def forward(self, x):
        hidden = self.middle(self.conv(x))
        return self.out(hidden.std(-1) + hidden.var(dim=2, unbiased=False))


class Logs(Trunk):
    def forward(self, x):
        y = super().forward(x)
        return nn.functional.log_softmax(y, dim=-1) + torch.logsumexp(y, 1, keepdim=True)


class Again(Trunk):
    def forward(self, x):
        return self.out(checkpoint(self.features, x, use_reentrant=False))

    def features(self, x):
        return nn.functional.max_pool1d(torch.relu(self.conv(x)), 4).square().mean(-1)


class Unreached(Trunk):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


class OneAtATime(Trunk):
    def forward(self, x):
        if len(x) != 1:
            raise ValueError("one sequence")
        return super().forward(x)


def hooked():
    module = Trunk()
    module.conv.register_full_backward_hook(lambda *given: None)
    return module


def normed(layer):
    return Trunk(nn.Sequential(layer, nn.ReLU()))


def with_scales(layer):
    with torch.no_grad():
        layer.weight.uniform_(0.5, 2)
    return layer


def made(module, **options):
    return TorchOracle(module, adapter=Adapter(layout="channels_first"), source="lab", **options)


def maps_of(module, method, **options):
    library = Library(random_letters(3, LENGTH))
    settings = AttributerParameters(method=method, **options)
    return library, Attributer(made(module), settings).run(library)[0]


MODULES = {
    "instance norm": lambda: normed(with_scales(nn.InstanceNorm1d(8, affine=True))),
    "its running statistics": lambda: normed(nn.InstanceNorm1d(8, track_running_stats=True)),
    "root mean square norm": lambda: normed(with_scales(nn.RMSNorm(LENGTH))),
    "gated linear unit": lambda: Trunk(nn.GLU(dim=1), width=4),
    "deviation": Spread,
    "deviation of zeros": lambda: Spread(lambda h: torch.relu(h - 0.4)),
    "log softmax, log sum exp": Logs,
    "prelu": lambda: Trunk(nn.PReLU(8)),
    "log sigmoid": lambda: Trunk(nn.LogSigmoid()),
    "snake": lambda: Trunk(lambda h: h + torch.sin(h) ** 2),
    "cumulative sum": lambda: Trunk(lambda h: torch.relu(h).cumsum(-1)),
    "filter of frequencies": lambda: Trunk(
        lambda h: torch.relu(torch.fft.irfft(torch.fft.rfft(h)))
    ),
    "layer norm of doubles": lambda: normed(nn.LayerNorm(LENGTH)).double(),
    "hooks": hooked,
}


@pytest.mark.parametrize("kind", MODULES)
def test_contributions_add_up(kind):
    _, maps = maps_of(MODULES[kind](), "deepshap", n_backgrounds=3)
    assert np.abs(maps.maps).max() > 1e-3
    assert maps.completeness_error.max() < 1e-5 * np.abs(maps.maps).sum(axis=(1, 2)).min()


@pytest.mark.parametrize("module", [Unreached, Again, OneAtATime])
def test_deepshap_is_refused_in_words(module):
    said = {
        Unreached: "that no gradient reaches",
        Again: "computes parts again",
        OneAtATime: "takes 1 sequence at once",
    }
    with pytest.raises((InputError, OracleError), match=said[module]):
        maps_of(module(), "deepshap", n_backgrounds=2)


@pytest.mark.parametrize(
    "wrap", [nn.DataParallel, lambda each: torch.compile(each, backend="eager")]
)
def test_wrappers_are_taken_off(wrap):
    oracle = made(wrap(nn.DataParallel(Trunk())))
    assert type(oracle.module) is Trunk
    assert oracle.inputs == (("x", "the sequence"),)


def test_a_module_without_memory_is_told_so():
    with pytest.raises(InputError, match="has no weights yet"):
        made(Trunk().to("meta"))


def test_no_layout_is_advised_by_an_answer_about_something_else():
    class OfTwo(Trunk):
        def forward(self, batch):
            x, _ = batch  # a pair, not a tensor: two sequences pass for one
            return super().forward(x)

    with pytest.raises(Exception, match=r"running_mean|shape|channels") as raised:
        made(OfTwo()).predict(one_hot(random_letters(2, LENGTH)))
    assert "it runs with" not in str(raised.value)
