"""DeepSHAP of JAX functions: what the same weights in PyTorch give, sums, and what has no rule."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
torch = pytest.importorskip("torch")

import jax.numpy as jnp  # noqa: E402
from jax import lax  # noqa: E402

from seam_core import store  # noqa: E402
from seam_core.attributer.deepshap import multipliers_of  # noqa: E402
from seam_core.cli import main  # noqa: E402
from seam_core.frameworks import load_oracle  # noqa: E402
from seam_core.frameworks.jax.oracle import JaxOracle  # noqa: E402
from seam_core.frameworks.torch.oracle import TorchOracle  # noqa: E402
from seam_core.oracles.capabilities import capabilities_of  # noqa: E402
from seam_core.parameters import OracleParameters  # noqa: E402
from seam_core.validate import InputError  # noqa: E402

functional = torch.nn.functional
L, C = 16, 6
DRAWN = np.random.default_rng(0)
KERNEL = DRAWN.normal(size=(5, 4, C))
MIXED = DRAWN.normal(size=(3, C, C)) / 2
DENSE = DRAWN.normal(size=(L // 2 * C,))
QUERY, KEY, VALUE = DRAWN.normal(size=(3, C, C)) / 2


def one_hot(n, seed):
    letters = np.random.default_rng(seed).integers(0, 4, (n, L))
    return np.eye(4, dtype=np.float32)[letters]


def convolved(x, kernel=KERNEL):
    """(n, L, C), by JAX."""
    axes, kernel = ("NWC", "WIO", "NWC"), jnp.asarray(kernel, x.dtype)
    return lax.conv_general_dilated(x, kernel, (1,), "SAME", dimension_numbers=axes)


def by(h, matrix):
    return h @ jnp.asarray(matrix, h.dtype)


def convolved_by_torch(x, kernel=KERNEL):
    weight = torch.tensor(kernel).permute(2, 1, 0)
    return functional.conv1d(x.transpose(1, 2), weight, padding="same").transpose(1, 2)


def pooled(h):
    return lax.reduce_window(h, -jnp.inf, lax.max, (1, 2, 1), (1, 2, 1), "VALID")


def cnn(x):
    h = pooled(jax.nn.relu(convolved(x)))
    return by(jax.nn.relu(convolved(h, MIXED)).reshape(len(h), -1), DENSE)


def cnn_by_torch(x):
    h = functional.relu(convolved_by_torch(x)).transpose(1, 2)
    h = functional.max_pool1d(h, 2).transpose(1, 2)
    h = functional.relu(convolved_by_torch(h, MIXED))
    return h.flatten(1) @ torch.tensor(DENSE)


def attention(x):
    h = convolved(x)
    weights = jax.nn.softmax(by(h, QUERY) @ by(h, KEY).swapaxes(1, 2) / 2.0, axis=-1)
    return jax.nn.gelu(weights @ by(h, VALUE)).mean((1, 2))


def attention_by_torch(x):
    h = convolved_by_torch(x)
    query, key, value = (h @ torch.tensor(each) for each in (QUERY, KEY, VALUE))
    weights = functional.softmax(query @ key.transpose(1, 2) / 2.0, dim=-1)
    return functional.gelu(weights @ value, approximate="tanh").mean((1, 2))


def norm(x):
    h = convolved(x)
    h = (h - h.mean(-1, keepdims=True)) / jnp.sqrt(h.var(-1, keepdims=True) + 1e-5)
    return jax.nn.silu(h).sum((1, 2))


def fast_norm(x):
    """As Flax has it."""
    h = convolved(x)
    mean = h.mean(-1, keepdims=True)
    variance = jnp.maximum(0.0, (h * h).mean(-1, keepdims=True) - jnp.square(mean))
    return jax.nn.silu((h - mean) * lax.rsqrt(variance + 1e-5)).sum((1, 2))


def norm_by_torch(x):
    return functional.silu(functional.layer_norm(convolved_by_torch(x), (C,))).sum((1, 2))


def heads(x):
    return jax.nn.log_softmax(jax.nn.softplus(convolved(x)).mean(1))[:, 2]


def heads_by_torch(x):
    return functional.log_softmax(functional.softplus(convolved_by_torch(x)).mean(1), dim=-1)[:, 2]


def largest(x):
    return jax.nn.elu(convolved(x)).max(1).sum(1) - jax.nn.logsumexp(convolved(x), axis=(1, 2))


def largest_by_torch(x):
    h = convolved_by_torch(x)
    return functional.elu(h).amax(1).sum(1) - torch.logsumexp(h.flatten(1), 1)


@pytest.fixture
def in_double_precision():
    """By the one name that it has in every version of JAX."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


class Module(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x.double())


def asked(oracle, n=3, repeats=4):
    sequences, references = one_hot(n, 1), one_hot(n * repeats, 2)
    ours, theirs, slopes = multipliers_of(oracle)(sequences, references)
    moved = ((np.repeat(sequences, repeats, 0) - references) * slopes).sum((1, 2))
    return ours, theirs, slopes, moved - (np.repeat(ours, repeats) - theirs)


@pytest.mark.parametrize(
    ("function", "same"),
    [
        (cnn, cnn_by_torch),
        (attention, attention_by_torch),
        (norm, norm_by_torch),
        (fast_norm, norm_by_torch),
        (heads, heads_by_torch),
        (largest, largest_by_torch),
    ],
    ids=lambda function: function.__name__,
)
def test_the_same_weights_in_pytorch_are_explained_the_same(function, same, in_double_precision):
    """In double precision: slopes over a short way are rounded by more than 1e-5 in single."""
    ours = asked(JaxOracle(lambda x: function(x.astype("float64"))))
    theirs = asked(TorchOracle(Module(same)))
    for mine, other in zip(ours[:3], theirs[:3], strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5 * np.abs(other).max())
    assert np.abs(ours[3]).max() < 1e-5 * max(1, np.abs(ours[0]).max())


def gated(x):
    h = convolved(x)
    return (h * jax.nn.sigmoid(by(h, QUERY))).sum((1, 2))


def by_condition(x):
    h = convolved(x)
    return jnp.where(h > 0.5, h, 0.1 * h * h).sum((1, 2)) + (h * (h > 0)).sum((1, 2))


def clipped(x):
    h = jnp.clip(convolved(x), -1, 2)
    return jnp.minimum(h, h[:, ::-1]).sum((1, 2)) + jnp.cumsum(jnp.abs(h), 1)[:, 3].sum(1)


def powers(x):
    h = jax.nn.sigmoid(convolved(x))
    return (h**3 + h**0.5 + 2.0**h + jnp.log1p(h) + 1 / (1 + h) + h / (h + 1)).mean((1, 2))


def masked(x):
    h = by(convolved(x), QUERY)
    kept = jnp.arange(L)[None, :, None] % 3 > 0
    return (jax.nn.softmax(jnp.where(kept, h, -jnp.inf), axis=1) * h).sum((1, 2))


def parts(x):
    first, second = jnp.split(convolved(x), 2, axis=-1)
    joined = jnp.concatenate([jnp.pad(first, ((0, 0), (1, 1), (0, 0)))[:, 2:], second], -1)
    return jnp.tanh(joined.at[:, 0].add(1.0)[:, jnp.array([0, 3, 5])]).sum((1, 2))


def again(x):
    inner = jax.checkpoint(jax.jit(lambda h: jnp.exp(-h * h)))
    return inner(convolved(x)).sum((1, 2))


def squeezed(x):
    return jnp.squeeze(jax.nn.relu(convolved(x)).sum((1, 2)))


@pytest.mark.parametrize(
    "function",
    [gated, by_condition, clipped, powers, masked, parts, again, squeezed],
    ids=lambda function: function.__name__,
)
@pytest.mark.parametrize("n", [1, 3])
def test_contributions_add_up(function, n):
    ours, theirs, slopes, error = asked(JaxOracle(function), n)
    assert np.isfinite(slopes).all()
    assert np.abs(slopes).max() > 0.01
    np.testing.assert_allclose(ours, np.reshape(function(one_hot(n, 1)), n), rtol=1e-5)
    assert np.abs(error).max() < 2e-5 * max(1, np.abs(np.append(ours, theirs)).max())


def looped(x):
    def step(state, h):
        state = jnp.tanh(state + h)
        return state, state

    h = convolved(x).swapaxes(0, 1)
    return lax.scan(step, h[0], h)[0].sum(1)


def sorted_ones(x):
    return jnp.sort(convolved(x), axis=1)[:, -3:].sum((1, 2))


@pytest.mark.parametrize(("function", "name"), [(looped, "scan"), (sorted_ones, "sort")])
def test_an_operation_without_a_rule_is_named(function, name):
    with pytest.raises(InputError, match=f"the operation {name}") as raised:
        asked(JaxOracle(function))
    assert raised.value.field == "method"


def test_what_no_gradient_reaches_is_told():
    with pytest.raises(InputError, match="no gradient reaches"):
        asked(JaxOracle(lambda x: jnp.round(convolved(x)).sum((1, 2))))


def test_places_that_the_sequence_decides_are_refused():
    def at_the_largest(x):
        h = convolved(x)
        return jnp.take_along_axis(h, h.argmax(1)[:, None], 1).sum((1, 2))

    with pytest.raises(InputError, match="places that the sequence decides"):
        asked(JaxOracle(at_the_largest))


def test_numpy_inside_is_told():
    with pytest.raises(InputError, match="JAX cannot follow") as raised:
        asked(JaxOracle(lambda x: np.asarray(cnn(x))))
    assert "multipliers" in raised.value.expected


def test_gradients_are_made_too_and_layouts_turned():
    plain = JaxOracle(cnn)
    turned = JaxOracle(lambda x: cnn(x.swapaxes(1, 2)), layout="channels_first")
    wanted = jax.grad(lambda x: cnn(x).sum())(one_hot(3, 1))
    for oracle in (plain, turned):
        predictions, gradients = capabilities_of(oracle).gradient(one_hot(3, 1))
        np.testing.assert_allclose(predictions, cnn(one_hot(3, 1)), rtol=1e-5)
        np.testing.assert_allclose(gradients, wanted, atol=1e-5)
    np.testing.assert_allclose(asked(plain)[2], asked(turned)[2], atol=1e-5)


def test_a_reduction_chosen_later_is_followed():
    oracle = JaxOracle(convolved, reduction="sum", column=1)
    first = asked(oracle)[2]
    np.testing.assert_allclose(first, asked(JaxOracle(lambda x: convolved(x)[..., 1].sum(1)))[2])
    oracle.explained.bins = ((0, 5),)
    assert np.abs(asked(oracle)[2] - first).max() > 0.1


MODULE = """
import jax
import jax.numpy as jnp
import numpy as np
from seam_core.oracles import FunctionOracle

KERNEL = np.random.default_rng(0).normal(size=(20 * 4, 8)).astype(np.float32)


def predict(x):
    return jax.nn.relu(x.reshape(len(x), -1) @ KERNEL).sum(1)


class Opaque:
    def predict(self, x):
        return np.asarray(predict(x))

    def gradient(self, x):
        return np.asarray(jax.grad(lambda x: predict(x).sum())(x))


def build():
    return predict


compiled, opaque = jax.jit(predict), Opaque()
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "jax_networks.py").write_text(MODULE)
    return tmp_path


@pytest.mark.parametrize("name", ["predict", "compiled", "build"])
def test_the_command_explains_a_jax_function(folder, name):
    model, out = f"{folder / 'jax_networks.py'}:{name}", folder / name
    given = ["run", "--model", model, "--sequence", "ACGTT" * 4, "--seed=1", "--out", str(out)]
    given += ["--method=deepshap", "--n-backgrounds=3", "--n-sequences=60", "--n-clusters=3"]
    assert main([*given, "--embedding=pca", "--no-experiments", "--quiet"]) == 0
    session = store.load(out)
    assert session.maps.parameters.method == "deepshap"
    assert np.abs(session.maps.maps).max() > 0.1
    assert "jax" in session.provenance.packages["attributer"]


def test_an_object_that_is_opaque_is_told_what_to_add(folder):
    oracle = load_oracle(OracleParameters(model="jax_networks.py:opaque"), base=folder)
    predictions, gradients = capabilities_of(oracle).gradient(np.eye(4, dtype="f4")[[[0] * 20] * 2])
    assert (predictions.shape, gradients.shape) == ((2,), (2, 20, 4))
    pair = np.eye(4, dtype="f4")[[[0] * 20] * 2]
    with pytest.raises(InputError, match="JAX cannot follow") as raised:
        multipliers_of(oracle)(pair[:1], pair[1:])
    assert "multipliers for deepshap" in raised.value.expected
