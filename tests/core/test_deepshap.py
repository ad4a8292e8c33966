"""DeepSHAP: complete, equal to captum and shap on the same network, whatever the batch."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.attributer.deepshap import multipliers_of
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles.function import FunctionOracle
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import diploid_alphabet, encode, one_hot
from seam_core.shuffles import dinucleotide_shuffles, generators_of_rows
from seam_core.validate import InputError
from tests.core.networks import random_letters, small_network, twin_networks

N, R = 5, 4


def run(oracle, library, baselines=None, **options):
    if baselines is not None:
        options["baseline"] = "given"
    parameters = AttributerParameters(method="deepshap", **options)
    return Attributer(oracle, parameters, baselines=baselines).run(library)


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(N))


@pytest.fixture(scope="module")
def references():
    return one_hot(random_letters(R, seed=9))


def check_complete(oracle, library, references, **options):
    """Hypothetical contributions at the letters present sum to the difference."""
    maps, predictions = run(oracle, library, references, **options)
    inputs = one_hot(library.sequences, library.n_letters)
    gap = predictions - oracle.predict(references).mean()
    np.testing.assert_allclose((maps.maps * inputs).sum(axis=(1, 2)), gap, atol=1e-3)
    assert maps.completeness_error.max() < 1e-3
    assert np.abs(gap).max() > 1e-2


def head_of(layers_of, length=40, n_letters=4):
    keras = import_keras()
    keras.utils.set_random_seed(3)
    inputs = keras.Input((length, n_letters))
    model = keras.Model(inputs, keras.layers.Dense(1)(layers_of(keras.layers, inputs)))
    return KerasOracle(model, n_letters=n_letters)


def attention_pooling(k, x):
    """One argument of the product is made of the other."""
    return k.Flatten()(k.Dot(axes=1)([k.Softmax(axis=1)(k.Dense(2)(x)), x]))


@pytest.mark.parametrize(
    "activation", ["relu", "elu", "sigmoid", "tanh", "softplus", "selu", "silu", "gelu", "softsign"]
)
def test_every_activation_is_complete(library, references, activation):
    check_complete(KerasOracle(small_network(activation=activation)), library, references)


@pytest.mark.parametrize(
    "layers_of",
    [
        pytest.param(
            lambda k, x: k.Dense(6, activation="softmax")(
                k.Flatten()(k.MaxPooling1D(3, strides=2, padding="same")(k.Conv1D(5, 4)(x)))
            ),
            id="softmax, overlapping pools",
        ),
        pytest.param(
            lambda k, x: k.GlobalMaxPooling1D()(
                k.LeakyReLU(negative_slope=0.1)(k.LayerNormalization()(k.Conv1D(5, 4)(x)))
            ),
            id="global pool, layer normalisation",
        ),
        pytest.param(
            lambda k, x: k.GlobalAveragePooling1D()(
                k.Multiply()(
                    [
                        k.Conv1D(5, 3, padding="same", activation="sigmoid")(x),
                        k.Conv1D(5, 3, padding="same", dilation_rate=2, activation="relu")(x),
                    ]
                )
            ),
            id="gates, dilation",
        ),
        pytest.param(
            lambda k, x: k.Flatten()(
                k.Maximum()([k.Conv1D(3, 5)(x), k.AveragePooling1D(2, 1)(k.Conv1D(3, 4)(x))])
            ),
            id="maximum, averages",
        ),
        pytest.param(
            lambda k, x: k.Flatten()(
                k.MultiHeadAttention(2, 3)(k.Conv1D(4, 5)(x), k.Conv1D(4, 5, strides=4)(x))
            ),
            id="attention",
        ),
        pytest.param(lambda k, x: attention_pooling(k, k.Conv1D(4, 5)(x)), id="attention pooling"),
        pytest.param(
            lambda k, x: k.GlobalAveragePooling1D()(
                k.Conv1D(4, 3, groups=2, activation="elu")(
                    k.DepthwiseConv1D(5, depth_multiplier=2)(x)
                )
            ),
            id="groups",
        ),
        pytest.param(
            lambda k, x: k.GRU(3)(
                k.Bidirectional(k.GRU(4, reset_after=False, return_sequences=True))(
                    k.Conv1D(5, 4, strides=8)(x)
                )
            ),
            id="recurrent, both directions",
        ),
        pytest.param(
            lambda k, x: k.SimpleRNN(3, recurrent_dropout=0.5)(k.Conv1D(5, 4, strides=8)(x)),
            id="plain recurrent",
        ),
    ],
)
def test_every_kind_of_layer_is_complete(library, references, layers_of):
    check_complete(head_of(layers_of), library, references)


def steep_softmax():
    """Probabilities of 0 and 1 that change place: logits some hundreds apart."""
    rng = np.random.default_rng(2)
    return rng.normal(0, 40, (40 * 4, 6)).astype(np.float32)


def check_steep(oracle, library, references):
    maps, predictions = run(oracle, library, references, hypothetical=False)
    gap = predictions - oracle.predict(references).mean()
    np.testing.assert_allclose(maps.maps.sum(axis=(1, 2)), gap, atol=1e-3)
    assert np.abs(maps.maps).max() < 1.5  # of a difference of at most 1
    assert np.abs(gap).max() > 0.1


def test_contributions_to_a_steep_softmax_are_bounded(library, references):
    keras = import_keras()
    layer = keras.layers.Dense(6, activation="softmax", use_bias=False)
    model = keras.Sequential([keras.Input((40, 4)), keras.layers.Flatten(), layer])
    layer.kernel.assign(steep_softmax())
    check_steep(KerasOracle(model, column=3), library, references)


def test_contributions_to_a_steep_softmax_are_bounded_in_pytorch(library, references):
    import torch

    layer = torch.nn.Linear(160, 6, bias=False)
    layer.weight.data = torch.tensor(steep_softmax().T.copy())
    model = torch.nn.Sequential(torch.nn.Flatten(), layer, torch.nn.Softmax(dim=1))
    check_steep(TorchOracle(model, length=40, column=3), library, references)


def test_twenty_letters():
    library = Library(random_letters(3, 30, 20), alphabet="ACDEFGHIKLMNPQRSTVWY")
    oracle = KerasOracle(small_network(30, 20), n_letters=20)
    check_complete(oracle, library, one_hot(random_letters(2, 30, 20, seed=5), 20))


def by_captum(network, inputs, references):
    """(n, L): (x - r) m summed over letters, means over references."""
    import captum
    import torch

    explainer = captum.attr.DeepLift(network)
    found = []
    for row in inputs:
        rows = torch.tensor(np.repeat(row[None], len(references), axis=0))
        values = explainer.attribute(rows, torch.tensor(references))
        found.append(values.detach().numpy().mean(axis=0).sum(axis=1))
    return np.stack(found)


def by_shap(network, inputs, references):
    """The same from shap."""
    import shap
    import torch

    explainer = shap.DeepExplainer(network, torch.tensor(references))
    values = explainer.shap_values(torch.tensor(inputs), check_additivity=False)
    return np.asarray(values).reshape(inputs.shape).sum(axis=2)


@pytest.mark.parametrize(("max_pool", "peer"), [(True, by_shap), (False, by_captum)])
def test_equal_to_others_on_a_copied_network(library, references, max_pool, peer):
    import torch

    keras_network, torch_network = twin_networks(max_pool=max_pool)
    oracle = KerasOracle(keras_network)
    inputs = one_hot(library.sequences)
    theirs = torch_network(torch.tensor(inputs)).detach().numpy()[:, 0]
    np.testing.assert_allclose(oracle.predict(inputs), theirs, atol=1e-4)
    maps, _ = run(oracle, library, references, hypothetical=False)
    wanted = peer(torch_network, inputs, references)
    np.testing.assert_allclose(maps.maps.sum(axis=2), wanted, atol=1e-4)


@pytest.mark.parametrize("hypothetical", [True, False])
def test_of_diploid_genotypes_each_copy_has_its_contribution(hypothetical):
    alphabet = diploid_alphabet("ACGT")
    library = Library(random_letters(N, n_letters=10), alphabet)
    oracle = KerasOracle(small_network(), head="hk")
    maps, predictions = run(oracle, library, hypothetical=hypothetical, n_backgrounds=R)
    shuffles = dinucleotide_shuffles(library.sequences, 10, R, generators_of_rows(0, range(N)))
    references = encode(shuffles, alphabet).reshape(N * R, 40, 4)
    gap = predictions - oracle.predict(references).reshape(N, R).mean(axis=1)
    dosage = encode(library.sequences, alphabet)
    found = (maps.maps * dosage if hypothetical else maps.maps).sum(axis=(1, 2))
    np.testing.assert_allclose(found, gap, atol=1e-3)
    assert maps.completeness_error.max() < 1e-3


def test_maps_do_not_depend_on_the_batch(library):
    oracle = KerasOracle(small_network(), head="hk")
    whole, _ = run(oracle, library, batch_size=N, n_backgrounds=3)
    for size in (1, 2):
        parts, _ = run(oracle, library, batch_size=size, n_backgrounds=3)
        np.testing.assert_allclose(parts.maps, whole.maps, atol=1e-5)


def test_more_references_than_fit_at_once(library, monkeypatch):
    oracle = KerasOracle(small_network(), head="hk")
    references = one_hot(random_letters(7, seed=2))
    whole, _ = run(oracle, library, references)
    monkeypatch.setattr("seam_core.attributer.deepshap.PAIRS", 3)
    parts, _ = run(oracle, library, references)
    np.testing.assert_allclose(parts.maps, whole.maps, atol=1e-5)


def test_a_recurrent_layer_has_the_same_contributions_in_pytorch(library, references):
    import torch

    keras = import_keras()
    keras.utils.set_random_seed(4)
    layer = keras.layers.LSTM(3, bias_initializer="uniform")
    model = keras.Sequential([keras.Input((40, 4)), keras.layers.AveragePooling1D(4), layer])
    layer.cell.bias.assign(np.linspace(-1, 1, 12))
    oracle = KerasOracle(model, column=1)

    class Twin(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.pool, self.layer = torch.nn.AvgPool1d(4), torch.nn.LSTM(4, 3, batch_first=True)
            kernel, recurrent, bias = (torch.tensor(weight.numpy()) for weight in layer.weights)
            values = (kernel.T, recurrent.T, bias, torch.zeros(12))
            for parameter, value in zip(self.layer.parameters(), values, strict=True):
                parameter.data = value.contiguous()

        def forward(self, one_hot):
            return self.layer(self.pool(one_hot.transpose(1, 2)).transpose(1, 2))[0][:, -1]

    twin = TorchOracle(Twin().eval(), length=40, column=1)
    (found, p), (wanted, q) = (run(each, library, references) for each in (oracle, twin))
    np.testing.assert_allclose(p, q, atol=1e-6)
    scale = np.abs(wanted.maps).max()
    np.testing.assert_allclose(found.maps, wanted.maps, atol=5e-5 * scale)
    assert scale > 1e-3
    assert not layer.unroll  # as it was


def test_a_layer_without_rule_is_named(library):
    masked = head_of(lambda k, x: k.LSTM(4)(k.Masking()(x)))
    with pytest.raises(InputError, match=r"deepshap.*layer masking.* \(Masking\)"):
        run(masked, library)


def test_tensorflow_stays_eager(library):
    """The peer switches TensorFlow 2 off for the whole process."""
    import tensorflow as tf

    run(KerasOracle(small_network()), library, n_backgrounds=2)
    assert tf.executing_eagerly()


class Linear:
    """An object of no framework: x times WEIGHTS."""

    weights = np.random.default_rng(3).normal(size=(16, 4)).astype(np.float32)

    def predict(self, x):
        return (x.reshape(len(x), 4, -1).swapaxes(1, 2) * self.weights).sum((1, 2))

    def gradient(self, x):
        return self.predict(x), np.broadcast_to(self.weights.T, x.shape)

    def multipliers(self, x, r):
        return self.predict(x), self.predict(r), np.broadcast_to(self.weights.T, r.shape)


class Short(Linear):
    def multipliers(self, x, r):
        return self.predict(x), self.predict(x), np.broadcast_to(self.weights.T, r.shape)


def test_an_object_may_give_multipliers_itself():
    given = OracleParameters(model="here:Linear", layout="channels_first")
    letters = np.eye(4, dtype=np.float32)[np.random.default_rng(4).integers(0, 4, (15, 16))]
    multipliers = multipliers_of(FunctionOracle.from_parameters(Linear(), given))
    ours, theirs, slopes = multipliers(letters[:3], letters[3:])
    np.testing.assert_array_equal(slopes[5], Linear.weights)
    np.testing.assert_allclose(ours, (letters[:3] * slopes[0]).sum((1, 2)), rtol=1e-5)
    assert theirs.shape == (12,)
    with pytest.raises(InputError, match=r"theirs \(12,\)") as raised:
        multipliers_of(FunctionOracle.from_parameters(Short(), given))(letters[:3], letters[3:])
    assert raised.value.field == "multipliers"
