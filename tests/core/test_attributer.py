"""The Attributer: maps of a library, equal to the peer's, whatever the batch."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core import mapping
from seam_core.attributer import Attributer
from seam_core.frameworks.keras import KerasOracle
from seam_core.parameters import AttributerParameters
from seam_core.progress import Cancelled
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError
from tests.core.networks import random_letters, small_network


@pytest.fixture(scope="module")
def oracle():
    return KerasOracle(small_network(), head="hk")


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(11))


def run(oracle, library, **options):
    out = options.pop("out", None)
    return Attributer(oracle, AttributerParameters(**options)).run(library, out=out)


def peer_maps(oracle, library, method, **options):
    """The peer's maps at one batch; its mean over the batch replaced by the sum."""
    import seam
    import tensorflow as tf

    peer = seam.Attributer(oracle.model, method, task_index=1, compress_fun=tf.reduce_sum)
    return peer.compute(one_hot(library.sequences), batch_size=len(library), **options)


def test_saliency_equals_the_peer(oracle, library):
    maps, predictions = run(oracle, library)
    np.testing.assert_allclose(maps.maps, peer_maps(oracle, library, "saliency"), atol=1e-5)
    np.testing.assert_allclose(predictions, oracle.predict(one_hot(library.sequences)), atol=1e-6)


@pytest.mark.parametrize("multiply", [False, True])
def test_integrated_gradients_equal_the_peer(oracle, library, multiply):
    maps, _ = run(
        oracle,
        library,
        method="intgrad",
        intgrad_rule="trapezoid",
        multiply_by_inputs=multiply,
    )
    wanted = peer_maps(oracle, library, "intgrad", num_steps=20, multiply_by_inputs=multiply)
    np.testing.assert_allclose(maps.maps, wanted, atol=1e-5)


def test_completeness_error_is_reported_and_shrinks(oracle, library):
    even = {"method": "intgrad", "intgrad_rule": "trapezoid"}
    coarse, predictions = run(oracle, library, intgrad_steps=5, **even)
    fine, _ = run(oracle, library, intgrad_steps=500, multiply_by_inputs=True, **even)
    assert fine.completeness_error.mean() < 0.1 * coarse.completeness_error.mean()
    empty = oracle.predict(np.zeros((1, 40, 4), np.float32))[0]
    gap = np.abs(fine.maps.sum(axis=(1, 2)) - (predictions - empty))
    np.testing.assert_allclose(fine.completeness_error, gap, atol=1e-4)


@pytest.mark.parametrize("method", ["saliency", "intgrad", "smoothgrad"])
def test_maps_do_not_depend_on_the_batch(oracle, library, method):
    whole, predictions = run(oracle, library, method=method, batch_size=11)
    for size in (1, 4):
        parts, again = run(oracle, library, method=method, batch_size=size)
        np.testing.assert_allclose(parts.maps, whole.maps, atol=1e-6)
        np.testing.assert_allclose(again, predictions, atol=1e-6)


def test_maps_are_written_as_they_come(oracle, library, tmp_path, monkeypatch):
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)
    out = tmp_path / "maps.npy"
    maps, _ = run(oracle, library, out=out, batch_size=4)
    assert isinstance(maps.maps, np.memmap)
    assert not maps.maps.flags.writeable
    np.testing.assert_array_equal(np.load(out), run(oracle, library, batch_size=4)[0].maps)


def test_a_window_is_cut_from_the_whole(oracle, library):
    whole, _ = run(oracle, library)
    part, _ = run(oracle, library, map_start=10, map_stop=25)
    assert (part.start, part.stop) == (10, 25)
    np.testing.assert_allclose(part.maps, whole.maps[:, 10:25], atol=1e-6)


@pytest.mark.parametrize(("start", "stop"), [(30, 20), (0, 41), (40, None)])
def test_a_window_outside_the_sequence(oracle, library, start, stop):
    with pytest.raises(InputError, match=r"map_start, map_stop.*within 0 to 40"):
        run(oracle, library, map_start=start, map_stop=stop)


def test_unknown_letters_are_named(oracle, library):
    sequences = library.sequences.copy()
    sequences[5, 7] = -1
    with pytest.raises(InputError, match="position 7 of row 5"):
        run(oracle, Library(sequences))


def test_another_length_or_alphabet(oracle):
    with pytest.raises(InputError, match=r"length 30.*length 40"):
        run(oracle, Library(random_letters(3, 30)))
    with pytest.raises(InputError, match=r"3 letters \(ACG\)"):
        run(oracle, Library(random_letters(3), alphabet="ACG"))


def test_an_oracle_without_gradient(library):
    class Count:
        length = None
        n_letters = 4

        def predict(self, one_hot):
            return one_hot[:, :, 0].sum(axis=1)

    with pytest.raises(InputError, match="no gradient"):
        run(Count(), library)


def test_cancel_comes_through_between_batches(oracle, library, tmp_path):
    class Impatient:
        def update(self, done, total, message=""):
            if done >= 4:
                raise Cancelled

    attributer = Attributer(oracle, AttributerParameters(batch_size=2))
    with pytest.raises(Cancelled):
        attributer.run(library, out=tmp_path / "maps.npy", progress=Impatient())


def test_a_path_that_cannot_be_written(oracle, library, tmp_path):
    with pytest.raises(InputError, match="maps"):
        run(oracle, library, out=tmp_path / "absent" / "maps.npy")
