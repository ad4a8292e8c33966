"""Smoothed gradients: the mean over noise that belongs to the sequence, not to the batch."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from tests.core.networks import random_letters, small_network


@pytest.fixture(scope="module")
def oracle():
    return KerasOracle(small_network(), head="hk")


def run(oracle, library, **options):
    return Attributer(oracle, AttributerParameters(method="smoothgrad", **options)).run(library)


def test_without_noise_it_is_saliency(oracle):
    library = Library(random_letters(3))
    maps, predictions = run(oracle, library, noise_sd=0.0, noise_samples=2)
    values, gradients = oracle.gradient(one_hot(library.sequences))
    np.testing.assert_allclose(maps.maps, gradients, atol=1e-6)
    np.testing.assert_allclose(predictions, values, atol=1e-6)


def test_the_mean_is_that_of_the_peer(oracle):
    """Both are means over random noise: they meet as its samples grow."""
    import seam
    import tensorflow as tf

    library = Library(random_letters(2))
    ours = run(oracle, library, noise_samples=800, noise_sd=0.2)[0].maps
    tf.random.set_seed(1)
    peer = seam.Attributer(oracle.model, "smoothgrad", task_index=1, compress_fun=tf.reduce_sum)
    theirs = peer.compute(one_hot(library.sequences), num_samples=800)
    exact = run(oracle, library, noise_samples=800, noise_sd=0.1)[0].maps
    spread = np.abs(exact).max()
    np.testing.assert_allclose(exact, theirs, atol=0.1 * spread)
    assert np.abs(ours - exact).max() > 0


def test_pairs_of_noise_meet_the_same_mean_sooner(oracle):
    library = Library(random_letters(4))
    exact = run(oracle, library, noise_samples=800, noise_rule="antithetic", seed=9)[0].maps

    def error(rule, samples):
        maps = run(oracle, library, noise_samples=samples, noise_rule=rule)[0].maps
        return np.linalg.norm(maps - exact)

    assert error("independent", 800) < 0.2 * np.linalg.norm(exact)
    assert error("antithetic", 20) < error("independent", 20)
    pair = run(oracle, library, noise_samples=2, noise_rule="antithetic")[0].maps
    first = run(oracle, library, noise_samples=1)[0].maps
    inputs = one_hot(library.sequences)
    assert np.abs(first - oracle.gradient(inputs)[1]).max() > 0
    assert np.abs(pair - first).max() > 0  # the second copy is another


def test_seeds_and_rows(oracle):
    library = Library(np.repeat(random_letters(1), 2, axis=0))
    first, again, other = (run(oracle, library, seed=seed)[0].maps for seed in (0, 0, 5))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4
    assert np.abs(first[0] - first[1]).max() > 1e-4
