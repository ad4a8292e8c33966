"""Models as the field writes them, in PyTorch: shapes, heads, inputs, files, folds and strands."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seam_core import trust
from seam_core.attributer import Attributer
from seam_core.frameworks import load_oracle
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import Adapter, for_other_channels
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.inputs import parse_rules
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

LENGTH = 40
LAB = """
import torch
from torch import nn


class Lab(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 5)
        self.out = nn.Linear(6, 3)

    def features(self, x):
        return torch.relu(self.conv(x)).mean(-1)

    def forward(self, x):
        return self.out(self.features(x))
"""
exec(LAB)
Lab = globals()["Lab"]


class Squeezed(Lab):
    def forward(self, x):
        return super().forward(x)[:, :1].squeeze()


class WithTail(Lab):  # (n, tasks, 1)
    def forward(self, x):
        return super().forward(x).unsqueeze(-1)


class Nested(Lab):
    def forward(self, x):
        y = super().forward(x)
        return {"loss": y.sum(), "human": {"rna": y[:, :1], "atac": [y[:, 1:], None]}, "n": 3}


class Flat2D(Lab):  # (n, 4, 1, L)
    def forward(self, x):
        assert x.ndim == 4, "expected four axes"
        return super().forward(x.squeeze(2))


class Wide(Lab):  # a profile that was flattened
    def forward(self, x):
        return torch.relu(self.conv(x)).sum(1)


class CellType(Lab):
    def __init__(self):
        super().__init__()
        self.cell = nn.Embedding(5, 6)

    def forward(self, x, cell):
        return self.out(self.features(x) + self.cell(cell))


class Twin(Lab):
    def forward(self, x, x_rc):
        return self.out(self.features(x) + 2 * self.features(x_rc))


class Tokens(Lab):
    def forward(self, ids):
        return super().forward(torch.eye(4)[ids].movedim(1, 2))


class Fixed(Lab):
    def forward(self, x):
        return super().forward(x.view(1, 4, LENGTH))


def seeded(kind):
    torch.manual_seed(3)
    return kind().eval()


@pytest.fixture(scope="module")
def inputs():
    return one_hot(random_letters(5, LENGTH))


@pytest.fixture(scope="module")
def plain(inputs):
    """(n, 3) of the plain module."""
    with torch.no_grad():
        return seeded(Lab)(torch.tensor(inputs).movedim(1, 2)).numpy()


def oracle_of(kind, layout="channels_first", rules="", **options):
    adapter = Adapter(layout=layout, others=parse_rules(rules))
    return TorchOracle(seeded(kind), adapter=adapter, length=LENGTH, **options)


def autograd(function, inputs):
    tensor = torch.tensor(inputs).requires_grad_(True)
    function(tensor.movedim(1, 2)).sum().backward()
    return tensor.grad.numpy()


@pytest.mark.parametrize(
    ("kind", "options", "column"),
    [
        (Squeezed, {}, 0),
        (WithTail, {"column": "2"}, 2),
        (Nested, {"head": "human/rna"}, 0),
        (Nested, {"head": "human/atac/0", "column": "1"}, 2),
        (Flat2D, {"layout": "N41L", "column": 1}, 1),
        (Tokens, {"layout": "tokens", "column": 1}, 1),
        (Fixed, {"column": 1}, 1),
    ],
)
def test_the_number_is_the_modules_own(inputs, plain, kind, options, column):
    oracle = oracle_of(kind, **options)
    np.testing.assert_allclose(oracle.predict(inputs), plain[:, column], atol=1e-6)
    np.testing.assert_allclose(oracle.predict(inputs[:1]), plain[:1, column], atol=1e-6)
    assert check_oracle(oracle).ok


@pytest.mark.parametrize(("kind", "layout"), [(Flat2D, "N41L"), (WithTail, "channels_first")])
def test_saliency_is_autograds(inputs, kind, layout):
    oracle = oracle_of(kind, layout=layout, column=1)
    wanted = autograd(lambda x: seeded(Lab)(x)[:, 1], inputs)
    np.testing.assert_allclose(oracle.gradient(inputs)[1], wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "weights"),
    [
        ({"column": "0,2"}, [0.5, 0, 0.5]),
        ({"column": "0:3"}, [1 / 3, 1 / 3, 1 / 3]),
        ({"column": "0 - 2"}, [1, 0, -1]),
    ],
)
def test_columns_and_differences(inputs, plain, options, weights):
    oracle = oracle_of(Lab, **options)
    np.testing.assert_allclose(oracle.predict(inputs), plain @ weights, atol=1e-6)
    wanted = autograd(lambda x: seeded(Lab)(x) @ torch.tensor(weights, dtype=torch.float32), inputs)
    np.testing.assert_allclose(oracle.gradient(inputs)[1], wanted, atol=1e-6)


def test_a_difference_of_heads(inputs, plain):
    for options in (
        {"head": "human/rna - human/atac/0"},
        {"column": "human/rna - human/atac/0"},
    ):
        oracle = oracle_of(Nested, **options)
        np.testing.assert_allclose(oracle.predict(inputs), plain[:, 0] - plain[:, 1], atol=1e-6)
    with pytest.raises(InputError, match=r"head.*human/rna.*human/atac/0"):
        oracle_of(Nested, head="human/nothing").predict(inputs)


def test_a_wide_head_is_not_explained_at_column_0_unasked(inputs):
    with pytest.raises(InputError, match=r"nothing, for head output of 36 columns.*--reduction"):
        oracle_of(Wide).predict(inputs)
    profile = seeded(Wide)(torch.tensor(inputs).movedim(1, 2)).detach().numpy()
    np.testing.assert_allclose(oracle_of(Wide, column=7).predict(inputs), profile[:, 7], atol=1e-6)
    for reduction in ("sum", "mean"):
        oracle = oracle_of(Wide, reduction=reduction, bins="3:9,20:22")
        chosen = np.concatenate([profile[:, 3:9], profile[:, 20:22]], axis=1)
        wanted = getattr(chosen, reduction)(axis=1)
        np.testing.assert_allclose(oracle.predict(inputs), wanted, rtol=1e-5)
    np.testing.assert_allclose(oracle_of(Wide, bins="7").predict(inputs), profile[:, 7], atol=1e-6)
    with pytest.raises(InputError, match="sum or mean"):
        oracle_of(Wide, bins="3:9").predict(inputs)
    with pytest.raises(InputError, match=r"bins: got 30:40; expected within 0:36"):
        oracle_of(Wide, bins="30:40", reduction="sum").predict(inputs)


def test_whole_numbers_stay_whole(inputs):
    with pytest.raises(InputError, match=r"nothing for input cell; expected --input cell=RULE"):
        oracle_of(CellType)
    module = seeded(CellType)
    x = torch.tensor(inputs).movedim(1, 2)
    for cell in (0, 3):
        wanted = module(x, torch.full((5,), cell)).detach().numpy()[:, 0]
        found = oracle_of(CellType, rules=f"cell={cell}").predict(inputs)
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    with pytest.raises(InputError, match=r"input: got 'cel'; expected one of: 0 \(x\), 1 \(cell\)"):
        oracle_of(CellType, rules="cel=1; cell=2")


@pytest.mark.parametrize("method", ["saliency", "ism", "deepshap"])
def test_maps_flow_through_the_reverse_complement(inputs, method):
    """f(x, rc(x)): the gradient of the whole, and not of the first input alone."""

    class Whole(Lab):
        def forward(self, x):
            return self.out(self.features(x) + 2 * self.features(x.flip(1).flip(2)))

    twin = oracle_of(Twin, rules="x_rc=reverse_complement", column=1)
    library = Library(random_letters(3, LENGTH))
    parameters = AttributerParameters(method=method, n_backgrounds=3)
    found, predictions = Attributer(twin, parameters).run(library)
    wanted, same = Attributer(oracle_of(Whole, column=1), parameters).run(library)
    np.testing.assert_allclose(predictions, same, atol=1e-6)
    np.testing.assert_allclose(found.maps, wanted.maps, atol=1e-5)
    alone = oracle_of(Twin, rules=f"x_rc=zeros:4x{LENGTH}", column=1)
    assert np.abs(Attributer(alone, parameters).run(library)[0].maps - wanted.maps).max() > 1e-3


def test_the_layout_that_runs_is_named(inputs):
    with pytest.raises(OracleError, match=r"expected four axes.*runs with --layout N41L"):
        oracle_of(Flat2D).predict(inputs)


def test_an_error_inside_a_model_is_one_line_with_the_models_own(inputs):
    class Broken(Lab):
        def forward(self, x):
            return {}["gone"]

    message = r'raised KeyError: .gone. .*return \{\}\["gone"\]'
    with pytest.raises(OracleError, match=message) as error:
        oracle_of(Broken).predict(inputs)
    assert "\n" not in str(error.value)


class Controlled(Lab):  # as BPNet with control tracks, whose default is none of them
    def __init__(self):
        super().__init__()
        self.wide = nn.Conv1d(8, 1, 3)

    def forward(self, x, control=None):
        beside = [] if control is None else [control]
        return self.wide(torch.cat([self.conv(x), *beside], 1)).mean(-1)


class SixChannels(Lab):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(6, 6, 5)


def test_what_was_not_given_is_named(inputs):
    with pytest.raises(OracleError, match=r"left at its default: --input control=RULE"):
        oracle_of(Controlled).predict(inputs)
    given = oracle_of(Controlled, rules=f"control=zeros:2x{LENGTH - 4}")
    assert np.isfinite(given.predict(inputs)).all()
    with pytest.raises(OracleError, match=r"the other 2 channels: --channels"):
        oracle_of(SixChannels).predict(inputs)
    assert for_other_channels(20, 4).startswith("if it reads amino acids: --alphabet protein; else")
    assert "its 25 letters in their order" in for_other_channels(25, 4)
    with pytest.raises(OracleError, match=r"; --layout channels_first, and for the other 2 chan"):
        oracle_of(SixChannels, "channels_last").predict(inputs)


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        (Lab, {}, "output column 0 of 3 (none was chosen)"),
        (Lab, {"column": 2}, "output column 2"),
        (WithTail, {}, "output column 0 of 3 (none was chosen)"),
        (Squeezed, {}, "output"),
        (Wide, {"reduction": "sum"}, "output, sum"),
    ],
)
def test_the_column_taken_where_none_was_chosen_is_said(inputs, kind, options, said):
    oracle = oracle_of(kind, **options)
    oracle.predict(inputs)
    assert oracle.explained.said() == said


# -- files -----------------------------------------------------------------------------------------


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "lab.py").write_text(LAB)
    return tmp_path


def saved(state, path, kind):
    if kind == "safetensors":
        from safetensors.torch import save_file

        path = path.with_suffix(".safetensors")
        save_file(state, path)
    elif kind == "prefixed":
        wrapped = {f"_orig_mod.module.{name}": value for name, value in state.items()}
        torch.save({"model_state_dict": wrapped, "epoch": 3}, path)
    elif kind == "lightning":
        names = {f"model.{name}": value for name, value in state.items()}
        names["loss.weight"] = torch.ones(3)
        torch.save({"state_dict": names, "pytorch-lightning_version": "2.0"}, path)
    else:
        torch.save({kind: state}, path)
    return path


@pytest.mark.parametrize("kind", ["model", "prefixed", "lightning", "safetensors"])
def test_weights_as_programs_save_them(lab, inputs, plain, kind):
    path = saved(seeded(Lab).state_dict(), lab / "weights.ckpt", kind)
    given = OracleParameters(model="lab.py:Lab", weights=path.name, layout="channels_first")
    found = load_oracle(given, base=lab).predict(inputs)
    np.testing.assert_allclose(found, plain[:, 0], atol=1e-6)
    with pytest.raises(InputError, match=r"--model networks\.py:MyNet --weights"):
        load_oracle(OracleParameters(model=path.name), base=lab)


def test_torchscript_under_any_suffix_and_one_batch(lab, inputs, plain):
    script = torch.jit.trace(seeded(Fixed), torch.zeros(1, 4, LENGTH))
    script.save(str(lab / "model.jit"))
    given = OracleParameters(model="model.jit", layout="channels_first")
    oracle = load_oracle(given, base=lab)
    np.testing.assert_allclose(oracle.predict(inputs), plain[:, 0], atol=1e-6)
    assert oracle.gradient(inputs)[1].shape == inputs.shape


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_runs_nothing_before_a_yes(tmp_path):
    for name in ("evil.pt", "evil.pth", "evil.ckpt", "evil.bin", "evil"):
        path, trace = tmp_path / name, tmp_path / "was_here"
        torch.save({"model": Evil(trace)}, path)
        with pytest.raises(trust.TrustError, match="a pickled module, which runs code"):
            load_oracle(OracleParameters(model=str(path)))
        with pytest.raises(trust.TrustError):
            load_oracle(
                OracleParameters(model=f"{__name__}:Lab", weights=str(path), framework="torch")
            )
        assert not trace.exists()


def test_a_yes_holds_for_the_content_and_is_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv("SEAM_STATE", str(tmp_path / "state"))
    path = tmp_path / "a.pt"
    path.write_bytes(b"one")
    trust.approve(trust.subject_of_file(path))
    monkeypatch.setattr(trust, "_now", set())  # another process
    trust.require_for_file(path, "a pickle")
    path.write_bytes(b"two")
    with pytest.raises(trust.TrustError):
        trust.require_for_file(path, "a pickle")


# -- folds and strands -----------------------------------------------------------------------------


def test_an_ensemble_is_the_mean_of_its_folds(lab, inputs):
    wanted, gradients = [], []
    for fold in range(3):
        torch.manual_seed(fold)
        module = Lab().eval()
        (lab / f"fold_{fold}").mkdir()
        traced = torch.jit.trace(module, torch.zeros(2, 4, LENGTH))
        traced.save(str(lab / f"fold_{fold}" / "model.pt"))
        wanted.append(module(torch.tensor(inputs).movedim(1, 2)).detach().numpy()[:, 0])
        gradients.append(autograd(lambda x, module=module: module(x)[:, 0], inputs))
    named = "; ".join(f"fold_{fold}/model.pt" for fold in range(3))
    for model in ("fold_*/model.pt", named):
        given = OracleParameters(model=model, layout="channels_first")
        oracle = load_oracle(given, base=lab)
        assert isinstance(oracle, Ensemble)
        np.testing.assert_allclose(oracle.predict(inputs), np.mean(wanted, axis=0), atol=1e-6)
        np.testing.assert_allclose(oracle.predictions(inputs), wanted, atol=1e-6)
        found = oracle.capabilities.gradient(inputs)[1]
        np.testing.assert_allclose(found, np.mean(gradients, axis=0), atol=1e-6)
    with pytest.raises(InputError, match="a pattern of files that exist"):
        load_oracle(OracleParameters(model="fold_*/gone.pt"), base=lab)
