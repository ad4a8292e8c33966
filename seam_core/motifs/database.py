"""Where known motifs come from: JASPAR, as the package pyjaspar ships it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from seam_core.motifs.meme import Motif, motif_of_counts
from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError

TAXA = ("vertebrates", "insects", "plants", "fungi", "nematodes", "urochordates", "diatoms")


def jaspar(taxa: Sequence[str] = (), *, release: str = "", collection: str = "CORE") -> list[Motif]:
    """The newest version of every JASPAR motif of the chosen taxa.

    Reads the database that pyjaspar ships, without a network. One query for all motifs: pyjaspar's
    own `fetch_motifs` asks once a motif and takes seconds.

    Parameters
    ----------
    taxa : some of `TAXA`; none: all
    release : "JASPAR2024", ...; "": the newest that the installed pyjaspar has

    Raises
    ------
    InputError
        Unknown taxon or release.
    MissingPackageError
        pyjaspar is not installed.
    """
    for taxon in taxa:
        if taxon not in TAXA:
            raise InputError("taxa", repr(taxon), "some of " + ", ".join(TAXA))
    return list(_jaspar(tuple(sorted(taxa)), release, collection))


def jaspar_release(release: str = "") -> str:
    """The release that `jaspar` reads, for the methods paragraph."""
    return release or str(_pyjaspar().JASPAR_LATEST_RELEASE)


def _pyjaspar() -> Any:
    try:
        import pyjaspar
    except ImportError as error:
        raise MissingPackageError(
            f"JASPAR needs pyjaspar: {install_command('motifs')}; or give a MEME file instead"
        ) from error
    return pyjaspar


_QUERY = """
SELECT m.BASE_ID, m.VERSION, m.NAME, d.row, d.col, d.val
FROM MATRIX m JOIN MATRIX_DATA d ON d.ID = m.ID
WHERE m.COLLECTION = ? AND m.ID IN (
    SELECT ID FROM MATRIX_ANNOTATION WHERE TAG = 'tax_group' AND VAL IN ({taxa})
)
ORDER BY m.BASE_ID, m.VERSION, d.col
"""


@lru_cache(maxsize=8)
def _jaspar(taxa: tuple[str, ...], release: str, collection: str) -> tuple[Motif, ...]:
    pyjaspar = _pyjaspar()
    release = jaspar_release(release)
    if release not in pyjaspar.jaspar_releases:
        raise InputError("release", release, "one of " + ", ".join(pyjaspar.jaspar_releases))
    connection = pyjaspar.jaspardb(release=release).conn
    wanted = taxa or TAXA
    query = _QUERY.format(taxa=", ".join("?" * len(wanted)))
    try:
        rows = connection.execute(query, (collection, *wanted)).fetchall()
    finally:
        connection.close()
    newest: dict[str, tuple[int, str, dict[tuple[int, str], float]]] = {}
    for base, version, name, letter, column, value in rows:
        known = newest.get(base)
        if known is None or int(version) > known[0]:
            known = newest[base] = (int(version), name, {})
        if int(version) == known[0]:
            known[2][int(column), letter.upper()] = float(value)
    if not newest:
        raise InputError("collection", collection, "a collection of JASPAR with motifs")
    return tuple(
        motif_of_counts(f"{base}.{version}", _counts(cells), alternate=name)
        for base, (version, name, cells) in sorted(newest.items())
    )


def _counts(cells: dict[tuple[int, str], float]) -> np.ndarray:
    """(w, 4) counts; JASPAR numbers columns from 1."""
    first = min(column for column, _ in cells)
    width = max(column for column, _ in cells) - first + 1
    counts = np.zeros((width, 4))
    for (column, letter), value in cells.items():
        counts[column - first, "ACGT".index(letter)] = value
    return counts
