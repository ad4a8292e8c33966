"""Letters, indices and one-hot arrays."""

import numpy as np
import pytest

from seam_core.parameters import OracleParameters
from seam_core.sequences import (
    DNA,
    PROTEIN,
    RNA,
    check_alphabet,
    hamming,
    indices_to_strings,
    one_hot,
    one_hot_to_indices,
    strings_to_indices,
)
from seam_core.validate import InputError


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN, "01"])
def test_letters_survive_the_round_trip(alphabet):
    rng = np.random.default_rng(0)
    indices = rng.integers(0, len(alphabet), (20, 33)).astype(np.int8)
    strings = indices_to_strings(indices, alphabet)
    assert strings[0] == "".join(alphabet[i] for i in indices[0])
    np.testing.assert_array_equal(strings_to_indices(strings, alphabet), indices)
    encoded = one_hot(indices, len(alphabet))
    assert encoded.shape == (20, 33, len(alphabet))
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded.sum(axis=-1), 1)
    np.testing.assert_array_equal(one_hot_to_indices(encoded), indices)


def test_unknown_letters_are_n_and_all_zeros():
    indices = strings_to_indices(["ANgt"])
    np.testing.assert_array_equal(indices, [[0, -1, 2, 3]])
    np.testing.assert_array_equal(one_hot(indices)[0, 1], 0)
    np.testing.assert_array_equal(one_hot_to_indices(one_hot(indices)), indices)
    assert indices_to_strings(indices) == ["ANGT"]
    # in proteins N is asparagine, and X is unknown
    protein = strings_to_indices(["ANX"], PROTEIN)
    assert protein[0, 2] == -1
    assert protein[0, 1] == PROTEIN.index("N")
    assert indices_to_strings(protein, PROTEIN) == ["ANX"]


@pytest.mark.parametrize(
    ("strings", "message"),
    [
        ([], "no sequences"),
        ([""], "empty sequence"),
        (["ACGT", "ACG"], "length 3 in row 1"),
        (["ACGé"], "letter 'é' at position 3; expected letters of the alphabet ACGT"),
        (["ACGT", "ACUT"], r"letter 'U' at position 2 of row 1; .* ACGT \(of RNA: ACGU\)"),
    ],
)
def test_bad_sequences_are_named(strings, message):
    with pytest.raises(InputError, match=message) as error:
        strings_to_indices(strings, source="table.csv")
    assert str(error.value).startswith("table.csv: Sequence")


@pytest.mark.parametrize(
    ("named", "letters"), [("DNA", "ACGT"), ("rna", RNA), (" Protein ", PROTEIN), ("tgca", "TGCA")]
)
def test_alphabets_are_named_or_spelt(named, letters):
    assert check_alphabet(named) == letters
    assert OracleParameters.from_dict({"alphabet": named}).alphabet == letters


@pytest.mark.parametrize("alphabet", ["A", "AA", "ACGÅ", ""])
def test_bad_alphabets_are_refused(alphabet):
    with pytest.raises(InputError, match="alphabet"):
        check_alphabet(alphabet)


@pytest.mark.parametrize("bad", [[[[1, 1, 0, 0]]], [[[0.5, 0.5, 0, 0]]], [[[2, 0, 0, 0]]]])
def test_what_is_not_one_hot_is_refused(bad):
    with pytest.raises(InputError, match="one-hot"):
        one_hot_to_indices(np.array(bad))


def test_hamming_counts_differing_positions():
    sequences = strings_to_indices(["ACGT", "ACGA", "TGCA"])
    np.testing.assert_array_equal(hamming(sequences, sequences[0]), [0, 1, 4])
    with pytest.raises(InputError, match="reference"):
        hamming(sequences, sequences[0, :3])
