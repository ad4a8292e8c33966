"""The same inputs through our MetaExplainer and seam-nn's: the same numbers."""

import numpy as np
import pandas as pd
import pytest

from seam_core import logos
from seam_core.meta_explainer import MetaExplainer, msm_frame
from seam_core.parameters import MetaExplainerParameters, MutagenizerParameters
from seam_core.records import AttributionMaps, Clustering, Library, Table
from seam_core.sequences import indices_to_strings


class _Labels:
    def __init__(self, labels):
        self.cluster_labels = labels


@pytest.fixture(scope="module")
def inputs():
    rng = np.random.default_rng(3)
    n, length, n_clusters = 400, 24, 7
    reference = rng.integers(0, 4, length).astype(np.int8)
    sequences = np.tile(reference, (n, 1))
    mutated = rng.random((n, length)) < 0.1
    mutated[0] = False
    shifted = (sequences + rng.integers(1, 4, (n, length))) % 4
    sequences = np.where(mutated, shifted, sequences).astype(np.int8)
    labels = rng.integers(0, n_clusters, n).astype(np.int32)
    # clusters 0 and 1 keep a stretch each, so that backgrounds differ
    for cluster, stretch in ((0, slice(3, 9)), (1, slice(12, 18))):
        sequences[labels == cluster, stretch] = reference[stretch]
    maps = rng.normal(size=(n, length, 4)).astype(np.float32)
    activity = rng.normal(size=n) + labels
    library = Library(
        sequences, reference=reference, parameters=MutagenizerParameters(mutation_rate=0.1)
    )
    table = Table(pd.DataFrame({"Activity": activity}))
    return library, table, AttributionMaps(maps), Clustering(labels, "ward", "maps")


@pytest.fixture(scope="module")
def peer(inputs):
    from seam import meta_explainer

    # pandas 3 reads text as its own string type, which seam-nn cannot sum letter by letter
    library, table, maps, clustering = inputs
    frame = pd.DataFrame(
        {
            "Sequence": pd.Series(indices_to_strings(library.sequences), dtype=object),
            "DNN": table.activity,
        }
    )
    meta = meta_explainer.MetaExplainer(
        _Labels(clustering.labels), frame, np.array(maps.maps), ref_idx=0, mut_rate=0.1
    )
    meta.msm_result = meta.generate_msm()
    return meta


def explain(inputs, **parameters):
    return MetaExplainer(MetaExplainerParameters(**parameters)).run(*inputs)


def test_msm_equals_the_peers(inputs, peer):
    ours = msm_frame(explain(inputs)).sort_values(["Cluster", "Position"])
    theirs = peer.msm_result.sort_values(["Cluster", "Position"])
    for column in ("Cluster", "Position", "Reference", "Consensus", "Entropy"):
        np.testing.assert_allclose(ours[column], theirs[column].astype(float), atol=1e-5)


def test_order_by_median_equals_the_peers(inputs, peer):
    assert explain(inputs).ids.tolist() == list(peer.cluster_order)


def test_order_by_similarity_equals_the_peers(inputs, peer):
    expected = peer.get_cluster_order(sort_method="hierarchical")
    ours = explain(inputs, cluster_order="similarity").ids.tolist()
    by_label = explain(inputs, cluster_order="label")
    # the tree depends on the order of its leaves only where distances tie
    assert sorted(ours) == by_label.ids.tolist()
    assert ours == list(expected)


@pytest.mark.parametrize("adaptive", [False, True])
def test_background_and_mean_maps_equal_the_peers(inputs, peer, adaptive):
    peer.compute_background(mut_rate=0.1, adaptive_background_scaling=adaptive, process_logos=False)
    ours = explain(inputs, adaptive_background=adaptive)
    np.testing.assert_allclose(ours.cluster_backgrounds, peer.cluster_backgrounds, atol=1e-5)
    np.testing.assert_allclose(ours.background, peer.background, atol=1e-5)
    np.testing.assert_allclose(ours.background_scale, peer.background_scaling, atol=1e-5)
    means = np.stack([peer.get_cluster_maps(k).mean(axis=0) for k in range(ours.n_clusters)])
    np.testing.assert_allclose(ours.mean_maps, means, atol=1e-5)
    foreground = means - peer.background_scaling[:, None, None] * peer.background
    np.testing.assert_allclose(ours.foregrounds, foreground, atol=1e-5)


@pytest.mark.parametrize("kind", ["pwm", "enrichment"])
def test_sequence_logos_equal_the_peers(inputs, peer, kind, monkeypatch):
    kept = {}

    class Batch:
        def __init__(self, values, **options):
            kept["values"] = np.asarray(values, dtype=float)

        def process_all(self):
            pass

    monkeypatch.setattr("seam.meta_explainer.BatchLogo", Batch)
    peer.generate_logos(logo_type=kind)
    np.testing.assert_allclose(explain(inputs).logos(kind), kept["values"], atol=1e-5)


def test_variation_equals_the_peers(inputs, peer):
    maps = inputs[2]
    explanation = explain(inputs)
    n = explanation.sizes.sum()
    mean = explanation.map_sums.sum(axis=0) / n
    spread = explanation.map_squares.sum(axis=0) / n - mean**2
    np.testing.assert_allclose(spread, np.var(maps.maps, axis=0), atol=1e-5)


def test_logo_kinds_from_any_subset(inputs):
    library, _, maps, _ = inputs
    chosen = np.arange(0, len(library), 3)
    hot = np.eye(4)[library.sequences[chosen]]
    counts = hot.sum(axis=0)
    np.testing.assert_allclose(logos.frequency(counts).sum(axis=-1), 1.0)
    centred = logos.centre(maps.maps[chosen].mean(axis=0))
    np.testing.assert_allclose(centred.sum(axis=-1), 0.0, atol=1e-5)
