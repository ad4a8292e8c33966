"""Profile models with two heads and control tracks, in Keras and PyTorch, with the same weights."""

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles import Adapter, predict_library
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.validate import InputError

LENGTH, TRACKS = 24, 2


class ProfileNetwork(torch.nn.Module):
    """As BPNet: profile logits per strand, and log counts; control tracks are added."""

    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Conv1d(4, 5, 5, padding=2)
        self.profile = torch.nn.Conv1d(5, TRACKS, 3, padding=1)
        self.counts = torch.nn.Linear(5, 1)

    def forward(self, sequence, control):
        x = torch.tanh(self.hidden(sequence))
        return self.profile(x) + control, self.counts(x.mean(dim=2))


@pytest.fixture(scope="module")
def twins():
    """(Keras model, PyTorch module) of equal weights."""
    keras = import_keras()
    torch.manual_seed(3)
    module = ProfileNetwork()
    sequence = keras.Input((LENGTH, 4), name="sequence")
    control = keras.Input((LENGTH, TRACKS), name="control")
    hidden = keras.layers.Conv1D(5, 5, padding="same", activation="tanh")
    profile = keras.layers.Conv1D(TRACKS, 3, padding="same")
    counts = keras.layers.Dense(1, name="counts")
    x = hidden(sequence)
    outputs = [
        keras.layers.Add(name="profile")([profile(x), control]),
        counts(keras.layers.GlobalAveragePooling1D()(x)),
    ]
    model = keras.Model([sequence, control], outputs)
    weights = {name: value.detach().numpy() for name, value in module.state_dict().items()}
    for layer, name in ((hidden, "hidden"), (profile, "profile")):
        kernel = weights[f"{name}.weight"].transpose(2, 1, 0)
        layer.set_weights([kernel, weights[f"{name}.bias"]])
    counts.set_weights([weights["counts.weight"].T, weights["counts.bias"]])
    return model, module


def oracles(twins, control, **choices):
    model, module = twins
    first = Adapter(layout="channels_first", others={"control": control.T})
    last = Adapter(others={"control": control})
    return KerasOracle(model, adapter=last, **choices), TorchOracle(
        module, adapter=first, **choices
    )


def make_library(n=40):
    letters = np.random.default_rng(0).integers(0, 4, (n, LENGTH)).astype(np.int8)
    return Library(letters)


@pytest.mark.parametrize(
    "choices",
    [
        {"head": 1},
        {"head": 0, "reduction": "sum", "column": 1},
        {"head": 0, "reduction": "bpnet_profile", "column": -1},
        {"head": 0, "reduction": "bpnet_profile", "column": 0},
        {"head": 0, "reduction": "bpnet_profile_joint", "column": -1},
        {"head": 0, "reduction": "first_pc", "column": -1},
    ],
)
def test_predictions_and_gradients_agree_and_are_true(twins, choices):
    control = np.random.default_rng(1).normal(size=(LENGTH, TRACKS)).astype(np.float32)
    library = make_library()
    pair = oracles(twins, control, **choices)
    predictions = [predict_library(oracle, library) for oracle in pair]
    np.testing.assert_allclose(predictions[0], predictions[1], atol=2e-5)
    assert predictions[0].std() > 0
    x = library.encode(0, 6)
    gradients = [oracle.gradient(x)[1] for oracle in pair]
    np.testing.assert_allclose(gradients[0], gradients[1], atol=2e-5)
    step = np.random.default_rng(2).normal(size=x.shape).astype(np.float32) * 1e-2
    for oracle, gradient in zip(pair, gradients, strict=True):
        change = (oracle.predict(x + step) - oracle.predict(x - step)) / 2
        np.testing.assert_allclose(change, (gradient * step).sum((1, 2)), rtol=2e-2, atol=2e-4)


def test_deepshap_of_held_weights_agrees(twins):
    library = make_library(6).encode(0, 6)
    options = {"head": 0, "reduction": "bpnet_profile_held", "column": 0}
    pair = oracles(twins, np.zeros((LENGTH, TRACKS), np.float32), **options)
    ours, theirs = (oracle.capabilities.multipliers()(library[:2], library[2:]) for oracle in pair)
    for first, second in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(first, second, atol=2e-5)


def test_control_tracks_matter_and_default_to_zeros_in_keras(twins):
    library = make_library(5)
    zeros, _ = oracles(twins, np.zeros((LENGTH, TRACKS), np.float32), head=0, reduction="sum")
    silent = KerasOracle(twins[0], head="profile", reduction="sum")
    np.testing.assert_allclose(
        predict_library(zeros, library), predict_library(silent, library), atol=1e-5
    )
    ones, also = oracles(twins, np.ones((LENGTH, TRACKS), np.float32), head=0, reduction="sum")
    wanted = predict_library(silent, library) + LENGTH
    np.testing.assert_allclose(predict_library(ones, library), wanted, atol=1e-4)
    np.testing.assert_allclose(predict_library(also, library), wanted, atol=1e-4)


def test_a_control_of_another_shape_or_a_profile_alone_is_refused(twins):
    with pytest.raises(InputError, match=r"input: got control of shape \(3,\)"):
        KerasOracle(twins[0], head=1, adapter=Adapter(others={"control": np.zeros(3)}))
    with pytest.raises(InputError, match=r"head profile of shape \(24, 2\): a profile"):
        KerasOracle(twins[0], head=0)


@pytest.mark.parametrize("method", ["saliency", "intgrad", "ism"])
def test_maps_of_a_profile_head_agree(twins, method):
    """The whole way: the component is found from the library before the first map."""
    control = np.zeros((LENGTH, TRACKS), np.float32)
    library = make_library(12)
    parameters = AttributerParameters(method=method)
    pair = oracles(twins, control, head=0, reduction="first_pc", column=-1)
    made = [Attributer(oracle, parameters).run(library) for oracle in pair]
    np.testing.assert_allclose(made[0][0].maps, made[1][0].maps, atol=5e-5)
    np.testing.assert_allclose(made[0][1], made[1][1], atol=5e-5)
