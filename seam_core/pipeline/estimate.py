"""How long the maps of a library take, measured on a few of its sequences."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from seam_core.attributer.declared import AttributionMethod, Calls
from seam_core.attributer.methods import batches_at_once, usual_batch
from seam_core.experiments.expected import of_all
from seam_core.experiments.questions import Measured
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import capabilities_of
from seam_core.oracles.check import OF_A_GRADIENT, measured_bytes, time_predictions
from seam_core.oracles.checked import ModelCheck, readable_seconds
from seam_core.oracles.patience import Patience
from seam_core.oracles.predict import show
from seam_core.oracles.resident import readable_growth
from seam_core.parameters import AttributerParameters, ExperimenterParameters
from seam_core.pipeline.config import RunConfig
from seam_core.progress import SILENT, PartOfProgress, Progress, readable_bytes, tell
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
    patience: Patience | None = None,
    progress: Progress = SILENT,
) -> float:
    """Seconds a map takes by the configuration's method, without what is done once for all.

    Maps of sequences like the library's are made: a first pair, after which models are loaded and
    compiled; then few, and more unless these took long. What both have in common, such as finding
    the nodes of a path, is not counted.

    Parameters
    ----------
    reference : (L,) int8; None: random sequences of the length that the oracle takes
    patience : few maps are made where these would take longer; None: as long as they take

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
    left_s = np.inf if patience is None else patience.left_s()
    if first > FEW * PATIENCE_S or first * FEW / 2 > left_s:
        return first / 2
    few = seconds(FEW, 0.2, 0.4)
    if few > min(PATIENCE_S, left_s * FEW / MORE):
        return few / FEW
    more = seconds(MORE, 0.4, 1.0)
    if more <= few:  # too quick to be told from what is done once
        return more / MORE
    return (more - few) / (MORE - FEW)


def estimate_row(
    config: RunConfig,
    oracle: Oracle,
    reference: np.ndarray | None,
    check: ModelCheck,
    *,
    patience: Patience | None = None,
    progress: Progress = SILENT,
) -> tuple[str, str]:
    """The method, and `seconds_per_map` in words, with the time for the library and the memory."""
    each = seconds_per_map(config, oracle, reference, patience=patience, progress=progress)
    n, total = check.n_sequences, readable_seconds(each * check.n_sequences)
    said = f"{each * 1e3:.3g} ms a map, about {total} for {n:,}"
    return config.attributer.method, said + _memory_of(config.attributer.method, oracle, check)


@dataclass(frozen=True)
class MemoryOfMaps:
    """Bytes that the maps of a library will take, and what they are made of.

    program : what it takes now, with the model's weights
    each : what a map of a sequence takes inside the model
    held : sequences that the model holds at once
    """

    program: int
    each: int
    held: int

    @property
    def total(self) -> int:
        """All of it, with the program's."""
        return self.program + self.held * self.each


def memory_of(method: str, oracle: Oracle, length: int, each: int | None) -> MemoryOfMaps | None:
    """What maps of sequences of `length` by a method will take; None where `each` is not known.

    each : bytes that a map of a sequence takes in the model
    """
    import psutil

    if not each:
        return None
    record = ATTRIBUTIONS.get(method)
    if record.held is None:
        held = usual_batch(method, oracle, length) * batches_at_once(method, oracle)
    else:
        held = record.held(oracle, length)
    return MemoryOfMaps(psutil.Process().memory_info().rss, each, held)


def _in_words(method: str, found: MemoryOfMaps, *, measured: bool) -> str:
    each = readable_growth(found.each) if measured else readable_bytes(found.each)
    return (
        f"about {readable_bytes(found.total)} for {method}: "
        f"the program {readable_bytes(found.program)}, a sequence {each}, {found.held} at once"
    )


def _memory_of(method: str, oracle: Oracle, check: ModelCheck) -> str:
    """The same behind the time of a method, in few words; "" where it is not known."""
    found = memory_of(method, oracle, check.input_shape[0], check.memory)
    return "" if found is None else f"; {readable_bytes(found.total)}, {found.held} at once"


def tell_memory(
    oracle: Oracle, how: AttributerParameters, library: Library, progress: Progress
) -> None:
    """Say what the maps of a library will take of the memory before the first is made.

    A model that does not say it is measured, as the check does.
    """
    from seam_core.attributer import oracle_of_sequences

    asked = oracle_of_sequences(oracle, how, library)
    each = capabilities_of(asked).bytes_per_sequence(library.length)
    measured = not each
    if measured:
        gradients = ATTRIBUTIONS.get(how.method).needs_gradient
        with suppress(SeamError):  # which the maps will tell
            show(asked, library)
            one = library.encode(0, 1)
            asked.predict(one)  # what the first answer alone takes is not a map's
            each = measured_bytes(asked, one, gradients=gradients)
    found = memory_of(how.method, asked, library.length, each)
    if found is not None:
        tell(progress, f"memory: {_in_words(how.method, found, measured=measured)}")


def experiments_row(
    seconds: float, n_sites: int, window: range, parameters: ExperimenterParameters
) -> tuple[str, str]:
    """What the experiments on so many sites will ask, and how long that may take.

    Parameters
    ----------
    seconds : of a prediction
    window : positions that sites may have
    """
    n = float(f"{of_all(n_sites, window, parameters):.2g}")
    said = f"about {n:,.0f} predictions for {n_sites} sites"
    return "experiments", f"{said}, {readable_seconds(n * seconds)} if asked call by call"


def tell_experiments(
    oracle: Oracle,
    library: Library,
    n_sites: int,
    window: range,
    parameters: ExperimenterParameters,
    progress: Progress,
) -> None:
    """Say what the experiments will ask before they do; of measured tables nothing."""
    if isinstance(oracle, Measured):
        return
    pair = library.encode(0, 1).repeat(2, axis=0)
    seconds, _ = time_predictions(oracle, pair)
    tell(progress, ": ".join(experiments_row(seconds, n_sites, window, parameters)))


def rows_by_method(
    check: ModelCheck,
    parameters: AttributerParameters,
    oracle: Oracle,
    patience: Patience,
    *,
    only: str = "",
) -> Iterator[tuple[str, str]]:
    """(method, what a map takes) by each method that says what it asks of the model; or why the
    method refuses this model.

    From the seconds of a prediction and of a gradient, without what a method saves; and the memory.

    Parameters
    ----------
    only : the one method, which is not asked whether it refuses; else methods are, as time allows
    """
    for record in ATTRIBUTIONS:
        asked = _calls(record.name, check, parameters)
        if asked is None or record.name != (only or record.name):
            continue
        # of two sequences and two references
        tries = not only and patience.suffices(4 * np.nan_to_num(_seconds_of_a_gradient(check)))
        tried = record.trial is None or tries
        refusal = _refusal(record, bool(asked.gradients), check, oracle) if tried else ""
        each = seconds_by_calls(record.name, check, parameters)
        if refusal:
            yield record.name, refusal
        elif np.isfinite(each):
            took = f"{each * 1e3:.3g} ms" if each < 1 else readable_seconds(each)
            total = f"{readable_seconds(each * check.n_sequences)} for {check.n_sequences:,}"
            note = "" if tried else f"; not tried, --method {record.name} tells whether it can"
            takes = _memory_of(record.name, oracle, check)
            yield record.name, f"{_asked_in_words(asked)}, {took} a map, {total}{takes}{note}"


def seconds_by_calls(method: str, check: ModelCheck, parameters: AttributerParameters) -> float:
    """Seconds that a map takes call by call; NaN where that is not known."""
    asked = _calls(method, check, parameters) or Calls()
    took = (asked.predictions, check.predict_s), (asked.gradients, _seconds_of_a_gradient(check))
    return sum(n * seconds for n, seconds in took if n) or float("nan")


def _calls(method: str, check: ModelCheck, parameters: AttributerParameters) -> Calls | None:
    calls = ATTRIBUTIONS.get(method).calls
    return None if calls is None else calls(parameters, *check.input_shape)


def _seconds_of_a_gradient(check: ModelCheck) -> float:
    """As measured, else from a prediction."""
    known = not np.isnan(check.gradient_s) or "gradient" not in check.unasked
    return check.gradient_s if known else OF_A_GRADIENT * check.predict_s


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
