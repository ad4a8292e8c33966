"""Results of a batch at a remote place, `s3://`, `gs://`: put together here, sent part by part.

A part goes whole or not at all: its manifests, without which no reader sees it, are sent last and
taken away first. `batch.json` is there only while all that is there belongs together.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from seam_core.batch.listing import BATCH, LIST, write_about
from seam_core.batch.log import log_file
from seam_core.batch.parts import MANIFESTS, PARTS, part_folder
from seam_core.exports.files import replacing
from seam_core.locks import resolved
from seam_core.readers.remote import is_remote, place_of, reaching

LOGS = "logs"
_FIELD, _EXPECTED = "--out", "a place that can be read and written"


def folder_of(out: Path | str, stage: str = "") -> Path:
    """The folder of this machine in which the results for `out` are put together.

    stage : that of a remote `out`; "": one in the temporary folder
    """
    address = str(out)
    if not is_remote(address):
        return resolved(out)
    name = f"seam-batch-{hashlib.sha256(address.encode()).hexdigest()[:12]}"
    return resolved(stage or Path(tempfile.gettempdir()) / name)


class Mirror:
    """What lies at `address`, and the batch's folder here, which is brought there.

    All methods raise `InputError` where the place cannot be reached; what is in `folder` stays.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address.rstrip("/"), folder
        self._system, self._root = place_of(self.address, _FIELD)

    def fetch(self) -> None:
        """Bring here what is whole there and is not here yet."""
        with self._reaching():
            for path in self._names(PARTS):
                local = self.folder / PARTS / path.rsplit("/", 1)[-1]
                if not (local / MANIFESTS).is_file() and self._system.exists(f"{path}/{MANIFESTS}"):
                    self._get_part(path, local)
            for path in self._names(LOGS):
                name = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
                self._get(path, log_file(self.folder, "" if name == "whole" else name))
            if self._system.exists(f"{self._root}/{LIST}") and not (self.folder / BATCH).is_file():
                self._get(f"{self._root}/{LIST}", self.folder / LIST)
                write_about(self.folder)

    def begin(self) -> None:
        """What is there is being changed: it is no finished batch now."""
        with self._reaching():
            self._remove(BATCH)
            self._put(self.folder / LIST, LIST)

    def put_part(self, number: int) -> None:
        """Send a part as it is here, or take it away where it is not here any more."""
        folder = part_folder(self.folder, number)
        where = f"{PARTS}/{folder.name}"
        manifests = folder / MANIFESTS
        with self._reaching():
            here = manifests.read_bytes() if manifests.is_file() else None
            if here is not None and self._bytes(f"{where}/{MANIFESTS}") == here:
                return
            for name in (MANIFESTS, *self._files_of(where)):
                self._remove(f"{where}/{name}")
            if here is not None:
                tables = sorted(path for path in folder.iterdir() if path != manifests)
                for path in (*tables, manifests):
                    self._put(path, f"{where}/{path.name}")

    def put_log(self, shard: str) -> None:
        """Send the log of the batch, or of a shard, in which the errors are."""
        log = log_file(self.folder, shard)
        if log.is_file():
            with self._reaching():
                self._put(log, f"{LOGS}/{shard or 'whole'}.jsonl")

    def finish(self) -> None:
        """Send the tables over all loci, then `batch.json`."""
        with self._reaching():
            self._remove(BATCH)
            for path in sorted(self.folder.iterdir()):
                if path.is_file() and path.name != BATCH and not path.name.startswith("."):
                    self._put(path, path.name)
            self._put(self.folder / BATCH, BATCH)

    def is_finished(self) -> bool:
        """True where what is there is a finished batch of the loci that are listed here."""
        with self._reaching():
            same = self._bytes(LIST) == (self.folder / LIST).read_bytes()
            return same and self._bytes(BATCH) == (self.folder / BATCH).read_bytes()

    def _reaching(self) -> Any:
        return reaching(self.address, _FIELD, _EXPECTED)

    def _names(self, below: str) -> list[str]:
        where = f"{self._root}/{below}"
        self._system.invalidate_cache()
        return sorted(self._system.ls(where, detail=False)) if self._system.exists(where) else []

    def _files_of(self, where: str) -> list[str]:
        return [path.rsplit("/", 1)[-1] for path in self._names(where)]

    def _bytes(self, name: str) -> bytes | None:
        try:
            return bytes(self._system.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return None

    def _put(self, path: Path, name: str) -> None:
        target = f"{self._root}/{name}"
        self._system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        self._system.put_file(str(path), target)

    def _remove(self, name: str) -> None:
        try:
            self._system.rm_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return

    def _get(self, path: str, target: Path) -> None:
        if target.is_file():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target, what="batch") as partial:
            self._system.get_file(path, str(partial))

    def _get_part(self, path: str, local: Path) -> None:
        names = [each.rsplit("/", 1)[-1] for each in self._system.ls(path, detail=False)]
        for name in sorted(names, key=lambda name: name == MANIFESTS):  # the manifests last
            self._get(f"{path}/{name}", local / name)


def mirror_of(out: Path | str, folder: Path) -> Mirror | None:
    """The mirror of a remote `out`, what is there brought into `folder`; None for a folder.

    Raises `InputError` and `MissingPackageError` where the place cannot be reached.
    """
    if not is_remote(str(out)):
        return None
    mirror = Mirror(str(out), folder)
    mirror.fetch()
    return mirror
