"""An export as a record: everything that is known of it in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seam_core.exports.material import Material
from seam_core.session import Session


@dataclass(frozen=True)
class Export:
    """One kind of file that a session can be written as.

    name : of the command's --what, and the middle of the file's name: "sites"
    label : in menus: "Table of the sites"
    tip : what the file holds, in a sentence
    needs : slots of the session that must be there
    suffixes : endings of the file's name, the usual one first
    write : material and path -> the file; raises `InputError` where it cannot be
    of_rows : it is of the sequences selected, or of all where none is
    columns : names of the tables of `seam_core.exports.columns` that say what its columns are
    enough : False where the records are there and hold nothing to write; then `nothing` says why
    """

    name: str
    label: str
    tip: str
    needs: tuple[str, ...]
    suffixes: tuple[str, ...]
    write: Callable[[Material, Path], object]
    of_rows: bool = False
    columns: str = ""
    enough: Callable[[Session], bool] = lambda session: True

    def missing(self, session: Session) -> str:
        """What the session lacks for it, in words; "" where it can be written."""
        lacking = [slot for slot in self.needs if getattr(session, slot) is None]
        if lacking:
            return "no " + " and no ".join(lacking)
        return "" if self.enough(session) else f"nothing to write as {self.label.lower()}"

    def file_name(self, session: Session) -> str:
        """A name for the file of a session."""
        kind = "" if f".{self.name}" == self.suffixes[0] else f".{self.name}"
        return f"{session.name or 'session'}{kind}{self.suffixes[0]}"
