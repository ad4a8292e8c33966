"""Groups of mutants on two threads: the same predictions, whatever the module keeps."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
import torch

from seam_core.frameworks.torch import mutants
from seam_core.frameworks.torch.mutants import local_mutants
from seam_core.frameworks.torch.runtime import of_its_own
from tests.core.networks import random_letters
from tests.core.test_ism_torch import ONE_HOT, conv, oracle_of

nn = torch.nn
functional = nn.functional


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_two_groups_of_mutants_at_once_are_what_one_after_the_other_is(monkeypatch):
    """A module that keeps what it makes on itself has its own place in each thread."""
    monkeypatch.setattr(mutants, "PAYS", float("inf"))
    met, calls = threading.Barrier(2), itertools.count()

    def keeping(net, x):
        net.kept = net.a(x)
        if threading.current_thread() is not threading.main_thread() and next(calls) < 2:
            met.wait(60)  # both have kept theirs
        return functional.max_pool1d(net.kept, 3)

    oracle = oracle_of(keeping, {"a": conv(4, 6, 4)})
    predictor = local_mutants(oracle, 60, ONE_HOT)
    predictor.at_a_time = 7
    sequences = random_letters(1, 60)
    predictor.start(sequences, np.ones(1, dtype=bool))
    letters = (sequences[0] + 1) % 4
    shares: list[float] = []
    asked = np.zeros(60, int), np.arange(60), letters
    at_once = predictor.mutants(*asked, shares.append)
    assert next(calls) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    torch.set_num_threads(1)
    np.testing.assert_array_equal(at_once, predictor.mutants(*asked, lambda share: None))


def test_a_module_for_another_thread_has_the_same_weights():
    module = nn.Sequential(conv(4, 6, 4), nn.ReLU())
    again = of_its_own(module)
    assert again is not module
    assert again[0] is not module[0]
    weights = zip(module.parameters(), again.parameters(), strict=True)
    assert all(one is other for one, other in weights)
    module[0].register_forward_hook(lambda *given: None)
    assert of_its_own(module) is None  # a hook may keep what it is given anywhere
