"""Driver mutations, edits, and the edges: many sites, few clusters, what does not fit."""

import numpy as np
import pandas as pd
import pytest

from seam_core.identifier import (
    Identifier,
    add_site,
    entropy_covariance,
    groups_by_height,
    groups_by_number,
    join_sites,
    named_sites,
    position_linkage,
    remove_site,
    rename_site,
    site_activity,
    site_name,
    split_site,
    with_bounds,
    with_positions,
)
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import IdentifierParameters
from seam_core.progress import Cancelled
from seam_core.records import AttributionMaps, Clustering, Library, Site, Table
from seam_core.validate import InputError
from tests.planted import Planted, analysis, mutate, planted


@pytest.fixture(scope="module")
def inputs():
    library, table, maps, clustering = analysis(planted(1, 3), 1_500, 30)
    return MetaExplainer().run(library, table, maps, clustering), library, table, clustering


@pytest.fixture(scope="module")
def sites(inputs):
    explanation, library, table, clustering = inputs
    return Identifier(IdentifierParameters(n_bootstrap=50)).run(
        explanation, library=library, table=table, clustering=clustering
    )


def test_every_substitution_in_an_all_or_nothing_site_breaks_it(sites):
    drivers = sites.drivers
    assert (drivers["verdict"] == "breaks").mean() > 0.97
    expected = {(s.name, p) for s in sites.sites for p in s.positions}
    assert set(zip(drivers["site"], drivers["position"], strict=True)) == expected
    told = drivers.dropna()
    assert (told["low"] <= told["effect"]).all()
    assert (told["effect"] <= told["high"]).all()
    assert (told["effect"] < 0).mean() > 0.97  # all weights of this model are positive


def test_tolerated_and_better_letters_are_told_apart():
    """A site whose first position takes two letters and whose last one has a better letter."""
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 4, 40).astype(np.int8)
    sequences = mutate(reference, 6_000, 0.15, rng)
    same = sequences == reference
    also, better = (reference[10] + 1) % 4, (reference[15] + 1) % 4
    same[:, 10] |= sequences[:, 10] == also
    same[:, 15] |= sequences[:, 15] == better
    shows = same[:, 10:16].all(axis=1)
    activity = shows * (1.0 + 0.5 * (sequences[:, 15] == better)) + rng.normal(0, 0.05, 6_000)
    library = Library(sequences, reference=reference)
    table = Table(pd.DataFrame({"Activity": activity}))
    labels = (2 * rng.integers(0, 4, 6_000) + shows).astype(np.int32)
    maps = AttributionMaps(np.zeros((6_000, 40, 4), np.float32))
    explanation = MetaExplainer().run(library, table, maps, Clustering(labels, "ward", "maps"))
    (site,) = named_sites([np.arange(10, 16)])
    found = Identifier().describe(explanation, [site], library=library, table=table)
    verdict = found.drivers.set_index(["position", "letter"])["verdict"]
    assert verdict[10, "ACGT"[also]] == "keeps"
    assert verdict[15, "ACGT"[better]] == "strengthens"
    others = verdict.drop([(10, "ACGT"[also]), (15, "ACGT"[better])])
    assert (others == "breaks").all()
    assert (found.states[:, 0] == shows).all()


def test_a_substitution_that_creates_a_site():
    """The reference misses a second site by one letter; the mutation that completes it is found."""
    rng = np.random.default_rng(3)
    target = rng.integers(0, 4, 60).astype(np.int8)
    reference = target.copy()
    reference[43] = (target[43] + 2) % 4
    model = Planted(reference, (10, 40), (16, 46), (1.0, 2.0), target=target)
    library, table, maps, clustering = analysis(model, 4_000, 30, maps="ism")
    explanation = MetaExplainer().run(library, table, maps, clustering)
    found = Identifier().run(explanation, library=library, table=table)
    created = found.drivers[found.drivers["verdict"] == "creates"]
    hit = created[(created["position"] == 43) & (created["letter"] == "ACGT"[target[43]])]
    assert len(hit) == 1
    assert hit["low"].iloc[0] > 0


def test_without_activities_letters_alone_judge(inputs):
    explanation, library, _, _ = inputs
    found = Identifier().run(explanation, library=library)
    assert found.drivers["effect"].isna().all()
    assert (found.drivers["verdict"] == "breaks").mean() > 0.97


def test_names_of_many_sites():
    assert [site_name(i) for i in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_positions_come_back_in_order_and_gaps_stay():
    first, second = named_sites([np.array([30, 25, 27]), np.array([3, 4])], start=100)
    assert (first.name, first.positions) == ("A", (103, 104))
    assert (second.name, second.positions) == ("B", (125, 127, 130))
    assert (second.start, second.stop) == (125, 131)


def test_gaps_of_a_site_do_not_count(inputs):
    explanation = inputs[0]
    planted_site = planted(1, 3).sites[0]
    spread = Site("A", (*planted_site.positions, planted_site.stop + 3))
    alone = site_activity(explanation, [planted_site, Site("X", (planted_site.stop + 3,))])
    both = site_activity(explanation, [spread])
    n = len(planted_site.positions)
    unclipped = (alone > 0).all(axis=1) & (both[:, 0] > 0)
    expected = (n * alone[:, 0] + alone[:, 1]) / (n + 1)
    np.testing.assert_allclose(both[unclipped, 0], expected[unclipped])


def test_edits():
    sites = (Site("A", (3, 4, 6, 7)), Site("B", (20, 21, 22)))
    assert with_bounds(sites, "A", 2, 8)[0].positions == (2, 3, 4, 6, 7)
    assert with_bounds(sites, "A", 30, 33)[1] == Site("A", (30, 31, 32))
    assert with_positions(sites, "B", [25, 20])[1].positions == (20, 25)
    left, right, _ = split_site(sites, "A", 6)
    assert (left, right) == (Site("A", (3, 4)), Site("C", (6, 7)))
    assert join_sites(sites, ["B", "A"]) == (Site("B", (3, 4, 6, 7, 20, 21, 22)),)
    assert rename_site(sites, "B", " DRE ")[1].name == "DRE"
    assert add_site(sites, 10, 12)[1] == Site("C", (10, 11))
    assert add_site(sites, 10, 12, "GATA")[1].name == "GATA"
    assert remove_site(sites, "A") == sites[1:]


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: with_bounds(s, "A", 5, 5),
        lambda s: with_bounds(s, "Z", 1, 5),
        lambda s: with_positions(s, "A", []),
        lambda s: split_site(s, "A", 3),
        lambda s: split_site(s, "A", 8),
        lambda s: join_sites(s, ["A"]),
        lambda s: rename_site(s, "A", "B"),
        lambda s: rename_site(s, "A", "A+C"),
        lambda s: rename_site(s, "A", "A\x00C"),
        lambda s: rename_site(s, "A", "none"),
        lambda s: add_site(s, 5, 2),
        lambda s: remove_site(s, "Z"),
    ],
)
def test_edits_that_make_no_sense_are_refused(edit):
    with pytest.raises(InputError):
        edit((Site("A", (3, 4, 6, 7)), Site("B", (20, 21, 22))))


def test_everything_after_an_edit_is_computed_anew(inputs, sites):
    explanation, library, table, clustering = inputs
    identifier = Identifier(IdentifierParameters(n_bootstrap=50))
    joined = join_sites(sites.sites, ["A", "B"])
    again = identifier.describe(
        explanation, joined, library=library, table=table, clustering=clustering
    )
    assert again.activity.shape == (explanation.n_clusters, 2)
    assert again.configurations["sites"].tolist() == ["none", "A", "C", "A+C"]
    assert (again.states[:, 0] <= sites.states[:, 0]).all()
    same = identifier.describe(explanation, sites.sites, library=library, table=table)
    pd.testing.assert_frame_equal(same.epistasis, sites.epistasis)


def test_a_site_outside_of_the_window_is_refused(inputs):
    with pytest.raises(InputError, match="positions within"):
        Identifier().describe(inputs[0], [Site("A", (1, 500))])


def test_twelve_sites(inputs):
    explanation, library, table, _ = inputs
    twelve = named_sites([np.arange(4 * i, 4 * i + 2) for i in range(12)])
    found = Identifier(IdentifierParameters(n_bootstrap=10)).describe(
        explanation, twelve, library=library, table=table
    )
    assert len(found.configurations) == 4_096
    assert len(found.epistasis) == 4_095
    assert found.configurations["n"].sum() == len(library)
    rare = found.configurations[found.configurations["n"] == 0]
    assert len(rare)
    assert not rare["represented"].any()
    assert rare["estimate"].isna().all()
    assert rare["note"].str.startswith("not represented: no sequence shows").all()
    high = found.epistasis[found.epistasis["order"] > 3]
    assert high["estimate"].isna().all()
    assert high["authors_estimate"].notna().all()
    pairs = found.epistasis[found.epistasis["order"] == 2]
    assert pairs["represented"].all()


def test_more_than_twelve_sites_list_low_orders(inputs):
    explanation, library, table, _ = inputs
    many = named_sites([np.arange(4 * i, 4 * i + 2) for i in range(15)])
    parameters = IdentifierParameters(n_bootstrap=0, epistasis_order=2)
    found = Identifier(parameters).describe(explanation, many, library=library, table=table)
    assert len(found.epistasis) == 15 + 15 * 14 // 2


def test_noise_shows_no_site():
    library, table, maps, clustering = analysis(planted(1, 3), 1_000, 20)
    labels = np.where(clustering.labels == clustering.labels[0], -1, clustering.labels)
    noisy = Clustering(labels, "dbscan", "embedding")
    explanation = MetaExplainer().run(library, table, maps, noisy)
    found = Identifier().run(explanation, library=library, table=table, clustering=noisy)
    row = found.cluster_ids.tolist().index(-1)
    assert not found.active[row].any()
    assert -1 not in found.configurations["assigned_cluster"].tolist()
    without = explanation.entropy[explanation.ids != -1]
    np.testing.assert_allclose(found.covariance, np.cov(without, rowvar=False))


@pytest.mark.parametrize("labels", [np.zeros(200), np.arange(200), np.full(200, -1)])
def test_clusters_that_tell_nothing(labels):
    """One cluster, clusters of one, only noise: no site, no error."""
    model = planted(0, 2)
    sequences = mutate(model.reference, 200, 0.1, np.random.default_rng(0))
    library = Library(sequences, reference=model.reference)
    table = Table(pd.DataFrame({"Activity": model.predict(sequences)}))
    clustering = Clustering(labels.astype(np.int32), "imported", "imported")
    explanation = MetaExplainer().run(
        library, table, AttributionMaps(model.gradients(sequences)), clustering
    )
    found = Identifier().run(explanation, library=library, table=table, clustering=clustering)
    assert found.sites == ()
    assert np.isfinite(found.covariance).all()
    model_sites = Identifier().describe(explanation, model.sites, library=library, table=table)
    assert len(model_sites.configurations) == 4


def test_a_library_without_mutations():
    sequences = np.zeros((50, 20), np.int8)
    library = Library(sequences, reference=sequences[0])
    table = Table(pd.DataFrame({"Activity": np.arange(50.0)}))
    maps = AttributionMaps(np.ones((50, 20, 4), np.float32))
    clustering = Clustering((np.arange(50) % 5).astype(np.int32), "x", "maps")
    explanation = MetaExplainer().run(library, table, maps, clustering)
    found = Identifier().describe(explanation, [Site("A", (3, 4))], library=library, table=table)
    assert not found.activity.any()
    assert not found.active.any()


def test_number_and_height_together_are_refused(inputs):
    with pytest.raises(InputError, match="one of them"):
        Identifier(IdentifierParameters(n_sites=2, site_cut_height=0.1)).run(inputs[0])


def test_more_sites_than_positions_are_refused(inputs):
    with pytest.raises(InputError, match="n_sites"):
        Identifier(IdentifierParameters(n_sites=5_000)).run(inputs[0])


def test_tables_of_other_sequences_are_refused(inputs):
    explanation, library, table, _ = inputs
    with pytest.raises(InputError, match="table"):
        Identifier().run(explanation, library=library, table=Table(table.frame.iloc[:5]))


def test_groups_partition_the_positions_at_any_height(inputs):
    linkage = position_linkage(entropy_covariance(inputs[0]))
    for height in (0.0, 0.5 * linkage[-1, 2], 2 * linkage[-1, 2]):
        groups = groups_by_height(linkage, height)
        joined = np.concatenate(groups) if groups else np.array([])
        assert len(joined) == len(set(joined.tolist()))
    assert len(groups_by_number(linkage, 4)[0]) == 4


def test_cancel(inputs):
    class Stop:
        def update(self, done, total, message=""):
            raise Cancelled

    explanation, library, table, _ = inputs
    with pytest.raises(Cancelled):
        Identifier().run(explanation, library=library, table=table, progress=Stop())


def test_positions_of_a_long_sequence_are_correlated_where_they_are_asked_for_alone() -> None:
    """The whole matrix of 12,288 letters is 1.2 GB; it was made for every cut of the tree."""
    import tracemalloc

    from seam_core.identifier.detection import signal_of_counts

    letters = (np.random.default_rng(0).random((40, 4000)) < 0.1).astype(int)
    letters[::2, [1500, 1502]] = 0  # lost together by the other clusters
    letters[1::2, [1500, 1502]] = 1
    clusters = [letters[start::2][k : k + 4] for start in (0, 1) for k in range(0, 20, 4)]
    counts = np.stack([np.eye(4, dtype=int)[rows].sum(axis=0) for rows in clusters])
    tracemalloc.start()
    signal = signal_of_counts(counts, np.zeros(4000, dtype=int))
    columns = np.array([3, 1500, 1502, 3999])
    found = signal.correlation(columns, columns)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4000 * 4000 * 8 / 2
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    np.testing.assert_array_equal(np.diag(found), 1)
    np.testing.assert_allclose(signal.correlation(columns[1:2], columns), found[1:2], atol=1e-12)
    plain = np.corrcoef(np.maximum(counts[:, columns, 0] - counts[:, columns, 0].mean(axis=0), 0).T)
    assert (np.abs(found) >= np.abs(plain) - 1e-9).all()  # sampling noise is taken off
    assert found[1, 2] > 0.9
