"""The stage: what goes in, what comes out."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seam_core.clusterer import Clusterer
from seam_core.parameters import ClustererParameters
from seam_core.records import AttributionMaps
from seam_core.validate import InputError


@pytest.fixture(scope="module")
def truth():
    return np.random.default_rng(1).integers(0, 4, 120)


@pytest.fixture(scope="module")
def maps(truth):
    rng = np.random.default_rng(2)
    centres = rng.normal(size=(4, 12, 4)) * 5
    noisy = centres[truth] + rng.normal(size=(120, 12, 4))
    return AttributionMaps(noisy.astype(np.float32))


@pytest.mark.parametrize("clustering", ["ward", "kmeans"])
def test_planted_groups_are_found(maps, truth, clustering):
    stage = Clusterer(ClustererParameters(clustering=clustering, n_clusters=4))
    result = stage.cluster(maps)
    assert adjusted_rand_score(result.labels, truth) == 1.0
    assert result.method == clustering
    assert (result.cut_height is not None) == (clustering == "ward")


def test_given_tree_and_embedding_are_used(maps, truth):
    stage = Clusterer(ClustererParameters(embedding="pca", n_clusters=4))
    tree = stage.link(maps)
    assert stage.cluster(maps, linkage=tree).source == "linkage"
    embedding = stage.embed(maps)
    on_embedding = stage.parameters.replace(clustering="kmeans", cluster_on="embedding")
    result = Clusterer(on_embedding).cluster(maps, embedding=embedding)
    assert result.source == "embedding"
    assert adjusted_rand_score(result.labels, truth) > 0.9
    with pytest.raises(InputError, match="no embedding"):
        Clusterer(on_embedding).cluster(maps)


def test_cut_by_height(maps):
    stage = Clusterer(ClustererParameters(cut_height=0.0))
    assert len(stage.cluster(maps).ids) == 120
