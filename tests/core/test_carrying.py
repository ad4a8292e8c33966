"""Hand work carried over: planted partitions whose heirs are known, gestures that keep or lose
their meaning, and nothing that goes without being named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seam_core import curation as cur
from seam_core import selection as sel
from seam_core.carrying import carry, describe, find_heirs, find_rows
from seam_core.handwork import HandWork
from seam_core.records import Clustering, Embedding, Library
from seam_core.selection import Branch, Clusters, Polygon, Query, Rows
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(300, 60, 5, seed=2)


def reclustered(session, labels, **records):
    """The same sequences in other clusters."""
    clustering = Clustering(np.asarray(labels, dtype=np.int32), "kmeans", "maps")
    return replace(session, clustering=clustering, explanation=None, sites=None, **records)


def renamed(session):
    """The same clusters under other ids, and what each is called now."""
    ids = session.clustering.ids.tolist()
    names = dict(zip(ids, [i + 40 for i in reversed(ids)], strict=True))
    return reclustered(session, [names[i] for i in session.clustering.labels.tolist()]), names


def labelled(session):
    work = cur.start(session.clustering, session.explanation)
    first, second, third, *_ = work.order
    work, _ = cur.label(work, first, "GATA")
    work, _ = cur.colour(work, (second,), "#aa3311")
    work, _ = cur.note(work, second, "look again")
    work, _ = cur.hide(work, (third,))
    return work, (first, second, third)


def kept(session, gesture, name="A", curation=None):
    labels = session.clustering.labels if curation is None else curation.labels
    landscape = sel.landscape_of(
        session.library, session.table, session.embedding, session.clustering, session.linkage
    )
    return replace(sel.select(replace(landscape, labels=labels), gesture), name=name)


@pytest.mark.parametrize(
    ("moved", "heir"), [(0, True), (40, True), (49, True), (50, False), (90, False)]
)
def test_a_cluster_inherits_when_each_is_mostly_the_other(moved, heir):
    before = np.repeat([3, 8], 100)
    after = np.repeat([0, 1], 100)
    after[:moved] = 1
    assert (find_heirs(before, after).get(3) == 0) is heir
    # the other way round: 8 stays whole, and is less than half of a cluster that took over 100
    assert find_heirs(before, after)[8] == 1 if moved < 100 else True


def test_half_is_not_most_and_nobody_inherits_twice():
    split = find_heirs(np.zeros(10, int), np.repeat([1, 2], 5))
    joined = find_heirs(np.repeat([1, 2], 5), np.zeros(10, int))
    assert split == joined == {}
    rng = np.random.default_rng(0)
    for _ in range(20):
        before, after = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
        heirs = find_heirs(before, after)
        assert len(set(heirs.values())) == len(heirs)
        for old, new in heirs.items():
            shared = np.sum((before == old) & (after == new))
            assert shared > np.sum(before == old) / 2
            assert shared > np.sum(after == new) / 2


def test_labels_colours_notes_and_hidden_flags_follow_their_sequences(session):
    after, names = renamed(session)
    work, (first, second, third) = labelled(session)
    found = carry(HandWork(curation=work), session, after)
    now = found.work.curation
    assert dict(now.names) == {names[first]: "GATA"}
    assert dict(now.colours) == {names[second]: "#aa3311"}
    assert dict(now.notes) == {names[second]: "look again"}
    assert now.hidden == {names[third]}
    assert not now.stale
    np.testing.assert_array_equal(now.labels, after.clustering.labels)
    assert found.lost == ()
    assert f"label “GATA” of cluster {first}: now cluster {names[first]}" in found.inherited


def test_what_has_no_heir_is_named(session):
    work, (first, *_) = labelled(session)
    scattered = reclustered(session, np.arange(300) % 7)
    found = carry(HandWork(curation=work), session, scattered)
    assert found.work.curation is None
    assert len(found.lost) == 3
    assert f"label “GATA” of cluster {first}: no cluster is mostly the former one" in found.lost
    assert found.summary() == "Labels and selections: 3 lost"
    assert all(line.startswith("Lost: ") for line in found.lines)


def test_clusters_made_by_hand_and_their_order_are_named_when_they_go(session):
    work = cur.start(session.clustering, session.explanation)
    merged, _ = cur.merge(work, work.order[:2])
    found = carry(HandWork(curation=merged), session, renamed(session)[0])
    assert found.lost == ("1 cluster made by hand (merged, split, gathered)",)
    moved, _ = cur.move(work, work.order[0], 2)
    found = carry(HandWork(curation=moved), session, renamed(session)[0])
    assert found.lost == ("the order of clusters set by hand",)
    # a merged cluster that the new result has, too, is no loss
    found = carry(HandWork(curation=merged), session, reclustered(session, merged.labels))
    assert found.lost == ()


def test_a_question_is_asked_again_and_a_cluster_becomes_its_heir(session):
    after, names = renamed(session)
    first = int(session.clustering.labels[0])
    question = kept(session, Query("Hamming <= 3"), "A")
    whole = kept(session, Clusters((first,)), "B")
    work = HandWork(kept=(question, whole), selection=replace(whole, name="", positions=(3, 9)))
    found = carry(work, session, after)
    a, b = found.work.kept
    assert a.steps == question.steps
    assert b.steps[0].gesture == Clusters((names[first],))
    np.testing.assert_array_equal(b.mask, whole.mask)
    assert found.work.selection.clusters() == (names[first],)
    assert found.work.selection.positions == (3, 9)
    assert found.lost == found.changed == ()
    # half of the cluster and a little more has an heir: the selection is the heir's sequences
    labels = np.array(after.clustering.labels)
    members = np.flatnonzero(labels == names[first])
    labels[members[: len(members) // 3]] = 99
    found = carry(HandWork(kept=(whole,)), session, reclustered(session, labels))
    (b,) = found.work.kept
    assert b.count == len(members) - len(members) // 3
    assert "before" in found.changed[0]


@pytest.mark.parametrize("gesture", ["lasso", "axis", "cluster", "cluster question", "branch"])
def test_a_gesture_that_would_mean_something_else_leaves_its_sequences(session, gesture):
    other = np.arange(300) % 7
    points = np.ascontiguousarray(session.embedding.coordinates[::-1])
    after = reclustered(session, other, embedding=Embedding(points, "pca"), linkage=None)
    low, high = (
        session.embedding.coordinates.min(0)[:2],
        np.median(session.embedding.coordinates, 0)[:2],
    )
    corners = ((low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1]))
    first = int(session.clustering.labels[0])
    made = {
        "lasso": Polygon(tuple((float(x), float(y)) for x, y in corners)),
        "axis": Query(f"Axis1 < {float(high[0])}"),
        "cluster": Clusters((first,)),
        "cluster question": Query(f"Cluster == {first}"),
        "branch": Branch(590),
    }[gesture]
    before = kept(session, made)
    assert 0 < before.count < 300
    found = carry(HandWork(kept=(before,)), session, after)
    (now,) = found.work.kept
    np.testing.assert_array_equal(now.mask, before.mask)
    assert now.steps[0].gesture == Rows(tuple(before.indices.tolist()))
    assert found.lost == ()


def test_a_lasso_on_the_same_embedding_stays_a_lasso(session):
    low, high = session.embedding.coordinates.min(0), np.median(session.embedding.coordinates, 0)
    before = kept(session, sel.Rectangle(tuple(low[:2].tolist()), tuple(high[:2].tolist())))
    found = carry(HandWork(kept=(before,)), session, renamed(session)[0])
    assert found.work.kept[0].steps == before.steps


def test_a_selection_of_clusters_that_were_edited_since_keeps_its_sequences(session):
    work = cur.start(session.clustering, session.explanation)
    whole = kept(session, Clusters((work.order[0],)))
    merged, _ = cur.merge(work, work.order[:2])
    found = carry(HandWork(None, (whole,), merged), session, renamed(session)[0])
    np.testing.assert_array_equal(found.work.kept[0].mask, whole.mask)


def some_of(session, rows):
    """A library of these sequences of the session, and nothing else."""
    library = Library(session.library.sequences[rows], session.library.alphabet)
    labels = session.clustering.labels[rows]
    clustering = Clustering(labels, "kmeans", "maps")
    empty = dict.fromkeys(("table", "maps", "embedding", "linkage", "explanation", "sites"))
    return replace(session, library=library, clustering=clustering, **empty)


def test_another_library_keeps_what_its_sequences_had(session):
    shuffled = np.random.default_rng(1).permutation(300)
    after = some_of(session, shuffled)
    rows = find_rows(session.library, after.library)
    same = session.library.sequences
    np.testing.assert_array_equal(same[rows], same[shuffled])
    work, (first, *_) = labelled(session)
    rect = kept(session, Rows((5, 6, 7)))
    found = carry(HandWork(None, (rect,), work), session, after, rows)
    assert found.work.curation.names == {first: "GATA"}
    chosen = after.library.sequences[found.work.kept[0].indices]
    assert {row.tobytes() for row in chosen} == {same[i].tobytes() for i in (5, 6, 7)}


def test_a_library_of_other_sequences_loses_everything_and_says_so(session):
    after = make_session(200, 60, 5, seed=77)
    rows = find_rows(session.library, after.library)
    work, _ = labelled(session)
    hand = HandWork(
        None, (kept(session, Rows((5, 6))), kept(session, Query("Hamming <= 3"), "B")), work
    )
    found = carry(hand, session, after, rows)
    assert found.work.curation is None
    assert [each.name for each in found.work.kept] == ["B"]  # a question is asked again
    assert found.work.kept[0].mask.shape == (200,)
    assert len(found.lost) == 4
    # every one of them was named before the run
    before = describe(hand, session)
    assert "label “GATA”" in before[0]
    assert any(line.startswith("A (") for line in before)


def test_rows_are_not_looked_for_where_the_sequences_are_the_same(session):
    copied = replace(session.library, sequences=session.library.sequences.copy())
    assert find_rows(session.library, copied) is None
    assert find_rows(session.library, None) is None
    longer = Library(np.zeros((3, 70), np.int8))
    assert find_rows(session.library, longer).tolist() == [-1, -1, -1]


def test_no_hand_work_is_nothing_to_say(session):
    assert describe(HandWork(), session) == ()
    untouched = HandWork(curation=cur.start(session.clustering, session.explanation))
    assert describe(untouched, session) == ()
    found = carry(untouched, session, renamed(session)[0])
    assert found.lines == ()
    assert found.summary() == ""
    assert found.work.curation is None
