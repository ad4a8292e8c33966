"""What the model answered when it was asked again, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seam_core.exports import tables
from seam_core.exports.material import Material
from seam_core.exports.record import Export
from seam_core.session import Session


def _table(name: str, field: str, label: str, tip: str) -> Export:
    """The export of one table of `findings.Experiments`; nothing to write where it has no row."""

    def frame(session: Session) -> Any:
        return getattr(session.experiments, field)

    def write(material: Material, path: Path) -> Path:
        material.need("experiments")
        return tables.write_table(frame(material.session), path)

    def enough(session: Session) -> bool:
        rows = frame(session)
        return rows is not None and len(rows) > 0

    return Export(
        name, label, tip, ("experiments",), tables.SUFFIXES, write, columns=name, enough=enough
    )


TESTED = _table(
    "tested",
    "sites",
    "Sites as tested on the model",
    "Verdict, knock-outs, insertions and controls of every site",
)
TESTED_INTERACTIONS = _table(
    "tested_interactions",
    "interactions",
    "Interactions as tested on the model",
    "Of confirmed sites kept and replaced in every combination, on both scales",
)
SCAN = _table(
    "scan",
    "scan",
    "Windows replaced along the sequence",
    "Effect of each, and whether it stands out: what sites may have been missed",
)
SPACING = _table(
    "spacing",
    "spacing",
    "Distance and order of sites",
    "Activity of each pair moved apart and turned",
)
MEMBERS = _table(
    "members",
    "members",
    "Sites by fold or strand",
    "Knock-outs of every site, asked of each member of an ensemble or each strand by itself",
)
