"""Gradients in bfloat16: only where the processor has it and a trial says that it pays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from seam_core.attributer import Attributer, precision
from seam_core.cli.outcome import say_result
from seam_core.frameworks import bfloat16
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.ensemble import Ensemble
from seam_core.parameters import AttributerParameters
from seam_core.progress import Cancelled
from seam_core.records import Library
from seam_core.report.methods import describe_methods
from seam_core.session import Session
from seam_core.store import summary
from seam_core.validate import InputError
from tests.core.networks import random_letters, twin_networks

HALF = {"precision": "bfloat16"}


@pytest.fixture(scope="module")
def twins():
    keras_network, torch_network = twin_networks()
    return {
        "keras": KerasOracle(keras_network),
        "torch": TorchOracle(torch_network, length=40),
        "folds": Ensemble([TorchOracle(torch_network, length=40)] * 2, ["a", "b"]),
    }


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(50))


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Says which flags the processor has."""

    def has(flags):
        file = tmp_path / "cpuinfo"
        file.write_text(f"flags\t\t: fpu sse2 {flags}\n", encoding="ascii")
        monkeypatch.setattr(bfloat16, "PROCESSOR", file)

    return has


@pytest.fixture
def times_as_fast(monkeypatch):
    """Says how many times as fast bfloat16 is found to be: its clock stands for float32's too."""

    def is_found(gain):
        clock = iter([1.0, gain] * 10)  # it is tried first

        def seconds(action):
            action()
            return next(clock)

        monkeypatch.setattr(precision, "seconds", seconds)

    return is_found


def run(oracle, library, **options):
    return Attributer(oracle, AttributerParameters(**options)).run(library)


def distances(maps, wanted):
    return np.linalg.norm(maps - wanted, axis=(1, 2)) / np.linalg.norm(wanted, axis=(1, 2))


@pytest.mark.parametrize("name", ["keras", "torch", "folds"])
@pytest.mark.parametrize("method", ["saliency", "smoothgrad", "intgrad"])
def test_where_it_pays_maps_are_made_in_it_and_their_error_is_told(
    twins, library, processor, times_as_fast, name, method
):
    oracle = twins[name]
    wanted, predictions = run(oracle, library, method=method)
    gradients = oracle.gradient if name != "folds" else oracle.capabilities.gradient
    before = gradients(library.encode(0, 4))[1]
    processor("avx512f avx512_bf16")
    times_as_fast(1.7)
    maps, answers = run(oracle, library, method=method, **HALF)
    found = distances(maps.maps, wanted.maps)
    assert 1e-4 < found.mean() < 0.1  # three digits, and a ReLU that rounds to the other side
    tried = np.unique(np.linspace(0, 49, 16).astype(int))
    assert maps.ran["precision"] == "bfloat16"
    assert maps.ran["precision_error"] == pytest.approx(found[tried].mean(), rel=1e-3)
    assert "16 maps took 1 s in it and 1.7 s in float32" in maps.ran["precision_said"]
    np.testing.assert_array_equal(answers, predictions)
    np.testing.assert_array_equal(gradients(library.encode(0, 4))[1], before)


def test_calibrated_paths_and_windows_are_those_of_the_whole_network(
    twins, library, processor, times_as_fast
):
    many = Library(random_letters(160))
    how = {"method": "intgrad", "intgrad_rule": "calibrated", "map_start": 10, "map_stop": 20}
    processor("amx_bf16")
    for oracle in (twins["keras"], twins["torch"]):
        times_as_fast(2.0)
        maps, _ = run(oracle, many, **how, **HALF)
        exact, _ = run(oracle, many, **{**how, "intgrad_rule": "trapezoid", "intgrad_steps": 300})
        assert distances(maps.maps, exact.maps).mean() < 0.15
        assert maps.ran["gradients"] > 1
        assert "cells" not in maps.ran


def test_the_gradient_is_that_of_a_module_of_such_numbers(twins, library, processor):
    module, inputs = twins["torch"].module, library.encode(0, 8)
    processor("bf16")
    with twins["torch"].in_bfloat16():
        ours = twins["torch"].gradient(inputs)[1]
    tensor = torch.tensor(inputs, dtype=torch.bfloat16, requires_grad=True)
    whole = twin_networks()[1].eval()
    whole.load_state_dict(module.state_dict())
    (theirs,) = torch.autograd.grad(whole.to(torch.bfloat16)(tensor).sum(), tensor)
    exact = twins["torch"].gradient(inputs)[1]
    # both are off by their own rounding: nearer to each other than two such errors
    assert distances(ours, exact).mean() < 0.05
    assert distances(theirs.float().numpy(), ours).mean() < 0.1


@pytest.mark.parametrize("name", ["keras", "torch"])
def test_without_it_the_run_goes_on_in_float32_and_says_so(twins, library, processor, name):
    processor("avx512f avx2")
    wanted, predictions = run(twins[name], library)
    maps, answers = run(twins[name], library, **HALF)
    np.testing.assert_array_equal(maps.maps, wanted.maps)
    np.testing.assert_array_equal(answers, predictions)
    assert maps.ran == {
        "precision": "float32",
        "precision_said": "Gradients are in float32, not in bfloat16: this processor has neither "
        "AVX512-BF16 nor AMX",
    }


def test_what_gains_too_little_is_not_used(twins, library, processor, times_as_fast):
    processor("avx512_bf16")
    times_as_fast(1.5)
    wanted, _ = run(twins["torch"], library)
    maps, _ = run(twins["torch"], library, **HALF)
    np.testing.assert_array_equal(maps.maps, wanted.maps)
    assert maps.ran["precision"] == "float32"
    assert maps.ran["precision_gain"] == 1.5
    assert "it must be 1.6 times as fast" in maps.ran["precision_said"]


class Plain:
    """With a gradient of its own."""

    length, n_letters = 40, 4

    def predict(self, inputs):
        return inputs[:, :, 0].sum(axis=1)

    def gradient(self, inputs):
        gradient = np.zeros_like(inputs)
        gradient[:, :, 0] = 1
        return self.predict(inputs), gradient


def test_models_without_it_and_methods_without_gradients(library):
    maps, _ = run(Plain(), library, **HALF)
    assert "only Keras and PyTorch models" in maps.ran["precision_said"]
    assert run(Plain(), library, method="ism", **HALF)[0].ran.get("precision") is None
    with pytest.raises(InputError, match="precision"):
        AttributerParameters(precision="float16")


def test_a_run_that_found_otherwise_starts_again(
    twins, library, tmp_path, processor, times_as_fast
):
    class Impatient:
        def update(self, done, total, message=""):
            if done > 20:
                raise Cancelled

    out = tmp_path / "maps.npy"
    processor("avx512_bf16")
    times_as_fast(2.0)
    attributer = Attributer(twins["torch"], AttributerParameters(batch_size=8, **HALF))
    with pytest.raises(Cancelled):
        attributer.run(library, out=out, progress=Impatient())
    times_as_fast(1.0)
    maps, _ = attributer.run(library, out=out)
    np.testing.assert_array_equal(maps.maps, run(twins["torch"], library, batch_size=8)[0].maps)


def test_command_summary_and_methods_say_what_became_of_it(library, capsys):
    maps, predictions = run(Plain(), library, **HALF)
    told = Library(library.sequences, predictions=predictions)
    session = Session(name="s", library=told).with_record("maps", maps)
    sentence = maps.ran["precision_said"]
    assert summary(session)["precision"] == sentence
    assert sentence in " ".join(describe_methods(session).sentences)
    say_result(session, Path("out"))
    assert f"precision: {sentence}" in capsys.readouterr().out


def test_half_precision_of_layers_is_noted():
    """Mixed, as the model itself does not say; with what contributions miss."""
    keras = import_keras()
    tensor = keras.Input((30, 4))
    hidden = keras.layers.Conv1D(4, 5, activation="relu", dtype="mixed_float16")(tensor)
    answer = keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(hidden))
    said = dict(check_oracle(KerasOracle(keras.Model(tensor, answer))).rows())["numbers"]
    assert said.startswith("float16, of about three digits; DeepSHAP's contributions miss")
