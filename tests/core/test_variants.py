"""Variants with planted truth: effects, mechanisms, sites, verdicts, and what is odd in files."""

import gzip
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pysam
import pysam.bcftools
import pytest

from seam_core import store
from seam_core.cli import main
from seam_core.intervals import Interval
from seam_core.motifs import motif_of_counts
from seam_core.parameters import OracleParameters, VariantParameters
from seam_core.projection import Projector
from seam_core.readers.genome import Genome
from seam_core.sequences import indices_to_strings, strings_to_indices
from seam_core.validate import InputError
from seam_core.variants import (
    Allele,
    Edit,
    Ground,
    Interpreter,
    altered,
    check_assembly,
    haplotypes,
    pairs,
    place_rows,
    read_variants,
    sites_frame,
    typed,
    variants_frame,
)
from seam_core.variants.motif_hits import MotifHits
from tests.core.projecting import analysed

LOCUS = Interval("chr7", 1_000, 1_120)


@pytest.fixture(scope="module")
def planted():
    made, session = analysed("all_or_none")
    return made, replace(session, locus=LOCUS)


@pytest.fixture(scope="module")
def interpreter(planted):
    made, session = planted
    return Interpreter(Projector(session, made), Ground(made.reference, "ACGT", LOCUS))


def letters_of(made):
    return indices_to_strings(made.reference[None], made.alphabet)[0]


def other(letter):
    return "CGTA"["ACGT".index(letter)]


def snv(made, position, letter=None):
    own = letters_of(made)[position]
    return typed(f"{own}{position}{letter or other(own)}")


def answers(interpreter, *texts):
    return interpreter.answer(list(place_rows([typed(t) for t in texts], interpreter.ground)))


# -- verdicts on planted truth -------------------------------------------------------------------


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
    with pytest.raises(InputError, match="A85G, or chr2R:5876619:A:G"):
        typed("85")


# -- the window keeps its length -----------------------------------------------------------------


@pytest.fixture(scope="module")
def genome(planted, tmp_path_factory):
    made, _ = planted
    rng = np.random.default_rng(3)
    before, after = ("".join(rng.choice(list("ACGT"), n)) for n in (1_000, 400))
    text = before + letters_of(made) + after
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    path.write_text(f">7 other words\n{text}\n")
    return path, text


def rows_of(made, *changes):
    """(position, ref, alt) of the sequence as rows of the chromosome."""
    from seam_core.variants import Row

    return [
        Row(i, "chr7", LOCUS.start + p + 1, ref, (alt,))
        for i, (p, ref, alt) in enumerate(changes, 1)
    ]


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


# -- files ---------------------------------------------------------------------------------------

HEADER = "##fileformat=VCFv4.2\n##contig=<ID={0},length=100000>\n"
FORMAT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'


def vcf_text(made, chrom="chr7", extra=""):
    letters = letters_of(made)
    lines = [HEADER.format(chrom) + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for p, alt in ((5, None), (60, None), (113, None)):
        ref = letters[p]
        lines.append(f"{chrom}\t{LOCUS.start + p + 1}\trs{p}\t{ref}\t{alt or other(ref)}\t.\t.\t.")
    return "\n".join(lines) + "\n" + extra


@pytest.mark.parametrize("form", ["plain", "gzip", "bgzip", "indexed", "bcf", "indexed bcf"])
def test_every_form_of_vcf_gives_the_same_rows(planted, tmp_path, form):
    made, _ = planted
    plain = tmp_path / "in.vcf"
    plain.write_text(vcf_text(made, "7"))
    path = plain
    if form == "gzip":
        path = tmp_path / "in.vcf.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif form in ("bgzip", "indexed"):
        path = tmp_path / "in.vcf.gz"
        pysam.tabix_compress(str(plain), str(path))
        if form == "indexed":
            pysam.tabix_index(str(path), preset="vcf")
    elif "bcf" in form:
        path = tmp_path / "in.bcf"
        read = pysam.VariantFile(str(plain))
        with pysam.VariantFile(str(path), "wb", header=read.header) as out:
            for record in read:
                out.write(record)
        if "indexed" in form:
            pysam.bcftools.index(str(path))
    rows = list(read_variants(path, LOCUS))
    assert [row.name for row in rows] == ["rs5", "rs60", "rs113"]
    alleles = list(place_rows(rows, Ground(made.reference, "ACGT", LOCUS)))
    assert [allele.position for allele in alleles] == [5, 60, 113]


def test_tables_of_both_kinds(planted, tmp_path):
    made, _ = planted
    letters = letters_of(made)
    ground = Ground(made.reference, "ACGT", LOCUS)
    placed = tmp_path / "placed.tsv"
    placed.write_text(f"chrom\tpos\tref\talt\n7\t1006\t{letters[5]}\t{other(letters[5])}\n")
    counted = tmp_path / "counted.csv"
    counted.write_text(f"position,letter\n5,{other(letters[5])}\n6,{letters[6]}\nx,A\n500,A\n")
    (one,) = place_rows(read_variants(placed, LOCUS), ground)
    two, same, wrong, outside = place_rows(read_variants(counted, None), ground)
    assert one.edits == two.edits
    assert same.outcome == "same as the reference"
    assert wrong.outcome == "unreadable"
    assert outside.outcome == "outside the window"
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="columns a, b"):
        list(read_variants(bad, LOCUS))


def test_what_is_odd_has_one_outcome_each(planted, tmp_path):
    made, _ = planted
    letters = letters_of(made)

    def line(p, ref, alt):
        return f"chr7\t{LOCUS.start + p + 1}\t.\t{ref}\t{alt}\t.\t.\t.\n"

    text = HEADER.format("chr7") + '##ALT=<ID=DEL,Description="x">\n'
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    text += line(3, letters[3], f"{other(letters[3])},*,<DEL>") + line(4, letters[4], ".")
    text += line(8, letters[8], "N") + line(500, "A", "C")
    text += "".join(line(p, letters[p], other(letters[p])) for p in range(20, 40))
    text += line(50, other(letters[50]), letters[50])
    path = tmp_path / "odd.vcf"
    path.write_text(text)
    found = list(place_rows(read_variants(path, LOCUS), Ground(made.reference, "ACGT", LOCUS)))
    outcomes = [allele.outcome for allele in found if allele.outcome]
    assert outcomes == [
        "spanning deletion", "symbolic allele", "no alternative allele", "unknown letter",
        "REF differs",
    ]  # fmt: skip
    assert sum(not allele.outcome for allele in found) == 21
    check_assembly(found)  # one of twenty-four is not another assembly


def test_another_assembly_is_refused_whole(planted, tmp_path):
    made, _ = planted
    letters = letters_of(made)
    rows = rows_of(
        made, *[(p, other(letters[p]), letters[p]) for p in (3, 9)], (20, letters[20], "A")
    )
    found = list(place_rows(rows, Ground(made.reference, "ACGT", LOCUS)))
    with pytest.raises(InputError, match=r"2 of 3 with another REF .* none was used"):
        check_assembly(found)


def test_positions_that_count_from_one_are_told(planted):
    made, _ = planted
    letters = letters_of(made)
    at = next(p for p in range(5, 100) if letters[p] != letters[p + 1])
    (allele,) = place_rows([typed(f"{letters[at]}{at + 1}{other(letters[at])}")],
                           Ground(made.reference, "ACGT"))  # fmt: skip
    assert f"positions count from 0, {letters[at]} is at {at}" in allele.why


def test_a_vcf_needs_a_place(planted, tmp_path):
    made, _ = planted
    path = tmp_path / "in.vcf"
    path.write_text(vcf_text(made))
    with pytest.raises(InputError, match="does not know where its sequence lies"):
        list(read_variants(path, None))
    (tmp_path / "cut.vcf.gz").write_bytes(gzip.compress(path.read_bytes())[:-30])
    with pytest.raises(InputError, match=r"unreadable|damaged"):
        list(read_variants(tmp_path / "cut.vcf.gz", LOCUS))


def test_haplotypes_and_pairs(planted, tmp_path, interpreter):
    made, _ = planted
    letters = letters_of(made)
    a, b, c = made.sites[0].start, made.sites[1].start, 2
    text = HEADER.format("chr7") + FORMAT
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\tbob\teve\n"
    genotypes = {a: "1|0\t0/1\t1|1", b: "1|0\t0/1\t.|1", c: "0|1\t0|0\t0|0"}
    for p in sorted(genotypes):
        row = f"chr7\t{LOCUS.start + p + 1}\tv{p}\t{letters[p]}\t{other(letters[p])}\t.\t.\t.\tGT\t"
        text += row + genotypes[p] + "\n"
    path = tmp_path / "phased.vcf"
    path.write_text(text)
    rows = list(read_variants(path, LOCUS))
    alleles = list(place_rows(rows, interpreter.ground))
    together = haplotypes(rows, alleles)
    (known,) = [each for each in together if each.edits]
    assert known.samples == ("ann|1", "eve|2")
    assert known.name == f"v{a}+v{b}"
    missing = {each.detail: each.samples for each in together if not each.edits}
    assert missing[f"no genotype at chr7:{LOCUS.start + b + 1}"] == ("eve|1",)
    assert set(missing[f"not phased at chr7:{LOCUS.start + a + 1}"]) == {"bob|1", "bob|2"}
    answered = interpreter.answer([*alleles, *pairs(alleles)])
    frame = variants_frame(interpreter, answered).set_index("name")
    both = frame.loc[known.name]
    sequence = made.reference.copy()
    for p in (a, b):
        sequence[p] = "ACGT".index(other(letters[p]))
    alone = [frame.loc[f"v{p}", "effect"] for p in (a, b)]
    truth = made.formula(sequence[None])[0] - made.formula(made.reference[None])[0]
    assert both["effect"] == pytest.approx(truth, abs=1e-5)
    assert both["interaction"] == pytest.approx(truth - sum(alone), abs=1e-5)
    assert len(pairs(alleles)) == 3


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


# -- the command ---------------------------------------------------------------------------------

ORACLE = """
from tests.planted_kinds import make
made = make("all_or_none", 0)
length, n_letters = made.length, 4
def planted(x):
    return made.predict(x)
"""


@pytest.fixture(scope="module")
def saved(planted, tmp_path_factory):
    _, session = planted
    folder = tmp_path_factory.mktemp("variants")
    (folder / "variants_oracle.py").write_text(ORACLE)
    model = f"{folder / 'variants_oracle.py'}:planted"
    store.save(replace(session, oracle=OracleParameters(model=model)), folder / "session")
    return folder, model


def test_the_command_writes_what_other_programs_read(planted, saved, tmp_path, capsys):
    made, _ = planted
    folder, _ = saved
    letters = letters_of(made)
    path = tmp_path / "in.vcf"
    extra = f"chr7\t{LOCUS.start + 62}\t.\t{letters[61]}\t<DEL>\t.\t.\t.\n"
    path.write_text(vcf_text(made, extra=extra))
    command = ["variants", str(folder / "session"), "--vcf", str(path), "--quiet", "--trust-model"]
    command += ["--out", str(tmp_path / "out"), "--taxa", "nematodes", "--combine"]
    assert main(command) == 0
    assert "3 of 4 alleles answered" in capsys.readouterr().out.replace("6 of 7", "3 of 4")
    frame = pd.read_parquet(tmp_path / "out" / "variants.parquet")
    table = pd.read_csv(tmp_path / "out" / "variants.csv")
    assert list(frame.columns) == list(table.columns)
    wanted = ["chrom", "pos", "ref", "alt", "position", "activity_ref", "activity_alt", "effect",
              "mechanism_ref", "mechanism_alt", "confidence", "verdict", "sites_lost",
              "sites_created"]  # fmt: skip
    assert set(wanted) <= set(frame.columns)
    assert (frame["kind"] == "pair").sum() == 3
    with pysam.VariantFile(str(tmp_path / "out" / "variants.vcf.gz")) as file:
        records = list(file.fetch("chr7", LOCUS.start, LOCUS.stop))
        assert all(key.startswith("SEAM_") for record in records for key in record.info)
    by_pos = {record.pos: record for record in records}
    singles = frame[(frame["kind"] == "variant") & (frame["outcome"] == "")]
    for row in singles.to_dict("records"):
        assert by_pos[row["pos"]].info["SEAM_EFFECT"][0] == pytest.approx(row["effect"], abs=1e-5)
    assert by_pos[LOCUS.start + 62].info["SEAM_OUTCOME"].startswith("symbolic_allele")
    told = pysam.bcftools.query(
        "-f", "%POS %INFO/SEAM_VERDICT\n", str(tmp_path / "out" / "variants.vcf.gz")
    )
    assert f"{LOCUS.start + 6} preserves|silent" in told.splitlines()
    page = (tmp_path / "out" / "variants.html").read_text()
    assert "disrupts, reprograms" in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("https://matplotlib", "")


def test_from_nothing_the_library_runs_first(planted, saved, tmp_path):
    made, _ = planted
    _, model = saved
    path = tmp_path / "in.csv"
    path.write_text(f"variant\n{letters_of(made)[5]}5{other(letters_of(made)[5])}\n")
    command = ["variants", "--vcf", str(path), "--quiet", "--out", str(tmp_path / "out"), "--model"]
    command += [model, "--sequence", letters_of(made), "--method=ism", "--n-sequences=150"]
    command += ["--embedding=pca", "--n-clusters=4", "--no-experiments", "--site-draws=0"]
    assert main(command) == 0
    frame = pd.read_parquet(tmp_path / "out" / "variants.parquet")
    assert frame["outcome"].tolist() == [""]
    assert store.is_session(tmp_path / "out" / "session")
    assert main(command) == 2


def test_another_assembly_ends_the_command(planted, saved, tmp_path, capsys):
    made, _ = planted
    folder, _ = saved
    path = tmp_path / "in.tsv"
    letters = letters_of(made)
    rows = [f"7\t{LOCUS.start + p + 1}\t{other(letters[p])}\t{letters[p]}" for p in (3, 7, 9)]
    path.write_text("chrom\tpos\tref\talt\n" + "\n".join(rows) + "\n")
    command = [
        "variants",
        str(folder / "session"),
        "--vcf",
        str(path),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main([*command, "--quiet", "--trust-model"]) == 2
    assert "3 of 3 with another REF" in capsys.readouterr().err
    assert not (tmp_path / "o" / "variants.csv").exists()


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


def test_many_rows_elsewhere_are_read_past(planted, tmp_path):
    made, _ = planted
    letters = letters_of(made)
    path = tmp_path / "many.vcf"
    with open(path, "w") as out:
        out.write(HEADER.format("chr7") + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        out.writelines(f"chr7\t{2_000 + i}\t.\tA\tC\t.\t.\t.\n" for i in range(20_000))
        out.write(f"chr7\t{LOCUS.start + 6}\t.\t{letters[5]}\t{other(letters[5])}\t.\t.\t.\n")
    from seam_core.variants import Counts

    counts = Counts()
    rows = list(read_variants(path, LOCUS, counts))
    assert len(rows) == 1
    assert (counts.rows, counts.elsewhere) == (20_001, 20_000)
    shutil.rmtree(tmp_path)


def test_a_batch_answers_each_locus_with_its_variants(tmp_path, saved):
    made, _ = analysed("all_or_none")
    _, model = saved
    letters = letters_of(made)
    rng = np.random.default_rng(8)
    spacer = "".join(rng.choice(list("ACGT"), 50))
    (tmp_path / "genome.fa").write_text(f">chr3\n{spacer}{letters}{spacer}{letters}{spacer}\n")
    (tmp_path / "loci.bed").write_text("chr3\t50\t170\tone\nchr3\t220\t340\ttwo\n")
    lines = [HEADER.format("chr3") + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    at = made.sites[0].start
    for start, p in ((50, 3), (50, at), (220, at)):
        row = ["chr3", str(start + p + 1), ".", letters[p], other(letters[p]), ".", ".", "."]
        lines.append("\t".join(row))
    (tmp_path / "in.vcf").write_text("\n".join(lines) + "\n")
    command = ["batch", str(tmp_path / "loci.bed"), "--genome", str(tmp_path / "genome.fa")]
    command += ["--vcf", str(tmp_path / "in.vcf"), "--out", str(tmp_path / "b"), "--quiet"]
    command += ["--model", model, "--method=ism", "--n-sequences=200", "--n-clusters=5"]
    command += ["--workers=1", "--no-experiments", "--trust-model"]
    assert main(command) == 0
    frame = pd.read_parquet(tmp_path / "b" / "variants.parquet")
    assert frame["locus"].tolist() == ["one", "one", "two"]
    assert frame["position"].tolist() == [3, at, at]
    assert frame["effect"].iloc[1] == pytest.approx(frame["effect"].iloc[2], abs=1e-5)
    with pysam.VariantFile(str(tmp_path / "b" / "variants.vcf.gz")) as file:
        found = [(record.pos, record.info["SEAM_LOCUS"]) for record in file.fetch("chr3")]
    assert found == [(54, "one"), (50 + at + 1, "one"), (220 + at + 1, "two")]
    kept = tmp_path / "b" / "variants" / "one" / "variants.parquet"
    before = kept.stat().st_mtime_ns
    assert main(command) == 0
    assert kept.stat().st_mtime_ns == before
