"""Sites of the planted family: found where they are, from clusters alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core.identifier import Identifier
from seam_core.identifier.detection import woven
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import IdentifierParameters
from seam_core.records import AttributionMaps, Clustering, Library, Site, Table
from tests.planted import Planted, analysis, mutate, planted, recall_and_precision


def found(model, n=1_200, n_clusters=30, **options):
    library, table, maps, clustering = analysis(model, n, n_clusters, **options)
    explanation = MetaExplainer().run(library, table, maps, clustering)
    return Identifier(IdentifierParameters(n_bootstrap=0)).run(explanation).sites


@pytest.mark.parametrize("n_sites", [2, 3, 4, 5])
@pytest.mark.parametrize("overlapping", [False, True])
def test_recall_and_precision_over_the_family(n_sites, overlapping):
    scores = []
    n = 2_000 if n_sites == 5 else 1_200  # 30 clusters for 32 configurations need more to tell
    for seed in range(5):
        model = planted(seed, n_sites, interactions=seed % 2 == 0, overlapping=overlapping)
        kind = "gradients" if seed % 3 else "ism"
        scores.append(recall_and_precision(found(model, n, seed=seed, maps=kind), model.sites))
    recall, precision = np.mean(scores, axis=0)
    assert recall >= 0.95
    assert precision >= 0.95


@pytest.mark.parametrize("n_clusters", [12, 100])
def test_sites_do_not_depend_on_how_finely_maps_are_clustered(n_clusters):
    model = planted(2, 2)
    recall, precision = recall_and_precision(found(model, n_clusters=n_clusters), model.sites)
    assert (recall, precision) == (1.0, 1.0)


def test_shared_positions_belong_to_both_overlapping_sites():
    model = planted(0, 2, overlapping=True)
    (first, second) = found(model, 2_000)
    assert first.positions == model.sites[0].positions
    assert second.positions == model.sites[1].positions


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ((38, 40, 41, 43, 44), (39, 42, 45, 46), True),  # a graded site
        ((10, 11, 12, 20, 21, 22), (14, 15, 16, 17), False),  # one in the gap of another
        ((10, 11, 12, 13, 14, 15), (14, 15, 16, 17, 18, 19), False),  # overlapping ends
        ((10, 11, 12, 13, 14, 16), (15, 17, 18, 19, 20), False),
    ],
)
def test_positions_that_alternate_are_of_one_site(first, second, one):
    assert woven(first, second) == woven(second, first) == one


def test_nothing_is_found_where_letters_do_not_matter():
    rng = np.random.default_rng(0)
    for seed in range(5):
        reference = rng.integers(0, 4, 60).astype(np.int8)
        sequences = mutate(reference, 1_000, 0.1, rng)
        maps = rng.normal(size=(1_000, 60, 4)).astype(np.float32)
        labels = rng.integers(0, 25, 1_000).astype(np.int32)
        table = Table(pd.DataFrame({"Activity": rng.normal(size=1_000)}))
        library = Library(sequences, reference=reference)
        explanation = MetaExplainer().run(
            library, table, AttributionMaps(maps), Clustering(labels, "ward", "maps")
        )
        sites = Identifier().run(explanation, library=library, table=table)
        assert sites.sites == (), seed
        assert sites.configurations["sites"].tolist() == ["none"]
        assert len(sites.epistasis) == 0
        assert sites.activity.shape == (explanation.n_clusters, 0)


def test_positions_count_from_the_start_of_the_sequence():
    model = planted(1, 3)
    library, table, maps, clustering = analysis(model, 1_000, 30)
    window = AttributionMaps(maps.maps[:, 6:], start=6)
    explanation = MetaExplainer().run(library, table, window, clustering)
    sites = Identifier().run(explanation, library=library, table=table)
    assert recall_and_precision(sites.sites[1:], model.sites[1:]) == (1.0, 1.0)
    assert sites.start == 6


def test_without_a_reference_conserved_letters_tell():
    model = planted(1, 3)
    library, table, maps, clustering = analysis(model, 1_500, 30)
    unknown = replace(library, reference=None)
    explanation = MetaExplainer().run(unknown, table, maps, clustering)
    sites = Identifier().run(explanation, library=unknown, table=table)
    assert recall_and_precision(sites.sites, model.sites) == (1.0, 1.0)
    assert sites.epistasis.set_index("sites").loc["A+B", "called"]


def test_a_protein_alphabet():
    rng = np.random.default_rng(2)
    reference = rng.integers(0, 20, 30).astype(np.int8)
    sequences = np.where(
        rng.random((1_500, 30)) < 0.1, rng.integers(0, 20, (1_500, 30)), reference
    ).astype(np.int8)
    whole = (sequences[:, 8:14] == reference[8:14]).all(axis=1)
    maps = np.zeros((1_500, 30, 20), np.float32)
    maps[whole, 8:14] = 1.0
    labels = (2 * rng.integers(0, 5, 1_500) + whole).astype(np.int32)
    table = Table(pd.DataFrame({"Activity": whole.astype(float)}))
    library = Library(sequences, "ACDEFGHIKLMNPQRSTVWY", reference)
    explanation = MetaExplainer().run(
        library, table, AttributionMaps(maps), Clustering(labels, "ward", "maps")
    )
    sites = Identifier().run(explanation, library=library, table=table)
    assert [site.positions for site in sites.sites] == [tuple(range(8, 14))]
    assert (sites.states[:, 0] == whole).mean() > 0.99


def test_a_site_with_a_gap_is_one_site():
    length, span = 50, (10, 11, 12, 16, 17, 18)
    rng = np.random.default_rng(1)
    reference = rng.integers(0, 4, length).astype(np.int8)
    model = Planted(reference, (10,), (13,), (1.0,))
    sequences = mutate(reference, 1_500, 0.1, rng)
    whole = (sequences[:, list(span)] == reference[list(span)]).all(axis=1)
    labels = (2 * rng.integers(0, 4, 1_500) + whole).astype(np.int32)
    maps = AttributionMaps(model.gradients(sequences))
    library = Library(sequences, reference=reference)
    table = Table(pd.DataFrame({"Activity": whole.astype(float)}))
    explanation = MetaExplainer().run(library, table, maps, Clustering(labels, "ward", "maps"))
    (site,) = Identifier().run(explanation).sites
    assert site.positions == span
    assert (site.start, site.stop) == (10, 19)


def test_the_authors_cuts_are_there():
    model = planted(3, 3)
    library, table, maps, clustering = analysis(model, 1_000, 30)
    explanation = MetaExplainer().run(library, table, maps, clustering)
    by_number = Identifier(IdentifierParameters(n_sites=3)).run(explanation)
    assert len(by_number.sites) == 3
    by_height = Identifier(IdentifierParameters(site_cut_height=by_number.cut_height))
    assert by_height.run(explanation).sites == by_number.sites
    last_gap = Identifier(IdentifierParameters(site_detection="last_gap")).run(explanation)
    assert last_gap.cut_height in last_gap.linkage[:, 2]


def test_a_handful_of_sequences_does_not_say_which_letters_show_a_site():
    """Where only three sequences keep the site together, the reference's letters show it."""
    rng = np.random.default_rng(5)
    reference = rng.integers(0, 4, 40).astype(np.int8)
    sequences = mutate(reference, 1_500, 0.1, rng)
    whole = (sequences[:, 10:17] == reference[10:17]).all(axis=1)
    labels = np.zeros(1_500, np.int32)
    labels[np.flatnonzero(whole)[:3]] = 1
    library = Library(sequences, reference=reference)
    table = Table(pd.DataFrame({"Activity": whole + rng.normal(0, 0.1, 1_500)}))
    maps = AttributionMaps(np.zeros((1_500, 40, 4), np.float32))
    explanation = MetaExplainer().run(library, table, maps, Clustering(labels, "ward", "maps"))
    site = Site("A", tuple(range(10, 17)))
    found = Identifier().describe(explanation, [site], library=library, table=table)
    assert (found.states[:, 0] == whole).all()
    assert found.epistasis.loc[0, "estimate"] == pytest.approx(1.0, abs=0.05)
    assert found.epistasis.loc[0, "called"]
