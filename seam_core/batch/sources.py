"""What single places in a batch's folder hold of its loci, and all of them together."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.batch import parts
from seam_core.progress import Progress
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# What the tables over all loci are made from, of each locus's own.
TABLES_OF_SOURCE = ("sites", "epistasis")


@dataclass(frozen=True, eq=False)
class Source:
    """Loci of one place: a part, or a single one.

    facts : what each locus gave, by column
    files : those of `TABLES_OF_SOURCE` that are not in memory
    tables : those that are, `locus` first
    """

    names: list[str]
    fingerprints: list[str]
    facts: dict[str, list[Any]]
    files: dict[str, Path]
    tables: dict[str, pa.Table]

    def loaded(self) -> Source:
        """The same with all tables in memory."""
        read = {name: parts.read_table(path) for name, path in self.files.items()}
        return replace(self, files={}, tables={**self.tables, **read})

    def table(self, name: str) -> pa.Table | None:
        """One of `TABLES_OF_SOURCE`; None where the loci have none."""
        return parts.read_table(self.files[name]) if name in self.files else self.tables.get(name)

    def schema(self, name: str) -> pa.Schema | None:
        """The columns of it."""
        if name in self.files:
            return parts.read_schema(self.files[name])
        return self.tables[name].schema if name in self.tables else None


def sources_of(folder: Path, progress: Progress) -> list[Source]:
    """The sources of a batch in the order of `places_of`, tables of parts not in memory."""
    sources = []
    places = list(places_of(folder))
    for number, (_, read) in enumerate(places):
        progress.update(number, len(places), "Reading the loci")
        with contextlib.suppress(OSError, InputError, KeyError, TypeError):
            source = read()
            for name in source.files:
                source.schema(name)  # a damaged one is not there
            sources.append(source)
    return sources


def places_of(folder: Path) -> Iterator[tuple[Path, Callable[[], Source]]]:
    """Files whose change says that loci changed, and how to read those."""
    for old in parts.old_folders(folder):
        yield old / parts.MANIFEST, partial(_old, old)
    for part in parts.parts_of(folder).values():
        yield part / parts.MANIFESTS, partial(_packed, part)
    for file in parts.finished_files(folder):
        yield file, partial(_finished, file)


def _old(folder: Path) -> Source:
    return _single(parts.read_old(folder, TABLES_OF_SOURCE))


def _finished(file: Path) -> Source:
    return _single(parts.read_finished(file, TABLES_OF_SOURCE))


def _single(kept: parts.Kept) -> Source:
    tables = {name: parts.with_locus(table, kept.name) for name, table in kept.tables.items()}
    return Source([kept.name], [kept.fingerprint], _columns([kept.manifest["found"]]), {}, tables)


def _packed(folder: Path) -> Source:
    rows = parts.manifests_of(folder, ("locus", "fingerprint", "found"))
    names, made_from, texts = (rows[name].to_pylist() for name in ("locus", "fingerprint", "found"))
    files = {name: folder / f"{name}.parquet" for name in TABLES_OF_SOURCE}
    files = {name: path for name, path in files.items() if path.is_file()}
    return Source(names, made_from, _columns(json.loads(f"[{','.join(texts)}]")), files, {})


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Column -> values, None where a row has none."""
    names = list(rows[0]) if rows else []
    if all(list(row) == names for row in rows):  # as is usual
        columns = zip(*(row.values() for row in rows), strict=True)
        return {name: list(values) for name, values in zip(names, columns, strict=bool(rows))}
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


def own_rows(sources: list[Source], names: list[str], made_from: list[str]) -> list[np.ndarray]:
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


def facts_of(sources: list[Source], own: list[np.ndarray], n: int) -> pd.DataFrame:
    """What the loci gave, a row of the batch each; missing where nothing is known.

    own : of each source the rows of the batch that it answers for, or -1
    """
    import pandas as pd

    firsts = [int(rows[rows >= 0][0]) if (rows >= 0).any() else n for rows in own]
    columns: dict[str, list[Any]] = {}
    for at in np.argsort(firsts, kind="stable"):
        if firsts[at] == n:
            continue
        first, rows = firsts[at], own[at]
        in_a_row = np.array_equal(rows, np.arange(first, first + len(rows)))
        for name, values in sources[at].facts.items():
            column = columns.setdefault(name, [np.nan] * n)
            if in_a_row:
                column[first : first + len(rows)] = values
                continue
            for place, value in zip(rows.tolist(), values, strict=True):
                if place >= 0:
                    column[place] = value
    return pd.DataFrame(columns, index=range(n))


@dataclass(frozen=True, eq=False)
class Rows:
    """Tables over all loci, in the order of the batch, as many at a time as is asked for.

    own : of each source the rows of the batch that it answers for, or -1
    """

    sources: list[Source]
    own: list[np.ndarray]
    names: list[str]

    def whole(self, table: str) -> pa.Table:
        """All rows of one of `TABLES_OF_SOURCE`."""
        return next(self.blocks(table, max(len(self.names), 1)))

    def blocks(self, table: str, at_once: int) -> Iterator[pa.Table]:
        """The rows of so many loci each, all of the same columns; one block at the least."""
        import pyarrow as pa

        there = [
            source.schema(table)
            for source, rows in zip(self.sources, self.own, strict=True)
            if (rows >= 0).any()
        ]
        schemas = [schema for schema in there if schema is not None]
        schemas = schemas or [pa.schema([("locus", pa.string())])]
        schema = pa.unify_schemas(list(dict.fromkeys(schemas)), promote_options="permissive")
        for start in range(0, max(len(self.names), 1), at_once):
            yield self._block(table, schema, start, start + at_once)

    def _block(self, table: str, schema: pa.Schema, start: int, stop: int) -> pa.Table:
        """Those of the loci from `start` to before `stop`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        pieces = [schema.empty_table()]
        for source, places in zip(self.sources, self.own, strict=True):
            inside = (places >= start) & (places < stop)
            rows = source.table(table) if inside.any() else None
            if rows is None:
                continue
            if not inside.all():
                names = pa.array(np.array(source.names, dtype=object)[inside], pa.string())
                rows = rows.filter(pc.is_in(rows["locus"], names))
            pieces.append(rows)
        whole = pa.concat_tables(pieces, promote_options="permissive")
        order = pa.array(self.names[start:stop], pa.string())
        places = pc.index_in(whole["locus"], order).to_numpy()
        return (
            whole.take(np.argsort(places, kind="stable")) if (np.diff(places) < 0).any() else whole
        )
