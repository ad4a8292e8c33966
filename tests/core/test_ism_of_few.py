"""In-silico mutagenesis of few sequences by a Keras model: nothing is traced that does not pay."""

from __future__ import annotations

import numpy as np

from seam_core.attributer import Attributer
from seam_core.attributer.declared import Beside
from seam_core.frameworks.keras import KerasOracle, capabilities
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from tests.core.networks import random_letters, small_network


def test_whole_mutants_are_asked_for_where_tracing_takes_longer(monkeypatch):
    """Seven sequences are few; as rows of a large library, or in batches of a given size, not."""
    oracle, library = KerasOracle(small_network(), head="hk"), Library(random_letters(7))
    length, parameters = library.length, AttributerParameters(method="ism")
    held = oracle.capabilities.bytes_per_sequence(length)
    monkeypatch.setattr(capabilities, "WORTH_TRACING", 100 * 3 * length * held)
    large = Beside(Library(random_letters(100)), np.arange(7))
    attributer = Attributer(oracle, parameters)
    few, _ = attributer.run(library)
    beside, _ = attributer.run(library, beside=large)
    sized, _ = Attributer(oracle, parameters.replace(batch_size=7)).run(library)
    assert few.ran["whole_mutants"] is True
    assert beside.ran["whole_mutants"] is False
    assert sized.ran["whole_mutants"] is False
    np.testing.assert_allclose(few.maps, beside.maps, atol=2e-5)
    another = KerasOracle(small_network(), head="hk")
    strands, _ = Attributer(BothStrands(another, "ACGT"), parameters).run(library)
    assert strands.ran["whole_mutants"] is True


def test_jobs_of_few_that_come_one_after_another_are_many(monkeypatch):
    oracle = KerasOracle(small_network(), head="hk")
    attributer = Attributer(oracle, AttributerParameters(method="ism"))
    library = Library(random_letters(2))
    held = oracle.capabilities.bytes_per_sequence(library.length)
    monkeypatch.setattr(capabilities, "WORTH_TRACING", 5 * 3 * library.length * held)
    whole = [attributer.run(library)[0].ran["whole_mutants"] for _ in range(4)]
    assert whole == [True, True, False, False]
