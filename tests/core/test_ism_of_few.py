"""In-silico mutagenesis of few sequences by a Keras model: nothing is traced that does not pay."""

from __future__ import annotations

import numpy as np

from seam_core.attributer import Attributer, ism
from seam_core.attributer.declared import Beside
from seam_core.frameworks.keras import KerasOracle
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from tests.core.networks import random_letters, small_network


def test_whole_mutants_are_asked_for_where_tracing_takes_longer(monkeypatch):
    """Seven sequences are few; as rows of a large library, or in batches of a given size, not."""
    oracle, library = KerasOracle(small_network(), head="hk"), Library(random_letters(7))
    length, parameters = library.length, AttributerParameters(method="ism")
    held = oracle.capabilities.bytes_per_sequence(length)
    monkeypatch.setattr(ism, "WORTH_TRACING", 100 * 3 * length * held)
    large = Beside(Library(random_letters(100)), np.arange(7))
    attributer = Attributer(oracle, parameters)
    few, _ = attributer.run(library)
    beside, _ = attributer.run(library, beside=large)
    sized, _ = Attributer(oracle, parameters.replace(batch_size=7)).run(library)
    assert few.ran["whole_mutants"] is True
    assert beside.ran["whole_mutants"] is False
    assert sized.ran["whole_mutants"] is False
    np.testing.assert_allclose(few.maps, beside.maps, atol=2e-5)
    strands, _ = Attributer(BothStrands(oracle, "ACGT"), parameters).run(library)
    assert strands.ran["whole_mutants"] is True
