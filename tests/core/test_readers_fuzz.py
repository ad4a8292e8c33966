"""Damaged files of every kind: a value that passes the record's checks, or one message.

Runs with a fixed seed within a minute; SEAM_FUZZ=N tries N examples of each kind with another seed.
"""

from __future__ import annotations

import gzip
import io
import os
import signal
import struct
import subprocess
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from seam_core import motifs, readers
from seam_core.exports.sites import write_meme
from seam_core.frameworks import load_oracle
from seam_core.intervals import Interval
from seam_core.parameters import OracleParameters
from seam_core.readers import apart, tracks
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError

LONG = int(os.environ.get("SEAM_FUZZ", "0"))
EXAMPLES = LONG or 40
N, L = 20, 10
RNG = np.random.default_rng(0)
LETTERS = RNG.integers(0, 4, (N, L)).astype(np.int8)
STRINGS = indices_to_strings(LETTERS)
MAPS = RNG.normal(size=(N, L, 4)).astype(np.float32)


def table(path):
    pd.DataFrame({"Sequence": STRINGS, "DNN": np.arange(N) / 7, "name": "a#1"}).to_csv(path)


def parquet(path):
    pd.DataFrame({"Sequence": STRINGS, "DNN": np.arange(N) / 7}).to_parquet(path)


def bgzip(path):
    import pysam

    plain = path.with_name("plain.fa")
    fasta(plain)
    pysam.tabix_compress(str(plain), str(path), force=True)


def fasta(path):
    rows = "".join(f">chr{k} x\n{s}\n{s}\n{s[:5]}\n" for k, s in enumerate(STRINGS[:5]))
    path.write_text(rows)


def indexed(path):
    import pysam

    fasta(path)
    pysam.faidx(str(path))


def bed(path):
    rows = [f"chr0\t{k}\t{k + 5}\tlocus{k}\t0\t+\t1\t1\t1\t2" for k in range(9)]
    path.write_text("\n".join(rows) + "\n")


def hdf5(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("shap/seq", data=MAPS.swapaxes(1, 2), compression="gzip")
        file.create_dataset("obsm/X_umap", data=MAPS[:, :2, 0])


def toml(path):
    path.write_text('sequence = "ACGT"\n[oracle]\nmodel = "a.keras"\nhead = "0"\n[[a]]\nb = [1]\n')


def jaspar(path):
    rows = "\n".join(f"{c}  [ 1 2 3 4 ]" for c in "ACGT")
    path.write_text(f">MA1 A\n{rows}\n>MA2 B\n{rows}\n")


def homer(path):
    path.write_text(">ACG\tA\t6.0\n0.1\t0.2\t0.3\t0.4\n0.25\t0.25\t0.25\t0.25\n")


def transfac(path):
    path.write_text("ID  A\nXX\nP0  A C G T\n01 1 2 3 4 N\n02 4 3 2 1 N\nXX\n//\n")


def meme(path):
    write_meme([motifs.Motif("A", np.full((4, 4), 0.25))], path)


def check_maps(path):
    maps = readers.read_maps(path)
    assert maps.dtype == np.float32
    assert maps.ndim == 3
    assert np.isfinite(maps).all()


def check_embedding(path):
    found = readers.read_embedding(path)
    assert found.ndim == 2
    assert np.isfinite(found).all()


def check_table(path):
    found = readers.read_mave(path, odd_letters="mask")
    assert len(found.frame) == len(found.sequences)
    assert found.sequences.max() < len(found.alphabet)
    assert np.isfinite(found.frame["Activity"].to_numpy(np.float32)).all()


def check_fasta(path):
    for name, letters in readers.read_fasta(path).items():
        assert name
        assert letters.isascii()


def check_genome(path):
    """Whatever an index beside the file says, the letters are those of the file."""
    index = Path(f"{path}.fai")
    if index.is_file():
        os.utime(index)
    without = path.with_name(f"without.{path.name}")
    without.write_bytes(path.read_bytes())
    genome, plain = readers.Genome(path), readers.Genome(without)
    for place in (Interval("chr0", 3, 9), Interval("chr3", 8, 14, "-")):
        assert genome.fetch(place) == plain.fetch(place)


def check_loci(path):
    genome = path.with_name("genome.fa")
    fasta(genome)
    for locus in readers.read_loci(path, genome, width=4 if path.suffix == ".narrowPeak" else None):
        assert locus.error or set(locus.sequence) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ*.-")


def check_motifs(path):
    for motif in motifs.read_motifs(path):
        np.testing.assert_allclose(motif.matrix.sum(axis=1), 1)


def check_oracle(path):
    load_oracle(OracleParameters(model=str(path)))


KINDS = {
    "table.csv": (table, check_table),
    "table.tsv.gz": (lambda p: p.write_bytes(packed(table, p)), check_table),
    "table.parquet": (parquet, check_table),
    "oracle.parquet": (parquet, check_oracle),
    "oracle.csv": (table, check_oracle),
    "maps.npy": (lambda p: np.save(p, MAPS), check_maps),
    "maps.npz": (lambda p: np.savez_compressed(p, maps=MAPS), check_maps),
    "stored.npz": (lambda p: np.savez(p, maps=MAPS), check_maps),
    "maps.h5": (hdf5, check_maps),
    "cells.h5ad": (hdf5, check_embedding),
    "embedding.npy": (lambda p: np.save(p, MAPS[:, :2, 0]), check_embedding),
    "letters.fa": (fasta, check_fasta),
    "letters.fa.gz": (lambda p: p.write_bytes(packed(fasta, p)), check_fasta),
    "genome.fa": (indexed, check_genome),
    "genome.fa.gz": (bgzip, check_genome),
    "plain.fa.gz": (lambda p: p.write_bytes(packed(fasta, p)), check_genome),
    "loci.bed": (bed, check_loci),
    "loci.narrowPeak": (bed, check_loci),
    "loci.fa": (fasta, check_loci),
    "settings.toml": (toml, readers.read_toml),
    "values.json": (lambda p: p.write_text('{"a": [1, {"b": null}]}'), readers.read_json),
    "m.jaspar": (jaspar, check_motifs),
    "m.homer": (homer, check_motifs),
    "m.transfac": (transfac, check_motifs),
    "m.meme": (meme, check_motifs),
}


def packed(write, path):
    plain = path.with_name("unpacked.tsv")
    write(plain)
    return gzip.compress(plain.read_bytes())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Name -> bytes of an undamaged file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    made = {}
    for name, (write, check) in KINDS.items():
        write(folder / name)
        made[name] = (folder / name).read_bytes()
        check(folder / name)
    return made


SIGNS = [
    b"",
    b"\x00",
    b"\xff",
    b"\xe9",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\n",
    b"\t\t\t\t",
    b'"',
    b"#",
]
HEADS = [b">", b"nan", b"1e999", b"-1", b"\x80\x04", b"PK\x03\x04", b"\x1f\x8b"]
NOISE = st.sampled_from([*SIGNS, *HEADS, b"[" * 99, b"9" * 30, b"A" * 500])
# where the parts of files begin: members, footers, lines, records
BORDERS = [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PAR1", b"TREE", b"SNOD", b"\n", b">"]
ENCODINGS = ["utf-16", "utf-16-be", "utf-32", "utf-7", "cp037", "gzip"]
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.floats(0, 1), st.integers(0, 7)),
        st.tuples(st.just("put"), st.floats(0, 1), NOISE),
        st.tuples(st.just("over"), st.floats(0, 1), NOISE),
        st.tuples(st.just("cut"), st.floats(0, 1), st.integers(0, 60)),
        st.tuples(st.just("end"), st.floats(0, 1), st.none()),
        st.tuples(st.just("twice"), st.floats(0, 1), st.integers(1, 200)),
        st.tuples(st.just("number"), st.floats(0, 1), st.integers(0, (1 << 64) - 1)),
        st.tuples(st.just("swap"), st.floats(0, 1), st.floats(0, 1)),
        st.tuples(st.just("turn"), st.floats(0, 1), st.sampled_from([2, 4, 8])),
        st.tuples(st.just("border"), st.floats(0, 1), st.sampled_from(BORDERS)),
        st.tuples(st.just("encode"), st.floats(0, 1), st.sampled_from(ENCODINGS)),
    ),
    min_size=1,
    max_size=4,
)


def damaged(data, changes):
    """A file's bytes after some accidents."""
    for kind, where, what in changes:
        at = int(where * max(0, len(data) - 1))
        if kind == "flip" and data:
            data = data[:at] + bytes([data[at] ^ 1 << what]) + data[at + 1 :]
        elif kind == "put":
            data = data[:at] + what + data[at:]
        elif kind == "over":
            data = data[:at] + what + data[at + len(what) :]
        elif kind == "cut":
            data = data[:at] + data[at + what :]
        elif kind == "end":
            data = data[:at]
        elif kind == "twice":
            data = data[:at] + data[at : at + what] * 2 + data[at + what :]
        elif kind == "number":
            data = data[:at] + struct.pack("<Q", what) + data[at + 8 :]
        elif kind == "swap":
            other = int(what * max(0, len(data) - 1))
            low, high, n = min(at, other), max(at, other), len(data) // 8
            data = data[:low] + data[high : high + n] + data[low:high] + data[high + n :]
        elif kind == "turn":
            words = [data[i : i + what][::-1] for i in range(at, at + 64 * what, what)]
            data = data[:at] + b"".join(words) + data[at + 64 * what :]
        elif kind == "border":
            data = data[: max(0, data.find(what, at))]
        elif kind == "encode":
            data = gzip.compress(data) if what == "gzip" else recoded(data, what)
    return data


def recoded(data, encoding):
    """Text in another encoding; what is no text is taken letter by letter."""
    return data.decode("latin-1").encode(encoding, "replace")


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_read_or_told_in_one_message(name, whole, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    path, check = folder / name, KINDS[name][1]
    if name == "genome.fa":
        indexed(path)

    @(seed(LONG) if LONG else lambda f: f)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CHANGES)
    def attempt(changes):
        path.write_bytes(damaged(whole[name], changes))
        one_message(check, path)

    attempt()


@pytest.mark.parametrize("name", ["maps.npz", "table.tsv.gz", "maps.npy", "table.parquet"])
def test_a_file_under_another_suffix(name, whole, tmp_path):
    for other, (_, check) in KINDS.items():
        path = tmp_path / other
        path.write_bytes(whole[name])
        one_message(check, path)


def one_message(check, path: Path):
    """Run; `InputError` with the file's name is an answer, anything else is not."""
    try:
        check(path)
    except InputError as error:
        text = str(error)
        assert path.name in text or "chr" in text, text
        assert "\n" not in text.strip(), text


def test_the_members_of_an_archive_say_what_they_hold(tmp_path):
    """Sizes in the directory of a zip that are not those of the data."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        data = io.BytesIO()
        np.save(data, MAPS)
        archive.writestr("maps.npy", data.getvalue())
    whole = stream.getvalue()
    at = whole.rindex(b"PK\x01\x02") + 24
    for claim in (0, 100, 1 << 20, 0xFFFFFFFE):
        path = tmp_path / "maps.npz"
        path.write_bytes(whole[:at] + struct.pack("<I", claim) + whole[at + 4 :])
        one_message(check_maps, path)


def test_a_damaged_bigwig_does_not_end_the_process(tmp_path):
    """libBigWig follows the places that a file names; cut or with another number it crashes."""
    pybigwig = pytest.importorskip("pyBigWig")
    path = tmp_path / "signal.bw"
    made = pybigwig.open(str(path), "w")
    made.addHeader([("chr0", 1000)])
    made.addEntries("chr0", 0, values=[1.0] * 100, span=1, step=1)
    made.close()
    data = path.read_bytes()
    path.write_bytes(data[:64])
    with pytest.raises(InputError, match=r"signal\.bw: track: got an unreadable or damaged file"):
        tracks.read_track(path, 30, Interval("chr0", 2, 32))


def test_what_reads_a_file_and_comes_to_no_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "_LONGEST_S", 0.2)
    os.mkfifo(tmp_path / "a.h5")  # nobody writes into it
    with pytest.raises(InputError, match="comes to no end"):
        apart.read_apart("hdf5", tmp_path / "a.h5", field="model", expected="HDF5")


@pytest.mark.parametrize(
    ("status", "said"),
    [(-signal.SIGABRT, "breaks down"), (-signal.SIGXCPU, "comes to no end"), (1, "no signal")],
)
def test_how_what_reads_a_file_ended_is_said(tmp_path, monkeypatch, status, said):
    ended = subprocess.CompletedProcess([], status, b"", b"Traceback\nValueError: no signal\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    with pytest.raises(InputError, match=said):
        apart.read_apart("hdf5", tmp_path / "a.h5", field="model", expected="HDF5")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_read(encoding, tmp_path):
    path = tmp_path / "letters.fa"
    path.write_bytes(">one\nACGT\n".encode(encoding))
    assert readers.read_fasta(path) == {"one": "ACGT"}


def test_signs_that_steer_a_terminal_are_written_out(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("Sequence,\x1b[31mred\u202e\nACGT,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"\\x1b\[31mred\\u202e"):
        readers.read_mave(path)
