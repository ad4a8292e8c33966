"""Intervals as people write them, and the letters that they stand for."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from seam_core.readers.genome import Genome
from seam_core.intervals import Interval, interval_of_record, parse_interval
from seam_core.validate import InputError

CHROMOSOME = "".join(np.array(list("ACGT"))[np.random.default_rng(5).integers(0, 4, 120)])


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("chr2R:5876534-5876782", Interval("chr2R", 5876533, 5876782)),
        (" chr2R:5,876,534-5,876,782 ", Interval("chr2R", 5876533, 5876782)),
        ("chr1:10..19(-)", Interval("chr1", 9, 19, "-")),
        ("HLA:A*01:10-19:(+)", Interval("HLA:A*01", 9, 19)),
        ("x:1-1-", Interval("x", 0, 1, "-")),
    ],
)
def test_intervals_as_people_write_them(text, interval):
    assert parse_interval(text) == interval
    assert parse_interval(str(interval)) == interval


@pytest.mark.parametrize("text", ["", "chr1", "chr1:5", "chr1:9-5", "chr1:0-5", "chr1:a-b"])
def test_intervals_that_are_none(text):
    with pytest.raises(InputError, match="locus"):
        parse_interval(text)


@pytest.mark.parametrize(
    ("name", "interval"),
    [
        ("chr1:11-20", Interval("chr1", 10, 20)),
        ("chr1:10-20(-)", Interval("chr1", 10, 20, "-")),
        ("chr1:0-10", Interval("chr1", 0, 10)),
        ("chr1_11_20", Interval("chr1", 10, 20)),
        ("chrUn_random_10_20", Interval("chrUn_random", 10, 20)),
        ("chr1:10-30", None),
        ("plate_1_2", None),
        ("eve stripe 2", None),
    ],
)
def test_a_record_of_ten_letters_may_be_named_after_its_interval(name, interval):
    assert interval_of_record(name, 10) == interval


def test_parts_on_both_strands():
    assert Interval("c", 30, 60).part(2, 5) == Interval("c", 32, 35)
    assert Interval("c", 30, 60, "-").part(2, 5) == Interval("c", 55, 58, "-")
    with pytest.raises(InputError, match="30 letters; expected 29"):
        Interval("c", 30, 60).check_length(29)


@pytest.fixture(params=["genome.fa", "genome.fa.gz"])
def genome(request, tmp_path):
    lines = [CHROMOSOME[i : i + 50] for i in range(0, len(CHROMOSOME), 50)]
    text = ">chr1 first\n" + "\n".join(lines) + "\n>chr2\n" + "acgtNNNNAC" * 4 + "\n"
    path = tmp_path / request.param
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_letters_of_intervals(genome):
    reader = Genome(genome)
    for start, stop in ((0, 5), (45, 55), (49, 50), (50, 51), (0, 120), (99, 120)):
        assert reader.fetch(Interval("chr1", start, stop)) == CHROMOSOME[start:stop]
    assert reader.fetch(Interval("chr2", 0, 6)) == "ACGTNN"
    assert reader.fetch(Interval("chr2", 2, 6, "-")) == "NNAC"
    assert "chr2" in reader
    with pytest.raises(InputError, match="positions 1 to 120"):
        reader.fetch(Interval("chr1", 100, 130))
    with pytest.raises(InputError, match="chromosome: got chr3"):
        reader.fetch(Interval("chr3", 0, 3))


def test_an_index_beside_the_genome_is_used(genome):
    Path(f"{genome}.fai").write_text("chr1\t120\t12\t50\t51\n")
    reader = Genome(genome)
    assert reader.fetch(Interval("chr1", 45, 55)) == CHROMOSOME[45:55]
    assert "chr2" not in reader


def test_what_is_no_genome(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        Genome(tmp_path / "none.fa")
    (tmp_path / "empty.fa").write_text("")
    with pytest.raises(InputError, match="no records"):
        Genome(tmp_path / "empty.fa")
    (tmp_path / "plain.fa.gz").write_text(">a\nACGT\n")
    with pytest.raises(InputError, match="unreadable"):
        Genome(tmp_path / "plain.fa.gz")
    (tmp_path / "ragged.fa").write_text(">a\nACGT\nAC\nACGT\n")
    with pytest.raises(InputError, match="several widths"):
        Genome(tmp_path / "ragged.fa")
