"""Motifs in files: JASPAR, MEME, BED."""

import numpy as np
import pytest

from seam_core import motifs
from seam_core.exports.sites import write_bed, write_meme
from seam_core.intervals import parse_interval
from seam_core.records import Site
from seam_core.validate import InputError, MissingPackageError
from tests.core.test_motifs import motif, random_motifs
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(n=1500, length=80, clusters=9)


class TestJaspar:
    def test_equals_pyjaspars_own_reading(self):
        import pyjaspar

        record = pyjaspar.jaspardb(release="JASPAR2024").fetch_motifs(tax_group=["nematodes"])
        ours = {item.name: item for item in motifs.jaspar(["nematodes"], release="JASPAR2024")}
        assert set(ours) == {item.matrix_id for item in record}
        for item in record:
            counts = np.array([item.counts[letter] for letter in "ACGT"]).T
            wanted = counts / counts.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(ours[item.matrix_id].matrix, wanted, atol=1e-9)
            assert ours[item.matrix_id].alternate == item.name

    def test_planted_sites_get_their_names(self, session):
        """TATCGATA is bound by DREF and BEAF-32, AGATAAGA by GATA factors, TGACTCAT by AP-1."""
        found = motifs.site_motifs(session.explanation, session.sites)
        matches = motifs.match_motifs(found, motifs.jaspar(["insects"]), top=3)
        best = {query: set(part["name"]) for query, part in matches.groupby("query")}
        assert {"BEAF-32", "Dref"} <= best["A"]
        assert best["B"] <= {"grn", "srp", "GATAd", "GATAe", "pnr"}
        assert {"kay", "Jra"} <= best["C"]
        assert set(motifs.suggested_names(matches)) == {"A", "B", "C"}

    def test_what_is_not_there(self):
        with pytest.raises(InputError, match="taxa"):
            motifs.jaspar(["mammoths"])
        with pytest.raises(InputError, match="release"):
            motifs.jaspar(["fungi"], release="JASPAR1999")
        with pytest.raises(InputError, match="collection"):
            motifs.jaspar(["diatoms"], collection="NOTHING")


def test_without_pyjaspar_the_message_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyjaspar", None)
    with pytest.raises(MissingPackageError, match=r"pip install .pyjaspar"):
        motifs.jaspar(["urochordates"], release="JASPAR2022")


class TestMeme:
    def test_round_trip(self, tmp_path):
        written = random_motifs(5)
        read = motifs.read_meme(write_meme(written, tmp_path / "m.meme"))
        assert [item.name for item in read] == [item.name for item in written]
        for ours, theirs in zip(read, written, strict=True):
            np.testing.assert_allclose(ours.matrix, theirs.matrix, atol=2e-6)

    def test_biopython_reads_what_we_write(self, tmp_path):
        from Bio import motifs as bio

        written = random_motifs(3)
        path = write_meme(written, tmp_path / "m.meme")
        with path.open() as handle:
            read = bio.parse(handle, "minimal")
        assert [item.name for item in read] == ["M0", "M1", "M2"]
        # it divides by 20 sites rounded to counts
        first = np.array([read[0].counts[letter] for letter in "ACGT"]).T
        np.testing.assert_allclose(
            first / first.sum(1, keepdims=True), written[0].matrix, atol=0.06
        )

    def test_other_alphabets(self, tmp_path):
        from seam_core.sequences import PROTEIN

        path = write_meme([motif("MKV", alphabet=PROTEIN)], tmp_path / "m.meme")
        (read,) = motifs.read_meme(path)
        assert read.alphabet == PROTEIN
        assert read.consensus == "MKV"

    def test_names_with_spaces_keep_one_line(self, tmp_path):
        spaced = motifs.Motif("site A", motif("ACGT").matrix, alternate="both DREs")
        (read,) = motifs.read_meme(write_meme([spaced], tmp_path / "m.meme"))
        assert (read.name, read.alternate) == ("site_A", "both_DREs")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "an empty file"),
            (">seq\nACGT\n", "MEME version"),
            ("MEME version 4\n\nALPHABET= ACGT\n", "no motifs"),
            (
                "MEME version 4\nMOTIF a\nletter-probability matrix: w= 2\n1 0 0 0\n",
                "end of the file",
            ),
            ("MEME version 4\nMOTIF a\nletter-probability matrix: w= 1\n1 0 0\n", "3 numbers"),
            ("MEME version 4\nMOTIF a\nletter-probability matrix: w= 1\n1 x 0 0\n", "line 4"),
            ("MEME version 4\nMOTIF a\nletter-probability matrix: w= 1\n1 1 0 0\n", "sums to 2"),
            ("MEME version 4\nALPHABET= AA\nMOTIF a\n", "alphabet"),
            ('MEME version 4\nALPHABET "odd"\nMOTIF a\n', "ALPHABET"),
        ],
    )
    def test_what_is_not_meme(self, tmp_path, text, says):
        path = tmp_path / "motifs.meme"
        path.write_text(text)
        with pytest.raises(InputError, match=says) as raised:
            motifs.read_meme(path)
        if says != "alphabet":
            assert str(path) in str(raised.value)

    def test_binary_and_missing_files(self, tmp_path):
        (tmp_path / "b").write_bytes(bytes(range(256)))
        for name in ("b", "none"):
            with pytest.raises(InputError, match="motif file"):
                motifs.read_meme(tmp_path / name)

    def test_bad_motifs(self, tmp_path):
        with pytest.raises(InputError, match="rows that are not probabilities"):
            motifs.Motif("a", np.ones((3, 4)))
        with pytest.raises(InputError, match="motif a"):
            motifs.Motif("a", np.ones((3, 3)))
        with pytest.raises(InputError, match="no motifs"):
            write_meme([], tmp_path / "m.meme")
        with pytest.raises(InputError, match="can be written"):
            write_meme([motif("ACGT")], tmp_path / "missing" / "m.meme")


class TestGenome:
    def test_sites_on_both_strands(self, session, tmp_path):
        forward = write_bed(
            session.sites, tmp_path / "f.bed", locus=parse_interval("chrX:1001-1080"), length=80
        )
        rows = [line.split("\t") for line in forward.read_text().splitlines()]
        for row, site in zip(rows, session.sites.sites, strict=True):
            assert row[:4] == ["chrX", str(1000 + site.start), str(1000 + site.stop), site.name]
        back = write_bed(
            session.sites, tmp_path / "b.bed", locus=parse_interval("chrX:1001-1080(-)")
        )
        rows = [line.split("\t") for line in back.read_text().splitlines()]
        assert [row[3] for row in rows] == ["C", "B", "A"]
        assert rows[-1][1:3] == [
            str(1080 - session.sites.sites[0].stop),
            str(1080 - session.sites.sites[0].start),
        ]

    @pytest.mark.parametrize("strand", ["", "(-)"])
    def test_gaps_become_blocks(self, session, tmp_path, strand):
        import dataclasses

        gapped = dataclasses.replace(session.sites, sites=(Site("A", (3, 4, 8, 9, 10)),))
        locus = parse_interval(f"chrX:1-80{strand}")
        row = write_bed(gapped, tmp_path / "g.bed", locus=locus).read_text().split("\t")
        start, stop, count = int(row[1]), int(row[2]), int(row[9])
        sizes = [int(word) for word in row[10].split(",")]
        offsets = [int(word) for word in row[11].split(",")]
        covered = [
            start + o + i for o, size in zip(offsets, sizes, strict=True) for i in range(size)
        ]
        wanted = [3, 4, 8, 9, 10] if not strand else [69, 70, 71, 75, 76]
        assert covered == wanted
        assert count == 2
        assert start + offsets[-1] + sizes[-1] == stop

    def test_names_and_lengths(self, session, tmp_path):
        path = write_bed(session.sites, tmp_path / "n.bed", names={"A": "DRE 1"})
        assert "DRE_1" in path.read_text()
        with pytest.raises(InputError, match="locus"):
            write_bed(session.sites, tmp_path / "n.bed", locus=parse_interval("c:1-9"), length=80)
        with pytest.raises(InputError, match="can be written"):
            write_bed(session.sites, tmp_path / "missing" / "n.bed")

    def test_suggested_names_are_told_apart(self):
        import pandas as pd

        matches = pd.DataFrame(
            {
                "query": ["A", "A", "B", "C", "D"],
                "name": ["DREF", "x", "DREF", "GATA", "weak"],
                "p_value": [1e-6, 1e-5, 1e-4, 1e-4, 0.5],
                "q_value": [1e-4, 1e-3, 1e-2, 1e-2, 0.9],
            }
        )
        assert motifs.suggested_names(matches) == {"A": "DREF 1", "B": "DREF 2", "C": "GATA"}
        assert motifs.shown_matches(matches) == {
            "A": "DREF",
            "B": "DREF",
            "C": "GATA",
            "D": "no confident match (nearest: weak)",
        }
