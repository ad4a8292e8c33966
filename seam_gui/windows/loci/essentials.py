"""What is kept of one locus, read from its folder for the browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.intervals import Interval
from seam_core.records import Site
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.batch import Batch
    from seam_core.pipeline import RunConfig
    from seam_core.progress import Progress
    from seam_core.recipes import Recipe

MSM = {"Entropy": "bits", "Reference": "%", "Consensus": "%"}


@dataclass(frozen=True, eq=False)
class LocusEssentials:
    """A finished locus.

    ids : (K,) clusters in their order; `reference_cluster` is one of them or None
    msm : quantity -> (K, W)
    reference_mean, background : (W, A)
    letters : (W,) indices of the locus's letters in `alphabet`
    site_activity : (K, S)
    shown : (K, S) bool, which cluster shows which site
    tables : "clusters", "configurations", "epistasis"
    manifest : how it was made, what was found
    session : folder of the whole session, where it was kept
    """

    name: str
    manifest: dict[str, Any]
    start: int
    alphabet: str
    letters: np.ndarray
    ids: np.ndarray
    reference_cluster: int | None
    msm: dict[str, np.ndarray]
    reference_mean: np.ndarray
    background: np.ndarray
    sites: tuple[Site, ...]
    site_activity: np.ndarray
    shown: np.ndarray
    tables: dict[str, pd.DataFrame]
    session: Path | None

    @property
    def interval(self) -> Interval | None:
        """Its place in the genome, where that is known."""
        place = self.manifest["locus"]["interval"]
        return Interval(**place) if place else None


def read_essentials(batch: Batch, name: str, progress: Progress) -> LocusEssentials:
    """The essentials of a locus. Raises `InputError` where a file is not there or damaged."""
    import pandas as pd

    from seam_core import store

    progress.update(0, 1, name)
    kept, session = batch.locus(name), batch.session_folder(name)
    try:
        frames = {part: table.to_pandas() for part, table in kept.tables.items()}
        for part in ("configurations", "epistasis"):
            frames.setdefault(part, pd.DataFrame())
        whole = session if store.is_session(session) else None
        return _essentials(name, kept.manifest, frames, whole)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "locus", str(error), "the tables of a finished locus", str(batch.folder)
        ) from error


def _essentials(
    name: str,
    manifest: dict[str, Any],
    frames: dict[str, pd.DataFrame],
    session: Path | None,
) -> LocusEssentials:
    clusters, msm, logos, sites = (frames[p] for p in ("clusters", "msm", "logos", "sites"))
    ids = clusters["cluster"].to_numpy(dtype=np.int64)
    positions = np.unique(logos["position"].to_numpy())
    start, width = int(positions[0]), len(positions)
    alphabet = "".join(logos["letter"].iloc[: len(logos) // width])
    holding = clusters.loc[clusters["holds_reference"], "cluster"]
    sequence = manifest["locus"]["sequence"][start : start + width]
    names = [column for column in clusters if column.startswith("site_")]
    on_locus = tuple(
        Site(str(row.site), tuple(int(p) for p in row.positions)) for row in sites.itertuples()
    )
    activity = clusters[names].to_numpy(dtype=np.float64)
    flags = [name.replace("site_", "shows_", 1) for name in names]
    kept_flags = all(flag in clusters for flag in flags)  # older batches have none
    shown = clusters[flags].to_numpy(dtype=bool) if kept_flags else activity >= 0.5
    return LocusEssentials(
        name=name,
        manifest=manifest,
        start=start,
        alphabet=alphabet,
        letters=np.array([alphabet.find(letter) for letter in sequence], dtype=np.int64),
        ids=ids,
        reference_cluster=int(holding.iloc[0]) if len(holding) else None,
        msm={name: msm[name].to_numpy().reshape(len(ids), width) for name in MSM},
        reference_mean=np.nan_to_num(logos["reference_cluster_mean"].to_numpy().reshape(width, -1)),
        background=logos["background"].to_numpy().reshape(width, -1),
        sites=on_locus,
        site_activity=activity,
        shown=shown.reshape(len(ids), len(on_locus)),
        tables={part: frames[part] for part in ("clusters", "configurations", "epistasis")},
        session=session,
    )


def again(essentials: LocusEssentials, model: str) -> RunConfig:
    """The settings that made a locus, as a run's: the same seed, and `model` where it lies here."""
    from seam_core.pipeline import RunConfig

    config = RunConfig.from_dict(essentials.manifest["parameters"])
    locus = essentials.manifest["locus"]
    return replace(
        config,
        name=essentials.name,
        sequence=locus["sequence"],
        locus=str(essentials.interval or ""),
        oracle=config.oracle.replace(model=model),
    )


def joined_by(essentials: LocusEssentials) -> Recipe | None:
    """The recipe whose runs were joined to the locus's result; None where there was one run."""
    from seam_core import recipes

    values = essentials.manifest.get("recipe")
    return None if values is None else recipes.parse(values, "recipe")


def place_of(row: Any) -> str:
    """Where a locus is, in words; "" where that is not known."""
    if not row["chromosome"]:
        return ""
    strand = "" if row["strand"] == "+" else " (-)"
    return f"{row['chromosome']}:{int(row['start']) + 1:,}-{int(row['stop']):,}{strand}"
