"""Tables as CSV: Python's `csv`, UTF-8, one header, and no cell that a spreadsheet would run.

A text that begins with = + - @, a tab or a carriage return is a formula to spreadsheets. Such a
text gets an apostrophe in front (what a spreadsheet itself takes as "this is text"). Numbers, also
those that a text column holds ("-3.5"), and single characters (a strand "-") stay as they are.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.exports.files import open_replacing

if TYPE_CHECKING:
    import pandas as pd

Add = Callable[["pd.DataFrame"], None]
SUFFIXES = (".csv", ".tsv", ".txt")
_BLOCK_ROWS = 50_000


def write_table(frame: pd.DataFrame, path: Path | str, *, what: str = "table") -> Path:
    """Write a frame, without its index: commas, or tabs where the name ends in .tsv or .txt.

    Numbers have all their digits; NaN and None are empty; a list is its items with spaces between.

    Raises `InputError` where the file cannot be written.
    """
    with table_in_parts(path, what=what) as add:
        for start in range(0, max(len(frame), 1), _BLOCK_ROWS):
            add(frame.iloc[start : start + _BLOCK_ROWS])
    return Path(path)


@contextlib.contextmanager
def table_in_parts(path: Path | str, *, what: str = "table") -> Iterator[Add]:
    """What takes frames of the same columns, one after another, into the file that `write_table`
    writes of all of them. Raises as that does.
    """
    with open_replacing(path, what=what) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(text, delimiter=separator_of(path), lineterminator="\n")
        begun = False

        def add(frame: pd.DataFrame) -> None:
            nonlocal begun
            if not begun:
                writer.writerow([safe_text(str(name)) for name in frame.columns])
                begun = True
            writer.writerows(_rows_of(frame))

        yield add
        text.flush()
        text.detach()


def write_parquet(
    frame: pd.DataFrame, path: Path | str, *, what: str = "table", index: bool | None = None
) -> Path:
    """Write a frame as Parquet, whole or not at all; Arrow itself takes not every name of a file.

    index : as pandas has it

    Raises `InputError` where the file cannot be written.
    """
    with open_replacing(path, what=what) as stream:
        stream.write(frame.to_parquet(index=index))
    return Path(path)


def _rows_of(frame: pd.DataFrame) -> Iterable[Sequence[Any]]:
    """Its rows, each cell as the writer takes it."""
    columns = [cells(_values(frame.iloc[:, i])) for i in range(frame.shape[1])]
    return zip(*columns, strict=True)


def _values(column: pd.Series) -> np.ndarray:
    """A column's values; whole numbers of which some are not known stay whole."""
    if str(column.dtype).startswith(("Int", "UInt")):
        return column.astype(object).to_numpy()
    return column.to_numpy()


def separator_of(path: Path | str) -> str:
    """What stands between cells in a file of this name."""
    return "\t" if Path(path).suffix.lower() in (".tsv", ".txt") else ","


def as_text(header: Sequence[str], rows: Iterable[Sequence[Any]], separator: str = ",") -> str:
    """A header and rows as text, for the clipboard; cells as `write_table` writes them."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow([safe_text(name) for name in header])
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def cells(values: np.ndarray) -> list[Any]:
    """A column's values as the writer takes them."""
    values = np.asarray(values)
    if values.dtype == np.float32:  # the shortest text that reads back as the same float32
        return ["" if text == "nan" else text for text in values.astype(str).tolist()]
    if values.dtype.kind in "iub":
        return values.tolist()
    if values.dtype.kind == "f":
        return ["" if value != value else value for value in values.tolist()]
    return [_cell(value) for value in values.tolist()]


def safe_text(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would run it.

    Line breaks inside become newlines: a lone carriage return is one to some readers of CSV only.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) < 2 or text[0] not in "=+-@\t\n" or _is_number(text):
        return text
    return f"'{text}"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return safe_text(" ".join(str(_cell(item)) for item in np.asarray(list(value)).tolist()))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return "" if value != value else value
    text = str(value)
    return "" if text in ("<NA>", "NaT") else safe_text(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
