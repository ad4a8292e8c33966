"""From outputs to one number a sequence: the same in NumPy, PyTorch and TensorFlow."""

import numpy as np
import pytest
from scipy.special import softmax

from seam_core.frameworks.keras.oracle import tensorflow_ops
from seam_core.frameworks.torch.runtime import torch_ops
from seam_core.oracles.array_ops import NUMPY
from seam_core.oracles.reductions import (
    ALL_COLUMNS,
    check_output,
    chosen_profiles,
    first_component,
    reduce_output,
)
from seam_core.validate import InputError


@pytest.fixture
def profiles():
    return np.random.default_rng(0).normal(size=(7, 30, 3)).astype(np.float32)


def component_of(profiles, column):
    return first_component(chosen_profiles(profiles, column))


@pytest.mark.parametrize("column", [0, 2, ALL_COLUMNS])
@pytest.mark.parametrize("reduction", ["sum", "first_pc", "bpnet_profile"])
def test_frameworks_agree_on_values_and_gradients(profiles, reduction, column):
    import tensorflow as tf
    import torch

    options = {
        "reduction": reduction,
        "column": column,
        "component": component_of(profiles, column) if reduction == "first_pc" else None,
    }
    wanted = reduce_output(profiles, ops=NUMPY, **options)
    assert wanted.shape == (7,)
    tensor = torch.tensor(profiles, requires_grad=True)
    in_torch = reduce_output(tensor, ops=torch_ops(), **options)
    in_torch.sum().backward()
    variable = tf.constant(profiles)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        in_tf = reduce_output(variable, ops=tensorflow_ops(), **options)
    np.testing.assert_allclose(in_torch.detach(), wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(in_tf, wanted, rtol=1e-4, atol=1e-4)
    gradient = tape.gradient(in_tf, variable).numpy()
    np.testing.assert_allclose(tensor.grad, gradient, rtol=1e-4, atol=1e-5)
    # and the gradient is that of the number: a small step changes it as predicted
    step = np.random.default_rng(1).normal(size=profiles.shape) * 1e-4
    up = reduce_output(profiles.astype(np.float64) + step, ops=NUMPY, **options)
    down = reduce_output(profiles.astype(np.float64) - step, ops=NUMPY, **options)
    np.testing.assert_allclose((up - down) / 2, (gradient * step).sum((1, 2)), rtol=1e-2, atol=1e-6)


def test_the_profile_reduction_is_the_peers_and_bpnets(profiles):
    import tensorflow as tf
    from seam import Attributer as Peer

    ours = reduce_output(profiles, column=1, reduction="bpnet_profile")
    theirs = Peer.bpnet_profile(tf.constant(profiles[:, :, 1])).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    both = reduce_output(profiles, column=ALL_COLUMNS, reduction="bpnet_profile")
    single = [reduce_output(profiles, column=c, reduction="bpnet_profile") for c in range(3)]
    np.testing.assert_allclose(both, np.mean(single, axis=0), rtol=1e-5, atol=1e-5)
    shifted = reduce_output(profiles + 100, column=1, reduction="bpnet_profile")
    np.testing.assert_allclose(shifted, ours, rtol=1e-2, atol=1e-3)


def test_held_weights_give_the_same_number_and_pass_no_gradient(profiles):
    import tensorflow as tf
    import torch

    held = {"column": 1, "reduction": "bpnet_profile_held"}
    through = {"column": 1, "reduction": "bpnet_profile"}
    np.testing.assert_array_equal(
        reduce_output(profiles, **held), reduce_output(profiles, **through)
    )
    wanted = np.zeros_like(profiles)  # the weights, less the mean that was taken off
    wanted[:, :, 1] = softmax(profiles[:, :, 1], axis=1) - 1 / profiles.shape[1]
    tensor = torch.tensor(profiles, requires_grad=True)
    reduce_output(tensor, ops=torch_ops(), **held).sum().backward()
    np.testing.assert_allclose(tensor.grad, wanted, atol=1e-6)
    variable = tf.constant(profiles)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        number = reduce_output(variable, ops=tensorflow_ops(), **held)
    np.testing.assert_allclose(tape.gradient(number, variable), wanted, atol=1e-6)


def test_the_logit_of_a_probability_is_what_the_sigmoid_was_given(profiles):
    import tensorflow as tf
    import torch

    options = {"column": (0, 1), "reduction": "logit"}
    scores = profiles[:, 0] * 3  # heads of columns
    tensor = torch.tensor(scores, requires_grad=True)
    one = reduce_output(tensor.sigmoid(), ops=torch_ops(), **(options | {"column": 1}))
    np.testing.assert_allclose(one.detach(), scores[:, 1], atol=1e-3)
    one.sum().backward()
    np.testing.assert_allclose(tensor.grad, np.eye(3)[[1]].repeat(7, 0), atol=1e-2)
    chances = 1 / (1 + np.exp(-scores))
    mean = chances[:, :2].mean(axis=1)
    wanted = np.log(mean / (1 - mean))
    np.testing.assert_allclose(reduce_output(chances, **options), wanted, atol=1e-3)
    in_tf = reduce_output(tf.constant(chances), ops=tensorflow_ops(), **options)
    np.testing.assert_allclose(in_tf, wanted, atol=1e-3)
    # of a position of a profile
    at = reduce_output(chances[:, None], column=2, reduction="logit", bins=((0, 1),))
    np.testing.assert_allclose(at, scores[:, 2], atol=1e-3)


def test_the_first_component_is_that_of_squid(profiles):
    from squid.predictor import profile_pca

    ours = reduce_output(
        profiles, column=1, reduction="first_pc", component=component_of(profiles, 1)
    )
    np.testing.assert_allclose(ours, profile_pca(profiles[:, :, 1]), rtol=1e-4, atol=1e-4)


def test_a_planted_component_is_found_with_its_sign():
    rng = np.random.default_rng(2)
    shape = np.exp(-0.5 * ((np.arange(50) - 20) / 4) ** 2)
    strength = rng.normal(size=300)
    profiles = strength[:, None] * shape + 0.01 * rng.normal(size=(300, 50))
    for some in (profiles, profiles[:20]):  # more profiles than positions, and fewer
        component = first_component(some)
        np.testing.assert_allclose(component.direction, shape / np.linalg.norm(shape), atol=0.02)
        scores = reduce_output(some, column=0, reduction="first_pc", component=component)
        assert np.corrcoef(scores, strength[: len(some)])[0, 1] > 0.999


def test_components_of_nothing_are_refused():
    with pytest.raises(InputError, match="1 profile"):
        first_component(np.zeros((1, 5), np.float32))
    with pytest.raises(InputError, match="all equal"):
        first_component(np.ones((4, 5), np.float32))
    with pytest.raises(InputError, match="prepare"):
        reduce_output(np.zeros((2, 5)), column=0, reduction="first_pc")


@pytest.mark.parametrize(
    ("shape", "column", "wanted"),
    [
        ((3,), 0, [0, 1, 2]),
        ((3, 1), 0, [0, 1, 2]),
        ((3, 2), 1, [1, 3, 5]),
        ((3, 2, 1), 1, [1, 3, 5]),
    ],
)
def test_scalars_pick_a_column_never_a_sample(shape, column, wanted):
    """The peer's pred[task] takes row `task` of an (N, T) array."""
    values = np.arange(np.prod(shape)).reshape(shape)
    check_output(shape, "h", column, "none")
    np.testing.assert_array_equal(reduce_output(values, column=column, reduction="none"), wanted)


@pytest.mark.parametrize(
    ("shape", "column", "reduction", "message"),
    [
        ((5, 2), 2, "none", "column: got 2; expected 0 to 1"),
        ((5,), 1, "none", "column: got 1; expected 0 to 0"),
        ((5, 2), -1, "none", "column: got -1"),
        ((5, 100, 2), 0, "none", r"head h of shape \(100, 2\): a profile"),
        ((5, 100, 2), 2, "sum", "column: got 2; expected 0 to 1"),
        ((5,), 0, "sum", "a profile, "),
        ((5, 3, 3, 3), 0, "sum", "a profile, "),
        ((5, 3, 3, 3), 0, "none", "a profile"),
    ],
)
def test_outputs_that_give_no_single_number_are_refused(shape, column, reduction, message):
    with pytest.raises(InputError, match=message):
        check_output(shape, "h", column, reduction)


def test_a_profile_without_tracks_needs_no_column(profiles):
    flat = profiles[:, :, 0]
    check_output(flat.shape, "h", 0, "sum")
    np.testing.assert_allclose(
        reduce_output(flat, column=0, reduction="sum"), flat.sum(axis=1), rtol=1e-5
    )
