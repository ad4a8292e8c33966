"""The Dask cluster of a batch: processes of this machine, or any other by its address."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError, SeamError

if TYPE_CHECKING:
    from distributed import Client

# One thread a worker: results do not depend on how sums are split, and cores are shared evenly.
_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMBA")
ONE_THREAD = {
    **{f"{library}_NUM_THREADS": "1" for library in _LIBRARIES},
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


class WorkersLost(Exception):
    """No worker, or no scheduler, is there (any more)."""


@contextlib.contextmanager
def client_of(
    scheduler: str = "", *, workers: int = 0, host: str = "127.0.0.1", dashboard: str = ""
) -> Iterator[Client]:
    """A client of the cluster at `scheduler`, else of one started here and stopped afterwards.

    Parameters
    ----------
    scheduler : such as tcp://10.0.0.1:8786; empty: processes of this machine
    workers : number of processes; 0: one a GPU, or one a core where there are none
    host, dashboard : what scheduler and dashboard listen on; other machines see neither by default

    Raises `MissingPackageError` without `distributed`, `InputError` where an address cannot be
    listened on, `SeamError` where no scheduler answers, `WorkersLost` where workers of our own do
    not start.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingPackageError(
            f"batches need the package distributed: {install_command('batch')}"
        ) from error
    if scheduler:
        try:
            client = Client(scheduler, timeout=20)
        except (OSError, ValueError) as error:
            raise SeamError(f"--scheduler: no answer from {scheduler} ({error})") from error
        with client:
            yield client
        return
    _check_address("--host", host, 0)
    if dashboard:
        name, _, port = dashboard.rpartition(":")
        if not port.isdecimal():
            raise InputError("--dashboard", dashboard, "HOST:PORT, as 127.0.0.1:8787")
        _check_address("--dashboard", name, int(port))
    try:
        cluster = _local(workers, host, dashboard)
    except (RuntimeError, OSError, TimeoutError) as error:
        raise WorkersLost from error
    with cluster, Client(cluster, timeout=60) as client:
        yield client


def _check_address(option: str, host: str, port: int) -> None:
    """Raise `InputError` unless a socket of this machine can listen there; port 0: on any."""
    try:
        with socket.create_server((host.strip("[]"), port), family=_family(host)):
            pass
    except (OSError, OverflowError) as error:
        got = f"{host}:{port} ({error})" if port else f"{host} ({error})"
        raise InputError(option, got, "a free address of this machine") from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _local(workers: int, host: str, dashboard: str) -> Any:
    import dask
    from distributed import Nanny, Scheduler, SpecCluster

    # a worker that dies under a locus is replaced, and the locus is tried again elsewhere
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 10,
            "distributed.nanny.pre-spawn-environ": {
                **ONE_THREAD,
                "DASK_LOGGING__DISTRIBUTED": "critical",
            },
        }
    )
    gpus = count_gpus()
    number = workers or gpus or _cores()
    if number < 1:
        raise InputError("--workers", workers, "1 or more")
    specs = {}
    for index in range(number):
        environment = dict(ONE_THREAD)
        if gpus:
            environment["CUDA_VISIBLE_DEVICES"] = str(index % gpus)
        options = {"nthreads": 1, "host": host, "env": environment, "memory_limit": 0}
        specs[index] = {"cls": Nanny, "options": options}
    scheduler = {
        "cls": Scheduler,
        "options": {"host": host, "dashboard_address": dashboard or f"{host}:0"},
    }
    return SpecCluster(workers=specs, scheduler=scheduler, silence_logs="ERROR")


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
