"""What a file is, told from its first bytes: names for what cannot be read, whatever its suffix."""

from __future__ import annotations

import zipfile
from pathlib import Path

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x93NUMPY", "npy"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PAR1", "parquet"),
    (0, b"ARROW1", "an Arrow (Feather) file"),
    (0, b"\x26\xfc\x8f\x88", "a bigWig file of signals"),
    (0, b"\x88\x8f\xfc\x26", "a bigWig file of signals"),
    (0, b"\xeb\xf2\x89\x87", "a bigBed file"),
    (0, b"\x87\x89\xf2\xeb", "a bigBed file"),
    (0, b"\x43\x27\x41\x1a", "a 2bit genome"),
    (0, b"\x1a\x41\x27\x43", "a 2bit genome"),
    (0, b"BAM\x01", "a BAM file of alignments"),
    (0, b"CRAM", "a CRAM file of alignments"),
    (0, b"BCF\x02", "a BCF file of variants"),
    (0, b"\xd0\xcf\x11\xe0", "an Excel or Word file"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"MATLAB 5.0", "a MATLAB file"),
    (0, b"RDX", "an R data file"),
    (0, b"X\n\x00\x00\x00", "an R data file"),
    (0, b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"BZh", "a file packed with bzip2"),
    (0, b"\xfd7zXZ", "a file packed with xz"),
    (0, b"\x28\xb5\x2f\xfd", "a file packed with zstd"),
    (257, b"ustar", "a tar archive"),
)
_HTML = (b"<!doctype html", b"<html")
_HEAD = 512
TEXT, EMPTY = "text", "empty"
# what to do with a file that is not read
ADVICE = {
    "an Excel workbook (.xlsx)": "save the sheet as .csv",
    "an Excel or Word file": "save the sheet as .csv",
    "a bigWig file of signals": "contributions as an array (N, L, 4): .h5, .npz or .npy",
    "a pointer of Git LFS, not the file itself": "fetch it (git lfs pull)",
    "a web page (HTML)": "fetch the file itself, its address gave a page",
    "a 2bit genome": "the genome as FASTA (twoBitToFa)",
    "Python objects (a pickle)": "numbers only, as numpy.save writes them",
    "a PyTorch file (pickled objects)": "numbers only, as numpy.save writes them",
}


def kind_of(path: Path) -> str:
    """`npy`, `zip`, `hdf5`, `gzip`, `parquet`, `text`, `empty`, or words for what is not read.

    A zip archive of another kind than NumPy's is named for what it holds.
    """
    with open(path, "rb") as stream:
        head = stream.read(_HEAD)
    kind = kind_of_bytes(head)
    return _kind_of_zip(path, head) if kind == "zip" else kind


def is_zip(path: Path | str) -> bool:
    """Is it a zip archive? Python's own question raises for some damaged ones."""
    try:
        return zipfile.is_zipfile(path)
    except zipfile.BadZipFile:
        return False


def kind_of_bytes(head: bytes) -> str:
    """The same of a file's first bytes."""
    if not head:
        return EMPTY
    for offset, signature, kind in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return kind
    if head[0] == 0x80 and len(head) > 1 and head[1] in (2, 3, 4, 5):
        return "Python objects (a pickle)"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_HTML):
        return "a web page (HTML)"
    return TEXT


def _kind_of_zip(path: Path, head: bytes) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:
        excel = b"[Content_Types].xml" in head
        return "an Excel workbook (.xlsx)" if excel else "a damaged zip archive"
    last = {name.rsplit("/", 1)[-1] for name in names}
    if "[Content_Types].xml" in last:
        excel = any(name.startswith("xl/") for name in names)
        return "an Excel workbook (.xlsx)" if excel else "an Office document"
    if "data.pkl" in last:
        return "a PyTorch file (pickled objects)"
    if {"config.json", "metadata.json"} <= last:
        return "a Keras model"
    npy = any(name.endswith(".npy") for name in names)
    return "zip" if npy or not names else "a zip archive without arrays"


def said(kind: str) -> str:
    """A kind in words, for messages."""
    words = {
        "npy": "a NumPy array",
        "zip": "an archive of NumPy arrays",
        "hdf5": "an HDF5 file",
        "gzip": "a packed file (gzip)",
        "parquet": "a Parquet table",
        TEXT: "text",
        EMPTY: "an empty file",
    }
    return words.get(kind, kind)
