"""Variants with planted truth: effects, mechanisms, sites and verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from seam_core.motifs import motif_of_counts
from seam_core.parameters import VariantParameters
from seam_core.projection import Projector
from seam_core.sequences import indices_to_strings, strings_to_indices
from seam_core.validate import InputError
from seam_core.variants import (
    Ground,
    Interpreter,
    altered,
    place_rows,
    sites_frame,
    typed,
)
from seam_core.variants.motif_hits import MotifHits
from tests.core.projecting import analysed
from tests.core.variants import LOCUS, interpreting, letters_of, located, other


@pytest.fixture(scope="module")
def planted():
    return located()


@pytest.fixture(scope="module")
def interpreter():
    return interpreting()


def snv(made, position, letter=None):
    own = letters_of(made)[position]
    return typed(f"{own}{position}{letter or other(own)}")


def answers(interpreter, *texts):
    return interpreter.answer(list(place_rows([typed(t) for t in texts], interpreter.ground)))


def test_every_single_variant_has_its_planted_verdict(planted, interpreter):
    """Letters of sites break them and reprogram; all others do nothing."""
    made, _ = planted
    letters = letters_of(made)
    rows = [snv(made, p, a) for p in range(made.length) for a in "ACGT" if a != letters[p]]
    found = [a for b in interpreter.answers(list(place_rows(rows, interpreter.ground))) for a in b]
    owner = {p: site.name for site in made.sites for p in site.positions}
    for answer in found:
        site = owner.get(answer.allele.position)
        lost = [f.site for f in answer.fates if f.fate == "lost" and f.counts]
        if site is None:
            assert answer.verdict == "preserves, silent", answer.allele.name
        else:
            assert answer.verdict == "disrupts, reprograms", answer.allele.name
            assert site in lost
    sequences = np.stack([answer.sequence.letters for answer in found])
    one_by_one = np.array([made.formula(row[None])[0] for row in sequences])
    effects = np.array([answer.effect for answer in found])
    np.testing.assert_allclose(
        effects, one_by_one - made.formula(made.reference[None])[0], atol=1e-5
    )


def test_the_model_confirms_what_was_lost(planted, interpreter):
    made, _ = planted
    site = made.sites[2]
    (answer,) = interpreter.answer(
        list(place_rows([snv(made, site.start + 3)], interpreter.ground))
    )
    (fate,) = [f for f in answer.fates if f.site == site.name]
    assert (fate.fate, fate.confirmed, fate.answered.how) == ("lost", True, "knock-out")
    assert fate.answered.before == pytest.approx(made.knockouts()[2], rel=0.05)
    assert abs(fate.answered.after) < 0.1 * fate.answered.before
    frame = sites_frame([answer])
    row = frame[frame["site"] == site.name].iloc[0]
    assert row["effect_ref_low"] < made.knockouts()[2] < row["effect_ref_high"]
    assert row["effect_ref"] == pytest.approx(
        (row["effect_ref_low"] + row["effect_ref_high"]) / 2, abs=1e-9
    )
    assert row["effect_alt_low"] < row["effect_alt"] < row["effect_alt_high"]
    assert 0.99 * row["library_low"] <= row["strength_ref"] <= 1.01 * row["library_high"]


def test_a_site_that_the_reference_lacks_is_created(planted):
    """Truth: the session of a reference whose third site is broken by one letter."""
    made, session = planted
    broken = made.reference.copy()
    at = made.sites[2].positions[4]
    broken[at] = (broken[at] + 1) % 4
    library = session.library
    swapped = replace(library, reference=broken)
    moved = replace(session, library=swapped, sites=None, table=session.table)
    interpreter = Interpreter(Projector(moved, made), Ground(broken, "ACGT"))
    sequence = indices_to_strings(broken[None])[0]
    text = f"{sequence[at]}{at}{letters_of(made)[at]}"
    (answer,) = answers(interpreter, text)
    assert answer.site_verdict == "creates"
    (fate,) = [f for f in answer.fates if f.fate == "created"]
    assert fate.confirmed
    assert set(fate.positions) & set(made.sites[2].positions)
    assert answer.effect > 0


def test_beside_no_confirmed_site_what_is_new_does_more_than_windows_do():
    """additive: single letters add up and there is no site, so that none can be created."""
    made, session = analysed("additive", seed=1)
    assert "confirmed" not in set(session.experiments.sites["verdict"])
    interpreter = Interpreter(Projector(session, made), Ground(made.reference, "ACGT"))
    changes = [snv(made, position) for position in range(made.length)]
    alleles = list(place_rows(changes, interpreter.ground))

    def created():
        fates = [fate for answer in interpreter.answer(alleles) for fate in answer.fates]
        return sum(fate.fate == "created" and fate.counts for fate in fates)

    assert created() == 0
    interpreter.questions.least_new = 0.0
    assert created() > 0  # half a standard deviation of the activity, which a letter can do


def test_a_repressor_that_is_lost_raises_the_activity():
    made, session = analysed("repressor")
    interpreter = Interpreter(Projector(session, made), Ground(made.reference, "ACGT"))
    (answer,) = interpreter.answer(
        list(place_rows([snv(made, made.sites[1].start + 2)], interpreter.ground))
    )
    assert answer.effect > interpreter.silent_below
    assert answer.site_verdict == "disrupts"


def test_small_changes_tune(planted):
    """pwm: each letter of a site has a share of its effect, so one letter only tunes."""
    made, session = analysed("pwm", n_clusters=4)
    interpreter = Interpreter(Projector(session, made), Ground(made.reference, "ACGT"))
    (answer,) = interpreter.answer(
        list(place_rows([snv(made, made.sites[0].start + 2)], interpreter.ground))
    )
    assert answer.mechanism_verdict == "tunes"
    assert answer.mechanism == interpreter.mechanism


def test_the_library_tells_the_effect_too(planted, interpreter):
    made, session = planted
    at = made.sites[0].start
    (answer,) = interpreter.answer(list(place_rows([snv(made, at)], interpreter.ground)))
    letters, activity = session.library.sequences[:, at], session.table.activity
    new = strings_to_indices([answer.allele.alt])[0, 0]
    with_, without = activity[letters == new], activity[letters == made.reference[at]]
    mean = with_.mean() - without.mean()
    error = np.sqrt(with_.var(ddof=1) / len(with_) + without.var(ddof=1) / len(without))
    assert answer.library.effect == pytest.approx(mean)
    assert answer.library.low == pytest.approx(mean - 1.96 * error, abs=1e-3)


def test_a_typed_variant_is_as_from_a_file(planted, interpreter):
    made, _ = planted
    letters = letters_of(made)
    by_place, counted = answers(
        interpreter,
        f"7:1,011:{letters[10]}:{other(letters[10])}",
        f"{letters[10]}10{other(letters[10])}",
    )
    assert by_place.allele.position == counted.allele.position == 10
    assert by_place.effect == counted.effect
    with pytest.raises(InputError, match="A85G, A85ATT"):
        typed("85")


def test_motifs_before_and_after():
    counts = np.ones((8, 4))
    counts[np.arange(8), strings_to_indices(["TGACTCAT"])[0]] = 60
    hits = MotifHits([motif_of_counts("M1", counts, alternate="AP1")])
    reference = strings_to_indices(["CCCCCCCCTGACTCATCCCCCCCC"])[0]
    ground = Ground(reference, "ACGT")
    gone = altered(ground, next(iter(place_rows([typed("A10G")], ground))))
    assert hits.before_and_after(reference, gone) == ("AP1", "")
    turned = strings_to_indices(["CCCCCCCCATGAGTCACCCCCCCC"])[0]
    assert hits.at(turned, np.array([10])) == "AP1"
    assert hits.at(turned, np.array([22])) == ""


def test_rna_sessions_take_letters_of_dna_and_rna():
    made, session = analysed("rna")
    ground = Ground(made.reference, made.alphabet, LOCUS)
    interpreter = Interpreter(Projector(session, made), ground)
    at = next(p for p in made.sites[0].positions if ground.letters[p] == "U")
    rows = [typed(f"U{at}C"), typed(f"T{at}C"), typed(f"chr7:{LOCUS.start + at + 1}:T:C")]
    found = interpreter.answer(list(place_rows(rows, ground)))
    assert {each.allele.edits[0].text for each in found} == {f"U{at}C"}
    formula = made.formula(np.stack([found[0].sequence.letters, made.reference]))
    for each in found:
        assert each.effect == pytest.approx(formula[0] - formula[1], abs=1e-5)
        assert each.site_verdict == found[0].site_verdict


def test_protein_sessions_take_their_letters(tmp_path):
    made, session = analysed("protein")
    ground = Ground(made.reference, made.alphabet)
    interpreter = Interpreter(Projector(session, made), ground, VariantParameters(site_draws=0))
    at = made.sites[0].start + 1
    letter = next(a for a in "WYV" if a != ground.letters[at])
    (answer,) = answers(interpreter, f"{ground.letters[at]}{at}{letter}")
    assert answer.effect == pytest.approx(
        made.formula(answer.sequence.letters[None])[0] - made.formula(made.reference[None])[0],
        abs=1e-5,
    )
    assert answer.site_verdict == "disrupts"
    bare = replace(session, library=replace(session.library, reference=None))
    with pytest.raises(InputError, match="without a reference"):
        Interpreter(Projector(bare, made), ground)


def test_what_is_silent_is_told_from_all_single_substitutions_outside_of_sites(planted):
    made, _ = planted
    asked = interpreting().questions
    inside = {p for site in asked.sites for p in site.positions}
    effects = []
    for position in set(range(len(made.reference))) - inside:
        for step in (1, 2, 3):
            mutant = made.reference.copy()
            mutant[position] = (mutant[position] + step) % 4
            answers = asked.questions.answers([np.stack([made.reference, mutant])])
            effects.append(abs(answers[1] - answers[0]))
    assert asked.quiet_effect() == pytest.approx(np.quantile(effects, 0.9))
