"""Modules of Flax and Equinox: every method, against JAX's own gradient of the same module."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from seam_core.attributer import Attributer  # noqa: E402
from seam_core.frameworks.jax.oracle import load_jax_oracle  # noqa: E402
from seam_core.oracles.capabilities import capabilities_of, rows_in_memory  # noqa: E402
from seam_core.parameters import AttributerParameters, OracleParameters  # noqa: E402
from seam_core.records import Library  # noqa: E402
from seam_core.validate import InputError  # noqa: E402

LENGTH = 24


def linen():
    nn = pytest.importorskip("flax.linen")

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = nn.BatchNorm(use_running_average=True)(nn.relu(nn.Conv(8, (7,))(x)))
            x = nn.max_pool(nn.Dropout(0.3, deterministic=True)(x), (4,), strides=(4,))
            x = nn.gelu(nn.LayerNorm()(nn.Dense(8)(x))).mean(1)
            return nn.Dense(2)(x)

    module = Net()
    return module, module.init(jax.random.PRNGKey(0), jnp.zeros((1, LENGTH, 4)))


def bound_linen():
    module, variables = linen()
    return module.bind(variables), lambda x: module.apply(variables, x)[:, 1]


def nnx_in_training():
    nnx = pytest.importorskip("flax.nnx")

    class Net(nnx.Module):
        def __init__(self, rngs):
            self.convolution = nnx.Conv(4, 8, (7,), rngs=rngs)
            self.norm = nnx.BatchNorm(8, rngs=rngs)
            self.dropout = nnx.Dropout(0.3, rngs=rngs)
            self.dense = nnx.Linear(8, 2, rngs=rngs)

        def __call__(self, x):
            x = self.dropout(self.norm(nnx.relu(self.convolution(x))))
            return self.dense(nnx.max_pool(x, (4,), strides=(4,)).mean(1))

    predicting = Net(nnx.Rngs(0))
    predicting.eval()
    return Net(nnx.Rngs(0)), lambda x: predicting(x)[:, 1]


def equinox_of_one():
    eqx = pytest.importorskip("equinox")

    class Net(eqx.Module):
        dense: eqx.nn.MLP
        dropout: eqx.nn.Dropout

        def __init__(self, key):
            self.dense = eqx.nn.MLP(LENGTH * 4, 2, 16, 2, key=key)
            self.dropout = eqx.nn.Dropout(0.3)

        def __call__(self, x):
            return self.dense(self.dropout(x.reshape(-1)))

    module = Net(jax.random.PRNGKey(0))
    predicting = eqx.nn.inference_mode(module)
    return module, lambda x: jax.vmap(predicting)(x)[:, 1]


def equinox_of_a_batch():
    eqx = pytest.importorskip("equinox")

    class Net(eqx.Module):
        weights: jax.Array

        def __call__(self, x):
            return jnp.tanh(jnp.einsum("nla,lac->nc", x, self.weights))

    module = Net(jax.random.normal(jax.random.PRNGKey(0), (LENGTH, 4, 2)) / 5)
    return module, lambda x: module(x)[:, 1]


KINDS = [bound_linen, nnx_in_training, equinox_of_one, equinox_of_a_batch]


def oracle_of(model, **settings):
    parameters = OracleParameters(model="net.py:model", column="1")
    return load_jax_oracle(model, parameters, **settings)


def few(n=6):
    return Library(np.random.default_rng(0).integers(0, 4, (n, LENGTH)).astype(np.int8))


@pytest.mark.parametrize("make", KINDS)
def test_every_method_explains_a_module_as_jax_differentiates_it(make):
    model, truth = make()
    oracle, library = oracle_of(model), few()
    x = library.encode(0, len(library))
    slopes = jax.jit(jax.grad(lambda x: truth(x).sum()))

    def maps_by(method, **settings):
        return Attributer(oracle, AttributerParameters(method=method, **settings)).run(library)

    saliency, predictions = maps_by("saliency")
    np.testing.assert_allclose(predictions, truth(x), atol=1e-5)
    np.testing.assert_allclose(saliency.maps, slopes(x), atol=1e-5)

    even = {"intgrad_rule": "trapezoid", "intgrad_steps": 50, "baseline": "zeros"}
    along, _ = maps_by("intgrad", multiply_by_inputs=True, **even)
    shares = np.full(51, 1 / 50)
    shares[[0, -1]] /= 2
    path = sum(share * np.asarray(slopes(x * (k / 50))) for k, share in enumerate(shares)) * x
    np.testing.assert_allclose(along.maps, path, atol=1e-5)

    mutants = np.repeat(x[:1], LENGTH * 4, axis=0)
    places, letters = np.divmod(np.arange(LENGTH * 4), 4)
    mutants[np.arange(len(mutants)), places] = np.eye(4)[letters]
    change = np.asarray(truth(mutants) - truth(x[:1])).reshape(LENGTH, 4)
    np.testing.assert_allclose(maps_by("ism")[0].maps[0], change, atol=1e-5)

    assert np.max(maps_by("deepshap")[0].completeness_error) < 1e-4
    smooth, _ = maps_by("smoothgrad", noise_sd=1e-4)
    near = np.abs(smooth.maps - saliency.maps).max(axis=(1, 2))
    assert np.median(near) < 1e-2 * np.abs(saliency.maps).max()


def test_a_linen_module_without_parameters_is_told_what_to_add():
    module, _ = linen()
    with pytest.raises(InputError, match="without its parameters; expected a function, as lambda"):
        oracle_of(module)


def function(x):
    return jnp.tanh(x).sum((1, 2))[:, None] * jnp.arange(2.0)


def test_memory_is_as_xla_plans_it():
    def wide(x):
        return jnp.tanh(x @ jnp.ones((4, 256))).sum((1, 2))[:, None] * jnp.arange(2.0)

    known = capabilities_of(oracle_of(wide)).bytes_per_sequence(LENGTH)
    each = LENGTH * 256 * 4
    assert each <= known <= 4 * each
    assert rows_in_memory(oracle_of(wide), LENGTH, 10_000) < 10_000


def test_the_device_is_the_one_asked_for():
    seen = []

    def where(x):
        seen.append(jnp.zeros(3).devices())
        return function(x)

    oracle = oracle_of(where, device="cpu")
    assert capabilities_of(oracle).device == "CPU"
    oracle.predict(few(1).encode(0, 1))
    assert seen[-1] == {jax.devices("cpu")[0]}
    if all(each.platform == "cpu" for each in jax.devices()):
        with pytest.raises(InputError, match="device: got gpu, but JAX sees none; expected"):
            oracle_of(function, device="gpu")
