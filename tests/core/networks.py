"""Small Keras networks for the tests, made in seconds and the same every time."""

from __future__ import annotations

import numpy as np

from seam_core.frameworks.keras.runtime import import_keras


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


def twin_networks(length: int = 40, *, max_pool: bool = True):
    """The same network in Keras and, on (n, L, A) too, in PyTorch.

    Pools take the average without `max_pool`: captum's rule for the maximum is not complete.
    """
    import torch

    keras = import_keras()
    keras.utils.set_random_seed(2)
    inputs = keras.Input((length, 4))
    x = keras.layers.Conv1D(8, 5, padding="same")(inputs)
    x = keras.layers.Activation("relu")(x)
    x = (keras.layers.MaxPooling1D(2) if max_pool else keras.layers.AveragePooling1D(2))(x)
    x = keras.layers.Conv1D(6, 3, padding="same", activation="tanh")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(5, activation="elu")(x)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    first, second, dense, last = (layer for layer in model.layers if layer.weights)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Conv1d(4, 8, 5, padding=2)
            self.relu = torch.nn.ReLU()
            self.pool = torch.nn.MaxPool1d(2) if max_pool else torch.nn.AvgPool1d(2)
            self.second = torch.nn.Conv1d(8, 6, 3, padding=1)
            self.tanh = torch.nn.Tanh()
            self.flatten = torch.nn.Flatten()
            self.dense = torch.nn.Linear(6 * (length // 2), 5)
            self.elu = torch.nn.ELU()
            self.last = torch.nn.Linear(5, 1)

        def forward(self, one_hot):
            x = self.pool(self.relu(self.first(one_hot.transpose(1, 2))))
            x = self.tanh(self.second(x)).transpose(1, 2)
            return self.last(self.elu(self.dense(self.flatten(x))))

    network = Network().eval()
    for layer, copy in [(first, "first"), (second, "second"), (dense, "dense"), (last, "last")]:
        kernel, bias = layer.get_weights()
        module = getattr(network, copy)
        module.weight.data = torch.tensor(np.ascontiguousarray(kernel.T))
        module.bias.data = torch.tensor(bias)
    return model, network
