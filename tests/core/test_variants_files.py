"""Files of variants: every form, what is odd in them, haplotypes."""

import gzip
import shutil

import pysam
import pysam.bcftools
import pytest

from seam_core.validate import InputError
from seam_core.variants import (
    Ground,
    check_assembly,
    haplotypes,
    pairs,
    place_rows,
    read_variants,
    typed,
    variants_frame,
)
from tests.core.variants import (
    HEADER,
    LOCUS,
    interpreting,
    letters_of,
    located,
    other,
    rows_of,
    vcf_text,
)

FORMAT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'


@pytest.fixture(scope="module")
def planted():
    return located()


@pytest.fixture(scope="module")
def interpreter():
    return interpreting()


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


def test_many_rows_elsewhere_are_read_past(planted, tmp_path):
    made, _ = planted
    letters = letters_of(made)
    path = tmp_path / "many.vcf"
    with open(path, "w") as out:
        out.write(HEADER.format("chr7") + "##contig=<ID=chr8>\n")
        out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        out.writelines(f"chr{7 + i % 2}\t{2_000 + i}\t.\tA\tC\t.\t.\t.\n" for i in range(20_000))
        out.write(f"chr7\t{LOCUS.start + 6}\t.\t{letters[5]}\t{other(letters[5])}\t.\t.\t.\n")
    from seam_core.variants import Counts

    counts = Counts()
    rows = list(read_variants(path, LOCUS, counts))
    assert len(rows) == 1
    assert (counts.rows, counts.other_chromosomes, counts.outside) == (20_001, 10_000, 10_000)
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("position", ["1e30", "10.5", "99999999999999999999", "x", "nan", "inf"])
def test_a_position_that_is_none_is_told_and_the_rest_goes_on(planted, tmp_path, position):
    made, _ = planted
    letter = other(letters_of(made)[5])
    (tmp_path / "v.csv").write_text(f"position,letter\n{position},C\n5.0,{letter}\n")
    ground = Ground(made.reference, made.alphabet)
    found = list(place_rows(read_variants(tmp_path / "v.csv", None), ground))
    assert [each.outcome for each in found] == ["unreadable", ""]
    assert found[1].edits[0].start == 5
    with pytest.raises(InputError, match="position"):
        typed("A99999999999999999999C")


@pytest.mark.parametrize("name", ["v.vcf", "v.vcf.gz", "v.BCF"])
def test_a_vcf_by_its_name_alone_is_refused(tmp_path, name):
    (tmp_path / name).write_text("chr7\t1011\t.\tA\tC\t.\t.\t.\n")
    with pytest.raises(InputError, match="as the file's name says"):
        list(read_variants(tmp_path / name, LOCUS))
