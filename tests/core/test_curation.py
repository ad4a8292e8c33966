"""Curation: sums stay those of the members, ids are never reused, everything can be undone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seam_core import curation as cur
from seam_core.meta_explainer import cluster_sums, updated_sums
from seam_core.records import AttributionMaps, Clustering, Library
from seam_core.validate import InputError

N = 80


@pytest.fixture
def curation() -> cur.Curation:
    labels = np.arange(N, dtype=np.int32) % 4 - 1  # noise and clusters 0, 1, 2
    return cur.start(Clustering(labels, "ward", "linkage"))


def check(curation: cur.Curation) -> None:
    """Order and ids agree with the labels, whatever was done."""
    present = [int(i) for i in np.unique(curation.labels)]
    assert sorted(curation.order) == present
    assert curation.next_id > max(present)


def test_merge_takes_a_new_id_and_the_first_place(curation):
    curation, _ = cur.label(curation, 2, "both sites")
    merged, change = cur.merge(curation, [0, 2])
    assert change.added == (3,)
    assert change.removed == (0, 2)
    assert merged.order == (-1, 3, 1)
    assert merged.name_of(3) == "both sites"
    assert set(merged.members(3)) == set(curation.members(0)) | set(curation.members(2))
    check(merged)
    check(curation)
    assert merged.stale
    assert not curation.stale


def test_labels_and_notes_follow_the_sequences(curation):
    """Whatever becomes of clusters, no sequence loses what was said of it."""
    for cluster, text in ((0, "one"), (1, "two"), (2, "one")):
        curation, _ = cur.label(curation, cluster, text)
        curation, _ = cur.note(curation, cluster, f"note {cluster}")
    curation, _ = cur.colour(curation, [1, 2], "#123456")
    merged, _ = cur.merge(curation, [0, 1, 2])
    assert merged.names == {3: "one + two"}
    assert merged.notes == {3: "note 0\nnote 1\nnote 2"}
    assert merged.colours == {3: "#123456"}
    split, change = cur.split(merged, 3, np.arange(60) % 2)
    assert split.names == dict.fromkeys(change.added, "one + two")
    assert split.colours == dict.fromkeys(change.added, "#123456")
    taken, change = cur.gather(curation, (curation.labels == 0) | (np.arange(N) < 20))
    assert taken.name_of(change.added[0]) == "one"
    assert sorted(taken.names.values()) == ["one", "one", "two"]
    assert set(taken.names) <= set(taken.order)


def test_ids_are_never_reused(curation):
    merged, _ = cur.merge(curation, [0, 1])
    again, change = cur.merge(merged, [3, 2])
    assert change.added == (4,)
    split, change = cur.split(again, 4, np.arange(60) % 3 * 10)
    assert change.added == (5, 6, 7)
    assert set(split.members(6)) == set(again.members(4)[1::3])
    check(split)


def test_cut_out_at_the_lasso(curation):
    lasso = np.arange(N) < 41
    done, change = cur.cut_out(curation, lasso, 1)
    assert change.removed == (1,)
    assert len(change.added) == 2
    check(done)
    outside, within = (set(done.members(i)) for i in change.added)
    assert within == set(np.flatnonzero(lasso & (curation.labels == 1)))
    assert outside == set(np.flatnonzero(~lasso & (curation.labels == 1)))


def test_gather_makes_one_cluster_of_the_selection(curation):
    mask = np.arange(N) < 30
    mask |= curation.labels == 2  # cluster 2 whole, the others in part
    curation, _ = cur.label(curation, 1, "one")
    done, change = cur.gather(curation, mask)
    assert set(done.members(change.added[0])) == set(np.flatnonzero(mask))
    assert 2 not in done.order
    assert "one" in done.names.values()
    check(done)


def test_a_lasso_that_holds_all_or_none_splits_nothing(curation):
    for mask in (np.ones(N, bool), np.zeros(N, bool)):
        with pytest.raises(InputError, match="split"):
            cur.cut_out(curation, mask, 1)
    with pytest.raises(InputError):
        cur.gather(curation, np.zeros(N, bool))


def test_looks_leave_the_labels_alone(curation):
    for edited, _ in (
        cur.label(curation, 1, "x"),
        cur.colour(curation, [1, 2], "#AABBCC"),
        cur.hide(curation, [0]),
        cur.note(curation, 1, "see figure"),
        cur.move(curation, 2, -2),
    ):
        assert edited.labels is curation.labels
        assert not edited.stale


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
    ],
)
def test_impossible_edits_are_refused(curation, edit):
    with pytest.raises(InputError):
        edit(curation)


def test_json_round_trip(curation):
    edited, _ = cur.merge(curation, [0, 1])
    edited, _ = cur.colour(edited, [3], "#112233")
    edited, _ = cur.note(edited, 3, "why")
    edited, _ = cur.hide(edited, [2])
    again = cur.from_dict(json.loads(json.dumps(cur.to_dict(edited))), N)
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


def test_sums_after_random_edits_are_those_of_the_members(curation):
    rng = np.random.default_rng(5)
    library = Library(rng.integers(0, 4, (N, 6)).astype(np.int8))
    maps = AttributionMaps(rng.normal(size=(N, 6, 4)).astype(np.float32))
    now = curation
    ids, rows = np.unique(now.labels, return_inverse=True)
    sums = cluster_sums(library, maps, rows, len(ids))
    for _ in range(30):
        if len(now.order) > 2 and rng.random() < 0.5:
            edited, _ = cur.merge(now, rng.choice(now.order, 2, replace=False))
        else:
            edited, _ = cur.gather(now, rng.random(N) < 0.3)
        check(edited)
        assert not set(edited.order) - set(now.order) & set(ids.tolist())
        new_ids, new_rows = np.unique(edited.labels, return_inverse=True)
        sums = updated_sums(library, maps, sums, rows, new_rows, len(new_ids))
        expected = cluster_sums(library, maps, new_rows, len(new_ids))
        assert np.array_equal(sums.sizes, expected.sizes)
        assert np.array_equal(sums.letter_counts, expected.letter_counts)
        np.testing.assert_allclose(sums.map_sums, expected.map_sums, atol=1e-9)
        now, ids, rows = edited, new_ids, new_rows
