"""Real inputs of the benchmarks: the DeepSTARR network and its maps of the *eve* locus.

They are looked for under SEAM_DATA, by default the folder `shared/data` beside the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SEAM_DATA", ROOT.parent / "shared" / "data"))
CACHE = ROOT / "build" / "bench"


def deepstarr_model() -> Path:
    """The .json of DeepSTARR, its weights beside it."""
    path = DATA / "deepstarr" / "deepstarr.model.json"
    if not path.exists():
        raise SystemExit(
            f"benchmarks: {path} is missing; set SEAM_DATA to the folder with the data"
        )
    return path


def eve_window() -> str:
    """The 249 letters of chr2R:5876534-5876782."""
    text = (DATA / "deepstarr" / "eve_windows_249.fa").read_text(encoding="ascii")
    records = {r.split()[0]: "".join(r.split("\n")[1:]) for r in text.split(">") if r.strip()}
    (name,) = (name for name in records if "5876534" in name)
    return records[name]
