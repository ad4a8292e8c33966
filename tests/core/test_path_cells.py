"""Integrated gradients of a window of Keras networks from the mean slopes in cells of the paths."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.oracles.capabilities import secants_of
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from tests.core.networks import random_letters

LENGTH = 60
WINDOWS = [range(20, 27), range(4), range(50, LENGTH)]
EMPTY = np.zeros((1, LENGTH, 4), np.float32)


def rectified(layers, x):
    """As DeepSTARR is made."""
    for filters, size in ((9, 5), (7, 3)):
        x = layers.Conv1D(filters, size, padding="same")(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.MaxPooling1D(2)(x)
    x = layers.Activation("relu")(layers.Dense(8)(layers.Flatten()(x)))
    return layers.Dense(1)(layers.Dropout(0.4)(x))


def otherwise(layers, x):
    """Other slopes, windows and padding, a branch, and a head over all positions."""
    x = layers.ELU()(layers.Conv1D(6, 5, padding="valid")(x))
    x = layers.MaxPooling1D(3)(x)
    more = layers.LeakyReLU()(layers.Conv1D(6, 3, padding="same")(x))
    x = layers.ReLU(max_value=1.5)(layers.Conv1D(5, 3)(layers.Add()([x, more])))
    return layers.Dense(1, activation="linear")(layers.GlobalAveragePooling1D()(x))


def oracle_of(network, **options):
    keras = import_keras()
    keras.utils.set_random_seed(3)
    inputs = keras.Input((LENGTH, 4))
    model = keras.Model(inputs, network(keras.layers, inputs))
    rng = np.random.default_rng(0)
    for weight in model.weights:
        value = rng.normal(0, 0.4, weight.shape)
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)
    return KerasOracle(model, **options)


def cells_of(oracle, window):
    cells = secants_of(oracle, LENGTH, window)
    assert cells is not None
    return cells


def silent(share):
    pass


def by_steps(oracle, inputs, baseline, steps=1000):
    """The mean gradient at the middles of many even steps, by the tape."""
    total = np.zeros_like(inputs)
    for middle in (np.arange(steps, dtype=np.float32) + 0.5) / steps:
        total += oracle.gradient(baseline + middle * (inputs - baseline))[1]
    return total / steps


def apart(found, exact):
    gaps = np.linalg.norm((found - exact).reshape(len(exact), -1), axis=1)
    return (gaps / np.linalg.norm(exact.reshape(len(exact), -1), axis=1)).mean()


@pytest.mark.parametrize("network", [rectified, otherwise])
@pytest.mark.parametrize("even", [True, False])
def test_more_cells_come_nearer_and_nothing_is_outside(network, even):
    oracle, window = oracle_of(network), WINDOWS[0]
    inputs = one_hot(random_letters(5, LENGTH))
    baseline = EMPTY if even else one_hot(random_letters(5, LENGTH, seed=4))
    exact = by_steps(oracle, inputs, baseline)[:, window.start : window.stop]
    errors = []
    for n in (1, 4, 16):
        edges = np.linspace(0, 1, n + 1)
        found, predictions = cells_of(oracle, window).sums(inputs, baseline, edges, silent)
        errors.append(apart(found[:, window.start : window.stop], exact))
        assert not np.delete(found, window, axis=1).any()
        np.testing.assert_allclose(predictions, oracle.predict(inputs), rtol=1e-5, atol=1e-6)
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    assert errors[2] < 0.02


@pytest.mark.parametrize("network", [rectified, otherwise])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_a_window_that_alone_differs_explains_the_difference(network, window):
    oracle = oracle_of(network)
    starts = one_hot(random_letters(5, LENGTH))
    inputs = starts.copy()
    inputs[:, window.start : window.stop] = one_hot(random_letters(5, len(window), seed=2))
    edges = np.array([0.0, 0.2, 1.0])
    mean, predictions = cells_of(oracle, window).sums(inputs, starts, edges, silent)
    explained = (mean * (inputs - starts)).sum(axis=(1, 2))
    np.testing.assert_allclose(explained, predictions - oracle.predict(starts), atol=2e-5)


def test_cell_by_cell_is_what_is_summed():
    oracle, inputs = oracle_of(rectified), one_hot(random_letters(4, LENGTH))
    cells, edges = cells_of(oracle, WINDOWS[0]), np.array([0.1, 0.5, 0.7, 1.0])
    each = list(cells(inputs, EMPTY, edges))
    ends = [oracle.predict(np.float32(edge) * inputs) for edge in edges[1:]]
    np.testing.assert_allclose([values for values, _ in each], ends, rtol=1e-4, atol=1e-5)
    summed = sum(width * mean for width, (_, mean) in zip(np.diff(edges), each, strict=True))
    found, _ = cells.sums(inputs, EMPTY, edges, silent)
    np.testing.assert_allclose(found, summed, rtol=1e-4, atol=1e-6)


def test_a_run_of_a_window_takes_cells_as_exact_as_even_steps(monkeypatch):
    for place in ("gradients", "nodes"):
        monkeypatch.setattr(f"seam_core.attributer.{place}.FEW", 0)
    oracle, library = oracle_of(rectified), Library(random_letters(20, LENGTH))
    window = {"map_start": 20, "map_stop": 27}

    def run(**options):
        parameters = AttributerParameters(method="intgrad", **window, **options)
        return Attributer(oracle, parameters).run(library)

    maps, predictions = run(intgrad_rule="calibrated")
    assert 1 < maps.ran["cells"] <= 12
    assert maps.completeness_error is None
    inputs = one_hot(library.sequences)
    np.testing.assert_allclose(predictions, oracle.predict(inputs), rtol=1e-5, atol=1e-6)
    exact = by_steps(oracle, inputs, EMPTY)[:, 20:27]
    assert apart(maps.maps, exact) < 1.2 * apart(run(intgrad_steps=20)[0].maps, exact)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_what_has_no_rule_has_no_cells(activation):
    """The largest of all positions, and an activation that is a part of its layer."""

    def network(layers, x):
        x = layers.ReLU()(layers.Conv1D(6, 5, padding="same")(x))
        x = layers.Conv1D(5, 3, activation=activation)(x)
        linear = activation == "linear"
        x = layers.GlobalMaxPooling1D()(x) if linear else layers.GlobalAveragePooling1D()(x)
        return layers.Dense(1)(x)

    oracle = oracle_of(network)
    assert oracle.capabilities.path_sums_in(LENGTH, WINDOWS[0]) is not None
    assert secants_of(oracle, LENGTH, WINDOWS[0]) is None


def test_whole_sequences_have_none():
    assert secants_of(oracle_of(rectified), LENGTH, range(LENGTH)) is None
