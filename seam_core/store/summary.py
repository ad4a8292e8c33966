"""The findings of a session in plain values: `summary.json`, for people and scripts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.findings import Experiments, Trust, ways_in_short
from seam_core.records import PERSISTENT, Sites
from seam_core.session import Session

if TYPE_CHECKING:
    import pandas as pd


def summary(session: Session) -> dict[str, Any]:
    """The findings in plain values, as written to `summary.json`.

    `stop` of a site is exclusive and positions are 0-based, of the whole sequence.
    `reference_activity` is the prediction for the reference; None without one. Numbers that are
    not known are None. `precision` says what became of gradients in bfloat16 where these were asked
    for. `interactions` are those that the model answered; `trust` is None where it
    was not assessed.
    """
    library, clustering = session.library, session.clustering
    sites = session.sites.sites if session.sites is not None else ()
    judged = _judged_sites(session.experiments)
    return {
        "name": session.name,
        "locus": None if session.locus is None else str(session.locus),
        "n_sequences": len(library) if library is not None else 0,
        "left_out": library.left_out if library is not None else 0,
        "length": library.length if library is not None else 0,
        "n_clusters": int((clustering.ids >= 0).sum()) if clustering is not None else 0,
        "n_clusters_reason": clustering.reason if clustering is not None else "",
        "sites": [
            {
                "name": site.name,
                "start": int(site.start),
                "stop": int(site.stop),
                "positions": [int(position) for position in site.positions],
                **judged.get(site.name, _NOT_JUDGED),
                **_stability(session.sites, index),
            }
            for index, site in enumerate(sites)
        ],
        "interactions": _interactions(session.experiments, session.sites),
        "precision": None if session.maps is None else session.maps.ran.get("precision_said"),
        "link": None if session.experiments is None else session.experiments.link,
        "trust": _trust(session.trust),
        "reference_activity": reference_activity(session),
        "timings_s": {stage: round(s, 3) for stage, s in session.provenance.timings_s.items()},
        "peak_mb": round(session.provenance.peak_mb, 1),
    }


_NOT_JUDGED: dict[str, Any] = {
    "verdict": "not_asked",
    "origin": "library",
    "knockout": {"effect": None, "se": None, "p": None, "q": None},
    "note": "",
}


def _judged_sites(experiments: Experiments | None) -> dict[str, dict[str, Any]]:
    if experiments is None:
        return {}
    return {
        str(row["site"]): {
            "verdict": row["verdict"],
            "origin": row["origin"],
            "knockout": {name: _number(row[name]) for name in ("effect", "se", "p", "q")},
            "note": row["note"],
        }
        for row in experiments.sites.to_dict("records")
    }


def _stability(sites: Sites | None, index: int) -> dict[str, Any]:
    share = None if sites is None else sites.stability_of(index)
    return {"stability": share, "stable": None if share is None else share >= PERSISTENT}


def _interactions(experiments: Experiments | None, sites: Sites | None) -> list[dict[str, Any]]:
    """Combinations of two sites and more."""
    if experiments is None:
        return []
    frame = experiments.interactions
    stability: dict[str, Any] = {}
    if sites is not None and "stability" in sites.epistasis:
        stability = dict(zip(sites.epistasis["sites"], sites.epistasis["stability"], strict=True))
    numbers = ("estimate", "se", "p", "q", "latent_estimate", "latent_se")
    return [
        {
            "sites": str(row["sites"]).split("+"),
            "order": int(row["order"]),
            **{name: _number(row[name]) for name in numbers},
            "called": bool(row["called"]),
            "saturation": bool(row["saturation"]),
            "stability": _number(stability.get(row["sites"], math.nan)),
        }
        for row in frame[frame["order"] > 1].to_dict("records")
    ]


def _trust(trust: Trust | None) -> dict[str, Any] | None:
    if trust is None:
        return None
    shares = ("states_r2", "additive_r2", "largest_cluster", "saturated", "completeness")
    more = ("halves", "members", "kept", "imputed", "imputed_r2")
    persistence = zip(trust.persistence["site"], trust.persistence["persistence"], strict=True)
    return {
        "verdict": trust.verdict,
        "warnings": list(trust.warnings),
        "remarks": list(trust.remarks),
        **{name: _number(getattr(trust, name)) for name in (*shares, *more)},
        "clusters_of_one": int(trust.clusters_of_one),
        "half_lost": int(trust.half_lost) if trust.half_lost >= 0 else None,
        **{name: _number(getattr(trust, name)) for name in ("robust", "background_share")},
        "robustness": _rows(trust.curve()),
        "leaving": _leaving(trust),
        "ways": None if trust.ways is None else ways_in_short(trust.ways).to_dict("records"),
        "persistence": {str(site): _number(share) for site, share in persistence},
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame of numbers as plain values, whole ones where the column is of such."""
    whole = [name for name in frame if frame[name].dtype.kind in "iu"]
    return [
        {name: int(value) if name in whole else _number(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _leaving(trust: Trust) -> list[int] | None:
    """Positions whose mutation leaves the reference's mechanism."""
    if trust.leaving is None:
        return None
    return [int(p) for p in trust.leaving["position"][trust.leaving["leaves"].astype(bool)]]


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def reference_activity(session: Session) -> float | None:
    """What the oracle predicts for the reference; None without one in the library."""
    library = session.library
    if library is None or library.reference is None:
        return None
    values = session.activity
    if values is None:
        return None
    (rows,) = np.nonzero((library.sequences == library.reference).all(axis=1))
    return float(values[rows[0]]) if len(rows) else None
