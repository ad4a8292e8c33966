"""Foreign text: lines as editors number them, numbers beyond all, what is no file at all."""

import os

import numpy as np
import pytest

from seam_core import readers
from seam_core.intervals import Interval
from seam_core.readers.tracks import read_track
from seam_core.validate import InputError

LETTERS = "ACGTACGT"


def test_a_whole_number_beyond_all_is_named_by_its_row(tmp_path):
    rows = [f"{LETTERS},{value}" for value in ("-2", "13", "9" * 400, "7")]
    (tmp_path / "t.csv").write_text("Sequence,DNN\n" + "\n".join(rows) + "\n")
    with pytest.raises(InputError, match=r"Activity: got 9+ in row 2; expected finite numbers"):
        readers.read_mave(tmp_path / "t.csv")


@pytest.mark.parametrize("inside", [b"\x85", "\u2028".encode(), b"\x0c", "\x85".encode()])
def test_lines_end_where_editors_end_them(tmp_path, inside):
    (tmp_path / "t.bed").write_bytes(b"chr1\t1\t5\ta%sb\nchr1\t6\t9\tc\n" % inside)
    track = read_track(tmp_path / "t.bed", 20, Interval("chr1", 0, 20))
    assert [(one.start, one.stop) for one in track.features] == [(1, 5), (6, 9)]


def test_dashes_and_quotes_of_windows_are_read(tmp_path):
    text = "Sequence,DNN,who\n" + f"{LETTERS},1,\u201cfive\u2013nine\u201d\n" * 2
    (tmp_path / "t.csv").write_bytes(text.encode("cp1252"))
    assert readers.read_mave(tmp_path / "t.csv").frame["who"][0] == "\u201cfive\u2013nine\u201d"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_pipes_devices_and_holes_are_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with open(tmp_path / "holes.csv", "wb") as file:
        file.truncate(6 << 30)
    for name, words in (("pipe.csv", "a pipe or a device"), ("holes.csv", "the rest is holes")):
        for read in (readers.read_mave, readers.read_maps, readers.read_fasta):
            with pytest.raises(InputError, match=words):
                read(tmp_path / name)
    with pytest.raises(InputError, match="got file name too long"):
        readers.read_mave(tmp_path / ("x" * 300))


def test_attributes_of_endless_length_are_read_at_once(tmp_path):
    endless = "A" * 2_000_000
    (tmp_path / "t.gtf").write_text(
        f'chr1\tx\texon\t3\t9\t.\t+\t.\tnote {endless}; {endless}; gene_name "n; gene_id "g";\n'
    )
    (one,) = read_track(tmp_path / "t.gtf", 20, Interval("chr1", 0, 20)).features
    assert (one.start, one.stop, one.name) == (2, 9, "n")


def test_endless_names_make_no_endless_message(tmp_path):
    (tmp_path / "t.fa").write_text(f">{'n' * 1_000_000}\n>b\nACGT\n")
    with pytest.raises(InputError, match="no letters") as caught:
        readers.read_fasta(tmp_path / "t.fa")
    assert len(str(caught.value)) < 1000


def test_bytes_of_no_known_kind_are_not_called_text(tmp_path):
    (tmp_path / "random.dat").write_bytes(np.random.default_rng(1).bytes(5000))
    (tmp_path / "notes.dat").write_text("é" * 5000)
    assert "no text" in readers.role_of(tmp_path / "random.dat").what
    assert readers.role_of(tmp_path / "notes.dat").what == "text of a kind that is not read here"
