"""Variants that change the length: the window keeps its own."""

from dataclasses import replace

import numpy as np
import pytest

from seam_core.intervals import Interval
from seam_core.projection import Projector
from seam_core.readers.genome import Genome
from seam_core.sequences import indices_to_strings, strings_to_indices
from seam_core.variants import (
    Allele,
    Edit,
    Ground,
    Interpreter,
    altered,
    place_rows,
)
from tests.core.projecting import analysed
from tests.core.variants import LOCUS, letters_of, located, rows_of


@pytest.fixture(scope="module")
def planted():
    return located()


@pytest.fixture(scope="module")
def genome(planted, tmp_path_factory):
    made, _ = planted
    rng = np.random.default_rng(3)
    before, after = ("".join(rng.choice(list("ACGT"), n)) for n in (1_000, 400))
    text = before + letters_of(made) + after
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    path.write_text(f">7 other words\n{text}\n")
    return path, text


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_deletion_takes_flanks_and_stays_in_the_middle(planted, genome, strand):
    made, _ = planted
    path, text = genome
    place = replace(LOCUS, strand=strand)
    reference = made.reference if strand == "+" else (3 - made.reference)[::-1]
    ground = Ground(np.ascontiguousarray(reference, np.int8), "ACGT", place, Genome(path))
    letters = letters_of(made)
    (allele,) = place_rows(rows_of(made, (49, letters[49:53], letters[49])), ground)
    found = altered(ground, allele)
    chromosome = text[: LOCUS.start + 50] + text[LOCUS.start + 53 :]
    first = 1 if strand == "+" else 2
    wanted = chromosome[LOCUS.start - first : LOCUS.start - first + 120]
    if strand == "-":
        wanted = wanted.translate(str.maketrans("ACGT", "TGCA"))[::-1]
    assert indices_to_strings(found.letters[None])[0] == wanted
    kept = found.origin >= 0
    np.testing.assert_array_equal(found.letters[kept], reference[found.origin[kept]])
    assert kept.sum() == 117


def test_an_insertion_drops_letters_at_both_ends(planted):
    made, _ = planted
    ground = Ground(made.reference, "ACGT", LOCUS)
    letters = letters_of(made)
    (allele,) = place_rows(rows_of(made, (60, letters[60], letters[60] + "ACGTA")), ground)
    found = altered(ground, allele)
    grown = letters[: allele.position] + allele.edits[0].alt + letters[allele.position :]
    assert indices_to_strings(found.letters[None])[0] == grown[2:-3]
    assert found.changed.sum() == 5


def test_indels_at_the_edge_have_one_outcome_each(planted, genome):
    made, _ = planted
    path, _text = genome
    letters = letters_of(made)
    changes = [(5, letters[5:9], letters[5]), (118, letters[118:] + "AAA", letters[118])]
    without = Ground(made.reference, "ACGT", LOCUS)
    (one, two) = [
        altered(without, a) if a.edits else a for a in place_rows(rows_of(made, *changes), without)
    ]
    assert "needs the genome" in one.why
    assert "beyond the window" in two.why
    edge = path.with_name("edge.fa")
    edge.write_text(f">chr7\n{letters}AC\n")
    ground = Ground(made.reference, "ACGT", Interval("chr7", 0, 120), Genome(edge))
    short, long = [
        altered(ground, Allele("d", "chr7", 1, "", "", (Edit(10, letters[10 : 10 + n], ""),)))
        for n in (2, 3)
    ]
    assert indices_to_strings(short.letters[None])[0].endswith("AC")
    assert "the chromosome ends: 2 of 3 letters are there" in long.why


def test_sites_move_with_their_letters(planted, genome):
    """A deletion outside of sites: the planted sites are where they were in the sequence, less what
    moved; an oracle that wants them at fixed places answers what it answers for that sequence."""
    made, session = analysed("copies")
    letters = letters_of(made)
    interpreter = Interpreter(Projector(session, made), Ground(made.reference, "ACGT"))
    free = next(
        p for p in range(30, 90) if not any(p - 8 < s.stop and p + 8 > s.start for s in made.sites)
    )
    allele = Allele("ins", "", free, "", "ACG", (Edit(free, "", "ACG"),))
    (answer,) = interpreter.answer([allele])
    wanted = letters[:free] + "ACG" + letters[free:]
    row = strings_to_indices([wanted[1:-2]])
    assert answer.activity == pytest.approx(made.formula(row)[0], abs=1e-5)
    # the motif is found wherever it lies: nothing is lost by moving
    assert not [f for f in answer.fates if f.fate == "lost" and f.counts]
