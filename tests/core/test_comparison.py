"""Comparison of sessions: clusters matched, partitions scored, one picture of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seam_core import comparison
from seam_core.parameters import ClustererParameters
from seam_core.records import AttributionMaps, Clustering
from seam_core.validate import InputError
from tests.factories import explain, make_session


@pytest.fixture(scope="module")
def made():
    return make_session(n=400, length=40, clusters=6, n_sites=2)


def renamed(session, permutation):
    """The same session with other cluster ids, as another run would give them."""
    labels = permutation[session.clustering.labels]
    clustering = Clustering(labels.astype(np.int32), "ward", "linkage")
    explanation = explain(session.library, session.table, session.maps, clustering, 0.06)
    return replace(session, clustering=clustering, explanation=explanation)


def test_clusters_are_matched_whatever_their_names(made):
    permutation = np.random.default_rng(0).permutation(made.clustering.labels.max() + 1) + 10
    found = comparison.correspond(made, renamed(made, permutation))
    assert found.adjusted_rand == pytest.approx(1.0)
    np.testing.assert_array_equal(permutation[found.pairs["left"]], found.pairs["right"])
    np.testing.assert_allclose(found.pairs["jaccard"], 1.0)
    np.testing.assert_allclose(found.pairs["likeness"], 1.0)


def test_the_score_is_scikit_learns(made):
    rng = np.random.default_rng(1)
    labels = made.clustering.labels.copy()
    labels[rng.random(len(labels)) < 0.3] = 0
    other = renamed(
        replace(made, clustering=replace(made.clustering, labels=labels)), np.arange(99)
    )
    found = comparison.correspond(made, other)
    expected = adjusted_rand_score(made.clustering.labels, labels)
    assert found.adjusted_rand == pytest.approx(expected)
    assert found.shared.sum() == len(labels)


def test_other_sequences_are_matched_by_their_maps():
    left = make_session(n=400, length=40, clusters=4, n_sites=2, seed=0)
    maps = left.maps.maps[::-1]
    right = replace(
        left,
        library=replace(left.library, sequences=left.library.sequences[::-1]),
        maps=replace(left.maps, maps=maps),
    )
    found = comparison.correspond(left, right)
    assert found.shared is None
    assert np.isnan(found.adjusted_rand)
    np.testing.assert_array_equal(found.pairs["left"], found.pairs["right"])


def test_clusters_that_share_nothing_are_no_pair(made):
    labels = made.clustering.labels
    ids = np.unique(labels)
    apart = np.where(labels == ids[0], ids[0], 50)
    apart[np.flatnonzero(labels == ids[0])[:2]] = 60  # two parts of one cluster, and all the others
    other = renamed(replace(made, clustering=replace(made.clustering, labels=apart)), np.arange(99))
    found = comparison.correspond(made, other)
    assert len(found.pairs) == 2
    assert (found.pairs["shared"] > 0).all()
    rows, columns = found.arranged()
    assert len(rows) == len(ids)
    assert sorted(columns.tolist()) == [0, 1, 2]


def test_windows_that_differ_are_compared_where_they_meet(made):
    part = replace(made, maps=AttributionMaps(made.maps.maps[:, 5:30], start=5))
    explanation = explain(part.library, part.table, part.maps, part.clustering, 0.06)
    part = replace(part, explanation=explanation)
    assert comparison.common_window(made, part) == (5, 30)
    found = comparison.correspond(made, part)
    np.testing.assert_allclose(found.pairs["likeness"], 1.0)


def test_one_picture_of_both(made):
    doubled = replace(made, maps=AttributionMaps(made.maps.maps * 2, made.maps.start))
    parameters = ClustererParameters(embedding="pca", pca_before=0)
    found = comparison.shared_embedding([made, doubled], parameters=parameters)
    left, right = (found.embedding.coordinates[found.session == side] for side in (0, 1))
    np.testing.assert_allclose(left, right, atol=1e-4)
    np.testing.assert_array_equal(found.row, np.tile(np.arange(400), 2))
    found = comparison.shared_embedding([made, doubled], parameters=parameters, scale=False)
    left, right = (found.embedding.coordinates[found.session == side] for side in (0, 1))
    assert np.abs(left - right).max() > 0.1


def test_a_picture_of_some_sequences_of_three_sessions_over_what_they_share(made):
    part = replace(made, maps=AttributionMaps(made.maps.maps[:, 5:30], start=5))
    other = replace(made, maps=AttributionMaps(made.maps.maps[:, 10:], start=10))
    found = comparison.shared_embedding([made, part, other], most=50)
    assert np.bincount(found.session).tolist() == [50, 50, 50]
    np.testing.assert_array_equal(found.row[:50], found.row[50:100])
    points = found.embedding.coordinates
    np.testing.assert_allclose(points[:50], points[50:100], atol=1e-3)
    assert len(np.unique(found.row[:50])) == 50


def test_matched_clusters_stand_on_the_diagonal(made):
    permutation = np.random.default_rng(0).permutation(made.clustering.labels.max() + 1) + 10
    found = comparison.correspond(made, renamed(made, permutation))
    rows, columns = found.arranged()
    arranged = found.score[rows][:, columns]
    np.testing.assert_array_equal(arranged.argmax(axis=1), np.arange(len(rows)))
    assert sorted(columns.tolist()) == list(range(len(found.right_ids)))
    table = found.table()
    assert len(table) == found.score.size
    assert table["matched"].sum() == len(found.pairs)
    assert table.loc[table["matched"], "jaccard"].to_numpy() == pytest.approx(1.0)
    assert table["shared"].sum() == 400


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: replace(s, maps=None), "right session: got no maps"),
        (lambda s: replace(s, explanation=None), "without an explanation"),
        (
            lambda s: replace(s, library=replace(s.library, alphabet="ACGU")),
            "alphabet: got ACGU",
        ),
        (
            lambda s: replace(s, library=replace(s.library, sequences=s.library.sequences[:, :30])),
            "length: got 30",
        ),
    ],
)
def test_sessions_that_cannot_be_compared(made, change, message):
    with pytest.raises(InputError, match=message):
        comparison.correspond(made, change(made))


def test_windows_that_do_not_meet(made):
    left = replace(made, maps=AttributionMaps(made.maps.maps[:, :10], start=0))
    right = replace(made, maps=AttributionMaps(made.maps.maps[:, 10:], start=10))
    with pytest.raises(InputError, match="positions 10-40"):
        comparison.common_window(left, right)
