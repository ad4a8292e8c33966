"""Edits of the sites: each is described anew in a worker thread, then one undoable step."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from PyQt5.QtCore import pyqtSignal

from seam_core import identifier as idf
from seam_core.handwork import as_curated
from seam_core.intervals import span_text
from seam_core.progress import Progress
from seam_core.records import Explanation, Site, Sites
from seam_core.session import Session
from seam_core.validate import InputError
from seam_gui.dialogs import dialogs
from seam_gui.pictures.exports import ask_and_write
from seam_gui.tabs.identify.motif_choice import name_of, read_motifs
from seam_gui.views.site_table import NAME, START
from seam_gui.widgets.frame_table import FrameModel, write_table
from seam_gui.work.site_edits import SiteEdits


class SiteEditor(SiteEdits):
    """matched : DataFrame of motif matches, one row a site and motif."""

    matched = pyqtSignal(object)

    def edit_cell(self, name: str, column: int, text: str) -> None:
        """A name or a bound was typed into the table."""
        if column == NAME:
            self._change(f"Rename site {name}", lambda: idf.rename_site(self._sites, name, text))
            return
        site = next((s for s in self._sites if s.name == name), None)
        if site is None:
            return
        if not text.strip().isdigit():
            self._say(f"Position: got {text!r}; expected a whole number")
            return
        value = int(text)
        start, stop = (value, site.stop) if column == START else (site.start, value)
        self.set_bounds(name, start, stop)

    def add(self, span: tuple[int, int] | None) -> None:
        """A site over the brushed positions."""
        if span is None:
            self._say("Brush positions in a logo or the MSM first (drag across them)")
            return
        self._change(f"Add site {span_text(*span)}", lambda: idf.add_site(self._sites, *span))

    def remove(self, names: Sequence[str]) -> None:
        """Sites away."""

        def without() -> tuple[Site, ...]:
            sites = self._sites
            for name in names:
                sites = idf.remove_site(sites, name)
            return sites

        if not names:
            self._say("Mark the sites to remove in the table first")
            return
        self._change("Remove site " + ", ".join(names), without)

    def join(self, names: Sequence[str]) -> None:
        """Several sites as one."""
        self._change("Join sites", lambda: idf.join_sites(self._sites, names))

    def split(self, names: Sequence[str], span: tuple[int, int] | None) -> None:
        """A site in two, at the first brushed position or in its middle."""
        if len(names) != 1:
            self._say("Select one site to split")
            return
        site = next(s for s in self._sites if s.name == names[0])
        at = (site.start + site.stop + 1) // 2
        if span is not None and site.start < span[0] < site.stop:
            at = span[0]
        self._change(f"Split site {names[0]}", lambda: idf.split_site(self._sites, names[0], at))

    def cut(self, height: float) -> None:
        """Sites by another height of the tree of positions."""
        session = self._state.session
        if session.explanation is None:
            self._say("There are no sites to edit yet")
            return
        parameters = self._parameters(session).replace(n_sites=None, site_cut_height=height)

        def work(current: Session, explanation: Explanation, progress: Progress) -> Sites:
            return idf.Identifier(parameters).run(
                explanation,
                library=current.library,
                table=current.table,
                maps=current.maps,
                progress=progress,
            )

        self._submit("Cut the tree of positions", work)

    def match(self, source: str) -> None:
        """Compare the sites with known motifs, those of a `MotifChoice.source`."""
        session = self._state.session
        if session.explanation is None or session.sites is None or not session.sites.sites:
            self._say("There are no sites to name yet")
            return

        curation = self._state.curation

        def work(progress: Progress) -> pd.DataFrame:
            from seam_core import motifs

            current = as_curated(session, curation)
            if current.explanation is None or current.sites is None:
                raise InputError("motifs", "edited clusters without maps", "maps of the sequences")
            queries = motifs.site_motifs(
                current.explanation, current.sites, flank=motifs.NAMING_FLANK
            )
            return motifs.match_motifs(queries, read_motifs(source), top=5, progress=progress)

        title = f"Comparing sites with {name_of(source)}"
        self._jobs.submit("motifs", title, work, done=self.matched.emit)

    def use_names(self, matches: pd.DataFrame | None) -> None:
        """Rename sites after their best matches."""
        if matches is None or matches.empty:
            self._say("Match motifs first")
            return
        from seam_core import motifs

        names = motifs.suggested_names(matches)
        if not names:
            self._say("No motif matches well enough (q-value at most 0.05)")
            return

        def renamed() -> tuple[Site, ...]:
            sites = self._sites
            for old, new in names.items():
                if any(site.name == old for site in sites):
                    sites = idf.rename_site(sites, old, new.replace("+", "-"))
            return sites

        self._change("Name sites after motifs", renamed)

    def export(self, matches: pd.DataFrame | None) -> None:
        """The table of sites, with the motifs that they were compared with."""
        ask_and_write(self._state, self._jobs, None, "sites", matches)

    def export_frame(self, name: str, frame: FrameModel) -> None:
        """Configurations, terms or drivers as CSV, as they are sorted."""
        file = f"{self._state.session.name}.{name}.csv"
        path = dialogs().save_file(None, f"Export the {name}", file, "Tables (*.csv *.tsv)")
        if path is not None:
            rows = frame.rows
            self._jobs.submit(
                "table_export",
                f"Writing {path.name}",
                lambda progress: write_table(frame, path, rows),
                done=lambda _: self._say(f"Written: {path}"),
            )
