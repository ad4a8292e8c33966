"""What File > Export writes: every table and array of the session, in formats others read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QWidget

from seam_core.progress import Progress
from seam_core.readers.columns import frame_apart
from seam_core.sequences import indices_to_strings
from seam_core.session import Session
from seam_gui.dialogs import dialogs
from seam_gui.services import Services

Writer = Callable[[Session, np.ndarray, Path], None]


class Exports(QObject):
    """Asks for a file, then writes it in a worker thread."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services, self._parent = services, parent

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the commands of File > Export do, by name."""
        return {f"export_{name}": partial(self._export, *how) for name, how in _FORMATS.items()}

    def report(self, path: Path) -> None:
        """Write the HTML report of the session shown."""
        session = self._services.state.session_to_save()

        def work(progress: Progress) -> None:
            from seam_core.report import write_report

            write_report(session, path, progress=progress)

        self._submit(f"Report {path.name}", work, path)

    def _export(self, ending: str, writer: Writer) -> None:
        state = self._services.state
        session = state.session
        name = f"{session.name}{ending}"
        path = dialogs().save_file(self._parent, "Export", name, f"*{Path(ending).suffix}")
        if path is None:
            return
        selection = state.selection
        chosen = selection.indices if selection is not None and selection.count else None
        rows = np.arange(len(session.library)) if chosen is None else chosen
        self._submit(f"Writing {path.name}", lambda progress: writer(session, rows, path), path)

    def _submit(self, title: str, work: Callable[[Progress], None], path: Path) -> None:
        said = self._services.notify.message
        self._services.jobs.submit("export", title, work, done=lambda _: said(f"Written: {path}"))


def write_table(session: Session, rows: np.ndarray, path: Path) -> None:
    """The table of these rows with sequences and clusters, as the peer's files have it."""
    frame = frame_apart(session.table.frame.iloc[rows]).copy()
    library = session.library
    frame.insert(0, "Sequence", indices_to_strings(library.sequences[rows], library.alphabet))
    if session.clustering is not None:
        frame["Cluster"] = session.clustering.labels[rows]
    frame.to_csv(path, index_label="Index")


def write_fasta(session: Session, rows: np.ndarray, path: Path) -> None:
    """These sequences; the header says index, activity and cluster."""
    library = session.library
    strings = indices_to_strings(library.sequences[rows], library.alphabet)
    activity = session.table.activity if session.table is not None else library.predictions
    stem = "_".join(session.name.split())
    lines = []
    for row, letters in zip(rows, strings, strict=True):
        words = [f"{stem}_{row}"]
        if activity is not None:
            words.append(f"activity={activity[row]:.6g}")
        if session.clustering is not None:
            words.append(f"cluster={session.clustering.labels[row]}")
        lines += [">" + " ".join(words), letters]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def write_indices(session: Session, rows: np.ndarray, path: Path) -> None:
    """Row numbers of the library, one a line, from 0."""
    path.write_text("\n".join(str(row) for row in rows) + "\n", encoding="ascii")


def write_maps(session: Session, rows: np.ndarray, path: Path) -> None:
    """(n, W, A) float32 maps of these rows, written block by block."""
    maps = session.maps.maps
    shape = (len(rows), *maps.shape[1:])
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, len(rows), 4096):
        out[start : start + 4096] = maps[rows[start : start + 4096]]
    out.flush()


def write_means(session: Session, rows: np.ndarray, path: Path) -> None:
    """(K, W, A) mean maps of all clusters, in the order of the explanation's ids."""
    np.save(path, session.explanation.mean_maps.astype(np.float32), allow_pickle=False)


def write_embedding(session: Session, rows: np.ndarray, path: Path) -> None:
    """(n, Z) coordinates of these rows."""
    np.save(path, session.embedding.coordinates[rows], allow_pickle=False)


def write_linkage(session: Session, rows: np.ndarray, path: Path) -> None:
    """(N - 1, 4) tree of all sequences."""
    np.save(path, session.linkage.matrix, allow_pickle=False)


def write_msm(session: Session, rows: np.ndarray, path: Path) -> None:
    """The Mechanism Summary Matrix in its long form, all clusters."""
    import pandas as pd

    found = session.explanation
    n_clusters, width = found.entropy.shape
    frame = pd.DataFrame(
        {
            "Cluster": np.repeat(found.ids, width),
            "Position": np.tile(np.arange(found.start, found.start + width), n_clusters),
            "Reference": found.reference_mismatch.ravel(),
            "Consensus": found.consensus_match.ravel(),
            "Entropy": found.entropy.ravel(),
        }
    )
    frame.to_csv(path, index=False)


def write_motifs(session: Session, rows: np.ndarray, path: Path) -> None:
    """Letter frequencies of every cluster as motifs in the minimal MEME format."""
    found = session.explanation
    letters = found.alphabet
    lines = ["MEME version 4", "", f"ALPHABET= {letters}", ""]
    for row, cluster_id in enumerate(found.ids):
        shares = found.letter_counts[row] / max(1, int(found.sizes[row]))
        lines += [
            f"MOTIF cluster_{cluster_id}",
            f"letter-probability matrix: alength= {len(letters)} w= {len(shares)} "
            f"nsites= {found.sizes[row]}",
            *(" ".join(f"{share:.6f}" for share in line) for line in shares),
            "",
        ]
    path.write_text("\n".join(lines), encoding="ascii")


def write_bed(session: Session, rows: np.ndarray, path: Path) -> None:
    """Sites as BED12; in the genome where the session's locus is known."""
    from seam_core.exports import sites

    sites.write_bed(session.sites, path, locus=session.locus, length=session.library.length)


def write_sites(session: Session, rows: np.ndarray, path: Path) -> None:
    """Sites: name, start, stop (exclusive), positions; 0-based."""
    lines = ["Name,Start,Stop,Length,Positions"]
    for site in session.sites.sites:
        positions = " ".join(str(position) for position in site.positions)
        lines.append(f"{site.name},{site.start},{site.stop},{len(site.positions)},{positions}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# command -> ending of the file, writer
_FORMATS: dict[str, tuple[str, Writer]] = {
    "table": (".csv", write_table),
    "fasta": (".fa", write_fasta),
    "indices": (".indices.txt", write_indices),
    "maps": (".maps.npy", write_maps),
    "embedding": (".embedding.npy", write_embedding),
    "linkage": (".linkage.npy", write_linkage),
    "means": (".means.npy", write_means),
    "msm": (".msm.csv", write_msm),
    "motifs": (".meme", write_motifs),
    "sites": (".sites.csv", write_sites),
    "bed": (".bed", write_bed),
}
