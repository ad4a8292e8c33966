"""Loci of a batch: read right from every kind of file, each with what is wrong with it."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import numpy as np
import pytest

from seam_core.batch import open_batch, read_loci
from seam_core.batch.worker import Job
from seam_core.cli import main
from seam_core.intervals import Interval
from seam_core.pipeline import RunConfig
from seam_core.store import load
from seam_core.validate import InputError
from tests.core.batches import ORACLE, in_turn, tree  # noqa: F401  (a fixture)

CHROMOSOME = "ACGTACGTTGACTCAGATTACAGGCCATTG" * 4


@pytest.fixture
def genome(tmp_path):
    lines = [CHROMOSOME[i : i + 50] for i in range(0, len(CHROMOSOME), 50)]
    text = ">chr1 first\n" + "\n".join(lines) + "\n>chr2\n" + "ACGTNNNNAC" * 4 + "\n"
    (tmp_path / "genome.fa").write_text(text)
    return tmp_path / "genome.fa"


def test_loci_from_bed(genome, tmp_path):
    (tmp_path / "loci.bed").write_text(
        "track name=x\n#comment\n"
        "chr1\t0\t30\tfirst\t0\t+\n"
        "chr1\t30\t60\tback\t0\t-\n"
        "chr1\t60\t90\n"
        "chr1\t100\t130\toff\n"
        "chr9\t0\t30\tnowhere\n"
        "chr2\t0\t30\tunknown\n"
        "chr1\t0\t30\tfirst\n"
        "chr1\tzero\n"
    )
    loci = {locus.name: locus for locus in read_loci(tmp_path / "loci.bed", genome)}
    assert loci["first"].sequence == CHROMOSOME[:30]
    assert loci["chr1_60_90"].sequence == CHROMOSOME[60:90]
    forward = CHROMOSOME[30:60]
    pairs = {"A": "T", "C": "G", "G": "C", "T": "A"}
    assert loci["back"].sequence == "".join(pairs[letter] for letter in reversed(forward))
    assert loci["back"].interval == Interval("chr1", 30, 60, "-")
    for name, said in {
        "off": "genome.fa: interval: got chr1:101-130; expected positions 1 to 120",
        "nowhere": "genome.fa: chromosome: got chr9",
        "unknown": "loci.bed: sequence of unknown: got N at position 4",
        "first (2)": "loci.bed: name: got first a second time",
        "line 10": "loci.bed: line 10: got 'chr1\\tzero'; expected BED: chromosome, start, stop",
    }.items():
        assert said in loci[name].error
    assert sum(1 for locus in loci.values() if not locus.error) == 3


def test_a_genome_of_another_assembly_is_noticed_by_places_that_it_lacks(genome, tmp_path):
    word = "2 of 14 places are not in genome.fa; were the loci made with another assembly?"
    rows = [*(f"chr1\t{i}\t{i + 30}" for i in range(12)), "chr1\tzero", "chr1\t100\t130"]
    for more, noticed in (([], []), (["chr9\t0\t30"], [word])):
        (tmp_path / "loci.bed").write_text("\n".join([*rows, *more]) + "\n")
        said = []
        read_loci(tmp_path / "loci.bed", genome, say=said.append)
        assert said == noticed


def test_the_letters_at_a_place_are_part_of_what_a_result_was_made_from(genome, tmp_path):
    """Another genome with the same coordinates: only loci with other letters are done again."""
    (tmp_path / "loci.bed").write_text("chr1\t0\t30\tsame\nchr1\t30\t60\tother\n")
    other = tmp_path / "other.fa"
    other.write_text(f">chr1\n{CHROMOSOME[:40]}{'A' * 5}{CHROMOSOME[45:]}\n")
    values = RunConfig().to_dict()
    here, there = (
        [Job(locus, values, "out").fingerprint for locus in read_loci(tmp_path / "loci.bed", fasta)]
        for fasta in (genome, other)
    )
    assert here[0] == there[0]
    assert here[1] != there[1]


def test_loci_from_fasta_and_table(tmp_path):
    (tmp_path / "a.fa").write_text(">one\nACGT\n>two\nTTTT\n")
    (tmp_path / "a.csv").write_text("Name,Sequence\none,acgt\ntwo,TTTT\n")
    fasta, table = read_loci(tmp_path / "a.fa"), read_loci(tmp_path / "a.csv")
    assert [(locus.name, locus.sequence) for locus in fasta] == [("one", "ACGT"), ("two", "TTTT")]
    assert fasta == table


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.bed", "chr1\t0\t30\n", "--genome: got nothing"),
        ("a.csv", "Name,Seq\na,ACGT\n", "column Sequence"),
        ("a.xls", "x", "got text; expected one of"),
        ("a.fa", "", "an empty file"),
        ("missing.fa", None, "no such file"),
    ],
)
def test_bad_files_of_loci(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_loci(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.fa", ">one\nACGT\n>one\nTTTT\n>empty\n>last\nGGNG\n"),
        ("a.csv", "Name,Sequence\none,ACGT\none,TTTT\nempty,\nlast,GGNG\n"),
    ],
)
def test_a_wrong_record_does_not_stop_the_others(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    one, twice, empty, last = read_loci(tmp_path / name)
    assert (one.name, one.sequence, one.error) == ("one", "ACGT", "")
    assert twice.error.endswith(f"{name}: name: got one a second time; expected one of a name")
    assert empty.error.endswith(f"{name}: sequence of empty: got nothing; expected letters")
    assert last.error.endswith(
        f"{name}: sequence of last: got N at position 2; expected known letters only"
    )


def test_a_batch_of_which_nothing_can_be_run_fails(tmp_path, capsys):
    (tmp_path / "batch_oracle.py").write_text(ORACLE)
    (tmp_path / "a.fa").write_text(">one\nACGN\n>two\n")
    given = ["batch", tmp_path / "a.fa", "--model", f"{tmp_path / 'batch_oracle.py'}:reads_ap1"]
    given += ["--method=ism", "--out", tmp_path / "out", "--quiet"]
    assert main([str(argument) for argument in given]) == 2
    said = capsys.readouterr()
    assert "0 of 2 loci done; 2 failed" in said.out
    assert "got none that could be run" in said.err
    assert (tmp_path / "out" / "loci.csv").read_text().count("expected") == 2


RECIPE = """
[recipe]
title = "Two scores"
combine = "compare"
[mutagenizer]
n_sequences = 80
[attributer]
method = "ism"
[clusterer]
clustering = "kmeans"
cluster_on = "maps"
n_clusters = 3
[identifier]
n_bootstrap = 10
[[variant]]
name = "plain"
attributer = {ism_score = "difference"}
[[variant]]
name = "log"
attributer = {ism_score = "log2fc"}
"""


def batch_of(tmp_path, recipe: str, loci: str) -> list[str]:
    """The command that runs a recipe at the records of a FASTA; the folder is to be added."""
    (tmp_path / "batch_oracle.py").write_text(ORACLE)
    (tmp_path / "recipe.toml").write_text(recipe)
    (tmp_path / "a.fa").write_text(loci)
    given = ["batch", tmp_path / "a.fa", "--recipe", tmp_path / "recipe.toml", "--full", "--quiet"]
    given += ["--model", f"{tmp_path / 'batch_oracle.py'}:reads_ap1", "--workers=1", "--out"]
    return [str(argument) for argument in given]


def test_runs_that_are_compared_are_kept_of_every_locus(tmp_path, capsys, in_turn):
    loci = f">one\n{CHROMOSOME[:30]}\n>off\nACGN\n"
    command = [*batch_of(tmp_path, RECIPE, loci), str(tmp_path / "out")]
    assert main(command) == 0
    assert "2 of 4 loci done; 2 failed" in capsys.readouterr().out
    batch = open_batch(tmp_path / "out")
    assert list(batch.loci["locus"]) == ["one plain", "one log", "off plain", "off log"]
    assert list(batch.states) == ["done", "done", "failed", "failed"]
    names = ("one plain", "one log")
    seeds = {batch.locus(name).manifest["seed"] for name in names}
    assert len(seeds) == 1
    plain, log = (load(batch.session_folder(name)) for name in names)
    np.testing.assert_array_equal(plain.library.sequences, log.library.sequences)
    assert not np.array_equal(plain.maps.maps, log.maps.maps)
    assert main(command) == 0
    assert "2 of 4 loci done, 2 of them before" in capsys.readouterr().out
    runs = ["--run=one way:ism-score=log2fc", "--run=another:ism-score=difference"]
    assert main([*command[:-1], str(tmp_path / "other"), *runs]) == 0
    names = list(open_batch(tmp_path / "other").loci["locus"])
    assert names[:2] == ["one one way", "one another"]
    assert main([*command, "--ism-score=log2fc"]) == 2
    assert "runs of the recipe set themselves (plain difference, log log2fc)" in (
        capsys.readouterr().err
    )


JOINED = """
[recipe]
title = "Two contexts"
combine = "task"
[mutagenizer]
library = "global"
pattern = "TGACTCA"
n_sequences = 60
[attributer]
method = "ism"
map_flank = 4
[clusterer]
clustering = "kmeans"
cluster_on = "maps"
n_clusters = 3
[identifier]
n_bootstrap = 10
[[variant]]
name = "genomic"
mutagenizer = {pattern_flank = 4, background = "dinucleotide"}
[[variant]]
name = "synthetic"
mutagenizer = {background = "random"}
"""


def test_runs_that_are_joined_are_one_result_of_every_locus(tmp_path, capsys, request):
    loci = f">one\n{CHROMOSOME[:30]}\n>two\n{CHROMOSOME[30:60]}\n>off\nACGN\n"
    command = batch_of(tmp_path, JOINED, loci)
    assert main([*command, str(tmp_path / "out"), "--workers=2"]) == 0
    assert "2 of 3 loci done; 1 failed" in capsys.readouterr().out
    batch = open_batch(tmp_path / "out")
    assert batch.loci["task_separation"][:2].between(-0.1, 1).all()
    for name in ("one", "two"):
        clusters = batch.locus(name).tables["clusters"].to_pandas()
        sizes = clusters[["size_genomic", "size_synthetic"]]
        assert list(sizes.sum()) == [60, 60]
        assert list(sizes.sum(axis=1)) == list(clusters["size"])
        session = load(batch.session_folder(name))
        assert list(session.table.frame["Task"][::60]) == ["genomic", "synthetic"]
    assert main([*command, str(tmp_path / "again")]) == 0
    made = [tree(tmp_path / out) for out in ("out", "again")]
    assert made[0] == made[1]
    request.getfixturevalue("in_turn")  # what follows needs no cluster
    batch_of(tmp_path, JOINED.replace('"random"', '"dinucleotide"'), loci)
    capsys.readouterr()
    assert main([*command, str(tmp_path / "out")]) == 0
    assert "2 of 3 loci done; 1 failed" in capsys.readouterr().out
