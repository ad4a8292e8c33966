"""Ways to other mechanisms as files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from seam_core.exports.files import made_folder, replacing, write_text
from seam_core.exports.tables import write_parquet, write_table
from seam_core.reprogramming.reprogrammer import Reprogramming
from seam_core.session import Session
from seam_core.validate import InputError


def with_ways(session: Session, reprogramming: Reprogramming) -> Session:
    """The session with the steps of the ways.

    Raises `InputError` where there is nothing to keep them with: what its clusters are trusted for.
    """
    if session.trust is None:
        raise InputError("session", "sites not tested on the model", "one with experiments")
    return replace(session, trust=replace(session.trust, ways=reprogramming.paths))


def write_reprogramming(reprogramming: Reprogramming, folder: Path | str) -> list[Path]:
    """Write `paths` and `singles` as .csv and .parquet, `paths_maps.npy`, `reprogramming.json`.

    Raises `InputError` where they cannot be written.
    """
    folder = made_folder(folder, what="--out")
    written = []
    for name, frame in (("paths", reprogramming.paths), ("singles", reprogramming.singles)):
        written.append(write_table(frame, folder / f"{name}.csv"))
        write_parquet(frame, folder / f"{name}.parquet", index=False)
    with replacing(folder / "paths_maps.npy", what="maps") as partial, open(partial, "wb") as out:
        np.save(out, np.asarray(reprogramming.maps, np.float32), allow_pickle=False)
    least = reprogramming.least()
    about = {
        "format": "seam-reprogramming",
        "format_version": 1,
        "least": dict(
            zip(map(str, least["mechanism"]), map(int, least["substitutions"]), strict=True)
        ),
        "missing": list(reprogramming.missing),
        "maps_start": reprogramming.start,
        "n_asked": reprogramming.n_asked,
        "parameters": reprogramming.parameters.to_dict(),
    }
    text = json.dumps(about, indent=1) + "\n"
    return [*written, write_text(folder / "reprogramming.json", text, what="summary")]
