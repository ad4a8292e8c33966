"""Pictures of mechanism space: planted groups apart, one picture a seed, new maps placed."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from seam_core.clusterer import (
    Clusterer,
    components,
    diffusion,
    embed,
    principal_axes,
    project,
    warm_up,
)
from seam_core.clusterer.neighbors import nearest_neighbors
from seam_core.clusterer.umap_layout import _force, curve, force_tables, fuzzy_graph
from seam_core.clusterer.workers import Workers
from seam_core.parameters import ClustererParameters
from seam_core.progress import SILENT, Cancelled
from seam_core.validate import InputError, MissingPackageError

METHODS = ["umap", "tsne", "pca", "phate", "diffusion"]


@pytest.fixture(scope="module")
def truth():
    return np.random.default_rng(0).integers(0, 4, 240)


@pytest.fixture(scope="module")
def maps(truth):
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(4, 30, 4)) * 2
    return (centres[truth] + rng.normal(size=(240, 30, 4))).astype(np.float32)


def neighbours_of_the_same_group(coordinates, truth):
    _, near = NearestNeighbors(n_neighbors=6).fit(coordinates).kneighbors(coordinates)
    return (truth[near[:, 1:]] == truth[:, None]).mean()


@pytest.mark.parametrize("method", METHODS)
def test_planted_groups_are_apart(method, maps, truth):
    n_components = 2 if method == "tsne" else 3
    chosen = ClustererParameters(embedding=method, n_components=n_components)
    picture = Clusterer(chosen).embed(maps)
    assert picture.coordinates.shape == (240, n_components)
    assert picture.coordinates.dtype == np.float32
    assert np.isfinite(picture.coordinates).all()
    assert picture.method == method
    assert neighbours_of_the_same_group(picture.coordinates, truth) > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_the_same_picture_on_any_number_of_threads(method, maps):
    chosen = ClustererParameters(embedding=method, seed=3)
    first = embed(maps, chosen).coordinates
    np.testing.assert_array_equal(embed(maps, chosen).coordinates, first)
    if method == "umap":
        for n_threads in (1, 3):
            again = embed(maps, chosen.replace(cluster_threads=n_threads))
            np.testing.assert_allclose(again.coordinates, first, atol=1e-3)
        assert not np.array_equal(embed(maps, chosen.replace(seed=0)).coordinates, first)


@pytest.mark.parametrize("n_landmarks", [50, 1000])
def test_spectrum_of_a_walk_is_that_of_a_symmetric_matrix(n_landmarks, maps, monkeypatch):
    monkeypatch.setattr(diffusion, "N_LANDMARKS", n_landmarks)
    rows = maps.reshape(240, -1)
    affinities = diffusion.kernel(*nearest_neighbors(rows, 10), power=40.0)
    degree = np.asarray(affinities.sum(axis=1)).ravel()
    to_landmarks, between, weights = diffusion._landmark_walk(
        (affinities / degree[:, None]).tocsr(), degree, rows, seed=0
    )
    assert to_landmarks.shape == (240, min(240, n_landmarks))
    flows = weights[:, None] * between
    np.testing.assert_allclose(flows, flows.T, atol=1e-9)
    np.testing.assert_allclose(between.sum(axis=1), 1.0)


def test_phate_by_way_of_landmarks_keeps_groups_apart(maps, truth, monkeypatch):
    monkeypatch.setattr(diffusion, "N_LANDMARKS", 60)
    picture = embed(maps, ClustererParameters(embedding="phate"))
    assert neighbours_of_the_same_group(picture.coordinates, truth) > 0.95


def test_kept_variance_is_said(maps):
    rows = maps.reshape(240, -1)
    spectrum = PCA().fit(rows).explained_variance_ratio_
    picture = embed(maps, ClustererParameters(pca_before=10))
    np.testing.assert_allclose(picture.variance_ratio, spectrum, atol=1e-6)
    without = embed(maps, ClustererParameters(pca_before=0))
    assert without.variance_ratio is None


def test_short_maps_are_not_reduced(maps):
    assert embed(maps[:, :10], ClustererParameters()).variance_ratio is None


@pytest.mark.parametrize("full_spectrum", [True, False])
def test_principal_axes_are_sklearns(maps, full_spectrum, monkeypatch):
    rows = maps.reshape(240, -1)
    if not full_spectrum:
        monkeypatch.setattr(components, "FULL_SPECTRUM_FEATURES", 10)
    axes = principal_axes(rows, 3)
    theirs = PCA(3).fit(rows)
    # the fourth and later components are noise of equal variance: only three are well defined
    np.testing.assert_allclose(axes.variance_ratio[:3], theirs.explained_variance_ratio_, rtol=1e-3)
    np.testing.assert_allclose(np.abs(axes.axes), np.abs(theirs.components_), atol=2e-3)
    scores = axes.scores(rows)
    np.testing.assert_allclose(np.abs(scores), np.abs(theirs.transform(rows)), atol=2e-2)
    assert axes.kept == pytest.approx(theirs.explained_variance_ratio_.sum(), rel=1e-3)


def test_there_are_no_more_components_than_maps(maps):
    with pytest.raises(InputError, match="121"):
        principal_axes(maps.reshape(240, -1), 121)


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_neighbours_are_exact(maps, offset):
    rows = maps.reshape(240, -1).astype(np.float64) + offset
    ours, distances = nearest_neighbors(rows, 12)
    wanted, theirs = NearestNeighbors(n_neighbors=13, algorithm="brute").fit(rows).kneighbors(rows)
    np.testing.assert_array_equal(ours, theirs[:, 1:])
    np.testing.assert_allclose(distances, wanted[:, 1:], rtol=1e-5)


def test_neighbours_of_identical_maps():
    rows = np.repeat(np.eye(3), 10, axis=0)
    found, distances = nearest_neighbors(rows, 9)
    assert (distances == 0).all()
    assert (found // 10 == np.arange(30)[:, None] // 10).all()
    assert (found != np.arange(30)[:, None]).all()
    with pytest.raises(InputError, match="1 to 29"):
        nearest_neighbors(rows, 30)


def test_graph_is_umap_learns(maps):
    from umap import umap_

    rows = maps.reshape(240, -1)
    neighbors, distances = nearest_neighbors(rows, 14)
    itself = np.arange(240)[:, None]
    theirs, *_ = umap_.fuzzy_simplicial_set(
        rows,
        15,
        np.random.RandomState(0),
        "euclidean",
        knn_indices=np.hstack([itself, neighbors]),
        knn_dists=np.hstack([np.zeros((240, 1)), distances]).astype(np.float32),
    )
    with Workers(1) as workers:
        ours = fuzzy_graph(neighbors, distances, workers)
    assert abs(ours - theirs).max() < 1e-3
    np.testing.assert_allclose(curve(0.1), umap_.find_ab_params(1.0, 0.1), rtol=1e-4)


def test_tables_of_forces_are_the_forces():
    a, b = curve(0.1)
    squares = np.random.default_rng(0).lognormal(0, 5, 2000).astype(np.float32)
    pulls, pushes = force_tables(0.1)
    wide = squares.astype(np.float64)
    pull = -2 * a * b * wide ** (b - 1) / (1 + a * wide**b)
    push = 2 * b / ((0.001 + wide) * (1 + a * wide**b))
    np.testing.assert_allclose([_force(pulls, s) for s in squares], pull, rtol=1e-3)
    np.testing.assert_allclose([_force(pushes, s) for s in squares], push, rtol=1e-3)
    assert np.isfinite([_force(pulls, np.float32(0)), _force(pushes, np.float32(0))]).all()


def test_umap_keeps_neighbours(maps):
    picture = embed(maps, ClustererParameters(pca_before=0))
    rows = maps.reshape(240, -1)
    by_chance = trustworthiness(rows, np.random.default_rng(0).normal(size=(240, 2)))
    kept = trustworthiness(rows, picture.coordinates)
    assert kept > 0.8 > by_chance


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_new_maps_fall_among_their_kind(method, maps, truth):
    old, new = maps[:200], maps[200:]
    picture = embed(old, ClustererParameters(embedding=method))
    places = project(new, old, picture)
    assert places.shape == (40, 2)
    near = NearestNeighbors(n_neighbors=5).fit(picture.coordinates).kneighbors(places)[1]
    own_group = (truth[:200][near] == truth[200:, None]).mean()
    assert own_group > 0.9
    np.testing.assert_array_equal(project(new, old, picture), places)


def test_old_maps_are_projected_onto_themselves(maps):
    picture = embed(maps, ClustererParameters(embedding="pca"))
    np.testing.assert_allclose(project(maps[:9], maps, picture), picture.coordinates[:9], atol=1e-5)


def test_what_cannot_be_projected(maps):
    picture = embed(maps, ClustererParameters(embedding="diffusion"))
    with pytest.raises(InputError, match="one of UMAP or PCA"):
        project(maps, maps, picture)
    picture = embed(maps, ClustererParameters(embedding="pca"))
    with pytest.raises(InputError, match="80 numbers"):
        project(maps[:, :20], maps, picture)


@pytest.mark.parametrize("method", METHODS)
def test_identical_and_constant_maps_are_embedded(method):
    rng = np.random.default_rng(0)
    repeated = np.repeat(rng.normal(size=(8, 6)), 20, axis=0)
    for rows in (repeated, np.ones((60, 6))):
        picture = embed(rows, ClustererParameters(embedding=method))
        assert np.isfinite(picture.coordinates).all()


@pytest.mark.parametrize("method", METHODS)
def test_few_maps(method):
    rows = np.random.default_rng(0).normal(size=(6, 5))
    assert len(embed(rows, ClustererParameters(embedding=method))) == 6
    with pytest.raises(InputError, match="4 maps"):
        embed(rows[:4], ClustererParameters(embedding=method))


def test_no_picture_asked_for(maps):
    with pytest.raises(InputError, match="none"):
        embed(maps, ClustererParameters(embedding="none"))


def test_tsne_without_its_package(maps, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openTSNE", None)
    with pytest.raises(MissingPackageError, match="pip install"):
        embed(maps, ClustererParameters(embedding="tsne"))


class CancelAt:
    def __init__(self, fraction):
        self.fraction = fraction

    def update(self, done, total, message=""):
        if done / total >= self.fraction:
            raise Cancelled


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.6])
def test_cancel(method, fraction, maps):
    with pytest.raises(Cancelled):
        embed(maps, ClustererParameters(embedding=method), progress=CancelAt(fraction))


def test_warm_up_runs():
    warm_up()


def test_a_picture_has_the_axes_asked_for():
    rows = np.random.default_rng(0).normal(size=(30, 1))
    for method in ("pca", "umap", "diffusion"):
        picture = embed(rows, ClustererParameters(embedding=method, n_components=2))
        assert picture.coordinates.shape == (30, 2)


class TestUmapLearn:
    """The package that users of the field know, beside ours."""

    def test_it_keeps_neighbours_as_ours_does(self, maps, truth):
        from sklearn.manifold import trustworthiness

        rows = maps.reshape(len(maps), -1)
        kept = {}
        for method in ("umap", "umap-learn"):
            picture = embed(maps, ClustererParameters(embedding=method)).coordinates
            kept[method] = trustworthiness(rows, picture, n_neighbors=15)
            assert neighbours_of_the_same_group(picture, truth) > 0.95
        assert kept["umap"] > kept["umap-learn"] - 0.05
        assert kept["umap-learn"] > 0.8

    @pytest.mark.parametrize(
        "options",
        [
            {"umap_metric": "correlation"},
            {"umap_metric": "manhattan"},
            {"umap_densmap": True},
            {"umap_init": "random", "umap_spread": 3.0},
        ],
    )
    def test_its_options_are_used(self, options, maps, truth):
        chosen = ClustererParameters(embedding="umap-learn", umap_init="pca").replace(**options)
        picture = embed(maps, chosen)
        assert picture.axis_name(0) == "UMAP 1"
        assert neighbours_of_the_same_group(picture.coordinates, truth) > 0.9

    def test_neighbours_given_to_it_are_those_of_its_metric(self, maps):
        from sklearn.neighbors import NearestNeighbors

        from seam_core.clusterer.declared import Job
        from seam_core.clusterer.umap_learn import _exact_neighbors
        from seam_core.clusterer.workers import Workers

        rows = maps.reshape(len(maps), -1).astype(np.float64)
        for metric in ("euclidean", "cosine", "correlation"):
            chosen = ClustererParameters(umap_metric=metric)
            with Workers(1) as workers:
                indices, distances, *_ = _exact_neighbors(
                    Job(rows, chosen, None, workers, SILENT), 9
                )
            theirs = NearestNeighbors(n_neighbors=9, metric=metric).fit(rows).kneighbors(rows)
            np.testing.assert_allclose(distances, theirs[0], atol=1e-5)
            assert (indices[:, 0] == np.arange(len(rows))).all()
