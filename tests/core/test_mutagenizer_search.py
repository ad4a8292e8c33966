"""Optimized libraries: a search on a landscape whose ends are known."""

import numpy as np
import pytest

from seam_core.mutagenizer import Mutagenizer
from seam_core.oracles import FunctionOracle, predict_library
from seam_core.parameters import MutagenizerParameters
from seam_core.sequences import PROTEIN, hamming
from seam_core.validate import InputError, OracleError

LENGTH = 30


def additive_oracle(n_letters=4, seed=0):
    weights = np.random.default_rng(seed).normal(size=(LENGTH, n_letters))
    oracle = FunctionOracle(lambda x: (x * weights).sum((1, 2)), n_letters=n_letters, length=LENGTH)
    return oracle, weights


def search(oracle, reference, alphabet="ACGT", **parameters):
    given = MutagenizerParameters(**{"library": "optimized", "n_sequences": 1000, **parameters})
    return Mutagenizer(given).run(reference, alphabet=alphabet, oracle=oracle)


@pytest.fixture
def reference():
    return np.random.default_rng(4).integers(0, 4, LENGTH).astype(np.int8)


def test_a_range_is_covered_far_beyond_random_mutation(reference):
    oracle, weights = additive_oracle()
    library = search(oracle, reference)
    assert len(library) == 1000
    assert len(np.unique(library.sequences, axis=0)) == 1000
    np.testing.assert_array_equal(library.sequences[0], reference)
    activity = predict_library(oracle, library)
    np.testing.assert_allclose(library.lineage["activity"], activity, rtol=1e-5, atol=1e-5)
    lowest, highest = weights.min(axis=1).sum(), weights.max(axis=1).sum()
    covered = (activity.max() - activity.min()) / (highest - lowest)
    local = Mutagenizer(MutagenizerParameters(n_sequences=1000)).run(reference)
    plain = predict_library(oracle, local)
    assert covered > 0.8
    assert (plain.max() - plain.min()) / (highest - lowest) < 0.5

    def evenness(values):
        counts, _ = np.histogram(values, bins=20)
        share = counts[counts > 0] / counts.sum()
        return -(share * np.log(share)).sum() / np.log(20)

    assert evenness(activity) > 0.95
    assert evenness(activity) > evenness(plain)


@pytest.mark.parametrize(("goal", "sign"), [("high", 1), ("low", -1)])
def test_an_end_is_reached(reference, goal, sign):
    oracle, weights = additive_oracle()
    library = search(oracle, reference, search_goal=goal, generations=30)
    activity = library.lineage["activity"].to_numpy()
    best = (sign * weights).max(axis=1).sum()
    assert (sign * activity).max() > 0.8 * best
    assert np.median(sign * activity[1:]) > sign * activity[0]


def test_the_trajectory_and_the_lineage_tell_how(reference):
    oracle, _ = additive_oracle()
    library = search(oracle, reference, generations=10)
    trajectory, lineage = library.trajectory, library.lineage
    assert list(trajectory["generation"]) == list(range(11))
    assert trajectory["evaluated"].sum() <= 4000
    assert trajectory["highest"].iloc[-1] > trajectory["highest"].iloc[0]
    assert trajectory["lowest"].iloc[-1] < trajectory["lowest"].iloc[0]
    assert lineage["parent"][0] == -1
    assert (lineage["parent"][1:] >= 0).all()
    parents = lineage["parent"].to_numpy()[1:]
    generations = lineage["generation"].to_numpy()
    assert (generations[parents] <= generations[1:]).all()
    children = np.arange(1, len(lineage))
    assert (parents < children).all()
    late = children[generations[1:] > 3]
    own = [
        hamming(library.sequences[i : i + 1], library.sequences[lineage["parent"][i]]) for i in late
    ]
    far = hamming(library.sequences[late], reference)
    assert np.mean(own) < far.mean()


def test_same_seed_same_library(reference):
    oracle, _ = additive_oracle()
    first, second, other = (search(oracle, reference, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first.sequences, second.sequences)
    assert not np.array_equal(first.sequences, other.sequences)


def test_a_window_and_another_alphabet():
    oracle, _ = additive_oracle(len(PROTEIN))
    reference = np.zeros(LENGTH, dtype=np.int8)
    library = search(oracle, reference, PROTEIN, n_sequences=200, mutate_start=10, mutate_stop=20)
    changed = (library.sequences != reference).any(axis=0)
    np.testing.assert_array_equal(np.nonzero(changed)[0], range(10, 20))


def test_without_a_reference_it_starts_anywhere():
    oracle, _ = additive_oracle()
    library = search(oracle, None, n_sequences=100)
    assert library.reference is None
    assert library.sequences.shape == (100, LENGTH)


def test_a_small_landscape_is_exhausted_not_repeated():
    """Two positions have 16 sequences; asking for 100 gives those there are."""
    oracle = FunctionOracle(lambda x: x[:, :, 0].sum(axis=1), length=2)
    library = search(oracle, np.array([0, 1], dtype=np.int8), n_sequences=100)
    assert len(library) <= 16
    assert len(np.unique(library.sequences, axis=0)) == len(library)


def test_flat_activity_is_no_error(reference):
    oracle = FunctionOracle(lambda x: np.zeros(len(x)), length=LENGTH)
    assert len(search(oracle, reference, n_sequences=50)) == 50


def test_it_needs_a_model_and_says_when_it_fails(reference):
    with pytest.raises(InputError, match="oracle"):
        search(None, reference)

    def failing(x):
        raise ValueError("out of paper")

    with pytest.raises(OracleError, match="out of paper"):
        search(FunctionOracle(failing, length=LENGTH), reference)
