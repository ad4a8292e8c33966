"""AnnData files (.h5ad), which scanpy and cellxgene open, written by the published format.

https://anndata.readthedocs.io/en/stable/fileformat-prose.html. The anndata package itself is not
needed. Observations are sequences, variables positions: `X` is the attribution of the letter that
a sequence has at a position, so that the embedding can be coloured by any position.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.exports.arrays import row_blocks
from seam_core.exports.files import replacing
from seam_core.exports.material import Material
from seam_core.exports.record import Export
from seam_core.readers.columns import frame_apart

if TYPE_CHECKING:
    import h5py

_BASES = {"umap-learn": "umap", "diffusion": "diffmap"}  # names that scanpy looks for
_CODES_LIMIT = 127


def write_h5ad(material: Material, path: Path) -> Path:
    """Write the sequences meant as an AnnData file.

    obs : Cluster (categorical, by label where there is one), the columns of the table, a column
        `kept:NAME` (bool) for each kept selection
    X : (n, W) float32, the attribution of the present letter; var : Position, Reference
    obsm : the embedding as `X_umap`, `X_pca`, ...; `letters` (n, L) int8 indices of the alphabet
    uns : name, alphabet, `Cluster_colors`, labels and notes of the clusters, locus
    """
    import h5py

    with replacing(path, what="AnnData file") as partial, h5py.File(partial, "w") as file:
        _mark(file, "anndata", "0.1.0")
        rows = material.rows
        _write_frame(file, "obs", [str(row) for row in rows], _observations(material))
        _write_x(file, material)
        obsm = _group(file, "obsm")
        embedding = material.session.embedding
        if embedding is not None:
            _write_array(obsm, f"X_{basis_of(embedding.method)}", embedding.coordinates[rows])
        if material.session.library is not None:
            _write_array(obsm, "letters", material.session.library.sequences[rows])
        _write_dict(file, "uns", _unstructured(material))
        for name in ("varm", "obsp", "varp", "layers"):
            _group(file, name)
    return Path(path)


def basis_of(method: str) -> str:
    """What scanpy calls coordinates of a method."""
    return _BASES.get(method, "".join(c if c.isalnum() else "_" for c in method.lower()))


def cluster_names(material: Material) -> dict[int, str]:
    """Cluster id -> its category, in the user's order: the label where there is one."""
    names: dict[int, str] = {}
    for i in material.order:
        name = material.names.get(i) or ("noise" if i < 0 else str(i))
        names[i] = f"{name} ({i})" if name in names.values() else name
    return names


def _observations(material: Material) -> dict[str, Any]:
    session, rows = material.session, material.rows
    columns: dict[str, Any] = {}
    if session.clustering is not None:
        names = cluster_names(material)
        place = {i: at for at, i in enumerate(names)}
        codes = [place[int(i)] for i in session.clustering.labels[rows]]
        columns["Cluster"] = (np.array(codes), list(names.values()))
    if session.table is not None:
        frame = frame_apart(session.table.frame)
        for name in frame.columns:
            column = frame[name].to_numpy()[rows]
            columns[str(name).replace("/", "|")] = _texts_as_categories(column)
    for name, kept in material.kept.items():
        columns[f"kept:{name}".replace("/", "|")] = np.isin(rows, kept)
    return columns


def _texts_as_categories(column: np.ndarray) -> Any:
    """Texts that repeat as codes and categories, as anndata itself keeps them; others as given."""
    if column.dtype.kind in "iufb":
        return column
    categories, codes = np.unique(_texts(column), return_inverse=True)
    return (codes, categories.tolist()) if len(categories) < len(column) else column


def _write_x(file: h5py.File, material: Material) -> None:
    """X and var, of the positions that the maps cover; without maps there are no variables."""
    session, rows = material.session, material.rows
    if session.library is None or session.maps is None:
        _write_frame(file, "var", [], {})
        return
    letters, maps = session.library, session.maps
    positions = np.arange(maps.start, maps.stop)
    columns: dict[str, Any] = {"Position": positions}
    if letters.reference is not None:
        names = np.array([*letters.alphabet, "N"], dtype=object)
        columns["Reference"] = names[letters.reference[positions]]
    _write_frame(file, "var", [str(p) for p in positions], columns)
    data = file.create_dataset(
        "X",
        (len(rows), len(positions)),
        np.float32,
        chunks=(min(4096, max(1, len(rows))), min(64, len(positions))),
        compression="lzf",
    )
    _mark(data, "array", "0.2.0")
    for part in row_blocks(len(rows)):
        present = letters.sequences[rows[part], maps.start : maps.stop].astype(np.int64)
        known = present >= 0
        index = np.where(known, present, 0)[..., None]
        values = np.take_along_axis(maps.maps[rows[part]], index, axis=2)[..., 0]
        data[part] = np.where(known, values, 0.0)


def _unstructured(material: Material) -> dict[str, Any]:
    session = material.session
    entries: dict[str, Any] = {"name": session.name}
    if session.library is not None:
        entries["alphabet"] = session.library.alphabet
    if session.locus is not None:
        entries["locus"] = str(session.locus)
    if session.clustering is not None:
        ids = np.array(material.order, dtype=np.int64)
        entries["Cluster_colors"] = np.array(material.colour_of(ids), dtype=object)
        entries["cluster_ids"] = ids
    for name, texts in (
        ("cluster_labels", material.names),
        ("cluster_notes", {} if material.curation is None else material.curation.notes),
    ):
        if texts:
            entries[name] = {str(i): text for i, text in texts.items()}
    if session.sites is not None and session.sites.sites:
        entries["sites"] = {
            site.name.replace("/", "|"): np.array(site.positions) for site in session.sites.sites
        }
    return entries


def _mark(item: Any, kind: str, version: str) -> None:
    item.attrs["encoding-type"] = kind
    item.attrs["encoding-version"] = version


def _group(parent: h5py.Group, name: str) -> h5py.Group:
    group = parent.create_group(name)
    _mark(group, "dict", "0.1.0")
    return group


def _write_dict(parent: h5py.Group, name: str, values: Mapping[str, Any]) -> None:
    group = _group(parent, name)
    for key, value in values.items():
        if isinstance(value, Mapping):
            _write_dict(group, key, value)
        elif isinstance(value, np.ndarray):
            _write_array(group, key, value)
        else:
            import h5py

            group.create_dataset(key, data=str(value), dtype=h5py.string_dtype("utf-8"))
            _mark(group[key], "string", "0.2.0")


def _write_frame(
    parent: h5py.Group, name: str, index: list[str], columns: Mapping[str, Any]
) -> None:
    """A data frame: a group of columns. A column of (codes, categories) is categorical."""
    import h5py

    group = parent.create_group(name)
    _mark(group, "dataframe", "0.2.0")
    group.attrs["_index"] = "_index"
    order = np.array(list(columns), dtype=object)
    group.attrs.create("column-order", order, dtype=h5py.string_dtype("utf-8"))
    _write_array(group, "_index", np.array(index, dtype=object))
    for key, values in columns.items():
        if isinstance(values, tuple):
            _write_categories(group, key, *values)
        else:
            _write_array(group, key, values)


def _write_categories(
    parent: h5py.Group, name: str, codes: np.ndarray, categories: list[str]
) -> None:
    group = parent.create_group(name)
    _mark(group, "categorical", "0.2.0")
    group.attrs["ordered"] = False
    _write_array(group, "categories", np.array(categories, dtype=object))
    few = len(categories) <= _CODES_LIMIT
    _write_array(group, "codes", codes.astype(np.int8 if few else np.int32))


def _write_array(parent: h5py.Group, name: str, values: np.ndarray) -> None:
    import h5py

    values = np.asarray(values)
    if values.dtype.kind in "iufb":
        data = parent.create_dataset(name, data=values, compression="lzf" if values.size else None)
        _mark(data, "array", "0.2.0")
        return
    parent.create_dataset(name, data=_texts(values), dtype=h5py.string_dtype("utf-8"))
    _mark(parent[name], "string-array", "0.2.0")


def _texts(values: np.ndarray) -> np.ndarray:
    """As HDF5 takes them: UTF-8 without zero bytes; "" for what is missing."""
    texts = ["" if v is None or v != v else str(v).replace("\0", "") for v in values.tolist()]
    clean = [text.encode("utf-8", errors="replace").decode("utf-8") for text in texts]
    return np.array(clean, dtype=object)


H5AD = Export(
    "h5ad",
    "AnnData for scanpy and cellxgene",
    "Embedding, clusters, columns, and the attribution of the present letter by position",
    ("embedding",),
    (".h5ad",),
    write_h5ad,
    of_rows=True,
)
