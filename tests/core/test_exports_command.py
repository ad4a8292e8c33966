"""`seam export`, the list of exports, and what the documentation says of them."""

# ruff: noqa: F811  (fixtures of another file)

import dataclasses
import io

import pandas as pd
import pytest

from seam_core import motifs, store
from seam_core.cli.main import main
from seam_core.exports import clusters, sequences, sites, tables
from seam_core.exports.columns import TABLES, undocumented
from seam_core.exports.material import material_of
from seam_core.exports.record import Export
from seam_core.exports.registry import export, exports
from seam_core.handwork import HandWork, saved_in
from seam_core.intervals import parse_interval
from seam_core.registry import EXPORTS
from seam_core.sequences import PROTEIN
from seam_core.validate import InputError
from tests.core.test_exports import curated, rows_of, session  # noqa: F401  (fixtures)
from tests.factories import make_session


def write_count(material, path):
    return tables.write_table(pd.DataFrame({"n": [len(material.rows)]}), path)


COUNT = Export("count", "Count", "How many", ("library",), (".csv",), write_count, of_rows=True)


class TestRegistry:
    def test_every_export_writes_something_or_says_what_is_missing(self, curated, tmp_path):
        session, _ = curated
        for name, one in exports().items():
            if name.startswith("picture-"):
                continue
            path = tmp_path / one.file_name(session)
            assert path.suffixes[-2:-1] != path.suffixes[-1:]  # "bed.bed"
            if name in ("spacing", "members"):  # of one model, and distances were not asked for
                with pytest.raises(InputError, match="nothing to write"):
                    export(session, name, path)
                continue
            assert export(session, name, path).stat().st_size > 0
        with pytest.raises(InputError, match="no embedding"):
            export(dataclasses.replace(session, embedding=None), "h5ad", tmp_path / "a.h5ad")

    def test_every_session_gets_a_file_or_a_message(self, tmp_path):
        """Protein, no reference, no clusters: no traceback."""
        bare = dict.fromkeys(("explanation", "sites", "clustering"))
        for number, made in enumerate(
            (
                make_session(n=60, length=30, clusters=3, alphabet=PROTEIN, n_sites=2),
                dataclasses.replace(make_session(n=60, length=30, clusters=3), **bare),
            )
        ):
            for name, one in exports().items():
                if name.startswith("picture-"):
                    continue
                path = tmp_path / f"{number}.{one.file_name(made)}"
                try:
                    export(made, name, path)
                except InputError:
                    assert not path.exists()

    def test_columns_are_documented(self, curated):
        session, _ = curated
        session = dataclasses.replace(session, locus=parse_interval("chr1:1-60"))
        known = motifs.site_motifs(session.explanation, session.sites)
        material = material_of(session, matches=motifs.match_motifs(known, known, top=1))
        for table, frame in (
            ("sequences", sequences.sequences_frame(material)),
            ("clusters", clusters.clusters_frame(material)),
            ("msm", clusters.msm_frame(material)),
            ("sites", sites.sites_frame(material)),
            ("configurations", session.sites.configurations),
            ("epistasis", session.sites.epistasis),
            ("drivers", session.sites.drivers),
        ):
            assert undocumented(table, list(frame)) == [], table
            if table != "sequences":
                assert list(TABLES[table].columns) == list(frame), table
        assert {one.columns for one in exports().values()} - {""} <= set(TABLES)

    def test_the_ending_is_that_of_the_format(self, session, tmp_path):
        with pytest.raises(InputError, match=r"ends in \.csv or \.tsv or \.txt"):
            export(session, "msm", tmp_path / "m.xlsx")
        with pytest.raises(InputError, match="one of table, fasta"):
            export(session, "tabel", tmp_path / "m.csv")

    def test_other_packages_add_their_own(self, session, tmp_path, monkeypatch):
        info = tmp_path / "seam_count-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: seam-count\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[seam.exports]\ncount = {__name__}:COUNT\n")
        monkeypatch.syspath_prepend(tmp_path)
        EXPORTS.forget()
        try:
            assert export(session, "count", tmp_path / "n.csv").read_text() == "n\n400\n"
            assert "count" in exports()
        finally:
            monkeypatch.undo()
            EXPORTS.forget()


class TestCommand:
    def test_a_script_exports_what_the_window_would(self, curated, tmp_path, capsys):
        session, _ = curated
        folder = tmp_path / "session"
        store.save(session, folder)
        assert main(["export", str(folder), "--list"]) == 0
        listed = capsys.readouterr().out
        assert all(name in listed for name in exports())
        out = tmp_path / "t.csv"
        assert main(["export", str(folder), "--what", "table", "--out", str(out)]) == 0
        work = HandWork(*(getattr(saved_in(session), f) for f in ("selection", "kept", "curation")))
        frame = sequences.sequences_frame(material_of(session, work))
        pd.testing.assert_frame_equal(
            pd.read_csv(io.StringIO(out.read_text()), keep_default_na=False),
            frame,
            check_dtype=False,
        )

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--what", "table"], "--out"),
            (["--out", "t.csv"], "--what"),
            (["--what", "table", "--out", "t.csv", "--rows", "B"], "rows"),
            (["--what", "table", "--out", "none/t.csv"], "no folder"),
        ],
    )
    def test_a_mistake_is_one_message(
        self,
        session,
        tmp_path,
        capsys,
        monkeypatch,
        arguments,
        says,
    ):
        monkeypatch.chdir(tmp_path)
        store.save(session, tmp_path / "session")
        assert main(["export", "session", *arguments]) == 2
        assert says in capsys.readouterr().err
        assert not (tmp_path / "t.csv").exists()


def test_a_session_s_own_file_is_not_replaced(session, tmp_path, capsys):
    store.save(session, tmp_path / "session")
    own = next(f for f in store.own_files(tmp_path / "session") if f.startswith("maps."))
    before = (tmp_path / "session" / own).read_bytes()
    given = ["export", str(tmp_path / "session"), "--what", "maps", "--out"]
    assert main([*given, str(tmp_path / "session" / own)]) == 2
    assert "one that the session in that folder needs" in capsys.readouterr().err
    assert (tmp_path / "session" / own).read_bytes() == before
    assert main([*given, str(tmp_path / "session" / "mine.npy")]) == 0
    store.verify(tmp_path / "session")


def test_the_documentation_is_that_of_the_code():
    """docs/files.md as scripts/output_files.py makes it."""
    import runpy
    from pathlib import Path

    made = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "output_files.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"](), "run scripts/output_files.py"
