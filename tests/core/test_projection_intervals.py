"""How sure a mechanism is: shares and ranks among its own members, with their intervals."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from seam_core.projection import Mechanisms
from seam_core.records import AttributionMaps, Clustering
from tests.factories import make_session


def two_groups(rng, n, size):
    """(n, size, 4) maps around two means, and which each is of."""
    labels = rng.integers(0, 2, n)
    maps = rng.normal(0, 1.0, (n, size, 4)) + 0.6 * labels[:, None, None]
    return maps.astype(np.float32), labels


def grouped(maps, labels):
    session = make_session(len(maps), 60, 4)
    clusters = Clustering(labels.astype(np.int32), "kmeans", "maps")
    return Mechanisms(replace(session, maps=AttributionMaps(maps), clustering=clusters))


def test_intervals_hold_what_a_large_library_says():
    """Small libraries drawn anew, beside one of fifty times as many maps."""
    rng = np.random.default_rng(2)
    large = grouped(*two_groups(rng, 20_000, 4))
    fresh, _ = two_groups(rng, 240, 4)
    changes = (fresh[:40] - fresh[40:80], None)
    told, ids = large.assign(fresh), np.ones(40, int)
    held, moved, errors = [], [], []
    for _ in range(25):
        small = grouped(*two_groups(rng, 400, 4))
        found = small.assign(fresh)
        same = found.ids == told.ids
        for name in ("confidence", "percentile"):
            low, high = getattr(found, f"{name}_interval")[same].T
            truth = getattr(told, name)[same]
            held.append((name, ((low <= truth) & (truth <= high)).mean()))
        moved.append(
            small.toward(fresh[:40], None, 0, ids) - small.toward(fresh[40:80], None, 0, ids)
        )
        errors.append(small.toward_error(changes, 0, ids))
    shares = pd.DataFrame(held, columns=["name", "held"]).groupby("name")["held"].mean()
    assert (shares > 0.78).all(), shares  # the means move too, which the intervals do not know of
    ratio = np.std(moved, axis=0) / np.mean(errors, axis=0)
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.12)
    assert np.isnan(small.toward_error(changes, 1, ids)).all()  # from a mechanism to itself
    wide, narrow = (np.ptp(m.assign(fresh).confidence_interval, axis=1) for m in (small, large))
    assert np.mean(narrow) < 0.7 * np.mean(wide)


def test_intervals_of_percentiles_are_those_of_scipy():
    maps, labels = two_groups(np.random.default_rng(5), 300, 4)
    found = grouped(maps, labels).assign(maps[:20] + np.float32(0.3))
    for index, own in enumerate(found.ids):
        n = int((labels == own).sum())
        nearer = round(found.percentile[index] * n / 100)
        wanted = binomtest(nearer, n).proportion_ci(method="wilson")
        np.testing.assert_allclose(
            found.percentile_interval[index], [100 * wanted.low, 100 * wanted.high], atol=1e-9
        )


def test_a_cluster_of_one_is_left_without_a_mean():
    maps = np.zeros((5, 2, 4), np.float32)
    maps[:, 0, 0] = [0, 0.1, 0.2, 0.1, 9]
    labels = np.array([0, 0, 0, 0, 1], np.int32)
    session = replace(
        make_session(5, 20), maps=AttributionMaps(maps), clustering=Clustering(labels, "ward", "")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Mechanisms(session)
    assert found.agreement == 0.8  # without itself it has nowhere to go back to
