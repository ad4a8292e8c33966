"""Families of models: recognised from the file, asked as they say, built from weights alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.families import Family, Signature, recognised
from seam_core.frameworks import load_oracle
from seam_core.frameworks.signature import family_of, family_rows, signature_of
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.registry import FAMILIES
from seam_core.sequences import one_hot
from seam_core.validate import InputError


def of(model: Path | str, **others: str) -> OracleParameters:
    return OracleParameters(model=str(model), **others)


def name_of_family(model: Path | str) -> str:
    family = recognised(signature_of(of(model)))
    return "" if family is None else family.name


def letters(length: int, n: int = 2) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(0, 4, (n, length), dtype=np.int8)
    return one_hot(drawn, 4)


def test_every_family_says_how_it_is_asked_and_come_by() -> None:
    families = list(FAMILIES)
    assert len(families) == len(FAMILIES.names()) > 20
    for family in families:
        assert all((family.questions, family.get, family.model, family.takes))
        for question in family.questions:
            parameters = question.applied(OracleParameters(model="model"))
            assert parameters.model == "model"  # every setting is a parameter of the oracle
            assert not parameters.channels  # a file is the user's to name


def test_nothing_is_recognised_in_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.h5").write_bytes(b"no HDF5")
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 40)
    for name in ("model.h5", "model.safetensors", "absent.keras"):
        assert name_of_family(tmp_path / name) == ""
    ((what, said),) = family_rows(family_of(of(tmp_path / "absent.keras")))
    assert (what, said[:4]) == ("family", "none")


def test_a_network_of_another_kind_is_of_no_family(keras_file: Path) -> None:
    assert name_of_family(keras_file) == ""


@pytest.fixture
def keras_file(tmp_path: Path) -> Path:
    return _saved(tmp_path / "plain.keras", (60, 4))


def _saved(path: Path, shape: tuple[int, ...], output: str = "out", columns: int = 1) -> Path:
    import keras

    inputs = keras.Input(shape, name="sequence")
    convolved = keras.layers.Conv1D(4, 5, activation="relu")(inputs)
    pooled = keras.layers.GlobalAveragePooling1D()(convolved)
    keras.Model(inputs, keras.layers.Dense(columns, name=output)(pooled)).save(path)
    return path


@pytest.mark.parametrize(
    ("shape", "output", "name"),
    [((500, 4), "dense_out", "crested"), ((50, 4), "out", "optimus5p"), ((90, 6), "o", "saluki")],
)
def test_keras_files_are_told_by_their_layers(
    tmp_path: Path, shape: tuple[int, ...], output: str, name: str
) -> None:
    assert name_of_family(_saved(tmp_path / "model.keras", shape, output)) == name


def test_the_first_of_an_ensemble_tells_the_family(tmp_path: Path) -> None:
    for fold in (1, 2):
        _saved(tmp_path / f"fold{fold}.keras", (500, 4), "dense_out")
    assert name_of_family(tmp_path / "fold*.keras") == "crested"


def test_deepstarr_is_told_from_its_architecture(tmp_path: Path) -> None:
    layers = [
        {"class_name": "Dense", "config": {"name": name}} for name in ("Dense_Dev", "Dense_Hk")
    ]
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"class_name": "Model", "config": {"layers": layers}}))
    assert name_of_family(path) == "deepstarr"
    assert any("Dense_Dev - Dense_Hk" in said for _, said in family_rows(family_of(of(path))))


# -- BPNet ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bpnet():
    pytest.importorskip("bpnetlite")
    import torch
    from bpnetlite.bpnet import BPNet

    torch.manual_seed(1)
    return BPNet(n_filters=8, n_layers=2, n_outputs=2, n_control_tracks=0, verbose=False)


def test_weights_of_bpnet_open_without_their_class(tmp_path: Path, bpnet) -> None:
    import torch

    path = tmp_path / "weights.pt"
    torch.save(bpnet.state_dict(), path)
    assert name_of_family(path) == "bpnet-lite"
    counts, profile, joint = FAMILIES.get("bpnet-lite").questions
    oracle = load_oracle(counts.applied(of(path)))
    asked = letters(300)
    with torch.no_grad():
        _, expected = bpnet(torch.tensor(asked).movedim(1, 2).contiguous())
    np.testing.assert_allclose(oracle.predict(asked), expected.numpy()[:, 0], atol=1e-6)
    for question in (profile, joint):
        assert np.isfinite(load_oracle(question.applied(of(path))).predict(asked)).all()


def test_a_pickled_bpnet_is_recognised_without_being_unpickled(tmp_path: Path, bpnet) -> None:
    import torch

    path = tmp_path / "whole.torch"
    torch.save(bpnet, path)
    assert name_of_family(path) == "bpnet-lite"


def test_bpnet_with_control_tracks_is_built_with_them(tmp_path: Path) -> None:
    pytest.importorskip("bpnetlite")
    import torch
    from bpnetlite.bpnet import BPNet

    path = tmp_path / "weights.pt"
    torch.save(BPNet(n_filters=4, n_layers=1, n_control_tracks=2, verbose=False).state_dict(), path)
    parameters = of(path, layout="channels_first", head="1", input="X_ctl=zeros:2x2114")
    assert np.isfinite(load_oracle(parameters).predict(letters(2114))).all()


def test_chrombpnet_of_bpnet_lite_opens_from_its_weights(tmp_path: Path) -> None:
    pytest.importorskip("bpnetlite")
    import torch
    from bpnetlite.bpnet import BPNet
    from bpnetlite.chrombpnet import ChromBPNet

    made = {"n_outputs": 1, "n_control_tracks": 0, "verbose": False}
    model = ChromBPNet(
        BPNet(n_filters=4, n_layers=1, **made), BPNet(n_filters=8, n_layers=2, **made)
    )
    path = tmp_path / "weights.pt"
    torch.save(model.state_dict(), path)
    assert name_of_family(path) == "chrombpnet-lite"
    parameters = FAMILIES.get("chrombpnet-lite").questions[0].applied(of(path))
    asked = letters(2114)
    with torch.no_grad():
        _, expected = model(torch.tensor(asked).movedim(1, 2).contiguous())
    np.testing.assert_allclose(load_oracle(parameters).predict(asked), expected[:, 0], atol=1e-5)


def test_a_family_whose_package_is_missing_says_which(tmp_path: Path, monkeypatch) -> None:
    import torch

    from seam_core.validate import MissingPackageError

    monkeypatch.setitem(__import__("sys").modules, "borzoi_pytorch", None)
    path = tmp_path / "weights.pt"
    torch.save({"conv_dna.conv_layer.weight": torch.zeros(8, 4, 15)}, path)
    with pytest.raises(MissingPackageError, match=r"Borzoi.*pip install \"borzoi-pytorch\""):
        load_oracle(of(path))


def test_weights_of_no_family_ask_for_their_class(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "weights.pt"
    torch.save({"layer.weight": torch.zeros(8, 4)}, path)
    with pytest.raises(InputError, match="without their module"):
        load_oracle(of(path))


# -- ChromBPNet's Lambda --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chrombpnet(tmp_path_factory):
    """A small network of ChromBPNet's layers, in the file that Keras 2 writes."""
    tf_keras = pytest.importorskip("tf_keras")
    layers = tf_keras.layers

    def bpnet(name: str, prefix: str):
        inputs = tf_keras.Input((120, 4), name="sequence")
        x = layers.Conv1D(4, 21, activation="relu", name=f"{prefix}bpnet_1st_conv")(inputs)
        profile = layers.Flatten()(layers.Conv1D(1, 51, name=f"{prefix}bpnet_prof")(x))
        counts = layers.Dense(1)(layers.GlobalAveragePooling1D()(x))
        return tf_keras.Model(inputs, [profile, counts], name=name)

    tf_keras.utils.set_random_seed(3)
    inputs = tf_keras.Input((120, 4), name="sequence")
    bias, chromatin = bpnet("bias", ""), bpnet("model_wo_bias", "wo_bias_")
    both = [chromatin(inputs), bias(inputs)]
    joined = layers.Concatenate(axis=-1)([both[0][1], both[1][1]])
    counts = layers.Lambda(
        lambda x: __import__("tensorflow").reduce_logsumexp(x, axis=-1, keepdims=True),
        name="logcount_predictions",
    )(joined)
    profile = layers.Add(name="logits_profile_predictions")([both[0][0], both[1][0]])
    model = tf_keras.Model(inputs, [profile, counts])
    path = tmp_path_factory.mktemp("chrombpnet") / "chrombpnet.h5"
    model.save(path)
    return model, path


def test_the_full_chrombpnet_opens_without_running_its_lambda(chrombpnet) -> None:
    model, path = chrombpnet
    assert name_of_family(path) == "chrombpnet-full"
    asked = letters(120, 3)
    expected = model(asked)[1].numpy()[:, 0]
    oracle = load_oracle(of(path, head="logcount_predictions"))  # no --trust-model
    np.testing.assert_allclose(oracle.predict(asked), expected, atol=1e-5)


def counts_in_pytorch(model):
    """The same counts of (n, 4, L), with log(e^a + e^b) as a + softplus(b - a)."""
    torch = pytest.importorskip("torch")
    nn = torch.nn

    def counts(network):
        conv, dense = (
            next(each for each in network.layers if kind in type(each).__name__ and each.weights)
            for kind in ("Conv1D", "Dense")
        )
        kernel, bias = (torch.tensor(value) for value in conv.get_weights())
        weights, offset = (torch.tensor(value) for value in dense.get_weights())
        module = nn.Sequential(
            nn.Conv1d(4, 4, 21), nn.ReLU(), nn.AvgPool1d(100), nn.Flatten(), nn.Linear(4, 1)
        )
        values = (kernel.permute(2, 1, 0), bias, weights.T, offset)
        for parameter, value in zip(module.parameters(), values, strict=True):
            parameter.data = value.contiguous()
        return module

    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            named = {layer.name: layer for layer in model.layers}
            self.chromatin, self.bias = counts(named["model_wo_bias"]), counts(named["bias"])
            self.log = nn.Softplus()

        def forward(self, x):
            chromatin, bias = self.chromatin(x), self.bias(x)
            return chromatin + self.log(bias - chromatin)

    return Counts().eval()


def test_deepshap_of_the_full_chrombpnets_counts_is_shaps(chrombpnet) -> None:
    torch, shap = pytest.importorskip("torch"), pytest.importorskip("shap")
    model, path = chrombpnet
    asked, references = letters(120, 5)[:2], letters(120, 5)[2:]
    network = counts_in_pytorch(model)
    rows, turned = (torch.tensor(x).movedim(1, 2) for x in (asked, references))
    oracle = load_oracle(of(path, head="logcount_predictions"))
    np.testing.assert_allclose(oracle.predict(asked), network(rows)[:, 0].detach(), atol=1e-6)
    explainer = shap.DeepExplainer(network, turned)
    wanted = np.asarray(explainer.shap_values(rows)).reshape(2, 4, 120).sum(axis=1)
    library = Library(asked.argmax(axis=2).astype(np.int8))
    parameters = AttributerParameters(method="deepshap", baseline="given", hypothetical=False)
    found, predictions = Attributer(oracle, parameters, baselines=references).run(library)
    scale = np.abs(wanted).max()
    np.testing.assert_allclose(found.maps.sum(axis=2), wanted, atol=1e-5 * scale)
    gap = predictions - oracle.predict(references).mean()
    np.testing.assert_allclose(found.maps.sum(axis=(1, 2)), gap, atol=1e-6)
    assert np.abs(gap).max() > 1e-3


def test_another_lambda_of_that_name_is_asked_about(chrombpnet, tmp_path: Path) -> None:
    tf_keras = pytest.importorskip("tf_keras")
    from seam_core.trust import TrustError

    inputs = tf_keras.Input((60, 4))
    pooled = tf_keras.layers.GlobalAveragePooling1D()(inputs)
    counts = tf_keras.layers.Lambda(lambda x: x * 2, name="logcount_predictions")(pooled)
    path = tmp_path / "other.h5"
    tf_keras.Model(inputs, counts).save(path)
    with pytest.raises(TrustError):
        load_oracle(of(path))


# -- channels beside the letters ------------------------------------------------------------------


@pytest.fixture
def six_channels(tmp_path: Path) -> tuple[Path, Path, np.ndarray]:
    channels = np.random.default_rng(1).random((90, 2)).astype(np.float32)
    np.save(tmp_path / "channels.npy", channels)
    return _saved(tmp_path / "model.keras", (90, 6)), tmp_path / "channels.npy", channels


def test_channels_stand_beside_the_letters(six_channels) -> None:
    import keras

    path, file, channels = six_channels
    asked = letters(90, 3)
    whole = np.concatenate([asked, np.broadcast_to(channels, (3, 90, 2))], axis=2)
    oracle = load_oracle(of(path, channels=str(file)))
    expected = keras.models.load_model(path)(whole).numpy()[:, 0]
    np.testing.assert_allclose(oracle.predict(asked), expected, atol=1e-6)
    predictions, gradients = oracle.gradient(asked)
    assert gradients.shape == asked.shape
    assert gradients.any()
    np.testing.assert_allclose(predictions, expected, atol=1e-6)


def test_every_method_takes_a_model_with_channels(six_channels) -> None:
    from seam_core.attributer import Attributer
    from seam_core.parameters import AttributerParameters
    from seam_core.records import Library

    path, file, _ = six_channels
    oracle = load_oracle(of(path, channels=str(file)))
    drawn = np.random.default_rng(0).integers(0, 4, (2, 90), dtype=np.int8)
    for method in ("saliency", "ism", "intgrad", "deepshap"):
        made, _ = Attributer(oracle, AttributerParameters(method=method)).run(Library(drawn))
        assert made.maps.shape == (2, 90, 4)
        assert np.any(made.maps)


def test_missing_or_unfit_channels_are_said(six_channels, tmp_path: Path) -> None:
    path, _, channels = six_channels
    with pytest.raises(InputError, match="--channels"):
        load_oracle(of(path))
    np.save(tmp_path / "short.npy", channels[:50])
    with pytest.raises(InputError, match="50 positions"):
        load_oracle(of(path, channels=str(tmp_path / "short.npy"))).predict(letters(90))


def test_channels_of_a_torch_module(tmp_path: Path) -> None:
    import torch

    from seam_core.frameworks.torch.oracle import TorchOracle
    from seam_core.oracles.adapters import Adapter

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv1d(6, 1, 90), torch.nn.Flatten())
    channels = np.random.default_rng(1).random((90, 2)).astype(np.float32)
    adapter = Adapter(layout="channels_first", channels=channels)
    asked = letters(90)
    whole = np.concatenate([asked, np.broadcast_to(channels, (2, 90, 2))], axis=2)
    with torch.no_grad():
        expected = module(torch.tensor(whole).movedim(1, 2))[:, 0].numpy()
    found = TorchOracle(module, adapter=adapter).predict(asked)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_family_of_another_package_is_recognised_first_come(monkeypatch) -> None:
    mine = Family(
        name="mine",
        label="Mine",
        predicts="nothing",
        takes="(N, 7, 4)",
        questions=FAMILIES.get("optimus5p").questions,
        model="mine.keras",
        get="nowhere",
        recognises=lambda signature: signature.inputs[:1] == ((7, 4),),
    )
    monkeypatch.setitem(FAMILIES._loaded, "optimus5p", mine)
    assert recognised(Signature(inputs=((7, 4),))) is mine


def test_the_page_is_what_the_records_say() -> None:
    import runpy

    script = Path(__file__).parents[2] / "scripts" / "families_page.py"
    written = runpy.run_path(str(script))
    assert written["PAGE"].read_text(encoding="utf-8") == written["page"]()


def test_files_of_graphs_say_that_they_tell_no_family(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    for model, kind in ((str(tmp_path), "a SavedModel"), ("net.onnx", "an ONNX file")):
        ((_, said),) = family_rows(family_of(OracleParameters(model=model)), model)
        assert f"not to be told from {kind}" in said
    ((_, said),) = family_rows(None, "net.keras")
    assert "none that is known" in said
