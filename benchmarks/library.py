"""Libraries and tables, beside squid-nn and seam-nn."""

from __future__ import annotations

import os

import numpy as np

from benchmarks.data import eve_window
from benchmarks.runner import Action, Benchmark

RATE = 0.1


def _reference() -> np.ndarray:
    from seam_core.sequences import strings_to_indices

    return strings_to_indices([eve_window()])[0]


def our_mutagenizer(n: int) -> Action:
    """A local library of n sequences, 249 nt, 10 %."""
    from seam_core.mutagenizer import Mutagenizer
    from seam_core.parameters import MutagenizerParameters

    reference = _reference()
    stage = Mutagenizer(MutagenizerParameters(n_sequences=n, mutation_rate=RATE))

    def action() -> None:
        stage.run(reference)

    Mutagenizer(MutagenizerParameters(n_sequences=10)).run(reference)
    return action


def peer_mutagenizer(n: int) -> Action:
    """The same by squid-nn, its progress bars off."""
    os.environ["TQDM_DISABLE"] = "1"
    from squid.mutagenizer import RandomMutagenesis

    from seam_core.sequences import one_hot

    reference = one_hot(_reference()[None])[0]

    def action() -> None:
        RandomMutagenesis(mut_rate=RATE, seed=0)(reference, n)

    return action


def our_compiler(n: int) -> Action:
    """The table with its sequences as text, as exported."""
    from seam_core.compiler import Compiler, exported_frame
    from seam_core.records import Library

    sequences, reference, predictions = _inputs(n)
    library = Library(sequences, reference=reference, predictions=predictions)

    def action() -> None:
        exported_frame(library, Compiler().run(library))

    action()
    return action


def peer_compiler(n: int) -> Action:
    """The same by seam-nn, from the one-hot that it takes, its progress bars off."""
    os.environ["TQDM_DISABLE"] = "1"
    from contextlib import redirect_stdout
    from io import StringIO

    from seam import Compiler

    from seam_core.sequences import one_hot

    sequences, reference, predictions = _inputs(n)
    encoded = one_hot(sequences, dtype=np.uint8)
    encoded_reference = one_hot(reference[None], dtype=np.uint8)

    def action() -> None:
        with redirect_stdout(StringIO()):
            Compiler(encoded, predictions[:, None], x_ref=encoded_reference).compile()

    return action


def _inputs(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from seam_core.mutagenizer import Mutagenizer
    from seam_core.parameters import MutagenizerParameters

    reference = _reference()
    parameters = MutagenizerParameters(n_sequences=n, mutation_rate=RATE)
    sequences = Mutagenizer(parameters).run(reference).sequences
    predictions = np.random.default_rng(0).normal(size=n).astype(np.float32)
    return sequences, reference, predictions


BENCHMARKS: dict[str, Benchmark] = {
    "mutagenizer": Benchmark(our_mutagenizer, peer_mutagenizer, default_n=100_000, repeats=3),
    "compiler": Benchmark(our_compiler, peer_compiler, default_n=100_000, repeats=3),
}
