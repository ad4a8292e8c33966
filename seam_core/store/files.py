"""Arrays in files, and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seam_core.validate import InputError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder in order of name, as hexadecimal digits."""
    digest = hashlib.sha256()
    paths = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in paths:
        if path.is_dir():
            digest.update(str(file.relative_to(path)).encode())
        with open(file, "rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def whole_file_of(array: np.ndarray) -> Path | None:
    """The `.npy` file that holds exactly `array`, where `array` is a memory map; None otherwise.

    The contents are compared, since the file may have been replaced after it was mapped.
    """
    name = getattr(array, "filename", None)
    if not isinstance(array, np.memmap) or name is None or not array.flags.c_contiguous:
        return None
    path = Path(name)
    try:
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    if stored.shape != array.shape or stored.dtype != array.dtype:
        return None
    step = max(1, (1 << 24) // max(1, array.nbytes // max(1, len(array))))
    for start in range(0, len(array), step):
        part = slice(start, start + step)
        if not np.array_equal(stored[part], array[part], equal_nan=True):
            return None
    return path


def check_writable(folder: Path) -> None:
    """Raise `InputError` unless `folder` can be made, and files beside it."""
    there = next(each for each in Path(os.path.abspath(folder)).parents if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise not_writable(folder, error) from error


def place(source: Path | str, target: Path | str) -> None:
    """`target` becomes `source`'s contents: a hard link where the file system has them."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def folder_written_whole(target: Path) -> Iterator[Path]:
    """A new empty folder beside `target` that takes its place when the block ends well.

    After an error, or when the user stops the work, `target` is as it was. A reader sees the old
    folder or the new one, never a mixture.

    Raises `InputError` where the folder cannot be written.
    """
    target = Path(os.path.abspath(target))
    recover(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(
            tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        )
    except OSError as error:
        raise not_writable(target, error) from error
    try:
        partial.chmod(0o755)
        yield partial
        _swap(partial, target)
    except OSError as error:
        raise not_writable(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def not_writable(target: Path, error: OSError) -> InputError:
    """What to tell the user when `target` cannot be written."""
    reasons = {
        errno.ENOSPC: "no space left on the disk",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.EROFS: "a read-only file system",
        errno.ENOENT: "a place where nothing can be written",
        errno.ENOTDIR: "a file where a folder should be",
        errno.EEXIST: "a file where a folder should be",
    }
    got = reasons.get(error.errno or 0, str(error))
    return InputError("folder", got, "a folder that can be written", str(target))


def recover(target: Path) -> None:
    """Put back a folder that a crash left under its set-aside name in the middle of a swap."""
    aside = _aside(Path(os.path.abspath(target)))
    if aside.exists() and not target.exists():
        aside.rename(target)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.previous")


def _swap(new: Path, target: Path) -> None:
    aside = _aside(target)
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
        try:
            new.rename(target)
        except OSError:  # what ends the process here, `recover` puts back
            aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    else:
        new.rename(target)
