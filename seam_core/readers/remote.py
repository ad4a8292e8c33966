"""Files that are not on this machine, `s3://`, `gs://`, `https://`, brought here by fsspec."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seam_core.exports.files import replacing, write_text
from seam_core.validate import InputError, MissingPackageError, SeamError, first_line

_ADDRESS = re.compile(r"^[a-z][a-z0-9+.]+://.+", re.IGNORECASE)


def is_remote(text: str) -> bool:
    """True for the address of a file elsewhere."""
    return _ADDRESS.match(text) is not None


def brought(address: str, folder: Path, field: str = "file") -> Path:
    """The copy of a remote file in `folder`, with its own name; fetched where it is not there.

    A copy of the same version, as far as the place tells versions apart, is not fetched again.

    Raises
    ------
    MissingPackageError
        fsspec, or what it needs for this kind of place, is not installed; named.
    InputError
        Nothing can be read there.
    """
    system, path = place_of(address, field)
    target = _place_for(address, folder)
    with reaching(address, field, "a file that can be read there"):
        version = str(system.ukey(path))
        mark = target.with_name(f".{target.name}.version")
        if target.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == version:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target, what=field) as partial:
            system.get_file(path, str(partial))
        write_text(mark, version)
    return target


def place_of(address: str, field: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it; raises as `brought` does."""
    try:
        import fsspec
    except ImportError as error:
        raise MissingPackageError(f"{field}: {address} needs the package fsspec") from error
    try:
        return fsspec.core.url_to_fs(address)
    except ImportError as error:
        protocol, said = address.split("://", 1)[0], first_line(error, 200)
        raise MissingPackageError(
            f"{field}: {protocol}:// needs another package: {said}"
        ) from error
    except ValueError as error:
        raise InputError(field, address, "a kind of place that fsspec knows", "") from error


@contextlib.contextmanager
def reaching(address: str, field: str, expected: str) -> Iterator[None]:
    """Within it, what goes wrong at a remote place becomes `InputError`."""
    try:
        yield
    except SeamError:
        raise
    except Exception as error:  # each kind of place has errors of its own
        got = f"{type(error).__name__}: {first_line(error, 160)}"
        raise InputError(field, got, expected, address) from error


def _place_for(address: str, folder: Path) -> Path:
    """A place of the address's own: two files of one name lie side by side."""
    name = address.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    return folder / hashlib.sha256(address.encode()).hexdigest()[:12] / name
