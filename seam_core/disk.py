"""Files that are mapped into memory, on disks that may be full and beside programs that write.

A page of a mapped file that the disk has no room for, or that another program cut off, ends the
process. So the room is taken before a file is mapped, and what happens all the same is noted by
`seam_core.mapping`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np

from seam_core import mapping
from seam_core.progress import SILENT, Progress

_BLOCK = 1 << 22
_FICLONE = (
    0x40049409  # Linux: a file of its own that shares the blocks until one of both is written
)


def native_name(path: Path | str) -> str:
    """The path as the system takes it, also where the locale has ASCII only: UTF-8."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return os.fsdecode(str(path).encode("utf-8", errors="surrogateescape"))
    return str(path)


def is_full(error: OSError) -> bool:
    """True where a disk, or what a user may write on it, is used up."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "a read-only file system",
    errno.ENOENT: "a place where nothing can be written",
    errno.ENOTDIR: "a file where a folder should be",
    errno.EEXIST: "a file where a folder should be",
    errno.ENAMETOOLONG: "a name that is too long",
}


def reason_of(error: OSError) -> str:
    """Why something could not be written, in words."""
    if is_full(error):
        return "no space left on the disk"
    return _REASONS.get(error.errno or 0) or str(error)


def new_mapped(path: Path | str, shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
    """A new `.npy` file, mapped for writing, whose room on the disk is taken already.

    Raises `OSError` (ENOSPC, EFBIG, EDQUOT) where there is not enough; the file is then gone.
    """
    path, dtype = Path(path), np.dtype(dtype)
    path.unlink(missing_ok=True)  # a session may know what was there by another name
    try:
        with open(path, "xb") as file:
            write_header(file, shape, dtype)
            file.flush()
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            reserve(file.fileno(), file.tell(), size)
        return mapping.mapped(path, "r+")
    except OSError:
        discard(path)
        raise


def discard(path: Path) -> None:
    """Remove what was begun, where it can be: another error is under way, which is to be told.

    A disk that can only be read refuses to remove even what is not there.
    """
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def write_header(file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """What stands before the numbers of a `.npy` file, in C order."""
    described = np.lib.format.dtype_to_descr(dtype)
    header = {"descr": described, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def new_raw(path: Path | str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """The same without a header, for scratch."""
    path, size = Path(path), int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    try:
        with open(path, "wb") as file:
            reserve(file.fileno(), 0, size)
        return mapped_raw(path, shape, dtype)
    except OSError:
        discard(path)
        raise


def mapped_raw(path: Path | str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """What `new_raw` made, mapped for writing once more."""
    return mapping.guarded(np.memmap(path, dtype=dtype, mode="r+", shape=shape))


def reserve(fd: int, start: int, size: int) -> None:
    """Make an open file `start + size` bytes long, with room on the disk for each of them."""
    if size == 0:
        return
    try:
        os.posix_fallocate(fd, start, size)
        return
    except AttributeError:
        pass
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP):
            raise
    left = start + size - max(start, os.lseek(fd, 0, os.SEEK_END))
    zeros = bytes(min(_BLOCK, max(0, left)))
    while left > 0:
        left -= os.write(fd, zeros[:left])


def copy_file(source: Path | str, target: Path | str, progress: Progress = SILENT) -> None:
    """`target` becomes a new file of the same contents, which nothing done to `source` changes.

    The blocks are shared until one of both is written, where the file system can do that.
    """
    with open(source, "rb") as old, open(target, "xb") as new:
        if _cloned(old.fileno(), new.fileno()):
            return
        size = os.fstat(old.fileno()).st_size
        while block := old.read(_BLOCK):
            new.write(block)
            progress.update(new.tell(), size)


def can_clone(source: Path | str, folder: Path | str) -> bool:
    """True where a copy of `source` in `folder` takes neither time nor room."""
    probe = Path(folder) / f".clone.{os.getpid()}"
    try:
        with open(source, "rb") as old, open(probe, "xb") as new:
            return _cloned(old.fileno(), new.fileno())
    except OSError:
        return False
    finally:
        discard(probe)


def _cloned(old: int, new: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        fcntl.ioctl(new, _FICLONE, old)
    except OSError:
        return False
    return True


def names_file(text: str) -> bool:
    """Whether a text is the path of a file; False where it is too long, or odd, to be one."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
