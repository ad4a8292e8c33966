"""Shuffles: what they keep, and that each is as likely as the others."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from seam_core.sequences import DNA, PROTEIN, one_hot, one_hot_to_indices, strings_to_indices
from seam_core.shuffles import dinucleotide_shuffles, generators_of_rows, position_shuffles


def steps_of(row):
    return Counter(zip(row[:-1].tolist(), row[1:].tolist(), strict=True))


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN, "01"])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 150])
def test_dinucleotides_and_ends_are_kept(alphabet, length):
    n_letters = len(alphabet)
    sequences = np.random.default_rng(0).integers(0, n_letters, (5, length)).astype(np.int8)
    shuffles = dinucleotide_shuffles(sequences, n_letters, 7, generators_of_rows(0, range(5)))
    assert shuffles.shape == (5, 7, length)
    assert shuffles.dtype == np.int8
    for sequence, its in zip(sequences, shuffles, strict=True):
        assert all(steps_of(shuffle) == steps_of(sequence) for shuffle in its)
        np.testing.assert_array_equal(its[:, 0], sequence[0])
        np.testing.assert_array_equal(its[:, -1], sequence[-1])
    if length == 150:
        assert len(np.unique(shuffles.reshape(35, -1), axis=0)) == 35


@pytest.mark.parametrize(("text", "peer_misses"), [("ACAGACTAGTA", True), ("AACAGATTCAG", False)])
def test_every_possible_shuffle_is_as_likely(text, peer_misses):
    """squid-nn and its origin keep the last step out of each letter, and miss some."""
    from squid.mave import dinuc_shuffle

    sequence = strings_to_indices([text])[0]
    inner = set(permutations(sequence[1:-1].tolist()))
    wanted = steps_of(sequence)
    possible = {p for p in inner if steps_of(np.array([sequence[0], *p, sequence[-1]])) == wanted}
    (shuffles,) = dinucleotide_shuffles(sequence[None], 4, 30_000, [np.random.default_rng(0)])
    seen = Counter(tuple(row[1:-1].tolist()) for row in shuffles)
    assert set(seen) == possible
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4
    theirs = dinuc_shuffle(one_hot(sequence[None])[0], 3000, np.random.RandomState(0))
    found = {tuple(row[1:-1].tolist()) for row in one_hot_to_indices(theirs)}
    assert (found < possible) if peer_misses else (found == possible)


@pytest.mark.parametrize("shuffle", [position_shuffles, dinucleotide_shuffles])
def test_shuffles_of_a_row_do_not_depend_on_the_batch(shuffle):
    sequences = np.random.default_rng(0).integers(0, 20, (30, 60)).astype(np.int8)
    letters = (20,) if shuffle is dinucleotide_shuffles else ()
    whole = shuffle(sequences, *letters, 3, generators_of_rows(4, range(30)))
    for first, last in ((0, 1), (7, 19), (29, 30)):
        part = shuffle(
            sequences[first:last], *letters, 3, generators_of_rows(4, range(first, last))
        )
        np.testing.assert_array_equal(part, whole[first:last])
    other = shuffle(sequences, *letters, 3, generators_of_rows(5, range(30)))
    assert (other != whole).any()


def test_positions_are_shuffled_not_letters():
    """The peer permutes the letters' columns, so that A becomes C wherever it stands."""
    sequences = np.random.default_rng(0).integers(0, 4, (4, 50)).astype(np.int8)
    shuffles = position_shuffles(sequences, 6, generators_of_rows(0, range(4)))
    for sequence, its in zip(sequences, shuffles, strict=True):
        for shuffle in its:
            np.testing.assert_array_equal(np.sort(shuffle), np.sort(sequence))
            assert (shuffle != sequence).any()
    (many,) = position_shuffles(
        np.arange(4, dtype=np.int8)[None], 12_000, generators_of_rows(0, range(1))
    )
    counts = Counter(map(tuple, many.tolist()))
    assert len(counts) == 24
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4
