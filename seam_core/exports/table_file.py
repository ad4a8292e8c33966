"""What is said of a table that is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableFile:
    """A table that is written.

    where : the files it is in
    row : what a row is
    columns : name -> meaning; a name with "..." stands for several
    whole : columns of whole numbers that some rows do not have
    """

    where: str
    row: str
    columns: dict[str, str]
    whole: tuple[str, ...] = ()
