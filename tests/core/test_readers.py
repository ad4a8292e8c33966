"""The peer's files: read right, or refused with the file, the field and what was expected."""

from __future__ import annotations

import gzip
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.cluster import hierarchy

from seam_core import mapping, readers, store
from seam_core.readers.tables import read_frame
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError

N, L = 30, 12


@pytest.fixture
def files(tmp_path):
    """A table, maps, an embedding and a linkage that belong together, as the peer writes them."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (N, L)).astype(np.int8)
    maps = rng.normal(size=(N, L, 4)).astype(np.float32)
    frame = pd.DataFrame({"DNN": rng.normal(size=N), "Sequence": indices_to_strings(letters)})
    frame.to_csv(tmp_path / "mave.csv")
    np.save(tmp_path / "maps.npy", maps)
    np.save(tmp_path / "embedding.npy", rng.normal(size=(N, 2)))
    np.save(tmp_path / "linkage.npy", hierarchy.ward(maps.reshape(N, -1)))
    return tmp_path


def read(files, **options):
    given = {"maps": files / "maps.npy", **options}
    return store.import_peer_files(files / "mave.csv", **given)


def test_all_four_files(files):
    session = read(files, embedding=files / "embedding.npy", linkage=files / "linkage.npy")
    frame = pd.read_csv(files / "mave.csv")
    assert indices_to_strings(session.library.sequences) == list(frame["Sequence"])
    np.testing.assert_allclose(session.table.activity, frame["DNN"])
    np.testing.assert_array_equal(session.maps.maps, np.load(files / "maps.npy"))
    assert session.embedding.method == "imported"
    assert session.linkage.n_leaves == N
    assert len(session.provenance.inputs["maps"]["sha256"]) == 64
    assert session.library.reference is None


def test_maps_stay_on_disk(files, monkeypatch):
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)
    assert isinstance(read(files).maps.maps, np.memmap)


def test_tabs_packed_files_and_other_names(files):
    frame = pd.read_csv(files / "mave.csv")[["Sequence", "DNN"]]
    frame = frame.rename(columns={"Sequence": "seq", "DNN": "log2"})
    with gzip.open(files / "mave.tsv.gz", "wt") as stream:
        frame.to_csv(stream, sep="\t", index=False)
    names = {"Sequence": "seq", "Activity": "log2"}
    table = readers.read_mave(files / "mave.tsv.gz", columns=names)
    np.testing.assert_allclose(table.frame["Activity"], frame["log2"])


def test_other_columns_are_kept(files):
    frame = pd.read_csv(files / "mave.csv").assign(GIA=1.5, Task=["Dev", "Hk"] * 15, batch=3)
    frame.to_csv(files / "mave.csv", index=False)
    table = read(files).table.frame
    assert set(table["Task"]) == {"Dev", "Hk"}
    assert (table["GIA"] == 1.5).all()
    assert (table["batch"] == 3).all()


def test_maps_in_an_archive(files):
    maps = np.load(files / "maps.npy")
    np.savez_compressed(files / "one.npz", anything=maps)
    np.savez_compressed(files / "two.npz", maps=maps, other=maps[:3])
    np.savez_compressed(files / "three.npz", a=maps, b=maps)
    for name in ("one.npz", "two.npz"):
        np.testing.assert_array_equal(read(files, maps=files / name).maps.maps, maps)
    with pytest.raises(InputError, match="arrays a, b"):
        read(files, maps=files / "three.npz")
    assert len(read(files, maps=files / "three.npz", key="b").maps) == N


@pytest.mark.parametrize(
    ("start", "stop", "window"),
    [(None, None, (0, 12)), (3, None, (3, 12)), (None, 9, (0, 9)), (3, 9, (3, 9))],
)
def test_a_window_is_cut_out_of_whole_maps_by_either_end(files, start, stop, window):
    record = read(files, map_start=start, map_stop=stop).maps
    assert (record.start, record.stop) == window
    np.testing.assert_array_equal(
        record.maps, np.load(files / "maps.npy")[:, window[0] : window[1]]
    )


@pytest.mark.parametrize(("start", "stop"), [(3, None), (None, 9), (3, 9)])
def test_maps_of_a_window_are_placed_by_either_end(files, start, stop):
    np.save(files / "maps.npy", np.load(files / "maps.npy")[:, 3:9])
    record = read(files, map_start=start, map_stop=stop).maps
    assert (record.start, record.stop) == (3, 9)


@pytest.mark.parametrize(("start", "stop"), [(None, None), (2, 9), (8, None), (None, 4)])
def test_maps_of_a_window_that_is_not_said_right(files, start, stop):
    np.save(files / "maps.npy", np.load(files / "maps.npy")[:, 3:9])
    with pytest.raises(InputError, match=r"maps\.npy: maps: got 6 positions"):
        read(files, map_start=start, map_stop=stop)


def test_references(files):
    frame = pd.read_csv(files / "mave.csv", index_col=0)
    fourth = frame["Sequence"][3]
    typed = read(files, reference=fourth.lower())
    assert indices_to_strings(typed.library.reference[None]) == [fourth]
    assert typed.table.frame["Hamming"][3] == 0
    first = read(files, reference="first")
    np.testing.assert_array_equal(first.library.reference, first.library.sequences[0])
    frame["Hamming"] = [2, 5, 0, *range(1, N - 2)]
    frame.to_csv(files / "mave.csv")
    found = read(files)
    np.testing.assert_array_equal(found.library.reference, found.library.sequences[2])
    assert read(files, reference="none").library.reference is None


def test_a_reference_that_is_not_in_the_table(files):
    with pytest.raises(InputError, match=r"mave\.csv: reference: got a sequence that no row has"):
        read(files, reference="A" * L)
    with pytest.raises(InputError, match="reference: got 3 letters; expected 12"):
        read(files, reference="ACG")


def test_an_alphabet_is_read_off_all_rows(files):
    """The letter that tells is in the last row only."""
    rows = ["ACGU" + "A" * 8] + ["A" * L] * 500
    text = "Sequence,DNN\n" + "".join(f"{row},1\n" for row in reversed(rows))
    (files / "rna.csv").write_text(text)
    assert readers.read_mave(files / "rna.csv").alphabet == "ACGU"
    peptides = "Sequence,DNN\nACDEFGHIKLMN,1\nMKVLAAGIVGLC,2\n"
    (files / "protein.csv").write_text(peptides)
    assert len(readers.read_mave(files / "protein.csv").alphabet) == 20


def table_with(files, **changes):
    frame = pd.read_csv(files / "mave.csv", index_col=0).astype(object)
    for column, value in changes.items():
        frame.loc[7, column] = value
    frame.to_csv(files / "mave.csv")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: (d / "mave.csv").unlink(), "table: got no such file"),
        (lambda d: (d / "mave.csv").write_text(""), "table: got an empty file"),
        (lambda d: (d / "mave.csv").write_text("Sequence,DNN\n"), "a header without rows"),
        (lambda d: (d / "mave.csv").write_text("Seq,DNN\nAC,1\n"), "column Sequence: got columns"),
        (lambda d: (d / "mave.csv").write_text("Sequence,y\nAC,1\n"), "column Activity: got col"),
        (lambda d: table_with(d, Sequence="ACGT"), "Sequence: got length 4 in row 7; expected len"),
        (lambda d: table_with(d, Sequence="ACGT?ACGTACG"), r"letter '\?' at position 4 of row 7"),
        (lambda d: table_with(d, Sequence=None), "Sequence: got nothing in row 7"),
        (lambda d: (d / "mave.csv").write_text("Sequence,DNN\n123,1\n"), "letter '1'"),
        (lambda d: table_with(d, DNN=np.nan), "Activity: got nan in row 7"),
        (lambda d: table_with(d, DNN=np.inf), "Activity: got inf in row 7"),
        (lambda d: table_with(d, DNN="high"), "Activity: got high in row 7"),
        (lambda d: (d / "mave.csv").write_bytes(b"\xff\xfe\x00\x01,\x80\n"), "unreadable text"),
    ],
)
def test_bad_tables(files, spoil, message):
    spoil(files)
    with pytest.raises(InputError, match=rf"mave\.csv: .*{message}|mave\.csv: {message}"):
        read(files)


def test_a_column_that_is_named_but_missing(files):
    with pytest.raises(InputError, match=r"mave\.csv: column 'log2' \(for Activity\)"):
        read(files, columns={"Activity": "log2"})


def spoiled(array, index, value):
    array = array.copy()
    array[index] = value
    return array


def truncate(path):
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p, a: np.save(p, a[:-1]), f"got {N - 1} maps; expected {N}"),
        (lambda p, a: np.save(p, a[:, :-1]), "got 11 positions; expected 12"),
        (lambda p, a: np.save(p, a[:, :, :3]), "got 3 letters; expected 4"),
        (lambda p, a: np.save(p, a[0]), r"got shape \(12, 4\)"),
        (lambda p, a: np.save(p, spoiled(a, (5, 2, 1), np.nan)), r"got nan at index \(5, 2, 1\)"),
        (lambda p, a: np.save(p, spoiled(a, (29, 0, 0), -np.inf)), r"-inf at index \(29, 0, 0\)"),
        (lambda p, a: np.save(p, a.astype("U3")), "got type"),
        (lambda p, a: np.save(p, a.astype(object), allow_pickle=True), "got Python objects"),
        (lambda p, a: p.write_bytes(pickle.dumps(a)), "got Python objects"),
        (lambda p, a: truncate(p), "truncated or damaged"),
        (lambda p, a: p.write_bytes(b""), "an empty file"),
        (lambda p, a: p.write_bytes(b"PK\x03\x04" + b"[Content_Types].xml"), "an Excel workbook"),
        (lambda p, a: p.write_bytes(b"not an array"), "got "),
        (lambda p, a: p.unlink(), "no such file"),
    ],
)
def test_bad_maps(files, spoil, message):
    path = files / "maps.npy"
    spoil(path, np.load(path))
    with pytest.raises(InputError, match=rf"maps\.npy: maps: (.*){message}"):
        read(files)


def test_a_damaged_archive(files):
    np.savez_compressed(files / "maps.npz", maps=np.load(files / "maps.npy"))
    truncate(files / "maps.npz")
    with pytest.raises(InputError, match=r"maps\.npz: maps: got a damaged zip archive"):
        read(files, maps=files / "maps.npz")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a[:, :1], "embedding: got one column"),
        (lambda a: a[:-1], r"embedding: got shape \(29, 2\); expected shape \(30, any\)"),
        (lambda a: a[:, 0], r"embedding: got shape \(30,\)"),
        (lambda a: spoiled(a, (3, 1), np.nan), "embedding: got nan"),
    ],
)
def test_bad_embeddings(files, change, message):
    path = files / "embedding.npy"
    np.save(path, change(np.load(path)))
    with pytest.raises(InputError, match=rf"embedding\.npy: {message}"):
        read(files, embedding=path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a[:-1], r"linkage: got shape \(28, 4\); expected shape \(29, 4\)"),
        (lambda a: a[:, :3], "linkage: got shape"),
        (lambda a: spoiled(a, (4, 2), np.inf), "linkage: got inf"),
        (lambda a: spoiled(a, (4, 0), 59), "in row 4; expected clusters that exist by then"),
        (lambda a: spoiled(a, (4, 0), -1), "in row 4; expected clusters that exist by then"),
        (lambda a: spoiled(a, (4, 0), 0.5), "in row 4; expected clusters that exist by then"),
        (lambda a: spoiled(a, (4, 2), -1.0), "in row 4; expected a height of 0 or more"),
        (lambda a: spoiled(a, (28, 3), 12), "in row 28; expected the sum of the merged sizes"),
        (lambda a: spoiled(a, (0, 0), a[1, 0]), "expected each cluster merged once"),
    ],
)
def test_bad_linkages(files, change, message):
    path = files / "linkage.npy"
    np.save(path, change(np.load(path)))
    with pytest.raises(InputError, match=rf"linkage\.npy: .*{message}|linkage\.npy: {message}"):
        read(files, linkage=path)


def test_fasta(tmp_path):
    (tmp_path / "a.fa").write_text(">one strand=+\nacg\nTT\n\n>two\nGG\n")
    assert readers.read_fasta(tmp_path / "a.fa") == {"one": "ACGTT", "two": "GG"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty file"),
        ("ACGT\n", "expected a line with > first"),
        (">one\n>two\nA\n", "record one: got no letters"),
        (">one\nA\n>one\nC\n", "record one: got a second of the name"),
    ],
)
def test_bad_fasta(tmp_path, text, message):
    (tmp_path / "a.fa").write_text(text)
    with pytest.raises(InputError, match=message):
        readers.read_fasta(tmp_path / "a.fa")


def test_numbers_are_read_to_the_last_digit(tmp_path):
    numbers = np.random.default_rng(0).normal(size=1_000)
    path = tmp_path / "numbers.csv"
    path.write_text("x\n" + "\n".join(map(repr, numbers.tolist())) + "\n")
    assert np.array_equal(read_frame(path)["x"], numbers)
