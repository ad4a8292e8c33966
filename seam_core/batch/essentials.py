"""What is kept of a locus: tables and a manifest. The same run gives the same bytes.

Times and memory differ from run to run, so they are kept in the batch's log, not here.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core import store
from seam_core.batch.parts import Kept, finished_file, leave, session_folder, table_of
from seam_core.meta_explainer import msm_frame
from seam_core.readers.loci import Locus
from seam_core.records import Explanation, Provenance
from seam_core.session import Session

if TYPE_CHECKING:
    import pandas as pd


def write_essentials(
    session: Session, locus: Locus, out: Path, *, about: dict[str, Any], full: bool
) -> dict[str, Any]:
    """Leave a locus in the batch's folder `out`, whole or not at all; return the manifest.

    Parameters
    ----------
    about : what else the manifest says: fingerprint, parameters, seed
    full : keep the whole session too
    """
    summary = store.summary(session)
    manifest = {
        "format": "seam-locus",
        "format_version": 2,
        **about,
        "locus": asdict(locus),
        "versions": session.provenance.versions,
        "found": _facts(session, summary),
    }
    frames = {
        "clusters": _clusters(session),
        "msm": msm_frame(_explanation(session)),
        "logos": _logos(_explanation(session)),
        "sites": _sites(session, locus, summary),
    }
    if session.sites is not None:
        frames["configurations"] = session.sites.configurations
        frames["epistasis"] = session.sites.epistasis
    _keep_session(session, session_folder(out, locus), full)
    tables = {name: table_of(frame) for name, frame in frames.items()}
    leave(Kept(manifest, tables), finished_file(out, locus))
    return manifest


def _keep_session(session: Session, folder: Path, full: bool) -> None:
    """Keep the session, or take away that of an earlier result, and what else is of it."""
    shutil.rmtree(folder.parent, ignore_errors=True)
    if full:
        folder.parent.mkdir(parents=True, exist_ok=True)
        timeless = Provenance(session.provenance.inputs, session.provenance.versions)
        store.save(replace(session, provenance=timeless), folder)


def _explanation(session: Session) -> Explanation:
    assert session.explanation is not None
    return session.explanation


def _facts(session: Session, summary: dict[str, Any]) -> dict[str, Any]:
    """Figures of the locus for the table over loci."""
    explanation, table = _explanation(session), session.table
    assert table is not None
    quartiles = explanation.activity_quartiles
    widths = np.average(quartiles[:, 3] - quartiles[:, 1], weights=explanation.sizes)
    error = None if session.maps is None else session.maps.completeness_error
    return {
        "n_sequences": summary["n_sequences"],
        "n_clusters": summary["n_clusters"],
        "n_sites": len(summary["sites"]),
        "reference_activity": summary["reference_activity"],
        "median_activity": float(np.median(table.activity)),
        "mean_cluster_iqr": float(widths),
        "activity_iqr": float(np.subtract(*np.percentile(table.activity, [75, 25]))),
        "median_completeness_error": None if error is None else float(np.median(error)),
        **_trust_figures(summary),
        **_task_figures(session),
    }


def _trust_figures(summary: dict[str, Any]) -> dict[str, Any]:
    """What experiments confirmed and whether to read the locus; nothing where neither was done."""
    trust = summary["trust"]
    if trust is None:
        return {}
    verdicts = [site["verdict"] for site in summary["sites"]]
    shares = ("states_r2", "additive_r2", "largest_cluster", "saturated")
    return {
        "verdict": trust["verdict"],
        "n_confirmed": verdicts.count("confirmed"),
        **{name: trust[name] for name in shares},
        **{name: trust[name] for name in ("robust", "background_share", "kept", "half_lost")},
        "warnings": " ".join(trust["warnings"]),
    }


def _task_figures(session: Session) -> dict[str, float]:
    """How far joined runs fall into clusters of their own: 0 where they mix, 1 where they do not.

    Adjusted mutual information of tasks and clusters (Vinh et al., JMLR 11, 2010); nothing where
    the session is of one run.
    """
    if not _tasks(session):
        return {}
    from sklearn.metrics import adjusted_mutual_info_score

    assert session.table is not None
    assert session.clustering is not None
    tasks = session.table.frame["Task"].astype(str)
    return {"task_separation": float(adjusted_mutual_info_score(tasks, session.clustering.labels))}


def _tasks(session: Session) -> list[str]:
    """The names of the runs that were joined, in their order; empty where there was one."""
    assert session.table is not None
    frame = session.table.frame
    return list(dict.fromkeys(frame["Task"].astype(str))) if "Task" in frame else []


def _clusters(session: Session) -> pd.DataFrame:
    """One row a cluster, in the order chosen."""
    import pandas as pd

    record = _explanation(session)
    frame = pd.DataFrame({"cluster": record.ids, "size": record.sizes})
    names = ("minimum", "quartile_1", "median", "quartile_3", "maximum")
    for column, name in enumerate(names):
        frame[name] = record.activity_quartiles[:, column]
    frame["holds_reference"] = record.ids == record.reference_cluster
    assert session.table is not None
    assert session.clustering is not None
    for task in _tasks(session):
        labels = session.clustering.labels[session.table.frame["Task"] == task]
        frame[f"size_{task}"] = [int((labels == k).sum()) for k in record.ids]
    if session.sites is not None:
        rows = [int(np.flatnonzero(session.sites.cluster_ids == k)[0]) for k in record.ids]
        for column, site in enumerate(session.sites.sites):
            frame[f"site_{site.name}"] = session.sites.activity[rows, column]
            frame[f"shows_{site.name}"] = session.sites.active[rows, column]
    return frame


def _logos(record: Explanation) -> pd.DataFrame:
    """Mean map of the reference's cluster and average background, a row a position and letter."""
    import pandas as pd

    width, letters = record.background.shape
    mean = np.full((width, letters), np.nan)
    if record.reference_cluster is not None:
        mean = record.mean_maps[record.row_of(record.reference_cluster)]
    return pd.DataFrame(
        {
            "position": np.repeat(np.arange(record.start, record.start + width), letters),
            "letter": list(record.alphabet[:letters]) * width,
            "reference_cluster_mean": mean.ravel(),
            "background": record.background.ravel(),
        }
    )


def _sites(session: Session, locus: Locus, summary: dict[str, Any]) -> pd.DataFrame:
    """One row a site; `chromosome_start` and `_stop` are -1 where the place is not known."""
    import pandas as pd

    rows = []
    sites = () if session.sites is None else session.sites.sites
    judged = {site["name"]: site for site in summary["sites"]}
    for column, site in enumerate(sites):
        place = None if locus.interval is None else locus.interval.part(site.start, site.stop)
        assert session.sites is not None
        rows.append(
            {
                "site": site.name,
                "start": site.start,
                "stop": site.stop,
                "positions": list(site.positions),
                "letters": locus.sequence[site.start : site.stop],
                "chromosome": "" if place is None else place.chromosome,
                "chromosome_start": -1 if place is None else place.start,
                "chromosome_stop": -1 if place is None else place.stop,
                "strand": "" if place is None else place.strand,
                "active_clusters": int(session.sites.active[:, column].sum()),
                "verdict": judged[site.name]["verdict"],
                "origin": judged[site.name]["origin"],
                **{
                    f"knockout_{name}": judged[site.name]["knockout"][name]
                    for name in ("effect", "se", "q")
                },
            }
        )
    columns = [
        "site", "start", "stop", "positions", "letters", "chromosome", "chromosome_start",
        "chromosome_stop", "strand", "active_clusters", "verdict", "origin", "knockout_effect",
        "knockout_se", "knockout_q",
    ]  # fmt: skip
    numbers = dict.fromkeys(("knockout_effect", "knockout_se", "knockout_q"), np.float64)
    return pd.DataFrame(rows, columns=columns).astype(numbers)
