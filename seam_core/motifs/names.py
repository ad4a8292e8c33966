"""Names for sites, and sites on the genome."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.intervals import Interval
from seam_core.records import Sites
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd


def suggested_names(matches: pd.DataFrame, *, highest_q: float = 0.05) -> dict[str, str]:
    """Query -> name of its best match, for those whose q-value is at most `highest_q`.

    Two queries of one name are told apart by a number: "DREF 1", "DREF 2".
    """
    good = matches[matches["q_value"] <= highest_q].sort_values("p_value", kind="stable")
    best = good.drop_duplicates("query").sort_index()
    repeated = best["name"].duplicated(keep=False)
    numbers = best.groupby("name").cumcount() + 1
    return {
        query: f"{name} {number}" if several else name
        for query, name, number, several in zip(
            best["query"], best["name"], numbers, repeated, strict=True
        )
    }


def write_bed(
    sites: Sites,
    path: Path | str,
    *,
    locus: Interval | None = None,
    length: int | None = None,
    names: dict[str, str] | None = None,
) -> Path:
    """Write sites as BED12: one line a site, one block a contiguous stretch of its positions.

    Parameters
    ----------
    locus : where the sequence lies; None: coordinates within a sequence named "sequence"
    length : letters of the sequence; checked against the locus
    names : site -> name to write instead of the site's own

    The score is 1,000 times the share of clusters that show the site.

    Raises `InputError` where the locus is not as long as the sequence, or the path cannot be
    written.
    """
    if locus is not None and length is not None:
        locus.check_length(length)
    lines = [
        _bed_line(sites, index, locus or Interval("sequence", 0, 1 << 60), names or {})
        for index in range(len(sites.sites))
    ]
    path = Path(path)
    try:
        lines.sort(key=lambda line: int(line.split("\t")[1]))
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise InputError("sites", str(error), "a path that can be written", str(path)) from error
    return path


def _bed_line(sites: Sites, index: int, locus: Interval, names: dict[str, str]) -> str:
    site = sites.sites[index]
    positions = list(site.positions)
    if locus.strand == "-":
        positions = sorted(locus.stop - 1 - position for position in positions)
    else:
        positions = [locus.start + position for position in positions]
    starts = [p for k, p in enumerate(positions) if k == 0 or positions[k - 1] != p - 1]
    ends = [
        p + 1
        for k, p in enumerate(positions)
        if k == len(positions) - 1 or positions[k + 1] != p + 1
    ]
    first, stop = positions[0], positions[-1] + 1
    score = round(1000 * float(sites.active[:, index].mean())) if len(sites.active) else 0
    name = "_".join(names.get(site.name, site.name).split())
    fields = [
        locus.chromosome, first, stop, name, score, locus.strand, first, stop, "0,0,0", len(starts),
        ",".join(str(end - start) for start, end in zip(starts, ends, strict=True)),
        ",".join(str(start - first) for start in starts),
    ]  # fmt: skip
    return "\t".join(map(str, fields))
