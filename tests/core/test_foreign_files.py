"""Files of other laboratories: read right, or named for what they are."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import shutil
import struct
import zipfile

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seam_core import readers, store
from seam_core.cli import main
from seam_core.frameworks import load_oracle
from seam_core.parameters import OracleParameters
from seam_core.query import evaluate
from seam_core.readers.tables import read_frame
from seam_core.selection import Query, landscape_of
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError

N, L = 40, 12


@pytest.fixture
def strings():
    rng = np.random.default_rng(0)
    return indices_to_strings(rng.integers(0, 4, (N, L)).astype(np.int8))


@pytest.fixture
def frame(strings):
    return pd.DataFrame({"Sequence": strings, "DNN": np.arange(N) / 7})


@pytest.fixture
def maps():
    return np.random.default_rng(1).normal(size=(N, L, 4)).astype(np.float32)


# --- tables ---


def test_a_sign_in_a_value_cuts_no_row(tmp_path, frame):
    frame.insert(0, "accession", [f"urn:mavedb:1#{k}" for k in range(N)])
    text = "# made by\n\n#someone, with commas\n" + frame.to_csv(index=False)
    (tmp_path / "t.csv").write_text(text)
    table = readers.read_mave(tmp_path / "t.csv")
    assert list(table.frame["accession"]) == list(frame["accession"])
    np.testing.assert_allclose(table.frame["Activity"], frame["DNN"])


@pytest.mark.parametrize(
    "write",
    [
        lambda f, p: f.to_parquet(p),
        lambda f, p: f.to_csv(p, index=False, encoding="utf-8-sig"),
        lambda f, p: f.to_csv(p, index=False, encoding="utf-16"),
        lambda f, p: f.to_csv(p, index=False, encoding="utf-16-le"),
        lambda f, p: f.assign(who="Müller").to_csv(p, index=False, encoding="latin-1"),
        lambda f, p: f.to_csv(p, index=False, lineterminator="\r\n"),
        lambda f, p: f.to_csv(p, index=False, compression="gzip"),
        lambda f, p: f.to_csv(p, index=False, sep="\t"),
        lambda f, p: f.to_csv(p, index=False, sep=";", decimal=","),
    ],
)
def test_a_table_in_any_dress(tmp_path, frame, write):
    path = tmp_path / "table.csv"
    write(frame, path)
    table = readers.read_mave(path)
    assert indices_to_strings(table.sequences) == list(frame["Sequence"])
    np.testing.assert_allclose(table.frame["Activity"], frame["DNN"])


def test_columns_of_our_names_are_kept_apart_and_said_once(tmp_path, frame):
    frame = frame.assign(Cluster=np.arange(N) % 3, index=1, axis2=5.0, Hamming=0)
    frame.to_csv(tmp_path / "t.csv", index=False)
    said = []
    session = store.import_peer_files(tmp_path / "t.csv", reference="first", say=said.append)
    columns = list(session.table.frame)
    assert {"file:Cluster", "file:index", "file:axis2", "file:Hamming"} <= set(columns)
    assert not {"Cluster", "index", "axis2"} & set(columns)
    assert sum("Cluster is file:Cluster" in text for text in said) == 1
    labels = np.full(N, 7)
    landscape = landscape_of(None, session.table, None, None, None)
    landscape = type(landscape)(**{**vars(landscape), "labels": labels})
    assert Query("Cluster == 7").mask(landscape).all()
    np.testing.assert_array_equal(
        Query("file:Cluster == 1 and Index < 9").mask(landscape),
        (np.arange(N) % 3 == 1) & (np.arange(N) < 9),
    )


def test_an_old_session_with_a_column_of_our_name_answers_with_the_clusters():
    from seam_core.records import Clustering, Table

    table = Table(pd.DataFrame({"Activity": np.arange(4.0), "Cluster": [9, 9, 9, 9]}))
    landscape = landscape_of(
        None, table, None, Clustering(np.array([0, 1, 1, 0]), "ward", "linkage"), None
    )
    assert list(Query("Cluster == 1").mask(landscape)) == [False, True, True, False]


def test_a_column_behind_a_colon_is_a_name_of_its_own():
    columns = {"file:Cluster": np.array([1, 2, 3]), "Cluster": np.array([3, 3, 3])}
    assert list(evaluate("file:Cluster >= 2", columns, n=3)) == [False, True, True]
    assert list(evaluate("`file:Cluster` >= 2", columns, n=3)) == [False, True, True]


def odd(frame, tmp_path):
    """One R and one N among all the letters."""
    rows = list(frame["Sequence"])
    rows[5], rows[9] = "R" + rows[5][1:], rows[9][:3] + "n" + rows[9][4:]
    frame.assign(Sequence=rows).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_odd_letters_are_named_and_the_user_chooses(tmp_path, frame, maps):
    path = odd(frame, tmp_path)
    np.save(tmp_path / "maps.npy", maps)
    np.save(tmp_path / "embedding.npy", maps[:, :2, 0])
    with pytest.raises(InputError, match=r"'R' at position 0 of row 5, letter 'N' at position 3 "):
        readers.read_mave(path)
    said = []
    files = {"maps": tmp_path / "maps.npy", "embedding": tmp_path / "embedding.npy"}
    session = store.import_peer_files(path, **files, odd_letters="drop", say=said.append)
    kept = np.delete(np.arange(N), [5, 9])
    np.testing.assert_array_equal(session.maps.maps, maps[kept])
    np.testing.assert_array_equal(session.embedding.coordinates, maps[kept, :2, 0])
    np.testing.assert_allclose(session.table.activity, frame["DNN"][kept])
    assert "2 of 40 rows dropped" in said[0]
    masked = readers.read_mave(path, odd_letters="mask")
    assert masked.alphabet == "ACGT"
    assert (masked.sequences == -1).sum() == 2
    assert masked.sequences[5, 0] == masked.sequences[9, 3] == -1


@pytest.mark.parametrize("value", ["1e40", "-1e39", "1e400"])
def test_activities_are_checked_as_what_they_become(tmp_path, frame, value):
    frame = frame.astype({"DNN": object})
    frame.loc[7, "DNN"] = value
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=r"Activity: got \S+ in row 7"):
        readers.read_mave(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["t.csv.gz", "t.tsv", "t.txt.gz", "t.parquet"])
def test_measured_tables_of_any_dress_and_column(tmp_path, strings, name):
    frame = pd.DataFrame({"oligo": strings, "log2": np.arange(N) / 3}).drop_duplicates("oligo")
    path = tmp_path / name
    if name.endswith("parquet"):
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="," if "csv" in name else "\t")
    oracle = load_oracle(OracleParameters(model=str(path), sequence_column="oligo"))
    one_hot = np.eye(4, dtype=np.float32)[[["ACGT".index(c) for c in strings[3]]]]
    assert oracle.predict(one_hot)[0] == pytest.approx(1.0)


# --- arrays ---


def write_h5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name.replace("__", "/"), data=array, compression="gzip")


def test_contributions_of_chrombpnet_and_tfmodisco(tmp_path, frame, maps):
    frame.to_csv(tmp_path / "t.csv", index=False)
    first = np.ascontiguousarray(maps.swapaxes(1, 2))
    write_h5(tmp_path / "c.h5", shap__seq=first, projected_shap__seq=first * 0, raw__seq=first * 0)
    said = []
    session = store.import_peer_files(tmp_path / "t.csv", tmp_path / "c.h5", say=said.append)
    np.testing.assert_array_equal(session.maps.maps, maps)
    assert "shap/seq is taken of the arrays" in said[0]
    assert "read as (sequence, letter, position)" in said[1]
    for named in (f"{tmp_path / 'c.h5'}:projected_shap/seq", tmp_path / "c.h5"):
        key = "" if ":" in str(named) else "raw/seq"
        assert not readers.read_maps(named, key=key).any()
    with pytest.raises(InputError, match=r"arrays projected_shap/seq, raw/seq, shap/seq"):
        readers.read_maps(tmp_path / "c.h5", key="none")


def test_a_keras_model_is_named_not_read(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["model_weights/dense/kernel"] = np.ones((3, 4, 4))
    with pytest.raises(InputError, match="a Keras model"):
        readers.read_maps(tmp_path / "m.h5")
    assert readers.role_of(tmp_path / "m.h5").what.startswith("a Keras model")


def test_embeddings_of_anndata(tmp_path):
    xy = np.random.default_rng(2).normal(size=(N, 2))
    write_h5(tmp_path / "a.h5ad", obsm__X_pca=np.zeros((N, 9)), obsm__X_umap=xy, X=np.ones((N, 3)))
    np.testing.assert_allclose(readers.read_embedding(tmp_path / "a.h5ad", N), xy, rtol=1e-6)
    assert readers.read_embedding(f"{tmp_path / 'a.h5ad'}:X_pca", N).shape == (N, 9)


def test_transposed_maps_are_offered(tmp_path, maps):
    np.save(tmp_path / "m.npy", maps.swapaxes(1, 2))
    with pytest.raises(readers.TransposedError, match="channels_first"):
        readers.read_maps(tmp_path / "m.npy")
    read = readers.read_maps(tmp_path / "m.npy", layout="channels_first")
    np.testing.assert_array_equal(read, maps)


def test_an_archive_under_another_name_is_read_for_what_it_is(tmp_path, maps):
    np.savez_compressed(tmp_path / "m.npz", maps=maps)
    shutil.copy(tmp_path / "m.npz", tmp_path / "m.npy")
    (tmp_path / "p.npy.gz").write_bytes(gzip.compress(npy_bytes(maps)))
    for name in ("m.npy", "p.npy.gz"):
        np.testing.assert_array_equal(readers.read_maps(tmp_path / name), maps)


def npy_bytes(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def zip_of(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def header(shape, dtype="<f4"):
    text = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + bytes(64)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("m.bw", b"\x26\xfc\x8f\x88" + bytes(99), "a bigWig file of signals"),
        ("m.bam", b"BAM\x01" + bytes(99), "a BAM file"),
        ("m.pkl", pickle.dumps([1] * 99), r"Python objects \(a pickle\)"),
        ("maps.pt", zip_of(archive__data__pkl=b"x"), "got a zip archive without arrays"),
        ("maps.pt", zip_of(**{"archive/data.pkl": b"x"}), "a PyTorch file"),
        ("t.xlsx", zip_of(**{"[Content_Types].xml": b"", "xl/x": b""}), "an Excel workbook"),
        ("m.csv", b"a,b\n1,2\n", "got text"),
        ("m.npy", header((1 << 70, 1)), "a truncated or damaged file"),
        ("m.npy", header((-1, 20, 4)), "sizes of 0 or more"),
        ("m.npy", header((True,)), "sizes of 0 or more"),
        ("m.npy", header((4, 4), "|O"), r"Python objects \(a pickle\)"),
        ("m.npy", header((2, 2, 4), "<m8[s]"), "type timedelta64"),
        ("m.npz", zip_of(**{"maps.npy": header((10**12, 20, 4))}), "in 192 bytes"),
        ("m.npz", zip_of(**{"maps.npy": b"hello"}), "unreadable or damaged"),
        ("m.npz", b"PK\x03\x04" + bytes(99), "a damaged zip archive"),
        ("m.npy", b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        ("m.rds", b"X\n\x00\x00\x00\x03" + bytes(99), "an R data file"),
        ("m.npy", b"\x89HDF\r\n\x1a\n" + bytes(99), "unreadable or damaged"),
    ],
)
def test_what_is_no_array_is_named(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said) as raised:
        readers.read_maps(tmp_path / name)
    assert str(tmp_path / name) in str(raised.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"Sequence": ["ACGT"], "y": [1]}', "JSON"),
        (b'[\n  {"Sequence": "ACGT",\n "y": 1}]', "JSON"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<p>Sign in", r"a web page \(HTML\); .*fetch"),
    ],
)
def test_text_that_is_no_table_is_named(tmp_path, data, said):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(InputError, match=said):
        read_frame(tmp_path / "t.csv")


def test_files_of_another_kind_are_named_by_what_is_in_them(tmp_path):
    """Not by their suffix, for models and for loci."""
    for name in ("m.keras", "m.dat"):
        (tmp_path / name).write_bytes(b"BAM\x01" + bytes(99))
    with pytest.raises(InputError, match="got a BAM file"):
        load_oracle(OracleParameters(model=str(tmp_path / "m.dat"), framework="keras"))
    with pytest.raises(InputError, match="got a BAM file"):
        readers.read_loci(tmp_path / "m.dat")


def test_rows_that_are_one_once_masked_say_so(tmp_path):
    (tmp_path / "t.csv").write_text("Sequence,y\nACGTACGTN,1\nACGTACGTR,2\nACGTACGTA,3\n")
    table = {"model": str(tmp_path / "t.csv"), "framework": "table", "alphabet": "ACGT"}
    asked = OracleParameters(**table, odd_letters="mask")
    with pytest.raises(InputError, match=r"more than once \(.*masked as unknown"):
        load_oracle(asked)


def test_maps_are_checked_after_the_cast(tmp_path, maps):
    large = maps.astype(np.float64)
    large[3, 2, 1] = 1e308
    np.save(tmp_path / "m.npy", large)
    with pytest.raises(InputError, match=r"1e\+308 at index \(3, 2, 1\)"):
        readers.read_maps(tmp_path / "m.npy")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "b.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("maps.npy", "w") as stream,
    ):
        stream.write(header((80, 1000, 1000))[:-64])
        for _ in range(80):
            stream.write(bytes(4_000_000))
    with pytest.raises(InputError, match="say they unpack to"):
        readers.read_maps(tmp_path / "b.npz")
    (tmp_path / "b.fa.gz").write_bytes(gzip.compress(bytes(400_000_000), 1))
    with pytest.raises(InputError, match="say they unpack to"):
        readers.read_fasta(tmp_path / "b.fa.gz")


def test_a_table_that_says_one_thing_many_times_is_refused(tmp_path):
    """A dictionary of one long text, and many rows that name it."""
    text = pa.array(["A" * 300_000]).dictionary_encode()
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(20_000, np.int32)), text.dictionary)
    pq.write_table(pa.table({"Sequence": column, "DNN": np.zeros(20_000)}), tmp_path / "b.parquet")
    assert (tmp_path / "b.parquet").stat().st_size < 1_000_000
    with pytest.raises(InputError, match=r"say they unpack to|more than fits"):
        readers.read_mave(tmp_path / "b.parquet")


def test_links_to_other_files_are_not_followed(tmp_path, maps):
    write_h5(tmp_path / "private.h5", maps=maps)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["maps"] = h5py.ExternalLink(str(tmp_path / "private.h5"), "maps")
    with pytest.raises(InputError, match="arrays none"):
        readers.read_maps(tmp_path / "m.h5", key="maps")


def test_text_that_is_too_deep(tmp_path):
    for text in ("a = " + "[" * 5000 + "]" * 5000, ".".join("a" * 9000) + " = 1"):
        (tmp_path / "c.toml").write_text(text)
        with pytest.raises(InputError, match="nested too deep"):
            readers.read_toml(tmp_path / "c.toml")
    (tmp_path / "c.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="nested too deep"):
        readers.read_json(tmp_path / "c.json")
    (tmp_path / "c.toml").write_text('a = "[[[[" # {{{\nb = [[1], [2]]\n[c.d.e]\nf = 1.5\n' * 1)
    assert readers.read_toml(tmp_path / "c.toml")["b"] == [[1], [2]]


# --- the command ---


def test_the_command_takes_keys_and_says_what_it_did(tmp_path, frame, maps, capsys):
    frame.assign(Cluster=3).to_csv(tmp_path / "t.csv", index=False)
    write_h5(tmp_path / "c.h5", shap__seq=maps.swapaxes(1, 2), raw__seq=maps.swapaxes(1, 2) * 0)
    given = ["import", "--mave", tmp_path / "t.csv", "--maps", f"{tmp_path / 'c.h5'}:raw/seq"]
    given += ["--out", tmp_path / "out", "--only"]
    assert main([str(argument) for argument in given]) == 0
    said = capsys.readouterr().out
    assert "note: columns of t.csv with names of the application's" in said
    assert not store.load(tmp_path / "out").maps.maps.any()
    given[4] = tmp_path / "none.h5"
    assert main([str(argument) for argument in [*given, "--overwrite"]]) == 2
    assert "none.h5: maps: got no such file" in capsys.readouterr().err


def test_a_parquet_file_whose_text_is_no_text(tmp_path):
    path = tmp_path / "t.parquet"
    texts = pa.array([b"ACGT\xc3A"] * 9 + [b"ACGTAC"]).view(pa.string())
    pq.write_table(pa.table({"Sequence": texts, "DNN": np.arange(10.0)}), path)
    with pytest.raises(InputError, match=r"unreadable or damaged file .*UTF8"):
        readers.read_mave(path)


@pytest.mark.parametrize(
    "options",
    [
        ["--model", "PIPE"],
        ["--model", "PIPE", "--trust-model"],
        ["--model", "PIPE.csv"],
        ["--model", "PIPE.py:predict"],
        ["--model", "m.json", "--weights", "PIPE"],
    ],
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_no_model_and_is_not_waited_for(tmp_path, monkeypatch, capsys, options):
    monkeypatch.chdir(tmp_path)
    for name in ("PIPE", "PIPE.csv", "PIPE.py"):
        os.mkfifo(name)
    assert main(["check", *options]) == 2
    assert capsys.readouterr().err.count("\n") == 1
