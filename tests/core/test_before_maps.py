"""What the clusterer would refuse is said before maps are made, and by who has maps."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest

from seam_core import clusterer, pipeline
from seam_core.clusterer import Clusterer
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.pipeline import RunConfig
from seam_core.progress import SilentProgress
from seam_core.validate import MemoryBudgetError, SeamError

REFERENCE = "ACGTACGTTGACTCACCATTGGCACGTGAA"


class Asked:
    """An oracle that counts what it is asked."""

    length, n_letters, n = len(REFERENCE), 4, 0

    def predict(self, one_hot):
        self.n += len(one_hot)
        return one_hot[:, :3, 0].sum(axis=1)


class Varied(Asked):
    """No two maps are the same."""

    def predict(self, one_hot):
        weights = np.random.default_rng(1).normal(size=(self.length, 4))
        return (one_hot * weights).sum((1, 2)) ** 2


def config(n, settings):
    return RunConfig(
        oracle=OracleParameters(model="made.here:Asked"),
        sequence=REFERENCE,
        mutagenizer=MutagenizerParameters(n_sequences=n),
        attributer=AttributerParameters(method="ism"),
        clusterer=settings,
    )


@pytest.mark.parametrize(
    ("n", "clusterer", "message"),
    [
        (4, {"embedding": "umap"}, "got 4 maps; expected 5 or more for an embedding of 2 axes"),
        (5, {"embedding": "pca", "n_components": 3}, "got 5 maps; expected 6 or more"),
        (9, {"embedding": "tsne", "n_components": 3}, "n_components: got 3; expected 2, for t-SNE"),
        (9, {"n_clusters": 10}, "n_clusters: got 10; expected 1 to 9"),
        (9, {"n_clusters": 10, "clustering": "kmeans"}, "n_clusters: got 10; expected 1 to 9"),
        (9, {"clustering": "kmeans", "cluster_on": "embedding"}, "cluster_on: got no embedding"),
        (6000, {"clustering": "average", "memory_limit_gb": 0.1}, "average linkage of 6,000 maps"),
        (9, {"clustering": "leiden", "no": "leidenalg"}, "pip install"),
    ],
)
def test_what_the_stage_would_refuse_is_said_before_maps(n, clusterer, message, monkeypatch):
    if "no" in clusterer:
        monkeypatch.setitem(sys.modules, clusterer.pop("no"), None)
    settings = ClustererParameters(**{"embedding": "none", **clusterer})
    asked = Asked()
    with pytest.raises(SeamError, match=message):
        pipeline.run(config(n, settings), oracle=asked)
    assert asked.n == 0
    maps = np.random.default_rng(0).normal(size=(n, 6, 4)).astype(np.float32)
    with pytest.raises(SeamError, match=message):  # the same, by who has maps
        clustered(settings, maps)


def clustered(settings, maps):
    stage = Clusterer(settings)
    embedding = None if settings.embedding == "none" else stage.embed(maps)
    return stage.cluster(maps, embedding=embedding)


class Hearing(SilentProgress):
    def __init__(self):
        self.told = []

    def tell(self, text):
        self.told.append(text)


def test_what_a_tree_may_need_is_told_before_maps():
    """How many maps differ is known once they are made: then the same bound refuses it, or not."""
    of_tree = clusterer.trees.ward_memory(60, 4 * 10)
    limit = of_tree / 1e9
    for share, refused in ((1.01, False), (0.7, True)):
        settings = ClustererParameters(embedding="none")
        object.__setattr__(settings, "memory_limit_gb", limit * share)  # less than may be set
        asked, progress = config(60, settings), Hearing()
        asked = dataclasses.replace(
            asked, attributer=asked.attributer.replace(map_start=5, map_stop=15)
        )
        oracle = Varied()
        if not refused:
            pipeline.run(asked, oracle=oracle, progress=progress)
        else:
            with pytest.raises(MemoryBudgetError, match=r"ward linkage of 60 maps.*choose single"):
                pipeline.run(asked, oracle=oracle, progress=progress)
        told = [text for text in progress.told if "ward linkage of 60 maps needs" in text]
        assert len(told) == refused
        assert progress.told[: len(told)] == told  # before what is told of the maps' own memory


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_run_of_a_few_sequences_comes_to_its_end(n):
    few = config(n, ClustererParameters(embedding="none"))
    assert len(pipeline.run(few, oracle=Asked()).maps) == n
