"""Local libraries: the distribution of squid-nn, made all at once."""

import numpy as np
import pytest
from scipy import stats

from seam_core.mutagenizer import Mutagenizer
from seam_core.parameters import MutagenizerParameters
from seam_core.progress import Cancelled
from seam_core.sequences import DNA, PROTEIN, RNA, hamming, one_hot, one_hot_to_indices
from seam_core.validate import InputError


def make_reference(length, n_letters=4, seed=5):
    return np.random.default_rng(seed).integers(0, n_letters, length).astype(np.int8)


def make_library(reference, alphabet=DNA, **parameters):
    return Mutagenizer(MutagenizerParameters(**parameters)).run(reference, alphabet=alphabet)


def test_the_first_row_is_the_reference():
    reference = make_reference(40)
    library = make_library(reference, n_sequences=50)
    assert library.sequences.shape == (50, 40)
    assert library.sequences.dtype == np.int8
    np.testing.assert_array_equal(library.sequences[0], reference)
    np.testing.assert_array_equal(library.reference, reference)
    assert library.predictions is None


def test_same_seed_same_library_even_zero():
    reference = make_reference(30)
    libraries = [make_library(reference, n_sequences=9000, seed=s).sequences for s in (0, 0, 1)]
    np.testing.assert_array_equal(libraries[0], libraries[1])
    assert (libraries[0] != libraries[2]).any()


def test_a_library_does_not_touch_the_global_random_state():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_library(make_reference(30), n_sequences=100)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_the_distribution_is_that_of_squid():
    """Numbers of mutations, positions and letters of 4,000 sequences, by chi-square."""
    from squid.mutagenizer import RandomMutagenesis

    reference = make_reference(60)
    ours = make_library(reference, n_sequences=4000, mutation_rate=0.1, seed=3).sequences[1:]
    theirs = RandomMutagenesis(mut_rate=0.1, seed=4)(one_hot(reference[None])[0], 4000)
    theirs = one_hot_to_indices(theirs)[1:]

    def same(a, b, n_bins):
        counts = np.array([np.bincount(x, minlength=n_bins) for x in (a, b)])
        counts = counts[:, counts.sum(axis=0) >= 10]
        return stats.chi2_contingency(counts).pvalue

    assert same(hamming(ours, reference), hamming(theirs, reference), 61) > 1e-3
    changed = [np.nonzero(x != reference) for x in (ours, theirs)]
    assert same(changed[0][1], changed[1][1], 60) > 1e-3
    shifts = [
        (x[where] - reference[where[1]]) % 4
        for x, where in zip((ours, theirs), changed, strict=True)
    ]
    assert same(shifts[0], shifts[1], 4) > 1e-3
    # and the number is Poisson, not merely like squid's
    assert abs(hamming(ours, reference).mean() - 6) < 0.2
    assert abs(hamming(ours, reference).var() - 6) < 0.6


@pytest.mark.parametrize("rate", [0.05, 0.45, 0.55, 0.9])
def test_positions_and_letters_are_even_at_every_rate(rate):
    """Rows that mutate at more than half of their positions are drawn another way."""
    reference = make_reference(20)
    sequences = make_library(reference, n_sequences=20_000, mutation_rate=rate).sequences[1:]
    changed = sequences != reference
    assert stats.chisquare(changed.sum(axis=0)).pvalue > 1e-3
    shifts = (sequences - reference)[changed] % 4
    assert stats.chisquare(np.bincount(shifts, minlength=4)[1:]).pvalue > 1e-3
    # pairs of positions, too: no neighbour is preferred
    pairs = changed.T.astype(float) @ changed
    off_diagonal = pairs[np.triu_indices(20, 1)]
    assert off_diagonal.std() / off_diagonal.mean() < 0.15


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.8, 1.0])
def test_uniform_gives_every_sequence_the_same_number(rate):
    """squid-nn raises TypeError here."""
    reference = make_reference(25)
    library = make_library(reference, n_sequences=500, mutation_rate=rate, uniform=True)
    wanted = int(np.ceil(rate * 25))
    assert set(hamming(library.sequences[1:], reference)) == {wanted}


def test_the_mean_is_rounded_up_without_rounding_errors():
    """0.1 * 30 is a hair above 3 in floating point; that is no fourth mutation."""
    library = make_library(make_reference(30), n_sequences=10, mutation_rate=0.1, uniform=True)
    assert set(hamming(library.sequences[1:], library.reference)) == {3}


@pytest.mark.parametrize("alphabet", [RNA, PROTEIN, "01"])
def test_every_alphabet(alphabet):
    reference = make_reference(50, len(alphabet))
    library = make_library(reference, alphabet, n_sequences=3000, mutation_rate=0.4)
    assert library.alphabet == alphabet
    assert library.sequences.min() == 0
    assert library.sequences.max() == len(alphabet) - 1
    changed = library.sequences != reference
    shifts = (library.sequences.astype(int) - reference)[changed] % len(alphabet)
    counts = np.bincount(shifts, minlength=len(alphabet))[1:]
    assert (counts > 0).all()
    assert len(counts) == 1 or stats.chisquare(counts).pvalue > 1e-3


def test_the_window_keeps_everything_else():
    reference = make_reference(50)
    library = make_library(
        reference, n_sequences=2000, mutation_rate=0.5, mutate_start=10, mutate_stop=14
    )
    changed = (library.sequences != reference).any(axis=0)
    np.testing.assert_array_equal(np.nonzero(changed)[0], [10, 11, 12, 13])
    open_end = make_library(reference, n_sequences=2000, mutation_rate=0.5, mutate_start=45)
    changed = (open_end.sequences != reference).any(axis=0)
    np.testing.assert_array_equal(np.nonzero(changed)[0], range(45, 50))


@pytest.mark.parametrize(("start", "stop"), [(10, 10), (12, 10), (0, 51), (50, None)])
def test_a_window_outside_is_refused(start, stop):
    with pytest.raises(InputError, match="mutate_start"):
        make_library(make_reference(50), mutate_start=start, mutate_stop=stop)


def test_bad_references_are_refused():
    with pytest.raises(InputError, match="reference: got nothing"):
        make_library(None)
    with pytest.raises(InputError, match=r"unknown letter \(N\) at position 2"):
        make_library(np.array([0, 1, -1, 3], dtype=np.int8))
    with pytest.raises(InputError, match="letter index 4 at position 0"):
        make_library(np.array([4, 1, 2, 3], dtype=np.int8))
    with pytest.raises(InputError, match="reference"):
        make_library(np.zeros((2, 3), dtype=np.int8))
    with pytest.raises(InputError, match="empty"):
        make_library(np.zeros(0, dtype=np.int8))


def test_one_sequence_is_the_reference_alone():
    assert len(make_library(make_reference(10), n_sequences=1)) == 1


def test_cancel_stops_it():
    class Stop:
        def update(self, done, total, message=""):
            raise Cancelled

    with pytest.raises(Cancelled):
        Mutagenizer().run(make_reference(20), progress=Stop())
