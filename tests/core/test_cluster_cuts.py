"""Cuts of a tree: the groups are SciPy's, the numbers and heights are ours."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from seam_core.clusterer import check_linkage, cut_linkage
from seam_core.validate import InputError


@pytest.fixture(scope="module")
def tree():
    rows = np.random.default_rng(3).normal(size=(200, 5))
    return linkage(rows, "ward")


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 17, 199, 200])
def test_number_gives_scipys_groups(tree, n_clusters):
    cut = cut_linkage(tree, n_clusters)
    theirs = fcluster(tree, n_clusters, "maxclust")
    assert cut.n_clusters == len(np.unique(theirs)) == n_clusters
    assert adjusted_rand_score(cut.labels, theirs) == 1.0


@pytest.mark.parametrize("n_clusters", [1, 2, 30, 200])
def test_reported_height_gives_the_same_cut(tree, n_clusters):
    cut = cut_linkage(tree, n_clusters)
    again = cut_linkage(tree, height=cut.height)
    np.testing.assert_array_equal(cut.labels, again.labels)


def test_height_gives_scipys_groups(tree):
    for height in (0.0, 0.7, tree[150, 2], tree[-1, 2], 1e9):
        cut = cut_linkage(tree, height=height)
        assert adjusted_rand_score(cut.labels, fcluster(tree, height, "distance")) == 1.0


def test_clusters_are_numbered_by_first_member(tree):
    labels = cut_linkage(tree, 12).labels
    assert labels.dtype == np.int32
    _, first = np.unique(labels, return_index=True)
    assert (np.diff(first) > 0).all()


def test_numbers_do_not_depend_on_how_the_tree_is_drawn(tree):
    drawn_otherwise = tree.copy()
    drawn_otherwise[:, :2] = drawn_otherwise[:, 1::-1]
    np.testing.assert_array_equal(
        cut_linkage(tree, 9).labels, cut_linkage(drawn_otherwise, 9).labels
    )


def test_identical_maps_are_never_separated():
    rows = np.repeat(np.random.default_rng(0).normal(size=(4, 3)), 5, axis=0)
    tree = linkage(rows, "ward")
    for n_clusters in (4, 7, 20):
        cut = cut_linkage(tree, n_clusters)
        assert cut.n_clusters == 4
        np.testing.assert_array_equal(cut.labels, np.repeat(np.arange(4), 5))


def test_ties_are_all_done_or_none():
    corners = np.array([[0, 0], [0, 1], [9, 0], [9, 1], [0, 9]], float)
    tree = linkage(corners, "single")
    assert cut_linkage(tree, 4).n_clusters == fcluster(tree, 4, "maxclust").max() == 3


def test_tree_that_is_not_monotonic():
    rows = np.array([[0, 0], [1, 0], [0.5, 0.87]])
    tree = linkage(rows, "centroid")
    assert tree[1, 2] < tree[0, 2]
    for n_clusters in (1, 2, 3):
        theirs = fcluster(tree, n_clusters, "maxclust")
        assert adjusted_rand_score(cut_linkage(tree, n_clusters).labels, theirs) == 1.0


def test_one_map():
    cut = cut_linkage(np.empty((0, 4)), 1)
    np.testing.assert_array_equal(cut.labels, [0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_clusters": 0}, "1 to 200"),
        ({"n_clusters": 201}, "got 201"),
        ({"height": -1.0}, "at least 0"),
        ({}, "either n_clusters or height"),
        ({"n_clusters": 3, "height": 1.0}, "either n_clusters or height"),
    ],
)
def test_impossible_cuts(tree, arguments, message):
    with pytest.raises(InputError, match=message):
        cut_linkage(tree, **arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda z: z[:, :3], "shape"),
        (lambda z: np.where(np.arange(4) == 2, -z, z), "0 or more"),
        (lambda z: np.where(z == 0, np.nan, z), "NaN"),
        (lambda z: z + [1, 0, 0, 0], "merge|size"),
        (lambda z: z + [0, 0, 0, 1], "size"),
        (lambda z: z + [0.5, 0, 0, 0], "whole numbers"),
    ],
)
def test_what_is_no_tree(tree, change, message):
    with pytest.raises(InputError, match=message):
        check_linkage(change(tree))


def test_cluster_merged_twice():
    tree = np.array([[0, 1, 1.0, 2], [0, 2, 2.0, 2]])
    with pytest.raises(InputError, match="cluster 0 merged twice"):
        check_linkage(tree)
