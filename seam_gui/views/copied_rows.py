"""Rows of a table, to the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt5.QtWidgets import QApplication, QTableView

from seam_core.exports.tables import as_text


def copy_rows(
    table: QTableView, columns: Sequence[tuple[str, Callable[[Any], Any]]], records: Sequence[Any]
) -> None:
    """The marked rows, or all where none is, with tabs and a header.

    columns : heading and the cell of a record, numbers with all their digits
    records : one a row, in the order shown
    """
    marked = sorted({index.row() for index in table.selectionModel().selectedRows()})
    rows = [records[row] for row in marked] or records
    cells = [[cell(record) for _, cell in columns] for record in rows]
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(as_text([name for name, _ in columns], cells, "\t"))
