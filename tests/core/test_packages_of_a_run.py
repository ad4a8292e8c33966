"""The versions of a run name the packages that took part, and no others."""

from dataclasses import replace

import pytest

from seam_core import provenance
from seam_core.parameters import ClustererParameters, OracleParameters
from seam_core.provenance import packages_of
from seam_core.records import Linkage
from seam_core.session import Session

ALL = {
    "fastcluster", "igraph", "leidenalg", "numba", "numpy", "onnxruntime", "openTSNE", "pandas",
    "scikit-learn", "scipy", "umap-learn",
}  # fmt: skip


@pytest.fixture
def installed(monkeypatch):
    """Which packages there are."""
    found = set(ALL)
    monkeypatch.setattr(provenance, "_version_of", lambda name: "1.0" if name in found else "")
    return found


def clustered(method):
    import numpy as np

    parameters = ClustererParameters(clustering=method)
    tree = np.array([[0.0, 1.0, 1.0, 2.0]])
    return Session(name="s", linkage=Linkage(tree, method, parameters=parameters))


def test_average_linkage_is_fastclusters_or_scipys(installed):
    session = clustered("average")
    assert packages_of(session, "clusterer", asked_model=False) == ["fastcluster", "numpy"]
    installed.remove("fastcluster")
    assert packages_of(session, "clusterer", asked_model=False) == ["numpy", "scipy"]


def test_experiments_name_what_they_compute_with(installed):
    found = packages_of(Session(name="s"), "experimenter", asked_model=False)
    assert {"scikit-learn", "scipy"} <= set(found)


def test_an_onnx_model_names_its_runtime(installed):
    session = replace(Session(name="s"), oracle=OracleParameters(model="a.onnx"))
    assert "onnxruntime" in packages_of(session, "attributer", asked_model=True)
    assert "onnxruntime" not in packages_of(session, "attributer", asked_model=False)
