"""Variants in a report: lollipops above the logo, logo pairs of the largest effects, the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.figures.analysis import reference_row
from seam_core.figures.variants import lollipops, variant_logos
from seam_core.logos import centre
from seam_core.records import Site
from seam_core.report import html
from seam_core.report.contents import Contents, present

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 2_000
_AROUND = 45
HEADINGS = {
    "name": "Variant",
    "position": "Position",
    "effect": "Effect",
    "library_low": "Library, low",
    "library_high": "Library, high",
    "mechanism_alt": "Mechanism",
    "confidence": "Confidence",
    "verdict": "Verdict",
    "sites_lost": "Lost",
    "sites_weakened": "Weakened",
    "sites_strengthened": "Strengthened",
    "sites_created": "Created",
    "sites_unconfirmed": "Not confirmed",
    "motif_ref": "Motif before",
    "motif_alt": "Motif after",
}


@dataclass(frozen=True, eq=False)
class VariantPictures:
    """What the pictures of variants are drawn from.

    frame : as `variants_frame` makes it, or some rows of it by their numbers; reference : (L,)
    int8; reference_map : (W, A), from position `start`; shown : row, map (W, A) and letters (L,)
    of those with logos
    """

    frame: pd.DataFrame
    reference: np.ndarray
    reference_map: np.ndarray
    start: int
    alphabet: str
    sites: tuple[Site, ...]
    shown: tuple[tuple[int, np.ndarray, np.ndarray], ...]

    def along(self) -> str:
        """Effects along the sequence, above the reference's logo."""
        told = self.frame[(self.frame["outcome"] == "") & (self.frame["kind"] == "variant")]
        figure = lollipops(
            told["position"].to_numpy(),
            told["effect"].to_numpy(),
            told["mechanism_verdict"].tolist(),
            told["edits"].tolist(),
            self._present(self.reference_map, self.reference),
            alphabet=self.alphabet,
            start=self.start,
            sites=self.sites,
        )
        caption = "Change of the activity by each variant, above what each letter of the reference "
        return html.picture(figure, caption + "contributes.")

    def pairs(self) -> list[str]:
        """Of each shown: the reference's logo, its own, and their difference."""
        return [self._pair(*each) for each in self.shown]

    def _pair(self, row: int, matrix: np.ndarray, letters: np.ndarray) -> str:
        told = self.frame.loc[row]
        first, width = self.start, len(matrix)
        position = int(told["position"])
        begin = max(0, min(position - first - _AROUND, width - 2 * _AROUND))
        part = slice(begin, min(width, begin + 2 * _AROUND))
        title = f"{told['name']}: {told['effect']:+.3g}, {told['verdict']}"
        figure = variant_logos(
            self._present(self.reference_map, self.reference)[part],
            self._present(matrix, letters)[part],
            alphabet=self.alphabet,
            start=first + begin,
            changed=range(position, position + max(1, len(str(told["ref"])))),
            letters=(self.reference[first:][part], letters[first:][part]),
            sites=self.sites,
            title=title,
        )
        return html.picture(figure, f"{told['name']}: {told['verdict']}.")

    def _present(self, matrix: np.ndarray, letters: np.ndarray) -> np.ndarray:
        """(W, A): contributions of the letters that are there, centred."""
        window = letters[self.start : self.start + len(matrix)]
        there, rows = np.zeros(matrix.shape), np.arange(len(matrix))
        there[rows, window] = centre(matrix.astype(np.float64))[rows, window]
        return there


def variant_parts(pictures: VariantPictures, heading: str = "h2") -> list[str]:
    """Pictures and tables, those that are there."""
    frame = pictures.frame
    answered, left = frame[frame["outcome"] == ""], frame[frame["outcome"] != ""]
    parts = []
    if len(answered):
        parts.append(pictures.along())
        if pictures.shown:
            parts += [f"<{heading}>Largest effects</{heading}>", *pictures.pairs()]
        ranked = answered.reindex(answered["effect"].abs().sort_values(ascending=False).index)
        table = html.table(ranked.head(MOST_ROWS), headings=present(HEADINGS, ranked))
        parts += [f"<{heading}>All variants</{heading}>", table]
    if len(left):
        headings = {"name": "Variant", "outcome": "Not answered", "detail": "Because"}
        parts.append(f"<{heading}>Not answered</{heading}>")
        parts.append(html.table(left.head(MOST_ROWS), headings=headings))
    return parts


def variants(contents: Contents) -> str:
    """The variants that are kept with the session."""
    pictures = _kept(contents)
    return "" if pictures is None else "\n".join(variant_parts(pictures, "h3"))


def _kept(contents: Contents) -> VariantPictures | None:
    session = contents.session
    experiments, library, maps = session.experiments, session.library, session.maps
    row = reference_row(session)
    if experiments is None or experiments.variants is None:
        return None
    if row is None or library is None or library.reference is None or maps is None:
        return None
    frame = experiments.variants
    which = np.flatnonzero(frame["map"].to_numpy() >= 0)
    which = which[np.argsort(frame["map"].to_numpy()[which])]
    given, letters = experiments.variant_maps, experiments.variant_letters
    shown = () if given is None or letters is None else zip(which, given, letters, strict=True)
    sites = () if session.sites is None else session.sites.sites
    return VariantPictures(
        frame,
        library.reference,
        np.asarray(maps.maps[row]),
        maps.start,
        library.alphabet,
        sites,
        tuple((int(row), matrix, own) for row, matrix, own in shown),
    )


PANEL_HEADINGS = {
    "name": "Name",
    "kind": "Kind",
    "activity": "Activity",
    "mechanism": "Mechanism",
    "confidence": "Confidence",
    "substitutions": "Substitutions",
    "nearest": "Nearest other",
    "expected": "Expected",
}


def panel(contents: Contents) -> str:
    """The designed sequences that are kept with the session."""
    experiments = contents.session.experiments
    if experiments is None or experiments.panel is None:
        return ""
    frame = experiments.panel
    return html.table(frame.head(MOST_ROWS), headings=present(PANEL_HEADINGS, frame))
