"""Combinatorial, global, two-hot and foreign libraries."""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from seam_core.mutagenizer import (
    Mutagenizer,
    count_variants,
    variant_blocks,
)
from seam_core.oracles import FunctionOracle
from seam_core.parameters import MutagenizerParameters
from seam_core.sequences import (
    DNA,
    PROTEIN,
    RNA,
    encode,
    hamming,
    indices_to_strings,
    one_hot,
    one_hot_to_indices,
    strings_to_indices,
    two_hot_to_indices,
)
from seam_core.validate import InputError, MemoryBudgetError


def letters(text, alphabet=DNA):
    return strings_to_indices([text], alphabet)[0]


def make_library(reference, alphabet=DNA, **parameters):
    return Mutagenizer(MutagenizerParameters(**parameters)).run(reference, alphabet=alphabet)


# -- combinatorial ---------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 1, 2, 3, -1])
def test_combinatorial_is_that_of_squid_row_by_row(order):
    from squid.mutagenizer import CombinatorialMutagenesis

    reference = letters("GATTC")
    theirs = CombinatorialMutagenesis(max_order=order)(one_hot(reference[None])[0], None)
    ours = make_library(reference, library="combinatorial", max_order=order).sequences
    np.testing.assert_array_equal(ours, one_hot_to_indices(theirs))
    assert len(ours) == count_variants(5, 4, order)


@pytest.mark.parametrize("alphabet", [RNA, PROTEIN, "01"])
def test_every_variant_once_in_every_alphabet(alphabet):
    reference = np.zeros(6, dtype=np.int8)
    library = make_library(
        reference, alphabet, library="combinatorial", max_order=2, mutate_start=1, mutate_stop=5
    )
    others = len(alphabet) - 1
    assert len(library) == 1 + 4 * others + 6 * others**2
    assert len(np.unique(library.sequences, axis=0)) == len(library)
    distances = hamming(library.sequences, reference)
    assert distances.max() == 2
    assert (np.diff(distances) >= 0).all()
    np.testing.assert_array_equal(library.sequences[:, [0, 5]], 0)


def test_blocks_are_small_and_make_the_same_library():
    reference = letters("ACGTACG")
    whole = make_library(reference, library="combinatorial", max_order=4).sequences
    blocks = list(
        variant_blocks(reference, n_letters=4, max_order=4, start=0, stop=7, block_rows=10)
    )
    assert max(len(block) for block in blocks) <= 10
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def test_a_stream_of_a_vast_library_starts_at_once():
    reference = np.zeros(200, dtype=np.int8)
    blocks = variant_blocks(reference, n_letters=4, max_order=200, start=0, stop=200)
    assert [len(next(blocks)) for _ in range(2)] == [1, 600]


def test_too_many_variants_are_counted_and_refused():
    reference = np.zeros(249, dtype=np.int8)
    with pytest.raises(MemoryBudgetError) as error:
        make_library(reference, library="combinatorial", max_order=6)
    wanted = count_variants(249, 4, 6)
    assert wanted > 10**12
    assert f"{wanted:,} sequences of 249 letters" in str(error.value)
    assert "PB" in str(error.value) or "TB" in str(error.value)
    assert "library_limit_gb" in str(error.value)
    with pytest.raises(MemoryBudgetError):
        make_library(reference, library="combinatorial", max_order=-1)
    with pytest.raises(MemoryBudgetError, match="1,000,000,000 sequences"):
        make_library(reference, n_sequences=1_000_000_000)
    with pytest.raises(InputError, match="max_order"):
        make_library(letters("ACG"), library="combinatorial", max_order=4)


# -- global ----------------------------------------------------------------------------------------


def test_a_pattern_in_random_backgrounds():
    library = make_library(
        None,
        library="global",
        pattern="TGANNCA",
        pattern_start=10,
        sequence_length=40,
        n_sequences=4000,
    )
    assert library.reference is None
    same = library.sequences == library.backgrounds
    strings = indices_to_strings(library.sequences)
    assert all(s[10:13] == "TGA" and s[15:17] == "CA" for s in strings)
    free = [*range(10), 13, 14, *range(17, 40)]
    assert same[:, free].all()
    for position in free + [10]:
        counts = np.bincount(library.backgrounds[:, position], minlength=4)
        assert stats.chisquare(counts).pvalue > 1e-4
    assert not same[:, 10].all()


def test_flanks_are_the_reference_beside_the_pattern():
    reference = letters("AAAACCCCGGGGTTTTACGT")
    library = make_library(
        reference,
        library="global",
        pattern="TTTT",
        pattern_start=8,
        pattern_flank=3,
        n_sequences=50,
    )
    assert {s[5:15] for s in indices_to_strings(library.sequences)} == {"CCC" + "TTTT" + "TTT"}
    assert len({s[4] for s in indices_to_strings(library.sequences)}) == 4


def test_a_pattern_of_the_reference_with_free_positions_between_sites():
    reference = letters("AAAACCCCGGGGTTTTACGT")
    library = make_library(
        reference,
        library="global",
        pattern_start=4,
        pattern_stop=16,
        inter_windows="8-10, 11-12",
        n_sequences=300,
    )
    strings = indices_to_strings(library.sequences)
    assert {s[4:8] + s[10] + s[12:16] for s in strings} == {"CCCC" + "G" + "TTTT"}
    for position in (3, 8, 9, 11, 16):
        assert len({s[position] for s in strings}) == 4


def test_a_pattern_is_in_the_middle_unless_told():
    library = make_library(
        None, library="global", pattern="ACGT", sequence_length=11, n_sequences=20
    )
    assert {s[3:7] for s in indices_to_strings(library.sequences)} == {"ACGT"}


def test_a_pattern_may_mutate_as_in_squid():
    library = make_library(
        None,
        library="global",
        pattern="ACGTNNACGTACGT",
        sequence_length=30,
        pattern_rate=0.25,
        n_sequences=4000,
    )
    pattern = np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
    kept = library.sequences[:, [*range(8, 12), *range(14, 22)]]
    mutated = hamming(kept, pattern)
    assert abs(mutated.mean() - 3) < 0.1


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN])
def test_dinucleotide_backgrounds_keep_the_dinucleotides(alphabet):
    rng = np.random.default_rng(1)
    reference = rng.integers(0, len(alphabet), 120).astype(np.int8)
    library = make_library(
        reference,
        alphabet,
        library="global",
        pattern=alphabet[:4],
        background="dinucleotide",
        n_sequences=200,
    )

    def pairs(sequence):
        return Counter(zip(sequence[:-1].tolist(), sequence[1:].tolist(), strict=True))

    wanted = pairs(reference)
    assert all(pairs(sequence) == wanted for sequence in library.backgrounds)
    assert len(np.unique(library.backgrounds, axis=0)) == 200


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"pattern": "ACGTACGTACGTACGTACGTA"}, "pattern: got 21 letters; expected at most 20"),
        ({"pattern": "ACGT", "pattern_start": 18}, "positions 18-22"),
        ({"pattern": "ACXT"}, "letter 'X' at position 2"),
        ({"pattern": ""}, "pattern: got nothing"),
        ({"pattern_start": 5, "pattern_stop": 25}, "positions 5-25"),
        ({"pattern": "ACGT", "pattern_flank": 9}, "pattern_flank"),
        ({"pattern": "ACGT", "inter_windows": "8:10"}, "inter_windows: got '8:10'"),
        ({"pattern": "ACGT", "inter_windows": "10-9"}, "inter_windows"),
        ({"pattern": "ACGT", "inter_windows": "2-4"}, "the pattern and its flanks"),
        ({"pattern": "NNNN"}, "pattern: got free positions only"),
        ({"pattern": "ACGT", "inter_windows": "8-10, 9-12"}, "pattern: got free positions only"),
        ({"pattern": "ACGT", "sequence_length": 30}, "sequence_length: got 30; expected 20"),
    ],
)
def test_bad_patterns_are_refused(parameters, message):
    with pytest.raises(InputError) as error:
        make_library(letters("AAAACCCCGGGGTTTTACGT"), library="global", **parameters)
    assert message in str(error.value)


def test_global_needs_a_length_and_a_source_of_shuffles():
    with pytest.raises(InputError, match="sequence_length"):
        make_library(None, library="global", pattern="ACGT")
    with pytest.raises(InputError, match="reference: got nothing"):
        make_library(
            None, library="global", pattern="ACGT", sequence_length=9, background="dinucleotide"
        )
    with pytest.raises(InputError, match="pattern_flank"):
        make_library(None, library="global", pattern="ACGT", sequence_length=9, pattern_flank=1)


# -- two-hot ---------------------------------------------------------------------------------------


def test_two_hot_is_that_of_squid():
    from squid.mutagenizer import TwoHotMutagenesis

    reference = np.random.default_rng(2).integers(0, 4, 50).astype(np.int8)
    library = make_library(reference, library="two_hot", n_sequences=3000, seed=1)
    assert library.alphabet == "ACGTRYSWKM"
    assert library.n_letters == 4
    np.testing.assert_array_equal(library.sequences[0], reference)
    encoded = library.encode(0, len(library))
    np.testing.assert_array_equal(encoded.sum(axis=2), 2)
    theirs = Mutagenizer(MutagenizerParameters(n_sequences=3000), generator=TwoHotMutagenesis(0.1))
    theirs = theirs.run(reference)
    assert theirs.alphabet == library.alphabet
    distances = [hamming(x.sequences[1:], reference) for x in (library, theirs)]
    counts = np.array([np.bincount(d, minlength=51) for d in distances])
    counts = counts[:, counts.sum(axis=0) >= 10]
    assert stats.chi2_contingency(counts).pvalue > 1e-3
    codes = np.array(
        [
            np.bincount(x.sequences[x.sequences != reference], minlength=10)
            for x in (library, theirs)
        ]
    )
    assert stats.chi2_contingency(codes).pvalue > 1e-3


def test_genotypes_survive_the_round_trip():
    from squid.mutagenizer import seq2twohot

    alphabet = "ACGTRYSWKM"
    indices = strings_to_indices(["ACGTRYSWKMN"], alphabet)
    encoded = encode(indices, alphabet, np.int64)
    np.testing.assert_array_equal(encoded[0], seq2twohot("ACGTRYSWKMN"))
    np.testing.assert_array_equal(two_hot_to_indices(encoded, alphabet), indices)
    with pytest.raises(InputError, match="genotype"):
        two_hot_to_indices(np.array([[[1, 0, 0, 0]]]), alphabet)
    with pytest.raises(InputError, match="genotype"):
        two_hot_to_indices(np.array([[[2, 2, 0, 0]]]), alphabet)


def test_two_hot_takes_nucleotides_only():
    with pytest.raises(InputError, match="four nucleotides"):
        make_library(np.zeros(9, dtype=np.int8), PROTEIN, library="two_hot")
    rna = make_library(np.zeros(9, dtype=np.int8), RNA, library="two_hot", n_sequences=40)
    assert rna.alphabet == "ACGURYSWKM"
    assert set(indices_to_strings(rna.sequences[:1], rna.alphabet)) == {"AAAAAAAAA"}


# -- generators of squid-nn ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "needed"),
    [
        ({}, True),
        ({"library": "two_hot"}, True),
        ({"library": "generator"}, True),
        ({"library": "combinatorial"}, True),
        ({"library": "combinatorial", "max_order": -1}, False),
        ({"library": "optimized"}, False),
        ({"library": "global", "pattern": "ACG"}, False),
        ({"library": "global"}, True),
        ({"library": "global", "pattern": "ACG", "pattern_flank": 2}, True),
        ({"library": "global", "pattern": "ACG", "background": "dinucleotide"}, True),
    ],
)
def test_which_libraries_need_a_reference(parameters, needed):
    assert MutagenizerParameters(**parameters).needs_reference is needed
    oracle = FunctionOracle(lambda x: x[:, 0, 0], length=9, n_letters=4)
    make = Mutagenizer(MutagenizerParameters(sequence_length=9, n_sequences=5, **parameters))
    if needed:
        with pytest.raises(InputError):
            make.run(None, oracle=oracle)
    else:
        assert make.run(None, oracle=oracle).reference is None


def test_all_sequences_of_a_length_need_no_reference():
    complete = MutagenizerParameters(library="combinatorial", max_order=-1, sequence_length=4)
    library = Mutagenizer(complete).run(None)
    assert library.reference is None
    assert len(np.unique(library.sequences, axis=0)) == len(library) == 256
    for parameters in (complete.replace(max_order=2), complete.replace(sequence_length=None)):
        with pytest.raises(InputError, match="reference: got nothing"):
            Mutagenizer(parameters).run(None)
