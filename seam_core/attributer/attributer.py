"""The Attributer: runs a method over a library, batch by batch."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from seam_core.attributer.batches import BatchMaps, side_by_side
from seam_core.attributer.declared import AttributionJob, Beside
from seam_core.attributer.journal import MapsInMemory, MapsOnDisk
from seam_core.attributer.methods import batches_at_once, prepared, usual_batch
from seam_core.attributer.precision import FLOAT32, in_precision
from seam_core.oracles import Oracle, check_fits, show
from seam_core.oracles.context import InContext
from seam_core.oracles.gaps import FilledTable
from seam_core.oracles.steady import check_answers, check_steady, drawn
from seam_core.parameters import AttributerParameters
from seam_core.progress import SILENT, Progress, Tick
from seam_core.records import AttributionMaps, Library
from seam_core.registry import ATTRIBUTIONS
from seam_core.sequences import UNKNOWN, encode, strings_to_indices
from seam_core.validate import InputError, OracleError, SeamError, check_finite, check_shape

MOST_IMPUTED = 0.75
"""Share of the maps' entries that may be estimated, where a table of measurements lacks them."""

# Predictions that differ by less than this share of the largest are taken as the same.
SAME = 1e-3
# Gradients of the first batch that are asked for before it is known whether a model answers alike.
SOON = 100


class Attributer:
    """One attribution map a sequence, by the method that the parameters name.

    Parameters
    ----------
    oracle : predicts; has a gradient for all methods but "ism"
    parameters : method and its options
    baselines : (L, A), (R, L, A) or, one a sequence, (N, L, A) float32; used where the baseline
        is "given", in place of the file
    """

    def __init__(
        self,
        oracle: Oracle,
        parameters: AttributerParameters | None = None,
        *,
        baselines: np.ndarray | None = None,
    ) -> None:
        self.oracle = oracle
        self.parameters = parameters or AttributerParameters()
        self.baselines = baselines

    def run(
        self,
        library: Library,
        *,
        out: Path | None = None,
        beside: Beside | None = None,
        progress: Progress = SILENT,
    ) -> tuple[AttributionMaps, np.ndarray]:
        """Maps and predictions of every sequence, in one pass.

        Parameters
        ----------
        library : N sequences of the length that the oracle takes, or a part of the context
        out : a .npy file that the maps are written to as they come. A run that was stopped goes
            on at the last finished batch when it is started again with the same `out`.
        beside : the library that these sequences are mapped beside, as if they were rows of it;
            not with `out`

        Returns
        -------
        maps : (N, W, A) float32; memory-mapped read-only where `out` is given
        predictions : (N,) float32

        Raises
        ------
        InputError
            A method that needs gradients with an oracle that has none; sequences of another
            length or alphabet, or with unknown letters; a window outside them; a baseline that
            does not fit.
        OracleError
            The oracle failed; names the batch. What was finished stays in `out`.
        """
        oracle = self._oracle(library)
        window = self._window(library)
        shape = (len(library), window.stop - window.start, library.n_letters)
        whole = library if beside is None else beside.library
        show(oracle, whole)
        # what a long sequence is refused for is told before the model is asked about it
        size = self.parameters.batch_size or self._batch(oracle, library)
        if not self._soon(library, size):  # else it is seen by the first maps
            check_steady(oracle, whole)
        imputed, told = self._imputed(library, window)
        job = AttributionJob(
            oracle,
            self.parameters,
            library,
            window,
            own=self.parameters.of(ATTRIBUTIONS.get(self.parameters.method)),
            baselines=self.baselines,
            tick=lambda share: progress.update(0, len(library), "precision tried"),
            beside=beside,
        )
        with in_precision(job) as job:
            store: MapsOnDisk | MapsInMemory = MapsInMemory(shape)
            if out is not None:
                store = MapsOnDisk(out, shape, self._fingerprint(job), window.start)
            try:
                self._fill(store, job, size, progress)
            finally:
                store.close()
        maps = store.complete()
        errors = store.records["error"].copy()
        known_errors = None if np.isnan(errors).all() else errors
        predictions = store.records["prediction"].copy()
        attribution = AttributionMaps(
            maps, window.start, self.parameters, known_errors, {**job.ran, **told}, imputed
        )
        return attribution, predictions

    def _batch(self, oracle: Oracle, library: Library) -> int:
        """Sequences at a time, in batches of about one size."""
        n = len(library)
        if n < 2:  # not worth a look at what memory it takes
            return 1
        most = usual_batch(self.parameters.method, oracle, library.length)
        return -(-n // -(-n // most))

    def _soon(self, library: Library, size: int) -> bool:
        """Is the first batch so soon there that it shows whether the model answers alike?"""
        record = ATTRIBUTIONS.get(self.parameters.method)
        if self.parameters.precision != FLOAT32:
            return False
        if record.calls is None or record.trial is not None:
            return False  # that is refused by what predictions show of the model
        calls = record.calls(self.parameters, library.length, library.n_letters)
        gradients = calls.gradients * min(size, len(library))
        return not calls.predictions and (calls.gradients == 1 or gradients <= SOON)

    @property
    def _measured(self) -> FilledTable | None:
        """The table of measurements whose sequences these are, where the oracle is one."""
        alone = isinstance(self.oracle, FilledTable) and not self.parameters.context
        return self.oracle if alone else None  # type: ignore[return-value]

    def _imputed(
        self, library: Library, window: range
    ) -> tuple[np.ndarray | None, dict[str, float]]:
        """Entries that a table of measurements lacks, (N, W, A) bool, and how good they are."""
        table = self._measured
        if table is None:
            return None, {}
        part = slice(window.start, window.stop)
        lacking = table.lacking(library.sequences)[:, part]
        if not lacking.any():
            return None, {}
        asked = int(table.designed[part].sum()) - len(window)
        share = float(lacking.sum() / (len(library) * asked))
        if share > MOST_IMPUTED:
            raise InputError(
                "model",
                f"a table that lacks {share:.0%} of the single substitutions of these sequences",
                f"one that lacks at most {MOST_IMPUTED:.0%} of what in-silico mutagenesis asks for",
                table.source,
            )
        return lacking, {"imputed": share, "imputed_r2": table.reliability()}

    def _fill(
        self,
        store: MapsOnDisk | MapsInMemory,
        job: AttributionJob,
        size: int,
        progress: Progress,
    ) -> None:
        """Write what is missing; `job.ran` then says how the method ran."""
        oracle, library, window = job.oracle, job.library, job.window
        report = _Report(progress, len(library), store.finished)
        report.at(store.finished)
        record = ATTRIBUTIONS.get(self.parameters.method)
        job = replace(job, scratch=store.scratch, tick=lambda share: report.at(store.finished))
        method = prepared(job)  # what is wrong with it is told before a disk that is too small
        store.begin()

        def computed(first: int) -> BatchMaps:
            last = min(first + size, len(library))
            with ATTRIBUTIONS.calling(record.name):
                batch = method(first, last, report.inside(first, last))
            shape = (last - first, library.length, library.n_letters)
            check_shape(batch.maps, shape, f"maps of {record.name}")
            check_finite(batch.maps, "attribution maps")
            return batch

        table = self._measured
        check_first = store.finished == 0 and self._soon(library, size)
        before = drawn(oracle) if check_first else None
        starts = range(store.finished, len(library), size)
        at_once = batches_at_once(self.parameters.method, oracle)
        try:
            with closing(side_by_side(computed, starts, at_once)) as batches:
                for batch in batches:
                    if check_first:
                        check_answers(oracle, library, batch.predictions, before)
                        check_first = False
                    if store.finished == 0 and record.needs_gradient:
                        _check_flow(record.name, batch)
                    maps = batch.maps[:, window.start : window.stop]
                    if table is not None:
                        maps = maps * table.designed[window.start : window.stop]
                    store.write(maps, batch.predictions, batch.error)
                    report.at(store.finished)
        except SeamError as error:
            first = store.finished
            last = min(first + size, len(library))
            raise OracleError(
                f"batch {first // size + 1} (sequences {first} to {last - 1}): {error}",
                store.records["prediction"][:first].copy(),
            ) from error

    def _oracle(self, library: Library) -> Oracle:
        """The oracle of sequences like the library's, after checking that they suit it."""
        oracle = oracle_of_sequences(self.oracle, self.parameters, library)
        check_fits(oracle, library)
        for first in range(0, len(library), 10_000):
            unknown = np.argwhere(library.sequences[first : first + 10_000] == UNKNOWN)
            if len(unknown):
                row, position = (int(i) for i in unknown[0])
                raise InputError(
                    "Sequence",
                    f"an unknown letter at position {position} of row {first + row}",
                    f"letters of the alphabet {library.alphabet} only",
                )
        return oracle

    def _window(self, library: Library) -> range:
        start = self.parameters.map_start or 0
        stop = library.length if self.parameters.map_stop is None else self.parameters.map_stop
        if not start < stop <= library.length:
            raise InputError(
                "map_start, map_stop",
                f"{start} to {stop}",
                f"a window within 0 to {library.length}",
            )
        return range(start, stop)

    def _fingerprint(self, job: AttributionJob) -> str:
        """What must be the same for a stopped run to go on: input, parameters, model, precision."""
        oracle, library, how = job.oracle, job.library, self.parameters.names_of_how()
        values = {k: v for k, v in self.parameters.to_dict().items() if k not in how}
        text = json.dumps(values, sort_keys=True)
        answers = oracle.predict(encode(library.sequences[:2], library.alphabet))
        # Not every digit: these may depend on the device and its number of threads.
        text += "".join(f" {value:.3g}" for value in answers)
        text += " in half precision" * job.half
        digest = hashlib.sha256(text.encode("utf-8"))
        digest.update(library.alphabet.encode("ascii"))
        digest.update(library.sequences.tobytes())
        if self.baselines is not None:
            digest.update(self.baselines.tobytes())
        return digest.hexdigest()


def oracle_of_sequences(
    oracle: Oracle, parameters: AttributerParameters, library: Library
) -> Oracle:
    """What answers sequences like the library's: the oracle, in the context that is named."""
    if not parameters.context:
        return oracle
    (context,) = strings_to_indices([parameters.context], library.alphabet, source="context")
    return InContext(oracle, context, parameters.context_start, library.length, library.alphabet)


def _check_flow(method: str, batch: BatchMaps) -> None:
    """Raise `InputError` for maps that are nothing, of sequences whose predictions are not one."""
    predictions = np.abs(batch.predictions).max(initial=0.0)
    if batch.maps.any() or np.ptp(batch.predictions) <= SAME * predictions:
        return
    got = (
        f"{method}, whose maps are zero everywhere, though predictions differ: a layer passes no "
        "gradient on (steps, whole numbers, quantised), or the head is saturated"
    )
    raise InputError("method", got, "--method ism, or --reduction logit of a probability")


class _Report:
    """Progress in sequences, with their number a second; batches may report from threads."""

    def __init__(self, progress: Progress, total: int, resumed_at: int) -> None:
        self._progress = progress
        self._total = total
        self._resumed_at = resumed_at
        self._began = time.monotonic()
        self._finished = resumed_at
        self._under_way: dict[int, float] = {}  # sequences done of the batch that starts there
        self._lock = threading.Lock()

    def at(self, finished: int) -> None:
        """All before `finished` are done and written."""
        with self._lock:
            self._finished = finished
            self._under_way = {k: v for k, v in self._under_way.items() if k >= finished}
            self._say()

    def inside(self, first: int, last: int) -> Tick:
        """For a method to say which share of a batch is done."""

        def tick(share: float) -> None:
            with self._lock:
                self._under_way[first] = share * (last - first)
                self._say()

        return tick

    def _say(self) -> None:
        done = self._finished + sum(self._under_way.values())
        seconds = time.monotonic() - self._began
        speed = (done - self._resumed_at) / seconds if seconds > 0 else 0.0
        message = f"attribution maps, {speed:,.1f} sequences/s" if speed else "attribution maps"
        self._progress.update(done, self._total, message)
