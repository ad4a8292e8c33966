"""Curation: sums stay those of the members, ids are never reused, everything can be undone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seam_core import curation as cur
from seam_core.records import Clustering
from seam_core.sequences import one_hot
from seam_core.validate import InputError

N, W, A = 80, 6, 4


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return rng.integers(0, A, (N, W)).astype(np.int8), rng.normal(size=(N, W, A))


def sums_of(data, mask) -> cur.ClusterSums:
    letters, maps = data
    counts = one_hot(letters[mask], A).sum(axis=0).astype(np.int64)
    return cur.ClusterSums(int(np.count_nonzero(mask)), counts, maps[mask].sum(axis=0))


@pytest.fixture
def curation(data) -> cur.Curation:
    labels = np.arange(N, dtype=np.int32) % 4 - 1  # noise and clusters 0, 1, 2
    start = cur.start(Clustering(labels, "ward", "linkage"))
    sums = {i: sums_of(data, labels == i) for i in start.order}
    return cur.from_dict(cur.to_dict(start), N, sums)


def check(curation: cur.Curation, data) -> None:
    """Order and sums agree with the labels, whatever was done."""
    present = [int(i) for i in np.unique(curation.labels)]
    assert sorted(curation.order) == present
    assert curation.next_id > max(present)
    for i in present:
        expected = sums_of(data, curation.labels == i)
        assert curation.sums[i].size == expected.size
        assert np.array_equal(curation.sums[i].letter_counts, expected.letter_counts)
        np.testing.assert_allclose(curation.sums[i].map_sum, expected.map_sum, atol=1e-9)


def test_merge_adds_sums_and_takes_a_new_id(curation, data):
    curation, _ = cur.label(curation, 2, "both sites")
    merged, change = cur.merge(curation, [0, 2])
    assert change.added == (3,)
    assert change.removed == (0, 2)
    assert merged.order == (-1, 3, 1)
    assert merged.name_of(3) == "both sites"
    assert merged.stale
    assert not curation.stale
    check(merged, data)
    check(curation, data)


def test_ids_are_never_reused(curation, data):
    merged, _ = cur.merge(curation, [0, 1])
    again, change = cur.merge(merged, [3, 2])
    assert change.added == (4,)
    split, change = cur.split(
        again,
        4,
        np.arange(60) % 3,
        {
            0: sums_of(data, member_mask(again, 4, 0)),
            1: sums_of(data, member_mask(again, 4, 1)),
        },
    )
    assert change.added == (5, 6, 7)
    check(split, data)


def member_mask(curation, cluster_id, part):
    mask = np.zeros(N, dtype=bool)
    mask[curation.members(cluster_id)[np.arange(60) % 3 == part]] = True
    return mask


def test_cut_out_at_the_lasso(curation, data):
    lasso = np.arange(N) < 41
    inside = sums_of(data, lasso & (curation.labels == 1))
    done, change = cur.cut_out(curation, lasso, 1, inside)
    assert change.removed == (1,)
    assert len(change.added) == 2
    check(done, data)
    outside, within = (set(done.members(i)) for i in change.added)
    assert within == set(np.flatnonzero(lasso & (curation.labels == 1)))
    assert outside == set(np.flatnonzero(~lasso & (curation.labels == 1)))


def test_gather_makes_one_cluster_of_the_selection(curation, data):
    mask = np.arange(N) < 30
    mask |= curation.labels == 2  # cluster 2 whole, the others in part
    parts = {i: sums_of(data, mask & (curation.labels == i)) for i in curation.order}
    curation, _ = cur.label(curation, 1, "one")
    done, change = cur.gather(curation, mask, parts)
    assert set(done.members(change.added[0])) == set(np.flatnonzero(mask))
    assert 2 not in done.order
    assert "one" in done.names.values()
    check(done, data)


def test_a_lasso_that_holds_all_or_none_splits_nothing(curation):
    for mask in (np.ones(N, bool), np.zeros(N, bool)):
        with pytest.raises(InputError, match="split"):
            cur.cut_out(curation, mask, 1)
    with pytest.raises(InputError):
        cur.gather(curation, np.zeros(N, bool))


def test_looks_do_not_make_the_msm_stale(curation):
    for edited, _ in (
        cur.label(curation, 1, "x"),
        cur.colour(curation, [1, 2], "#AABBCC"),
        cur.hide(curation, [0]),
        cur.note(curation, 1, "see figure"),
        cur.move(curation, 2, -2),
    ):
        assert not edited.stale
        assert edited.labels is curation.labels


def test_hide_show_move_and_empty_texts(curation):
    hidden, _ = cur.hide(curation, [0, 1])
    assert hidden.hidden == {0, 1}
    assert cur.show(hidden, [0])[0].hidden == {1}
    assert cur.show(hidden)[0].hidden == frozenset()
    assert cur.move(curation, 2, -2)[0].order == (-1, 2, 0, 1)
    assert cur.move(curation, -1, 99)[0].order == (0, 1, 2, -1)
    named, _ = cur.label(curation, 1, " x ")
    assert named.name_of(1) == "x"
    assert cur.label(named, 1, "")[0].names == {}


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: cur.merge(c, [1]),
        lambda c: cur.merge(c, [1, 99]),
        lambda c: cur.label(c, 99, "x"),
        lambda c: cur.colour(c, [1], "red"),
        lambda c: cur.reorder(c, [0, 1]),
        lambda c: cur.split(c, 1, np.zeros(20)),
        lambda c: cur.split(c, 1, np.zeros(3)),
        lambda c: cur.split(c, 1, np.arange(20) % 3, {}),
    ],
)
def test_impossible_edits_are_refused(curation, edit):
    with pytest.raises(InputError):
        edit(curation)


def test_json_round_trip(curation, data):
    edited, _ = cur.merge(curation, [0, 1])
    edited, _ = cur.colour(edited, [3], "#112233")
    edited, _ = cur.note(edited, 3, "why")
    edited, _ = cur.hide(edited, [2])
    again = cur.from_dict(json.loads(json.dumps(cur.to_dict(edited))), N, edited.sums)
    assert cur.to_dict(again) == cur.to_dict(edited)
    assert again.hidden == {2}
    assert np.array_equal(again.labels, edited.labels)


@pytest.mark.parametrize(
    "broken", [{"order": [0, 1]}, {"labels": "%%%"}, {"labels": "AAAA"}, {"next_id": 1}]
)
def test_broken_files_are_refused(curation, broken):
    with pytest.raises(InputError, match="curation"):
        cur.from_dict({**cur.to_dict(curation), **broken}, N)
    with pytest.raises(InputError, match="curation"):
        cur.from_dict({}, N)
    with pytest.raises(InputError, match="sequences"):
        cur.from_dict(cur.to_dict(curation), N + 1)


def test_random_edits_keep_sums_right(curation, data):
    rng = np.random.default_rng(5)
    history = [curation]
    for _ in range(40):
        now = history[-1]
        if len(now.order) > 2 and rng.random() < 0.5:
            now, _ = cur.merge(now, rng.choice(now.order, 2, replace=False))
        else:
            mask = rng.random(N) < 0.3
            parts = {i: sums_of(data, mask & (now.labels == i)) for i in now.order}
            now, _ = cur.gather(now, mask, parts)
        check(now, data)
        history.append(now)
    for former in history:
        check(former, data)
