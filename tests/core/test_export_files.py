"""The one writer: whole or not at all, whatever the locale, the rights and the links."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seam_core.exports import arrays, files, tables
from seam_core.validate import InputError


def left_over(folder):
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


class TestReplacing:
    @pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
    def test_a_failure_leaves_the_old_content(self, tmp_path, error):
        target = tmp_path / "t.csv"
        target.write_text("old")

        def fail():
            with files.open_replacing(target) as stream:
                stream.write(b"new")
                stream.flush()
                assert target.read_text() == "old"
                raise error

        with pytest.raises((error, InputError)):
            fail()
        assert target.read_text() == "old"
        assert left_over(tmp_path) == []

    def test_a_full_disk_is_one_message(self, tmp_path, monkeypatch):
        import errno

        def full(_descriptor):
            raise OSError(errno.ENOSPC, "No space left on device")

        target = tmp_path / "t.csv"
        target.write_text("old")
        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(InputError, match="no space left on the disk") as raised:
            files.write_text(target, "new", what="table")
        assert str(target) in str(raised.value)
        assert target.read_text() == "old"
        assert left_over(tmp_path) == []

    def test_a_disk_that_can_only_be_read_is_one_message(self, tmp_path, monkeypatch):
        """It refuses to remove even what is not there."""
        import errno

        def refused(*_arguments, **_options):
            raise OSError(errno.EROFS, "Read-only file system", "the file beside")

        with monkeypatch.context() as patched:
            patched.setattr(files.os, "open", refused)
            patched.setattr(Path, "unlink", refused)
            with pytest.raises(InputError) as raised:
                files.write_text(tmp_path / "t.csv", "new", what="table")
        assert str(tmp_path / "t.csv") in str(raised.value)
        assert "read-only" in str(raised.value)

    def test_the_umask_is_kept_and_a_file_keeps_its_rights(self, tmp_path):
        before = os.umask(0o027)
        try:
            files.write_text(tmp_path / "new", "a")
        finally:
            os.umask(before)
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640
        (tmp_path / "new").chmod(0o604)
        files.write_text(tmp_path / "new", "b")
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o604

    def test_a_link_stays_a_link(self, tmp_path):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        for name in ("there", "dangling"):
            link = tmp_path / f"{name}.link"
            link.symlink_to(elsewhere / name)
        (elsewhere / "there").write_text("old")
        for name in ("there", "dangling"):
            files.write_text(tmp_path / f"{name}.link", "new")
            assert (tmp_path / f"{name}.link").is_symlink()
            assert (elsewhere / name).read_text() == "new"

    def test_where_nothing_can_be_written(self, tmp_path):
        with pytest.raises(InputError, match="no folder"):
            files.write_text(tmp_path / "none" / "a.csv", "x")
        with pytest.raises(InputError, match="a folder"):
            files.write_text(tmp_path, "x")
        (tmp_path / "file").write_text("old")
        with pytest.raises(InputError, match="no folder"):
            files.write_text(tmp_path / "file" / "a.csv", "x")
        with pytest.raises(InputError, match="no file"):
            files.write_text("/dev/full", "x")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_without_the_right_to_write(self, tmp_path):
        kept = tmp_path / "kept"
        kept.write_text("old")
        kept.chmod(0o444)
        with pytest.raises(InputError, match="permission denied"):
            files.write_text(kept, "new")
        tmp_path.chmod(0o555)
        try:
            with pytest.raises(InputError, match="permission denied"):
                files.write_text(tmp_path / "new", "x")
        finally:
            tmp_path.chmod(0o755)

    def test_long_and_foreign_names(self, tmp_path):
        for name in ("é" * 120 + ".csv", "名前.csv", "a b.csv"):
            assert files.write_text(tmp_path / name, "ü").read_bytes() == "ü".encode()
        with pytest.raises(InputError, match="too long"):
            files.write_text(tmp_path / ("x" * 300), "x")


def test_a_full_device_for_real(tmp_path):
    """A process that may write 64 kB only gets one message, and the old file stays."""
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "import numpy as np\n"
        "from seam_core.exports.arrays import write_npy, blocks_of\n"
        "array = np.zeros((100_000, 4))\n"
        f"write_npy({str(tmp_path / 'a.npy')!r}, blocks_of(array), array.shape, float)\n"
    )
    (tmp_path / "a.npy").write_text("old")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "InputError" in done.stderr.splitlines()[-1]
    assert (tmp_path / "a.npy").read_text() == "old"
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("coerced", ["0", "1"])
def test_utf8_whatever_the_locale(tmp_path, coerced):
    script = (
        "import sys, pandas as pd\n"
        "from pathlib import Path\n"
        "from seam_core.exports import files, tables\n"
        "folder = Path(sys.argv[1])\n"
        "frame = pd.DataFrame({'Nam\\xe9': ['\\u017dlut, \\u9c7c']})\n"
        "tables.write_table(frame, folder / 'tabl\\xe9.csv')\n"
        "files.write_text(folder / 't\\xe9xt.txt', '\\xe9')\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LC_")}
    environment |= {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": coerced}
    where = tmp_path / "ordner ö"
    where.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(where)],
        env=environment,
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    written = {path.read_bytes().decode("utf-8") for path in where.iterdir()}
    assert written == {"é", 'Namé\n"Žlut, 鱼"\n'}


class TestTables:
    def test_pandas_and_csv_read_what_was_written(self, tmp_path):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(
            {
                "a": rng.normal(size=50),
                "b": rng.normal(size=50).astype(np.float32),
                "c": np.arange(50) - 25,
                "d": [True, False] * 25,
                "e": ['x, "y"\nz', "", None, "ü", "-3.5"] * 10,
            }
        )
        frame.loc[3, "a"] = np.nan
        path = tables.write_table(frame, tmp_path / "t.csv")
        read = pd.read_csv(path)
        pd.testing.assert_series_equal(read["a"], frame["a"])
        assert np.array_equal(read["b"].astype(np.float32), frame["b"])
        assert np.array_equal(read["c"], frame["c"])
        assert np.array_equal(read["d"], frame["d"])
        assert read["e"].fillna("").tolist() == frame["e"].fillna("").tolist()
        with open(path, encoding="utf-8", newline="") as stream:
            assert {len(line) for line in csv.reader(stream)} == {5}

    @pytest.mark.parametrize(
        "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=", "-é"]
    )
    def test_no_cell_is_a_formula(self, tmp_path, text):
        frame = pd.DataFrame({text: [text], "list": [[text, "b"]]})
        with open(tables.write_table(frame, tmp_path / "t.csv"), newline="") as stream:
            cells = [cell for line in csv.reader(stream) for cell in line]
        assert len(cells) == 4
        for cell in cells:
            assert len(cell) == 1 or cell[0] not in "=+-@\t\r"
        assert cells[0].lstrip("'") == text.replace("\r", "\n")

    def test_numbers_and_strands_stay(self):
        column = np.array(["-3.5", "+1e-7", "-inf", "-", "+", "a-b"], dtype=object)
        assert tables.cells(column) == column.tolist()
        assert tables.cells(np.array([-1.5, np.nan])) == [-1.5, ""]
        assert tables.cells(np.array([-1, 2], dtype=np.int8)) == [-1, 2]

    def test_lists_have_no_brackets(self):
        column = np.empty(2, dtype=object)
        column[:] = [np.array([85, 86, 88]), [1]]
        assert tables.cells(column) == ["85 86 88", "1"]

    def test_tabs_by_the_name(self, tmp_path):
        frame = pd.DataFrame({"a": ["x\ty"], "b": [1]})
        assert tables.write_table(frame, tmp_path / "t.tsv").read_text() == 'a\tb\n"x\ty"\t1\n'
        assert tables.as_text(["a"], [["=1"]], "\t") == "a\n'=1\n"


class TestArrays:
    def test_numpy_reads_them(self, tmp_path):
        array = np.random.default_rng(0).normal(size=(9000, 3, 2)).astype(np.float32)
        rows = np.arange(1, 9000, 2)
        path = arrays.write_npy(
            tmp_path / "a.npy", arrays.blocks_of(array, rows), (4500, 3, 2), np.float32
        )
        assert np.array_equal(np.load(path), array[rows])
        arrays.write_npz(tmp_path / "a.npz", arrays.blocks_of(array), array.shape, np.float32)
        with np.load(tmp_path / "a.npz") as archive:
            assert list(archive) == ["arr_0"]
            assert np.array_equal(archive["arr_0"], array)
