"""A panel as files for whoever orders and measures it, and as a session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core.design.panel import Panel
from seam_core.exports.files import made_folder, write_text
from seam_core.exports.tables import write_parquet, write_table
from seam_core.records import AttributionMaps, Clustering, Embedding, Library, Table
from seam_core.session import Session

if TYPE_CHECKING:
    import pandas as pd

FASTA, TABLE, PARQUET, ABOUT = "panel.fa", "panel.csv", "panel.parquet", "design.json"


def write_panel(panel: Panel, folder: Path | str) -> list[Path]:
    """Write `panel.fa` (what is ordered), `panel.csv`, `panel.parquet` and `design.json`.

    Raises `InputError` where they cannot be written.
    """
    folder = made_folder(folder, what="--out")
    paths = [write_text(folder / FASTA, fasta(panel.frame), what="sequences")]
    paths.append(write_table(panel.frame, folder / TABLE))
    write_parquet(panel.frame, folder / PARQUET, index=False)
    about = json.dumps(described(panel), indent=1) + "\n"
    return [*paths, folder / PARQUET, write_text(folder / ABOUT, about, what="settings")]


def fasta(frame: pd.DataFrame) -> str:
    """The oligos, each with its kind and what is expected of it."""
    lines = []
    for row in frame.to_dict("records"):
        lines.append(f">{row['name']} kind={row['kind']} expected={row['expected']}")
        lines.append(row["oligo"])
    return "\n".join(lines) + "\n"


def described(panel: Panel) -> dict[str, Any]:
    """How the panel was made, in plain values."""
    return {
        "format": "seam-panel",
        "format_version": 1,
        "mechanism": panel.mechanism,
        "n_designs": panel.n_designs,
        "n_controls": len(panel) - panel.n_designs,
        "n_asked": panel.n_asked,
        "notes": list(panel.notes),
        "parameters": panel.parameters.to_dict(),
    }


def with_panel(session: Session, panel: Panel) -> Session:
    """The session with the panel's table; `InputError` where its sites were not tested."""
    return session.with_findings(panel=panel.frame)


def panel_session(panel: Panel, session: Session) -> Session:
    """The panel in the space of the session that it was designed from: its mechanisms and places.

    The table has `Activity`, `Task` (design, site_broken, ...) and `Name`; sites are not sought.
    """
    import pandas as pd

    from seam_core.sequences import hamming

    answers, source = panel.answers, session.library
    assert source is not None
    assert session.maps is not None
    library = Library(
        answers.sequences,
        panel.alphabet,
        source.reference,
        predictions=answers.activity.astype("float32"),
    )
    columns: dict[str, Any] = {"Activity": answers.activity}
    if source.reference is not None:
        columns["Hamming"] = hamming(answers.sequences, source.reference)
    columns |= {"Task": panel.frame["kind"].to_numpy(), "Name": panel.frame["name"].to_numpy()}
    maps = AttributionMaps(answers.maps, session.maps.start, session.maps.parameters)
    clustering = Clustering(answers.mechanism.astype("int32"), "imported", "imported")
    designs = Session(
        name=f"{session.name}: designs of mechanism {panel.mechanism}",
        library=library,
        table=Table(pd.DataFrame(columns)),
        maps=maps,
        clustering=clustering,
        oracle=session.oracle,
        locus=session.locus,
    )
    if session.embedding is not None and answers.places is not None:
        places = Embedding(answers.places.astype("float32"), session.embedding.method)
        designs = designs.with_record("embedding", places)
    return designs.with_record("explanation", _explained(designs))


def _explained(session: Session) -> Any:
    from seam_core.meta_explainer import MetaExplainer

    assert session.library is not None
    assert session.table is not None
    assert session.maps is not None
    assert session.clustering is not None
    return MetaExplainer().run(session.library, session.table, session.maps, session.clustering)
