"""The versions of a run name the packages that took part, and no others."""

from dataclasses import replace

import pytest

from seam_core import provenance
from seam_core.frameworks import load_oracle
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.function import FunctionOracle
from seam_core.oracles.protocol import note_framework
from seam_core.oracles.strands import BothStrands
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
    assert packages_of(session, "clusterer", asked=None) == ["fastcluster", "numpy"]
    installed.remove("fastcluster")
    assert packages_of(session, "clusterer", asked=None) == ["numpy", "scipy"]


def test_experiments_name_what_they_compute_with(installed):
    found = packages_of(Session(name="s"), "experimenter", asked=None)
    assert {"scikit-learn", "scipy"} <= set(found)


def loaded_by(framework):
    oracle = FunctionOracle(lambda one_hot: one_hot.sum((1, 2)), n_letters=4)
    note_framework(oracle, framework)
    return oracle


def test_a_model_names_what_it_was_loaded_by(installed):
    session = replace(Session(name="s"), oracle=OracleParameters(model="a:model"))
    onnx = loaded_by("onnx")
    assert "onnxruntime" in packages_of(session, "attributer", asked=onnx)
    assert "onnxruntime" in packages_of(session, "attributer", asked=Ensemble([onnx, onnx]))
    assert "onnxruntime" in packages_of(session, "attributer", asked=BothStrands(onnx, "ACGT"))
    assert "onnxruntime" not in packages_of(session, "attributer", asked=None)


def test_a_python_function_names_no_framework_that_happens_to_be_loaded(tmp_path, installed):
    import torch  # noqa: F401

    installed.update({"torch", "tensorflow", "keras"})
    (tmp_path / "model.py").write_text(
        "import torch\n\ndef total(x): return x[:, :, 0].sum(axis=1)\n"
        "def network(): return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(32, 1))\n"
    )
    named = {}
    for name in ("total", "network"):
        oracle = load_oracle(OracleParameters(model=f"model.py:{name}"), base=tmp_path)
        named[name] = packages_of(Session(name="s"), "attributer", asked=oracle)
    assert not {"torch", "tensorflow", "keras"} & set(named["total"])
    assert "torch" in named["network"]
    assert not {"tensorflow", "keras"} & set(named["network"])
