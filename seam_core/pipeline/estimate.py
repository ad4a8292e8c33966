"""How long the maps of a library take, measured on a few of its sequences."""

from __future__ import annotations

import time

import numpy as np

from seam_core.oracles import Oracle
from seam_core.oracles.check import readable_seconds
from seam_core.pipeline.config import RunConfig
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import Library
from seam_core.validate import InputError

FEW, MORE = 16, 80
# Seconds that the few may take for more of them to be tried.
PATIENCE_S = 3.0


def seconds_per_map(
    config: RunConfig,
    oracle: Oracle,
    reference: np.ndarray | None,
    *,
    progress: Progress = SILENT,
) -> float:
    """Seconds a map takes by the configuration's method, without what is done once for all.

    Maps of sequences like the library's are made: a first pair, after which models are loaded and
    compiled; then few, and more unless these took long. What both have in common, such as finding
    the nodes of a path, is not counted.

    Parameters
    ----------
    reference : (L,) int8; None: random sequences of the length that the oracle takes

    Raises
    ------
    InputError, OracleError
        As the run itself would.
    """
    from seam_core.attributer import Attributer

    library = _sequences(config, oracle, reference)
    attributer = Attributer(oracle, config.attributer.replace(map_flank=None))

    def seconds(n: int, start: float, stop: float) -> float:
        part = PartOfProgress(progress, start, stop, "maps timed")
        began = time.perf_counter()
        attributer.run(Library(library.sequences[:n], library.alphabet), progress=part)
        return time.perf_counter() - began

    first = seconds(2, 0.0, 0.2)
    if first > FEW * PATIENCE_S:
        return first / 2
    few = seconds(FEW, 0.2, 0.4)
    if few > PATIENCE_S:
        return few / FEW
    more = seconds(MORE, 0.4, 1.0)
    if more <= few:  # too quick to be told from what is done once
        return more / MORE
    return (more - few) / (MORE - FEW)


def estimate_line(
    config: RunConfig,
    oracle: Oracle,
    reference: np.ndarray | None,
    n: int,
    *,
    progress: Progress = SILENT,
) -> str:
    """`seconds_per_map` in words, with the time for `n` of them."""
    each = seconds_per_map(config, oracle, reference, progress=progress)
    return (
        f"{config.attributer.method}: {each * 1e3:.3g} ms a map, "
        f"about {readable_seconds(each * n)} for {n:,}"
    )


def _sequences(config: RunConfig, oracle: Oracle, reference: np.ndarray | None) -> Library:
    from seam_core.mutagenizer import Mutagenizer

    settings, alphabet = config.mutagenizer, config.oracle.alphabet
    if reference is None:
        length = oracle.length or settings.sequence_length
        if length is None:
            raise InputError("length", "nothing", "a reference: the model takes any length")
        rng = np.random.default_rng(settings.seed)
        return Library(rng.integers(0, len(alphabet), (MORE, length), dtype=np.int8), alphabet)
    kind = "two_hot" if settings.library == "two_hot" else "local"
    parameters = settings.replace(library=kind, n_sequences=MORE)
    return Mutagenizer(parameters).run(reference, alphabet=alphabet)
