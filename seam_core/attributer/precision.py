"""Gradients in bfloat16, where a trial shows that it pays."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from seam_core.attributer.declared import AttributionJob, Beside
from seam_core.attributer.methods import prepared, usual_batch
from seam_core.attributer.trials import seconds
from seam_core.oracles import Oracle
from seam_core.oracles.members import innermost
from seam_core.records import Library
from seam_core.registry import ATTRIBUTIONS
from seam_core.validate import OracleError, SeamError

BFLOAT16, FLOAT32 = "bfloat16", "float32"
# Maps of the library that are made both ways, and how much quicker half as many digits must be.
TRIED = 16
LEAST_GAIN = 1.6

log = logging.getLogger(__name__)


@contextmanager
def in_precision(job: AttributionJob) -> Iterator[AttributionJob]:
    """The job as it is to be done: in bfloat16 where that was asked for and pays.

    `job.ran` then has `precision`, what is used; `precision_said`, why, in a sentence; and, where
    it was tried, `precision_gain` and `precision_error`, see `_tried`.
    """
    settings = job.parameters
    uses = "precision" in ATTRIBUTIONS.get(settings.method).parameters
    if not uses or settings.precision == FLOAT32:
        yield job
        return
    found = job.once("precision", lambda: _tried(job))
    job.ran.update(found)
    if found["precision"] == FLOAT32:
        yield job
        return
    with _gradients_in_bfloat16(job.oracle):
        yield replace(job, half=True)


@contextmanager
def _gradients_in_bfloat16(oracle: Oracle) -> Iterator[None]:
    """While it lasts, the models' gradients are in bfloat16; `OracleError` where there are none."""
    with ExitStack() as stack:
        for model in innermost(oracle):
            enter = getattr(model, "in_bfloat16", None)
            if enter is None:
                raise OracleError("only Keras and PyTorch models have gradients in it")
            stack.enter_context(enter())
        yield


def _tried(job: AttributionJob) -> dict[str, Any]:
    """What is used, and what is said of it.

    Maps of some of the library's sequences are made both ways: by what is quickest in float32, and
    in bfloat16. Their mean distance, in parts of a map's size, is `precision_error`; how many times
    quicker they are there in bfloat16 is `precision_gain`.
    """
    whole = job.whole
    rows = np.unique(np.linspace(0, len(whole) - 1, TRIED).astype(int))
    few = Library(whole.sequences[rows], whole.alphabet, whole.reference)
    known = job.known if job.beside is None else job.beside.known
    small = replace(job, library=few, beside=Beside(whole, rows, known), scratch=None, ran={})
    try:
        with _gradients_in_bfloat16(job.oracle):
            maps, taken = _maps(replace(small, half=True))
    except SeamError as refusal:
        return _said(FLOAT32, f"Gradients are in float32, not in bfloat16: {refusal}")
    wanted, usual = _maps(small)
    sizes = np.linalg.norm(wanted, axis=(1, 2))
    gaps = np.linalg.norm(maps - wanted, axis=(1, 2))
    error = float(np.mean(gaps / np.where(sizes > 0, sizes, 1.0)))
    gain = usual / taken
    told = {"precision_gain": gain, "precision_error": error}
    made = (
        f"{len(rows)} maps took {taken:.3g} s in it and {usual:.3g} s in float32, from whose maps "
        f"they differ by {error:.2g} of their size"
    )
    if gain >= LEAST_GAIN:
        return _said(BFLOAT16, f"Gradients are in bfloat16: {made}", **told)
    why = f"{made}; it must be {LEAST_GAIN} times as fast"
    return _said(FLOAT32, f"Gradients are in float32, not in bfloat16: {why}", **told)


def _maps(job: AttributionJob) -> tuple[np.ndarray, float]:
    """(n, W, A) all of the job's, and the seconds they take once the model is warm."""
    settings, n, window = job.parameters, len(job.library), job.window
    size = settings.batch_size or usual_batch(settings.method, job.oracle, job.library.length)
    method = prepared(job)
    maps = np.empty((n, job.library.length, job.library.n_letters), np.float32)

    def make() -> None:
        for first in range(0, n, size):
            last = min(first + size, n)
            maps[first:last] = method(first, last, job.tick).maps

    method(0, 1, job.tick)
    taken = seconds(make)
    return maps[:, window.start : window.stop], taken


def _said(used: str, sentence: str, **told: float) -> dict[str, Any]:
    log.info("%s", sentence)
    return {"precision": used, "precision_said": sentence, **told}
