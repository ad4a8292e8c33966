"""How long the maps of a library take, measured on a few of its sequences."""

from __future__ import annotations

import time

import numpy as np

from seam_core.attributer.declared import AttributionMethod, Calls
from seam_core.oracles import Oracle
from seam_core.oracles.check import ModelCheck, readable_seconds
from seam_core.parameters import AttributerParameters
from seam_core.pipeline.config import RunConfig
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.records import Library
from seam_core.registry import ATTRIBUTIONS
from seam_core.validate import InputError, SeamError

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


def lines_by_method(
    check: ModelCheck, parameters: AttributerParameters, oracle: Oracle
) -> list[str]:
    """What a map takes by each method that says what it asks of the model, a line each; or why the
    method refuses this model.

    From the seconds of a prediction and of a gradient, without what a method saves.
    """
    length, letters = check.input_shape
    rows = []
    for record in ATTRIBUTIONS:
        asked = None if record.calls is None else record.calls(parameters, length, letters)
        if asked is None:
            continue
        if refusal := _refusal(record, bool(asked.gradients), check, oracle):
            rows.append((record.name, refusal, "", ""))
            continue
        asked_for = (asked.predictions, check.predict_s), (asked.gradients, check.gradient_s)
        each = sum(n * seconds for n, seconds in asked_for if n)
        if np.isfinite(each):
            total = f"{readable_seconds(each * check.n_sequences)} for {check.n_sequences:,}"
            took = f"{each * 1e3:.3g} ms" if each < 1 else readable_seconds(each)
            rows.append((record.name, _asked_in_words(asked), took, total))
    if not rows:
        return []
    timed = [row for row in rows if row[2]]  # sentences of refusal are as long as they are
    widths = [
        max((len(row[k]) for row in of), default=0) for k, of in enumerate((rows, timed, timed))
    ]
    lines = [
        f"  {name:<{widths[0]}}  {asks:<{widths[1]}}  {each:>{widths[2]}}  {total}".rstrip()
        for name, asks, each, total in rows
    ]
    return ["a map by method, asked call by call (--method NAME measures what it takes):", *lines]


def _refusal(
    record: AttributionMethod, asks_gradients: bool, check: ModelCheck, oracle: Oracle
) -> str:
    """Why a method cannot map a model, from what it says itself; "" where it can."""
    if asks_gradients and check.has_gradient is False:
        return "needs a gradient"
    if record.trial is None or check.asked is None:
        return ""
    try:
        with ATTRIBUTIONS.calling(record.name):
            record.trial(oracle, check.asked)
    except SeamError as error:
        return f"refused: {error}"
    return ""


def _asked_in_words(asked: Calls) -> str:
    said = ((asked.predictions, "prediction"), (asked.gradients, "gradient"))
    return ", ".join(f"{n:,} {noun}{'' if n == 1 else 's'}" for n, noun in said if n)


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
