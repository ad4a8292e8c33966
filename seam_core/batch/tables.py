"""The tables over all loci of a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.batch import parts
from seam_core.batch.listing import is_batch, read_listing
from seam_core.batch.log import BatchProgress, LogReader, batch_progress, last_errors
from seam_core.exports.tables import write_parquet, write_table
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.tables import read_parquet
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Batch", "Reader", "collect_tables", "forget_tables", "is_batch", "open_batch"]

TABLES = ("loci", "sites", "epistasis")
PICTURE = "robust.png"
# What these tables are made from, of each locus's own.
_FROM = ("sites", "epistasis")


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

    @property
    def states(self) -> np.ndarray:
        """(n,) of "done", "failed" and "waiting", for each row of `loci`."""
        failed = self.loci["error"].to_numpy() != ""
        done = self.loci["n_clusters"].notna().to_numpy()
        return np.where(failed, "failed", np.where(done, "done", "waiting"))

    def locus(self, name: str) -> parts.Kept:
        """What is kept of a locus. Raises `InputError` where that is nothing, or damaged."""
        at = np.flatnonzero(self.loci["locus"].to_numpy() == name)
        number = int(at[0]) // parts.loci_in_a_part(len(self.loci)) if len(at) else None
        return parts.read_locus(self.folder, name, number)

    def session_folder(self, name: str) -> Path:
        """The folder of a locus's whole session, where it was kept."""
        return parts.session_folder(self.folder, Locus(name))


@dataclass(frozen=True, eq=False)
class _Source:
    """Loci of one place: a part, or a single one.

    facts : what each locus gave, a row each; tables : `_FROM`, `locus` first
    """

    names: list[str]
    fingerprints: list[str]
    facts: pd.DataFrame
    tables: dict[str, pa.Table]


class Reader:
    """What a batch's folder holds; what did not change is not read again."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._known: dict[Path, tuple[tuple[int, int], _Source]] = {}
        self._logs = LogReader(self.folder)

    def progress(self) -> BatchProgress | None:
        """How far the batch is; None where there is no log."""
        return batch_progress(self.folder, self._logs)

    def read(self, progress: Progress = SILENT) -> Batch:
        """The tables of a batch; of one that is under way or was stopped, what there is so far.

        Raises `InputError` where the folder is not that of a batch.
        """
        if all((self.folder / f"{name}.parquet").is_file() for name in TABLES):
            frames = {name: read_parquet(self.folder / f"{name}.parquet", name) for name in TABLES}
        else:
            frames = self.collected(last_errors(self.folder, self._logs), progress)
        return _batch_of(self.folder, frames)

    def collected(
        self, errors: dict[str, str], progress: Progress = SILENT
    ) -> dict[str, pd.DataFrame]:
        """The tables from what the loci left; `errors`: name -> why the others have nothing."""
        listing = read_listing(self.folder)
        sources = self._sources(progress)
        own = _own_rows(sources, listing["locus"].tolist(), listing.pop("fingerprint").tolist())
        facts = _facts(sources, own, len(listing))
        known = np.zeros(len(listing), dtype=bool)
        for rows in own:
            known[rows[rows >= 0]] = True
        said = [errors.get(name, "") for name in listing["locus"].tolist()]
        listing["error"] = listing["error"].where(known | (listing["error"] != ""), said)
        tables = {"loci": listing.assign(**{name: facts[name] for name in facts})}
        for table in _FROM:
            tables[table] = _joined(sources, own, table, listing["locus"].tolist())
        return tables

    def _sources(self, progress: Progress) -> list[_Source]:
        """Old folders, parts, then single loci, which are newer than what is packed of them."""
        known: dict[Path, tuple[tuple[int, int], _Source]] = {}
        places = list(_places(self.folder))
        for number, (path, read) in enumerate(places):
            progress.update(number, len(places), "Reading the loci")
            try:
                info = path.stat()
                stamp = (info.st_mtime_ns, info.st_ino)
                before = self._known.get(path)
                fresh = before is not None and before[0] == stamp
                known[path] = before if before and fresh else (stamp, read())
            except (OSError, InputError, KeyError, TypeError):
                continue  # packed or written anew meanwhile, or damaged: not there
        self._known = known
        return [source for _, source in known.values()]


def _batch_of(folder: Path, frames: dict[str, pd.DataFrame]) -> Batch:
    if "n_clusters" not in frames["loci"]:
        frames["loci"]["n_clusters"] = np.nan
    return Batch(folder, *(frames[name] for name in TABLES))


def _places(folder: Path) -> Iterator[tuple[Path, Callable[[], _Source]]]:
    """Files whose change says that loci changed, and how to read those."""
    for old in parts.old_folders(folder):
        yield old / parts.MANIFEST, partial(_old, old)
    for part in parts.parts_of(folder).values():
        yield part / parts.MANIFESTS, partial(_packed, part)
    for file in parts.finished_files(folder):
        yield file, partial(_finished, file)


def _old(folder: Path) -> _Source:
    return _single(parts.read_old(folder, _FROM))


def _finished(file: Path) -> _Source:
    return _single(parts.read_finished(file, _FROM))


def _single(kept: parts.Kept) -> _Source:
    tables = {name: parts.with_locus(table, kept.name) for name, table in kept.tables.items()}
    return _Source([kept.name], [kept.fingerprint], _frame([kept.manifest["found"]]), tables)


def _packed(folder: Path) -> _Source:
    rows = parts.manifests_of(folder, ("locus", "fingerprint", "found"))
    names, made_from, texts = (rows[name].to_pylist() for name in ("locus", "fingerprint", "found"))
    files = {name: folder / f"{name}.parquet" for name in _FROM}
    tables = {name: parts.read_table(path) for name, path in files.items() if path.is_file()}
    return _Source(names, made_from, _frame([json.loads(text) for text in texts]), tables)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def _own_rows(sources: list[_Source], names: list[str], made_from: list[str]) -> list[np.ndarray]:
    """Of each source the rows of the batch that it answers for, -1 for what is not as it should be
    or stands in a later source."""
    place = {name: row for row, name in enumerate(names)}
    last = np.full(len(names), -1, dtype=np.int64)
    claims = []
    for at, source in enumerate(sources):
        rows = np.array([place.get(name, -1) for name in source.names], dtype=np.int64)
        for k, row in enumerate(rows.tolist()):
            if row >= 0 and made_from[row] != source.fingerprints[k]:
                rows[k] = -1
        last[rows[rows >= 0]] = at
        claims.append(rows)
    return [np.where(last[rows] == at, rows, -1) for at, rows in enumerate(claims)]


def _facts(sources: list[_Source], own: list[np.ndarray], n: int) -> pd.DataFrame:
    """What the loci gave, a row of the batch each; missing where nothing is known."""
    import pandas as pd

    pieces = [
        source.facts.set_index(rows)[rows >= 0] for source, rows in zip(sources, own, strict=True)
    ]
    pieces = sorted((piece for piece in pieces if len(piece)), key=lambda piece: piece.index[0])
    if not pieces:
        return pd.DataFrame(index=range(n))
    facts = pd.concat(pieces).reindex(range(n))
    for name in [name for name in facts if facts[name].dtype.kind == "O"]:
        # None in one part, numbers in another
        facts[name] = pd.Series(facts[name].tolist())
    return facts


def _joined(
    sources: list[_Source], own: list[np.ndarray], table: str, order: list[str]
) -> pd.DataFrame:
    """One table over all loci, in the order of the batch."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces = []
    for source, places in zip(sources, own, strict=True):
        if table not in source.tables:
            continue
        rows = source.tables[table]
        if (places < 0).any():
            names = [name for name, at in zip(source.names, places, strict=True) if at >= 0]
            rows = rows.filter(pc.is_in(rows["locus"], pa.array(names, pa.string())))
        pieces.append(rows)
    if not pieces:
        return pd.DataFrame({"locus": []})
    whole = pa.concat_tables(pieces, promote_options="permissive")
    places = pc.index_in(whole["locus"], pa.array(order, pa.string())).to_numpy()
    if (np.diff(places) < 0).any():
        whole = whole.take(np.argsort(places, kind="stable"))
    return whole.to_pandas()


def collect_tables(
    out: Path, errors: dict[str, str] | None = None, *, progress: Progress = SILENT
) -> Batch:
    """Write loci, sites and epistasis over all loci, as Parquet and, for people, as CSV.

    errors : name -> error of the loci without a result; None: those of the batch's logs

    Raises `InputError` where `out` is no batch, or they cannot be written.
    """
    errors = last_errors(out) if errors is None else errors
    frames = Reader(out).collected(errors, progress)
    _write_all(out, frames)
    return _batch_of(out, frames)


def _write_all(out: Path, frames: dict[str, pd.DataFrame]) -> None:
    for name, frame in frames.items():
        write_parquet(frame, out / f"{name}.parquet", index=False)
        write_table(frame, out / f"{name}.csv")
    _draw_robustness(out, frames["loci"])


def _draw_robustness(out: Path, loci: pd.DataFrame) -> None:
    """Loci from reprogrammable to robust, where two or more have that number."""
    if "robust" not in loci or loci["robust"].notna().sum() < 2:
        return
    from seam_core.figures import robust_loci, save_figure

    save_figure(robust_loci(loci), out / PICTURE, dpi=150)


def tables_there(out: Path) -> bool:
    """True when the tables over all loci were written."""
    return all((out / f"{n}.{suffix}").is_file() for n in TABLES for suffix in ("parquet", "csv"))


def forget_tables(out: Path) -> None:
    """Take away the tables of an earlier run: they are not those of the loci any more."""
    for name in TABLES:
        for suffix in ("parquet", "csv"):
            (out / f"{name}.{suffix}").unlink(missing_ok=True)
    (out / PICTURE).unlink(missing_ok=True)


def open_batch(folder: Path | str, *, progress: Progress = SILENT) -> Batch:
    """The tables of a batch, as `Reader.read` says."""
    return Reader(folder).read(progress)
