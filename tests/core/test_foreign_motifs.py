"""Motif files of other programs: read right, or named for what they are."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from Bio import motifs as bio

from seam_core import motifs
from seam_core.validate import InputError

COUNTS = np.array([[10, 0, 3, 7], [0, 20, 0, 0], [1, 2, 3, 14], [5, 5, 5, 5], [20, 0, 0, 0]])


def as_jaspar(counts):
    lines = [f"{letter}  [{' '.join(map(str, row))} ]" for letter, row in zip("ACGT", counts.T)]  # noqa: B905
    return ">MA0001.1\tAGL3\n" + "\n".join(lines) + "\n"


def as_transfac(counts):
    rows = [f"{k:02d} {' '.join(map(str, row))} N" for k, row in enumerate(counts, 1)]
    head = "AC  MA0001.1\nXX\nID  AGL3\nXX\nP0  A C G T\n"
    return head + "\n".join(rows) + "\nXX\n//\n"


def as_hocomoco(counts):
    return ">MA0001.1 AGL3\n" + "\n".join("\t".join(map(str, row)) for row in counts) + "\n"


def as_homer(counts):
    shares = counts / counts.sum(axis=1, keepdims=True)
    rows = "\n".join("\t".join(f"{v:.6f}" for v in row) for row in shares)
    return f">ACGT\tMA0001.1\t6.05\t-200\t0\n{rows}\n"


def as_four_rows(counts):
    return ">MA0001.1 AGL3\n" + "\n".join("\t".join(map(str, row)) for row in counts.T) + "\n"


@pytest.mark.parametrize("write", [as_jaspar, as_transfac, as_hocomoco, as_homer, as_four_rows])
@pytest.mark.parametrize("packed", [False, True])
def test_motifs_of_all_programs(tmp_path, write, packed):
    text = write(COUNTS)
    path = tmp_path / "m.txt"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    (motif,) = motifs.read_motifs(path)
    assert motif.name == "MA0001.1"
    theirs = bio.Motif(counts={k: list(row) for k, row in zip("ACGT", COUNTS.T)})  # noqa: B905
    wanted = np.array([theirs.counts.normalize()[letter] for letter in "ACGT"]).T
    np.testing.assert_allclose(motif.matrix, wanted, atol=1e-6)
    assert motif.n_sites == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (">m\n0.1 -2 0.3 1\n1 1 1 1\n", "negative numbers"),
        (">m\n1 2 x 4\n", "line 2: got '1 2 x 4'"),
        (">m\n>n\n1 2 3 4\n", "motif m: got 0 rows"),
        (">m\nnan 2 3 4\n", "a position without counts"),
        ("hello\n", "motif file: got 'hello'"),
    ],
)
def test_what_is_no_motif_file(tmp_path, text, said):
    (tmp_path / "m.txt").write_text(text)
    with pytest.raises(InputError, match=said):
        motifs.read_motifs(tmp_path / "m.txt")
