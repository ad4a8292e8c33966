"""Robust or reprogrammable: curve, positions and number against planted truth and other sums."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core import figures, store
from seam_core.experiments.robustness import (
    background_share,
    leaving_frame,
    robust_share,
    robustness_frame,
    same_mechanism,
)
from seam_core.findings import share_intervals, ways_in_short
from seam_core.records import Library
from tests.factories import make_session
from tests.planted import mutate

LENGTH, SITE = 100, slice(40, 50)


def library(n=20_000, rate=0.05, seed=0):
    """Mutants of one site of ten letters; the mechanism (cluster 0) is the site untouched."""
    reference = np.random.default_rng(9).integers(0, 4, LENGTH).astype(np.int8)
    sequences = mutate(reference, n, rate, np.random.default_rng(seed))
    labels = (sequences[:, SITE] != reference[SITE]).any(axis=1).astype(np.int32)
    return Library(sequences, reference=reference), labels


def test_the_curve_is_what_chance_does_to_a_site():
    made, labels = library()
    frame = robustness_frame(made, labels, 0)
    # a site of 10 of 100 positions: m mutations all miss it with chance C(90, m) / C(100, m)
    for row in frame[frame["n"] > 300].to_dict("records"):
        m = int(row["mutations"])
        chance = np.prod([(90 - i) / (100 - i) for i in range(m)])
        assert row["kept"] == pytest.approx(chance, abs=4 * np.sqrt(chance / row["n"]) + 1e-9)
        assert row["same_sites"] == row["kept"]


def test_the_number_does_not_hang_on_the_librarys_rate():
    truth = np.mean([np.prod([(90 - i) / (100 - i) for i in range(m)]) for m in range(1, 11)])
    for rate in (0.03, 0.08):
        made, labels = library(rate=rate)
        assert robust_share(robustness_frame(made, labels, 0), LENGTH) == pytest.approx(
            truth, abs=0.04
        )


def test_nothing_leaves_one_mechanism_and_all_leave_a_fragile_one():
    made, labels = library(2_000)
    frame = robustness_frame(made, np.zeros_like(labels), 0)
    assert robust_share(frame, LENGTH) == 1.0
    away = (made.sequences != made.reference).any(axis=1).astype(np.int32)
    assert robust_share(robustness_frame(made, away, 0), LENGTH) == 0.0


def test_positions_that_leave_are_those_of_the_site():
    made, labels = library()
    frame = leaving_frame(made, labels, 0)
    assert list(frame["position"][frame["leaves"]]) == list(range(SITE.start, SITE.stop))
    assert (frame["kept"][frame["leaves"]] == 0).all()


def test_clusters_with_the_same_sites_are_one_mechanism():
    session = make_session(400, 60, 8)
    sites, own = session.sites, session.explanation.reference_cluster
    alike = same_mechanism(own, sites)
    shown = {int(k): tuple(row) for k, row in zip(sites.cluster_ids, sites.active, strict=True)}
    assert set(alike) == {k for k, row in shown.items() if row == shown[own]}
    assert list(same_mechanism(own, replace(sites, sites=()))) == [own]


def test_background_share_is_that_of_the_explanation():
    record = make_session(200, 60, 6).explanation
    row = record.row_of(record.reference_cluster)
    shared = record.background_scale[row] * record.background
    own = record.mean_maps[row] - shared
    expected = np.abs(shared).sum() / (np.abs(shared).sum() + np.abs(own).sum())
    assert background_share(record) == pytest.approx(expected)
    assert 0 < expected < 1
    assert np.isnan(background_share(replace(record, reference_cluster=None)))


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    n = np.full(4_000, 40)
    low, high = share_intervals(rng.binomial(40, 0.3, 4_000) / 40, n)
    covered = ((low <= 0.3) & (high >= 0.3)).mean()
    assert 0.93 < covered < 0.98
    assert share_intervals(np.array([1.0]), np.array([1]))[0][0] > 0.1


def test_a_library_without_reference_says_nothing():
    made, labels = library(100)
    none = replace(made, reference=None)
    assert robustness_frame(none, labels, 0).empty
    assert np.isnan(robust_share(robustness_frame(none, labels, 0), LENGTH))
    assert leaving_frame(none, labels, 0).empty


def test_the_numbers_are_saved_summed_up_and_drawn(tmp_path):
    session = make_session(200, 40, 4)
    curve = robustness_frame(session.library, session.clustering.labels, 0, session.sites)
    leaving = leaving_frame(session.library, session.clustering.labels, 0, session.sites)
    trust = replace(
        session.trust, robustness=curve, robust=0.25, background_share=0.5, leaving=leaving
    )
    session = replace(session, trust=trust)
    store.save(session, tmp_path / "s")
    again = store.load(tmp_path / "s")
    found = store.summary(again)["trust"]
    assert (found["robust"], found["background_share"]) == (0.25, 0.5)
    assert [row["mutations"] for row in found["robustness"]] == list(curve["mutations"])
    assert all(row["kept_low"] <= row["kept"] <= row["kept_high"] for row in found["robustness"])
    assert found["leaving"] == list(leaving["position"][leaving["leaves"]])
    axes = figures.draw(again, "robustness").axes[0]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), curve["same_sites"])


def test_a_session_from_before_has_its_curve_and_no_number():
    session = make_session(80, 40, 4)
    old = session.trust.robustness.drop(columns="same_sites")
    trust = replace(session.trust, robustness=old, robust=np.nan, leaving=None)
    session = replace(session, trust=trust)
    assert store.summary(session)["trust"]["leaving"] is None
    assert store.summary(session)["trust"]["robust"] is None
    assert len(figures.draw(session, "robustness").axes[0].lines) == 1


def test_ways_are_told_in_short():
    ways = pd.DataFrame(
        {
            "mechanism": [3, 3, 3, 5, 5],
            "path": ["fewest"] * 5,
            "position": [-1, 34, 40, -1, 7],
            "before": ["", "G", "C", "", "A"],
            "after": ["", "T", "A", "", "C"],
        }
    )
    short = ways_in_short(ways)
    assert list(short["mechanism"]) == [3, 5]
    assert list(short["number"]) == [2, 1]
    assert list(short["substitutions"]) == ["G34T C40A", "A7C"]


def test_loci_stand_from_reprogrammable_to_robust():
    loci = pd.DataFrame({"locus": ["a", "b", "c"], "robust": [0.7, 0.1, np.nan]})
    axes = figures.robust_loci(loci).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["b", "a"]
    with pytest.raises(ValueError, match="robust: got no locus with this number"):
        figures.robust_loci(loci.drop(columns="robust"))


def test_a_batch_has_the_figure_where_loci_have_the_number(tmp_path):
    from seam_core.batch.tables import PICTURE, draw_robustness, forget_tables

    loci = pd.DataFrame({"locus": ["a", "b"], "robust": [0.7, np.nan]})
    draw_robustness(tmp_path, loci)
    assert not (tmp_path / PICTURE).exists()
    draw_robustness(tmp_path, loci.fillna(0.2))
    assert (tmp_path / PICTURE).read_bytes().startswith(b"\x89PNG")
    forget_tables(tmp_path)
    assert not list(tmp_path.iterdir())
