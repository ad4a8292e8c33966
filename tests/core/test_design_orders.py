"""What is ordered: patterns on both strands, barcodes, adapters and their joints."""

import itertools

import numpy as np
import pytest
from Bio import Restriction
from Bio.Seq import Seq

from seam_core.design.barcodes import Barcodes
from seam_core.design.breeding import children, letter_weights
from seam_core.design.diversity import nearest_distances, spread
from seam_core.design.forbidden import Forbidden
from seam_core.design.oligos import Assembly
from seam_core.parameters import DesignerParameters
from seam_core.parameters.designer import activity_bounds
from seam_core.sequences import PROTEIN
from seam_core.validate import InputError


def random_letters(n, rng):
    return "".join(rng.choice(list("ACGT"), n))


@pytest.mark.parametrize("name", ["EcoRI", "BsaI", "HinfI", "BsmBI", "XcmI"])
def test_sites_are_those_that_biopython_cuts_at(name):
    enzyme = getattr(Restriction, name)
    forbidden = Forbidden(name.lower())
    rng = np.random.default_rng(0)
    checked = 0
    for _ in range(300):
        letters = random_letters(400, rng)
        cuts = enzyme.search(Seq(letters), linear=True)
        ours = forbidden.find(letters)
        # Biopython leaves out cuts beyond the ends
        inside = [one for one in ours if one.start > 40 and one.stop < 360]
        if inside:
            checked += 1
            assert cuts
        if not ours:
            assert not cuts
    assert checked > 10


def test_letters_and_codes_are_found_on_both_strands_and_where_they_overlap():
    assert [(f.start, f.stop) for f in Forbidden("GAGACC").find("TTGGTCTCTT")] == [(2, 8)]
    assert [f.start for f in Forbidden("AANAA").find("AAAAAAA")] == [0, 1, 2]
    assert [f.start for f in Forbidden("", 3).find("CAAAATTTGGGGG")] == [1, 8]
    assert Forbidden("gaauuc", alphabet="ACGU").find("CCGAAUUCC")[0].start == 2
    assert not Forbidden("").find("AAAAAAAAAAAAAAAAAAAA")


def test_proteins_have_one_strand():
    forbidden = Forbidden("KRK", alphabet=PROTEIN)
    assert [f.start for f in forbidden.find("MKRKRKA")] == [1, 3]


@pytest.mark.parametrize("wrong", ["Eco", "GA", "NNNN", "GAXTTC", "EcoRXX"])
def test_what_is_neither_letters_nor_an_enzyme_is_refused(wrong):
    with pytest.raises(InputError, match="avoid: got"):
        Forbidden(wrong)


def test_barcodes_are_far_apart_balanced_and_seeded():
    def drawn(seed):
        pool = Barcodes(120, 10, 4, "ACGT", np.random.default_rng(seed))
        return [pool.draw(lambda text: "GATC" not in text) for _ in range(120)]

    words = drawn(3)
    assert words == drawn(3)
    assert words != drawn(4)
    apart = [
        sum(a != b for a, b in zip(x, y, strict=True)) for x, y in itertools.combinations(words, 2)
    ]
    assert min(apart) >= 4
    for word in words:
        assert 0.25 <= sum(letter in "GC" for letter in word) / 10 <= 0.75
        assert max(len(list(run)) for _, run in itertools.groupby(word)) <= 3
        assert "GATC" not in word


def test_barcodes_that_cannot_be_are_one_message():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="barcode_length: got 3; expected more letters: 100"):
        Barcodes(100, 3, 3, "ACGT", rng)
    with pytest.raises(InputError, match="barcode_distance: got 9; expected at most 8"):
        Barcodes(4, 8, 9, "ACGT", rng)
    pool = Barcodes(60, 4, 2, "ACGT", rng)
    with pytest.raises(InputError, match=r"barcode_length: got 4, of which \d+ were found"):
        _ = [pool.draw(lambda text: text.startswith("A")) for _ in range(60)]


def test_a_site_across_a_joint_is_found_and_one_inside_an_adapter_is_not():
    forbidden = Forbidden("GAATTC;GGATCC")
    assembly = Assembly("TTGGATCCGA", "TCAA", forbidden, "ACGT")
    assert [one.start for one in assembly.found("ATTCAA")] == [-2]
    assert not assembly.found("CTTCAA")
    assert [one.start for one in assembly.found("CCGAAT")] == [2]
    assert assembly.notes() == ["the left adapter holds GGATCC itself"]


def test_the_barcode_lets_no_site_in_at_either_side():
    rng = np.random.default_rng(1)
    forbidden = Forbidden("GAATTC;CATATG", 6)
    assembly = Assembly("CCAGT", "TTCGG", forbidden, "ACGT", barcoded=True)
    barcodes = Barcodes(200, 9, 3, "ACGT", rng)
    for _ in range(200):
        oligo = assembly.with_barcode("ACGTGCGAA", barcodes)
        assert oligo.letters == "CCAGT" + "ACGTGCGAA" + oligo.barcode + "TTCGG"
        assert not forbidden.find(oligo.letters)


def test_adapters_are_letters_of_the_alphabet():
    with pytest.raises(InputError, match="right_adapter: got letter 'X'"):
        Assembly("ACGT", "ACXT", Forbidden(), "ACGT")


def test_spread_keeps_the_distance_and_starts_where_it_is_told():
    sequences = np.random.default_rng(0).integers(0, 2, (500, 24)).astype(np.int8)
    chosen = spread(sequences, 12, 8, start=7)
    assert chosen[0] == 7
    pairs = itertools.combinations(sequences[chosen], 2)
    assert min((a != b).sum() for a, b in pairs) >= 8
    assert len(spread(sequences, 500, 30)) == 1
    assert len(spread(sequences[:0], 5, 1)) == 0
    two = nearest_distances(sequences[chosen])
    assert two.min() >= 8
    assert list(nearest_distances(sequences[:1])) == [-1]


def test_children_keep_what_is_fixed_and_take_the_mechanisms_letters():
    rng = np.random.default_rng(0)
    parents = rng.integers(0, 4, (30, 40)).astype(np.int8)
    parents[:, 10:20] = 2
    parents[:, 30] = rng.choice([1, 3], 30)
    fixed = np.zeros(40, bool)
    fixed[10:20] = True
    made = children(parents, letter_weights(parents, 4), fixed, 400, rng)
    assert (made[:, 10:20] == 2).all()
    assert np.isin(made[:, 30], [1, 3]).mean() > 0.95
    assert (made != parents[0]).any(axis=1).all()


def test_ranges_of_activity():
    assert activity_bounds("3:5") == (3.0, 5.0)
    assert activity_bounds(":5")[1] == 5.0
    assert activity_bounds("-1e3:")[0] == -1000.0
    assert DesignerParameters().bounds == (float("-inf"), float("inf"))
    for wrong in ("5", "5:3", "a:b", "nan:2"):
        with pytest.raises(InputError, match="activity: got"):
            activity_bounds(wrong)
