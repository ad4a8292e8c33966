"""Binding sites as files: tables, BED for genome browsers, motifs in MEME's format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.exports import tables
from seam_core.exports.files import write_text
from seam_core.exports.material import Material
from seam_core.exports.record import Export
from seam_core.findings import Experiments, scanned_sites
from seam_core.intervals import Interval, span_text
from seam_core.motifs.extract import seqlet_motifs, seqlets, site_motifs
from seam_core.motifs.meme import Motif, meme_text
from seam_core.motifs.names import shown_matches
from seam_core.records import PERSISTENT, Library, Site, Sites
from seam_core.session import Session
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

GAP = "·"


def sites_frame(material: Material) -> pd.DataFrame:
    """One row a site: what the table on the screen holds, all positions, and where in the genome.

    Columns of the genome are there where the session's locus is known, those of motifs where the
    sites were compared with known ones.
    """
    import pandas as pd

    session, sites = material.session, material.need("sites")
    effects = effects_of(sites)
    best = _best_matches(material.matches)
    judged = _judged(session.experiments)
    rows = []
    for index, site in enumerate(sites.sites):
        estimate, low, high = effects.get(site.name, (np.nan, np.nan, np.nan))
        share = sites.stability_of(index)
        row: dict[str, Any] = {
            "Site": site.name,
            "Start": site.start,
            "Stop": site.stop,
            "Length": len(site.positions),
            "Letters": site_letters(session.library, site),
            "Clusters": int(sites.active[:, index].sum()),
            "Effect": estimate,
            "Effect low": low,
            "Effect high": high,
            "Positions": " ".join(map(str, site.positions)),
            "Stability": np.nan if share is None else share,
        }
        row |= judged.get(site.name, {})
        if session.locus is not None:
            row |= _place(session.locus, site)
        if best is not None:
            row |= best.get(site.name, {"Motif": "", "Motif id": "", "q": np.nan})
        rows.append(row)
    return pd.DataFrame(rows)


def _judged(experiments: Experiments | None) -> dict[str, dict[str, Any]]:
    """Site -> what the model answered about it; empty where it was not asked."""
    if experiments is None or not experiments.asked:
        return {}
    return {
        str(row["site"]): {
            "Found by": row["origin"],
            "Verdict": str(row["verdict"]).replace("_", " "),
            "Knock-out": row["effect"],
            "Knock-out se": row["se"],
            "Knock-out q": row["q"],
            "Note": row["note"],
        }
        for row in experiments.sites.to_dict("records")
    }


def effects_of(sites: Sites) -> dict[str, tuple[float, float, float]]:
    """Site -> what it alone adds to the activity, with its interval; NaN where not represented."""
    effects = {}
    for entry in sites.epistasis.to_dict("records"):
        if int(entry["order"]) == 1 and bool(entry.get("represented", True)):
            effects[str(entry["sites"])] = (
                float(entry["estimate"]),
                float(entry.get("low", np.nan)),
                float(entry.get("high", np.nan)),
            )
    return effects


def stability_in_words(session: Session, index: int) -> str:
    """How stable a site of the session is; "" where that is not known."""
    assert session.sites is not None
    if session.sites.sites[index].name in scanned_sites(session.experiments):
        return "found by the scan"
    share = session.sites.stability_of(index)
    if share is None:
        return ""
    return f"{share:.0%}" + ("" if share >= PERSISTENT else ", unstable")


def site_letters(library: Library | None, site: Site) -> str:
    """The reference's letters over a site, dots in its gaps; "" without a reference."""
    if library is None or library.reference is None:
        return ""
    letters = library.alphabet + "N"
    inside = set(site.positions)
    span = range(site.start, site.stop)
    return "".join(letters[library.reference[p]] if p in inside else GAP for p in span)


def _place(locus: Interval, site: Site) -> dict[str, Any]:
    place = locus.part(site.start, site.stop)
    return {
        "Chromosome": place.chromosome,
        "Chromosome start": place.start,
        "Chromosome stop": place.stop,
        "Strand": place.strand,
    }


def _best_matches(matches: pd.DataFrame | None) -> dict[str, dict[str, Any]] | None:
    if matches is None:
        return None
    best = matches.sort_values("p_value", kind="stable").drop_duplicates("query")
    shown = shown_matches(matches)
    return {
        str(row["query"]): {
            "Motif": shown[str(row["query"])],
            "Motif id": row["target"],
            "q": row["q_value"],
        }
        for row in best.to_dict("records")
    }


def write_sites(material: Material, path: Path) -> Path:
    return tables.write_table(sites_frame(material), path)


def write_configurations(material: Material, path: Path) -> Path:
    return tables.write_table(material.need("sites").configurations, path)


def write_interactions(material: Material, path: Path) -> Path:
    return tables.write_table(material.need("sites").epistasis, path)


def write_drivers(material: Material, path: Path) -> Path:
    return tables.write_table(material.need("sites").drivers, path)


def write_site_motifs(material: Material, path: Path) -> Path:
    """A motif a site that some cluster shows: the letters kept there over those offered."""
    return write_meme(site_motifs(material.need("explanation"), material.need("sites")), path)


def write_seqlet_motifs(material: Material, path: Path) -> Path:
    """A motif a stretch that stands out in a cluster's foreground, of every cluster."""
    explanation = material.need("explanation")
    parts = [part for i in material.order if i >= 0 for part in seqlets(explanation, i)]
    if not parts:
        raise InputError("seqlets", "none: no cluster's foreground stands out", "one or more")
    return write_meme(seqlet_motifs(explanation, parts), path)


def write_meme(motifs: Iterable[Motif], path: Path | str) -> Path:
    """Write motifs of one alphabet in the minimal MEME format that MEME Suite's tools read.

    Raises `InputError` for no motifs, for two alphabets, for letters that MEME does not have, or
    for a path that cannot be written.
    """
    return write_text(path, meme_text(motifs), what="motifs")


def write_site_bed(material: Material, path: Path) -> Path:
    session = material.session
    length = None if session.library is None else session.library.length
    return write_bed(material.need("sites"), path, locus=session.locus, length=length)


def write_bed(
    sites: Sites,
    path: Path | str,
    *,
    locus: Interval | None = None,
    length: int | None = None,
    names: dict[str, str] | None = None,
) -> Path:
    """Write sites as BED12: one line a site, one block a contiguous stretch of its positions.

    The score is 1,000 times the share of clusters that show the site.

    Raises `InputError` where the locus is not as long as the sequence, a site leaves it, or the
    path cannot be written.

    Parameters
    ----------
    locus : where the sequence lies; None: coordinates within a sequence named "sequence", and no
        strand (".")
    length : letters of the sequence; checked against the locus and the sites
    names : site -> name to write instead of the site's own
    """
    if locus is not None and length is not None:
        locus.check_length(length)
    end = length if locus is None else len(locus)
    for site in sites.sites:
        if site.start < 0 or (end is not None and site.stop > end):
            got = f"positions {span_text(site.start, site.stop)}"
            raise InputError(f"site {site.name}", got, f"positions within 0 to {end}")
    lines = [_bed_fields(sites, index, locus, names or {}) for index in range(len(sites.sites))]
    lines.sort(key=lambda fields: fields[1])
    text = "".join("\t".join(map(str, fields)) + "\n" for fields in lines)
    return write_text(path, text, what="sites")


def _bed_fields(
    sites: Sites, index: int, locus: Interval | None, names: dict[str, str]
) -> list[Any]:
    site = sites.sites[index]
    strand = "." if locus is None else locus.strand
    place = locus or Interval("sequence", 0, 0)
    if strand == "-":
        positions = sorted(place.stop - 1 - position for position in site.positions)
    else:
        positions = [place.start + position for position in site.positions]
    runs = np.split(np.array(positions), np.flatnonzero(np.diff(positions) > 1) + 1)
    first, stop = positions[0], positions[-1] + 1
    score = round(1000 * float(sites.active[:, index].mean())) if len(sites.active) else 0
    return [
        place.chromosome, first, stop, "_".join(names.get(site.name, site.name).split()), score,
        strand, first, stop, "0,0,0", len(runs), ",".join(str(len(run)) for run in runs),
        ",".join(str(run[0] - first) for run in runs),
    ]  # fmt: skip


def _some_sites(session: Session) -> bool:
    return session.sites is not None and len(session.sites.sites) > 0


def _some_drivers(session: Session) -> bool:
    return session.sites is not None and session.sites.drivers is not None


SITE_TABLE = Export(
    "sites",
    "Table of the sites",
    "Bounds, letters, clusters, effect with its interval, positions, place in the genome",
    ("sites",),
    tables.SUFFIXES,
    write_sites,
    columns="sites",
    enough=_some_sites,
)
BED = Export(
    "bed",
    "Sites (BED)",
    "For a genome browser: one line a site, one block a stretch of its positions",
    ("sites",),
    (".bed",),
    write_site_bed,
    enough=_some_sites,
)
MOTIFS = Export(
    "motifs",
    "Motifs of the sites (MEME)",
    "Letters that the clusters with a site kept there, over those that the library offered",
    ("explanation", "sites"),
    (".meme", ".txt"),
    write_site_motifs,
    enough=_some_sites,
)
SEQLETS = Export(
    "seqlets",
    "Motifs of the clusters' seqlets (MEME)",
    "Stretches that stand out in each cluster's foreground, with a position on either side",
    ("explanation",),
    (".meme", ".txt"),
    write_seqlet_motifs,
)
CONFIGURATIONS = Export(
    "configurations",
    "Configurations of sites",
    "Activity of the sequences that show each subset of the sites, with its interval",
    ("sites",),
    tables.SUFFIXES,
    write_configurations,
    columns="configurations",
)
INTERACTIONS = Export(
    "interactions",
    "Interaction terms",
    "What sites add alone and together, with intervals",
    ("sites",),
    tables.SUFFIXES,
    write_interactions,
    columns="epistasis",
)
DRIVERS = Export(
    "drivers",
    "Driver mutations",
    "What each substitution does to its site and to the activity",
    ("sites",),
    tables.SUFFIXES,
    write_drivers,
    columns="drivers",
    enough=_some_drivers,
)
