"""Frameworks: told apart, open to others; a Python object is asked as it is."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.frameworks import load_oracle
from seam_core.frameworks.load import framework_of
from seam_core.oracles import predict_library
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.registry import FRAMEWORKS
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

OBJECT = """
import numpy as np

W = np.linspace(-1, 1, 80, dtype=np.float32).reshape(20, 4)


class Cubes:
    def predict(self, x):
        return np.einsum("nla,la->n", x**3, W)

    def gradient(self, x):
        return self.predict(x), 3 * x**2 * W


class Said(Cubes):
    length, n_letters = 20, 4


class Turned(Cubes):
    def predict(self, x):
        assert x.shape[1:] == (4, 20)
        return super().predict(x.swapaxes(1, 2))

    def gradient(self, x):
        return self.predict(x), 3 * x**2 * W.T


class Wrong(Cubes):
    def gradient(self, x):
        return self.predict(x), x[:, :3]


cubes, said = Cubes(), Said()
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lab.py").write_text(OBJECT)
    return tmp_path


@pytest.mark.parametrize("name", ["cubes", "said", "Cubes", "Said"])
@pytest.mark.parametrize("method", ["saliency", "intgrad", "ism"])
def test_an_object_with_predict_and_gradient_is_taken(folder, name, method):
    oracle = load_oracle(OracleParameters(model=f"lab.py:{name}"), base=folder)
    library = Library(random_letters(6, 20))
    options = {"method": method, "intgrad_steps": 200}
    maps, predictions = Attributer(oracle, AttributerParameters(**options)).run(library)
    weights = np.linspace(-1, 1, 80).reshape(20, 4)
    inputs = one_hot(library.sequences)
    np.testing.assert_allclose(predictions, (inputs * weights).sum((1, 2)), atol=1e-5)
    wanted = {
        "saliency": 3 * inputs * weights,
        "intgrad": inputs * weights,  # of x^3 from 0: the mean of 3 a^2
        "ism": weights - (inputs * weights).sum(2, keepdims=True),
    }
    np.testing.assert_allclose(maps.maps, wanted[method], atol=1e-4)


def test_its_axes_may_be_turned(folder):
    turned = OracleParameters(model="lab.py:Turned", layout="channels_first")
    plain = OracleParameters(model="lab.py:Cubes")
    inputs = one_hot(random_letters(3, 20))
    found, wanted = (load_oracle(each, base=folder).gradient(inputs) for each in (turned, plain))
    np.testing.assert_allclose(found[0], wanted[0])
    np.testing.assert_allclose(found[1], wanted[1])


def test_a_gradient_of_another_shape_is_refused(folder):
    oracle = load_oracle(OracleParameters(model="lab.py:Wrong"), base=folder)
    with pytest.raises(OracleError, match=r"gradients \(6, 20, 4\)"):
        Attributer(oracle, AttributerParameters()).run(Library(random_letters(6, 20)))


def test_an_oracle_says_itself_what_it_predicts(folder):
    with pytest.raises(InputError, match="head: got '1'"):
        load_oracle(OracleParameters(model="lab.py:said", head="1"), base=folder)


def test_deepshap_of_an_object_is_refused(folder):
    oracle = load_oracle(OracleParameters(model="lab.py:cubes"), base=folder)
    with pytest.raises(InputError, match=r"deepshap.*expected a Keras, PyTorch or JAX model"):
        Attributer(oracle, AttributerParameters(method="deepshap")).run(
            Library(random_letters(6, 20))
        )


def test_frameworks_know_their_own_without_importing_the_others():
    import torch

    assert framework_of(torch.nn.Linear).name == "torch"
    assert framework_of(torch.nn.Linear(2, 2)).name == "torch"
    assert framework_of(np.sin).name == "function"
    assert FRAMEWORKS.names()[:6] == ("keras", "torch", "onnx", "jax", "function", "table")


class _Point:
    """An entry point as `importlib.metadata` gives them."""

    name, value = "counts", "tests.core.test_frameworks:COUNTS"

    class dist:  # noqa: N801
        name, version = "a-lab", "1.0"


def _load(parameters, *, base, device, model):
    from seam_core.oracles import FunctionOracle

    return FunctionOracle(lambda x: x[:, :, int((base / parameters.model).read_text())].sum(1))


def __getattr__(name):
    if name == "COUNTS":
        from seam_core.frameworks.framework import Framework

        return Framework(name="counts", label="Counts", suffixes=(".count",), load=_load)
    raise AttributeError(name)


def test_a_framework_of_another_package(tmp_path, monkeypatch):
    from importlib import metadata

    class Points:
        def select(self, group):
            return [_Point] if group == "seam.oracles" else []

    monkeypatch.setattr(metadata, "entry_points", Points)
    FRAMEWORKS.forget()
    try:
        (tmp_path / "g.count").write_text("2")
        oracle = load_oracle(OracleParameters(model="g.count"), base=tmp_path)
        library = Library(random_letters(6, 20))
        wanted = (library.sequences == 2).sum(axis=1)
        np.testing.assert_array_equal(predict_library(oracle, library), wanted)
    finally:
        monkeypatch.undo()
        FRAMEWORKS.forget()
