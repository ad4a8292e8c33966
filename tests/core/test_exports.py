"""What exports hold: the session as its user has it, in forms that other programs read."""

import csv
import dataclasses

import numpy as np
import pandas as pd
import pytest
from Bio import motifs as bio

from seam_core import curation, motifs
from seam_core.exports import sites
from seam_core.exports.material import material_of
from seam_core.exports.registry import export
from seam_core.handwork import saved_in
from seam_core.intervals import parse_interval
from seam_core.readers.fasta import read_fasta
from seam_core.readers.tables import read_frame
from seam_core.records import Site, Table
from seam_core.selection import Rows, landscape_of, select, to_dict
from seam_core.sequences import strings_to_indices
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(n=400, length=60, clusters=6)


@pytest.fixture(scope="module")
def curated(session):
    """Two clusters merged, labelled, with a note; sequences 3, 5 and 8 selected, 10 and 11 kept."""
    edited = curation.start(session.clustering, session.explanation)
    edited, _ = curation.merge(edited, edited.order[:2])
    new = edited.next_id - 1
    edited, _ = curation.label(edited, new, "both, sites")
    edited, _ = curation.note(edited, new, '=HYPERLINK("x")')
    edited, _ = curation.colour(edited, [new], "#123456")
    edited, _ = curation.move(edited, new, 2)
    everything = landscape_of(session.library, None, None, None, None)
    chosen = select(everything, Rows((3, 5, 8)))
    kept = dataclasses.replace(select(everything, Rows((10, 11))), name="mine")
    state = {
        "selection": to_dict(chosen),
        "kept": [to_dict(kept)],
        "curation": curation.to_dict(edited),
    }
    return dataclasses.replace(session, state=state), new


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


class TestMaterial:
    def test_selections_are_those_saved(self, curated, tmp_path):
        session, _ = curated
        for rows, wanted in (("selection", [3, 5, 8]), ("mine", [10, 11])):
            path = export(session, "indices", tmp_path / "i.txt", rows=rows)
            assert [int(line) for line in path.read_text().split()] == wanted
        assert len(material_of(session, rows="all").rows) == 400
        with pytest.raises(InputError, match="one of selection, all, mine"):
            material_of(session, rows="other")

    def test_merges_without_recompute_are_explained(self, curated):
        """As if the explanation and the sites had been made for the clusters in the first place."""
        from seam_core.identifier import Identifier
        from seam_core.meta_explainer import MetaExplainer

        session, new = curated
        made = material_of(session).session
        assert new in made.clustering.labels
        afresh = MetaExplainer(session.explanation.parameters).run(
            session.library, session.table, session.maps, made.clustering
        )
        np.testing.assert_array_equal(made.explanation.ids, afresh.ids)
        np.testing.assert_allclose(made.explanation.entropy, afresh.entropy)
        described = Identifier().describe(afresh, session.sites.sites)
        np.testing.assert_array_equal(made.sites.active, described.active)

    def test_without_maps_old_findings_are_not_passed_off_as_new(self, curated, tmp_path):
        session, _ = curated
        bare = dataclasses.replace(session, maps=None)
        with pytest.raises(InputError, match="no explanation"):
            export(bare, "clusters", tmp_path / "c.csv")

    @pytest.mark.parametrize("part", ["selection", "curation"])
    def test_a_damaged_state_is_one_message(self, curated, part):
        session, _ = curated
        with pytest.raises(InputError, match=part):
            saved_in(dataclasses.replace(session, state={part: {"n": 3}}))

    def test_a_state_of_other_sequences_is_refused(self, curated):
        session, _ = curated
        other = dataclasses.replace(make_session(n=100, length=60), state=session.state)
        with pytest.raises(InputError):
            material_of(other)


class TestSequences:
    def test_the_table_is_that_of_the_screen(self, curated, tmp_path):
        session, new = curated
        frame = read_frame(export(session, "table", tmp_path / "t.csv", rows="all"))
        assert list(frame) == ["Index", "Sequence", "Activity", "Hamming", "Cluster", "Label"]
        letters = strings_to_indices(frame["Sequence"])
        assert np.array_equal(letters, session.library.sequences)
        assert np.array_equal(frame["Activity"], session.table.activity)
        labels = material_of(session).session.clustering.labels
        assert np.array_equal(frame["Cluster"], labels)
        assert set(frame["Label"][labels == new]) == {"both, sites"}

    def test_columns_of_the_users_own_are_not_overwritten(self, session, tmp_path):
        own = session.table.frame.assign(Cluster="theirs", index=7, Label="mine", plain=1)
        session = dataclasses.replace(session, table=Table(own))
        frame = pd.read_csv(export(session, "table", tmp_path / "t.csv"))
        assert set(frame["file:Cluster"]) == {"theirs"}
        assert set(frame["file:Label"]) == {"mine"}
        assert set(frame["file:index"]) == {7}
        assert np.array_equal(frame["Cluster"], session.clustering.labels)

    def test_fasta(self, curated, tmp_path):
        session, new = curated
        records = read_fasta(export(session, "fasta", tmp_path / "s.fa", rows="all"))
        letters = strings_to_indices(list(records.values()))
        assert np.array_equal(letters, session.library.sequences)
        text = (tmp_path / "s.fa").read_text()
        assert f"cluster={new} label=both,_sites\n" in text

    def test_letters_that_are_not_known(self, session, tmp_path):
        letters = session.library.sequences.copy()
        letters[1, 4] = -1
        unknown = dataclasses.replace(
            session, library=dataclasses.replace(session.library, sequences=letters)
        )
        frame = pd.read_csv(export(unknown, "table", tmp_path / "t.csv"))
        assert frame["Sequence"][1][4] == "N"
        with np.load(export(unknown, "onehot", tmp_path / "o.npz")) as archive:
            assert archive["arr_0"][1, :, 4].tolist() == [0, 0, 0, 0]

    def test_arrays(self, curated, tmp_path):
        session, _ = curated
        maps = np.load(export(session, "maps", tmp_path / "m.npy"))
        assert np.array_equal(maps, session.maps.maps[[3, 5, 8]])
        points = np.load(export(session, "embedding", tmp_path / "e.npy"))
        assert np.array_equal(points, session.embedding.coordinates[[3, 5, 8]])
        tree = np.load(export(session, "linkage", tmp_path / "l.npy"))
        assert np.array_equal(tree, session.linkage.matrix)


class TestClusters:
    def test_the_table_of_the_screen(self, curated, tmp_path):
        session, new = curated
        material = material_of(session)
        lines = rows_of(export(session, "clusters", tmp_path / "c.csv"))
        assert lines[0][:7] == ["Cluster", "Label", "n", "Median", "IQR", "Sites", "Note"]
        assert {len(line) for line in lines} == {len(lines[0])}
        assert [int(line[0]) for line in lines[1:]] == list(material.order)
        row = dict(zip(lines[0], lines[1 + material.order.index(new)], strict=True))
        assert row["Label"] == "both, sites"
        assert row["Note"] == '\'=HYPERLINK("x")'
        assert row["Colour"] == "#123456"
        members = material.session.clustering.labels == new
        assert int(row["n"]) == members.sum()
        activity = session.table.activity[members]
        assert float(row["Median"]) == pytest.approx(np.median(activity))
        assert float(row["IQR"]) == pytest.approx(np.subtract(*np.percentile(activity, [75, 25])))

    def test_msm_in_the_windows_words(self, curated, tmp_path):
        session, _ = curated
        frame = pd.read_csv(export(session, "msm", tmp_path / "m.csv"))
        assert list(frame)[2:] == [
            "Position", "Entropy", "Entropy change", "Mismatch to reference", "Match to consensus"
        ]  # fmt: skip
        found = material_of(session).session.explanation
        for name, matrix in (
            ("Entropy", found.entropy),
            ("Mismatch to reference", found.reference_mismatch),
            ("Match to consensus", found.consensus_match),
        ):
            wide = frame.pivot(index="Cluster", columns="Position", values=name).loc[found.ids]
            np.testing.assert_allclose(wide.to_numpy(), matrix)

    def test_mean_maps_are_in_the_order_of_the_table(self, curated, tmp_path):
        session, _ = curated
        means = np.load(export(session, "means", tmp_path / "k.npy"))
        ids = pd.read_csv(export(session, "clusters", tmp_path / "c.csv"))["Cluster"]
        labels = material_of(session).session.clustering.labels
        for mean, cluster in zip(means, ids, strict=True):
            expected = session.maps.maps[labels == cluster].mean(axis=0)
            np.testing.assert_allclose(mean, expected, atol=1e-5)


class TestSites:
    def test_a_name_with_a_comma_is_one_field(self, session, tmp_path):
        named = dataclasses.replace(
            session.sites,
            sites=(Site("DRE, left", (3, 4, 6)), *session.sites.sites[1:]),
        )
        session = dataclasses.replace(session, sites=named)
        lines = rows_of(export(session, "sites", tmp_path / "s.csv"))
        assert {len(line) for line in lines} == {len(lines[0])}
        row = dict(zip(lines[0], lines[1], strict=True))
        assert (row["Site"], row["Positions"], row["Length"]) == ("DRE, left", "3 4 6", "3")
        letters = "ACGT"[session.library.reference[3]] + "ACGT"[session.library.reference[4]]
        assert row["Letters"] == letters + "·" + "ACGT"[session.library.reference[6]]

    def test_effects_with_their_intervals(self, session, tmp_path):
        frame = pd.read_csv(export(session, "sites", tmp_path / "s.csv"))
        terms = session.sites.epistasis.set_index("sites")
        for row in frame.to_dict("records"):
            term = terms.loc[row["Site"]]
            got = [row["Effect"], row["Effect low"], row["Effect high"]]
            np.testing.assert_allclose(got, term[["estimate", "low", "high"]].astype(float))

    @pytest.mark.parametrize("strand", ["", "(-)"])
    def test_places_in_the_genome_agree_with_the_bed(self, session, tmp_path, strand):
        session = dataclasses.replace(session, locus=parse_interval(f"chr2R:1001-1060{strand}"))
        frame = pd.read_csv(export(session, "sites", tmp_path / "s.csv")).set_index("Site")
        bed = pd.read_csv(export(session, "bed", tmp_path / "s.bed"), sep="\t", header=None)
        for line in bed.itertuples(index=False):
            row = frame.loc[line[3]]
            assert line[0] == row["Chromosome"] == "chr2R"
            assert (line[1], line[2]) == (row["Chromosome start"], row["Chromosome stop"])
            assert line[5] == row["Strand"] == ("-" if strand else "+")
            assert 1000 <= line[1] < line[2] <= 1060
        if strand:
            site = session.sites.sites[0]
            assert frame.loc[site.name, "Chromosome start"] == 1060 - site.stop

    def test_a_bed_without_a_locus_has_no_strand_and_stays_inside(self, session, tmp_path):
        lines = export(session, "bed", tmp_path / "s.bed").read_text().splitlines()
        assert {line.split("\t")[5] for line in lines} == {"."}
        beyond = dataclasses.replace(session.sites, sites=(Site("A", (58, 61)),))
        with pytest.raises(InputError, match="within 0 to 60"):
            sites.write_bed(beyond, tmp_path / "b.bed", length=60)

    def test_motifs_are_of_the_sites(self, session, tmp_path):
        """Biopython reads them; each prefers the letters that were planted."""
        with open(export(session, "motifs", tmp_path / "m.meme")) as stream:
            read = bio.parse(stream, "minimal")
        names = [site.name for site in session.sites.sites]
        assert [motif.name for motif in read] == names
        for motif, site in zip(read, session.sites.sites, strict=True):
            assert len(motif) == len(site.positions)

    def test_seqlets_are_short_and_of_every_cluster_that_has_some(self, session, tmp_path):
        read = motifs.read_meme(export(session, "seqlets", tmp_path / "q.meme"))
        assert max(len(motif) for motif in read) < 30
        assert len({motif.name.split(":")[0] for motif in read}) > 1

    def test_motifs_of_a_library_with_unknown_letters(self, session, tmp_path):
        """Where a cluster has N only, the rows are still probabilities."""
        from seam_core.meta_explainer import MetaExplainer

        letters = session.library.sequences.copy()
        letters[:, session.sites.sites[0].start] = -1
        letters[::3, session.sites.sites[0].start + 1] = -1
        library = dataclasses.replace(session.library, sequences=letters)
        explained = MetaExplainer().run(library, session.table, session.maps, session.clustering)
        order = [session.sites.cluster_ids.tolist().index(i) for i in explained.ids.tolist()]
        record = dataclasses.replace(
            session.sites,
            cluster_ids=explained.ids,
            active=session.sites.active[order],
            activity=session.sites.activity[order],
        )
        unknown = dataclasses.replace(session, library=library, explanation=explained, sites=record)
        for what in ("motifs", "seqlets"):
            for motif in motifs.read_meme(export(unknown, what, tmp_path / f"{what}.meme")):
                np.testing.assert_allclose(motif.matrix.sum(axis=1), 1.0, atol=1e-5)
                assert motif.alphabet == "ACGT"

    def test_letters_in_another_order_or_that_meme_lacks(self, tmp_path):
        matrix = np.array([[0.7, 0.1, 0.15, 0.05]])
        path = sites.write_meme([motifs.Motif("m", matrix, "TGCA")], tmp_path / "m.meme")
        (read,) = motifs.read_meme(path)
        np.testing.assert_allclose(read.matrix, matrix[:, ::-1], atol=1e-6)
        assert read.alphabet == "ACGT"
        with pytest.raises(InputError, match="DNA, RNA or protein"):
            sites.write_meme([motifs.Motif("m", matrix, "WXYZ")], tmp_path / "m.meme")

    def test_motif_matches_are_in_the_table_where_there_are_some(self, session):
        known = motifs.site_motifs(session.explanation, session.sites)
        matches = motifs.match_motifs(known, known, top=2)
        frame = sites.sites_frame(material_of(session, matches=matches))
        assert frame["Motif id"].tolist() == frame["Site"].tolist()
