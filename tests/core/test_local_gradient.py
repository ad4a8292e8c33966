"""A gradient asked for in a window is the window of the whole gradient."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.oracles.context import InContext
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot, strings_to_indices
from tests.core.networks import random_letters

LENGTH = 96


def pooled(keras, x):
    layers = keras.layers
    for filters, padding, activation in ((8, "same", "relu"), (6, "valid", "gelu")):
        x = layers.Conv1D(filters, 7, padding=padding)(x)
        x = layers.BatchNormalization()(x)
        x = layers.MaxPooling1D(2)(layers.Activation(activation)(x))
    return layers.Dense(1)(layers.Flatten()(x))


def strided(keras, x):
    layers = keras.layers
    x = layers.Conv1D(8, 6, strides=2, padding="same", activation="relu")(x)
    x = layers.AveragePooling1D(3, padding="valid")(x)
    return layers.Dense(1)(layers.GlobalAveragePooling1D()(x))


def dilated(keras, x):
    """Residual blocks, and a head that gives a profile."""
    layers = keras.layers
    x = layers.Conv1D(6, 9, padding="same", activation="relu")(x)
    for dilation in (1, 2, 4):
        more = layers.Conv1D(6, 3, dilation_rate=dilation, padding="same", activation="relu")(x)
        x = layers.Add()([x, more])
    return layers.Conv1D(1, 5, padding="valid")(layers.Cropping1D(4)(x))


def recurrent(keras, x):
    return keras.layers.Dense(1)(keras.layers.LSTM(4)(x))


def oracle_of(network, **options):
    keras = import_keras()
    keras.utils.set_random_seed(2)
    inputs = keras.Input((LENGTH, 4))
    return KerasOracle(keras.Model(inputs, network(keras, inputs)), **options)


ORACLES = {
    "pooled": lambda: oracle_of(pooled),
    "strided": lambda: oracle_of(strided),
    "dilated": lambda: oracle_of(dilated, reduction="sum"),
}


@pytest.fixture(scope="module", params=ORACLES)
def oracle(request):
    return ORACLES[request.param]()


@pytest.mark.parametrize("window", [range(0, 9), range(40, 60), range(47, 48), range(80, 96)])
def test_equal_to_the_window_of_the_whole(oracle, window):
    quick = oracle.capabilities.gradient_in(LENGTH, window)
    inputs = one_hot(random_letters(20, LENGTH))
    predictions, gradients = quick(inputs)
    wanted, whole = oracle.gradient(inputs)
    here = slice(window.start, window.stop)
    np.testing.assert_allclose(predictions, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradients[:, here], whole[:, here], rtol=1e-4, atol=1e-6)
    assert np.abs(whole[:, here]).max() > 1e-3
    gradients[:, here] = 0
    assert not gradients.any()


def test_integrated_gradients_of_a_window_are_taken_in_it(oracle, monkeypatch):
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 0)
    library = Library(random_letters(9, LENGTH))

    def maps(**options):
        parameters = AttributerParameters(method="intgrad", map_start=40, map_stop=60, **options)
        return Attributer(oracle, parameters).run(library)[0]

    exact, even = maps(intgrad_steps=400).maps, maps(intgrad_steps=20).maps
    found = maps(intgrad_rule="calibrated")
    gaps = [
        np.linalg.norm(each - exact, axis=(1, 2)) / np.linalg.norm(exact, axis=(1, 2))
        for each in (found.maps, even)
    ]
    assert gaps[0].mean() < 1.2 * gaps[1].mean() + 1e-3
    assert found.completeness_error is None  # what is outside belongs to the sum too


@pytest.mark.parametrize("method", ["saliency", "smoothgrad"])
def test_maps_of_a_window_are_cut_from_the_whole(oracle, method):
    library = Library(random_letters(9, LENGTH))
    options = {"method": method, "noise_samples": 3}
    whole, predictions = Attributer(oracle, AttributerParameters(**options)).run(library)
    options |= {"map_start": 30, "map_stop": 50, "batch_size": 4}
    found, same = Attributer(oracle, AttributerParameters(**options)).run(library)
    np.testing.assert_allclose(found.maps, whole.maps[:, 30:50], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(same, predictions, rtol=1e-5, atol=1e-6)


def test_in_context():
    """The maps of a context's library are a window already, and may be of a part of that."""
    oracle = ORACLES["pooled"]()
    (context,) = strings_to_indices(["ACGTTGCA" * 12])
    inside = InContext(oracle, context, 20, 40, "ACGT").capabilities
    quick = inside.gradient_in(40, range(10, 20))
    inputs = one_hot(random_letters(5, 40))
    wanted = inside.gradient(inputs)[1][:, 10:20]
    np.testing.assert_allclose(quick(inputs)[1][:, 10:20], wanted, rtol=1e-4, atol=1e-6)


def test_a_network_that_is_not_local_is_asked_as_a_whole():
    oracle = oracle_of(recurrent)
    assert oracle.capabilities.gradient_in(LENGTH, range(10, 20)) is None


def test_a_window_of_nearly_all_is_asked_as_a_whole():
    oracle = ORACLES["pooled"]()
    assert oracle.capabilities.gradient_in(LENGTH, range(2, 95)) is None
