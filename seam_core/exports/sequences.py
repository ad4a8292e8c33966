"""Sequences and what is known of each: the table, FASTA, row numbers, maps and coordinates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.exports import tables
from seam_core.exports.arrays import blocks_of, row_blocks, write_npy, write_npz
from seam_core.exports.files import write_text
from seam_core.exports.material import Material
from seam_core.exports.record import Export
from seam_core.readers.columns import frame_apart
from seam_core.sequences import indices_to_strings, one_hot
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

_NUCLEOTIDES = ("ACGT", "ACGU")


def sequences_frame(material: Material) -> pd.DataFrame:
    """One row a sequence: Index, Sequence, the table's columns, then Cluster and its Label.

    A column of the user's own that is called as one of these is written as `file:Cluster`.
    """
    import pandas as pd

    rows, session = material.rows, material.session
    library, frame = material.need("library"), frame_apart(material.need("table").frame)
    columns: dict[str, object] = {
        "Index": rows,
        "Sequence": indices_to_strings(library.sequences[rows], library.alphabet),
    }
    for name in frame.columns:
        columns[str(name)] = frame[name].to_numpy()[rows]
    if session.clustering is not None:
        labels = session.clustering.labels[rows]
        columns["Cluster"] = labels
        if material.names:
            columns["Label"] = [material.names.get(int(i), "") for i in labels]
    return pd.DataFrame(columns)


def write_sequences(material: Material, path: Path) -> Path:
    return tables.write_table(sequences_frame(material), path)


def write_fasta(material: Material, path: Path) -> Path:
    """The header says row number, activity, cluster and its label."""
    rows, session = material.rows, material.session
    library = material.need("library")
    activity = session.activity
    labels = None if session.clustering is None else session.clustering.labels
    stem = "_".join(session.name.split()) or "sequence"
    parts = []
    for row, letters in zip(
        rows.tolist(), indices_to_strings(library.sequences[rows], library.alphabet), strict=True
    ):
        words = [f"{stem}_{row}"]
        if activity is not None:
            words.append(f"activity={activity[row]:.6g}")
        if labels is not None:
            words.append(f"cluster={labels[row]}")
            if int(labels[row]) in material.names:
                words.append("label=" + "_".join(material.names[int(labels[row])].split()))
        parts.append(">" + " ".join(words) + "\n" + letters + "\n")
    return write_text(path, "".join(parts), what="FASTA file")


def write_indices(material: Material, path: Path) -> Path:
    return write_text(path, "".join(f"{row}\n" for row in material.rows.tolist()))


def write_maps(material: Material, path: Path) -> Path:
    maps, rows = material.need("maps").maps, material.rows
    return write_npy(path, blocks_of(maps, rows), (len(rows), *maps.shape[1:]), np.float32)


def write_embedding(material: Material, path: Path) -> Path:
    points = material.need("embedding").coordinates[material.rows]
    return write_npy(path, blocks_of(points), points.shape, points.dtype)


def write_one_hot(material: Material, path: Path) -> Path:
    """(n, 4, W) int8, of the positions that the maps cover."""
    library, maps = material.need("library"), material.need("maps")
    channels = _channels(library.alphabet)
    letters = library.sequences[:, maps.start : maps.stop]
    blocks = (
        one_hot(letters[material.rows[part]], 4)[:, :, channels].transpose(0, 2, 1)
        for part in row_blocks(len(material.rows))
    )
    return write_npz(path, blocks, (len(material.rows), 4, letters.shape[1]), np.int8)


def write_attributions(material: Material, path: Path) -> Path:
    """(n, 4, W) float32, the partner of `write_one_hot`."""
    library, maps = material.need("library"), material.need("maps")
    channels = _channels(library.alphabet)
    blocks = (
        maps.maps[material.rows[part]][:, :, channels].transpose(0, 2, 1)
        for part in row_blocks(len(material.rows))
    )
    return write_npz(path, blocks, (len(material.rows), 4, maps.maps.shape[1]), np.float32)


def _channels(alphabet: str) -> list[int]:
    """Where A, C, G and T (U) stand in the alphabet; raises for other letters."""
    for letters in _NUCLEOTIDES:
        if sorted(alphabet) == sorted(letters):
            return [alphabet.index(letter) for letter in letters]
    raise InputError("alphabet", alphabet, "DNA or RNA: tfmodisco-lite and FiNeMo read these only")


SEQUENCE_TABLE = Export(
    "table",
    "Table of the sequences",
    "One row a sequence: letters, activity, all columns, cluster and label",
    ("library", "table"),
    tables.SUFFIXES,
    write_sequences,
    of_rows=True,
    columns="sequences",
)
FASTA = Export(
    "fasta",
    "Sequences (FASTA)",
    "Letters; the header says activity, cluster and label",
    ("library",),
    (".fa", ".fasta", ".fna", ".faa"),
    write_fasta,
    of_rows=True,
)
INDICES = Export(
    "indices",
    "Indices of the sequences",
    "Row numbers of the library, from 0, one a line",
    ("library",),
    (".txt",),
    write_indices,
    of_rows=True,
)
MAPS = Export(
    "maps",
    "Attribution maps",
    "Array (N, W, A), float32: sequences, positions of the maps, letters",
    ("maps",),
    (".npy",),
    write_maps,
    of_rows=True,
)
EMBEDDING = Export(
    "embedding",
    "Embedding",
    "Array (N, Z): coordinates of the sequences in mechanism space",
    ("embedding",),
    (".npy",),
    write_embedding,
    of_rows=True,
)
ONEHOT = Export(
    "onehot",
    "One-hot sequences for tfmodisco-lite and FiNeMo",
    "Array arr_0 (N, 4, W), int8, of the positions of the maps; goes with the attributions",
    ("library", "maps"),
    (".npz",),
    write_one_hot,
    of_rows=True,
)
ATTRIBUTIONS = Export(
    "attributions",
    "Attributions for tfmodisco-lite and FiNeMo",
    "Array arr_0 (N, 4, W), float32; goes with the one-hot sequences",
    ("library", "maps"),
    (".npz",),
    write_attributions,
    of_rows=True,
)
