"""Clusters that are alike, and some sequences as a session of their own."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core import curation as cur
from seam_core.likeness import cluster_likeness, merge_candidates, most_alike, nearest_maps
from seam_core.subspace import brought_back, subspace
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(400, 40, 6, seed=2)


@pytest.mark.parametrize("by", ["map", "msm"])
def test_likeness_is_numpys_correlation(session, by):
    explanation = session.explanation
    rows = explanation.mean_maps if by == "map" else explanation.entropy
    expected = np.corrcoef(rows.reshape(len(rows), -1))
    np.testing.assert_allclose(cluster_likeness(explanation, by), expected, atol=1e-12)


def test_candidates_are_all_pairs_the_most_alike_first(session):
    explanation = session.explanation
    found = merge_candidates(explanation)
    k = explanation.n_clusters
    assert len(found) == k * (k - 1) // 2
    assert found["likeness"].is_monotonic_decreasing
    assert (found["left_size"] >= found["right_size"]).all()
    best = found.iloc[0]
    likeness = cluster_likeness(explanation) - 2 * np.eye(k)
    pair = np.unravel_index(likeness.argmax(), likeness.shape)
    assert {best["left"], best["right"]} == set(explanation.ids[list(pair)])
    few = merge_candidates(explanation, most=4)
    assert few["likeness"].tolist() == found["likeness"].tolist()[:4]


def test_the_ones_most_alike(session):
    explanation = session.explanation
    cluster = int(explanation.ids[2])
    found = most_alike(explanation, cluster, "msm")
    assert cluster not in set(found["cluster"])
    expected = np.delete(cluster_likeness(explanation, "msm")[2], 2)
    np.testing.assert_allclose(found["likeness"], -np.sort(-expected))
    with pytest.raises(KeyError):
        most_alike(explanation, 999)


def test_a_subspace_is_the_session_of_its_sequences(session):
    rows = np.flatnonzero(session.table.activity > np.median(session.table.activity))
    part = subspace(session, rows)
    part.check()
    assert np.array_equal(part.library.sequences, session.library.sequences[rows])
    assert np.array_equal(part.maps.maps, session.maps.maps[rows])
    assert np.array_equal(part.clustering.labels, session.clustering.labels[rows])
    assert len(part.embedding) == len(rows)
    k = part.explanation.row_of(int(part.clustering.labels[0]))
    own = part.clustering.labels == part.clustering.labels[0]
    np.testing.assert_allclose(
        part.explanation.mean_maps[k], session.maps.maps[rows][own].mean(axis=0), atol=1e-5
    )
    assert part.sites is None
    with pytest.raises(InputError, match="10 or more"):
        subspace(session, rows[:9])


def test_what_was_edited_apart_comes_back(session):
    whole = cur.start(session.clustering, session.explanation)
    first, second, third = whole.order[:3]
    whole, _ = cur.label(whole, third, "outside")
    rows = np.flatnonzero(np.isin(whole.labels, (first, second)))
    inside = cur.Curation(whole.labels[rows], whole.next_id, (first, second))
    merged, change = cur.merge(inside, (first, second))
    (new,) = change.added
    merged, _ = cur.label(merged, new, "both sites")
    back = brought_back(whole, rows, merged)
    assert set(back.labels[rows]) == {new}
    others = np.setdiff1d(np.arange(400), rows)
    assert np.array_equal(back.labels[others], whole.labels[others])
    assert back.names == {third: "outside", new: "both sites"}
    assert sorted(back.order) == np.unique(back.labels).tolist()
    assert back.stale
    assert cur.from_dict(cur.to_dict(back), 400).next_id > new


def test_the_nearest_maps_are_scikit_learns(session):
    from sklearn.neighbors import NearestNeighbors

    flat = session.maps.maps.reshape(400, -1).astype(float)
    expected, rows = NearestNeighbors(n_neighbors=8).fit(flat).kneighbors(flat[17:18])
    found, distances = nearest_maps(session.maps, 17, 8)
    assert found[0] == 17
    assert found.tolist() == rows[0].tolist()
    np.testing.assert_allclose(distances, expected[0], atol=1e-5)
    assert len(nearest_maps(session.maps, 0, 5000)[0]) == 400
    with pytest.raises(InputError, match="399"):
        nearest_maps(session.maps, 400, 3)
