"""Two batches side by side: the same maps, in order, and what goes wrong said in its turn."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.attributer.batches import side_by_side
from seam_core.attributer.methods import usual_batch
from seam_core.frameworks.keras import KerasOracle
from seam_core.oracles.capabilities import LARGEST_ON_CPU, PlainCapabilities
from seam_core.parameters import AttributerParameters
from seam_core.progress import Cancelled
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters, small_network
from tests.waiting import LIMIT_S, wait_for


class TwoAtOnce(PlainCapabilities):
    batches_at_once = 2


class Squares:
    """f(x) = sum of x^2 w; even batches take longer, so that odd ones overtake them."""

    length, n_letters = 40, 4

    def __init__(self, fails_on: np.ndarray | None = None) -> None:
        self.weights = np.arange(160, dtype=np.float32).reshape(40, 4)
        self.fails_on = fails_on
        self.together = self.most_together = self.asked = 0
        self._lock = threading.Lock()
        self.capabilities = TwoAtOnce(self)
        self._both, self._second = threading.Barrier(2), threading.Event()

    def predict(self, inputs):
        return np.einsum("nla,la->n", inputs**2, self.weights)

    def gradient(self, inputs):
        with self._lock:
            number, self.asked = self.asked, self.asked + 1
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        if number < 2:  # both are under way, and the second is over before the first
            self._both.wait(LIMIT_S)
            self._second.set() if number else wait_for(self._second)
        with self._lock:
            self.together -= 1
        if self.fails_on is not None and (inputs == self.fails_on).all(axis=(1, 2)).any():
            raise InputError("prediction", "nan", "finite numbers")
        return self.predict(inputs), 2 * inputs * self.weights


class Wide(PlainCapabilities):
    """Twenty sequences fill what a processor takes."""

    device = "CPU"

    def bytes_per_sequence(self, length):
        return LARGEST_ON_CPU // 20


@pytest.fixture
def library():
    return Library(random_letters(21, 40))


def test_maps_come_in_order_and_batches_side_by_side(library, tmp_path):
    oracle = Squares()
    attributer = Attributer(oracle, AttributerParameters(batch_size=2))
    for out in (None, tmp_path / "maps.npy"):
        maps, predictions = attributer.run(library, out=out)
        letters = one_hot(library.sequences)
        np.testing.assert_array_equal(maps.maps, 2 * letters * oracle.weights)
        np.testing.assert_array_equal(predictions, oracle.predict(letters))
    assert oracle.most_together == 2


def test_a_failure_names_its_batch_and_keeps_those_before(library, tmp_path):
    out = tmp_path / "maps.npy"
    parameters = AttributerParameters(batch_size=2)
    with pytest.raises(OracleError, match=r"batch 5 \(sequences 8 to 9\)") as error:
        Attributer(Squares(one_hot(library.sequences[8:9])), parameters).run(library, out=out)
    assert len(error.value.finished) == 8
    oracle = Squares()
    maps, _ = Attributer(oracle, parameters).run(library, out=out)
    assert oracle.asked == 7  # of 11 batches 4 were there
    np.testing.assert_array_equal(maps.maps, 2 * one_hot(library.sequences) * oracle.weights)


class Watched:
    """Progress that remembers, and is cancelled at a share."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        self.shares: list[float] = []
        self.cancel_at = cancel_at

    def update(self, done: float, total: float, message: str = "") -> None:
        self.shares.append(done / total)
        if done / total >= self.cancel_at:
            raise Cancelled


@pytest.mark.parametrize("method", ["saliency", "smoothgrad", "intgrad"])
def test_progress_never_goes_back(library, method):
    progress = Watched()
    parameters = AttributerParameters(method=method, batch_size=4, noise_samples=4, intgrad_steps=4)
    Attributer(Squares(), parameters).run(library, progress=progress)
    assert progress.shares == sorted(progress.shares)
    assert progress.shares[-1] == 1.0


def test_cancelled_inside_a_batch_leaves_nothing_running(library):
    oracle, before = Squares(), set(threading.enumerate())
    parameters = AttributerParameters(method="smoothgrad", batch_size=2, noise_samples=5)
    with pytest.raises(Cancelled):
        Attributer(oracle, parameters).run(library, progress=Watched(cancel_at=0.3))
    assert oracle.together == 0
    assert set(threading.enumerate()) <= before
    assert oracle.asked < 11 * 5


def test_one_at_a_time_stays_on_the_thread_that_asks():
    threads = list(side_by_side(lambda _: threading.get_ident(), range(3), 1))
    assert threads == [threading.get_ident()] * 3


def test_ism_is_not_asked_side_by_side(library):
    oracle = Squares()
    oracle.predict_threads = set()
    plain = oracle.predict

    def predict(inputs):
        oracle.predict_threads.add(threading.get_ident())
        return plain(inputs)

    oracle.predict = predict
    Attributer(oracle, AttributerParameters(method="ism", batch_size=2)).run(library)
    assert oracle.predict_threads == {threading.get_ident()}


def test_a_worker_of_one_thread_computes_one_batch_at_a_time(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    oracle = KerasOracle(small_network(), head="hk")
    assert oracle.capabilities.batches_at_once == 2
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    assert oracle.capabilities.batches_at_once == 1


def test_gradients_of_a_wide_network_take_half_of_the_sequences_at_a_time():
    oracle = Squares()
    oracle.capabilities = Wide(oracle)
    usual = {name: usual_batch(name, oracle, 40) for name in ("ism", "saliency", "intgrad")}
    assert usual == {"ism": 20, "saliency": 10, "intgrad": 10}
    oracle.capabilities.device = "GPU"
    assert usual_batch("saliency", oracle, 40) > 10
