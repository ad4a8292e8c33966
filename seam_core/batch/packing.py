"""Which parts of a batch a shard has, and their packing as loci come to an end."""

from __future__ import annotations

import contextlib
from pathlib import Path

from seam_core.batch.mirror import Mirror
from seam_core.batch.parts import loci_in_a_part, manifests_of, pack, parts_of, unpack
from seam_core.batch.worker import Job
from seam_core.validate import InputError


def name_of_shard(shard: tuple[int, int]) -> str:
    """What files of a shard are called; "" for the whole batch."""
    return "" if shard[1] == 1 else f"{shard[0]}-of-{shard[1]}"


class Packing:
    """Packs the parts of a batch, each when the last of its loci came to an end.

    jobs, numbers : those of the shard, and its parts; a shard has whole parts
    mirror : where the parts are sent, if they are
    """

    def __init__(
        self, out: Path, jobs: list[Job], shard: tuple[int, int], mirror: Mirror | None = None
    ) -> None:
        size = loci_in_a_part(len(jobs))
        numbers = range(shard[0] - 1, -(-len(jobs) // size), shard[1])
        own = {number: jobs[number * size : (number + 1) * size] for number in numbers}
        self.out, self.shard, self._mirror = out, name_of_shard(shard), mirror
        self.jobs = [job for part in own.values() for job in part]
        self._wanted = {
            number: {job.locus.name: job.fingerprint for job in part if not job.locus.error}
            for number, part in own.items()
        }
        self.numbers = list(own)
        self._part_of = {name: number for number, part in self._wanted.items() for name in part}
        self._left: dict[int, set[str]] = {}
        for number, folder in parts_of(out).items():
            if number % shard[1] == shard[0] - 1:
                self._check(number, folder)

    def _check(self, number: int, folder: Path) -> None:
        """A part of another list of loci: its loci are kept, and go where they belong."""
        with contextlib.suppress(InputError):
            names = manifests_of(folder, ("locus",))["locus"].to_pylist()
            if not set(names) <= set(self._wanted.get(number, ())):
                unpack(self.out, number)

    def wait_for(self, todo: list[Job]) -> None:
        """Pack what is complete now; the others when the last of `todo` in them has ended."""
        for job in todo:
            self._left.setdefault(self._part_of[job.locus.name], set()).add(job.locus.name)
        for number in self._wanted:
            if number not in self._left:
                self._pack(number)

    def ended(self, job: Job) -> None:
        """A locus of `todo` was done, or failed."""
        number = self._part_of[job.locus.name]
        self._left[number].discard(job.locus.name)
        if not self._left[number]:
            self._pack(number)

    def _pack(self, number: int) -> None:
        pack(self.out, number, self._wanted[number])
        if self._mirror is not None:
            self._mirror.put_part(number)
