"""Integrated gradients: baselines, nodes, and short sequences in a long context."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.attributer.nodes import calibrated, trapezoid
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import indices_to_strings, one_hot
from seam_core.validate import InputError
from tests.core.networks import random_letters, small_network, twin_networks


@pytest.fixture(scope="module")
def oracle():
    return KerasOracle(small_network(), head="hk")


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(12))


def run(oracle, library, baselines=None, **options):
    parameters = AttributerParameters(**{"method": "intgrad", **options})
    return Attributer(oracle, parameters, baselines=baselines).run(library)


def relative_error(found, exact):
    n = len(exact)
    gaps = np.linalg.norm((found - exact).reshape(n, -1), axis=1)
    return float((gaps / np.linalg.norm(exact.reshape(n, -1), axis=1)).mean())


class Steps:
    """A gradient that jumps at many places between 0.7 and 0.9 of the path, and nowhere else."""

    length = 5
    n_letters = 4

    def __init__(self):
        rng = np.random.default_rng(0)
        self.places = rng.uniform(0.7, 0.9, (200,))
        self.jumps = rng.normal(size=(200, 5, 4)).astype(np.float32)

    def predict(self, inputs):
        return self.gradient(inputs)[0]

    def gradient(self, inputs):
        on = inputs.max(axis=(1, 2))[:, None] > self.places
        gradients = np.einsum("np,pla->nla", on.astype(np.float32), self.jumps)
        return gradients.sum(axis=(1, 2)), gradients


def test_calibrated_nodes_go_where_the_gradient_changes():
    inputs = one_hot(random_letters(3, 5))
    nodes, weights = calibrated(
        Steps(), Steps().gradient, inputs, np.zeros_like(inputs), 12, lambda share: None
    )
    assert weights.sum() == pytest.approx(1.0)
    assert ((nodes > 0) & (nodes < 1) & (weights > 0)).all()
    assert np.count_nonzero((nodes > 0.68) & (nodes < 0.92)) >= 8


def test_calibrated_nodes_are_better_for_their_number():
    library = Library(random_letters(6, 5))
    exact, _ = run(Steps(), library, intgrad_rule="trapezoid", intgrad_steps=4000)
    even, _ = run(Steps(), library, intgrad_rule="trapezoid", intgrad_steps=20)
    placed, _ = run(Steps(), library, intgrad_rule="calibrated", intgrad_nodes=12)
    assert relative_error(placed.maps, exact.maps) < relative_error(even.maps, exact.maps)


class Jumps(Steps):
    """Each sequence's own 200 jumps, most of them between 0.3 and 0.9 of the path."""

    length = 8

    def gradient(self, inputs):
        peak = inputs.max(axis=(1, 2))
        gradients = np.empty(inputs.shape, dtype=np.float32)
        for row, letters in enumerate(inputs):
            rng = np.random.default_rng(letters.argmax(axis=1))
            places = rng.choice([rng.uniform(0, 1, 200), rng.uniform(0.3, 0.9, 200)], p=[0.2, 0.8])
            jumps = rng.normal(1.0, 1.0, size=(200, 8, 4))
            gradients[row] = np.einsum("p,pla->la", peak[row] > places, jumps)
        return gradients.sum(axis=(1, 2)), gradients


def test_as_many_nodes_as_the_accuracy_of_even_steps_takes():
    oracle, library = Jumps(), Library(random_letters(40, 8))
    calibration = one_hot(library.sequences[:8])
    nodes, _ = calibrated(
        oracle, oracle.gradient, calibration, np.zeros_like(calibration), 0, lambda share: None
    )
    assert 5 < len(nodes) < 20
    exact, _ = run(oracle, library, intgrad_steps=1000)
    even, _ = run(oracle, library, intgrad_steps=20)
    placed, _ = run(oracle, library, intgrad_rule="calibrated", intgrad_nodes=len(nodes))
    errors = [relative_error(found.maps, exact.maps) for found in (placed, even)]
    assert errors[0] < 1.1 * errors[1]


def test_few_maps_are_not_worth_looking_for_nodes(oracle, library, monkeypatch):
    even, _ = run(oracle, library, intgrad_steps=20)
    few, _ = run(oracle, library, intgrad_rule="calibrated")
    assert few.ran["gradients"] == 21
    np.testing.assert_array_equal(few.maps, even.maps)
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", len(library))
    many, _ = run(oracle, library, intgrad_rule="calibrated")
    assert many.ran["gradients"] != 21


def test_calibrated_and_even_agree_in_the_end(oracle, library):
    even, _ = run(oracle, library, intgrad_rule="trapezoid", intgrad_steps=300)
    placed, _ = run(oracle, library, intgrad_rule="calibrated", intgrad_nodes=300)
    assert relative_error(placed.maps, even.maps) < 0.01


def test_trapezoid_is_exact_for_straight_lines():
    nodes, weights = trapezoid(7)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights * (2 + 3 * nodes)).sum() == pytest.approx(3.5)


@pytest.mark.parametrize("baseline", ["zeros", "shuffle", "dinucleotide", "given"])
def test_every_baseline_is_complete(oracle, library, baseline):
    given = np.full((40, 4), 0.25, np.float32) if baseline == "given" else None
    maps, _ = run(
        oracle,
        library,
        given,
        baseline=baseline,
        intgrad_rule="trapezoid",
        intgrad_steps=400,
        multiply_by_inputs=True,
    )
    assert maps.completeness_error.mean() < 0.02
    assert np.abs(maps.maps).max() > 0.01


def test_a_baseline_of_each_sequence_and_from_a_file(oracle, library, tmp_path):
    each = one_hot(random_letters(12, seed=4))
    found, predictions = run(
        oracle,
        library,
        each,
        baseline="given",
        intgrad_rule="calibrated",
        intgrad_nodes=200,
        multiply_by_inputs=True,
        batch_size=5,
    )
    gap = predictions - oracle.predict(each)
    np.testing.assert_allclose(found.maps.sum(axis=(1, 2)), gap, atol=0.15)
    path = tmp_path / "baseline.npy"
    np.save(path, each[0])
    from_file, _ = run(oracle, library, baseline="given", baseline_file=str(path))
    from_array, _ = run(oracle, library, each[0], baseline="given")
    np.testing.assert_array_equal(from_file.maps, from_array.maps)


def test_baselines_that_do_not_fit(oracle, library, tmp_path):
    with pytest.raises(InputError, match=r"baseline_file: got shape \(1, 30, 4\)"):
        run(oracle, library, np.zeros((30, 4), np.float32), baseline="given")
    with pytest.raises(InputError, match="5 baselines"):
        run(oracle, library, np.zeros((5, 40, 4), np.float32), baseline="given")
    with pytest.raises(InputError, match="baseline_file: got nothing"):
        run(oracle, library, baseline="given")
    path = tmp_path / "pickled.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"pickled\.npy"):
        run(oracle, library, baseline="given", baseline_file=str(path))
    with pytest.raises(InputError, match=r"baseline_file.*nan"):
        run(oracle, library, np.full((40, 4), np.nan, np.float32), baseline="given")


@pytest.mark.parametrize("baseline", ["shuffle", "dinucleotide"])
def test_seeds_are_respected_zero_too(oracle, library, baseline):
    maps = [run(oracle, library, baseline=baseline, seed=seed)[0].maps for seed in (0, 0, 1)]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert np.abs(maps[0] - maps[2]).max() > 1e-3


@pytest.mark.parametrize("method", ["saliency", "intgrad", "smoothgrad", "ism", "deepshap"])
def test_short_sequences_in_their_context(oracle, method):
    """The maps are those of the whole input at the window."""
    (context,) = random_letters(1, seed=7)
    parts = random_letters(3, 15, seed=8)
    whole = np.repeat(context[None], 3, axis=0)
    whole[:, 10:25] = parts
    given = np.repeat(one_hot(context)[None], 2, axis=0)
    given[:, 10:25] = one_hot(random_letters(2, 15, seed=10))
    options = {"method": method, "noise_sd": 0.0, "intgrad_rule": "trapezoid"}
    in_window, expected = None, None
    if method in ("intgrad", "deepshap"):
        options["baseline"] = "given"
        references = given if method == "deepshap" else given[:1]
        in_window, expected = references[:, 10:25], references
    found, predictions = run(
        oracle,
        Library(parts),
        in_window,
        context=indices_to_strings(context[None])[0],
        context_start=10,
        **options,
    )
    wanted, values = run(oracle, Library(whole), expected, map_start=10, map_stop=25, **options)
    np.testing.assert_allclose(predictions, values, atol=1e-5)
    np.testing.assert_allclose(found.maps, wanted.maps, atol=1e-5)


def test_contexts_that_do_not_fit(oracle):
    short = Library(random_letters(2, 15))
    with pytest.raises(InputError, match="context: got 30 letters"):
        run(oracle, short, context="A" * 30)
    with pytest.raises(InputError, match=r"context_start: got 30.*at most 25"):
        run(oracle, short, context="A" * 40, context_start=30)
    with pytest.raises(InputError, match="letter 'B'"):
        run(oracle, short, context="B" * 40)


class Asked:
    """Passes on, and notes how many sequences were asked about at once."""

    def __init__(self, oracle):
        self.length, self.n_letters, self.predict = oracle.length, oracle.n_letters, oracle.predict
        self.oracle, self.sizes = oracle, []

    def gradient(self, inputs):
        self.sizes.append(len(inputs))
        return self.oracle.gradient(inputs)


@pytest.mark.parametrize(("baseline", "asked"), [("zeros", 1 + 20 * 4), ("shuffle", 21 * 4)])
@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_nodes_of_few_sequences_are_asked_together_and_a_common_baseline_once(
    framework, baseline, asked
):
    keras_network, torch_network = twin_networks()
    torch_too = framework == "torch"
    oracle = TorchOracle(torch_network, length=40) if torch_too else KerasOracle(keras_network)
    library = Library(random_letters(4))
    watched = Asked(oracle)
    together, predictions = run(watched, library, baseline=baseline)
    assert sum(watched.sizes[:-1]) == asked  # and one more, to see that it answers alike
    assert len(watched.sizes) <= 4
    options = {"baseline": baseline, "batch_size": 1}
    one_by_one, alone = run(oracle, library, **options)
    largest = np.abs(one_by_one.maps).max()
    np.testing.assert_allclose(together.maps, one_by_one.maps, atol=1e-6 * largest)
    np.testing.assert_allclose(
        together.completeness_error, one_by_one.completeness_error, atol=1e-5
    )
    np.testing.assert_allclose(predictions, alone, atol=1e-6)
