"""What is found does not hang on one clustering, and what does is marked."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core import store
from seam_core.clusterer import Clusterer
from seam_core.identifier import Identifier
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import ClustererParameters, IdentifierParameters
from seam_core.records import AttributionMaps, Library, Table
from seam_core.session import Session
from tests.planted import mutate, planted, recall_and_precision


def found(library, table, maps, n_clusters=20, **options):
    clustering = Clusterer(ClustererParameters(embedding="none", n_clusters=n_clusters)).cluster(
        maps
    )
    explanation = MetaExplainer().run(library, table, maps, clustering)
    chosen = IdentifierParameters(n_bootstrap=60, n_trees=4, **options)
    return explanation, Identifier(chosen).run(
        explanation, library=library, table=table, clustering=clustering, maps=maps
    )


def inputs(model, n=1_000, noise=0.05):
    rng = np.random.default_rng(4)
    sequences = mutate(model.reference, n, 0.1, rng)
    activity = model.predict(sequences) + rng.normal(0, noise, n)
    library = Library(sequences, reference=model.reference)
    table = Table(pd.DataFrame({"Activity": activity}))
    return library, table, AttributionMaps(model.gradients(sequences))


@pytest.fixture(scope="module")
def run():
    model = planted(1, 3)
    library, table, maps = inputs(model)
    return model, library, table, maps, *found(library, table, maps)


@pytest.mark.parametrize("size", [1e-4, 1e-3])
def test_noise_in_the_last_digits_of_the_maps_changes_nothing(run, size):
    _, library, table, maps, _, before = run
    noise = np.random.default_rng(7).standard_normal(maps.maps.shape)
    noisy = AttributionMaps((maps.maps * (1 + size * noise)).astype(np.float32))
    _, after = found(library, table, noisy)
    assert [s.positions for s in after.sites] == [s.positions for s in before.sites]
    assert after.epistasis["called"].tolist() == before.epistasis["called"].tolist()


@pytest.mark.parametrize("n_clusters", [10, 50])
def test_another_cut_of_the_tree_changes_nothing(run, n_clusters):
    _, library, table, maps, _, before = run
    _, after = found(library, table, maps, n_clusters)
    assert [s.positions for s in after.sites] == [s.positions for s in before.sites]


def test_planted_sites_are_found_again_in_every_reclustering(run):
    model, *_, sites = run
    assert recall_and_precision(sites.sites, model.sites) == (1.0, 1.0)
    assert (sites.stability > 0.9).all()
    told = sites.epistasis.dropna(subset="p_value")
    assert (told["stability"] >= 0.5).all()


def test_same_seed_same_result(run):
    _, library, table, maps, _, before = run
    _, after = found(library, table, maps)
    pd.testing.assert_frame_equal(before.epistasis, after.epistasis)
    assert before.stability.tolist() == after.stability.tolist()


def test_a_site_drawn_by_hand_where_none_is_is_unstable(run):
    _, library, table, maps, explanation, sites = run
    last = max(site.stop for site in sites.sites)
    drawn = (
        *sites.sites,
        replace(sites.sites[0], name="X", positions=tuple(range(last + 8, last + 14))),
    )
    described = Identifier(sites.parameters).describe(
        explanation, drawn, library=library, table=table, maps=maps
    )
    assert described.stability[-1] == 0.0
    assert (described.stability[:-1] > 0.9).all()


def test_sites_of_noise_in_the_maps_are_none_or_unstable():
    rng = np.random.default_rng(0)
    for seed in range(3):
        reference = rng.integers(0, 4, 60).astype(np.int8)
        sequences = mutate(reference, 800, 0.1, rng)
        maps = AttributionMaps(rng.normal(size=(800, 60, 4)).astype(np.float32))
        table = Table(pd.DataFrame({"Activity": rng.normal(size=800)}))
        _, sites = found(Library(sequences, reference=reference), table, maps, seed=seed)
        assert (sites.stability < 0.5).all()
        assert not sites.epistasis["called"].any()


def test_without_maps_stability_is_not_known(run):
    _, library, table, _, explanation, _ = run
    sites = Identifier(IdentifierParameters(n_bootstrap=20)).run(
        explanation, library=library, table=table
    )
    assert sites.stability is None
    assert sites.epistasis["stability"].isna().all()


def test_intervals_are_no_narrower_than_of_the_one_clustering(run):
    _, library, table, _, explanation, sites = run
    alone = Identifier(sites.parameters).describe(
        explanation, sites.sites, library=library, table=table
    )
    wide, narrow = (each.epistasis["high"] - each.epistasis["low"] for each in (sites, alone))
    assert (wide / narrow).median() >= 0.95


def test_summary_and_session_keep_it(run, tmp_path):
    _, library, table, maps, explanation, sites = run
    session = Session(name="s", library=library, table=table, maps=maps)
    session = replace(session, explanation=explanation, sites=sites)
    told = store.summary(session)["sites"]
    assert [site["stability"] for site in told] == pytest.approx(sites.stability.tolist())
    assert all(site["stable"] for site in told)
    store.save(session, tmp_path / "s")
    opened = store.load(tmp_path / "s")
    assert opened.sites.stability.tolist() == sites.stability.tolist()
    bare = store.summary(replace(session, sites=replace(sites, stability=None)))["sites"]
    assert bare[0]["stability"] is None
    assert bare[0]["stable"] is None
