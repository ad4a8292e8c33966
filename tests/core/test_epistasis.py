"""Interactions: right on average, intervals that cover, and none where none was planted."""

import numpy as np
import pandas as pd
import pytest

from seam_core.identifier import Identifier, mask_name, moebius, subset_masks
from seam_core.identifier import estimates as est
from seam_core.identifier.subsets import estimated_order
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import IdentifierParameters
from seam_core.progress import Cancelled
from seam_core.records import Table
from tests.planted import analysis, planted

METHODS = {"regression": est.interactions_by_regression, "moebius": est.interactions_by_moebius}


def estimates(method, grouped, masks, max_order, **options):
    """(means, interactions) with their intervals."""
    statistics = [
        est.configuration_means(grouped, masks),
        METHODS[method](grouped, masks, max_order),
    ]
    return est.with_intervals(grouped, statistics, **options)


def simulated(seed, truth, n, n_sites, noise=0.5):
    """Codes and activities of `n` sequences whose interactions are `truth` (mask -> value)."""
    rng = np.random.default_rng(seed)
    codes = (rng.random((n, n_sites)) < 0.5) @ (1 << np.arange(n_sites))
    activity = rng.normal(0.0, noise, n)
    for mask, value in truth.items():
        activity += value * ((codes & mask) == mask)
    return est.Grouped(codes, activity), rng


@pytest.mark.parametrize("method", ["regression", "moebius"])
@pytest.mark.parametrize("n_sites", [2, 3])
def test_intervals_cover_the_truth_at_their_rate(method, n_sites):
    masks = subset_masks(n_sites, n_sites)
    truth = {0: 1.0, 1: 1.0, 2: -0.7, 3: 0.4}
    covered, trials = 0, 0
    for seed in range(150):
        grouped, rng = simulated(seed, truth, 600, n_sites)
        _, found = estimates(method, grouped, masks, n_sites, n_bootstrap=200, level=0.9, rng=rng)
        for row, mask in enumerate(masks.tolist()):
            covered += found.low[row] <= truth.get(mask, 0.0) <= found.high[row]
            trials += 1
    # 90 %, give or take three standard errors and what 200 resamplings lose
    assert 0.86 <= covered / trials <= 0.94


@pytest.mark.parametrize("method", ["regression", "moebius"])
def test_no_interaction_is_called_where_none_is(method):
    masks = subset_masks(3, 3)
    order = np.array([int(mask).bit_count() for mask in masks])
    false = 0
    for seed in range(200):
        grouped, rng = simulated(seed, {1: 1.0, 2: 0.6, 4: -0.8}, 400, 3)
        _, found = estimates(method, grouped, masks, 3, n_bootstrap=100, level=0.95, rng=rng)
        false += est.called(found, order)[order >= 2].sum()
    assert false / (200 * (order >= 2).sum()) <= 0.05


def test_planted_interactions_are_called():
    masks = subset_masks(3, 3)
    order = np.array([int(mask).bit_count() for mask in masks])
    called = 0
    for seed in range(20):
        grouped, rng = simulated(seed, {1: 1.0, 2: 0.6, 4: -0.8, 5: 0.6}, 800, 3)
        _, found = estimates("regression", grouped, masks, 3, n_bootstrap=100, level=0.95, rng=rng)
        called += est.called(found, order)[masks == 5].sum()
    assert called >= 19


def test_regression_with_every_order_is_moebius_inversion():
    grouped, rng = simulated(0, {1: 1.0, 3: 0.5}, 400, 3)
    masks = subset_masks(3, 3)
    options = {"n_bootstrap": 0, "level": 0.95, "rng": rng}
    by_regression, by_moebius = (estimates(m, grouped, masks, 3, **options)[1] for m in METHODS)
    np.testing.assert_allclose(by_regression.value, by_moebius.value, atol=1e-6)
    assert np.isnan(by_regression.low).all()


@pytest.fixture(scope="module", params=[True, False])
def run(request):
    """The whole way, from planted sequences: with and without an interaction."""
    model = planted(1, 3, interactions=request.param, leak=0.0)
    library, table, maps, clustering = analysis(model, 2_000, 30)
    rng = np.random.default_rng(0)
    noisy = Table(pd.DataFrame({"Activity": table.activity + rng.normal(0, 0.2, len(table))}))
    explanation = MetaExplainer().run(library, noisy, maps, clustering)
    sites = Identifier().run(explanation, library=library, table=noisy, clustering=clustering)
    return model, sites, library, noisy, explanation


def truth_of(model, sites):
    """Interaction of each subset of the found sites, matched to the planted ones by overlap."""
    match = [
        int(np.argmax([len(set(site.positions) & set(t.positions)) for t in model.sites]))
        for site in sites.sites
    ]
    values = {0: model.bias}
    for found, planted_index in enumerate(match):
        values[1 << found] = model.weights[planted_index]
    for (i, j), weight in model.pairs.items():
        values[1 << match.index(i) | 1 << match.index(j)] = weight
    return values


def test_states_of_single_sequences_are_the_planted_ones(run):
    model, sites, library, _, _ = run
    assert (sites.states == model.states(library.sequences)).mean() > 0.98


def test_estimates_are_the_planted_ones(run):
    model, sites, *_ = run
    truth = truth_of(model, sites)
    table = sites.epistasis.set_index("sites")
    for mask in subset_masks(3, 3).tolist()[1:]:
        row = table.loc[mask_name(mask, sites.sites)]
        assert row["estimate"] == pytest.approx(truth.get(mask, 0.0), abs=0.12)
        if row["order"] >= 2:
            assert row["called"] == (mask in truth)
        assert row["low"] <= row["estimate"] <= row["high"]
        assert row["represented"]


def test_configurations_add_up(run):
    model, sites, library, table, _ = run
    frame = sites.configurations
    assert len(frame) == 8
    assert frame["n"].sum() == len(library)
    codes = model.states(library.sequences) @ np.array([1, 2, 4])
    expected = table.activity[codes == 7].mean()
    assert frame["estimate"].iloc[-1] == pytest.approx(expected, abs=0.05)
    assert frame["represented"].all()


def test_the_authors_medians_are_kept_under_their_name(run):
    _, sites, _, _, explanation = run
    frame = sites.configurations
    rows = [explanation.row_of(cluster) for cluster in frame["assigned_cluster"]]
    np.testing.assert_allclose(frame["assigned_median"], explanation.medians[rows])
    expected = moebius(frame["assigned_median"].to_numpy(), subset_masks(3, 3))
    np.testing.assert_allclose(sites.epistasis["authors_estimate"], expected[1:])


def test_same_seed_same_intervals(run):
    _, sites, library, table, explanation = run
    again = Identifier().run(explanation, library=library, table=table)
    pd.testing.assert_frame_equal(sites.epistasis, again.epistasis)
    other = Identifier(IdentifierParameters(seed=1)).run(explanation, library=library, table=table)
    assert (other.epistasis["low"] != sites.epistasis["low"]).any()


def test_what_no_sequence_shows_is_said():
    codes = np.repeat([0, 1, 3], 50)  # B never without A
    rng = np.random.default_rng(0)
    grouped = est.Grouped(codes, rng.normal(size=150))
    masks = subset_masks(2, 2)
    options = {"n_bootstrap": 20, "level": 0.95, "rng": rng}
    for method in METHODS:
        means, found = estimates(method, grouped, masks, 2, **options)
        assert np.isnan(means.value).tolist() == [False, False, True, False]
        assert np.isnan(found.value[3])
        assert found.n[3] == 0


def test_constant_activity_has_no_effects():
    model = planted(1, 3)
    library, table, maps, clustering = analysis(model, 800, 20)
    constant = Table(pd.DataFrame({"Activity": np.full(len(table), 3.3)}))
    explanation = MetaExplainer().run(library, constant, maps, clustering)
    sites = Identifier(IdentifierParameters(n_bootstrap=50)).run(
        explanation, library=library, table=constant
    )
    assert not sites.epistasis["called"].any()
    np.testing.assert_allclose(sites.epistasis["estimate"].dropna(), 0.0, atol=1e-12)
    np.testing.assert_allclose(sites.configurations["estimate"].dropna(), 3.3)


def test_without_sequences_only_the_authors_numbers():
    model = planted(1, 3)
    library, table, maps, clustering = analysis(model, 800, 20)
    sites = Identifier().run(MetaExplainer().run(library, table, maps, clustering))
    assert sites.states is None
    assert sites.drivers is None
    assert sites.epistasis["estimate"].isna().all()
    assert sites.epistasis["authors_estimate"].notna().all()
    assert not sites.configurations["represented"].any()
    assert sites.configurations["note"].str.contains("no sequences given").all()


@pytest.mark.parametrize(
    ("n_sites", "wanted", "order"), [(5, 3, 3), (5, 12, 5), (18, 3, 3), (19, 3, 2), (60, 3, 1)]
)
def test_many_sites_have_interactions_of_fewer(n_sites, wanted, order):
    assert estimated_order(n_sites, wanted) == order
    assert n_sites < 13 or len(subset_masks(n_sites, order)) <= 1_000


def test_what_cannot_be_told_apart_is_what_other_terms_do_as_well():
    rng = np.random.default_rng(0)
    design = rng.integers(0, 2, (40, 6)).astype(float)
    design[:, 5] = design[:, 1] - design[:, 2]  # the last is the difference of two others
    assert est._estimable(design).tolist() == [True, False, False, True, True, False]


def test_counting_of_configurations_can_be_cancelled():
    grouped, _ = simulated(0, {0: 1.0}, 200, 5)

    class Stop:
        def update(self, done, total, message=""):
            raise Cancelled

    with pytest.raises(Cancelled):
        est.interactions_by_regression(grouped, subset_masks(5, 2), 2, Stop())


@pytest.mark.parametrize("method", ["regression", "moebius"])
@pytest.mark.parametrize("n_sites", [2, 4])
def test_a_term_is_called_exactly_where_its_interval_leaves_out_zero(method, n_sites):
    masks = subset_masks(n_sites, n_sites)
    order = np.array([int(mask).bit_count() for mask in masks])
    seen = set()
    for seed in range(60):
        effect = (0.0, 0.12, 0.3, 1.0)[seed % 4]
        truth = {1: 1.0, 2: effect, 3: effect}
        grouped, rng = simulated(seed, truth, 200 * n_sites, n_sites)
        _, found = estimates(method, grouped, masks, n_sites, n_bootstrap=100, level=0.95, rng=rng)
        low, high = est.selected_intervals(found, order, 0.05)
        tested = (order > 0) & np.isfinite(found.p_value)
        without_zero = (low > 0) | (high < 0)
        called = est.called(found, order)
        assert (without_zero[tested] == called[tested]).all()
        seen |= set(called[order == 2].tolist())
    assert seen == {True, False}


@pytest.mark.parametrize("method", ["regression", "moebius"])
def test_intervals_of_few_sequences_cover_as_well(method):
    """95 % is 95 %, also where configurations are shown by a dozen sequences."""
    masks = subset_masks(3, 3)
    truth = {0: 1.0, 1: 1.0, 2: -0.7, 3: 0.4}
    covered = []
    for seed in range(150):
        grouped, rng = simulated(seed, truth, 90, 3)
        _, found = estimates(method, grouped, masks, 3, n_bootstrap=200, level=0.95, rng=rng)
        true = np.array([truth.get(mask, 0.0) for mask in masks.tolist()])
        told = np.isfinite(found.low)
        covered += ((found.low <= true) & (true <= found.high))[told].tolist()
    assert 0.94 <= np.mean(covered) <= 0.985
