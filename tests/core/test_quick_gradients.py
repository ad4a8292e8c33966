"""Short cuts to gradients of Keras networks give the gradients of the networks themselves."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.affine_start import affine_start
from seam_core.frameworks.keras.mutants import head_tensor
from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from tests.core.networks import random_letters, small_network

LENGTH = 30


def network(
    *,
    size=5,
    padding="same",
    activation="relu",
    n_letters=4,
    stride=1,
    branches=1,
    pooled=True,
):
    keras = import_keras()
    keras.utils.set_random_seed(3)
    layers = keras.layers
    inputs = keras.Input((LENGTH, n_letters))
    made = [
        layers.Conv1D(7, size, strides=stride, padding=padding, activation=activation)(inputs)
        for _ in range(branches)
    ]
    x = made[0] if branches == 1 else layers.Concatenate()(made)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling1D(2)(x) if pooled else x
    return keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))


def plain_gradient(model, inputs):
    tf = import_tensorflow()
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = tf.reduce_sum(tf.nest.flatten(model(inputs, training=False))[-1])
    return tape.gradient(value, inputs).numpy()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", [1, 4, 5, 12])
@pytest.mark.parametrize("branches", [1, 2])
def test_gradient_of_the_first_convolution(size, padding, branches):
    model = network(size=size, padding=padding, branches=branches)
    oracle = KerasOracle(model)
    inputs = one_hot(random_letters(6, LENGTH))
    predictions, gradients = oracle.gradient(inputs)
    assert oracle.network is not model
    assert np.array_equal(predictions, np.asarray(model(inputs, training=False))[:, 0])
    assert np.allclose(gradients, plain_gradient(model, inputs), rtol=1e-5, atol=1e-6)


def test_a_sequential_model_too():
    keras = import_keras()
    layers = [keras.layers.Conv1D(5, 7), keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((LENGTH, 4)), *layers])
    oracle = KerasOracle(model)
    inputs = one_hot(random_letters(3, LENGTH))
    assert oracle.network is not model
    assert np.allclose(oracle.gradient(inputs)[1], plain_gradient(model, inputs), atol=1e-6)


@pytest.mark.parametrize("head", ["profile", "counts"])
def test_heads_by_name_in_any_order(head):
    keras = import_keras()
    keras.utils.set_random_seed(5)
    inputs = keras.Input((LENGTH, 4))
    x = keras.layers.Conv1D(6, 5, padding="same")(inputs)
    x = keras.layers.Conv1D(6, 3, padding="same", activation="relu")(keras.layers.ReLU()(x))
    profile = keras.layers.Conv1D(2, 3, padding="same")(x)
    counts = keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(x))
    model = keras.Model(inputs, {"profile": profile, "counts": counts})
    reduction = "sum" if head == "profile" else "none"
    oracle = KerasOracle(model, head=head, reduction=reduction)
    assert head_tensor(oracle).shape == (profile if head == "profile" else counts).shape
    assert affine_start(oracle, LENGTH) is not None


@pytest.mark.parametrize("options", [{"n_letters": 20}, {"stride": 2}, {"padding": "causal"}])
def test_other_convolutions_stay_as_they_are(options):
    model = network(pooled=False, **options)
    assert KerasOracle(model, n_letters=options.get("n_letters", 4)).network is model


def block(x, *, relu, scale, pool, keras):
    """Convolution, ReLU, normalisation and pooling, as networks have them."""
    layers = keras.layers
    x = layers.Conv1D(6, 5, padding="same", activation="relu" if relu == "inside" else None)(x)
    spread = keras.initializers.RandomUniform(scale, 2.0, seed=1)
    x = layers.BatchNormalization(gamma_initializer=spread)(x)
    if relu != "inside":
        x = layers.ReLU()(x) if relu == "layer" else layers.Activation("relu")(x)
    x = layers.Dropout(0.3)(x)
    return layers.MaxPooling1D(**pool)(x)


@pytest.mark.parametrize("relu", ["inside", "layer", "activation"])
@pytest.mark.parametrize("scale", [0.0, -2.0])
@pytest.mark.parametrize(
    "pool",
    [{"pool_size": 2}, {"pool_size": 3, "strides": 2}, {"pool_size": 4, "padding": "same"}],
    ids=str,
)
def test_pooling_comes_before_what_keeps_the_order(relu, scale, pool):
    keras = import_keras()
    keras.utils.set_random_seed(4)
    inputs = keras.Input((LENGTH, 4))
    x = block(inputs, relu=relu, scale=scale, pool=pool, keras=keras)
    x = block(x, relu=relu, scale=scale, pool=pool, keras=keras)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    oracle = KerasOracle(model)
    kinds = [type(layer).__name__ for layer in oracle.network.layers]
    scaled_first = kinds.index("BatchNormalization") < kinds.index("MaxPooling1D")
    # A negative scale turns the order of two values around.
    assert scaled_first == (scale < 0)
    letters = one_hot(random_letters(40, LENGTH))
    predictions, gradients = oracle.gradient(letters)
    assert np.array_equal(predictions, np.asarray(model(letters, training=False))[:, 0])
    assert np.allclose(gradients, plain_gradient(model, letters), rtol=1e-5, atol=1e-6)


def test_pooling_stays_where_others_read_what_it_is_given():
    keras = import_keras()
    keras.utils.set_random_seed(4)
    layers = keras.layers
    inputs = keras.Input((LENGTH, 4))
    x = layers.ReLU()(layers.Conv1D(6, 5, name="read_twice")(inputs))
    pooled = layers.GlobalAveragePooling1D()(layers.MaxPooling1D(2)(x))
    whole = layers.GlobalAveragePooling1D()(x)
    model = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([pooled, whole])))
    kinds = [type(layer).__name__ for layer in KerasOracle(model).network.layers]
    assert kinds.index("ReLU") < kinds.index("MaxPooling1D")


def test_deepshap_is_the_same_whichever_comes_first():
    keras = import_keras()
    keras.utils.set_random_seed(4)
    inputs = keras.Input((LENGTH, 4))
    x = block(inputs, relu="layer", scale=0.5, pool={"pool_size": 2}, keras=keras)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    library = Library(random_letters(6, LENGTH))
    parameters = AttributerParameters(method="deepshap", n_backgrounds=4)
    quick, plain = KerasOracle(model), KerasOracle(model)
    plain.network = model
    found, _ = Attributer(quick, parameters).run(library)
    wanted, _ = Attributer(plain, parameters).run(library)
    assert quick.network is not model
    assert np.allclose(found.maps, wanted.maps, rtol=1e-5, atol=1e-6)


def test_a_model_that_cannot_be_copied_is_taken_as_it_is():
    keras = import_keras()

    class Scaled(keras.layers.Layer):
        def __init__(self, by):
            super().__init__()
            self.by = by

        def call(self, inputs):
            return self.by * inputs

    inputs = keras.Input((LENGTH, 4))
    x = Scaled(np.float32(2))(keras.layers.Conv1D(3, 5)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    oracle = KerasOracle(model)
    inputs = one_hot(random_letters(3, LENGTH))
    assert oracle.network is model
    assert np.allclose(oracle.gradient(inputs)[1], plain_gradient(model, inputs), atol=1e-6)


@pytest.mark.parametrize("baseline", ["zeros", "dinucleotide"])
@pytest.mark.parametrize("head", ["dev", "hk"])
def test_sum_of_gradients_behind_the_affine_start(baseline, head, monkeypatch):
    library = Library(random_letters(10))
    parameters = AttributerParameters(
        method="intgrad", intgrad_rule="calibrated", baseline=baseline, batch_size=4
    )
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 0)
    oracle = KerasOracle(small_network(), head=head)
    quick, _ = Attributer(oracle, parameters).run(library)
    assert affine_start(oracle, 40) is not None
    monkeypatch.setattr("seam_core.frameworks.keras.affine_start.affine_start", lambda *_: None)
    plain, _ = Attributer(KerasOracle(small_network(), head=head), parameters).run(library)
    assert np.allclose(quick.maps, plain.maps, rtol=1e-4, atol=1e-5)
    assert np.allclose(quick.completeness_error, plain.completeness_error, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("window", [None, range(9, 14), range(3)])
def test_where_the_baseline_is_even_the_start_goes_on_behind_the_pool(
    window, even, padding, monkeypatch
):
    keras = import_keras()
    keras.utils.set_random_seed(6)
    layers, inputs = keras.layers, keras.Input((LENGTH, 4))
    x = layers.Conv1D(9, 5, padding=padding)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(layers.MaxPooling1D(2)(x)))
    x = layers.MaxPooling1D(3)(layers.Conv1D(5, 3, activation="relu")(x))
    model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
    model.layers[1].set_weights([w + 0.1 for w in model.layers[1].get_weights()])
    split = affine_start(KerasOracle(model), LENGTH, window)
    assert split.pooled is not None
    asked = []
    behind = split.pooled.along
    monkeypatch.setattr(split.pooled, "along", lambda *given: asked.append(1) or behind(*given))
    sequences = one_hot(random_letters(5, LENGTH))
    baseline = np.zeros((1, LENGTH, 4), np.float32)
    if not even:
        baseline += one_hot(random_letters(1, LENGTH))
    nodes, weights = np.array([0.1, 0.45, 0.9]), np.array([0.3, 0.5, 0.2])
    found = split.along(sequences, baseline, nodes, weights, lambda share: None)
    points = [baseline + np.float32(node) * (sequences - baseline) for node in nodes]
    wanted = sum(w * plain_gradient(model, point) for w, point in zip(weights, points, strict=True))
    assert bool(asked) is even
    here = np.isin(np.arange(LENGTH), window or range(LENGTH))
    assert np.allclose(found[:, here], wanted[:, here], rtol=1e-4, atol=1e-5)
    assert not found[:, ~here].any()


def test_maps_of_a_window_are_those_of_the_whole_along_paths_too(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 0)
    library = Library(random_letters(9))
    oracle = KerasOracle(small_network())
    parameters = AttributerParameters(method="intgrad", intgrad_nodes=5, map_start=4, map_stop=9)
    assert oracle.capabilities.path_sums_in(40, range(4, 9)) is not None
    found, _ = Attributer(oracle, parameters).run(library)
    monkeypatch.setattr("seam_core.frameworks.keras.affine_start.affine_start", lambda *_: None)
    plain, _ = Attributer(KerasOracle(small_network()), parameters).run(library)
    assert np.allclose(found.maps, plain.maps, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "options", [{"activation": "relu"}, {"branches": 2, "activation": "linear"}]
)
def test_a_network_without_affine_start(options):
    assert affine_start(KerasOracle(network(pooled=False, **options)), LENGTH) is None


def test_a_network_that_is_affine_throughout(monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 0)
    keras = import_keras()
    inputs = keras.Input((LENGTH, 4))
    x = keras.layers.Flatten()(keras.layers.Conv1D(3, 5)(inputs))
    oracle = KerasOracle(keras.Model(inputs, keras.layers.Dense(1)(x)))
    parameters = AttributerParameters(method="intgrad", intgrad_rule="calibrated")
    maps, _ = Attributer(oracle, parameters).run(Library(random_letters(3, LENGTH)))
    assert maps.completeness_error.max() < 1e-5


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("before", ["relu", "linear"])
def test_gradient_of_pooling_over_windows_one_after_another(size, before):
    keras = import_keras()
    keras.utils.set_random_seed(7)
    layers = keras.layers
    inputs = keras.Input((LENGTH + 1, 4))  # a rest that no window holds
    x = layers.Conv1D(6, 12, activation=before, use_bias=False)(inputs)
    x = layers.Add()([x, layers.MaxPooling1D(size, strides=1, padding="same")(x)])  # overlapping
    x = layers.MaxPooling1D(size)(layers.Conv1D(5, 3, activation=before)(x))
    model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
    oracle = KerasOracle(model)
    letters = one_hot(random_letters(6, LENGTH + 1))
    letters[:, 4:20] = 0  # equal values in a window: the first has the gradient
    predictions, gradients = oracle.gradient(letters)
    assert oracle.network is not model
    assert np.array_equal(predictions, np.asarray(model(letters, training=False))[:, 0])
    assert np.allclose(gradients, plain_gradient(model, letters), rtol=1e-5, atol=1e-6)
