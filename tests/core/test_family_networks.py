"""Published networks from their weights alone: made again, and asked as their families say."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.interpolate import splev
from torch import nn

from seam_core.attributer import Attributer
from seam_core.cli.main import main
from seam_core.families import Family, networks
from seam_core.frameworks import load_oracle
from seam_core.frameworks.signature import family_of
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles.adapters import Adapter
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.registry import FAMILIES
from seam_core.sequences import one_hot
from seam_core.trust import TrustError


def letters(length: int, n: int = 2) -> np.ndarray:
    return one_hot(np.random.default_rng(0).integers(0, 4, (n, length), dtype=np.int8), 4)


def first_question(path: Path, family: Family, **chosen: str) -> OracleParameters:
    return family.questions[0].applied(OracleParameters(model=str(path), **chosen))


def conv(after: int, before: int, *size: int) -> dict[str, tuple[int, ...]]:
    return {"weight": (after, before, *size), "bias": (after,)}


def norm(size: int) -> dict[str, tuple[int, ...]]:
    kept = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (size,))
    return {**kept, "num_batches_tracked": ()}


def under(**parts: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Shapes by the names of parts and of their weights."""
    return {f"{part}.{n}": shape for part, inner in parts.items() for n, shape in inner.items()}


def basset() -> dict[str, tuple[int, ...]]:
    shapes = {"0": conv(300, 4, 19, 1), "1": norm(300), "4": conv(4, 300, 11, 1), "5": norm(4)}
    shapes |= {"8": conv(4, 4, 7, 1), "9": norm(4), "13.1": conv(5, 40), "14": norm(5)}
    shapes |= {"17.1": conv(5, 5), "18": norm(5), "21.1": conv(3, 5)}
    return under(**shapes)


def beluga() -> dict[str, tuple[int, ...]]:
    inner = {"0": conv(320, 4, 1, 8), "2": conv(4, 320, 1, 8), "6": conv(4, 4, 1, 8)}
    inner |= {number: conv(4, 4, 1, 8) for number in ("8", "12", "14")}
    convolutions = {f"model.0.{number}": shapes for number, shapes in inner.items()}
    return under(**convolutions, **{"model.1.2.1": conv(6, 424), "model.1.4.1": conv(3, 6)})


def sei() -> dict[str, tuple[int, ...]]:
    parts = {"lconv1.0": conv(480, 4, 9), "lconv1.1": conv(4, 480, 9)}
    parts |= {f"conv1.{n}": conv(4, 4, 9) for n in (0, 2)}
    parts |= {f"lconv{k}.{n}": conv(4, 4, 9) for k in (2, 3) for n in (2, 3)}
    parts |= {f"conv{k}.{n}": conv(4, 4, 9) for k in (2, 3) for n in (1, 3)}
    parts |= {f"dconv{n}.1": conv(4, 4, 5) for n in range(1, 6)}
    parts |= {"classifier.0": conv(3, 64), "classifier.2": conv(3, 3)}
    return under(**{f"module.model.{name}": shapes for name, shapes in parts.items()})


def pangolin() -> dict[str, tuple[int, ...]]:
    parts = {"conv1": conv(3, 4, 1), "skip": conv(3, 3, 1)}
    for block, size in enumerate([11] * 8 + [21] * 4 + [41] * 4):
        for n in (1, 2):
            parts[f"resblocks.{block}.bn{n}"] = norm(3)
            parts[f"resblocks.{block}.conv{n}"] = conv(3, 3, size)
    parts |= {f"convs.{n}": conv(3, 3, 1) for n in range(4)}
    parts |= {f"conv_last{n}": conv(1 + n % 2, 3, 1) for n in range(1, 9)}
    return under(**parts)


def puffin() -> dict[str, tuple[int, ...]]:
    parts = {"conv": conv(10, 4, 51), "conv_inr": conv(10, 4, 15), "conv_sim": conv(32, 4, 3)}
    parts |= {"deconv": conv(10, 20, 601), "deconv_sim": conv(10, 64, 601)}
    parts["deconv_inr"] = {"weight": (20, 10, 15), "bias": (10,)}
    return {**under(**parts), "scaler": (1,), "scaler2": (1,)}


def malinois() -> dict[str, tuple[int, ...]]:
    sizes = {"conv1": (5, 4, 19), "conv2": (4, 5, 11), "conv3": (4, 4, 7)}
    parts = {f"{name}.conv": conv(*size) for name, size in sizes.items()}
    parts |= {"linear1.linear": conv(6, 52), "linear2.linear": conv(6, 6)}
    parts |= {f"{name}.bn_layer": norm(size[0]) for name, size in sizes.items()}
    parts |= {f"linear{n}.bn_layer": norm(6) for n in (1, 2)}
    grouped = {"branched.branched_layer_1": (3, 6, 4), "branched.branched_layer_2": (3, 4, 4)}
    for name, (n, before, after) in {**grouped, "output": (3, 4, 1)}.items():
        parts[name] = {"weight": (n, before, after), "bias": (n, 1, after)}
    return under(**parts)


def state_of(shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    state = {
        name: torch.randn(shape) * np.prod(shape[1:]) ** -0.5
        if shape[1:]
        else torch.rand(shape) * 0.1
        for name, shape in shapes.items()
    }
    for name, values in state.items():
        if name.endswith("running_var") or (values.ndim == 1 and name.endswith("weight")):
            values.add_(1)
    return {n: v if v.ndim else torch.tensor(1) for n, v in state.items()}


NETWORKS: dict[str, tuple[Callable[[], Any], int, tuple[int, ...]]] = {
    "basset": (basset, 600, (2, 3)),
    "beluga": (beluga, 2000, (2, 3)),
    "sei": (sei, 4096, (2, 3)),
    "pangolin": (pangolin, 10_030, (2, 12, 30)),
    "puffin": (puffin, 700, (2, 10, 700)),
    "malinois": (malinois, 600, (2, 3)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_alone_open_by_the_familys_first_question(tmp_path: Path, name: str) -> None:
    shapes, length, wanted = NETWORKS[name]
    path = tmp_path / "weights.pth"
    torch.save(state_of(shapes()), path)
    family = family_of(OracleParameters(model=str(path)))
    assert family is FAMILIES.get(name)
    asked = {"column": "2"} if len(wanted) == 2 else {"column": "2", "bins": "20"}
    oracle = load_oracle(first_question(path, family, **asked))
    predictions, gradients = oracle.gradient(letters(length))
    assert np.ptp(predictions) > 0
    assert gradients.any(axis=(1, 2)).all()
    assert oracle.heads == (("output", wanted[1:] if len(wanted) == 2 else wanted[:0:-1]),)


def test_a_check_of_the_file_alone_asks_about_the_familys_length(tmp_path, capsys) -> None:
    path = tmp_path / "weights.pth"
    torch.save(state_of(basset()), path)
    assert main(["check", "--model", str(path)]) == 0
    assert "600 positions x 4 letters" in capsys.readouterr().out


# -- what the formulas are, each beside another way to write it ------------------------------------


def built(name: str) -> Any:
    state = state_of(NETWORKS[name][0]())
    shapes = {n: tuple(each.shape) for n, each in state.items()}
    module = getattr(networks, f"build_{name}")(Path("weights.safetensors"), shapes)
    module.load_state_dict({n.removeprefix("module.model."): each for n, each in state.items()})
    return module.eval(), state


def one_strand(length: int) -> torch.Tensor:
    return torch.tensor(letters(length)).movedim(1, 2).contiguous()


def test_pangolins_site_and_no_site_are_certain_together() -> None:
    module, _ = built("pangolin")
    with torch.no_grad():
        found = module(one_strand(10_040))
        cut = module(one_strand(10_040)[:, :, 10:-10])
    for column in (0, 3, 6, 9):
        np.testing.assert_allclose(found[:, column : column + 2].sum(1), 1, atol=1e-6)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(cut, found[:, :, 10:-10], atol=1e-6)  # 5,000 letters each side


def test_puffins_tracks_turn_with_the_strand() -> None:
    module, state = built("puffin")
    x = one_strand(700)
    with torch.no_grad():
        whole = module(x)
        motifs = {n: state[f"deconv{n}.weight"] for n in ("", "_sim", "_inr")}
        for name, weights in motifs.items():  # effects that are the same on both strands
            axis = 0 if name == "_inr" else 1
            half = weights.shape[axis] // 2
            one, _ = weights.split(half, axis)
            other = one.flip((1, 2) if axis == 0 else (0, 2))
            getattr(module, f"deconv{name}").weight.copy_(torch.cat([one, other], axis))
            bias = getattr(module, f"deconv{name}").bias
            bias.copy_((bias + bias.flip(0)) / 2)
        found, turned = module(x), module(x.flip(1, 2))
    np.testing.assert_allclose(turned.flip(1, 2), found, rtol=1e-3, atol=1e-5)
    assert not np.allclose(whole, found)


def test_seis_splines_are_scipys() -> None:
    found = networks._spline_basis(256, 16)
    positions = np.arange(256)
    inner = np.percentile(positions, 100 * np.linspace(0, 1, 14)[1:-1])
    knots = np.sort(np.concatenate([[0, 255] * 4, inner]))
    wanted = [splev(positions, (knots, each, 3)) for each in np.eye(16)]
    np.testing.assert_allclose(found, np.transpose(wanted), atol=1e-12)


def test_malinois_branches_see_nothing_of_each_other() -> None:
    module, _ = built("malinois")
    x = one_strand(600)
    with torch.no_grad():
        before = module(x)
        module.branched.branched_layer_1.weight[1] = 0
        after = module(x)
    changed = (before != after).any(0).tolist()
    assert changed == [False, True, False]


@pytest.mark.parametrize("linears", [1, 2])
def test_malinois_is_explained_by_deepshap_whatever_its_linear_layers(linears: int) -> None:
    """Contributions add up to what the prediction differs by from that of the shuffles."""
    state = {n: v for n, v in state_of(malinois()).items() if f"linear{linears + 1}" not in n}
    shapes = {n: tuple(each.shape) for n, each in state.items()}
    module = networks.build_malinois(Path("weights.safetensors"), shapes)
    module.load_state_dict(state)
    oracle = TorchOracle(module.eval(), column="1", adapter=Adapter(layout="channels_first"))
    library = Library(np.random.default_rng(1).integers(0, 4, (2, 600), dtype=np.int8))
    maps, predictions = Attributer(oracle, AttributerParameters(method="deepshap")).run(library)
    assert np.abs(maps.maps).max() > 0
    assert maps.completeness_error is not None
    assert maps.completeness_error.max() < 1e-4 * np.abs(predictions).max()


def test_malinois_takes_the_activation_that_its_checkpoint_names(tmp_path: Path) -> None:
    path = tmp_path / "torch_checkpoint.pt"
    state = state_of(malinois())
    state["branched.branched_layer_1.bias"] += 50.0  # beyond what ReLU6 lets through
    answers = []
    for activation in ("ReLU", "ReLU6"):
        settings = argparse.Namespace(branched_activation=activation)
        torch.save({"model_hparams": settings, "model_state_dict": state}, path)
        oracle = load_oracle(OracleParameters(model=str(path), layout="channels_first"))
        answers.append(oracle.predict(letters(600)))
    assert not np.allclose(*answers)


def test_alphagenomes_port_answers_alike_however_often_it_is_asked(tmp_path: Path) -> None:
    port = pytest.importorskip("alphagenome_pytorch")
    torch.manual_seed(0)
    dims = (36, 40, 48, 56, 64, 68, 72)
    module = port.AlphaGenome(dims=dims, transformer_kwargs={"depth": 1})
    tracks = {f"num_tracks_{each}": 3 for each in ("1bp", "128bp", "contacts")}
    module.add_heads("human", **tracks, num_splicing_contexts=2, hidden_dim_splice_juncs=16)
    path = tmp_path / "model.pt"
    torch.save(module.state_dict(), path)
    family = family_of(OracleParameters(model=str(path)))
    assert family is FAMILIES.get("alphagenome")
    oracle = load_oracle(first_question(path, family, column="1"))
    first, again = (oracle.predict(letters(2048, 1)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


# -- what else files hold --------------------------------------------------------------------------


class Viewed(nn.Module):  # as the authors of Beluga flatten
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(4, 3, (1, 5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.convolution(x).view(len(x), -1)


def test_a_module_that_calls_view_is_given_what_lies_in_one_piece() -> None:
    asked = letters(30)
    oracle = TorchOracle(Viewed(), column="0", adapter=Adapter(layout="N41L"))
    module = oracle.module
    with torch.no_grad():
        wanted = module(torch.tensor(asked).movedim(1, 2).contiguous()[:, :, None])[:, 0]
    np.testing.assert_allclose(oracle.predict(asked), wanted, atol=1e-6)


def test_arrays_beside_weights_are_numbers_and_other_objects_are_not(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    state = state_of(basset())
    for kind in (np.float32, np.int64):
        scores = {"auroc": np.ones(3, kind), "best": kind(2), "options": argparse.Namespace(n=1)}
        torch.save({"state_dict": state, "performance": scores}, path)
        assert load_oracle(OracleParameters(model=str(path), layout="N4L1")) is not None
    torch.save({"state_dict": state, "where": Path("here")}, path)
    with pytest.raises(TrustError):
        load_oracle(OracleParameters(model=str(path), layout="N4L1"))


def test_weights_that_two_names_share_need_be_there_once(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from seam_core.frameworks.torch.weights import load_weights

    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Linear(3, 2)
            self.trunk = nn.Sequential(self.stem)

    path = tmp_path / "model.safetensors"
    stem = Shared().stem
    save_file({f"trunk.0.{n}": each for n, each in stem.state_dict().items()}, path)
    module = Shared()
    load_weights(module, path)
    np.testing.assert_allclose(module.stem.weight.detach(), stem.weight.detach())


def test_functions_that_keras_files_name_are_told_from_layers(tmp_path: Path) -> None:
    import keras

    from seam_core.validate import InputError

    @keras.saving.register_keras_serializable(package="lab")
    def bent(x: Any) -> Any:
        return x * keras.ops.sigmoid(x)

    inputs = keras.Input((500, 4), name="sequence")
    hidden = keras.layers.Dense(3, activation=bent, name="dense_out")(inputs)
    path = tmp_path / "model.keras"
    keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(hidden)).save(path)
    keras.saving.get_custom_objects().pop("lab>bent")
    family = family_of(OracleParameters(model=str(path)))
    assert family is FAMILIES.get("crested")
    with pytest.raises(InputError, match=r"lab>bent.*--import MODULE.*perhaps --import lab"):
        load_oracle(OracleParameters(model=str(path)))
