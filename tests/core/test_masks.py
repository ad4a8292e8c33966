"""DeepSHAP of networks with masks: explained where they are constant, else refused in words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles.capabilities import capabilities_of
from seam_core.sequences import one_hot
from seam_core.validate import InputError
from tests.core.networks import random_letters

LENGTH, SEEN = 20, 13
KINDS = ("padding", "square", "added")


class Attention(torch.nn.Module):
    """Attention to the first positions: by slicing, or by a mask of one kind or another."""

    def __init__(self, kind):
        super().__init__()
        torch.manual_seed(4)
        self.kind = kind
        self.first = torch.nn.Linear(4, 8)
        self.attention = torch.nn.MultiheadAttention(8, 2, batch_first=True)
        self.last = torch.nn.Linear(8, 1)

    def forward(self, x):
        h = torch.relu(self.first(x))
        seen = torch.arange(LENGTH) < SEEN
        return self.last(getattr(self, self.kind)(h, x, seen).sum(1))

    def sliced(self, h, x, seen):
        return self.attention(h, h[:, :SEEN], h[:, :SEEN])[0]

    def padding(self, h, x, seen):
        return self.attention(h, h, h, key_padding_mask=~seen.expand(len(h), -1))[0]

    def square(self, h, x, seen):
        return self.attention(h, h, h, attn_mask=~seen.expand(LENGTH, -1))[0]

    def added(self, h, x, seen):
        numbers = torch.zeros(LENGTH).masked_fill_(~seen, float("-inf"))
        return self.attention(h, h, h, attn_mask=numbers.expand(LENGTH, -1))[0]

    def of_letters(self, h, x, seen):
        return self.attention(h, h, h, key_padding_mask=x[..., 0] == 1)[0]


class Steps(Attention):
    """A step of the sequence that is no mask's argument, and what is none."""

    def arithmetic(self, h, x, seen):
        hidden = (x[..., 3] < 0.5).float()
        return torch.softmax(h @ h.transpose(1, 2) + (1 - hidden[:, None]) * -1e9, dim=-1) @ h

    def apart(self, h, x, seen):
        with torch.no_grad():
            weights = (x > 0.5).float() @ torch.arange(4.0)
            weights = (weights > 1).float()
        return h * weights[..., None]

    def put(self, h, x, seen):
        added = torch.zeros(x.shape[:2])
        added[x[..., 3] > 0.5] = 5.0
        return h + added[..., None]

    def counted(self, h, x, seen):
        return h + x.argmax(-1)[..., None]

    def largest(self, h, x, seen):
        return h.gather(1, h.max(1, keepdim=True).indices)

    def numbers(self, h, x, seen):
        return torch.stack([row * (row > 0).sum().item() for row in h])

    def listed(self, h, x, seen):
        return h * torch.tensor((h > 0).sum((1, 2)).tolist())[:, None, None]

    def in_a_part(self, h, x, seen):
        weights = torch.zeros_like(h)
        weights[..., 0].copy_(x[..., 3] > 0.5)
        return h * weights

    def in_a_view(self, h, x, seen):
        weights = torch.zeros_like(h)
        flat = weights.flatten(1)
        weights[..., 0] = (x[..., 3] > 0.5).float()
        return h * flat.view_as(h)

    def of_all(self, h, x, seen):
        """The same whatever the sequence, though it is compared."""
        known = (x.sum(-1) > 0).float()
        self.n_last = (x[..., 3] > 0.5).sum()  # looked at, and no part of the answer
        assert bool((x >= 0).all())
        assert x.max().item() == 1
        return (h * known[..., None]).max(2, keepdim=True).values * self.first.bias

    def padded(self, h, x, seen):
        """Where nothing is, by comparisons that differ from sequence to sequence on the way."""
        return h.masked_fill((x == 0).all(-1)[..., None], 0.0)

    def tokens(self, h, x, seen):
        token = x.argmax(-1)
        place = torch.ones_like(token).cumsum(1)
        return h * (token != 7)[..., None] * place[..., None] / LENGTH


class Scores(Attention):
    """The same with scores written out."""

    def taken(self, h, scores):
        return torch.softmax(scores, dim=-1) @ h

    def sliced(self, h, x, seen):
        return self.taken(h[:, :SEEN], h @ h[:, :SEEN].transpose(1, 2))

    def padding(self, h, x, seen):
        return self.taken(h, (h @ h.transpose(1, 2)).masked_fill(~seen, float("-inf")))

    def square(self, h, x, seen):
        scores = h @ h.transpose(1, 2)
        return self.taken(h, torch.where(seen, scores, torch.tensor(float("-inf"))))

    def added(self, h, x, seen):
        attention = torch.nn.functional.scaled_dot_product_attention
        return attention(h, h, h, attn_mask=seen.expand(LENGTH, -1), scale=1.0)

    def in_place(self, h, x, seen):
        scores = h @ h.transpose(1, 2)
        scores.masked_fill_(~seen, float("-inf"))
        return self.taken(h, scores)


@pytest.fixture(scope="module")
def asked():
    """Sequences, and two references for each."""
    return one_hot(random_letters(3, LENGTH)), one_hot(random_letters(6, LENGTH, seed=8))


def multipliers(module, asked):
    return capabilities_of(TorchOracle(module.eval(), length=LENGTH)).multipliers()(*asked)


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        *((network, kind) for network in (Attention, Scores) for kind in KINDS),
        (Scores, "in_place"),
    ],
)
def test_what_a_mask_hides_is_as_if_it_were_not_there(network, kind, asked):
    ours, theirs, slopes = multipliers(network(kind), asked)
    _, _, expected = multipliers(network("sliced"), asked)
    np.testing.assert_allclose(slopes, expected, atol=1e-6)
    sequences, references = np.repeat(asked[0], 2, axis=0), asked[1]
    moved = (slopes * (sequences - references)).sum((1, 2))
    np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-5)
    assert np.abs(moved).max() > 1e-3


def test_a_causal_encoder_adds_up(asked):
    layer = torch.nn.TransformerEncoderLayer(4, 2, 16, batch_first=True)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(LENGTH)

    class Causal(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = torch.nn.TransformerEncoder(layer, 1)

        def forward(self, x):
            return self.encoder(x, mask=mask, is_causal=True)[..., 0].square().sum(1)

    ours, theirs, slopes = multipliers(Causal(), asked)
    moved = (slopes * (np.repeat(asked[0], 2, axis=0) - asked[1])).sum((1, 2))
    np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-4)


def test_a_mask_made_of_the_sequence_is_refused_with_its_module(asked):
    with pytest.raises(InputError, match=r"in which Attention \(eq\) makes a mask"):
        multipliers(Attention("of_letters"), asked)


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        *(("arithmetic", "lt"), ("apart", "gt"), ("put", "gt"), ("counted", "argmax")),
        ("largest", "max"),
        *((kind, "gt") for kind in ("numbers", "listed", "in_a_part", "in_a_view")),
    ],
)
def test_a_step_of_the_sequence_is_refused_however_it_comes_to_the_number(kind, by, asked):
    step = rf"in which Steps \({by}\) makes a mask, or another step, of the sequence.*intgrad"
    with pytest.raises(InputError, match=step):
        multipliers(Steps(kind), asked)


class Rows(torch.nn.Module):
    """The same network, with one thing or another in the rows of its batch."""

    def __init__(self, kind):
        super().__init__()
        torch.manual_seed(5)
        self.kind, self.first = kind, torch.nn.Linear(4, 8)
        self.last = torch.nn.Linear(8 * LENGTH, 1)

    def forward(self, x):
        if self.kind == "positions":
            h = torch.relu(self.first(x.reshape(-1, 4) * 3)).view(len(x), LENGTH, 8)
        elif self.kind == "position_first":
            h = torch.relu(self.first(x.transpose(0, 1) * 3)).transpose(0, 1)
        elif self.kind == "twice":
            h = torch.relu(self.first(torch.cat([x, x]) * 3))[len(x) :]
        else:
            h = torch.relu(self.first(x * 3))
        return self.last(h.flatten(1)).square()


@pytest.mark.parametrize("kind", ["positions", "position_first", "twice"])
def test_the_batch_may_hold_something_else_than_sequences(kind, asked):
    expected, found = multipliers(Rows("plain"), asked), multipliers(Rows(kind), asked)
    for ours, theirs in zip(expected, found, strict=True):
        np.testing.assert_allclose(theirs, ours, atol=1e-6)


@pytest.mark.parametrize("kind", ["of_all", "padded", "tokens"])
def test_what_is_the_same_for_all_sequences_is_no_step(kind, asked):
    ours, theirs, slopes = multipliers(Steps(kind), asked)
    moved = (slopes * (np.repeat(asked[0], 2, axis=0) - asked[1])).sum((1, 2))
    np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-5)
    assert np.abs(moved).max() > 1e-3


def test_keras_masks(asked):
    keras = import_keras()
    layers = keras.layers
    keras.utils.set_random_seed(2)
    inputs = keras.Input((LENGTH, 4))
    hidden = layers.Dense(8, activation="relu")(inputs)
    seen = np.broadcast_to(np.arange(LENGTH) < SEEN, (1, LENGTH, LENGTH))
    attention, last = layers.MultiHeadAttention(2, 4), layers.Dense(1)
    masked = layers.GlobalAveragePooling1D()(attention(hidden, hidden, attention_mask=seen))
    part = hidden[:, :SEEN]
    sliced = layers.GlobalAveragePooling1D()(attention(hidden, part))

    def of(tensor):
        oracle = KerasOracle(keras.Model(inputs, last(tensor)), n_letters=4)
        return capabilities_of(oracle).multipliers()(*asked)[2]

    np.testing.assert_allclose(of(masked), of(sliced), atol=1e-6)
    read = layers.GRU(8)(layers.Masking(0.0, name="hide_n")(inputs))
    with pytest.raises(InputError, match=r"hide_n \(Masking\) makes a mask, or another step"):
        of(read)
    keras_ops = keras.layers.Lambda(counted_of_keras)
    with pytest.raises(InputError, match=r"operation Cast .* makes a mask, or another step"):
        of(layers.GlobalAveragePooling1D()(hidden + keras_ops(inputs)))


def counted_of_keras(inputs):
    import tensorflow as tf

    return tf.cast(tf.cast(inputs[..., :1] * 2.5, tf.int32), tf.float32)


def masks_of_keras():
    """By name: what is the same for all sequences, though it is made of one."""
    import tensorflow as tf

    def counted(x):
        return tf.cast(tf.cast(tf.reduce_sum(x, -1, keepdims=True), tf.int32), tf.float32)

    def compared(x):
        return tf.cast(tf.reduce_sum(x, -1, keepdims=True) > 0, tf.float32)

    def of_steps(x):
        """By comparisons that differ from sequence to sequence on the way."""
        empty = tf.reduce_all(tf.equal(x, 0.0), axis=-1, keepdims=True)
        return tf.where(empty, tf.zeros_like(x[..., :1]), tf.ones_like(x[..., :1]))

    def tokens(x):
        token = tf.argmax(x, axis=-1, output_type=tf.int32)
        place = tf.cumsum(tf.ones_like(token), axis=1)
        return tf.cast(token != 7, tf.float32)[..., None] * tf.cast(place, tf.float32)[..., None]

    return {each.__name__: each for each in (counted, compared, of_steps, tokens)}


@pytest.mark.parametrize("name", ["counted", "compared", "of_steps", "tokens"])
def test_what_keras_makes_the_same_for_all_sequences_is_no_step(name, asked):
    keras = import_keras()
    layers = keras.layers
    weights = np.arange(1, LENGTH + 1, dtype=np.float32)[:, None] if name == "tokens" else 1.0

    def of(mask):
        keras.utils.set_random_seed(2)
        inputs = keras.Input((LENGTH, 4))
        hidden = layers.Conv1D(8, 3, activation="relu")(inputs)[:, :-1]
        hidden = layers.GlobalMaxPooling1D()(hidden * mask(inputs)[:, :-3])
        oracle = KerasOracle(keras.Model(inputs, layers.Dense(1)(hidden)), n_letters=4)
        return capabilities_of(oracle).multipliers()(*asked)

    ours, theirs, slopes = of(layers.Lambda(masks_of_keras()[name]))
    constant = of(layers.Lambda(lambda x: x[..., :1] * 0 + weights))
    np.testing.assert_allclose(slopes, constant[2], atol=1e-6)
    moved = (slopes * (np.repeat(asked[0], 2, axis=0) - asked[1])).sum((1, 2))
    np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-4)
    assert np.abs(moved).max() > 1e-3


def test_a_loop_over_positions_is_told_with_what_to_add(asked):
    keras = import_keras()
    inputs = keras.Input((None, 4))
    oracle = KerasOracle(keras.Model(inputs, keras.layers.LSTM(3)(inputs)), n_letters=4)
    with pytest.raises(InputError, match=r"a recurrent layer, or another loop.*says its length"):
        capabilities_of(oracle).multipliers()(*asked)


def test_jax_masks(asked):
    jax = pytest.importorskip("jax")
    from seam_core.frameworks.jax.oracle import JaxOracle

    numbers = jax.numpy
    kernel = np.random.default_rng(1).normal(size=(4, 8)).astype(np.float32)

    def pooled(x, mask):
        hidden = jax.nn.relu(x @ kernel)
        scores = hidden @ numbers.swapaxes(hidden, 1, 2)
        scores = numbers.where(mask, scores, -numbers.inf)
        return (jax.nn.softmax(scores, axis=-1) @ hidden).mean((1, 2))

    causal = JaxOracle(lambda x: pooled(x, np.tri(LENGTH, dtype=bool)))
    ours, theirs, slopes = capabilities_of(causal).multipliers()(*asked)
    moved = (slopes * (np.repeat(asked[0], 2, axis=0) - asked[1])).sum((1, 2))
    np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-4)

    def refused(function):
        with pytest.raises(InputError, match="makes a mask, or another step, of the sequence"):
            capabilities_of(JaxOracle(function)).multipliers()(*asked)

    def added(x, hidden):
        hidden = hidden * -1e9 if hidden.dtype != bool else numbers.where(hidden, -numbers.inf, 0)
        hidden, weights = jax.nn.relu(x @ kernel), hidden
        scores = hidden @ numbers.swapaxes(hidden, 1, 2) + weights[:, None]
        return (jax.nn.softmax(scores, axis=-1) @ hidden).mean((1, 2))

    refused(lambda x: pooled(x, (x[..., 0] == 0)[:, None]))
    refused(lambda x: added(x, (x[..., 0] == 0).astype(x.dtype)))
    refused(lambda x: added(x, ((x[..., 0] < 0.5) & (x[..., 1] < 0.5)).astype(x.dtype)))
    refused(lambda x: added(x, x[..., 0] > 0.5))  # a jump without end
    refused(lambda x: added(x, x.argmax(-1).astype(x.dtype)))
    known = JaxOracle(lambda x: added(x, (x.sum(-1) == 0).astype(x.dtype)))  # of no sequence
    jumps = JaxOracle(lambda x: added(x, (x[..., 0] > 0.5).astype(x.dtype) / 1e9))
    for oracle in (known, jumps):
        ours, theirs, slopes = capabilities_of(oracle).multipliers()(*asked)
        moved = (slopes * (np.repeat(asked[0], 2, axis=0) - asked[1])).sum((1, 2))
        np.testing.assert_allclose(moved, np.repeat(ours, 2) - theirs, atol=1e-4)
