"""Folders that appear whole or not at all, whoever reads or writes beside."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from seam_core.locks import Busy, claim, lock_file, resolved
from seam_core.store.files import not_writable
from seam_core.validate import InputError

# A save waits so long for another process that saves in the same place.
WAIT_S = 10.0

_NOWHERE = -100  # AT_FDCWD
_AT_ONCE = 16
# what a file system answers that cannot tell whether something is on the disk
_NO_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EROFS}
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def nothing_kept(old: Path, new: Path) -> None:
    """What is in the old folder may go."""


@contextlib.contextmanager
def folder_written_whole(
    target: Path,
    *,
    replaceable: Callable[[Path], bool],
    keep: Callable[[Path, Path], None] = nothing_kept,
) -> Iterator[Path]:
    """A new empty folder beside `target` that takes its place when the block ends well.

    After an error, or when the user stops the work, `target` is as it was. A reader sees the old
    folder or the new one, never a mixture. Meanwhile no other process may write there.

    Parameters
    ----------
    replaceable : whether a folder that is there may be swapped away; an empty one always may
    keep : called with the old folder and the new one, before and after they change places; brings
        over what is to stay

    Raises
    ------
    InputError
        The folder cannot be written, holds something else, or another process writes it (`Busy`).
    """
    target = resolved(target)
    try:
        with claim(target, wait_s=WAIT_S) as held, held.writing:
            put_back(target)
            remove_dead(target)
            partial = _new_beside(target)
            try:
                yield partial
                written_through(partial)
                with _still_inside(target):
                    _swap(partial, target, replaceable, keep)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise not_writable(target, error) from error


@contextlib.contextmanager
def _still_inside(target: Path) -> Iterator[None]:
    """A process that stands in a folder stands in the one that takes its place."""
    try:
        here = Path.cwd()
    except OSError:
        here = target.parent
    try:
        yield
    finally:
        if here.is_relative_to(target):
            with contextlib.suppress(OSError):
                os.chdir(here)


def written_through(folder: Path) -> None:
    """Have all of a folder on the disk itself: after a crash of the machine it is whole, or old."""
    inside = [each for each in folder.rglob("*") if not each.is_symlink()]
    wanted = [each for each in inside if each.is_file()]
    wanted += [each for each in inside if each.is_dir()]
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # the disk answers several in one go
        list(pool.map(_synced, [*wanted, folder]))


def _synced(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; where the system can tell."""
    if path.is_dir() and sys.platform == "win32":
        return
    try:
        fd = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(fd)


def _new_beside(target: Path) -> Path:
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    partial.mkdir()  # as the user's umask says
    if target.is_dir():
        shutil.copymode(target, partial)
    return partial


def previous(target: Path) -> Path:
    """Where a folder waits while the new one takes its place, if that takes two steps."""
    return target.with_name(f".{target.name}.previous")


def recover(target: Path) -> None:
    """Clear away what a process that was killed while it wrote `target` left beside it.

    Nothing is touched while a living process writes there, nor where nothing can be written.
    """
    target = resolved(target)
    aside = previous(target)
    if not (aside.exists() or lock_file(target).exists() or _dead(target)):
        return
    try:
        with claim(target) as held, held.writing:
            put_back(target)
            remove_dead(target)
    except (Busy, OSError):
        return


def put_back(target: Path) -> None:
    """Undo half a swap; only for who has claimed `target`."""
    aside = previous(target)
    if not aside.exists():
        return
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(target)


def remove_dead(target: Path) -> None:
    """Remove what was being written when its process ended; only for who has claimed `target`."""
    for partial in _dead(target):
        shutil.rmtree(partial, ignore_errors=True)


def _dead(target: Path) -> list[Path]:
    wanted = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-z_]{{8}}\.part")
    try:
        with os.scandir(target.parent) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if wanted.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []


def is_empty(folder: Path) -> bool:
    """True for a folder without entries."""
    return folder.is_dir() and not any(folder.iterdir())


def _swap(
    new: Path,
    target: Path,
    replaceable: Callable[[Path], bool],
    keep: Callable[[Path, Path], None],
) -> None:
    """Put `new` in the place of `target`; what was there is then at `new`, or gone."""
    if not target.exists():
        new.rename(target)
        _synced(target.parent)
        return
    if not (is_empty(target) or replaceable(target)):
        raise InputError(
            "folder", "other files since", "a folder that nobody else writes", str(target)
        )
    keep(target, new)
    if exchange(new, target):
        _synced(target.parent)
        keep(new, target)
        return
    aside = previous(target)
    target.rename(aside)
    try:
        new.rename(target)
    except OSError:  # what ends the process here, `put_back` mends
        aside.rename(target)
        raise
    _synced(target.parent)
    keep(aside, target)
    shutil.rmtree(aside, ignore_errors=True)


def exchange(left: Path, right: Path) -> bool:
    """Two folders change places in one step; False where the system cannot."""
    try:
        system = ctypes.CDLL(None, use_errno=True)
        names = os.fsencode(left), os.fsencode(right)
        if sys.platform.startswith("linux"):
            return system.renameat2(_NOWHERE, names[0], _NOWHERE, names[1], _EXCHANGE) == 0
        if sys.platform == "darwin":
            return system.renamex_np(names[0], names[1], _EXCHANGE) == 0
    except (OSError, AttributeError, TypeError):
        pass
    return False
