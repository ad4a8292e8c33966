"""The Dask cluster of a batch: processes of this machine, or any other by its address."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError, SeamError, first_line

if TYPE_CHECKING:
    from distributed import Client, Worker

# One thread a worker: results do not depend on how sums are split, and cores are shared evenly.
_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMBA")
ONE_THREAD = {
    **{f"{library}_NUM_THREADS": "1" for library in _LIBRARIES},
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


# messages that scheduler and workers keep for whoever looks for a fault in them
LOG_LENGTH = 100

# how long a scheduler may take to answer
CONNECT_S = 20


@dataclass(frozen=True)
class Cluster:
    """Where a batch runs.

    scheduler : such as tcp://10.0.0.1:8786; empty: processes of this machine
    workers : number of processes of this machine; 0: one a GPU, or one a core where there are none
    host, dashboard : what scheduler and dashboard listen on; other machines see neither by default
    patience_s : how long a scheduler's cluster may be gone or without a worker; 0: as long as it
        takes
    tls : files of the authorities' certificates, of one's own certificate and of its key, with
        which scheduler, workers and client encrypt and prove who they are; all "": in the clear
    """

    scheduler: str = ""
    workers: int = 0
    host: str = "127.0.0.1"
    dashboard: str = ""
    patience_s: float = 0.0
    tls: tuple[str, str, str] = ("", "", "")


class WorkersLost(Exception):
    """No worker, or no scheduler, is there (any more)."""


class NoWorkers(WorkersLost):
    """The scheduler is there, but no worker came in the time that was given."""


class NoScheduler(SeamError):
    """No scheduler answers at the address."""


@contextlib.contextmanager
def lost_connection() -> Iterator[None]:
    """Within it, whatever `distributed` raises for a lost scheduler becomes `WorkersLost`."""
    import asyncio
    from concurrent.futures import CancelledError

    try:
        yield
    except (OSError, TimeoutError, asyncio.TimeoutError, CancelledError, RuntimeError) as error:
        # RuntimeError: its event loop is closed
        raise WorkersLost(f"{type(error).__name__}: {error}") from error


@contextlib.contextmanager
def client_of(cluster: Cluster) -> Iterator[Client]:
    """A client of the cluster's scheduler, else of one started here and stopped afterwards.

    Raises `MissingPackageError` without `distributed`, `InputError` where an address cannot be
    listened on, `NoScheduler` where none answers, `WorkersLost` where workers of our own do not
    start.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingPackageError(
            f"batches need the package distributed: {install_command('batch')}"
        ) from error
    if cluster.scheduler:
        with _connected(Client, cluster.scheduler, security_of(cluster)) as client:
            yield client
        return
    _check_address("--host", cluster.host, 0)
    if cluster.dashboard:
        name, _, port = cluster.dashboard.rpartition(":")
        if not port.isdecimal():
            raise InputError("--dashboard", cluster.dashboard, "HOST:PORT, as 127.0.0.1:8787")
        _check_address("--dashboard", name, int(port))
        _check_bokeh()
    security = security_of(cluster)
    try:
        local = _local(cluster, security)
    except (RuntimeError, OSError, TimeoutError) as error:
        raise WorkersLost(str(error)) from error
    with local, Client(local, timeout=60, security=security) as client:
        yield client


def security_of(cluster: Cluster) -> Any:
    """`distributed.Security` of a cluster's certificates; None where it has none.

    Raises `InputError` for a file that is not there or is no certificate, for a part of the three,
    and for a tls:// scheduler without any.
    """
    options = ("--tls-ca", "--tls-cert", "--tls-key")
    if not any(cluster.tls):
        if cluster.scheduler.startswith("tls://"):
            raise InputError("--scheduler", cluster.scheduler, "--tls-ca, --tls-cert, --tls-key")
        return None
    for option, file in zip(options, cluster.tls, strict=True):
        if not Path(file).is_file():
            raise InputError(option, file or "nothing", "a .pem file; all three are needed")
    from distributed import Security

    ca, certificate, key = (str(Path(file).resolve()) for file in cluster.tls)
    pairs = {
        f"tls_{role}_{part}": file
        for role in ("client", "scheduler", "worker")
        for part, file in (("cert", certificate), ("key", key))
    }
    security = Security(tls_ca_file=ca, require_encryption=True, **pairs)
    try:
        security.get_connection_args("client")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        expected = "certificates in PEM that belong together"
        raise InputError("--tls-cert", first_line(error), expected, certificate) from error
    return security


def _check_bokeh() -> None:
    import importlib.util

    if importlib.util.find_spec("bokeh") is None:
        command = install_command("batch")
        raise MissingPackageError(f"--dashboard needs the package bokeh: {command}")


def without_profile(worker: Worker) -> None:
    """A worker that others started keeps no record of where its time goes (0.6 MB a second)."""

    def stop() -> None:
        for name in ("profile", "profile-cycle"):
            callback = worker.periodic_callbacks.pop(name, None)
            if callback is not None:
                callback.stop()
        worker.profile_history.clear()
        worker.profile_keys_history.clear()

    if "profile" in worker.periodic_callbacks:
        worker.loop.add_callback(stop)


@contextlib.contextmanager
def _connected(kind: Any, scheduler: str, security: Any) -> Iterator[Client]:
    try:
        client = kind(scheduler, timeout=CONNECT_S, security=security)
    except (OSError, ValueError) as error:
        raise NoScheduler(f"--scheduler: no answer from {scheduler} ({error})") from error
    try:
        yield client
    finally:
        with contextlib.suppress(WorkersLost), lost_connection():
            client.close(timeout=5)


def _check_address(option: str, host: str, port: int) -> None:
    """Raise `InputError` unless a socket of this machine can listen there; port 0: on any."""
    try:
        with socket.create_server((host.strip("[]"), port), family=_family(host)):
            pass
    except (OSError, OverflowError) as error:
        got = f"{host}:{port} ({error})" if port else f"{host} ({error})"
        raise InputError(option, got, "a free address of this machine") from error


def _check_semaphores() -> None:
    """Raise `SeamError` where this machine lets no process have a semaphore, so no worker start."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except OSError as error:
        raise SeamError(
            f"no worker can be started here: semaphores cannot be made ({error.strerror}); "
            "expected /dev/shm to be there and open for writing, as a container has with --ipc=host"
        ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _local(cluster: Cluster, security: Any) -> Any:
    import dask
    from distributed import Nanny, Scheduler, SpecCluster

    # a worker that dies under a locus is replaced, and the locus is tried again elsewhere
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 4,
            # what it notes for its developers grows by 0.6 MB a second, up to a thousand notes
            "distributed.worker.profile.enabled": False,
            "distributed.admin.low-level-log-length": LOG_LENGTH,
            "distributed.nanny.pre-spawn-environ": {
                **ONE_THREAD,
                "DASK_LOGGING__DISTRIBUTED": "critical",
            },
        }
    )
    _check_semaphores()
    gpus = count_gpus()
    number = cluster.workers or gpus or _cores()
    if number < 1:
        raise InputError("--workers", cluster.workers, "1 or more")
    shared = {"host": cluster.host, "security": security}
    if security is not None:
        shared["protocol"] = "tls"
    specs = {}
    for index in range(number):
        environment = dict(ONE_THREAD)
        if gpus:
            environment["CUDA_VISIBLE_DEVICES"] = str(index % gpus)
        options = {**shared, "nthreads": 1, "env": environment, "memory_limit": 0}
        specs[index] = {"cls": Nanny, "options": options}
    scheduler = {
        "cls": Scheduler,
        "options": {**shared, "dashboard_address": cluster.dashboard or f"{cluster.host}:0"},
    }
    return SpecCluster(workers=specs, scheduler=scheduler, security=security, silence_logs="ERROR")


def _cores() -> int:
    """Physical cores that this process may use."""
    import os

    import psutil

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(usable or 1, psutil.cpu_count(logical=False) or usable or 1))


def count_gpus() -> int:
    """GPUs that nvidia-smi lists; 0 where there is none."""
    if shutil.which("nvidia-smi") is None:
        return 0
    done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    return done.stdout.count("GPU ") if done.returncode == 0 else 0
