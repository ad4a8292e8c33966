"""The loci of a batch as its folder lists them: where each is, and what it must be made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seam_core.batch.parts import loci_in_a_part
from seam_core.exports.files import write_text
from seam_core.exports.tables import write_parquet
from seam_core.readers.loci import Locus
from seam_core.readers.settings import read_object
from seam_core.readers.tables import read_parquet
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.batch.worker import Job

BATCH, LIST = "batch.json", "batch.parquet"
_NEEDED = ("locus", "fingerprint", "error")


def listing_of(jobs: list[Job]) -> pd.DataFrame:
    """A row a locus: name, place, error, fingerprint; all but its letters."""
    import pandas as pd

    rows = [
        {
            "locus": job.locus.name,
            **_place(job.locus),
            "error": job.locus.error,
            "fingerprint": job.fingerprint,
        }
        for job in jobs
    ]
    columns = ["locus", "chromosome", "start", "stop", "strand", "error", "fingerprint"]
    return pd.DataFrame(rows, columns=columns)


def _place(locus: Locus) -> dict[str, Any]:
    """Chromosome, start (0-based), stop (exclusive) and strand; "" and -1 where not known."""
    place = locus.interval
    if place is None:
        return {"chromosome": "", "start": -1, "stop": -1, "strand": ""}
    return {
        "chromosome": place.chromosome,
        "start": place.start,
        "stop": place.stop,
        "strand": place.strand,
    }


def write_listing(out: Path, listing: pd.DataFrame) -> bool:
    """Mark a folder as that of a batch of these loci; False where it was that already."""
    if is_batch(out):
        try:
            if read_listing(out).equals(listing):
                return False
        except InputError:
            pass  # it is written anew
    write_parquet(listing, out / LIST, what="batch", index=False)
    write_about(out)
    return True


def write_about(out: Path) -> None:
    """`batch.json` of a folder in which the loci are listed."""
    n = len(read_parquet(out / LIST, "batch"))
    about = {"format": "seam-batch", "format_version": 2, "loci": n}
    about["loci_in_a_part"] = loci_in_a_part(n)
    write_text(out / BATCH, json.dumps(about, indent=1) + "\n")


def read_listing(folder: Path) -> pd.DataFrame:
    """The loci that a folder lists. Raises `InputError` where it is not that of a batch."""
    import pandas as pd

    expected = "the folder of a batch"
    try:
        loci = read_object(folder / BATCH, "batch").get("loci", [])
    except InputError as error:
        raise InputError("batch", f"no {BATCH} that can be read", expected, str(folder)) from error
    if isinstance(loci, int):
        frame = read_parquet(folder / LIST, "batch")
    elif isinstance(loci, list) and all(isinstance(each, dict) for each in loci):
        frame = pd.DataFrame(loci, columns=[*(loci[0] if loci else _NEEDED)])
    else:
        frame = pd.DataFrame()
    if not set(_NEEDED) <= set(frame.columns):
        raise InputError("batch", f"no loci in {BATCH}", expected, str(folder))
    return frame


def is_batch(folder: Path | str) -> bool:
    """True when `folder` is that of a batch, finished or not."""
    return (Path(folder) / BATCH).is_file()
