"""The same MSM through our Identifier and seam-nn's: the same numbers."""

import itertools
import types

import numpy as np
import pandas as pd
import pytest

from seam_core.identifier import (
    additive_parameters,
    assign_clusters,
    entropy_covariance,
    groups_by_height,
    groups_by_number,
    last_gap_height,
    leaf_order,
    moebius,
    named_sites,
    position_linkage,
    site_active,
    site_activity,
    subset_masks,
)
from seam_core.identifier.covariance import entropy_linkage, height_of_groups
from seam_core.identifier.subsets import members
from seam_core.meta_explainer import MetaExplainer, msm_frame
from tests.planted import analysis, planted


@pytest.fixture(scope="module")
def explanation():
    return MetaExplainer().run(*analysis(planted(4, 3), 800, 15))


@pytest.fixture(scope="module")
def peer(explanation):
    from seam import identifier

    rank = {int(cluster): row for row, cluster in enumerate(explanation.ids)}
    frame = msm_frame(explanation)
    frame["Cluster"] = frame["Cluster"].map(rank)  # its clusters are rows of the sorted MSM
    meta = types.SimpleNamespace(
        mut_rate=explanation.mutation_rate,
        sort_method=None,
        cluster_order=None,
        cluster_maps=explanation.mean_maps,
        cluster_maps_no_bg=explanation.foregrounds,
    )
    theirs = identifier.Identifier(frame, meta)
    meta.revels = theirs.revels
    return theirs


def test_covariance_and_tree_equal_the_peers(explanation, peer):
    peer.cluster_msm_covariance(n_clusters=3)
    covariance = entropy_covariance(explanation)
    np.testing.assert_allclose(covariance, peer.cov_matrix.to_numpy(), atol=1e-5)
    linkage = position_linkage(covariance)
    np.testing.assert_allclose(linkage[:, 2], peer.linkage[:, 2], atol=1e-5)
    assert leaf_order(linkage).tolist() == peer.row_order


def test_the_tree_of_many_positions_is_that_of_the_covariances_rows():
    rng = np.random.default_rng(0)
    entropy = rng.uniform(0, 2, (12, 700))
    entropy[:, 100:103] = entropy[:, [100]]  # positions that are alike
    entropy[:, 200:210] = 1.0  # that never vary
    long = types.SimpleNamespace(entropy=entropy, ids=np.arange(12) - 1)  # one is noise
    covariance = entropy_covariance(long)
    found, wanted = entropy_linkage(long, covariance), position_linkage(covariance)
    assert np.array_equal(found[:, :2], wanted[:, :2])
    np.testing.assert_allclose(found[:, 2], wanted[:, 2], atol=1e-13)


def test_the_cut_that_is_drawn_is_where_the_tree_comes_closest_to_the_sites():
    linkage = np.array([[0, 1, 1, 2], [2, 3, 2, 2], [4, 6, 3, 3], [5, 7, 4, 5.0]])
    pair, three = np.array([0, 1]), np.array([2, 3, 4])
    assert height_of_groups(linkage, [pair, three]) == 3
    assert height_of_groups(linkage, [pair]) == 3
    assert height_of_groups(linkage, [np.array([2, 3])]) == 2
    assert height_of_groups(linkage, [np.arange(5)]) == 4


@pytest.mark.parametrize("n_sites", [1, 2, 3, 5])
def test_cut_by_number_equals_the_peers(explanation, peer, n_sites):
    peer.cluster_msm_covariance(n_clusters=n_sites)
    groups, height = groups_by_number(position_linkage(entropy_covariance(explanation)), n_sites)
    assert height == pytest.approx(peer.cut_height, abs=1e-5)
    # the peer reorders the positions of its groups; its labels are of the original ones
    assert as_sets(groups) == as_sets(positions_by_label(peer))


def test_cut_by_height_and_last_gap_equal_the_peers(explanation, peer):
    linkage = position_linkage(entropy_covariance(explanation))
    for height in (None, 0.3 * linkage[-1, 2]):
        peer.cluster_msm_covariance(cut_height=height)
        ours = last_gap_height(linkage) if height is None else height
        assert ours == pytest.approx(peer.cut_height, abs=1e-5)
        assert as_sets(groups_by_height(linkage, ours)) == as_sets(positions_by_label(peer))


def positions_by_label(peer):
    groups = [np.flatnonzero(peer.cluster_labels == k) for k in np.unique(peer.cluster_labels)]
    largest = max(groups, key=len)
    return [group for group in groups if group is not largest]


def as_sets(groups):
    return sorted(tuple(int(p) for p in group) for group in groups)


@pytest.fixture(scope="module")
def sites(explanation):
    return named_sites(groups_by_number(position_linkage(entropy_covariance(explanation)), 3)[0])


@pytest.fixture(scope="module")
def as_peer(peer, sites, explanation):
    """The peer with our sites, so that what it makes of them can be compared."""
    active = site_active(explanation, sites, 0.5)
    frame = pd.DataFrame(
        {
            "TFBS": [site.name for site in sites],
            "Start": [site.start for site in sites],
            "Stop": [site.stop - 1 for site in sites],
            "Positions": [list(site.positions) for site in sites],
            "Active_Clusters": [np.flatnonzero(active[:, s]).tolist() for s in range(len(sites))],
        }
    )
    peer.tfbs_clusters = {}
    peer.get_tfbs_positions = lambda _: frame
    peer.meta_explainer.active_clusters_by_tfbs = {}
    return peer, frame


def binding_matrix(peer, mode):
    # an integer table is filled with fractions, which pandas 3 refuses: start it as floats
    table = pd.DataFrame

    def floats(value, **options):
        return table(float(value), **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seam.identifier.pd.DataFrame", floats)
        return peer.get_binding_config_matrix({}, mode=mode).to_numpy(float)


def test_activity_and_binary_matrix_equal_the_peers(explanation, sites, as_peer):
    peer, _ = as_peer
    ours = site_activity(explanation, sites)
    np.testing.assert_allclose(ours, binding_matrix(peer, "continuous"), atol=1e-5)
    shown = site_active(explanation, sites, 0.5)
    assert (shown == binding_matrix(peer, "binary").astype(bool)).all()


def test_assignments_and_interactions_equal_the_peers(explanation, sites, as_peer, monkeypatch):
    peer, frame = as_peer
    activity = site_activity(explanation, sites)
    matrix = pd.DataFrame(activity, columns=[site.name for site in sites])
    monkeypatch.setattr(peer, "get_binding_config_matrix", lambda **_: matrix)
    series = pd.Series
    monkeypatch.setattr("seam.identifier.pd.Series", lambda value, **o: series(float(value), **o))
    theirs = peer.get_binding_config_assignments(frame)
    masks = subset_masks(3, 3)
    ours = assign_clusters(activity, members(masks, 3))
    names = [tuple(sites[s].name for s in range(3) if mask >> s & 1) for mask in masks.tolist()]
    assert {name: int(row) for name, row in zip(names, ours, strict=True)} == theirs

    peer.meta_explainer.mave = pd.DataFrame(
        {"Cluster": np.arange(explanation.n_clusters), "DNN": explanation.medians}
    )
    terms = peer.get_epistatic_params(frame, theirs)
    values = moebius(explanation.medians[ours], masks)
    for name, value in zip(names, values, strict=True):
        if len(name) >= 2:
            # the peer's sign of odd orders is the opposite of its documentation's
            assert value == pytest.approx((-1) ** len(name) * terms[name], abs=1e-5)


@pytest.mark.parametrize("gaps", [True, False])
def test_additive_parameters_equal_the_peers(explanation, sites, as_peer, gaps):
    peer, frame = as_peer
    theirs = peer.get_additive_params(frame, zero_out_inactive=not gaps)
    ours = additive_parameters(explanation, sites, site_active(explanation, sites, 0.5), gaps=gaps)
    for name, matrix in theirs.items():
        np.testing.assert_allclose(ours[name], matrix, atol=1e-5)


def test_moebius_is_inclusion_and_exclusion():
    rng = np.random.default_rng(0)
    masks = subset_masks(4, 4)
    y = dict(zip(masks.tolist(), rng.normal(size=16), strict=True))
    ours = dict(zip(masks.tolist(), moebius(np.array(list(y.values())), masks), strict=True))
    for mask in y:
        inside = [s for s in range(4) if mask >> s & 1]
        expected = sum(
            (-1) ** (len(inside) - r) * y[sum(1 << s for s in part)]
            for r in range(len(inside) + 1)
            for part in itertools.combinations(inside, r)
        )
        assert ours[mask] == pytest.approx(expected)
