"""Arrays of HDF5 files: contributions of ChromBPNet and tfmodisco, embeddings of AnnData."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from seam_core.readers.door import check_claim
from seam_core.readers.keys import chosen_key
from seam_core.validate import InputError

_MOST_KEYS = 2000
_BLOCK = 1 << 26


def keys_of_hdf5(path: Path, field: str) -> list[str]:
    """Names of the arrays of numbers, as `group/name`; raises `InputError` for a Keras model."""
    import h5py

    with h5py.File(path, "r") as file:
        _refuse_model(file, field, path)
        return list(_arrays(file))


def shape_of_hdf5(path: Path, field: str, key: str) -> tuple[int, ...]:
    """Shape of one array."""
    import h5py

    with h5py.File(path, "r") as file:
        return tuple(_dataset(file, field, key, path).shape)


def read_hdf5(path: Path, field: str, key: str) -> np.ndarray:
    """One array of numbers, read block by block; float64 and float16 become float32."""
    import h5py

    with h5py.File(path, "r") as file:
        dataset = _dataset(file, field, key, path)
        if dataset.dtype.kind not in "biuf":
            raise InputError(field, f"type {dataset.dtype}", "numbers", str(path))
        check_claim(dataset.nbytes, dataset.id.get_storage_size(), field, path)
        step = max(1, _BLOCK // max(1, dataset.nbytes // max(1, len(dataset))))
        blocks = [dataset[start : start + step] for start in range(0, len(dataset), step)]
        return np.concatenate(blocks) if blocks else np.zeros(dataset.shape, dataset.dtype)


def _arrays(file: Any) -> dict[str, Any]:
    """Name -> dataset, of the file itself: links to other files are not followed."""
    import h5py

    arrays: dict[str, Any] = {}
    todo = [("", file)]
    seen = 0
    while todo:
        prefix, group = todo.pop(0)
        for name in group:
            seen += 1
            if seen > _MOST_KEYS:
                return arrays
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            if isinstance(item, h5py.Group) and prefix.count("/") < 16:
                todo.append((f"{prefix}{name}/", item))
            elif isinstance(item, h5py.Dataset) and _is_plain(item):
                arrays[f"{prefix}{name}"] = item
    return arrays


def _is_plain(dataset: Any) -> bool:
    here = not dataset.is_virtual and not dataset.external
    return here and dataset.dtype.kind in "biuf" and bool(dataset.shape)


def _dataset(file: Any, field: str, key: str, path: Path) -> Any:
    _refuse_model(file, field, path)
    arrays = _arrays(file)
    if field == "embedding":
        return arrays[chosen_key(*_embeddings(list(arrays), key), field, path)]
    return arrays[chosen_key(list(arrays), key.strip("/"), field, path)]


def _refuse_model(file: Any, field: str, path: Path) -> None:
    if "model_weights" in file or "keras_version" in file.attrs:
        raise InputError(field, "a Keras model", "arrays; the model is for --model", str(path))


def _embeddings(names: list[str], key: str) -> tuple[list[str], str]:
    """AnnData keeps embeddings below obsm: `X_umap` stands for `obsm/X_umap`."""
    key = key.strip("/")
    below = [name for name in names if name.startswith("obsm/")]
    if key and key not in names and f"obsm/{key}" in names:
        return names, f"obsm/{key}"
    if not key and below:
        return below, "obsm/X_umap" if "obsm/X_umap" in below else ""
    return names, key
