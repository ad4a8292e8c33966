"""Loci of other programs: peaks, BED in any encoding, names that say a place."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from seam_core import readers
from seam_core.intervals import Interval
from seam_core.validate import InputError


@pytest.fixture
def genome(tmp_path):
    letters = "".join(np.array(list("ACGT"))[np.random.default_rng(4).integers(0, 4, 6000)])
    (tmp_path / "g.fa").write_text(">chr2R\n" + letters + "\n")
    return tmp_path / "g.fa", letters


def test_peaks_around_their_summits(tmp_path, genome):
    path, letters = genome
    rows = ["chr2R\t900\t1160\tpeak_1\t100\t.\t5.1\t10\t8\t130",
            "chr2R\t4900\t5160\tpeak_2\t100\t.\t5.1\t10\t8\t-1"]  # fmt: skip
    (tmp_path / "p.narrowPeak.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    one, two = readers.read_loci(tmp_path / "p.narrowPeak.gz", path, width=60)
    assert (one.interval, one.sequence) == (Interval("chr2R", 1000, 1060), letters[1000:1060])
    assert two.interval == Interval("chr2R", 5000, 5060)
    with pytest.raises(InputError, match="--width: got 60; expected BED"):
        readers.read_loci(path, width=60)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_bed_in_any_encoding(tmp_path, genome, encoding):
    path, letters = genome
    text = "chr2R\t0\t60\teins\nchr2R\t60\t120\tzwölf\nchré\t0\t60\tdrei\n"
    (tmp_path / "l.bed").write_bytes(text.encode(encoding))
    one, two, three = readers.read_loci(tmp_path / "l.bed", path)
    assert (one.sequence, two.sequence) == (letters[:60], letters[60:120])
    assert two.name == "zwölf"
    assert "chromosome: got chré" in three.error


def test_one_name_at_several_places(tmp_path, genome):
    rows = ["chr2R\t0\t60\tdELS", "chr2R\t60\t120\tdELS", "chr2R\t9\t69\tpELS",
            "chr2R\t0\t60\tdELS"]  # fmt: skip
    (tmp_path / "l.bed").write_text("\n".join(rows))
    said = []
    loci = readers.read_loci(tmp_path / "l.bed", genome[0], say=said.append)
    names = ["dELS_chr2R_0_60", "dELS_chr2R_60_120", "pELS", "dELS_chr2R_0_60 (2)"]
    assert [locus.name for locus in loci] == names
    assert [bool(locus.error) for locus in loci] == [False, False, False, True]
    assert "dELS" in said[0]


def test_loci_named_by_bedtools(tmp_path):
    text = ">enh1::chr2R:1000-1004(+)\nACGT\n>enh2::chr2R:5000-5004(-)\nACGT\n>my_enh_1_4\nACGT\n"
    (tmp_path / "l.fa.gz").write_bytes(gzip.compress(text.encode()))
    said = []
    one, two, three = readers.read_loci(tmp_path / "l.fa.gz", say=said.append)
    assert one.interval == Interval("chr2R", 1000, 1004)
    assert two.interval == Interval("chr2R", 5000, 5004, "-")
    assert three.interval is None
    assert "places of 2 loci are taken from their names, 0-based" in said[0]
