"""Whether the tables of a session hold what their columns should: kinds, places, names of sites."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.records import NO_SITES
from seam_core.session import Session
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

_TEXT, _NUMBER, _WHOLE, _YES = "texts", "numbers", "whole numbers", "yes or no"
KNOWN_COLUMNS: dict[tuple[str, str], dict[str, str]] = {
    ("library", "lineage"): {_WHOLE: "generation! parent!", _NUMBER: "activity!"},
    ("library", "trajectory"): {
        _WHOLE: "generation! evaluated!",
        _NUMBER: "lowest! median! highest!",
    },
    ("sites", "configurations"): {
        _TEXT: "sites! note",
        _WHOLE: "order! n! n_clusters assigned_cluster",
        _NUMBER: "estimate! low! high! clusters_estimate assigned_median",
        _YES: "represented assigned_shows",
    },
    ("sites", "epistasis"): {
        _TEXT: "sites! note",
        _WHOLE: "order! n!",
        _NUMBER: "estimate! low! high! p_value authors_estimate stability",
        _YES: "called represented",
    },
    ("sites", "drivers"): {
        _TEXT: "site! letter! reference verdict",
        _WHOLE: "position! n",
        _NUMBER: "enrichment effect low high",
    },
    ("trust", "persistence"): {_TEXT: "site!", _NUMBER: "persistence!", _WHOLE: "n_cuts"},
    ("trust", "robustness"): {_WHOLE: "mutations! n!", _NUMBER: "kept! same_sites"},
    ("trust", "reprogramming"): {_WHOLE: "cluster! distance!"},
    ("trust", "leaving"): {
        _WHOLE: "position! n!",
        _NUMBER: "kept! kept_intact!",
        _YES: "leaves!",
    },
    ("trust", "ways"): {
        _TEXT: "path! before! after!",
        _WHOLE: "mechanism! step! position! step_mechanism",
        _NUMBER: "activity! confidence log_likelihood",
        _YES: "outside",
    },
    ("experiments", "sites"): {
        _TEXT: "site! origin! verdict! told_by note",
        _WHOLE: "n_controls",
        _NUMBER: "effect se p q context_effect context_se sufficiency sufficiency_se "
        "with_partners with_partners_se control_limit matter",
    },
    ("experiments", "interactions"): {
        _TEXT: "sites!",
        _WHOLE: "order!",
        _NUMBER: "estimate! activity se p q latent_estimate latent_se",
        _YES: "called saturation",
    },
    ("experiments", "scan"): {
        _WHOLE: "start! stop!",
        _NUMBER: "effect! se context_effect context_se joint_effect joint_se",
        _YES: "stands_out",
    },
    ("experiments", "spacing"): {
        _TEXT: "sites! orientation!",
        _WHOLE: "distance!",
        _NUMBER: "activity! se!",
    },
    ("experiments", "members"): {_TEXT: "site!", _NUMBER: "effect! se!"},
    ("experiments", "variants"): {
        _TEXT: "name chrom ref alt kind edits outcome detail verdict site_verdict "
        "mechanism_verdict samples motif_ref motif_alt",
        _WHOLE: "pos row position map mechanism_ref mechanism_alt nearest_alt second_mechanism",
        _NUMBER: "activity_ref activity_alt effect library_effect library_low library_high "
        "confidence percentile moved map_change interaction",
        _YES: "outside",
    },
    ("experiments", "panel"): {
        _TEXT: "name kind of broken oligo sequence barcode expected source",
        _WHOLE: "length mechanism substitutions nearest library_row",
        _NUMBER: "activity confidence",
        _YES: "outside",
    },
}
"""Record and field -> kind -> columns; a table cannot do without those with a !."""

# columns that name sites, or several with + between them, and whose they are
_OF_SITES = (
    ("sites", "configurations", "sites"),
    ("sites", "epistasis", "sites"),
    ("sites", "drivers", "site"),
    ("trust", "persistence", "site"),
)


def check_tables(session: Session) -> None:
    """Raise `InputError` for the first column of a session's tables that cannot be as it is."""
    _check_names(session)
    for (slot, field), columns in KNOWN_COLUMNS.items():
        frame = getattr(getattr(session, slot), field, None)
        if frame is not None:
            _check_frame(frame, f"{slot}.{field}", columns)
    _check_places(session)
    _check_sites_named(session)


def _check_frame(frame: pd.DataFrame, name: str, columns: dict[str, str]) -> None:
    if not hasattr(frame, "columns"):
        raise InputError(name, repr(frame)[:60], "a table")
    for kind, said in columns.items():
        for column in said.split():
            if column.removesuffix("!") in frame:
                _check_column(frame[column.removesuffix("!")], kind, name)
            elif column.endswith("!"):
                have = ", ".join(str(other) for other in frame)[:200]
                raise InputError(name, f"columns {have}", f"a column {column[:-1]}")


def _check_column(column: pd.Series, kind: str, name: str) -> None:
    known = column.dropna()
    if len(known) and not _is_of(known, kind):
        shown = ", ".join(repr(value)[:30] for value in known[:2])
        raise InputError(f"{name}.{column.name}", shown, kind)


def _is_of(values: pd.Series, kind: str) -> bool:
    from pandas.api import types

    if kind == _TEXT:
        return types.infer_dtype(values) == "string"
    if kind == _YES:
        return bool(types.is_bool_dtype(values))
    if types.is_bool_dtype(values) or not types.is_numeric_dtype(values):
        return False
    if types.is_complex_dtype(values):
        return False
    numbers = values.to_numpy(dtype=np.float64)
    whole = kind == _NUMBER or bool((numbers == np.rint(numbers)).all())
    return whole and bool(np.isfinite(numbers).all())


def _check_places(session: Session) -> None:
    """What points to a row or a position points to one that is there."""
    library, maps = session.library, getattr(session.experiments, "variant_maps", None)
    rows, length = (0, 0) if library is None else (len(library), library.length)
    places: list[tuple[str, str, str, int]] = []
    if library is not None:
        places += [
            ("library", "lineage", "parent", rows),
            ("sites", "drivers", "position", length),
            ("trust", "leaving", "position", length),
            ("trust", "ways", "position", length),
            ("experiments", "variants", "nearest_alt", rows),
            ("experiments", "panel", "nearest", rows),
            ("experiments", "panel", "library_row", rows),
        ]
    places.append(("experiments", "variants", "map", 0 if maps is None else len(maps)))
    for slot, field, column, end in places:
        frame = getattr(getattr(session, slot), field, None)
        if frame is None or column not in frame:
            continue
        values = frame[column].dropna().to_numpy(dtype=np.float64)
        wrong = values[(values < -1) | (values >= end)]
        if len(wrong):
            raise InputError(f"{slot}.{field}.{column}", f"{wrong[0]:g}", f"-1 to {end - 1}")


def _check_names(session: Session) -> None:
    """Each site has a name of its own, that can stand in a combination of several."""
    taken: set[str] = set()
    for site in () if session.sites is None else session.sites.sites:
        if not site.name or "+" in site.name or site.name == NO_SITES or site.name in taken:
            expected = 'a name of its own for each site, without "+"'
            raise InputError("sites.sites", repr(site.name)[:60], expected)
        taken.add(site.name)


def _check_sites_named(session: Session) -> None:
    if session.sites is None:
        return
    own = {site.name for site in session.sites.sites} | {NO_SITES, ""}
    for slot, field, column in _OF_SITES:
        frame = getattr(getattr(session, slot), field, None)
        if frame is not None:
            _check_known(frame[column], own, f"{slot}.{field}.{column}")
    if session.experiments is not None:
        asked = own | set(session.experiments.sites["site"])
        _check_known(session.experiments.interactions["sites"], asked, "experiments.interactions")


def _check_known(named: Any, known: set[str], field: str) -> None:
    parts = set(chain.from_iterable(str(text).split("+") for text in set(named)))
    unknown = sorted(parts - known)
    if unknown:
        raise InputError(field, f"the site {unknown[0]!r}"[:80], "a site of the session")
