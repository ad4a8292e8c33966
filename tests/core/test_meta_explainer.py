"""MSM, background, statistics and consistency where the answer is known, and at the edges."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core import logos
from seam_core.meta_explainer import (
    MetaExplainer,
    attribution_variation,
    average_iqr,
    background_entropy,
    cluster_statistics,
    compare_reference,
    consistency_frame,
    entropy,
    map_distances,
    map_spread,
    msm_frame,
    msm_matrix,
    profile_overlay,
    reference_mismatch,
    rows_of,
    separate_background,
)
from seam_core.parameters import MetaExplainerParameters, MutagenizerParameters
from seam_core.records import AttributionMaps, Clustering, Library, Table
from seam_core.validate import InputError
from tests.planted import analysis, planted


def explain(library, table, maps, clustering, **parameters):
    return MetaExplainer(MetaExplainerParameters(**parameters)).run(
        library, table, maps, clustering
    )


@pytest.fixture(scope="module")
def inputs():
    return analysis(planted(1), 500, 8)


@pytest.fixture(scope="module")
def explanation(inputs):
    return explain(*inputs)


def test_entropy_of_a_constant_column_is_exactly_zero():
    assert entropy(np.array([[7, 0, 0, 0], [2, 2, 2, 2], [1, 1, 0, 0]])).tolist() == [0.0, 2.0, 1.0]


def test_entropy_without_letters_is_undefined():
    assert np.isnan(entropy(np.zeros((1, 4), int))).all()


@pytest.mark.parametrize("n_letters", [2, 4, 20])
def test_background_entropy_knows_its_alphabet(n_letters):
    even = (n_letters - 1) / n_letters
    assert background_entropy(even, n_letters) == pytest.approx(np.log2(n_letters))
    assert background_entropy(0.0, n_letters) == 0.0
    rate = 0.1
    share = np.array([1 - rate] + [rate / (n_letters - 1)] * (n_letters - 1))
    expected = -(share * np.log2(share)).sum()
    assert background_entropy(rate, n_letters) == pytest.approx(expected)


def test_reference_mismatch_is_undefined_where_the_reference_is():
    counts = np.array([[3, 1, 0, 0], [0, 4, 0, 0]])
    assert reference_mismatch(counts, np.array([0, 1], np.int8)).tolist() == [25.0, 0.0]
    assert np.isnan(reference_mismatch(counts, np.array([-1, 1], np.int8))).tolist() == [
        True,
        False,
    ]
    assert np.isnan(reference_mismatch(counts, None)).all()


def test_msm_frame_counts_positions_from_the_window(inputs):
    library, table, maps, clustering = inputs
    window = AttributionMaps(maps.maps[:, 5:30], start=5)
    frame = msm_frame(explain(library, table, window, clustering))
    assert frame["Position"].min() == 5
    assert frame["Position"].max() == 29
    whole = msm_frame(explain(*inputs))
    merged = frame.merge(whole, on=["Cluster", "Position"], suffixes=("", "_whole"))
    pd.testing.assert_series_equal(merged["Entropy"], merged["Entropy_whole"], check_names=False)


def test_msm_change_from_the_background(explanation):
    delta = msm_matrix(explanation, "Delta")
    np.testing.assert_allclose(delta, explanation.entropy - explanation.expected_entropy)


def test_one_rate_defines_the_background_everywhere(inputs):
    library, table, maps, clustering = inputs
    assert explain(*inputs).mutation_rate == pytest.approx(0.1, abs=0.01)
    assert explain(*inputs, background_rate=0.2).mutation_rate == 0.2
    made = replace(library, parameters=MutagenizerParameters(mutation_rate=0.08))
    assert explain(made, table, maps, clustering).mutation_rate == 0.08
    unknown = replace(library, reference=None)
    assert explain(unknown, table, maps, clustering).mutation_rate == pytest.approx(0.1, abs=0.01)


def test_background_is_the_mean_map_where_letters_vary():
    means = np.arange(12.0).reshape(1, 3, 4) + 1
    background = separate_background(means, np.array([[0.0, 0.5, 0.9]]), 0.4)
    assert not background.clusters[0, 0].any()
    np.testing.assert_array_equal(background.clusters[0, 1:], means[0, 1:])
    assert background.scale.tolist() == [1.0]


def test_adaptive_background_undoes_the_scale_of_clusters():
    pattern = np.random.default_rng(0).normal(size=(6, 4))
    means = pattern * np.array([1.0, 2.0, 3.0])[:, None, None]
    background = separate_background(means, np.ones((3, 6)), 0.5, adaptive=True)
    np.testing.assert_allclose(background.scale, [0.5, 1.0, 1.5])
    foreground = means - background.scale[:, None, None] * background.average
    np.testing.assert_allclose(foreground, 0.0, atol=1e-12)


def test_noise_is_a_row_of_its_own_and_not_a_mechanism(inputs):
    library, table, maps, clustering = inputs
    labels = np.where(clustering.labels == 2, -1, clustering.labels)
    with_noise = explain(library, table, maps, Clustering(labels, "dbscan", "embedding"))
    assert with_noise.ids[-1] == -1
    assert (np.sort(with_noise.ids[:-1]) == np.unique(labels[labels >= 0])).all()
    row = with_noise.row_of(-1)
    assert with_noise.sizes[row] == (labels == -1).sum()
    expected = with_noise.cluster_backgrounds[:-1].mean(axis=0)
    np.testing.assert_allclose(with_noise.background, expected)


def test_a_cluster_of_one_is_its_own_mean(inputs):
    library, table, maps, clustering = inputs
    labels = clustering.labels.copy()
    labels[7] = 50
    alone = explain(library, table, maps, Clustering(labels, "ward", "maps"))
    row = alone.row_of(50)
    np.testing.assert_allclose(alone.mean_maps[row], maps.maps[7])
    assert (alone.entropy[row] == 0).all()
    assert map_spread(alone)[row] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(consistency_frame(alone)["snr_single"][row])
    assert (alone.activity_quartiles[row] == table.activity[7]).all()


def test_rows_without_sequences_are_left_out(inputs):
    from seam_core.meta_explainer import cluster_sums

    library, table, maps, clustering = inputs
    ids = np.arange(clustering.labels.max() + 3)  # curation emptied the last two
    sums = cluster_sums(library, maps, clustering.labels, len(ids))
    made = MetaExplainer().explain(library, table, maps, ids, clustering.labels, sums)
    assert len(made.ids) == len(ids) - 2
    assert not np.isnan(made.activity_quartiles).any()


def test_without_a_reference(inputs):
    library, table, maps, clustering = inputs
    made = explain(replace(library, reference=None), table, maps, clustering)
    assert made.reference_cluster is None
    assert np.isnan(made.reference_mismatch).all()
    assert not cluster_statistics(made)["is_reference"].any()
    with pytest.raises(InputError):
        compare_reference(made, maps.maps[0])


def test_constant_activity(inputs):
    library, _, maps, clustering = inputs
    table = Table(pd.DataFrame({"Activity": np.full(len(library), 2.5)}))
    made = explain(library, table, maps, clustering)
    assert (made.activity_quartiles == 2.5).all()
    assert average_iqr(made) == 0.0
    assert made.ids.tolist() == sorted(made.ids.tolist())


def test_tables_of_other_sequences_are_refused(inputs):
    library, table, maps, clustering = inputs
    short = Table(table.frame.iloc[:-1])
    with pytest.raises(InputError, match="499 sequences"):
        explain(library, short, maps, clustering)


def test_statistics(inputs, explanation):
    _, table, maps, clustering = inputs
    frame = cluster_statistics(explanation).set_index("cluster")
    assert frame["occupancy"].sum() == pytest.approx(100.0)
    assert frame["median"].is_monotonic_increasing
    for cluster in explanation.ids:
        mine = clustering.labels == cluster
        values = maps.maps[mine].astype(float)
        spread = np.sqrt(((values - values.mean(axis=0)) ** 2).sum(axis=(1, 2)).mean())
        assert frame.loc[cluster, "spread"] == pytest.approx(spread, rel=1e-6)
        low, high = np.percentile(table.activity[mine], (25, 75))
        assert frame.loc[cluster, "iqr"] == pytest.approx(high - low)
    assert frame.index[frame["is_reference"]].tolist() == [clustering.labels[0]]


def test_variation_over_maps_and_over_clusters(inputs, explanation):
    maps = inputs[2].maps.astype(float)
    np.testing.assert_allclose(attribution_variation(explanation), maps.std(axis=0), atol=1e-6)
    variance = attribution_variation(explanation, "clusters", "var")
    np.testing.assert_allclose(variance, explanation.mean_maps.var(axis=0))
    with pytest.raises(InputError):
        attribution_variation(explanation, "some")


def test_distances_of_single_maps(inputs, explanation):
    _, _, maps, clustering = inputs
    rows = rows_of(explanation, clustering)
    rows[3] = -1
    found = map_distances(maps, rows, explanation.mean_maps)
    expected = np.linalg.norm(
        (maps.maps - explanation.mean_maps[rows]).reshape(len(rows), -1), axis=1
    )
    assert np.isnan(found[3])
    np.testing.assert_allclose(np.delete(found, 3), np.delete(expected, 3), atol=1e-6)


def test_averaging_gains_what_noise_allows():
    rng = np.random.default_rng(5)
    signal = rng.normal(size=(10, 4))
    n, sd = 400, 2.0
    maps = (signal + sd * rng.normal(size=(n, 10, 4))).astype(np.float32)
    library = Library(rng.integers(0, 4, (n, 10)).astype(np.int8))
    table = Table(pd.DataFrame({"Activity": rng.normal(size=n)}))
    made = explain(
        library, table, AttributionMaps(maps), Clustering(np.zeros(n, np.int32), "x", "maps")
    )
    frame = consistency_frame(made)
    truth = (signal**2).sum() / (sd**2 * signal.size)
    assert frame["snr_single"][0] == pytest.approx(truth, rel=0.1)
    assert frame["gain_db"][0] == pytest.approx(10 * np.log10(n))


def test_the_reference_against_its_mechanism(inputs, explanation):
    found = compare_reference(explanation, inputs[2].maps[0])
    row = explanation.row_of(found.cluster)
    np.testing.assert_allclose(found.foreground + found.background, explanation.mean_maps[row])
    assert found.correlation["mean"] > 0.9
    assert found.distance["mean"] == pytest.approx(
        np.linalg.norm(inputs[2].maps[0] - explanation.mean_maps[row])
    )


def test_contribution_logo_is_the_part_of_present_letters(inputs, explanation):
    library, _, maps, clustering = inputs
    hot = np.eye(4)[library.sequences]
    for row, cluster in enumerate(explanation.ids):
        mine = clustering.labels == cluster
        expected = (maps.maps[mine] * hot[mine]).mean(axis=0)
        np.testing.assert_allclose(explanation.logos("contribution")[row], expected, atol=1e-6)


def test_enrichment_of_frequencies_is_zero_for_the_library(explanation):
    counts = explanation.library_counts
    np.testing.assert_allclose(logos.enrichment(counts, counts, of="frequencies"), 0.0)


def test_axis_that_all_logos_fit_on():
    stacks = np.array([[[1.0, -2.0, 3.0, 0.0]], [[-1.0, -4.0, 0.5, 0.0]]])
    assert logos.y_limits(stacks) == (-5.0, 4.0)
    assert logos.y_limits(stacks[:0]) == (0.0, 0.0)


def test_unknown_logo_is_named(explanation):
    with pytest.raises(InputError, match="average"):
        explanation.logos("mean")


def test_profiles_of_a_cluster():
    rng = np.random.default_rng(0)
    profiles = rng.normal(size=(50, 8))
    rows = np.repeat([0, 1], 25)
    overlay = profile_overlay(profiles, rows, 1, n_shown=10)
    np.testing.assert_allclose(overlay.mean, profiles[25:].mean(axis=0))
    assert overlay.shown.shape == (10, 8)
    assert (overlay.low <= overlay.high).all()
    with pytest.raises(InputError):
        profile_overlay(profiles, rows, 2)
