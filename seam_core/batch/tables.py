"""The tables over all loci of a batch."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core.batch.essentials import MANIFEST
from seam_core.batch.loci import Locus
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("loci", "sites", "epistasis")


@dataclass(frozen=True, eq=False)
class Batch:
    """The tables of a batch, as the application opens them.

    loci : one row a locus: place, `error`, number of sites and clusters, activities, quality
    sites : one row a site, `locus` first
    epistasis : one row an interaction, `locus` first
    """

    folder: Path
    loci: pd.DataFrame
    sites: pd.DataFrame
    epistasis: pd.DataFrame

    def locus_folder(self, name: str) -> Path:
        """The folder of a locus; its session, where it was kept, is in `session` in it."""
        return self.folder / "loci" / Locus(name).folder


def _place(locus: Locus) -> dict[str, Any]:
    """Chromosome, start (0-based), stop (exclusive) and strand; "" and -1 where not known."""
    place = locus.interval
    if place is None:
        return {"chromosome": "", "start": -1, "stop": -1, "strand": ""}
    return {
        "chromosome": place.chromosome,
        "start": place.start,
        "stop": place.stop,
        "strand": place.strand,
    }


def write_tables(out: Path, loci: list[Locus], failed: dict[str, str]) -> None:
    """Write loci, sites and epistasis over all loci, as Parquet and, for people, as CSV."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    parts: dict[str, list[pd.DataFrame]] = {"sites": [], "epistasis": []}
    for locus in loci:
        row = {
            "locus": locus.name,
            **_place(locus),
            "error": failed.get(locus.name, ""),
        }
        folder = out / "loci" / locus.folder
        if not row["error"]:
            row.update(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["found"])
            for name, frames in parts.items():
                if (folder / f"{name}.parquet").is_file():
                    frame = pd.read_parquet(folder / f"{name}.parquet")
                    frame.insert(0, "locus", locus.name)
                    frames.append(frame)
        rows.append(row)
    tables = {"loci": pd.DataFrame(rows)}
    for name, frames in parts.items():
        filled = [frame for frame in frames if len(frame)] or frames[:1]
        tables[name] = (
            pd.concat(filled, ignore_index=True) if filled else pd.DataFrame({"locus": []})
        )
    for name, frame in tables.items():
        _write(frame.to_parquet, out / f"{name}.parquet")
        _write(frame.to_csv, out / f"{name}.csv")


def _write(write: Callable[..., Any], path: Path) -> None:
    """Write a table's file, whole or not at all."""
    partial = path.with_name(f".{path.name}.part")
    try:
        write(partial, index=False)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def open_batch(folder: Path | str) -> Batch:
    """The tables of a finished batch. Raises `InputError` where they are not there."""
    import pandas as pd

    folder = Path(folder)
    for name in TABLES:
        if not (folder / f"{name}.parquet").is_file():
            expected = "the folder of a finished batch"
            raise InputError("batch", f"no {name}.parquet", expected, str(folder))
    loci, sites, epistasis = (pd.read_parquet(folder / f"{name}.parquet") for name in TABLES)
    return Batch(folder, loci, sites, epistasis)
