"""The one way in which a result becomes a file: whole or not at all.

The new content is written beside the target, brought to the disk, and put in its place in one step.
The target is never emptied first. A symbolic link stays a link: the file that it points to is
replaced. A new file has the rights that the user's umask gives, a replaced one keeps its own.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from seam_core.disk import discard, native_name, reason_of
from seam_core.session_files import own_files
from seam_core.validate import InputError


@contextlib.contextmanager
def replacing(path: Path | str, *, what: str = "file") -> Iterator[Path]:
    """An empty file beside `path`, which takes its place when the block ends well.

    For libraries that write to a path; see `open_replacing` for a stream.

    what : what the file is, for messages

    Raises
    ------
    InputError
        No folder there, a folder of that name, a file that a session in that folder needs, no
        right to write, no space on the disk.
    """
    target = _checked(Path(path), what)
    partial = target.with_name(f".{target.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield partial
        _put(partial, target)
    except OSError as error:
        raise InputError(what, reason_of(error), "a file that can be written", str(path)) from error
    finally:
        discard(partial)


@contextlib.contextmanager
def open_replacing(path: Path | str, *, what: str = "file") -> Iterator[IO[bytes]]:
    """A binary stream whose content takes the place of `path` when the block ends well.

    Raises `InputError` as `replacing` does.
    """
    with replacing(path, what=what) as partial, open(partial, "wb") as stream:
        yield stream


def write_text(path: Path | str, text: str, *, what: str = "file") -> Path:
    """Write text as UTF-8, whatever the locale, with line ends as they are; see `replacing`.

    Characters that are no text at all (half of a surrogate pair, from a file name that was not
    UTF-8) become question marks.
    """
    with open_replacing(path, what=what) as stream:
        stream.write(text.encode("utf-8", errors="replace"))
    return Path(path)


def made_folder(folder: Path | str, *, what: str = "folder") -> Path:
    """The folder, made where it is missing, with those above it.

    Raises `InputError` where it cannot be made.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        got, expected = reason_of(error), "a folder that can be made"
        raise InputError(what, got, expected, str(folder)) from error
    return folder


def _checked(path: Path, what: str) -> Path:
    """The file that is to be replaced, past all links; raises where it cannot be."""
    expected = "a file that can be written"
    target = Path(os.path.realpath(native_name(path)))
    if not target.parent.is_dir():
        raise InputError(what, f"no folder {path.parent}", expected, str(path))
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except OSError as error:
        raise InputError(what, reason_of(error), expected, str(path)) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "something that is no file"
        raise InputError(what, kind, expected, str(path))
    if target.name in own_files(target.parent):
        got, expected = "one that the session in that folder needs", "another name or folder"
        raise InputError(what, got, expected, str(path))
    if not os.access(target, os.W_OK):
        raise InputError(what, "permission denied", expected, str(path))
    return target


def _put(partial: Path, target: Path) -> None:
    """Bring `partial` to the disk and into the target's place."""
    with open(partial, "rb+") as stream:
        os.fsync(stream.fileno())
    with contextlib.suppress(FileNotFoundError):
        partial.chmod(stat.S_IMODE(target.stat().st_mode))
    os.replace(partial, target)
    with contextlib.suppress(OSError):  # a file system without folders to be synchronised
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
