"""Files that are not on this machine, `s3://`, `gs://`, `https://`, brought here by fsspec."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from seam_core.exports.files import replacing, write_text
from seam_core.validate import InputError, MissingPackageError, first_line

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
    try:
        import fsspec
    except ImportError as error:
        raise MissingPackageError(f"{field}: {address} needs the package fsspec") from error
    protocol = address.split("://", 1)[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        said = first_line(error, 200)
        raise MissingPackageError(
            f"{field}: {protocol}:// needs another package: {said}"
        ) from error
    except ValueError as error:
        raise InputError(field, address, "a kind of place that fsspec knows", "") from error
    target = _place_for(address, folder)
    try:
        version = str(system.ukey(path))
        mark = target.with_name(f".{target.name}.version")
        if target.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == version:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target, what=field) as partial:
            system.get_file(path, str(partial))
        write_text(mark, version)
    except InputError:
        raise
    except Exception as error:  # each kind of place has errors of its own
        got = f"{type(error).__name__}: {first_line(error, 160)}"
        raise InputError(field, got, "a file that can be read there", address) from error
    return target


def _place_for(address: str, folder: Path) -> Path:
    """A place of the address's own: two files of one name lie side by side."""
    name = address.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    return folder / hashlib.sha256(address.encode()).hexdigest()[:12] / name
