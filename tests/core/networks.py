"""Small Keras networks for the tests, made in seconds and the same every time."""

from __future__ import annotations

import numpy as np

from seam_core.oracles.keras.runtime import import_keras


def small_network(length: int = 40, n_letters: int = 4, activation: str = "relu"):
    """Convolutions, pooling and dense layers; heads `dev` (2 columns) and `hk` (1)."""
    keras = import_keras()
    keras.utils.set_random_seed(1)
    layers = keras.layers
    inputs = keras.Input((length, n_letters))
    x = layers.Conv1D(8, 5, padding="same")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.Activation(activation)(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.Conv1D(6, 3, padding="same", activation=activation)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(5, activation=activation)(x)
    heads = [layers.Dense(2, name="dev")(x), layers.Dense(1, name="hk")(x)]
    model = keras.Model(inputs, heads)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        value = rng.normal(0, 0.5, weight.shape)
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)
    return model


def random_letters(n: int, length: int = 40, n_letters: int = 4, seed: int = 0) -> np.ndarray:
    """(n, L) int8, uniform."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, n_letters, (n, length)).astype(np.int8)
