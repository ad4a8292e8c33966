"""Tracks against a plain parse of the same lines, and against pyBigWig."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from seam_core import store
from seam_core.cli.main import main
from seam_core.intervals import Interval
from seam_core.readers.tracks import FORMATS, from_dict, read_track, rows_of, to_dict, tracks_in
from seam_core.validate import InputError
from tests.factories import make_session

LOCUS = Interval("chr2R", 1000, 1100)
BACK = Interval("chr2R", 1000, 1100, "-")
BED = [
    ("chr2R", 990, 1010, "first", 5, "+"),
    ("2R", 1040, 1060, "second", 7, "-"),
    ("chr2R", 1100, 1110, "after", 1, "+"),
    ("chr3L", 1040, 1060, "elsewhere", 1, "+"),
]


def written(path, rows):
    path.write_text(
        "track name=x\n# comment\n" + "".join("\t".join(map(str, r)) + "\n" for r in rows)
    )
    return path


def plain(rows, place):
    """By every position alone."""
    found = []
    for chromosome, start, stop, name, *_ in rows:
        if chromosome.replace("chr", "") == place.chromosome.replace("chr", ""):
            on = [p - place.start for p in range(start, stop) if place.start <= p < place.stop]
            if place.strand == "-":
                on = [len(place) - 1 - p for p in on]
            if on:
                found.append((min(on), max(on) + 1, name))
    return sorted(found)


@pytest.mark.parametrize("page", ["docs/formats.md", "seam_gui/shell/help/tracks.md"])
def test_pages_name_every_kind_of_file(page):
    assert FORMATS in (Path(__file__).parents[2] / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [LOCUS, BACK])
def test_bed_is_cut_to_the_locus_on_either_strand(tmp_path, place):
    track = read_track(written(tmp_path / "sites.bed", BED), 100, place)
    assert [(f.start, f.stop, f.name) for f in track.features] == plain(BED, place)
    strands = {f.name: f.strand for f in track.features}
    assert strands["first"] == ("+" if place.strand == "+" else "-")
    assert (track.name, track.kind, track.source) == ("sites", "features", "sites.bed")


def test_without_a_locus_a_file_is_in_the_sequences_own_coordinates(tmp_path):
    rows = [("my_enhancer", 10, 20, "a"), ("other name", 95, 140, "b")]
    track = read_track(written(tmp_path / "own.bed", rows), 100)
    assert [(f.start, f.stop, f.name) for f in track.features] == [(10, 20, "a"), (95, 100, "b")]


def test_peaks_have_their_signal_also_packed(tmp_path):
    line = "chr2R\t1010\t1050\tpeak_1\t1000\t.\t8.25\t5\t4\t20\n"
    path = tmp_path / "chip.narrowPeak.gz"
    path.write_bytes(gzip.compress(line.encode()))
    (peak,) = read_track(path, 100, LOCUS).features
    assert (peak.start, peak.stop, peak.score, peak.kind) == (10, 50, 8.25, "peak")
    assert read_track(path, 100, LOCUS).name == "chip"


def test_gff_and_gtf_are_one_based_and_named(tmp_path):
    gff = tmp_path / "genes.gff3"
    gff.write_text(
        "##gff-version 3\nchr2R\tx\tgene\t1011\t1020\t.\t-\t.\tID=g1;Name=eve\n"
        "##FASTA\n>chr2R\nACGT\n"
    )
    (gene,) = read_track(gff, 100, LOCUS).features
    assert (gene.start, gene.stop, gene.name, gene.strand, gene.kind) == (
        10,
        20,
        "eve",
        "-",
        "gene",
    )
    gtf = tmp_path / "genes.gtf"
    gtf.write_text('2R\tx\texon\t1001\t1001\t.\t+\t0\tgene_id "FBgn1"; gene_name "ftz";\n')
    (exon,) = read_track(gtf, 100, LOCUS).features
    assert (exon.start, exon.stop, exon.name) == (0, 1, "ftz")


def test_variants_cover_their_reference_letters(tmp_path):
    vcf = tmp_path / "v.vcf"
    vcf.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr2R\t1006\t.\tACG\tT\nchr2R\t1050\trs7\tA\tC\n"
    )
    first, second = read_track(vcf, 100, LOCUS).features
    assert (first.start, first.stop, first.name) == (5, 8, "ACG>T")
    assert (second.start, second.stop, second.name) == (49, 50, "rs7")


def test_a_chromosome_is_found_under_its_other_name(tmp_path):
    track = read_track(written(tmp_path / "x.bed", [("2r", 1010, 1020, "a")]), 100, LOCUS)
    assert [f.name for f in track.features] == ["a"]
    pybigwig = pytest.importorskip("pyBigWig")
    made = pybigwig.open(str(tmp_path / "x.bw"), "w")
    made.addHeader([("M", 90)])
    made.addEntries("M", 0, values=[2.0] * 60, span=1, step=1)
    made.close()
    values = read_track(tmp_path / "x.bw", 20, Interval("chrMT", 50, 70)).values
    np.testing.assert_array_equal(values, [2.0] * 10 + [np.nan] * 10)


@pytest.mark.parametrize("place", [LOCUS, BACK])
def test_a_bigwig_is_what_pybigwig_says(tmp_path, place):
    pybigwig = pytest.importorskip("pyBigWig")
    path = tmp_path / "phylop.bw"
    made = pybigwig.open(str(path), "w")
    made.addHeader([("chr2R", 1080)])
    values = np.linspace(0, 3, 60)
    made.addEntries("chr2R", 1010, values=values.tolist(), span=1, step=1)
    made.close()
    track = read_track(path, 100, place)
    expected = np.full(100, np.nan)
    expected[10:70] = values
    expected = expected[::-1] if place.strand == "-" else expected
    np.testing.assert_allclose(track.values, expected, rtol=1e-6)
    graph = tmp_path / "phylop.bedGraph"
    graph.write_text("".join(f"chr2R\t{1010 + i}\t{1011 + i}\t{v}\n" for i, v in enumerate(values)))
    np.testing.assert_allclose(read_track(graph, 100, place).values, expected, rtol=1e-6)


def test_what_cannot_be_read_is_named(tmp_path):
    bad = tmp_path / "bad.bed"
    bad.write_text("chr2R\t5\tx\n")
    with pytest.raises(InputError, match="line 1"):
        read_track(bad, 100, LOCUS)
    turned = tmp_path / "turned.bed"
    turned.write_text("chr2R\t50\t40\n")
    with pytest.raises(InputError, match="50 to 40"):
        read_track(turned, 100, LOCUS)
    other = tmp_path / "x.xlsx"
    other.write_text("x")
    with pytest.raises(InputError, match="bigWig"):
        read_track(other, 100)
    with pytest.raises(InputError, match="locus"):
        read_track(turned, 99, LOCUS)
    torn = tmp_path / "torn.bw"
    torn.write_bytes(b"not a bigwig at all")
    with pytest.raises(InputError, match=r"torn\.bw"):
        read_track(torn, 100, LOCUS)


def test_kept_as_json_and_back(tmp_path):
    track = read_track(written(tmp_path / "sites.bed", BED), 100, LOCUS)
    again = from_dict(json.loads(json.dumps(to_dict(track))))
    assert again.features == track.features
    assert tracks_in({"tracks": [to_dict(track)]})[0].name == "sites"
    with pytest.raises(InputError, match="tracks"):
        from_dict({"name": "x"})
    with pytest.raises(InputError, match="tracks"):
        tracks_in({"tracks": 3})


def test_features_that_overlap_get_rows_of_their_own(tmp_path):
    rows = [("s", 0, 10, "a"), ("s", 5, 15, "b"), ("s", 11, 20, "c"), ("s", 16, 30, "d")]
    track = read_track(written(tmp_path / "r.bed", rows), 100)
    assert rows_of(track.features).tolist() == [0, 1, 0, 1]


def test_commands_draw_the_tracks_they_are_given(tmp_path, capsys):
    store.save(make_session(80, 40, 3, seed=1), tmp_path / "session")
    bed = written(tmp_path / "peaks.bed", [("s", 5, 15, "summit")])
    out = tmp_path / "tracks.svg"
    given = ["export", str(tmp_path / "session"), "--what", "picture-tracks", "--out", str(out)]
    assert main(given) == 2
    assert "nothing to write as annotation tracks" in capsys.readouterr().err
    assert main([*given, "--track", str(bed)]) == 0
    assert out.read_text().startswith("<?xml")
    page = tmp_path / "report.html"
    given = ["report", str(tmp_path / "session"), "--out", str(page), "--quiet"]
    assert main([*given, "--track", str(bed), "--track", str(bed)]) == 0
    assert page.read_text().count("peaks.bed") == 2
    assert "tracks" not in store.load(tmp_path / "session").state, "the session is as it was"
    assert main([*given, "--track", str(tmp_path / "none.bed")]) == 2
    assert "none.bed" in capsys.readouterr().err
