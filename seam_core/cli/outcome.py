"""What the terminal says of a session once it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seam_core import store
from seam_core.intervals import CONVENTION, span_text
from seam_core.oracles.checked import NO_REDUCTION, saturated_said
from seam_core.session import Session


def say_result(session: Session, folder: Path) -> None:
    """Print what a session in a folder found: clusters, sites, interactions, verdict."""
    summary = store.summary(session)
    print(f"session: {folder}")
    print(
        f"{summary['name']}: {summary['n_sequences']} sequences of {summary['length']} letters, "
        f"{summary['n_clusters']} clusters"
    )
    if summary["n_clusters_reason"]:
        print(f"  {summary['n_clusters_reason']}")
    if summary["locus"] is not None:
        print(f"locus: {summary['locus']}")
    if summary["reference_activity"] is not None:
        print(f"activity of the reference: {summary['reference_activity']:.4g}")
    if summary["precision"] is not None:
        print(f"precision: {summary['precision']}")
    if said := _saturated(session):
        print(f"saturated: {said}")
    if summary["sites"]:
        print(f"sites, start-stop ({CONVENTION}):")
    for site in summary["sites"]:
        print(_site_line(site))
    for term in summary["interactions"]:
        if term["called"]:
            print(_interaction_line(term))
    if summary["trust"] is not None:
        print(f"verdict: {summary['trust']['verdict'].replace('_', ' ')}")
        for sentence in (*summary["trust"]["warnings"], *summary["trust"]["remarks"]):
            print(f"  {sentence}")


def _saturated(session: Session) -> str:
    """What is said where all predictions are those of a probability that nothing moves."""
    library, oracle = session.library, session.oracle
    if library is None or library.predictions is None:
        return ""
    return saturated_said(library.predictions, NO_REDUCTION if oracle is None else oracle.reduction)


def _site_line(site: dict[str, Any]) -> str:
    line = f"site {site['name']}: {span_text(site['start'], site['stop'])}"
    out = site["knockout"]
    if site["verdict"] == "not_asked" or out["effect"] is None:
        return line + _unstable(site)
    q = "" if out["q"] is None else f", q {out['q']:.2g}"
    verdict = site["verdict"].replace("_", " ")
    knockout = f"knock-out {out['effect']:+.3g} (se {out['se']:.2g}{q})"
    return f"{line}; {verdict}, {knockout}{_unstable(site)}"


def _unstable(site: dict[str, Any]) -> str:
    if site["stable"] is not False:
        return ""
    return f"; unstable: in {site['stability']:.0%} of the reclusterings"


def _interaction_line(term: dict[str, Any]) -> str:
    line = f"interaction {' x '.join(term['sites'])}: {term['estimate']:+.3g} (se {term['se']:.2g})"
    return line + (", explained by saturation" if term["saturation"] else "")
