"""Annotations of a sequence: BED, narrowPeak, GFF, GTF, VCF and bigWig as tracks below the logos.

Where the locus of the sequence is known, what the file has there is taken, in the sequence's own
coordinates (turned round on the reverse strand). Where it is not, the file is taken to be in the
sequence's own coordinates, whatever its chromosome is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.intervals import Interval, same_chromosome
from seam_core.readers.bigwig import signal_of
from seam_core.readers.door import existing, lines_of, text_of
from seam_core.validate import InputError, lacking_or_odd

if TYPE_CHECKING:
    import pandas as pd

FEATURES, SIGNAL = "features", "signal"
_PACKED = (".gz", ".bgz")
_MOST = 20_000  # features at one locus; more cannot be told apart in a picture
_NAMES = ("Name", "gene_name", "gene", "transcript_name", "transcript_id", "gene_id", "ID")
_KEY = re.compile(r'\s*([^\s=";]+)[ =]+')


@dataclass(frozen=True)
class Feature:
    """A stretch of the sequence: 0-based, `stop` exclusive, cut at the sequence's ends.

    strand : "+" or "-" of the sequence, "" where there is none
    score : NaN where there is none
    kind : "gene", "exon", ... of GFF; "peak", "variant"; else ""
    """

    start: int
    stop: int
    name: str = ""
    strand: str = ""
    score: float = float("nan")
    kind: str = ""


@dataclass(frozen=True, eq=False)
class Track:
    """What one file says of the sequence.

    kind : `FEATURES`, or `SIGNAL`
    features : by start
    values : (L,) float64 of a signal, NaN where the file has none
    source : the file's name
    """

    name: str
    kind: str
    features: tuple[Feature, ...] = ()
    values: np.ndarray | None = None
    source: str = ""

    @property
    def is_empty(self) -> bool:
        """True where the file has nothing on the sequence."""
        if self.values is None:
            return not self.features
        return not np.isfinite(self.values).any()


def check_track_file(path: Path | str) -> Path:
    """The file, known by its suffix; raises `InputError` for one that is not there or another."""
    path = existing(path, "track", FORMATS)
    if _suffix(path) not in SUFFIXES:
        raise InputError("track", repr(path.name), FORMATS, str(path))
    return path


def _suffix(path: Path) -> str:
    """The last suffix, packing aside."""
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in _PACKED]
    return suffixes[-1] if suffixes else ""


def read_track(path: Path | str, length: int, locus: Interval | None = None) -> Track:
    """The part of a file that lies on the sequence.

    Raises `InputError` for another kind of file, a line that cannot be read, or a bigWig without
    the package pyBigWig.

    Parameters
    ----------
    path : by its suffix, also packed (.gz) where it is text
    length : L, positions of the sequence
    locus : where it lies; None: the file is in the sequence's own coordinates
    """
    path = check_track_file(path)
    name, suffix = path.name, _suffix(path)
    for ending in (*_PACKED, suffix):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name
    place = locus or Interval("", 0, length)
    place.check_length(length)
    parse = _FORMATS[suffix].parse
    if parse is None:
        values = signal_of(path, place, placed=locus is not None, field="track", expected=FORMATS)
        values = values[::-1].copy() if place.strand == "-" else values
        return Track(name, SIGNAL, values=values, source=path.name)
    found = _on(place, _lines(path, parse), locus is not None)
    if _FORMATS[suffix].kind == SIGNAL:
        values = np.full(length, np.nan)
        for one in found:
            values[one.start : one.stop] = one.score
        return Track(name, SIGNAL, values=values, source=path.name)
    features = sorted(found, key=lambda f: (f.start, f.stop))
    if len(features) > _MOST:
        raise InputError("track", f"{len(features):,} features", f"{_MOST:,} at most", str(path))
    return Track(name, FEATURES, tuple(features), source=path.name)


@dataclass(frozen=True)
class _Line:
    chromosome: str
    start: int
    stop: int
    name: str = ""
    strand: str = ""
    score: float = float("nan")
    kind: str = ""


# the cells of a line -> what it says
_Parse = Callable[[Sequence[str]], _Line]


def _lines(path: Path, parse: _Parse) -> Iterator[_Line]:
    text = text_of(path, "track", FORMATS)
    for number, line in enumerate(lines_of(text), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        if line.startswith(">"):  # letters at the end of a GFF
            return
        try:
            one = parse(line.rstrip("\n").split("\t") if "\t" in line else line.split())
        except (ValueError, IndexError) as error:
            raise InputError(f"line {number}", repr(line[:80]), FORMATS, str(path)) from error
        if one.start < 0 or one.stop < one.start:
            raise InputError(
                f"line {number}", f"{one.start} to {one.stop}", "a start at or before the stop",
                str(path),
            )  # fmt: skip
        yield one


def _number(text: str) -> float:
    return float("nan") if text in (".", "") else float(text)


def _bed(cells: Sequence[str]) -> _Line:
    name = cells[3] if len(cells) > 3 and cells[3] != "." else ""
    score = _number(cells[4]) if len(cells) > 4 else float("nan")
    strand = cells[5] if len(cells) > 5 and cells[5] in "+-" else ""
    return _Line(cells[0], int(cells[1]), int(cells[2]), name, strand, score)


def _peak(cells: Sequence[str]) -> _Line:
    one = _bed(cells)
    signal = _number(cells[6]) if len(cells) > 6 else one.score
    return _Line(one.chromosome, one.start, one.stop, one.name, one.strand, signal, "peak")


def _bedgraph(cells: Sequence[str]) -> _Line:
    return _Line(cells[0], int(cells[1]), int(cells[2]), score=float(cells[3]))


def _gff(cells: Sequence[str]) -> _Line:
    said = _attributes(cells[8]) if len(cells) > 8 else {}
    name = next((said[key] for key in _NAMES if said.get(key)), "")
    strand = cells[6] if cells[6] in "+-" else ""
    start = int(cells[3]) - 1  # 1-based, both ends included
    return _Line(cells[0], start, int(cells[4]), name, strand, _number(cells[5]), cells[2])


def _attributes(text: str) -> dict[str, str]:
    """`ID=g1;Name=n` of GFF, `gene_id "g1"; gene_name "n"` of GTF."""
    said = {}
    for part in text.split(";"):
        key = _KEY.match(part)
        if key is not None:
            said[key[1]] = part[key.end() :].strip(' "')
    return said


def _vcf(cells: Sequence[str]) -> _Line:
    start = int(cells[1]) - 1
    name = f"{cells[3]}>{cells[4]}" if cells[2] in (".", "") else cells[2]
    quality = _number(cells[5]) if len(cells) > 5 else float("nan")
    return _Line(cells[0], start, start + len(cells[3]), name, "", quality, "variant")


@dataclass(frozen=True)
class _Format:
    """A kind of file: its name, how a line is read (None: it has none), features or a signal."""

    name: str
    parse: _Parse | None
    kind: str = FEATURES


# the one place that a kind of file is declared in: by suffix
_FORMATS = {
    ".bed": _Format("BED", _bed),
    ".narrowpeak": _Format("narrowPeak", _peak),
    ".broadpeak": _Format("broadPeak", _peak),
    ".bedgraph": _Format("bedGraph", _bedgraph, SIGNAL),
    ".gff": _Format("GFF", _gff),
    ".gff3": _Format("GFF", _gff),
    ".gtf": _Format("GTF", _gff),
    ".vcf": _Format("VCF", _vcf),
    ".bw": _Format("bigWig", None, SIGNAL),
    ".bigwig": _Format("bigWig", None, SIGNAL),
}
SUFFIXES = tuple(_FORMATS)
# as messages and help name them: "BED, narrowPeak, ... or bigWig"
FORMATS = " or ".join(", ".join({one.name: 0 for one in _FORMATS.values()}).rsplit(", ", 1))


def _on(place: Interval, lines: Iterator[_Line], placed: bool) -> Iterator[Feature]:
    """Lines that lie on the sequence, in its own coordinates."""
    for one in lines:
        if placed and not same_chromosome(one.chromosome, place.chromosome):
            continue
        first, last = max(one.start, place.start), min(one.stop, place.stop)
        if first >= last:
            continue
        start, stop, strand = first - place.start, last - place.start, one.strand
        if place.strand == "-":
            start, stop = len(place) - stop, len(place) - start
            strand = {"+": "-", "-": "+"}.get(strand, "")
        yield Feature(start, stop, one.name, strand, one.score, one.kind)


def to_dict(track: Track) -> dict[str, Any]:
    """Plain values for JSON; no number stands as null."""
    return {
        "name": track.name,
        "kind": track.kind,
        "source": track.source,
        "features": [
            [f.start, f.stop, f.name, f.strand, None if f.score != f.score else f.score, f.kind]
            for f in track.features
        ],
        "values": None
        if track.values is None
        else [None if v != v else round(float(v), 6) for v in track.values],
    }


def from_dict(values: Mapping[str, Any], source: str = "") -> Track:
    """The opposite of `to_dict`; raises `InputError` where something is missing or odd."""
    try:
        signal = values["values"]
        if values["kind"] not in (FEATURES, SIGNAL) or (values["kind"] == SIGNAL) != (
            signal is not None
        ):
            raise ValueError(values["kind"])
        features = tuple(
            Feature(
                int(start),
                int(stop),
                str(name),
                str(strand),
                float("nan") if score is None else float(score),
                str(kind),
            )
            for start, stop, name, strand, score, kind in values["features"]
        )
        array = None
        if signal is not None:
            array = np.array([np.nan if v is None else float(v) for v in signal])
        return Track(
            str(values["name"]), str(values["kind"]), features, array, str(values["source"])
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            "tracks", lacking_or_odd(error), "name, kind, features, values", source
        ) from error


def tracks_in(state: Mapping[str, Any], length: int | None = None) -> tuple[Track, ...]:
    """The tracks kept in a session's `state`.

    length : L, where it is known; no track is believed that is of another sequence

    Raises `InputError` where they cannot be read.
    """
    listed = state.get("tracks", ())
    if not isinstance(listed, list | tuple):
        raise InputError("tracks", repr(listed)[:60], "a list of tracks", "state")
    tracks = tuple(from_dict(one, "state") for one in listed)
    for track in tracks:
        _check_length(track, length)
    return tracks


def _check_length(track: Track, length: int | None) -> None:
    field = f"track {track.name[:60]}"
    if length is not None and track.values is not None and track.values.shape != (length,):
        got, expected = f"{len(track.values):,} values", f"{length:,}, one a position"
        raise InputError(field, got, expected, "state")
    for one in track.features:
        if not 0 <= one.start <= one.stop or (length is not None and one.stop > length):
            expected = "a place on the sequence"
            raise InputError(field, f"a feature at {one.start} to {one.stop}", expected, "state")


def state_with_tracks(
    state: Mapping[str, Any], paths: Sequence[Path | str], length: int, locus: Interval | None
) -> dict[str, Any]:
    """A session's `state` with the tracks of files after those it has; as `read_track`."""
    kept = tracks_in(state, length)
    added = tuple(read_track(path, length, locus) for path in paths)
    return {**state, "tracks": [to_dict(track) for track in (*kept, *added)]}


def rows_of(features: Sequence[Feature], gap: int = 1) -> np.ndarray:
    """(n,) row of each feature, so that none lies over another; features by start."""
    ends: list[int] = []
    rows = np.zeros(len(features), dtype=np.int64)
    for place, one in enumerate(features):
        row = next((r for r, end in enumerate(ends) if end + gap <= one.start), len(ends))
        if row == len(ends):
            ends.append(0)
        ends[row] = one.stop
        rows[place] = row
    return rows


def sites_on_tracks(sites: Sequence[Any], tracks: Sequence[Track]) -> pd.DataFrame:
    """Which site lies on which feature, one row a pair that shares a position.

    Columns: `site`, `track`, `feature`, `start`, `stop`, `shared` (positions of the site in it),
    `score`. A signal is one row a site: its mean over the site's positions.
    """
    import pandas as pd

    rows = []
    for site in sites:
        positions = np.asarray(site.positions)
        for track in tracks:
            if track.values is not None:
                known = track.values[positions]
                known = known[np.isfinite(known)]
                if len(known):
                    mean = float(known.mean())
                    rows.append(
                        (site.name, track.name, "signal", site.start, site.stop, len(known), mean)
                    )
                continue
            for one in track.features:
                shared = int(((positions >= one.start) & (positions < one.stop)).sum())
                if shared:
                    called = one.name or one.kind
                    rows.append(
                        (site.name, track.name, called, one.start, one.stop, shared, one.score)
                    )
    columns = ["site", "track", "feature", "start", "stop", "shared", "score"]
    return pd.DataFrame(rows, columns=columns)
