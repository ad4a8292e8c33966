"""Names for sites, and sites on the genome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.records import Sites
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

_LOCUS = re.compile(r"([^\s:]+):([\d,]+)\s*(?:-|\.\.)\s*([\d,]+)\s*(?::?\(?([+-])\)?)?")


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


@dataclass(frozen=True)
class Locus:
    """Where a sequence lies in a genome: 0-based, `stop` exclusive; "-" where it is read from the
    other strand."""

    chromosome: str
    start: int
    stop: int
    strand: str = "+"

    def __str__(self) -> str:
        """As a genome browser writes it: 1-based, both ends included."""
        suffix = "" if self.strand == "+" else "(-)"
        return f"{self.chromosome}:{self.start + 1}-{self.stop}{suffix}"


def parse_locus(text: str) -> Locus:
    """ "chr2R:5876534-5876782" (1-based, both ends included; "(-)" behind it for the other strand).

    Raises `InputError` for anything else.
    """
    found = _LOCUS.fullmatch(text.strip())
    wanted = "chromosome:first-last, as chr2R:5876534-5876782 or chr1:1,001-1,249(-)"
    if found is None:
        raise InputError("locus", repr(text), wanted)
    chromosome, first, last, strand = found.groups()
    start, stop = int(first.replace(",", "")) - 1, int(last.replace(",", ""))
    if start < 0 or stop <= start:
        raise InputError("locus", repr(text), wanted + ", with first at least 1 and at most last")
    return Locus(chromosome, start, stop, strand or "+")


def write_bed(
    sites: Sites,
    path: Path | str,
    *,
    locus: Locus | None = None,
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
    if locus is not None and length is not None and locus.stop - locus.start != length:
        raise InputError(
            "locus", f"{locus}, {locus.stop - locus.start} letters", f"{length}, as the sequence"
        )
    lines = [
        _bed_line(sites, index, locus or Locus("sequence", 0, 1 << 60), names or {})
        for index in range(len(sites.sites))
    ]
    path = Path(path)
    try:
        lines.sort(key=lambda line: int(line.split("\t")[1]))
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise InputError("sites", str(error), "a path that can be written", str(path)) from error
    return path


def _bed_line(sites: Sites, index: int, locus: Locus, names: dict[str, str]) -> str:
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
