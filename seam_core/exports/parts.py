"""Parquet written some rows at a time, so that memory does not grow with them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from seam_core.exports.files import open_replacing
from seam_core.exports.tables import Add

if TYPE_CHECKING:
    import pandas as pd

_GROUP_ROWS = 8_192


@contextlib.contextmanager
def parquet_in_parts(path: Path | str, *, what: str = "table") -> Iterator[Add]:
    """What takes frames of the same columns and types, one after another, into a Parquet file.

    Columns of no value at all in the first frame become text. Raises `InputError` where the file
    cannot be written.
    """
    with open_replacing(path, what=what) as stream:
        parts = _Parquet(stream)
        yield parts.add
        parts.close()


class _Parquet:
    """Gathers rows until there are enough for a part of a Parquet file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._writer = stream, None
        self._waiting: list[Any] = []
        self._schema: Any = None

    def add(self, frame: pd.DataFrame) -> None:
        import pyarrow as pa

        if self._schema is None:
            self._schema = _schema_of(pa.Table.from_pandas(frame, preserve_index=False))
        table = pa.Table.from_pandas(frame, schema=self._schema, preserve_index=False)
        self._waiting.append(table)
        if sum(map(len, self._waiting)) >= _GROUP_ROWS:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._stream, self._schema)
        self._writer.write_table(pa.concat_tables(self._waiting))  # type: ignore[attr-defined]
        self._waiting = []

    def close(self) -> None:
        if self._waiting:
            self._write()
        if self._writer is not None:
            self._writer.close()


def _schema_of(table: Any) -> Any:
    import pyarrow as pa

    schema = table.schema
    for at, item in enumerate(schema):
        if pa.types.is_null(item.type):
            schema = schema.set(at, pa.field(item.name, pa.string()))
    return schema
