"""Variants as they are typed, and as the product names them."""

import numpy as np
import pytest

from seam_core.intervals import Interval
from seam_core.sequences import strings_to_indices
from seam_core.validate import InputError
from seam_core.variants import Ground, Row, pairs, place_rows, typed

LETTERS = "TGGCCAAAATGTGGTGGGGTCTGACTGATGTAATAGACCCCAAAAGGGCGTCCTTTCGTG"
GROUND = Ground(strings_to_indices([LETTERS])[0], "ACGT", Interval("chr7", 100, 160))


def changed(*rows):
    """The letters after the edits of each row, without a window: its own replacing of text."""
    texts = []
    for allele in place_rows(rows, GROUND):
        assert allele.edits, allele.why
        text = LETTERS
        for edit in sorted(allele.edits, key=lambda each: -each.start):
            assert text[edit.start : edit.stop] == edit.ref
            text = text[: edit.start] + edit.alt + text[edit.stop :]
        texts.append(text)
    return texts


@pytest.mark.parametrize(
    ("text", "start", "stop", "new"),
    [
        ("C4A", 4, 5, "A"),
        ("4A", 4, 5, "A"),
        ("T30TAC", 31, 31, "AC"),
        ("30:T:TAC", 31, 31, "AC"),
        ("30_31insAC", 31, 31, "AC"),
        ("31:-:AC", 31, 31, "AC"),
        ("0:-:AC", 0, 0, "AC"),
        ("60:-:AC", 60, 60, "AC"),
        ("30:TAA:-", 30, 33, ""),
        ("30_32del", 30, 33, ""),
        ("30delTAA", 30, 33, ""),
        ("30_32delTAA", 30, 33, ""),
        ("T30del", 30, 31, ""),
        ("TAA30T", 31, 33, ""),
        ("30_31delinsGGG", 30, 32, "GGG"),
        ("chr7:105:C:A", 4, 5, "A"),
        ("7:1,05:C>A", 4, 5, "A"),
    ],
)
def test_each_form_changes_what_it_says(text, start, stop, new):
    assert changed(typed(text)) == [LETTERS[:start] + new + LETTERS[stop:]]


@pytest.mark.parametrize("text", ["C4A+T30TAC", "C4A T30TAC", "C4A + 30_31insAC", "4A+31:-:AC"])
def test_several_are_one_allele(text):
    assert changed(typed(text)) == [LETTERS[:4] + "A" + LETTERS[5:31] + "AC" + LETTERS[31:]]
    (allele,) = place_rows([typed(text)], GROUND)
    assert (allele.name, allele.kind) == (text, "haplotype")


def test_what_the_product_prints_can_be_typed():
    """Names and edits of rows of tables and VCF, and of pairs of them, give the same letters."""
    rows = [
        Row(1, "", 4, "", ("A",)),
        Row(2, "", 30, "T", ("TAC",)),
        Row(3, "", 30, "TAA", ("-",)),
        Row(4, "", 12, "-", ("GG",)),
        Row(5, "chr7", 121, LETTERS[20], ("AAT", "G")),
        Row(6, "", 40, LETTERS[40:44], ("CC",)),
    ]
    alleles = list(place_rows(rows, GROUND))
    assert alleles[0].name == "C4A"
    rng = np.random.default_rng(0)
    together = pairs(alleles)
    for allele in [*alleles, *(together[i] for i in rng.choice(len(together), 6, replace=False))]:
        written = " ".join(edit.text for edit in allele.edits)
        for text in (allele.name, written):
            (again,) = place_rows([typed(text)], GROUND)
            assert {each.text for each in again.edits} == {each.text for each in allele.edits}


@pytest.mark.parametrize(
    "text",
    ["85", "30insAC", "30_32insA", "32_30del", "30_32delAC", "C4A+", "C4A+rs7", "0_999999999del",
     "chr7:105:-:A", "-3A", ""],
)  # fmt: skip
def test_other_forms_are_refused(text):
    with pytest.raises(InputError, match=r"variant|position"):
        typed(text)


def test_one_of_several_without_a_place_is_named():
    (allele,) = place_rows([typed("C4A+C999A")], GROUND)
    assert allele.why == "outside the window: C999A: position 999 of 0-60"
    (allele,) = place_rows([typed("C4A+G5A")], GROUND)
    assert allele.outcome == "REF differs"
