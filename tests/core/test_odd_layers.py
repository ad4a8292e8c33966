"""PyTorch modules of layers that are less common, or in wrappers: DeepSHAP is right, or refused.

What a rule gives is told by completeness (the contributions sum to the difference explained) and by
tangermeme, given the same network in layers that it has rules for.
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


def made(module, **options):
    return TorchOracle(module, adapter=Adapter(layout="channels_first"), source="lab", **options)


def maps_of(module, method, baselines=None, **options):
    library = Library(random_letters(3, LENGTH))
    settings = AttributerParameters(method=method, **options)
    return library, Attributer(made(module), settings, baselines=baselines).run(library)[0]


class Steps(nn.Module):
    """A function of a tensor, written by `nn` alone: modules that do its non-linear steps."""

    def __init__(self, function, **steps):
        super().__init__()
        self.function, self.steps = function, nn.ModuleDict(steps)

    def forward(self, x):
        return self.function(x, **self.steps)


class Unary(nn.Module):
    """A function of one number, which tangermeme is told to rescale."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def spread(h):
    return h.std(-1, keepdim=True) + h.var(dim=2, unbiased=False, keepdim=True)


def spread_in_steps():
    def steps(h, square, root):
        squares = square(h - h.mean(-1, keepdim=True))
        variance = squares.mean(-1, keepdim=True)
        return root(squares.sum(-1, keepdim=True) / (LENGTH - 1)) + variance

    return Steps(steps, square=Unary(torch.square), root=Unary(lambda v: (v + 1e-24).sqrt()))


def pairs(h):
    """(n, 4, L, 2) of (n, 8, L)."""
    return torch.stack(h.chunk(2, dim=1), dim=3)


def minus(h):
    return torch.sub(*h.chunk(2, dim=1))


def logs(h):
    log = nn.functional.log_softmax(pairs(h), dim=-1)
    return torch.cat([torch.logsumexp(pairs(h), 3), log[..., 0] - 2 * log[..., 1]], dim=1)


def logs_in_steps():
    def steps(h, first, second, third):
        a, b = h.chunk(2, dim=1)
        return torch.cat([a + first(b - a), -second(b - a) + 2 * third(a - b)], dim=1)

    return Steps(steps, **{name: nn.Softplus() for name in ("first", "second", "third")})


def with_scales(layer):
    layer.weight.data.copy_(torch.linspace(0.5, 2, layer.weight.numel()).view_as(layer.weight))
    return layer


def by_channel(h):
    return h * torch.linspace(0.5, 2, 8, dtype=h.dtype)[:, None]


def plain_norm(*shape):
    return nn.LayerNorm(shape, elementwise_affine=False)


def lengths(h):
    to_one = nn.functional.normalize(h, dim=1) + nn.functional.normalize(h, dim=-1)
    of_channels = torch.linalg.vector_norm(h, dim=1, keepdim=True)
    return (
        to_one
        + h.norm(dim=2, keepdim=True)
        + torch.linalg.norm(h, dim=2, keepdim=True)
        - of_channels
    )


def lengths_in_steps():
    def steps(h, square, root, inverse, product):
        channels, positions = (root(square(h).sum(dim, keepdim=True)) for dim in (1, 2))
        to_one = product(h, inverse(channels)) + product(h, inverse(positions))
        return to_one + 2 * positions - channels

    functions = {"square": torch.square, "root": torch.sqrt, "inverse": torch.reciprocal}
    modules = {name: Unary(function) for name, function in functions.items()}
    return Steps(steps, **modules, product=product_of_two())


def product_of_two():
    """As a module, which tangermeme has a rule for."""
    return pytest.importorskip("tangermeme.deep_lift_shap").BilinearOp("...,...->...")


# What is tested, and the same in steps that tangermeme has rules for.
MIDDLES = {
    "instance norm": (
        lambda: nn.Sequential(with_scales(nn.InstanceNorm1d(8, affine=True)), nn.ReLU()),
        lambda: nn.Sequential(plain_norm(LENGTH), Steps(by_channel), nn.ReLU()),
    ),
    "its running statistics": (
        lambda: nn.Sequential(nn.InstanceNorm1d(8, track_running_stats=True), nn.ReLU()),
        lambda: nn.Sequential(nn.BatchNorm1d(8, affine=False), nn.ReLU()),
    ),
    "group norm": (
        lambda: nn.Sequential(nn.GroupNorm(2, 8), nn.ReLU()),
        lambda: nn.Sequential(
            nn.Unflatten(1, (2, 4)), plain_norm(4, LENGTH), nn.Flatten(1, 2), nn.ReLU()
        ),
    ),
    "root mean square norm": (lambda: nn.Sequential(with_scales(nn.RMSNorm(LENGTH)), nn.ReLU()),)
    * 2,
    "gated linear unit": (
        lambda: Steps(lambda h: nn.functional.glu(h, dim=1).repeat(1, 2, 1)),
        lambda: nn.Sequential(nn.GLU(dim=1), Steps(lambda h: h.repeat(1, 2, 1))),
    ),
    "deviation": (lambda: Steps(spread), spread_in_steps),
    "deviation of zeros": (
        lambda: Steps(lambda h: spread(torch.relu(h - 0.4))),
        lambda: nn.Sequential(Steps(lambda h: h - 0.4), nn.ReLU(), spread_in_steps()),
    ),
    "lengths": (lambda: Steps(lengths), lengths_in_steps),
    "log softmax, log sum exp of two": (lambda: Steps(logs), logs_in_steps),
    "softmax of two": (
        lambda: Steps(lambda h: torch.cat(pairs(h).softmax(-1).unbind(-1), dim=1)),
        lambda: Steps(
            lambda h, first, second: torch.cat([first(minus(h)), second(-minus(h))], dim=1),
            first=nn.Sigmoid(),
            second=nn.Sigmoid(),
        ),
    ),
    "prelu": (lambda: nn.PReLU(8),) * 2,
    "log sigmoid": (lambda: Steps(nn.functional.logsigmoid), nn.LogSigmoid),
    "snake": (
        lambda: Steps(lambda h: h + torch.sin(h) ** 2),
        lambda: Steps(
            lambda h, sine, square: h + square(sine(h)),
            sine=Unary(torch.sin),
            square=Unary(torch.square),
        ),
    ),
    "exponents": (
        lambda: Steps(lambda h: torch.exp2(h) + torch.expm1(h).cos()),
        lambda: Steps(
            lambda h, first, second, third: first(h) + third(second(h)),
            first=Unary(lambda h: 2**h),
            second=Unary(lambda h: torch.exp(h) - 1),
            third=Unary(torch.cos),
        ),
    ),
    "logarithms": (
        lambda: Steps(lambda h: torch.log2(torch.sigmoid(h)) + torch.log10(torch.sigmoid(-h))),
        lambda: Steps(
            lambda h, up, down, first, second: first(up(h)) + second(down(-h)),
            up=nn.Sigmoid(),
            down=nn.Sigmoid(),
            first=Unary(lambda h: torch.log(h) / np.log(2)),
            second=Unary(lambda h: torch.log(h) / np.log(10)),
        ),
    ),
    "cumulative sum": (
        lambda: Steps(lambda h: torch.relu(h).cumsum(-1)),
        lambda: nn.Sequential(nn.ReLU(), Steps(lambda h: h.cumsum(-1))),
    ),
    "triangles": (
        lambda: Steps(lambda h: torch.relu(h).tril() - torch.relu(h).triu(3)),
        lambda: nn.Sequential(nn.ReLU(), Steps(lambda h: h.tril() - h.triu(3))),
    ),
    "upsampling": (
        lambda: Steps(lambda h: nn.functional.interpolate(torch.relu(h), scale_factor=2)),
        lambda: nn.Sequential(nn.ReLU(), nn.Upsample(scale_factor=2)),
    ),
    "filter of frequencies": (
        lambda: Steps(lambda h: torch.relu(torch.fft.irfft(torch.fft.rfft(h)))),
        nn.ReLU,
    ),
}


def by_tangermeme(network, letters, references):
    """Hypothetical contributions (n, L, A), each sequence against the same references (R, L, A)."""
    theirs = pytest.importorskip("tangermeme.deep_lift_shap")
    rows, turned = (torch.tensor(x).double().movedim(1, 2) for x in (one_hot(letters), references))
    found = theirs.deep_lift_shap(
        network.eval(),
        rows,
        references=turned.expand(len(letters), *turned.shape),
        device="cpu",
        hypothetical=True,
        warning_threshold=1e9,
        additional_nonlinear_ops={Unary: theirs._nonlinear},
    )
    return found.movedim(1, 2).numpy()


@pytest.mark.parametrize("kind", MIDDLES)
def test_contributions_add_up_and_are_tangermemes(kind):
    ours, theirs = (Trunk(make()).double() for make in MIDDLES[kind])
    references = one_hot(random_letters(2, LENGTH, seed=7))
    library, maps = maps_of(ours, "deepshap", references, baseline="given")
    wanted = by_tangermeme(theirs, library.sequences, references)
    scale = np.abs(wanted).max()
    assert scale > 1e-3
    np.testing.assert_allclose(maps.maps, wanted, atol=1e-6 * scale)
    assert maps.completeness_error.max() < 1e-5 * np.abs(wanted).sum(axis=(1, 2)).min()


def test_contributions_of_a_module_with_hooks_add_up():
    _, maps = maps_of(hooked(), "deepshap", n_backgrounds=3)
    assert np.abs(maps.maps).max() > 1e-3
    assert maps.completeness_error.max() < 1e-5 * np.abs(maps.maps).sum(axis=(1, 2)).min()


def maps_of_many(head):
    """Of a number that `head` makes of 160, of which some are far apart."""
    torch.manual_seed(3)
    body = nn.Sequential(nn.Flatten(), nn.Linear(160, 160))
    return maps_of(nn.Sequential(body, Steps(lambda h: head(40 * h))), "deepshap", n_backgrounds=2)[
        1
    ].maps


def test_logarithms_of_many_are_those_of_softmax_in_any_order():
    wanted = maps_of_many(lambda h: h.softmax(1)[:, :1])
    found = maps_of_many(lambda h: h.log_softmax(1)[:, :1].exp())
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())
    total, turned = (
        maps_of_many(lambda h: torch.logsumexp(turn(h), 1, keepdim=True))  # noqa: B023
        for turn in (torch.clone, lambda h: h.flip(1))
    )
    np.testing.assert_allclose(total, turned, atol=1e-5 * np.abs(total).max())
    logit = maps_of_many(lambda h: h[:, :1])
    log = maps_of_many(lambda h: h.log_softmax(1)[:, :1])
    np.testing.assert_allclose(log, logit - total, atol=1e-5 * np.abs(total).max())


@pytest.mark.parametrize("steepness", [10.0, 60.0])
def test_softmax_of_six_is_nearer_to_integrated_gradients_than_tangermemes(steepness):
    torch.manual_seed(0)
    layer = nn.Linear(4 * LENGTH, 6).double()
    layer.weight.data *= steepness
    network = nn.Sequential(nn.Flatten(), layer, nn.Softmax(dim=1), Steps(lambda h: h[:, :1]))
    references = one_hot(random_letters(2, LENGTH, seed=7))
    library, maps = maps_of(network, "deepshap", references, baseline="given")
    assert maps.completeness_error.max() < 1e-6
    theirs = by_tangermeme(network, library.sequences, references)
    x = library.encode(0, len(library))
    along = np.zeros(x.shape[:2])
    for reference in references:
        for share in (np.arange(400) + 0.5) / 400:
            at = torch.tensor(reference + share * (x - reference)).movedim(1, 2).double()
            network(at.requires_grad_()).sum().backward()
            slopes = at.grad.movedim(1, 2).numpy()
            along += (slopes * (x - reference)).sum(axis=2) / 400 / len(references)
    ours, tangermemes = (
        np.abs((hypothetical * x).sum(axis=2) - along).max() for hypothetical in (maps.maps, theirs)
    )
    assert ours < 0.07
    assert ours < tangermemes


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
