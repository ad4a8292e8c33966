"""What was answered as tables, with the columns that `findings.Experiments` documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.experiments.evidence import NOT_ASKED, Evidence
from seam_core.experiments.factorial import Factorial, called, interactions
from seam_core.experiments.scale import VANISHED, Link, with_unit
from seam_core.experiments.scan import Scan

if TYPE_CHECKING:
    import pandas as pd

SITE_NUMBERS = (
    "effect",
    "se",
    "p",
    "q",
    "context_effect",
    "context_se",
    "sufficiency",
    "sufficiency_se",
    "with_partners",
    "with_partners_se",
    "control_limit",
    "matter",
)


def sites_frame(
    names: Sequence[str],
    missed: Sequence[bool],
    evidence: Sequence[Evidence] | None,
    note: str = "",
) -> pd.DataFrame:
    """One row a site, `missed` by the library or not; without evidence all are "not_asked"."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for index, name in enumerate(names):
        row: dict[str, Any] = {
            "site": name,
            "origin": "scan" if missed[index] else "library",
            "verdict": NOT_ASKED,
            **dict.fromkeys(SITE_NUMBERS, np.nan),
            "n_controls": 0,
            "told_by": "",
            "note": note,
        }
        rows.append(row if evidence is None else {**row, **_numbers(evidence[index])})
    columns = ["site", "origin", "verdict", *SITE_NUMBERS, "n_controls", "told_by", "note"]
    return pd.DataFrame(rows, columns=columns).astype({"n_controls": np.int64})


def _numbers(evidence: Evidence) -> dict[str, Any]:
    out = evidence.necessity
    return {
        "verdict": evidence.verdict,
        "effect": out.effect,
        "se": out.se,
        "p": evidence.p,
        "q": evidence.q,
        "context_effect": evidence.context.effect,
        "context_se": evidence.context.se,
        "sufficiency": evidence.sufficiency.effect,
        "sufficiency_se": evidence.sufficiency.se,
        "with_partners": evidence.with_partners.effect,
        "with_partners_se": evidence.with_partners.se,
        "control_limit": out.limit.least,
        "matter": evidence.matter,
        "n_controls": out.n_controls,
        "told_by": evidence.told_by,
        "note": evidence.note,
    }


def interactions_frame(
    names: Sequence[str], combined: Factorial | None, link: Link
) -> pd.DataFrame:
    """One row a combination of confirmed sites."""
    import pandas as pd

    columns = ["sites", "order", "activity", "estimate", "se", "p", "q", "called"]
    columns += ["latent_estimate", "latent_se", "saturation"]
    if combined is None:
        return pd.DataFrame(
            {name: np.empty(0, _TYPES.get(name, np.float64)) for name in columns}, columns=columns
        )
    order = combined.order
    estimate, error = interactions(combined.activity, combined.masks, order, combined.noise)
    p, q, there = called(estimate, error, order)
    values = with_unit(link, combined)
    latent, latent_error = interactions(values, combined.masks, order, combined.noise)
    mains = np.nanmax(np.abs(np.where(order == 1, latent, 0.0)), initial=0.0)
    with np.errstate(invalid="ignore"):
        gone = np.abs(latent) <= np.maximum(2 * latent_error, VANISHED * mains)
    saturation = there & gone & (order >= 2) & (link.name != "identity")
    with_names = [
        "+".join(n for s, n in enumerate(names) if mask >> s & 1)
        for mask in combined.masks.tolist()
    ]
    frame = pd.DataFrame(
        {
            "sites": with_names,
            "order": order,
            "activity": np.nanmean(combined.activity, axis=0),
            "estimate": estimate,
            "se": error,
            "p": p,
            "q": q,
            "called": there,
            "latent_estimate": latent,
            "latent_se": latent_error,
            "saturation": saturation,
        },
        columns=columns,
    )
    return frame[order > 0].reset_index(drop=True)


_TYPES: dict[str, Any] = {"sites": object, "order": np.int64, "called": bool, "saturation": bool}


def scan_frame(
    scan: Scan | None, length: int, joint: tuple[np.ndarray, np.ndarray] | None = None
) -> pd.DataFrame:
    """One row a window.

    Parameters
    ----------
    joint : what letters do beyond adding up, and its standard errors; see `joint_effects`
    """
    import pandas as pd

    if scan is None:
        empty = np.empty(0)
        scan = Scan(empty.astype(int), np.empty((2, 0)), np.empty((2, 0)), empty.astype(bool))
    beyond, error = joint or (np.full(len(scan.starts), np.nan),) * 2
    return pd.DataFrame(
        {
            "start": scan.starts,
            "stop": np.minimum(scan.starts + scan.width, length),
            "effect": scan.effects[0],
            "se": scan.errors[0],
            "context_effect": scan.effects[1],
            "context_se": scan.errors[1],
            "joint_effect": beyond,
            "joint_se": error,
            "stands_out": scan.standing,
        }
    )
