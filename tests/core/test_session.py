"""Sessions are values: what a new record clears, and what must agree."""

import dataclasses

import numpy as np
import pytest

from seam_core.records import (
    AttributionMaps,
    Clustering,
    Embedding,
    Library,
    Linkage,
    Site,
    Table,
)
from seam_core.session import Session
from seam_core.stages import SLOTS
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(60, 40, 4)


def slots_set(session):
    return {slot for slot in SLOTS if getattr(session, slot) is not None}


JUDGED = {"trust", "experiments"}


@pytest.mark.parametrize(
    ("slot", "cleared"),
    [
        ("library", set(SLOTS) - {"library"}),
        ("table", {"explanation", "sites", *JUDGED}),
        ("maps", {"embedding", "linkage", "clustering", "explanation", "sites", *JUDGED}),
        ("clustering", {"explanation", "sites", *JUDGED}),
        ("explanation", {"sites", *JUDGED}),
        ("sites", JUDGED),
        ("experiments", set()),
    ],
)
def test_a_record_clears_what_was_made_from_the_old_one(session, slot, cleared):
    full = dataclasses.replace(
        session, clustering=dataclasses.replace(session.clustering, source="maps")
    )
    assert slots_set(full) == set(SLOTS)
    changed = full.with_record(slot, getattr(full, slot))
    assert slots_set(changed) == set(SLOTS) - cleared
    assert slots_set(full) == set(SLOTS)


@pytest.mark.parametrize("source", ["linkage", "embedding", "maps", "imported"])
def test_clusters_go_with_what_was_clustered(session, source):
    clustering = dataclasses.replace(session.clustering, source=source)
    full = dataclasses.replace(session, clustering=clustering)
    for slot in ("linkage", "embedding"):
        changed = full.with_record(slot, getattr(full, slot))
        assert (changed.clustering is None) == (source == slot)
        assert (changed.sites is None) == (source == slot)


@pytest.mark.parametrize("slot", ["table", "maps", "embedding", "clustering", "linkage"])
def test_another_number_of_sequences_is_refused(session, slot):
    other = getattr(make_session(50, 40, 4), slot)
    with pytest.raises(InputError, match=f"{slot}: got 50 sequences; expected 60"):
        session.with_record(slot, other)


def test_another_window_or_alphabet_is_refused(session):
    n = len(session.library)
    for maps, message in (
        (AttributionMaps(np.zeros((n, 30, 4), np.float32), start=15), "positions 15-45"),
        (AttributionMaps(np.zeros((n, 30, 4), np.float32), start=-1), "positions -1-29"),
        (AttributionMaps(np.zeros((n, 40, 20), np.float32)), "20 letters; expected 4"),
    ):
        with pytest.raises(InputError, match=message):
            session.with_record("maps", maps)
    window = AttributionMaps(np.zeros((n, 30, 4), np.float32), start=10)
    assert session.with_record("maps", window).maps.stop == 40


def test_an_unknown_slot_is_refused(session):
    with pytest.raises(InputError, match="slot: got 'map'; expected one of library, table"):
        session.with_record("map", session.maps)


def test_empty_and_frozen():
    assert Session().is_empty
    assert not Session().with_record("library", Library(np.zeros((3, 4), np.int8))).is_empty
    with pytest.raises(dataclasses.FrozenInstanceError):
        Session().name = "x"


# -- records ---------------------------------------------------------------------------------------


def test_sizes_of_records():
    import pandas as pd

    library = Library(np.zeros((3, 7), np.int8), "ACDEFGHIKLMNPQRSTVWY")
    assert (len(library), library.length, library.n_letters) == (3, 7, 20)
    assert library.encode(1, 3).shape == (2, 7, 20)
    assert Library(np.zeros((3, 7), np.int8), "ACGTRYSWKM").n_letters == 4
    table = Table(pd.DataFrame({"Activity": np.arange(3, dtype=np.float32)}))
    assert len(table) == 3
    assert table.activity.dtype == np.float64
    assert Linkage(np.zeros((4, 4)), "ward").n_leaves == 5
    assert len(Embedding(np.zeros((5, 2), np.float32), "umap")) == 5


def test_noise_is_a_group_of_its_own():
    clustering = Clustering(np.array([2, -1, 2, 0], np.int32), "dbscan", "embedding")
    np.testing.assert_array_equal(clustering.ids, [-1, 0, 2])


def test_rows_of_an_explanation_are_found_by_id(session):
    explanation = session.explanation
    for row, cluster_id in enumerate(explanation.ids):
        assert explanation.row_of(int(cluster_id)) == row
    with pytest.raises(KeyError):
        explanation.row_of(10_000)
    assert explanation.n_clusters == len(explanation.ids)
    sizes = explanation.sizes[:, None, None]
    np.testing.assert_allclose(explanation.mean_maps, explanation.map_sums / sizes)


def test_spans_of_sites_keep_their_gaps():
    """The peer draws the positions of a site with gaps as one block."""
    site = Site("A", (3, 4, 9))
    assert (site.start, site.stop) == (3, 10)
    assert site.positions == (3, 4, 9)
