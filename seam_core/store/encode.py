"""Records to files and plain values, and back.

Every field of a record goes by its kind: an array to an array file, a DataFrame to Parquet,
parameters and plain values into the manifest.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.findings import Experiments, Trust
from seam_core.locks import WORKING, resolved
from seam_core.parameters import Parameters
from seam_core.readers.arrays import read_array
from seam_core.readers.tables import read_parquet
from seam_core.records import (
    AttributionMaps,
    Clustering,
    Embedding,
    Explanation,
    Library,
    Linkage,
    Site,
    Sites,
    Table,
)
from seam_core.store.files import file_of, holds, place, sha256_of, write_array
from seam_core.validate import InputError

RECORDS: dict[str, type] = {
    "library": Library,
    "table": Table,
    "maps": AttributionMaps,
    "embedding": Embedding,
    "linkage": Linkage,
    "clustering": Clustering,
    "explanation": Explanation,
    "sites": Sites,
    "trust": Trust,
    "experiments": Experiments,
}

# Compact maps are multiples of a step: this many steps to one standard deviation of the values,
# which is an error of 1 % of it (uniform rounding, step / sqrt(12)).
STEPS_PER_SD = 24

# Of files up to so many bytes the sum is checked when a session is opened.
CHECKED_BYTES = 1 << 25
# Arrays up to so many bytes are read; larger ones, and maps of any size, are mapped.
IN_MEMORY_BYTES = 1 << 26
MAPPED = ("maps.maps",)

# Arrays of so many bytes are looked for on the disk before they are written again.
_WORTH_LINKING = 1 << 16


def encode(slot: str, record: Any, folder: Path, *, target: Path, compact: bool) -> dict[str, Any]:
    """Write a record's arrays into `folder`; return what the manifest says of the record.

    target : the folder whose place `folder` will take; what it has already is taken over
    """
    described: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        name = f"{slot}.{field.name}"
        if isinstance(value, np.ndarray):
            described[field.name] = _write_array(folder, name, value, target, compact=compact)
        elif hasattr(value, "to_parquet"):
            file = f"{name}.parquet"
            with open(folder / file, "xb") as out:  # by itself Arrow takes not every name
                out.write(value.to_parquet(compression="zstd" if compact else "snappy"))
            described[field.name] = {"file": file, "kind": "parquet"}
        else:
            described[field.name] = _plain(value)
    for value in described.values():
        if isinstance(value, dict) and "file" in value:
            path = folder / value["file"]
            value["bytes"] = path.stat().st_size
            if "sha256" not in value:
                value["sha256"] = sha256_of(path)
    return described


def _write_array(
    folder: Path, name: str, array: np.ndarray, target: Path, *, compact: bool
) -> dict[str, Any]:
    described: dict[str, Any] = {"shape": list(array.shape), "dtype": str(array.dtype)}
    if compact and name == "maps.maps":
        file, kind = f"{name}.npz", "rounded"
        _write_rounded(folder / file, array)
    elif compact and array.nbytes > 4096:
        file, kind = f"{name}.npz", "npz"
        np.savez_compressed(folder / file, array=array)
    else:
        file, kind = f"{name}.npy", "npy"
        described["sha256"] = _placed(array, folder / file, target)
    return {"file": file, "kind": kind, **described}


def _placed(array: np.ndarray, path: Path, target: Path) -> str:
    """Bring an array to `path`; its SHA-256. Files that nobody else can reach are linked."""
    if array.nbytes >= _WORTH_LINKING:
        mapped = file_of(array)
        own = [] if mapped is None or not is_our_own(mapped, target) else [mapped]
        for source in (*own, *alone(target / path.name)):
            digest = holds(source, array)
            if digest is not None:
                place(source, path)
                return digest
    return write_array(path, array)


def alone(path: Path) -> list[Path]:
    """The file, unless it is also known by another name: then somebody else may write into it."""
    return [path] if path.is_file() and path.stat().st_nlink == 1 else []


def is_our_own(source: Path, target: Path) -> bool:
    """True for a file that only the application knows of, so that a link to it is safe.

    Such are what a run into `target` writes beside it (`.TARGET.unfinished`), and what lies in the
    same working folder. Any other file is somebody's, who may write into it.
    """
    source, target = resolved(source), resolved(target)
    if source.is_relative_to(target.parent):
        beside = source.relative_to(target.parent).parts[0]
        if beside.startswith(f".{target.name}."):
            return True
    return any(target.is_relative_to(each) for each in source.parents if (each / WORKING).exists())


def _write_rounded(path: Path, maps: np.ndarray) -> None:
    """Maps as small integers, position by position, low and high bytes apart: these pack well."""
    maps = np.asarray(maps)
    sd = float(np.sqrt(np.mean(np.square(maps, dtype=np.float64))))
    largest = float(np.abs(maps).max(initial=0.0))
    step = max(sd / STEPS_PER_SD, largest / np.iinfo(np.int16).max) or 1.0
    steps = np.rint(np.moveaxis(maps, 0, -1) / np.float32(step)).astype("<i2")
    np.savez_compressed(
        path,
        low=(steps & 0xFF).astype(np.uint8),
        high=(steps >> 8).astype(np.int8),
        step=np.float32(step),
    )


def _read_rounded(path: Path) -> np.ndarray:
    low = read_array(path, field="maps", key="low")
    high = read_array(path, field="maps", key="high")
    step = read_array(path, field="maps", key="step")
    steps = (high.astype(np.int16) << 8) | low
    return np.ascontiguousarray(np.moveaxis(steps, -1, 0)).astype(np.float32) * step


def _plain(value: Any) -> Any:
    """A value that JSON has."""
    if isinstance(value, Parameters):
        return {"parameters": type(value).__name__, "values": value.to_dict()}
    if isinstance(value, Site):
        return {"name": value.name, "positions": [int(p) for p in value.positions]}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    return value


def decode(slot: str, described: dict[str, Any], folder: Path) -> Any:
    """The record that `encode` wrote; large arrays come back memory-mapped.

    Raises `InputError` naming the file or field that is damaged.
    """
    cls = RECORDS[slot]
    known = {field.name: field for field in dataclasses.fields(cls)}
    hints = typing.get_type_hints(cls, localns=_frame_type())
    values = {}
    for name, value in described.items():
        if name not in known:
            raise InputError(
                f"{slot}.{name}", "an unknown field", "one of " + ", ".join(known), str(folder)
            )
        values[name] = _decode_value(f"{slot}.{name}", value, folder, hints[name])
    lacking = [name for name, field in known.items() if name not in values and _needed(field)]
    if lacking:
        raise InputError(slot, f"no {', '.join(lacking)}", "a whole record", str(folder))
    return cls(**values)


def _needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _frame_type() -> dict[str, Any]:
    import pandas as pd

    return {"pd": pd}


def _decode_value(field: str, value: Any, folder: Path, hint: Any) -> Any:
    if isinstance(value, dict) and "file" in value:
        return _read_file(field, value, folder)
    if isinstance(value, dict) and "parameters" in value:
        return _parameters_type(value["parameters"], hint).from_dict(
            value["values"], str(folder / "manifest.json")
        )
    if isinstance(value, dict) and set(value) == {"number"}:
        return float(value["number"])
    if field == "sites.sites":
        return tuple(Site(site["name"], tuple(site["positions"])) for site in value)
    if isinstance(value, list) and "tuple" in str(hint):
        return tuple(_decode_value(field, each, folder, Any) for each in value)
    return value


def _parameters_type(name: str, hint: Any) -> type[Parameters]:
    for option in typing.get_args(hint) or (hint,):
        if isinstance(option, type) and option.__name__ == name:
            return option
    raise InputError("parameters", name, str(hint))


def _read_file(field: str, described: dict[str, Any], folder: Path) -> Any:
    path = folder / _plain_name(field, described["file"], folder)
    if not path.is_file():
        raise InputError(field, "no such file", "the file that the manifest lists", str(path))
    size = path.stat().st_size
    if size != described["bytes"]:
        raise InputError(
            field, f"a damaged file of {size} bytes", f"{described['bytes']} bytes", str(path)
        )
    if size <= CHECKED_BYTES:
        check_sum(field, described, path)
    if described["kind"] == "parquet":
        return read_parquet(path, field)
    if described["kind"] == "rounded":
        array = _read_rounded(path)
    else:
        array = read_array(path, field=field)
        if field not in MAPPED and size <= IN_MEMORY_BYTES:
            array = np.array(array)
            array.setflags(write=False)
    if list(array.shape) != described["shape"] or str(array.dtype) != described["dtype"]:
        raise InputError(
            field,
            f"{array.dtype} of shape {array.shape}",
            f"{described['dtype']} of shape {tuple(described['shape'])}, as in the manifest",
            str(path),
        )
    return array


def _plain_name(field: str, name: Any, folder: Path) -> str:
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
        raise InputError(field, repr(name), "the name of a file of the session", str(folder))
    return name


def check_sum(field: str, described: dict[str, Any], path: Path) -> None:
    """Raise `InputError` unless a file is what it was when the session was saved."""
    known = described.get("sha256")
    if known is not None and sha256_of(path) != known:
        raise InputError(
            field, "a damaged file: not the one that was saved", "its SHA-256 sum", str(path)
        )
