"""A session as a folder: arrays in `.npy` files, tables in Parquet, the rest in `manifest.json`.

The folder is written whole or not at all, nothing in it is pickled, and arrays are memory-mapped
when it is opened. `summary.json` repeats the findings for people and scripts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from seam_core import __version__, mapping
from seam_core.intervals import parse_interval
from seam_core.locks import claim, lock_file, resolved
from seam_core.parameters import OracleParameters
from seam_core.product import NAME
from seam_core.progress import SILENT, Progress
from seam_core.readers.settings import read_json
from seam_core.records import Provenance
from seam_core.session import Session
from seam_core.session_files import FORMAT, MANIFEST, SUMMARY, files_of, own_files
from seam_core.store.check import check_records
from seam_core.store.encode import RECORDS, check_sum, decode, encode
from seam_core.store.files import check_writable, file_of, place
from seam_core.store.summary import summary
from seam_core.store.swap import folder_written_whole, previous, recover
from seam_core.validate import InputError, check_finite

FORMAT_VERSION = 1

# A session that is replaced all the time is tried so often; its writers are kept off after a few.
_TRIES = 20
_FREE_TRIES = 3
_BETWEEN_TRIES_S = 0.01
_LONGEST_SAVE_S = 1.0


def is_session(folder: Path | str) -> bool:
    """True when `folder` holds a session, as its manifest says."""
    try:
        read_manifest(folder)
    except InputError as error:
        return error.field == "format_version"
    return True


def save(
    session: Session, folder: Path | str, *, compact: bool = False, progress: Progress = SILENT
) -> Session:
    """Write `session` into `folder`, whole or not at all.

    A session that is already there is replaced, files in it that are not the session's stay.
    Through a symbolic link the session is saved where the link points. Maps that only the
    application can reach (those that a run wrote beside `folder`) are linked; all others copied.

    Parameters
    ----------
    compact : smaller files, for sessions to pass on: arrays are compressed and maps rounded to
        1/24 of their standard deviation; they open into memory instead of being mapped. Input
        files keep their names, not the folders that they were in.

    Returns
    -------
    Session
        The same, with its maps mapped from `folder` where they were mapped from another file.

    Raises
    ------
    InputError
        `folder` cannot be written, holds something else than a session, another process
        writes it (`Busy`), or the file of the maps changed on the disk (`ChangedFile`).
    Cancelled
        The folder is as it was.
    """
    folder = resolved(folder)
    check_target(folder)
    if compact:
        session = _without_folders(session)
    records = {slot: getattr(session, slot) for slot in RECORDS}
    present = {slot: record for slot, record in records.items() if record is not None}
    with folder_written_whole(folder, replaceable=is_session, keep=_keep_foreign_files) as partial:
        described = {}
        for done, (slot, record) in enumerate(present.items()):
            progress.update(done, len(present) + 1, f"Saving the {slot}")
            with mapping.trusted(getattr(record, "maps", None), "maps"):
                described[slot] = encode(slot, record, partial, target=folder, compact=compact)
        _write_json(partial / MANIFEST, _manifest(session, described))
        _write_json(partial / SUMMARY, summary(session))
        progress.update(len(present), len(present) + 1, "Saving")
    progress.update(1, 1, "Saving")
    return _mapped_from(session, folder)


def load(folder: Path | str, *, progress: Progress = SILENT) -> Session:
    """The session that `save` wrote; large arrays are memory-mapped, read-only.

    Raises
    ------
    InputError
        Not a session, one made by a newer version, or a damaged file, which is named.
    """
    folder = resolved(folder)
    recover(folder)
    for left in reversed(range(_TRIES)):
        with _writers_kept_off(folder, left < _TRIES - _FREE_TRIES):
            session = _read_once(folder, last=not left, progress=progress)
        if session is not None:
            progress.update(1, 1, "Opened")
            return session
        time.sleep(_BETWEEN_TRIES_S)
    raise InputError(
        "session", "one that is replaced all the time", "a moment's peace", str(folder)
    )


def _read_once(folder: Path, *, last: bool, progress: Progress) -> Session | None:
    """The session; None where it was replaced meanwhile, and what was read may be of both."""
    where = _standing(folder)
    before = _stamp(where)
    try:
        session = _load(where, folder, progress)
    except (InputError, OSError):
        # files that go while they are read are those of a session that was replaced
        same = _standing(folder) == where and _stamp(where) == before
        if same and (before is not None or last or not _is_written(folder)):
            raise
        return None
    return session if _stamp(where) == before else None


@contextlib.contextmanager
def _writers_kept_off(folder: Path, wanted: bool) -> Iterator[None]:
    """Nobody else writes meanwhile, where that is wanted and can be had."""
    with contextlib.ExitStack() as stack:
        if wanted:
            with contextlib.suppress(InputError, OSError):
                held = stack.enter_context(claim(folder, wait_s=_LONGEST_SAVE_S))
                stack.enter_context(held.writing)
        yield


def verify(folder: Path | str, *, progress: Progress = SILENT) -> Session:
    """`load`, then everything that it leaves out: the sum of each file, each number of the maps.

    Raises `InputError` for the first file or array that is not as it was saved.
    """
    folder = resolved(folder)
    session = load(folder)
    described = files_of(read_manifest(folder)["records"])
    for done, (field, each) in enumerate(described):
        progress.update(done, len(described) + 1, f"Checking {each['file']}")
        check_sum(field, each, folder / each["file"])
    progress.update(len(described), len(described) + 1, "Checking the maps")
    if session.maps is not None:
        check_finite(session.maps.maps, "maps.maps", str(folder))
    progress.update(1, 1, "Checked")
    return session


def _is_written(folder: Path) -> bool:
    return previous(folder).exists() or lock_file(folder).exists()


def _standing(folder: Path) -> Path:
    """Where the session lies; while a system that needs two steps replaces it, that is aside."""
    aside = previous(folder)
    return aside if aside.is_dir() and not folder.exists() else folder


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """What differs between a session and the one that takes its place; None: none is there."""
    try:
        status = os.stat(folder / MANIFEST)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def _load(where: Path, folder: Path, progress: Progress) -> Session:
    manifest = read_manifest(where)
    try:
        session = _decoded(manifest, where, folder.name, progress)
        check_records(session, str(folder))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, InputError):
            if error.source or type(error) is not InputError:
                raise
            raise InputError(error.field, error.got, error.expected, str(folder)) from error
        source = str(where / MANIFEST)
        raise InputError(
            "manifest", f"damaged values ({error!r})", "a session's", source
        ) from error
    return session


def _decoded(manifest: dict[str, Any], where: Path, name: str, progress: Progress) -> Session:
    records: dict[str, Any] = {}
    slots = [slot for slot in RECORDS if slot in manifest["records"]]
    for done, slot in enumerate(slots):
        progress.update(done, len(slots), f"Opening the {slot}")
        records[slot] = decode(slot, manifest["records"][slot], where)
    oracle = manifest.get("oracle")
    source = str(where / MANIFEST)
    return Session(
        name=manifest.get("name", name),
        locus=parse_interval(manifest["locus"]) if manifest.get("locus") else None,
        oracle=None if oracle is None else OracleParameters.from_dict(oracle, source),
        provenance=Provenance(**manifest.get("provenance", {})),
        state=manifest.get("state", {}),
        **records,
    )


def read_manifest(folder: Path | str) -> dict[str, Any]:
    """The manifest of a session, as plain values; see `load` for what it raises."""
    path = Path(folder) / MANIFEST
    if not path.is_file():
        there = Path(folder).is_dir()
        got = f"no {MANIFEST}" if there else "no such folder"
        expected = "a folder saved as a session" + ("" if there else f", with its {MANIFEST}")
        raise InputError("session", got, expected, str(folder))
    manifest = read_json(path, "manifest", finite=True)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InputError("format", "another file", f"the manifest of a {FORMAT}", str(path))
    version = manifest.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        made_by = manifest.get("written_by", "a newer version")
        raise InputError(
            "format_version",
            f"{version}, written by {made_by}",
            f"{FORMAT_VERSION} or lower; update {NAME} to open it",
            str(path),
        )
    if not isinstance(manifest.get("records"), dict):
        raise InputError("records", "none", "the records of a session", str(path))
    return manifest


def _without_folders(session: Session) -> Session:
    inputs = {
        role: {**file, "path": Path(file["path"]).name}
        for role, file in session.provenance.inputs.items()
    }
    oracle = session.oracle
    if oracle is not None:
        shortened = {name: Path(getattr(oracle, name)).name for name in ("model", "weights")}
        oracle = oracle.replace(**shortened)
    return replace(session, oracle=oracle, provenance=replace(session.provenance, inputs=inputs))


def _manifest(session: Session, described: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "written_by": f"{NAME} {__version__}",
        "name": session.name,
        "locus": None if session.locus is None else str(session.locus),
        "oracle": None if session.oracle is None else session.oracle.to_dict(),
        "provenance": asdict(session.provenance),
        "state": session.state,
        "records": described,
    }


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def check_target(folder: Path | str) -> None:
    """Raise `InputError` unless a session can be saved in `folder`, see `resolved`."""
    folder = resolved(folder)
    if folder.is_file():
        raise InputError("folder", "a file", "a folder to save the session in", str(folder))
    if folder.is_dir() and not is_session(folder) and any(folder.iterdir()):
        raise InputError(
            "folder",
            "a folder with other files",
            "a new or empty folder, or a session",
            str(folder),
        )
    check_writable(folder)


def _keep_foreign_files(old: Path, new: Path) -> None:
    """What the user or a report put beside the session's own files stays.

    Called a second time when both have changed places, it brings what came or changed meanwhile.
    """
    if not is_session(old):
        return
    read_manifest(old)  # one of a newer version has files that are not known here
    own = own_files(old)
    for entry in old.iterdir():
        target = new / entry.name
        if entry.name in own:
            continue
        if entry.is_dir() and not entry.is_symlink():
            if not target.exists():
                shutil.copytree(entry, target, copy_function=place, symlinks=True)
        elif not _same_entry(entry, target):
            target.unlink(missing_ok=True)
            if entry.is_symlink():
                target.symlink_to(os.readlink(entry))
            else:
                place(entry, target)


def _same_entry(left: Path, right: Path) -> bool:
    if not os.path.lexists(right):
        return False
    a, b = os.lstat(left), os.lstat(right)
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def _mapped_from(session: Session, folder: Path) -> Session:
    """Maps that were a file elsewhere are from now on the session's own file."""
    maps = session.maps
    if maps is None or file_of(maps.maps) is None:
        return session
    path = folder / "maps.maps.npy"
    if not path.is_file():
        return session
    mapped = mapping.mapped(path)
    return replace(session, maps=replace(maps, maps=mapped))
