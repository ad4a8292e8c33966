"""K-means, DBSCAN, HDBSCAN, Leiden; how clusterings agree, hold, and how many there should be."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from sklearn.metrics import adjusted_rand_score

from seam_core.clusterer import (
    Clusterer,
    agreement,
    dbscan,
    hdbscan,
    kmeans,
    leiden,
    partitions,
    stability,
    suggest_n_clusters,
)
from seam_core.parameters import ClustererParameters
from seam_core.records import Clustering
from seam_core.validate import InputError, MissingPackageError


@pytest.fixture(scope="module")
def truth():
    return np.random.default_rng(0).integers(0, 5, 400)


@pytest.fixture(scope="module")
def maps(truth):
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(5, 15, 4)) * 3
    return (centres[truth] + rng.normal(size=(400, 15, 4))).astype(np.float32)


@pytest.mark.parametrize("method", ["kmeans", "dbscan", "hdbscan", "leiden"])
@pytest.mark.parametrize("on", ["maps", "pca", "embedding"])
def test_planted_groups_are_found(method, on, maps, truth):
    chosen = ClustererParameters(
        clustering=method,
        cluster_on=on,
        n_clusters=5,
        cluster_components=6,
        hdbscan_min_size=20,
        leiden_resolution=0.2,
    )
    stage = Clusterer(chosen)
    embedding = Clusterer(chosen.replace(embedding="pca", n_components=4)).embed(maps)
    result = stage.cluster(maps, embedding=embedding)
    assert result.labels.dtype == np.int32
    assert result.source == ("embedding" if on == "embedding" else "maps")
    inside = result.labels >= 0
    assert inside.mean() > 0.8
    assert adjusted_rand_score(result.labels[inside], truth[inside]) > 0.95
    np.testing.assert_array_equal(stage.cluster(maps, embedding=embedding).labels, result.labels)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_noise_is_apart_and_no_index(method):
    rng = np.random.default_rng(2)
    blobs = np.concatenate([rng.normal(size=(60, 3)), rng.normal(size=(60, 3)) + 20])
    strays = rng.uniform(-500, 500, size=(7, 3))
    rows = np.concatenate([strays, blobs])
    labels = dbscan(rows, 2.0, 5) if method == "dbscan" else hdbscan(rows, 20)
    assert (labels[:7] == -1).all()
    assert set(labels[7:]) - {-1} == {0, 1}
    assert labels[labels >= 0][0] == 0


def test_mini_batches_above_a_size(maps, truth, monkeypatch):
    monkeypatch.setattr(partitions, "MINI_BATCH_ABOVE", 100)
    assert adjusted_rand_score(kmeans(maps, 5), truth) > 0.95


@pytest.mark.parametrize("call", [lambda r: kmeans(r, 2), lambda r: dbscan(r, None, 3)])
def test_identical_maps(call):
    rows = np.repeat(np.array([[0.0, 0.0], [5.0, 5.0]]), 30, axis=0)
    np.testing.assert_array_equal(call(rows), np.repeat([0, 1], 30))


def test_fewer_distinct_maps_than_clusters():
    rows = np.repeat(np.eye(3), 10, axis=0)
    np.testing.assert_array_equal(kmeans(rows, 8), np.repeat([0, 1, 2], 10))


@pytest.mark.parametrize("call", [lambda r: kmeans(r, 1), lambda r: leiden(r, 5, 1.0)])
def test_constant_maps(call):
    assert (call(np.ones((40, 3))) >= 0).all()


def test_one_map():
    one = np.ones((1, 3))
    assert kmeans(one, 1).tolist() == [0]
    assert leiden(one, 15, 1.0).tolist() == [0]
    assert hdbscan(one, 5).tolist() == [-1]
    assert dbscan(one, None, 2).tolist() == [-1]
    for clustering in ("ward", "kmeans", "single"):
        chosen = ClustererParameters(clustering=clustering, n_clusters=1)
        assert Clusterer(chosen).cluster(one).labels.tolist() == [0]


@pytest.mark.parametrize("clustering", ["ward", "single", "average", "kmeans"])
def test_one_cluster_and_one_a_map(clustering, maps):
    few = maps[:40]
    for n_clusters in (1, 40):
        chosen = ClustererParameters(clustering=clustering, n_clusters=n_clusters)
        assert len(Clusterer(chosen).cluster(few).ids) == n_clusters
    with pytest.raises(InputError, match="1 to 40"):
        Clusterer(ClustererParameters(clustering=clustering, n_clusters=41)).cluster(few)


def test_nan_is_named(maps):
    bad = maps.copy()
    bad[3, 2, 1] = np.nan
    for clustering in ("kmeans", "dbscan", "hdbscan", "leiden", "ward"):
        with pytest.raises(InputError, match="nan at index"):
            Clusterer(ClustererParameters(clustering=clustering)).cluster(bad)


def test_leiden_without_its_package(maps, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "leidenalg", None)
    with pytest.raises(MissingPackageError, match="pip install"):
        leiden(maps, 15, 1.0)


def test_agreement_is_sklearns(truth):
    rng = np.random.default_rng(4)
    other = np.where(rng.random(400) < 0.7, truth, rng.integers(-1, 9, 400))
    compared = agreement(truth, Clustering(other, "x", "maps"))
    assert compared.rand == pytest.approx(adjusted_rand_score(truth, other))
    assert compared.table.to_numpy().sum() == 400
    assert list(compared.table.columns) == list(range(-1, 9))
    assert compared.table.loc[2, -1] == ((truth == 2) & (other == -1)).sum()
    assert agreement(np.zeros(5), np.zeros(5)).rand == 1.0
    with pytest.raises(InputError, match="second clustering"):
        agreement(truth, other[:10])


def test_what_is_planted_is_stable_and_noise_is_not(maps, truth):
    planted = stability(maps, lambda rows: kmeans(rows, 5), n_resamples=3)
    assert planted.rand.min() > 0.95
    assert min(planted.by_cluster.values()) > 0.95
    noise = np.random.default_rng(0).normal(size=(200, 10))
    shaky = stability(noise, lambda rows: kmeans(rows, 5), n_resamples=3)
    assert shaky.rand.max() < 0.8
    assert sorted(shaky.by_cluster) == list(range(5))


def test_suggestion_finds_the_planted_number(maps, truth):
    tree = linkage(maps.reshape(400, -1), "ward")
    by_height = suggest_n_clusters(tree)
    assert by_height.n_clusters == 5
    assert "gap" in by_height.reason
    assert len(by_height.numbers) == len(by_height.gaps)
    activity = truth * 1.0 + np.random.default_rng(0).normal(size=400) * 0.05
    by_activity = suggest_n_clusters(tree, activity)
    assert 4 <= by_activity.n_clusters <= 6
    assert "interquartile" in by_activity.reason
    assert len(by_activity.numbers) == len(by_activity.gaps) == len(by_activity.spread)
    none = suggest_n_clusters(tree, activity, shown=lambda cuts: [[] for _ in cuts])
    assert "no site lasts over the cuts" in none.reason
    one = suggest_n_clusters(tree, activity, shown=lambda cuts: [[{1, 2, 3}] for _ in cuts])
    assert "1 of the 1 sites that last over the cuts" in one.reason
    with pytest.raises(InputError, match="activity"):
        suggest_n_clusters(tree, activity[:9])


def test_nothing_to_suggest_for_identical_maps():
    assert suggest_n_clusters(linkage(np.ones((10, 2)), "ward")).n_clusters == 1
