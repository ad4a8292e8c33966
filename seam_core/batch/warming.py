"""What the first locus of a worker would wait for is done before the worker is given one.

Importing a framework, loading the model and tracing it take seconds, in which another worker can do
the locus; and a limit of time is for the locus alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core import pipeline
from seam_core.batch.cluster import WorkersLost
from seam_core.batch.inputs import difference, software
from seam_core.batch.worker import Job, NotHere, config_of, oracle_of, reproducible
from seam_core.oracles import FunctionOracle, Oracle
from seam_core.oracles.capabilities import capabilities_of
from seam_core.oracles.objects import OBJECT
from seam_core.parameters import AttributerParameters, MutagenizerParameters
from seam_core.pipeline import RunConfig
from seam_core.sequences import DNA, encode, strings_to_indices
from seam_core.validate import SeamError

if TYPE_CHECKING:
    from distributed import Client

# How long the client waits for workers that get ready. A worker waits less, as one that has not
# started within its --death-timeout (60 s where dask-jobqueue starts it) ends: a model that takes
# longer to load is waited for by the first locus.
MOST_S, START_S = 120.0, 20.0
_getting_ready = threading.Lock()
LEAVE_S = 5.0


@contextlib.contextmanager
def warmed(client: Client, job: Any) -> Iterator[None]:
    """Within it, workers get ready for jobs like this one, also those that come later."""
    name, there = f"seam-{job.fingerprint[:16]}", True
    plugin = _plugin(pickle.dumps(job))
    _within(MOST_S, lambda: client.register_plugin(plugin, name=name))
    try:
        yield
    except WorkersLost:
        there = False  # with its scheduler the plugin is gone
        raise
    finally:
        if there:
            _within(LEAVE_S, lambda: client.unregister_worker_plugin(name))


def _within(seconds: float, do: Callable[[], object]) -> None:
    """Do it, but do not wait for a worker that answers no more."""

    def in_silence() -> None:
        with contextlib.suppress(Exception):  # what a worker cannot do, its loci say
            do()

    thread = threading.Thread(target=in_silence, daemon=True)
    thread.start()
    thread.join(seconds)


def _plugin(packed: bytes) -> Any:
    """A plugin whose class travels with it, since a worker of others may lack this product."""
    from distributed import WorkerPlugin

    class Warming(WorkerPlugin):
        async def setup(self, worker: Any) -> None:
            try:
                from seam_core.batch.warming import in_time
            except ImportError:
                return
            await in_time(packed)

    return Warming()


async def in_time(packed: bytes) -> None:
    """Get ready, in a thread; a worker does not wait longer than `START_S` for that."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(loop.run_in_executor(None, get_ready, packed), START_S)


def wait_until_ready() -> None:
    """Until this process is ready, before the time of its first locus begins; `MOST_S` at most."""
    if _getting_ready.acquire(timeout=MOST_S):
        _getting_ready.release()


def get_ready(packed: bytes) -> None:
    """Import, load and trace what a job needs; whatever goes wrong is left to its locus to say.

    One process of a nanny's tries it: a model that ends its process must not do so for ever.
    """
    with _getting_ready, contextlib.suppress(Exception):
        job: Job = pickle.loads(packed)
        mark = _mark(job)
        if (job.software and difference(job.software, software())) or mark.exists():
            return
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        try:
            config = config_of(job)
            for step in (_rehearse, partial(_load, job.locus.sequence)):
                with contextlib.suppress(SeamError, NotHere, OSError, ArithmeticError, ValueError):
                    step(config)
        finally:
            mark.unlink(missing_ok=True)


def _mark(job: Job) -> Path:
    name = f"{job.settings_sum[:16]}-{os.getppid()}"
    return Path(tempfile.gettempdir()) / "seam-loci" / f".{name}.warming"


def _rehearse(config: RunConfig) -> None:
    """Run the stages on what asks no model: their imports are seconds of a first locus's time."""
    letters = "".join(np.random.default_rng(0).choice(list(DNA), 40))
    small = RunConfig(
        oracle=config.oracle,
        sequence=letters,
        mutagenizer=MutagenizerParameters(n_sequences=60),
        attributer=AttributerParameters(method="ism"),
        clusterer=config.clusterer.replace(n_clusters=4),
    )
    pipeline.run(reproducible(small), oracle=FunctionOracle(_gc))


def _gc(one_hot: np.ndarray) -> np.ndarray:
    return np.asarray(one_hot[:, :, 1:3].sum(axis=(1, 2)), dtype=np.float32)


def _load(sequence: str, config: RunConfig) -> None:
    """The model, traced where it is a file that takes sequences as they are."""
    oracle = oracle_of(config)
    if not OBJECT.match(config.oracle.model) and not config.attributer.context:
        _trace(oracle, sequence, config.oracle.alphabet)


def _trace(oracle: Oracle, sequence: str, alphabet: str) -> None:
    one_hot = encode(np.repeat(strings_to_indices([sequence], alphabet), 2, axis=0), alphabet)
    oracle.predict(one_hot)
    gradient = capabilities_of(oracle).gradient
    if gradient is not None:
        gradient(one_hot)
