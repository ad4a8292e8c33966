"""Tables of any program: comma or tab separated text, packed or not, and Parquet."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.readers.door import bytes_of, check_claim, decoded, existing, reading
from seam_core.readers.kinds import kind_of
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

EXPECTED = "a table: .csv, .tsv or .parquet"
_TAB_SUFFIXES = {".tsv", ".txt", ".tab"}
_MOST_COLUMNS = 20_000
# bytes of memory that a table may take however little its file holds: columns that say the same in
# each row are packed to almost nothing
_FINE_IN_MEMORY = 1 << 29
_COMMENTS = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")


def read_frame(
    path: Path | str, *, field: str = "table", rows: int | None = None, text: bool = False
) -> pd.DataFrame:
    """A table with a header; lines at its top that begin with # are comments, # elsewhere is not.

    Parameters
    ----------
    field : what the table is, for messages
    rows : read the first ones only
    text : take every value as it is written, in place of numbers

    Raises
    ------
    InputError
        No such file, another kind of file (named), an empty one, a header without rows, a damaged
        file, or one that claims more rows than it can hold.
    """
    path = existing(path, field, EXPECTED)
    with reading(path, field, EXPECTED):
        if kind_of(path) == "parquet":
            frame = _read_parquet(path, field)
            frame = frame.astype(str) if text else frame
        else:
            frame = _read_text(path, field, text, nrows=rows)
        _check_names(frame, field, path)
    if rows is None and len(frame) == 0:
        raise InputError(field, "a header without rows", "one row or more", str(path))
    return _without_row_numbers(frame)


def read_in_parts(
    path: Path | str, *, field: str = "table", rows: int = 20_000
) -> Iterator[pd.DataFrame]:
    """The same table some rows at a time, every value as it is written. Raises as `read_frame`."""
    path = existing(path, field, EXPECTED)
    some = False
    for part in _parts(path, field, rows):
        _check_names(part, field, path)
        some = some or len(part) > 0
        yield part
    if not some:
        raise InputError(field, "a header without rows", "one row or more", str(path))


def _parts(path: Path, field: str, rows: int) -> Iterator[pd.DataFrame]:
    with reading(path, field, EXPECTED):
        if kind_of(path) == "parquet":
            frame = _read_parquet(path, field)
            parts = (frame[i : i + rows].astype(str) for i in range(0, max(1, len(frame)), rows))
        else:
            parts = _read_text(path, field, as_text=True, chunksize=rows)
    while True:
        with reading(path, field, EXPECTED), _parsing(path, field):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _check_names(frame: pd.DataFrame, field: str, path: Path) -> None:
    """Column names as text without blanks around; raises `InputError` where two are the same."""
    frame.columns = [str(name).strip() for name in frame.columns]
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InputError(field, f"two columns {twice[0]!r}", "one of a name", str(path))


def header_of(path: Path | str, *, field: str = "table") -> list[str]:
    """Names of a table's columns."""
    path = existing(path, field, EXPECTED)
    with reading(path, field, EXPECTED):
        if kind_of(path) == "parquet":
            import pyarrow.parquet as pq

            with open(path, "rb") as file:  # Arrow takes not every name of a file
                return [str(name).strip() for name in pq.ParquetFile(file).schema_arrow.names]
    return list(read_frame(path, field=field, rows=5))


def _read_text(path: Path, field: str, as_text: bool, **options: Any) -> Any:
    """A frame; with a `chunksize`, frames of so many rows, as pandas reads them."""
    import pandas as pd

    letters = decoded(bytes_of(path, field, EXPECTED), field, EXPECTED, path)
    letters = letters.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    start = _COMMENTS.match(letters).end()  # type: ignore[union-attr]
    separator = _separator(path, letters[start : start + (1 << 16)])
    _check_width(letters, start, separator, field, path)
    if not letters[start:].strip():
        raise InputError(field, "an empty file", "a table with a header", str(path))
    if letters[start:].lstrip()[0] in "{[":
        raise InputError(field, "JSON, or other text in brackets", EXPECTED, str(path))
    if as_text:
        options |= {"dtype": str, "keep_default_na": False}
    if separator == ";":  # as spreadsheets write where the comma is the decimal point
        options["decimal"] = ","
    options |= _to_the_last_digit()
    stream = io.BytesIO(letters[start:].encode("utf-8", "replace"))
    with _parsing(path, field):
        return pd.read_csv(stream, sep=separator, low_memory=False, **options)


def _to_the_last_digit() -> dict[str, str]:
    """What asks for numbers as they are written; from pandas 3 on it is deprecated to ask."""
    import pandas as pd

    return {"float_precision": "round_trip"} if pd.__version__.startswith("2.") else {}


@contextlib.contextmanager
def _parsing(path: Path, field: str) -> Iterator[None]:
    import pandas as pd

    try:
        yield
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        got = f"unreadable text ({str(error).strip().splitlines()[0]})"
        raise InputError(field, got, EXPECTED, str(path)) from error


def _separator(path: Path, head: str) -> str:
    """What the suffix says, unless only another one is in the header."""
    line = head.partition("\n")[0]
    tabs = bool(_TAB_SUFFIXES & {suffix.lower() for suffix in path.suffixes[-2:]})
    usual = ("\t", ",", ";") if tabs else (",", "\t", ";")
    return next((separator for separator in usual if separator in line), usual[0])


def _check_width(letters: str, start: int, separator: str, field: str, path: Path) -> None:
    for _ in range(2):
        stop = letters.find("\n", start)
        width = letters.count(separator, start, stop if stop >= 0 else len(letters)) + 1
        if width > _MOST_COLUMNS:
            expected = f"at most {_MOST_COLUMNS:,}"
            raise InputError(field, f"{width:,} columns", expected, str(path))
        if stop < 0:
            return
        start = stop + 1


def read_parquet(path: Path | str, field: str = "table") -> pd.DataFrame:
    """A Parquet file of the application's own, its columns of the types that were written.

    Raises `InputError` where it is damaged, or claims more than it can hold.
    """
    import pandas as pd

    path = existing(path, field, "Parquet")
    with reading(path, field, "Parquet"):
        data = path.read_bytes()
        _checked_parquet(data, path, field)
        return pd.read_parquet(io.BytesIO(data))


def _read_parquet(path: Path, field: str) -> pd.DataFrame:
    table = _checked_parquet(path.read_bytes(), path, field)
    for at, column in enumerate(table.columns):
        if _is_dictionary(column.type):
            name = table.schema.field(at).name
            table = table.set_column(at, name, column.cast(column.type.value_type))
    frame = table.to_pandas()
    return frame if not frame.index.name and _is_range(frame.index) else frame.reset_index()


def _checked_parquet(data: bytes, path: Path, field: str) -> Any:
    """The table of a Parquet file that says what is so; texts are numbers of a dictionary.

    data : of the file, as not every name of a file can be handed to pyarrow
    """
    import pyarrow.parquet as pq

    texts = [item.name for item in pq.read_schema(io.BytesIO(data)) if _is_text(item.type)]
    # texts stay as numbers of a dictionary until it is known how much they unpack to
    file = pq.ParquetFile(io.BytesIO(data), read_dictionary=texts, page_checksum_verification=True)
    _check_parquet(file.metadata, path, field)
    table = file.read()
    table.validate(full=True)  # texts that are no UTF-8, dictionaries without some of their words
    _check_taken(sum(map(_letters, table.columns)), path.stat().st_size, field, path)
    if len(table) != file.metadata.num_rows:
        got = f"{len(table):,} rows in a file that says it has {file.metadata.num_rows:,}"
        raise InputError(field, got, "an undamaged file", str(path))
    return table


def _check_parquet(metadata: Any, path: Path, field: str) -> None:
    """Raise `InputError` where the parts disagree, or would take more than the file can hold."""
    claimed, held = metadata.num_rows, path.stat().st_size
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    columns = [group.column(i) for group in groups for i in range(group.num_columns)]
    values = sum(column.num_values for column in columns)
    _check_taken(8 * max(claimed, values), held, field, path)
    rows = [group.num_rows for group in groups]
    whole = claimed >= 0 and sum(rows) == claimed and all(map(_holds_its_rows, groups))
    if not whole:
        got = f"parts that disagree about the number of rows ({claimed:,})"
        raise InputError(field, got, "an undamaged file", str(path))
    _check_taken(sum(max(0, group.total_byte_size) for group in groups), held, field, path)


def _check_taken(taken: int, held: int, field: str, path: Path) -> None:
    if taken > _FINE_IN_MEMORY:
        check_claim(taken, held, field, path)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary,
                     pa.types.is_large_binary)
    )  # fmt: skip


def _is_dictionary(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_dictionary(kind) and _is_text(kind.value_type)


def _letters(column: Any) -> int:
    """What a column of texts unpacks to, in bytes; that of another column as it is."""
    import pyarrow.compute as pc

    if not _is_dictionary(column.type):
        return int(column.nbytes)
    return sum(
        pc.sum(pc.take(pc.binary_length(part.dictionary), part.indices)).as_py() or 0
        for part in column.chunks
    )


def _holds_its_rows(group: Any) -> bool:
    """Has each column of a part of a Parquet file a value, or more, for each of its rows?"""
    columns = [group.column(i) for i in range(group.num_columns)]
    return all(column.num_values >= group.num_rows for column in columns)


def _is_range(index: Any) -> bool:
    return bool(np.array_equal(np.asarray(index), np.arange(len(index))))


def _without_row_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbered rows, as pandas writes them by default, are no column of the user's."""
    first = frame.columns[0] if len(frame.columns) else ""
    if first in ("Unnamed: 0", "index") and _is_range(frame[first].to_numpy()):
        return frame.drop(columns=first)
    return frame
