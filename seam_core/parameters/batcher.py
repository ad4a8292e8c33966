"""Parameters of a batch: where it runs, what a locus may take, which part of it is done."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter
from seam_core.validate import InputError

_SHARD = re.compile(r"(\d+)/(\d+)")

# what does nothing beside a scheduler that others started, and without one
OF_ONE_MACHINE = ("workers", "host", "dashboard")
OF_SCHEDULER = ("wait",)


@dataclass(frozen=True)
class BatchParameters(Parameters):
    """How a batch goes; nothing here changes what comes out at a locus."""

    workers: int = parameter(
        0, "Processes of this machine (0: one a core, or one a GPU)", low=0, high=4096
    )
    scheduler: str = parameter(
        "", "Address of a Dask scheduler, such as tcp://host:8786 (empty: this machine)"
    )
    wait: float = parameter(
        0.0,
        "How long the scheduler's cluster may be gone or without a worker (0: as long as it takes)",
        low=0.0,
        unit="s",
    )
    host: str = parameter("127.0.0.1", "What a scheduler of this machine listens on")
    dashboard: str = parameter("", "HOST:PORT that its dashboard listens on (empty: none)")
    tls_ca: str = parameter(
        "", "Encrypt the cluster: certificates (.pem) of who is trusted", kind="path"
    )
    tls_cert: str = parameter(
        "", "Encrypt the cluster: certificate (.pem) of this user", kind="path"
    )
    tls_key: str = parameter("", "Encrypt the cluster: its private key (.pem)", kind="path")
    time_limit: float = parameter(
        0.0, "A locus that takes longer is ended (0: no limit)", low=0.0, unit="s"
    )
    memory_limit: float = parameter(
        0.0, "A locus that takes more is ended (0: no limit)", low=0.0, unit="MB"
    )
    shard: str = parameter(
        "1/1",
        "I/N: only each N-th part of the loci (one locus each up to 1,000 loci, then 10, 100) from "
        "the I-th on; then --collect writes the tables",
    )
    stage: str = parameter(
        "",
        "Folder of this machine in which results for a remote --out are put together (empty: one "
        "in the temporary folder)",
        kind="path",
    )
    fail_on: str = parameter(
        "all", "End with an error where any locus failed, or where all did", choices=("all", "any")
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        number, of = self.part
        if not 1 <= number <= of:
            raise InputError("--shard", self.shard, "I/N with I from 1 to N, as 3/20")

    @property
    def part(self) -> tuple[int, int]:
        """The shard as numbers."""
        match = _SHARD.fullmatch(self.shard.strip())
        if match is None:
            raise InputError("--shard", repr(self.shard), "I/N, as 3/20")
        return int(match[1]), int(match[2])

    @property
    def idle(self) -> tuple[str, ...]:
        """Names of those that do nothing beside the others."""
        return OF_ONE_MACHINE if self.scheduler else OF_SCHEDULER

    @property
    def tls(self) -> tuple[str, str, str]:
        """Files of authorities, certificate and key."""
        return self.tls_ca, self.tls_cert, self.tls_key
