"""A designed panel: what is to be ordered, with what each is expected to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seam_core.design.controls import ALL, SHUFFLED, SITE, Control
from seam_core.design.diversity import nearest_distances
from seam_core.design.oligos import Oligo
from seam_core.design.target import Target
from seam_core.design.verified import Answers
from seam_core.parameters import DesignerParameters
from seam_core.sequences import hamming, indices_to_strings

if TYPE_CHECKING:
    import pandas as pd

DESIGN = "design"
_IN_WORDS = {
    SITE: "with one site broken",
    ALL: "with all sites broken",
    SHUFFLED: "shuffled",
}


@dataclass(frozen=True, eq=False)
class Panel:
    """Designs, then controls.

    frame : DataFrame, one row an oligo: `name`; `kind` ("design", "site_broken", "all_broken",
        "shuffled"); `of`, the design that a control is made of; `broken`, names of the sites whose
        letters are replaced; `oligo`, what is ordered; `sequence`, the part that the model sees;
        `barcode`; `length` of the oligo; `activity`, `mechanism`, `confidence`, `outside`, as the
        model answered; `expected`, in words; `substitutions` from the reference; `nearest`, to the
        nearest other design; `source` ("library", "search", "control") and `library_row`
    answers : what the model said of each, in the same order
    notes : what a user should know, in sentences
    n_asked : sequences that the model was asked for a map of
    """

    frame: pd.DataFrame
    answers: Answers
    alphabet: str
    parameters: DesignerParameters
    mechanism: int
    notes: tuple[str, ...] = ()
    n_asked: int = 0

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def n_designs(self) -> int:
        """Without the controls."""
        return int((self.frame["kind"] == DESIGN).sum())


def counted(frame: pd.DataFrame) -> str:
    """How many of each kind the frame of a panel holds, in words."""
    counts = frame["kind"].value_counts(sort=False)
    one = "design" if counts.get(DESIGN) == 1 else "designs"
    return ", ".join(f"{n} {_IN_WORDS.get(kind, one)}" for kind, n in counts.items())


def panel_frame(
    target: Target,
    designs: Answers,
    rows: list[int],
    controls: list[Control],
    answers: Answers,
    oligos: list[Oligo],
) -> pd.DataFrame:
    """`Panel.frame`; `answers` are of designs and controls."""
    import pandas as pd

    alphabet, reference = target.library.alphabet, target.library.reference
    n, m = len(designs), len(controls)
    names = [f"m{target.mechanism}_{i + 1:0{len(str(n))}d}" for i in range(n)]
    nearest = nearest_distances(designs.sequences)
    own = [names[control.of] for control in controls]
    columns: dict[str, Any] = {
        "name": names + [_name(control, name) for control, name in zip(controls, own, strict=True)],
        "kind": [DESIGN] * n + [control.kind for control in controls],
        "of": [""] * n + own,
        "broken": [""] * n + ["+".join(control.broken) for control in controls],
        "oligo": [oligo.letters for oligo in oligos],
        "sequence": indices_to_strings(answers.sequences, alphabet),
        "barcode": [oligo.barcode for oligo in oligos],
        "length": [len(oligo.letters) for oligo in oligos],
        "activity": answers.activity,
        "mechanism": answers.mechanism,
        "confidence": answers.confidence,
        "outside": answers.outside,
        "expected": _expected(designs, controls, answers, target),
    }
    if reference is not None:
        columns["substitutions"] = hamming(answers.sequences, reference)
    columns["nearest"] = pd.array([*nearest.tolist(), *[None] * m], dtype="Int64")
    columns["source"] = ["library" if r >= 0 else "search" for r in rows] + ["control"] * m
    known = [r if r >= 0 else None for r in rows] + [None] * m
    columns["library_row"] = pd.array(known, dtype="Int64")
    return pd.DataFrame(columns)


def _name(control: Control, design: str) -> str:
    ending = {SITE: f"no_{'_'.join(control.broken)}", ALL: "no_sites", SHUFFLED: "shuffled"}
    return f"{design}_{ending[control.kind]}"


def _expected(
    designs: Answers, controls: list[Control], answers: Answers, target: Target
) -> list[str]:
    """What the model expects each to do, in words."""
    sites = "+".join(site.name for site in target.sites)
    shows = f" with sites {sites}" if sites else ""
    lines = [
        f"mechanism {target.mechanism}{shows}, activity {activity:.3g}"
        for activity in designs.activity
    ]
    for row, control in enumerate(controls, len(designs)):
        what = "shuffled" if control.kind == SHUFFLED else f"without {' and '.join(control.broken)}"
        before, after = designs.activity[control.of], answers.activity[row]
        where = "like no mechanism" if answers.outside[row] else "mechanism"
        mechanism = f"{where} {answers.mechanism[row]}" if not answers.outside[row] else where
        lines.append(f"{what}: activity {after:.3g} instead of {before:.3g}, {mechanism}")
    return lines
