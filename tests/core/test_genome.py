"""Intervals as people write them, and the letters that they stand for."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pysam
import pytest

from seam_core.intervals import Interval, parse_interval, place_of_record
from seam_core.readers.genome import Genome
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
        ("enh1::chr1:10-20(+)", Interval("chr1", 10, 20)),
        ("a::b::chr1:10-20(-)", Interval("chr1", 10, 20, "-")),
        ("enh1::chr1:1,011-1,020", Interval("chr1", 1010, 1020)),
        ("chr1_11_20", Interval("chr1", 10, 20)),
        ("chr1_11_30", None),
        ("chrom_11_20", None),
        ("my_enh_1_10", None),
        ("chr1:10-30", None),
        ("plate_1_2", None),
        ("eve stripe 2", None),
    ],
)
def test_a_record_of_ten_letters_may_be_named_after_its_interval(name, interval):
    place = place_of_record(name, 10)
    assert (place and place.interval) == interval


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
    assert [reader.name_of(name) for name in ("chr1", "2", "chr3")] == ["chr1", "chr2", "chr3"]
    with pytest.raises(InputError, match="positions 1 to 120"):
        reader.fetch(Interval("chr1", 100, 130))
    with pytest.raises(InputError, match="chromosome: got chr3"):
        reader.fetch(Interval("chr3", 0, 3))


def faidx(path):
    """The index that samtools writes."""
    pysam.faidx(str(path))
    return Path(f"{path}.fai")


@pytest.fixture
def plain(tmp_path):
    rng = np.random.default_rng(3)
    path = tmp_path / "plain.fa"
    path.write_text("".join(f">chr{k} x\n{wrapped(rng, 2000 + k, 60)}" for k in range(3)))
    return path


def wrapped(rng, length, width):
    letters = "".join(np.array(list("ACGT"))[rng.integers(0, 4, length)])
    return "".join(letters[i : i + width] + "\n" for i in range(0, length, width))


def answers(genome, path):
    """What we read at some places, and what pysam reads there."""
    theirs = pysam.FastaFile(str(path))
    places = [(f"chr{k}", a, a + 70) for k in range(3) for a in (0, 59, 60, 61, 1000, 1930)]
    return (
        [genome.fetch(Interval(*place)) for place in places],
        [theirs.fetch(*place) for place in places],
    )


def test_an_index_of_samtools_is_used_and_nothing_is_written(plain):
    faidx(plain)
    before = sorted(plain.parent.iterdir())
    said = []
    ours, theirs = answers(Genome(plain, say=said.append), plain)
    assert ours == theirs
    assert said == []
    assert sorted(plain.parent.iterdir()) == before


def foreign_width(index, text):
    """Of the same letters in lines of another width."""
    index.write_text(text.replace("\t60\t61", "\t50\t51"))


def without_last(index, text):
    index.write_text("".join(text.splitlines(keepends=True)[:-1]))


def shifted(index, text):
    """Of a file whose first header was longer, with an end that fits all the same."""
    rows = [line.split("\t") for line in text.splitlines()]
    rows[1][2] = str(int(rows[1][2]) + 5)
    index.write_text("".join("\t".join(row) + "\n" for row in rows))


def swapped_names(index, text):
    index.write_text(text.replace("chr0", "chrX").replace("chr1", "chr0").replace("chrX", "chr1"))


@pytest.mark.parametrize(
    "spoil",
    [
        foreign_width,
        without_last,
        shifted,
        swapped_names,
        lambda index, text: index.write_text("chr0\tmany\n"),
        lambda index, text: index.write_bytes(b"\x00\xff\xfe"),
        lambda index, text: os.utime(index, (1, 1)),
    ],
)
def test_an_index_that_does_not_fit_is_made_anew_elsewhere(plain, spoil, tmp_path):
    index = faidx(plain)
    spoil(index, index.read_text())
    kept = index.read_bytes()
    said = []
    mine = Genome(plain, say=said.append)
    copy = tmp_path / "copy.fa"
    copy.write_bytes(plain.read_bytes())
    ours, theirs = answers(mine, copy)
    assert ours == theirs
    assert len(said) == 1
    assert "index" in said[0]
    assert index.read_bytes() == kept


def test_a_genome_of_bgzip_is_read_through_its_blocks(plain):
    packed = Path(f"{plain}.gz")
    pysam.tabix_compress(str(plain), str(packed))
    faidx(plain)
    before = set(plain.parent.iterdir())
    ours, theirs = answers(Genome(packed), plain)
    assert ours == theirs
    assert set(plain.parent.iterdir()) == before
    faidx(packed)
    assert Path(f"{packed}.gzi").is_file()
    assert answers(Genome(packed), plain)[0] == theirs
    Path(f"{packed}.gzi").write_bytes(b"\x01" + bytes(7))
    assert answers(Genome(packed), plain)[0] == theirs


def test_an_index_of_blocks_that_lies_is_not_believed(tmp_path, monkeypatch):
    letters = "".join(np.random.default_rng(0).choice(list("ACGT"), 400_000))
    plain, packed = tmp_path / "g.fa", tmp_path / "g.fa.gz"
    lines = (letters[i : i + 60] for i in range(0, len(letters), 60))
    plain.write_text(">chr1\n" + "\n".join(lines) + "\n")
    pysam.tabix_compress(str(plain), str(packed))
    faidx(packed)
    index = Path(f"{packed}.gzi")
    true = np.frombuffer(index.read_bytes(), dtype="<u8")
    place = Interval("chr1", 300_000, 300_060)

    def read():
        return Genome(packed).fetch(place)

    with monkeypatch.context() as patched:
        patched.setattr("seam_core.readers.genome._write_blocks", None)  # the true index is enough
        assert read() == letters[300_000:300_060]
    shifted = np.r_[true[:4], true[4] - 610, true[5:]]
    for lie in (np.zeros(1), np.r_[true[0] - 1, true[1:-2]], shifted):
        index.write_bytes(lie.astype("<u8").tobytes())
        assert read() == letters[300_000:300_060]


def test_names_that_come_twice_and_letters_that_are_none(tmp_path):
    (tmp_path / "twice.fa").write_text(">a\nAAAA\n>a\nCCCC\n")
    with pytest.raises(InputError, match="two records"):
        Genome(tmp_path / "twice.fa")
    (tmp_path / "odd.fa").write_text(">a\nAC(T\n>b\nACGT\n")
    with pytest.raises(InputError, match=r"odd\.fa: a:1-4: got '\('"):
        Genome(tmp_path / "odd.fa").fetch(Interval("a", 0, 4))
    assert Genome(tmp_path / "odd.fa").fetch(Interval("b", 0, 4)) == "ACGT"
    (tmp_path / "latin.fa").write_bytes(b">a\nAC\xe6T\n")
    with pytest.raises(InputError, match="byte 0xe6, which is no letter"):
        Genome(tmp_path / "latin.fa")


def test_what_is_no_genome(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        Genome(tmp_path / "none.fa")
    (tmp_path / "empty.fa").write_text("")
    with pytest.raises(InputError, match="an empty file"):
        Genome(tmp_path / "empty.fa")
    (tmp_path / "plain.fa.gz").write_text(">a\nACGT\n")
    with pytest.raises(InputError, match="unreadable"):
        Genome(tmp_path / "plain.fa.gz")
    (tmp_path / "ragged.fa").write_text(">a\nACGT\nAC\nACGT\n")
    with pytest.raises(InputError, match="several widths"):
        Genome(tmp_path / "ragged.fa")
