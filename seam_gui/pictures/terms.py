"""Terms of the interactions of sites, as the pictures draw them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seam_gui.views.epistasis_view import Term


def terms_of(epistasis: pd.DataFrame) -> tuple[Term, ...]:
    """The rows of `Sites.epistasis`."""
    terms = []
    for entry in epistasis.to_dict("records"):
        represented = bool(entry.get("represented", True))
        terms.append(
            Term(
                str(entry["sites"]),
                int(entry["order"]),
                float(entry["estimate"]) if represented else float("nan"),
                float(entry.get("low", np.nan)),
                float(entry.get("high", np.nan)),
                bool(entry.get("called", False)),
                str(entry.get("note") or ""),
            )
        )
    return tuple(terms)
