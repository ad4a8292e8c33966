"""Sessions of planted oracles, small and made once, to project other sequences into."""

from __future__ import annotations

import functools

from seam_core import pipeline
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    IdentifierParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.sequences import indices_to_strings
from tests.planted_kinds import make


@functools.cache
def analysed(kind: str, seed: int = 0, n: int = 800, embedding: str = "pca", n_clusters: int = 12):
    """The planted oracle, and the session of a run on it, sites tested."""
    made = make(kind, seed)
    (letters,) = indices_to_strings(made.reference[None], made.alphabet)
    config = pipeline.RunConfig(
        name=kind,
        oracle=OracleParameters(model="tests.planted_kinds:make", alphabet=made.alphabet),
        sequence=letters,
        mutagenizer=MutagenizerParameters(n_sequences=n, mutation_rate=0.08),
        attributer=AttributerParameters(method="ism"),
        clusterer=ClustererParameters(embedding=embedding, n_clusters=n_clusters),
        identifier=IdentifierParameters(n_bootstrap=0),
    )
    return made, pipeline.run(config, oracle=made)
