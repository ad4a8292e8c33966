"""Mutants of PyTorch modules from what changes: nothing is missed, whatever the module is."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer, trials
from seam_core.attributer.ism import WholeMutants, mutant_predictor
from seam_core.frameworks import reach
from seam_core.frameworks.torch import local_rules, mutants
from seam_core.frameworks.torch.mutants import LocalMutants, local_mutants
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles import Adapter
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.validate import OracleError
from tests.core.networks import random_letters

nn = torch.nn
functional = nn.functional
ONE_HOT = np.eye(4, dtype=np.float32)
FIRST = Adapter(layout="channels_first")


class Net(nn.Module):
    """Layers by name, and what is made of them of (n, 4, L)."""

    def __init__(self, run, **layers):
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.run = run
        self.last = nn.LazyLinear(1)

    def forward(self, x):
        return self.last(self.run(self, x).flatten(1))


def conv(inputs, outputs, size, **options):
    return nn.Conv1d(inputs, outputs, size, **options)


def residual(net, x):
    a = functional.gelu(net.a(x))
    a = a + net.norm(functional.relu(net.b(a), inplace=True))
    a += net.c(a) * 0.5
    return torch.cat([a, net.d(x)], dim=1).mean(dim=2)


def gated(net, x):
    left, right = net.a(x).chunk(2, dim=1)
    return functional.max_pool1d(functional.glu(net.b(torch.sigmoid(left) * right), dim=1), 3)


def last_axis(net, x):
    """Channels last inside: dense layers and layer normalisation by position."""
    x = net.a(x).transpose(1, 2)
    x = net.norm(net.dense(x).tanh_()) @ net.turn.weight
    return x.permute(0, 2, 1).amax(dim=-1)


def attention(net, x):
    x = functional.max_pool1d(net.b(net.a(x)).relu(), 5).transpose(1, 2)
    return net.attention(x, x, x)[0].mean(dim=1)


def squeezed(net, x):
    """Squeeze and excitation: what comes after is not local."""
    x = net.b(net.a(x))
    return net.c(x * torch.sigmoid(x.mean(dim=2, keepdim=True)))


def cut(net, x):
    x = net.a(functional.pad(x, (3, 1)))[:, :, 2:-3]
    start = (x.shape[2] - 20) // 2
    return net.b(x)[..., start : start + 20]


torch.manual_seed(1)  # attention has no way to be made again with the seed of a test
LOCAL = {
    "valid": (lambda net, x: functional.max_pool1d(net.a(x), 3), {"a": conv(4, 6, 4)}),
    "strides": (
        lambda net, x: functional.max_pool1d(net.a(x), 3, 2, padding=1, ceil_mode=True),
        {"a": conv(4, 6, 7, stride=2, padding=3)},
    ),
    "average": (
        lambda net, x: functional.avg_pool1d(net.a(x), 4, 2, padding=2),
        {"a": conv(4, 6, 6, padding="same", dilation=2)},
    ),
    "groups": (lambda net, x: net.b(net.a(x)), {"a": conv(4, 8, 5), "b": conv(8, 8, 3, groups=4)}),
    "residual": (
        residual,
        {
            "a": conv(4, 6, 5, padding=2),
            "b": conv(6, 6, 3, padding=2, dilation=2),
            "c": conv(6, 6, 3, padding="same", groups=6),
            "d": conv(4, 2, 1),
            "norm": nn.BatchNorm1d(6),
        },
    ),
    "gated": (gated, {"a": conv(4, 8, 5), "b": conv(4, 6, 3, stride=2)}),
    "last axis": (
        last_axis,
        {
            "a": conv(4, 6, 5),
            "dense": nn.Linear(6, 8),
            "norm": nn.LayerNorm(8),
            "turn": nn.Linear(3, 8, bias=False),
        },
    ),
    "attention": (
        attention,
        {
            "a": conv(4, 12, 9),
            "b": conv(12, 8, 5),
            "attention": nn.MultiheadAttention(8, 2, batch_first=True),
        },
    ),
    "squeezed": (
        squeezed,
        {"a": conv(4, 16, 9), "b": conv(16, 16, 3), "c": conv(16, 2, 1)},
    ),
    "cut": (cut, {"a": conv(4, 6, 5), "b": nn.Sequential(conv(6, 6, 3), nn.PReLU(6), nn.SiLU())}),
    "recurrent end": (
        lambda net, x: net.lstm(functional.avg_pool1d(net.a(x), 6).transpose(1, 2))[0][:, -1],
        {"a": conv(4, 12, 9), "lstm": nn.LSTM(12, 3, batch_first=True)},
    ),
    "largest": (
        lambda net, x: torch.cat([net.a(x).max(dim=2)[0], net.pool(net.a(x)).flatten(1)], 1),
        {"a": conv(4, 6, 5), "pool": nn.AdaptiveMaxPool1d(1)},
    ),
}


def oracle_of(run, layers, length=60):
    torch.manual_seed(3)
    for layer in layers.values():
        for module in layer.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
            if isinstance(module, nn.BatchNorm1d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
                nn.init.normal_(module.bias)
    net = Net(run, **layers).eval()
    with torch.no_grad():
        net(torch.zeros(2, 4, length))
    return TorchOracle(net, adapter=FIRST, length=length)


def compared(oracle, length=60):
    """Every position once: predicted locally and whole."""
    predictor = local_mutants(oracle, length, ONE_HOT)
    assert predictor is not None
    whole, every = WholeMutants(oracle, length, ONE_HOT), np.ones(3, dtype=bool)
    sequences = random_letters(3, length)
    np.testing.assert_allclose(
        predictor.start(sequences, every), whole.start(sequences, every), atol=1e-5
    )
    rows, positions = (axis.ravel() for axis in np.indices((3, length)))
    letters = (sequences[rows, positions] + 1 + positions % 3) % 4
    asked = rows, positions, letters, lambda share: None
    return predictor.mutants(*asked), whole.mutants(*asked)


@pytest.fixture(params=[0.0, float("inf")], ids=["apart", "together"])
def ways(request, monkeypatch):
    """Mutants of neighbouring positions made each for itself, and those of several together."""
    monkeypatch.setattr(mutants, "PAYS", request.param)


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize("length", [60, 63])
@pytest.mark.parametrize("name", LOCAL)
def test_only_what_changes_is_computed_and_nothing_is_missed(name, length):
    local, whole = compared(oracle_of(*LOCAL[name], length), length)
    assert np.ptp(whole) > 1e-2
    np.testing.assert_allclose(local, whole, atol=2e-5)


class Profile(nn.Module):
    """Dilated residual tower with profile and counts, given control tracks."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(4)
        self.start = conv(4, 8, 9, padding=4)
        self.tower = nn.ModuleList(conv(8, 8, 3, padding=2**i, dilation=2**i) for i in range(3))
        self.profile = conv(9, 2, 15, padding=7)
        self.counts = nn.Linear(9, 1)

    def forward(self, sequence, control=None):
        x = torch.relu(self.start(sequence))
        for layer in self.tower:
            x = x + torch.relu(layer(x))
        x = torch.cat([x, sequence.new_zeros(len(x), 1, 90) if control is None else control], 1)
        middle = x[:, :, 5 : x.shape[2] - 5]
        return {"profile": self.profile(middle), "counts": self.counts(middle.mean(dim=2))}


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize(
    "head", [{"head": "counts"}, {"head": "profile", "reduction": "bpnet_profile", "column": -1}]
)
def test_profiles_and_counts_with_another_input(head, control):
    rng = np.random.default_rng(0)
    others = {"control": rng.normal(size=(1, 90)).astype(np.float32)} if control else {}
    adapter = Adapter(layout="channels_first", others=others)
    oracle = TorchOracle(Profile(), adapter=adapter, length=90, **head)
    local, whole = compared(oracle, 90)
    assert np.ptp(whole) > 1e-3
    np.testing.assert_allclose(local, whole, atol=1e-5)


@pytest.mark.parametrize("width", [1, 4])
def test_what_nobody_reads_is_not_made(width, monkeypatch):
    """The mean of the positions 5 to 84: of a mutant at the first letters little is computed."""
    monkeypatch.setattr(mutants, "PAYS", float("inf"))
    monkeypatch.setattr(reach, "WORTH_FOR_BLOCKS", 0.9)
    monkeypatch.setattr(reach, "LEAST_FOR_BLOCKS", 0)
    layers = {"a": conv(4, 8, 9, padding=4), "b": conv(8, 8, 3, padding=4, dilation=4)}
    oracle = oracle_of(lambda net, x: net.b(net.a(x).relu())[:, :, 5:85].mean(2), layers, 90)
    predictor = local_mutants(oracle, 90, ONE_HOT, width)
    sequences = random_letters(2, 90)
    predictor.start(sequences, np.ones(2, dtype=bool))
    made = []
    convolved, add = local_rules.convolved, local_rules.add_convolved

    def counted(*given):
        output = convolved(*given)
        made.append(output.shape[1])
        return output

    def added(outputs, *given):
        made.append(outputs.shape[1])
        add(outputs, *given)

    monkeypatch.setattr(local_rules, "convolved", counted)
    monkeypatch.setattr(local_rules, "add_convolved", added)
    for first in (0, 40):
        made.clear()
        letters = (sequences[:1, first : first + width] + 1) % 4
        put = np.zeros(1, int), np.array([first]), letters, lambda share: None
        mutant = sequences[:1].copy()
        mutant[:, first : first + width] = letters
        np.testing.assert_allclose(
            predictor.mutants(*put), oracle.predict(ONE_HOT[mutant]), atol=1e-5
        )
        # 4, then 4 more to either side; in front of the first there is nothing, the first 5 are
        # not read, nor is the first that none of the others is made of
        assert made == ([8 + width, 16 + width] if first else [3 + width, 3 + width])


def test_another_head_is_not_computed(monkeypatch):
    """Of the profile, which is not explained, nothing is made for the mutants."""
    oracle = TorchOracle(Profile(), adapter=FIRST, length=90, head="counts")
    predictor = local_mutants(oracle, 90, ONE_HOT)
    sizes = []
    ours = local_rules.convolved

    def counted(patch, weight, *rest):
        sizes.append(weight.shape[2])
        return ours(patch, weight, *rest)

    monkeypatch.setattr(local_rules, "convolved", counted)
    predictor.start(random_letters(1, 90), np.ones(1, dtype=bool))
    places = np.arange(3)
    predictor.mutants(np.zeros(3, int), places, np.ones(3, int), lambda share: None)
    assert sorted(sizes) == [3, 3, 3, 9]  # not 15, the profile's


@pytest.mark.parametrize(("seconds", "whole"), [([1.0, 72.0], True), ([1.0, 69.0], False)])
def test_the_quicker_way_is_taken_and_maps_are_the_same(seconds, whole, monkeypatch):
    """`seconds`: for 8 whole mutants, then for 512 from what changes; a tenth more is alike."""
    oracle = oracle_of(*LOCAL["residual"])
    library = Library(random_letters(60, 60))
    seconds = list(seconds)
    monkeypatch.setattr(trials, "seconds", lambda action: (action(), seconds.pop(0))[1])
    parameters = AttributerParameters(method="ism")
    measured = Attributer(oracle, parameters).run(library)[0]
    assert seconds == []
    assert measured.ran["whole_mutants"] is whole
    given = Attributer(oracle, parameters.replace(batch_size=30)).run(library)[0]
    assert given.ran["whole_mutants"] is False
    np.testing.assert_allclose(measured.maps, given.maps, atol=2e-5)


class Positions(nn.Module):
    """Keeps an encoding of the positions, made in its first call."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.conv = conv(4, 6, 5)
        self.out = nn.Linear(6, 1)
        self.cached = None

    def forward(self, x):
        x = self.conv(x)
        if self.cached is None:
            self.cached = torch.linspace(-1, 1, x.shape[2]).expand(1, 6, -1)
        return self.out((torch.relu(x) * self.cached).mean(dim=2))


def test_what_a_module_keeps_can_be_differentiated_later():
    oracle = TorchOracle(Positions(), adapter=FIRST, length=60)
    local, whole = compared(oracle)
    np.testing.assert_allclose(local, whole, atol=1e-5)
    assert np.abs(oracle.gradient(ONE_HOT[random_letters(2, 60)])[1]).max() > 0


def test_double_precision_stays_double():
    oracle = oracle_of(*LOCAL["residual"])
    oracle = TorchOracle(copy.deepcopy(oracle.module).double(), adapter=FIRST, length=60)
    local, whole = compared(oracle)
    np.testing.assert_allclose(local, whole, atol=1e-6)


def test_the_same_maps_whatever_the_batch_and_in_a_context():
    oracle = oracle_of(*LOCAL["residual"])
    library = Library(random_letters(5, 60))

    def maps(library, **options):
        parameters = AttributerParameters(method="ism", **options)
        return Attributer(oracle, parameters).run(library)[0].maps

    whole = maps(library, batch_size=5)
    np.testing.assert_allclose(maps(library, batch_size=2), whole, atol=1e-5)
    context = "".join("ACGT"[i] for i in library.sequences[0])
    part = Library(library.sequences[:1, 20:33])
    inside = maps(part, context=context, context_start=20)
    np.testing.assert_allclose(inside, whole[:1, 20:33], atol=1e-5)


def test_exported_programs_are_local_too():
    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.layers = nn.Sequential(
                conv(4, 6, 5), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten()
            )
            self.layers[1].running_mean.fill_(0.3)
            self.out = nn.Linear(6 * 18, 1)

        def forward(self, x):
            return self.out(self.layers(x))

    n = torch.export.Dim("n", min=1, max=4096)
    program = torch.export.export(
        Small().eval(), (torch.zeros(8, 4, 60),), dynamic_shapes={"x": {0: n}}
    )
    local, whole = compared(TorchOracle(program.module(), adapter=FIRST, length=60))
    np.testing.assert_allclose(local, whole, atol=1e-5)


def depends_on_numbers(net, x):
    x = net.a(x)
    return functional.max_pool1d(x if x.sum() > 0 else -x, 2)


def changed_in_place(net, x):
    x = net.a(x)
    x[:, :, :5] = 0
    return x


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(depends_on_numbers, id="control flow"),
        pytest.param(changed_in_place, id="changed in place"),
        pytest.param(lambda net, x: torch.fft.rfft(x).abs(), id="all positions at once"),
        pytest.param(lambda net, x: net.a(x.flip(2)), id="turned round"),
    ],
)
def test_other_modules_are_predicted_whole(run):
    oracle = oracle_of(run, {"a": conv(4, 6, 5)})
    assert local_mutants(oracle, 60, ONE_HOT) is None
    assert isinstance(mutant_predictor(oracle, 60, ONE_HOT), WholeMutants)


def test_scripted_modules_are_predicted_whole():
    scripted = torch.jit.trace(oracle_of(*LOCAL["valid"]).module, torch.zeros(2, 4, 60))
    oracle = TorchOracle(scripted, adapter=FIRST, length=60)
    assert isinstance(mutant_predictor(oracle, 60, ONE_HOT), WholeMutants)


def test_a_module_that_changes_between_calls_is_named():
    oracle = oracle_of(*LOCAL["valid"])
    predictor = mutant_predictor(oracle, 60, ONE_HOT)
    assert isinstance(predictor, LocalMutants)
    oracle.module.run = lambda net, x: torch.relu(functional.max_pool1d(net.a(x), 3))
    with pytest.raises(OracleError, match="differs from call to call"):
        predictor.start(random_letters(1, 60), np.ones(1, dtype=bool))
