"""Motifs: extraction from planted sites, comparison, files of other tools."""

import numpy as np
import pytest

from seam_core import motifs
from seam_core.figures import motif_alignment
from seam_core.motifs.compare import _best_offsets, _SpanNulls
from seam_core.records import Site
from seam_core.validate import InputError
from tests.factories import MOTIFS, make_session


@pytest.fixture(scope="module")
def session():
    return make_session(n=1500, length=80, clusters=9)


def motif(letters, sharp=0.94, alphabet="ACGT"):
    """A motif that prefers `letters`."""
    matrix = np.full((len(letters), len(alphabet)), (1 - sharp) / (len(alphabet) - 1))
    for row, letter in enumerate(letters):
        matrix[row, alphabet.index(letter)] = sharp
    return motifs.Motif(letters, matrix, alphabet)


def random_motifs(count, seed=0):
    rng = np.random.default_rng(seed)
    return [
        motifs.Motif(f"M{i}", rng.dirichlet([0.3] * 4, size=int(rng.integers(5, 12))))
        for i in range(count)
    ]


class TestExtraction:
    @pytest.mark.parametrize("evidence", ["letters", "attributions"])
    def test_planted_motifs_are_read(self, session, evidence):
        found = motifs.site_motifs(session.explanation, session.sites, evidence=evidence)
        assert [item.name for item in found] == ["A", "B", "C"]
        assert [item.consensus for item in found] == list(MOTIFS)

    def test_positions_that_nobody_selects_are_even(self, session):
        """Nine sequences in ten have the reference's letter there; the motif must not say so."""
        found = motifs.site_motifs(session.explanation, session.sites, flank=3)
        information = found[0].information()
        assert information[:3].max() < 0.35
        assert information[3:-3].min() > 1.0

    def test_seqlets_are_where_sites_are_shown(self, session):
        row = int(np.flatnonzero(session.sites.active.all(axis=1))[0])
        cluster = int(session.sites.cluster_ids[row])
        found = motifs.seqlets(session.explanation, cluster)
        planted = [(site.start, site.stop) for site in session.sites.sites]
        assert [(item.start, item.stop) for item in found] == planted
        named = motifs.seqlet_motifs(session.explanation, found, flank=0)
        assert [item.consensus for item in named] == list(MOTIFS)
        assert named[0].name == f"{cluster}:{planted[0][0]}-{planted[0][1]}"

    def test_a_cluster_without_sites_has_no_seqlets(self, session):
        row = int(np.flatnonzero(~session.sites.active.any(axis=1))[0])
        assert motifs.seqlets(session.explanation, int(session.sites.cluster_ids[row])) == []

    def test_windowed_maps(self):
        part = make_session(n=800, length=60, clusters=6, start=11, n_sites=2)
        found = motifs.site_motifs(part.explanation, part.sites)
        assert [item.consensus for item in found] == list(MOTIFS[:2])

    def test_site_that_no_cluster_shows_has_no_motif(self, session):
        import dataclasses

        active = session.sites.active.copy()
        active[:, 1] = False
        without = dataclasses.replace(session.sites, active=active)
        found = motifs.site_motifs(session.explanation, without)
        assert [item.name for item in found] == ["A", "C"]

    def test_site_outside_of_the_maps(self, session):
        import dataclasses

        far = (Site("A", (200, 201)), *session.sites.sites[1:])
        outside = dataclasses.replace(session.sites, sites=far)
        with pytest.raises(InputError, match="site A"):
            motifs.site_motifs(session.explanation, outside)


class TestComparison:
    def test_a_motif_is_its_own_best_match(self):
        database = random_motifs(60)
        matches = motifs.match_motifs(database[:10], database, top=1)
        assert matches["target"].tolist() == [f"M{i}" for i in range(10)]
        assert (matches["offset"] == 0).all()
        assert (matches["strand"] == "+").all()
        assert (matches["p_value"] < 1e-3).all()

    def test_reverse_complements_are_found(self):
        database = random_motifs(60)
        turned = database[5].reverse_complement()
        (row,) = motifs.match_motifs([turned], database, top=1).itertuples(index=False)
        assert (row.target, row.strand, row.offset) == ("M5", "-", 0)
        one = motifs.match_motifs([turned], database, top=1, both_strands=False)
        assert one["target"][0] != "M5" or one["p_value"][0] > row.p_value

    def test_offset_places_the_query_on_the_target(self):
        database = [*random_motifs(60), motif("GGTATCGATACC")]
        inner = motifs.match_motifs([motif("TATCGATA")], database, top=1)
        assert inner[["target", "offset", "overlap"]].iloc[0].tolist() == ["GGTATCGATACC", 2, 8]
        outer = motifs.match_motifs([motif("AAAGGTATCGATACCAA")], database, top=1)
        assert outer[["target", "offset", "overlap"]].iloc[0].tolist() == ["GGTATCGATACC", -3, 12]

    def test_p_values_of_unrelated_motifs_are_uniform(self):
        """Queries drawn as the targets are: as many below any level as the level says."""
        matches = motifs.match_motifs(
            random_motifs(40, seed=1), random_motifs(150, seed=2), top=None
        )
        for level in (0.5, 0.2, 0.05):
            share = (matches["p_value"] <= level).mean()
            assert 0.4 * level < share < 1.4 * level, (level, share)

    def test_p_values_equal_memelites(self):
        """Best four targets of three queries as memelite 0.5.0 gives them (hashing of target
        columns off): target, p-value, offset, overlap, strand. It bins scores otherwise: 0.06 in
        log10 p, 0.4 at 1e-14. Recorded, because it compiles for two minutes."""
        rng = np.random.default_rng(0)
        targets = [rng.dirichlet([0.3] * 4, size=int(rng.integers(5, 12))) for _ in range(60)]
        queries = [
            targets[3][1:-1] * 0.9 + 0.025,
            targets[20][::-1, ::-1] * 0.8 + 0.05,
            rng.dirichlet([0.3] * 4, size=9),
        ]
        recorded = [
            [(3, 3.595e-16, 1, 8, "+"), (59, 0.001253, 2, 8, "-"), (58, 0.006017, 1, 8, "+")],
            [(20, 3.731e-14, 0, 11, "-"), (45, 0.009626, -2, 6, "-"), (19, 0.02374, -1, 5, "-")],
            [(14, 0.005758, 1, 9, "+"), (53, 0.006975, -2, 5, "-"), (5, 0.0126, 0, 8, "+")],
        ]
        database = [motifs.Motif(str(i), t) for i, t in enumerate(targets)]
        for query, wanted in zip(queries, recorded, strict=True):
            matches = motifs.match_motifs(
                [motifs.Motif("q", query)], database, top=3, weighted=False
            )
            for row, (target, p_value, *place) in zip(
                matches.itertuples(index=False), wanted, strict=True
            ):
                assert row.target == str(target)
                assert [row.offset, row.overlap, row.strand] == place
                tolerance = 0.06 if p_value > 1e-6 else 0.4
                assert np.log10(row.p_value) == pytest.approx(np.log10(p_value), abs=tolerance)

    def test_flat_columns_resemble_nothing(self):
        """A site with flat positions is not like a long motif with flat flanks; TOMTOM's own score
        says it is."""
        flat = motifs.Motif(
            "long", np.concatenate([np.full((12, 4), 0.25), motif("CCGGAA").matrix])
        )
        database = [*random_motifs(80), flat]
        query = motifs.Motif("q", np.concatenate([motif("TTTA").matrix, np.full((8, 4), 0.25)]))
        plain = motifs.match_motifs([query], database, top=None, weighted=False)
        ours = motifs.match_motifs([query], database, top=None)
        assert plain.set_index("target")["p_value"]["long"] < 1e-3
        assert ours.set_index("target")["p_value"]["long"] > 0.05

    def test_null_equals_counting(self):
        """One span of two columns, by convolution and by all pairs of columns."""
        binned = np.array([[0, 1, 3, -2], [2, 2, 0, -1]])
        nulls = _SpanNulls(binned)
        pairs = (binned[0][:, None] + binned[1][None, :]).ravel()
        scores = np.arange(-4, 7)
        wanted = [(pairs >= score).mean() for score in scores]
        np.testing.assert_allclose(nulls.p_values(scores, [(0, 2)], 1), wanted, atol=1e-12)

    def test_best_offset_tries_them_all(self):
        rng = np.random.default_rng(3)
        scores = rng.integers(-5, 6, size=(4, 7, 6))
        sums, offsets, overlaps = _best_offsets(scores)
        for target in range(7):
            totals = {}
            for offset in range(-3, 6):
                rows = [i for i in range(4) if 0 <= i + offset < 6]
                totals[offset] = sum(scores[i, target, i + offset] for i in rows), len(rows)
            assert sums[target] == max(total for total, _ in totals.values())
            assert totals[int(offsets[target])] == (sums[target], overlaps[target])

    def test_q_values_are_benjamini_hochbergs(self):
        from scipy.stats import false_discovery_control

        rng = np.random.default_rng(0)
        database = [motif("".join(rng.choice(list("ACGT"), 6))) for _ in range(40)]
        queries = [motif("TGACTC"), motif("ACCATT")]
        found = motifs.match_motifs(queries, database, top=None)
        np.testing.assert_allclose(found["q_value"], false_discovery_control(found["p_value"]))
        few = motifs.match_motifs(queries, database, top=2)
        assert few["query"].tolist() == ["TGACTC"] * 2 + ["ACCATT"] * 2
        assert few["q_value"].tolist() == found["q_value"][[0, 1, 40, 41]].tolist()

    def test_protein_motifs_have_one_strand(self):
        from seam_core.sequences import PROTEIN

        database = [motif(letters, alphabet=PROTEIN) for letters in ("MKLV", "WYCC", "GGPQ")]
        matches = motifs.match_motifs(database[:1], database)
        assert matches["target"][0] == "MKLV"
        assert set(matches["strand"]) == {"+"}

    def test_bad_input(self):
        with pytest.raises(InputError, match="database"):
            motifs.match_motifs([motif("ACGT")], [])
        with pytest.raises(InputError, match="one alphabet"):
            motifs.match_motifs([motif("ACGT")], [motif("ACGU", alphabet="ACGU")])
        assert len(motifs.match_motifs([], random_motifs(3))) == 0

    def test_alignment_shows_matches_shifted(self):
        database = [*random_motifs(60), motif("GGTATCGATACC")]
        query = motif("TATCGATA")
        matches = motifs.match_motifs([query], database, top=2)
        figure = motif_alignment(query, matches, database)
        assert len(figure.axes) == 3
        starts = [
            min(patch.get_path().get_extents().x0 for patch in axes.patches)
            for axes in figure.axes[:2]
        ]
        assert starts[0] - starts[1] == pytest.approx(2.0, abs=0.2)
        with pytest.raises(InputError, match="GGTATCGATACC"):
            motif_alignment(query, matches, database[:3])


def test_letters_mixed_with_others_get_their_name_and_by_chance_none():
    database = motifs.jaspar(("insects",))
    rng = np.random.default_rng(0)
    own = [database[i] for i in rng.choice(len(database), 12, replace=False)]
    mixed = [motifs.Motif(f"own {i}", 0.35 * m.matrix + 0.65 / 4) for i, m in enumerate(own)]
    chance = []
    for index in range(12):
        matrix = np.full((14, 4), 0.25) + rng.uniform(0, 0.1, (14, 4))
        matrix[np.arange(3, 11), rng.integers(0, 4, 8)] += rng.uniform(0.1, 0.3, 8)
        chance.append(motifs.Motif(f"chance {index}", matrix / matrix.sum(axis=1, keepdims=True)))
    named = [motifs.match_motifs([query], database, top=1)["q_value"][0] <= 0.05 for query in mixed]
    best = [motifs.match_motifs([query], database, top=1)["target"][0] for query in mixed]
    assert sum(named) >= 11
    assert sum(b == m.name for b, m in zip(best, own, strict=True)) >= 8
    by_chance = [motifs.match_motifs([q], database, top=1)["q_value"][0] <= 0.05 for q in chance]
    assert sum(by_chance) <= 1
