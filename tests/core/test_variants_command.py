"""`seam variants`, and the variants of a batch."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pysam
import pysam.bcftools
import pytest

from seam_core import store
from seam_core.cli import main
from seam_core.exports.columns import undocumented
from seam_core.parameters import OracleParameters
from seam_core.report.contents import Contents, Naming
from seam_core.report.variant_section import variants
from tests.core.projecting import analysed
from tests.core.variants import HEADER, LOCUS, letters_of, located, other, vcf_text

ORACLE = """
from tests.planted_kinds import make
made = make("all_or_none", 0)
length, n_letters = made.length, 4
def planted(x):
    return made.predict(x)
"""


@pytest.fixture(scope="module")
def planted():
    return located()


@pytest.fixture(scope="module")
def saved(planted, tmp_path_factory):
    _, session = planted
    folder = tmp_path_factory.mktemp("variants")
    (folder / "variants_oracle.py").write_text(ORACLE)
    model = f"{folder / 'variants_oracle.py'}:planted"
    store.save(replace(session, oracle=OracleParameters(model=model)), folder / "session")
    return folder, model


def test_the_command_writes_what_other_programs_read(planted, saved, tmp_path, capsys):
    made, _ = planted
    folder, _ = saved
    letters = letters_of(made)
    path = tmp_path / "in.vcf"
    extra = f"chr7\t{LOCUS.start + 62}\t.\t{letters[61]}\t<DEL>\t.\t.\t.\n"
    path.write_text(vcf_text(made, extra=extra))
    command = ["variants", str(folder / "session"), "--vcf", str(path), "--quiet", "--trust-model"]
    command += ["--out", str(tmp_path / "out"), "--taxa", "nematodes", "--combine"]
    command.append("--keep-in-session")
    assert main(command) == 0
    assert "3 of 4 alleles answered" in capsys.readouterr().out.replace("6 of 7", "3 of 4")
    frame = pd.read_parquet(tmp_path / "out" / "variants.parquet")
    table = pd.read_csv(tmp_path / "out" / "variants.csv")
    assert list(frame.columns) == list(table.columns)
    sites = pd.read_csv(tmp_path / "out" / "variant_sites.csv")
    assert undocumented("variant sites", list(sites)) == []
    wanted = ["chrom", "pos", "ref", "alt", "position", "activity_ref", "activity_alt", "effect",
              "mechanism_ref", "mechanism_alt", "confidence", "verdict", "sites_lost",
              "sites_created"]  # fmt: skip
    assert set(wanted) <= set(frame.columns)
    assert (frame["kind"] == "pair").sum() == 3
    with pysam.VariantFile(str(tmp_path / "out" / "variants.vcf.gz")) as file:
        records = list(file.fetch("chr7", LOCUS.start, LOCUS.stop))
        assert all(key.startswith("SEAM_") for record in records for key in record.info)
    by_pos = {record.pos: record for record in records}
    singles = frame[(frame["kind"] == "variant") & (frame["outcome"] == "")]
    for row in singles.to_dict("records"):
        assert by_pos[row["pos"]].info["SEAM_EFFECT"][0] == pytest.approx(row["effect"], abs=1e-5)
    assert by_pos[LOCUS.start + 62].info["SEAM_OUTCOME"].startswith("symbolic_allele")
    told = pysam.bcftools.query(
        "-f", "%POS %INFO/SEAM_VERDICT\n", str(tmp_path / "out" / "variants.vcf.gz")
    )
    assert f"{LOCUS.start + 6} preserves|silent" in told.splitlines()
    page = (tmp_path / "out" / "variants.html").read_text()
    assert "disrupts, reprograms" in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("https://matplotlib", "")
    kept = store.load(folder / "session")
    same = kept.experiments.variants.drop(columns="map")
    pd.testing.assert_frame_equal(same, frame)
    section = variants(Contents(kept, Naming()))
    assert "disrupts, reprograms" in section
    n_pictures = 1 + len(kept.experiments.variant_maps)
    assert section.count("<figure") == page.count("<figure") == n_pictures


def test_from_nothing_the_library_runs_first(planted, saved, tmp_path):
    made, _ = planted
    _, model = saved
    path = tmp_path / "in.csv"
    path.write_text(f"variant\n{letters_of(made)[5]}5{other(letters_of(made)[5])}\n")
    command = ["variants", "--vcf", str(path), "--quiet", "--out", str(tmp_path / "out"), "--model"]
    command += [model, "--sequence", letters_of(made), "--method=ism", "--n-sequences=150"]
    command += ["--embedding=pca", "--n-clusters=4", "--no-experiments", "--site-draws=0"]
    assert main(command) == 0
    frame = pd.read_parquet(tmp_path / "out" / "variants.parquet")
    assert frame["outcome"].tolist() == [""]
    assert store.is_session(tmp_path / "out" / "session")
    assert main(command) == 2


def test_another_assembly_ends_the_command(planted, saved, tmp_path, capsys):
    made, _ = planted
    folder, _ = saved
    path = tmp_path / "in.tsv"
    letters = letters_of(made)
    rows = [f"7\t{LOCUS.start + p + 1}\t{other(letters[p])}\t{letters[p]}" for p in (3, 7, 9)]
    path.write_text("chrom\tpos\tref\talt\n" + "\n".join(rows) + "\n")
    command = [
        "variants",
        str(folder / "session"),
        "--vcf",
        str(path),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main([*command, "--quiet", "--trust-model"]) == 2
    assert "3 of 3 with another REF" in capsys.readouterr().err
    assert not (tmp_path / "o" / "variants.csv").exists()


def test_a_batch_answers_each_locus_with_its_variants(tmp_path, saved):
    made, _ = analysed("all_or_none")
    _, model = saved
    letters = letters_of(made)
    rng = np.random.default_rng(8)
    spacer = "".join(rng.choice(list("ACGT"), 50))
    (tmp_path / "genome.fa").write_text(f">chr3\n{spacer}{letters}{spacer}{letters}{spacer}\n")
    (tmp_path / "loci.bed").write_text("chr3\t50\t170\tone\nchr3\t220\t340\ttwo\n")
    lines = [HEADER.format("chr3") + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    at = made.sites[0].start
    for start, p in ((50, 3), (50, at), (220, at)):
        row = ["chr3", str(start + p + 1), ".", letters[p], other(letters[p]), ".", ".", "."]
        lines.append("\t".join(row))
    (tmp_path / "in.vcf").write_text("\n".join(lines) + "\n")
    command = ["batch", str(tmp_path / "loci.bed"), "--genome", str(tmp_path / "genome.fa")]
    command += ["--vcf", str(tmp_path / "in.vcf"), "--out", str(tmp_path / "b"), "--quiet"]
    command += ["--model", model, "--method=ism", "--n-sequences=200", "--n-clusters=5"]
    command += ["--workers=1", "--no-experiments", "--trust-model"]
    assert main(command) == 0
    frame = pd.read_parquet(tmp_path / "b" / "variants.parquet")
    assert frame["locus"].tolist() == ["one", "one", "two"]
    assert frame["position"].tolist() == [3, at, at]
    assert frame["effect"].iloc[1] == pytest.approx(frame["effect"].iloc[2], abs=1e-5)
    with pysam.VariantFile(str(tmp_path / "b" / "variants.vcf.gz")) as file:
        found = [(record.pos, record.info["SEAM_LOCUS"]) for record in file.fetch("chr3")]
    assert found == [(54, "one"), (50 + at + 1, "one"), (220 + at + 1, "two")]
    kept = tmp_path / "b" / "variants" / "one" / "variants.parquet"
    before = kept.stat().st_mtime_ns
    assert main(command) == 0
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("none", "names no model"),
        ("other", "this is another model"),
        ("sum", "the model that the session was made with"),
        ("gone", "the option --model says where it lies now"),
    ],
)
def test_without_the_sessions_model_nothing_is_answered(
    planted, saved, tmp_path, capsys, how, message
):
    made, session = planted
    file = tmp_path / "other_oracle.py"
    file.write_text(ORACLE.replace("made.predict(x)", "1.2 * made.predict(x)"))
    model = {"none": "", "other": f"{file}:planted", "sum": f"{file}:planted", "gone": "no.keras"}
    if how in ("sum", "gone"):
        inputs = {"model": {"path": "model.keras", "sha256": "0" * 64}}
        session = replace(session, provenance=replace(session.provenance, inputs=inputs))
    if how == "sum":
        (tmp_path / "model.keras").write_bytes(b"other weights")
        model["sum"] = str(tmp_path / "model.keras")
    store.save(replace(session, oracle=OracleParameters(model=model[how])), tmp_path / "session")
    (tmp_path / "in.vcf").write_text(vcf_text(made))
    command = ["variants", str(tmp_path / "session"), "--vcf", str(tmp_path / "in.vcf"), "--quiet"]
    assert main([*command, "--trust-model", "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
    assert not (tmp_path / "out" / "variants.csv").exists()


def test_nothing_is_run_or_replaced_where_it_could_not_be_written(planted, saved, tmp_path, capsys):
    made, _ = planted
    folder, _ = saved
    vcf = tmp_path / "in.vcf"
    vcf.write_text(vcf_text(made, chrom="chrZ"))
    (tmp_path / "file").write_text("precious")
    command = ["variants", str(folder / "session"), "--vcf", str(vcf), "--quiet", "--trust-model"]
    for out, message in (("file", "got a file"), ("file/x", "a path through the file")):
        assert main([*command, "--out", str(tmp_path / out)]) == 2
        assert message in capsys.readouterr().err
    assert main([*command, "--out", ""]) == 2
    assert "--out: got nothing" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "precious"
    command += ["--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert "none is on chr7, but on chrZ" in capsys.readouterr().out
    assert main(command) == 2
    assert "a folder with variants" in capsys.readouterr().err
    assert main([*command, "--overwrite"]) == 0


def test_a_file_that_is_not_there_is_told_before_the_library_runs(saved, tmp_path, capsys):
    command = ["variants", "--vcf", str(tmp_path / "no.vcf"), "--out", str(tmp_path / "out")]
    assert main([*command, "--model", saved[1], "--sequence", "ACGT"]) == 2
    assert "no such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_batch_tells_of_a_bad_file_before_it_runs(saved, tmp_path, capsys):
    (tmp_path / "loci.bed").write_text("chr3\t50\t170\tone\n")
    (tmp_path / "genome.fa").write_text(">chr3\n" + "ACGT" * 60 + "\n")
    (tmp_path / "bad.vcf").write_text("hello\n")
    command = ["batch", str(tmp_path / "loci.bed"), "--genome", str(tmp_path / "genome.fa")]
    command += ["--model", saved[1], "--out", str(tmp_path / "b"), "--trust-model", "--vcf"]
    for name, message in (("bad.vcf", "another first line"), ("none.vcf", "no such file")):
        assert main([*command, str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
