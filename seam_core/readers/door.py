"""The door that all files of others come through.

What a file claims is checked before memory is taken for it, and whatever a library raises becomes
one message: the file, the field, what came and what was expected.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from seam_core.progress import Cancelled
from seam_core.readers.kinds import ADVICE, EMPTY, TEXT, is_zip, kind_of, kind_of_bytes, said
from seam_core.validate import InputError, SeamError, first_line

Say = Callable[[str], None]
# a packed file that unpacks to more than both is taken for a bomb
_ALWAYS_FINE = 1 << 28
_MOST_TIMES = 200
_MOST_TIMES_TEXT = 100
# members of a model's archive lie in it as they are, or little packed
_FINE_IN_MODEL, _MOST_TIMES_MODEL = 1 << 26, 20
_BLOCK = 512  # bytes, of `st_blocks`
# what a system says of a file that may be well
_NOT_OF_THE_FILE = {
    errno.EACCES, errno.EPERM, errno.EIO, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR,
    errno.ENOENT, errno.ESTALE, errno.EMFILE,
}  # fmt: skip
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def silent(text: str) -> None:
    """A `Say` that tells nobody."""


@contextlib.contextmanager
def reading(path: Path | str, field: str, expected: str) -> Iterator[None]:
    """Whatever is raised inside becomes `InputError`; our own errors get the file's name."""
    try:
        yield
    except InputError as error:
        if error.source or type(error) is not InputError:
            raise
        raise InputError(error.field, error.got, error.expected, str(path)) from error
    except (SeamError, Cancelled):
        raise
    except MemoryError as error:
        raise InputError(field, "more than fits into memory", expected, str(path)) from error
    except RecursionError as error:
        raise InputError(field, "values nested too deep", expected, str(path)) from error
    except Exception as error:
        got = f"an unreadable or damaged file ({first_line(error, 160)})"
        if isinstance(error, OSError) and error.errno in _NOT_OF_THE_FILE:
            got = os.strerror(error.errno or 0).lower()
        raise InputError(field, got, expected, str(path)) from error


def existing(path: Path | str, field: str, expected: str) -> Path:
    """`path`, where a file is; raises `InputError` for none, an empty one, and folders."""
    path = Path(path)
    with reading(path, field, expected):
        if path.is_dir():
            raise InputError(field, "a folder", expected, str(path))
        if not path.is_file():
            got = "a pipe or a device" if path.exists() else "no such file"
            raise InputError(field, got, expected, str(path))
        held = path.stat()
        if held.st_size == 0:
            raise InputError(field, "an empty file", expected, str(path))
        if hasattr(held, "st_blocks"):  # not so on Windows
            _check_holes(held.st_size, held.st_blocks * _BLOCK, field, path)
    return path


def _check_holes(size: int, on_disk: int, field: str, path: Path) -> None:
    """Raise `InputError` for a long file that is next to nothing but holes."""
    if size > _ALWAYS_FINE and size > _MOST_TIMES * on_disk:
        got = f"{size:,} bytes of which the disk holds {on_disk:,}, the rest is holes"
        raise InputError(field, got, "an undamaged file", str(path))


def refused(kind: str, field: str, expected: str, path: Path | str) -> InputError:
    """What to tell of a file of a kind that is not read here."""
    advice = ADVICE.get(kind)
    return InputError(field, said(kind), f"{expected}; {advice}" if advice else expected, str(path))


def check_claim(
    claimed: int, held: int, field: str, path: Path | str, times: int = _MOST_TIMES
) -> None:
    """Raise `InputError` where a file that holds `held` bytes claims to be absurdly many more."""
    if claimed > _ALWAYS_FINE and claimed > times * held:
        got = f"{held:,} bytes that say they unpack to {claimed:,}"
        raise InputError(field, got, f"at most {times} times the size", str(path))


def check_model(path: Path, field: str, expected: str) -> None:
    """Raise `InputError` for the archive of a model that is damaged, or unpacks to absurd sizes.

    Also for pipes and devices, which have no end.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(field, "a pipe or a device", expected, str(path))
    if not (path.is_file() and is_zip(path)):
        return
    with reading(path, field, expected), zipfile.ZipFile(path) as archive:
        unpacked, held = sum(each.file_size for each in archive.infolist()), path.stat().st_size
        if unpacked > _FINE_IN_MODEL and unpacked > _MOST_TIMES_MODEL * held:
            got = f"{held:,} bytes that say they unpack to {unpacked:,}"
            raise InputError(field, got, f"at most {_MOST_TIMES_MODEL} times the size", str(path))


def bytes_of(path: Path, field: str, expected: str) -> bytes:
    """What a text file holds, unpacked where it is packed (gzip), whatever its suffix.

    Raises `InputError` for files that are no text, and for those that unpack to absurd sizes.
    """
    path = existing(path, field, expected)
    with reading(path, field, expected):
        kind = kind_of(path)
        data = _unpacked(path, field) if kind == "gzip" else path.read_bytes()
        inner = kind_of_bytes(data[:512])
        if inner == EMPTY:
            raise InputError(field, "an empty file", expected, str(path))
        if kind not in ("gzip", TEXT) or inner != TEXT:
            raise refused(kind if kind != "gzip" else inner, field, expected, path)
    return data


def _unpacked(path: Path, field: str) -> bytes:
    held, parts, size = path.stat().st_size, [], 0
    with gzip.open(path, "rb") as stream:
        while part := stream.read(1 << 22):
            parts.append(part)
            size += len(part)
            check_claim(size, held, field, path, _MOST_TIMES_TEXT)
    return b"".join(parts)


def text_of(path: Path | str, field: str, expected: str) -> str:
    """A text file as letters: UTF-8, UTF-16 or Latin-1, with or without a byte-order mark, packed
    or not.

    Raises `InputError` for what is no text.
    """
    data = bytes_of(Path(path), field, expected)
    with reading(path, field, expected):
        return decoded(data, field, expected, path)


def decoded(data: bytes, field: str, expected: str, path: Path | str) -> str:
    """Bytes of a text file as letters; see `text_of`."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    encoding = encoding or _wide(data[:64])
    if not encoding:
        _check_text(data, field, expected, path)
        for narrow in ("utf-8", "cp1252"):  # Latin-1 as it is written: with dashes and quotes
            with contextlib.suppress(UnicodeDecodeError):
                return data.decode(narrow)
        return data.decode("latin-1")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        got = f"unreadable text ({first_line(error)})"
        raise InputError(field, got, expected, str(path)) from error
    _check_text(text.encode("utf-8", "replace"), field, expected, path)
    return text


def lines_of(text: str) -> list[str]:
    """Lines as editors number them; `splitlines` breaks at other signs, too."""
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by the zeros in ASCII letters; empty for narrower text."""
    zeros = head.count(0)
    if zeros < max(1, len(head) // 3):
        return ""
    order = "be" if head[:1] == b"\x00" else "le"
    return f"utf-32-{order}" if zeros > 0.6 * len(head) else f"utf-16-{order}"


def _check_text(data: bytes, field: str, expected: str, path: Path | str) -> None:
    sign = _NO_TEXT.search(data)
    if sign:
        line = data.count(b"\n", 0, sign.start()) + 1
        got = f"unreadable text (byte 0x{data[sign.start()]:02x} in line {line})"
        raise InputError(field, got, expected, str(path))
