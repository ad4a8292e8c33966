"""PyTorch's files as laboratories save them: what they open as, and what the others are called."""

from __future__ import annotations

import argparse
import gzip
import json
import pickle
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from seam_core.attributer import Attributer
from seam_core.frameworks import load_oracle
from seam_core.frameworks.signature import family_of
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.inputs import parse_rules
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.trust import TrustError
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

LENGTH = 20
HERE = f"{__name__}:"


class Net(nn.Module):
    def __init__(self, width=4, bent="relu"):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv1d(4, width, 5)
        self.dense = nn.Linear(width, 2)
        self.bent = getattr(torch, bent)

    def forward(self, x):
        return self.dense(self.bent(self.conv(x)).mean(2))


class Sized(Net):
    def __init__(self, width, bent):
        super().__init__(width, bent)


class OfOne(Net):
    def __init__(self, config):
        super().__init__(config["width"], config.bent)


class OfAny(Net):
    def __init__(self, **options):
        super().__init__(**{n: v for n, v in options.items() if n != "lr"})


@pytest.fixture(scope="module")
def inputs():
    return one_hot(random_letters(3, LENGTH))


def answers(module, inputs):
    with torch.no_grad():
        return module(torch.tensor(inputs).movedim(1, 2))[:, 0].numpy()


def opened(inputs, model, **settings):
    parameters = OracleParameters(model=str(model), layout="channels_first", **settings)
    return load_oracle(parameters).predict(inputs)


def trained(**options):
    module = Net(**options)
    with torch.no_grad():
        module.dense.bias += 1
    return module


@pytest.mark.parametrize("key", ["network", "ema", "best_model_state_dict", "generator"])
def test_the_only_state_of_a_checkpoint_is_its_weights(tmp_path, inputs, key):
    module = trained()
    steps = torch.optim.Adam(module.parameters()).state_dict()
    held = {"epoch": 3, "optimizer": steps, key: module.state_dict(), "loss": torch.ones(())}
    torch.save(held, tmp_path / "net.pt")
    found = opened(inputs, f"{HERE}Net", weights=str(tmp_path / "net.pt"))
    np.testing.assert_allclose(found, answers(module, inputs), atol=1e-6)


@pytest.mark.parametrize("prefix", ["backbone.cnn.", "_orig_mod.module.", "ema_model."])
def test_a_module_is_found_in_the_weights_of_what_it_was_in(tmp_path, inputs, prefix):
    module = trained()
    state = {prefix + name: value for name, value in module.state_dict().items()}
    torch.save({"state_dict": {**state, "loss.scale": torch.ones(2)}}, tmp_path / "whole.ckpt")
    found = opened(inputs, f"{HERE}Net", weights=str(tmp_path / "whole.ckpt"))
    np.testing.assert_allclose(found, answers(module, inputs), atol=1e-6)


def test_of_two_such_modules_none_is_guessed_but_the_model_goes_before_its_average(
    tmp_path, inputs
):
    module = trained()
    for one, other in (("model.", "ema_model."), ("student.", "teacher.")):
        states = [(one, module.state_dict()), (other, Net().state_dict())]
        both = {prefix + name: value for prefix, state in states for name, value in state.items()}
        torch.save(both, tmp_path / f"{one}pt")
    found = opened(inputs, f"{HERE}Net", weights=str(tmp_path / "model.pt"))
    np.testing.assert_allclose(found, answers(module, inputs), atol=1e-6)
    with pytest.raises(InputError, match=r"several such modules, under student\. and teacher\."):
        opened(inputs, f"{HERE}Net", weights=str(tmp_path / "student.pt"))


@pytest.mark.parametrize(
    ("maker", "key"),
    [
        ("Net", "hyper_parameters"),  # it could be made without, of another activation
        ("OfAny", "hyper_parameters"),
        ("Sized", "hyper_parameters"),
        ("Sized", "model_args"),
        ("Sized", "args"),
        ("OfOne", "config"),
        ("OfOne", "hyper_parameters"),
    ],
)
def test_a_class_is_made_with_the_arguments_that_its_checkpoint_has(tmp_path, inputs, maker, key):
    options = {"width": 4, "bent": "tanh"}
    module = trained(**options)
    settings = {**options, "lr": 0.1}
    kept = argparse.Namespace(**settings) if key == "args" else settings
    torch.save({"state_dict": module.state_dict(), key: kept}, tmp_path / "net.ckpt")
    found = opened(inputs, f"{HERE}{maker}", weights=str(tmp_path / "net.ckpt"))
    np.testing.assert_allclose(found, answers(module, inputs), atol=1e-6)
    assert not np.allclose(found, answers(trained(), inputs))


def test_settings_of_training_are_no_arguments_of_a_class_that_needs_none(tmp_path, inputs):
    module = trained()
    held = {"state_dict": module.state_dict(), "args": argparse.Namespace(bent="tanh")}
    torch.save(held, tmp_path / "net.pt")
    found = opened(inputs, f"{HERE}Net", weights=str(tmp_path / "net.pt"))
    np.testing.assert_allclose(found, answers(module, inputs), atol=1e-6)
    torch.save(module.state_dict(), tmp_path / "bare.pt")
    with pytest.raises(InputError, match=r"missing 2 .* that its checkpoint has \(hyper_param"):
        opened(inputs, f"{HERE}Sized", weights=str(tmp_path / "bare.pt"))


@pytest.mark.parametrize("way", ["old", "pickle"])
@pytest.mark.parametrize("what", ["module", "weights"])
def test_pickles_of_other_makers_open_after_a_yes(tmp_path, inputs, way, what, recwarn):
    module, path = trained(), tmp_path / f"{way}.pkl"
    content = module if what == "module" else module.state_dict()
    if way == "old":
        torch.save(content, path, _use_new_zipfile_serialization=False)
    else:
        path.write_bytes(pickle.dumps(content))
    given = {"model": f"{HERE}Net", "weights": str(path)} if what == "weights" else {"model": path}
    parameters = OracleParameters(
        **{name: str(each) for name, each in given.items()}, layout="channels_first"
    )
    if (way, what) != ("old", "weights"):  # numbers only
        with pytest.raises(TrustError):
            load_oracle(parameters)
    found = load_oracle(parameters, trusted=True).predict(inputs)
    np.testing.assert_allclose(found, answers(module, inputs), atol=1e-6)
    assert not recwarn.list


def damaged(path, kind):
    """A file of the kind under PyTorch's suffix; what it is called."""
    whole = path.parent / "whole.pt"
    torch.save(Net().state_dict(), whole)
    data = {
        "an empty file": b"",
        "a packed file (gzip)": gzip.compress(whole.read_bytes()),
        "a damaged zip archive": whole.read_bytes()[:900],
        "a web page (HTML)": b"<!DOCTYPE html><html>404</html>",
        "a pointer of Git LFS, not the file itself": b"version https://git-lfs.github.com/spec/v1",
    }
    path.write_bytes(data[kind])


@pytest.mark.parametrize("field", ["model", "weights"])
@pytest.mark.parametrize(
    "kind",
    [
        "an empty file",
        "a packed file (gzip)",
        "a damaged zip archive",
        "a web page (HTML)",
        "a pointer of Git LFS, not the file itself",
    ],
)
def test_what_is_no_file_of_pytorch_is_named(tmp_path, inputs, field, kind):
    path = tmp_path / "net.pt"
    damaged(path, kind)
    given = {"model": f"{HERE}Net", field: str(path)}
    with pytest.raises(InputError) as error:
        opened(inputs, **given)
    assert f"{field}: got {kind}; expected" in str(error.value)


def test_arrays_of_numpy_and_folders_are_named(tmp_path, inputs):
    np.savez(tmp_path / "net.npz", **{n: v.numpy() for n, v in Net().state_dict().items()})
    with pytest.raises(InputError, match="weights: got an archive of NumPy arrays"):
        opened(inputs, f"{HERE}Net", weights=str(tmp_path / "net.npz"))
    folder = tmp_path / "hub"
    folder.mkdir()
    torch.save(Net().state_dict(), folder / "pytorch_model.bin")
    for given in ({"model": str(folder)}, {"model": f"{HERE}Net", "weights": str(folder)}):
        with pytest.raises(InputError, match=r"a folder; expected its file .*pytorch_model\.bin"):
            opened(inputs, **given)


# -- what modules take and give --------------------------------------------------------------------


class OfADistribution(Net):
    def forward(self, x):
        mean, spread = super().forward(x).T
        return torch.distributions.Normal(mean, spread.exp())


class OfAnObject(Net):
    def forward(self, x):
        return SimpleNamespace(loss=None, rna=super().forward(x), said="so", _own=x)


class Masked(Net):
    def forward(self, x, attention_mask=None):
        assert attention_mask.dtype == torch.int64
        return super().forward(x * attention_mask[:, None])


class WithN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(5, 1, LENGTH)

    def forward(self, x):
        return self.conv(x)[:, :, 0]


def oracle_of(module, rules="", **options):
    adapter = Adapter(layout="channels_first", others=parse_rules(rules))
    return TorchOracle(module.eval(), adapter=adapter, length=LENGTH, **options)


@pytest.mark.parametrize(
    ("kind", "heads", "head"),
    [(OfADistribution, ["loc", "scale"], "loc"), (OfAnObject, ["rna"], "0")],
)
def test_arrays_that_an_answer_has_as_attributes_are_heads(inputs, kind, heads, head):
    oracle = oracle_of(kind(), head=head)
    np.testing.assert_allclose(oracle.predict(inputs), answers(Net(), inputs), atol=1e-6)
    assert [name for name, _ in oracle.heads] == heads
    assert oracle.gradient(inputs)[1].any()


def test_a_mask_is_given_as_many_ones_as_there_are_letters(inputs):
    with pytest.raises(OracleError, match=r"--input attention_mask=1:20"):
        oracle_of(Masked()).predict(inputs)
    found = oracle_of(Masked(), rules="attention_mask=1:20").predict(inputs)
    np.testing.assert_allclose(found, answers(Net(), inputs), atol=1e-6)
    rules = parse_rules("a=-0.5:2x3; b=zeros:4")
    np.testing.assert_array_equal(rules["a"].values, np.full((2, 3), -0.5, dtype=np.float32))
    np.testing.assert_array_equal(rules["b"].values, np.zeros(4))


def test_a_fifth_channel_may_be_a_letter(inputs):
    with pytest.raises(OracleError, match=r"--channels FILE\.npy, or --alphabet ACGTN"):
        oracle_of(WithN()).predict(inputs)


def test_weights_in_several_files_are_read_by_their_list(tmp_path, inputs):
    pytest.importorskip("safetensors")
    from safetensors.torch import save_file

    state = Net(bent="tanh").state_dict()
    parts = {"part-1.safetensors": ["conv.weight"], "part-2.safetensors": [*state][1:]}
    for file, names in parts.items():
        save_file({name: state[name] * 2 for name in names}, tmp_path / file)
    index = tmp_path / "model.safetensors.index.json"
    by_name = {name: file for file, names in parts.items() for name in names}
    index.write_text(json.dumps({"metadata": {}, "weight_map": by_name}))
    given = OracleParameters(model=f"{HERE}Net", weights=str(index), layout="channels_first")
    doubled = Net()
    doubled.load_state_dict({name: value * 2 for name, value in state.items()})
    expected = doubled(torch.tensor(inputs).movedim(1, 2))[:, 0].detach().numpy()
    np.testing.assert_allclose(load_oracle(given).predict(inputs), expected, atol=1e-6)
    for broken, words in (
        (lambda: (tmp_path / "part-2.safetensors").unlink(), "no such file; expected all that"),
        (lambda: index.write_text("[1]"), "a list of files of weights by name"),
    ):
        broken()
        with pytest.raises(InputError, match=words):
            load_oracle(given)
    folder = given.replace(weights=str(tmp_path))
    with pytest.raises(InputError, match=rf"a folder; expected its list.*{index.name}"):
        load_oracle(folder)


def test_an_export_of_a_batch_is_told_its_layout(tmp_path, inputs):
    program = torch.export.export(Net().eval(), (torch.zeros(8, 4, LENGTH),))
    torch.export.save(program, tmp_path / "net.pt2")
    given = OracleParameters(model=str(tmp_path / "net.pt2"))
    with pytest.raises(OracleError, match=r"it runs with --layout channels_first$"):
        load_oracle(given, trusted=True).predict(inputs)
    found = load_oracle(given.replace(layout="channels_first"), trusted=True).predict(inputs)
    expected = Net()(torch.tensor(inputs).movedim(1, 2))[:, 0].detach().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_batch_of_one_that_was_squeezed_away_is_put_back(tmp_path, inputs):
    class Squeezed(Net):
        def forward(self, x):
            return super().forward(x).squeeze()

    program = torch.export.export(Squeezed().eval(), (torch.zeros(1, 4, LENGTH),))
    torch.export.save(program, tmp_path / "net.pt2")
    given = OracleParameters(model=str(tmp_path / "net.pt2"), layout="channels_first", column="1")
    expected = Net()(torch.tensor(inputs).movedim(1, 2))[:, 1].detach().numpy()
    found = load_oracle(given, trusted=True).predict(inputs)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_quantised_modules_are_predicted_and_have_no_gradient(inputs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch moves them to a package of their own
        module = torch.ao.quantization.quantize_dynamic(Net().eval(), {nn.Linear})
    oracle = TorchOracle(module, adapter=Adapter(layout="channels_first"), length=LENGTH)
    assert family_of(OracleParameters(), oracle=oracle) is None
    own = module(torch.tensor(inputs).movedim(1, 2))[:, 0].detach().numpy()
    np.testing.assert_allclose(oracle.predict(inputs), own, atol=1e-6)
    words = " ".join(check_oracle(oracle).problems)
    assert "gradient: zero everywhere; a layer passes none on" in words


class Steps(Net):
    def forward(self, x):
        return torch.sign(self.conv(x)).mean((1, 2))


class Same(Net):
    def forward(self, x):
        return torch.relu(x - 9).sum((1, 2))


def test_maps_that_are_nothing_are_refused_where_predictions_differ():
    library, parameters = Library(random_letters(6, LENGTH)), AttributerParameters()
    steps, same = (
        TorchOracle(kind(), adapter=Adapter(layout="channels_first")) for kind in (Steps, Same)
    )
    with pytest.raises(OracleError, match=r"maps are zero everywhere, though.*--method ism"):
        Attributer(steps, parameters).run(library)
    maps, _ = Attributer(same, parameters).run(library)
    assert not maps.maps.any()  # as the model is
