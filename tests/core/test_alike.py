"""Sequences that are like others: predicted by what differs, and as the whole network would."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core.frameworks import reach
from seam_core.oracles import FunctionOracle
from seam_core.oracles.alike import MOST_IN_BATCH, AlikePredictor, different
from seam_core.sequences import UNKNOWN, encode
from seam_core.validate import SeamError

torch = pytest.importorskip("torch")

LENGTH = 120


class Counted:
    """A small network, its oracle, and how many sequences it predicted whole."""

    def __init__(self, end=None):
        from seam_core.frameworks.torch.oracle import TorchOracle
        from seam_core.oracles.adapters import Adapter

        torch.manual_seed(3)
        nn = torch.nn
        module = nn.Sequential(nn.Conv1d(4, 8, 5, padding=2), nn.ReLU(), nn.MaxPool1d(4))
        module.extend([nn.Conv1d(8, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 28, 1)])
        if end is not None:
            module.append(end)
        self.oracle = TorchOracle(
            module.eval(), adapter=Adapter(layout="channels_first"), length=LENGTH
        )
        self.whole, predict = 0, self.oracle.predict

        def counting(one_hot):
            self.whole += len(one_hot)
            return predict(one_hot)

        self.oracle.predict = counting

    def predictor(self):
        predictor = AlikePredictor(self.oracle, "ACGT")
        predictor.predict(np.zeros((1, LENGTH), np.int8), np.zeros((1, LENGTH), np.int8))
        self.whole = 0
        return predictor


@pytest.fixture
def counted(monkeypatch):
    monkeypatch.setattr(reach, "LEAST_FOR_BLOCKS", 0)
    return Counted()


def variants(rng, spans, n_parents=3):
    """Sequences that differ from one of a few in that many neighbouring positions."""
    parents = rng.integers(0, 4, (n_parents, LENGTH)).astype(np.int8)
    like = parents[rng.integers(0, n_parents, len(spans))]
    rows = like.copy()
    for row, span in zip(rows, spans, strict=True):
        first = rng.integers(0, LENGTH - span + 1)
        row[first : first + span] = (row[first : first + span] + rng.integers(1, 4, span)) % 4
    return rows, like


def test_answers_are_those_of_the_whole_network_wherever_letters_differ(counted):
    rng = np.random.default_rng(0)
    rows, like = variants(rng, rng.integers(1, 33, 200))
    rows[0], like[0] = rows[1], rows[1]  # its own parent, of which there is no other
    first_last = [0, LENGTH - 1]
    rows[2:4], like[2:4] = like[4], like[4]
    rows[[2, 3], first_last] = (rows[[2, 3], first_last] + 1) % 4
    predictor = counted.predictor()
    values = predictor.predict(rows, like)
    assert counted.whole <= 100  # the trials of two predictors, and the one without another
    np.testing.assert_allclose(
        values, counted.oracle.predict(encode(rows, "ACGT")), atol=1e-6, rtol=0
    )


def test_far_apart_or_unknown_or_single_sequences_are_predicted_whole(counted):
    rng = np.random.default_rng(1)
    rows, like = variants(rng, [60] * 10)
    alone, its_parent = variants(rng, [3], 1)
    masked, parent = variants(rng, [3] * 5, 1)
    masked[:, 7] = UNKNOWN
    rows = np.concatenate([rows, alone, masked])
    like = np.concatenate([like, its_parent, parent])
    predictor = counted.predictor()
    values = predictor.predict(rows, like)
    assert counted.whole == len(rows)
    np.testing.assert_allclose(values, counted.oracle.predict(encode(rows, "ACGT")), atol=1e-6)


def test_small_networks_and_functions_are_asked_as_ever():
    counted = Counted()
    rows, like = variants(np.random.default_rng(2), [4] * 50)
    counted.predictor().predict(rows, like)
    assert counted.whole == 50


def test_what_is_not_finite_is_told_as_of_any_prediction(monkeypatch):
    class Bad(torch.nn.Module):
        def forward(self, x):
            return torch.where(x > x.mean() - 100, x * float("nan"), x)

    monkeypatch.setattr(reach, "LEAST_FOR_BLOCKS", 0)
    rows, like = variants(np.random.default_rng(2), [4] * 50)
    with pytest.raises(SeamError, match=r"nan|finite"):
        AlikePredictor(Counted(Bad()).oracle, "ACGT").predict(rows, like)


def test_how_many_were_answered_is_told_batch_by_batch():
    rows = np.random.default_rng(0).integers(0, 4, (3 * MOST_IN_BATCH, 30)).astype(np.int8)
    told = []
    oracle = FunctionOracle(lambda x: x.sum((1, 2)))
    AlikePredictor(oracle, "ACGT").predict(rows, np.roll(rows, 1, axis=0), told.append)
    assert told == [MOST_IN_BATCH, 2 * MOST_IN_BATCH, 3 * MOST_IN_BATCH]


def test_rows_without_repeats_keep_their_order():
    rng = np.random.default_rng(4)
    rows = rng.integers(-1, 4, (50, 9)).astype(np.int8)[rng.integers(0, 50, 400)]
    distinct, place = different(rows)
    np.testing.assert_array_equal(distinct[place], rows)
    wanted, first = np.unique(rows, axis=0, return_index=True)
    assert len(distinct) == len(wanted)
    np.testing.assert_array_equal(distinct, rows[np.sort(first)])
    assert len(different(rows[:0])[0]) == 0


def test_an_oracle_of_another_package_that_knows_single_positions_only(counted):
    class Theirs:
        batches_at_once, largest_batch, device = 1, None, ""
        gradient = None

        def mutants(self, length, channels):
            raise AssertionError("asked for many positions")

    counted.oracle.capabilities = Theirs()
    rows, like = variants(np.random.default_rng(4), [5] * 40)
    told = counted.predictor().predict(rows, like)
    np.testing.assert_allclose(told, counted.oracle.predict(encode(rows, "ACGT")), rtol=1e-5)
