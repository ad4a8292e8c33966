"""Options that would do nothing beside the others are refused, with what they do nothing with."""

from __future__ import annotations

import shlex

import pytest

from seam_core.cli import idle, main
from seam_core.cli.main import build_parser
from seam_core.parameters import AttributerParameters, ClustererParameters, in_use
from seam_core.registry import FAMILIES
from seam_core.stages import PARTS
from tests.core.test_pipeline import ORACLE, REFERENCE

LOCAL = [f"--sequence={REFERENCE}"]
GLOBAL = ["--library=global", "--pattern=TGACTCA"]
TABLE = ["--sequence=ACGT", "--method=ism"]


@pytest.fixture
def network(tmp_path):
    (tmp_path / "idle_oracle.py").write_text(ORACLE)
    return f"--model={tmp_path / 'idle_oracle.py'}:planted"


def refusal(capsys, *arguments) -> str:
    assert main([str(argument) for argument in arguments]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("others", "option", "message"),
    [
        (LOCAL, "--intgrad-steps=30", "--method saliency; expected --method intgrad"),
        (LOCAL, "--graph-neighbors=9", "--embedding umap and --clustering ward; expected"),
        ([*LOCAL, "--embedding=none"], "--n-components=3", "--embedding none; expected another"),
        (LOCAL, "--measured-column=y", "a model that is no table; expected a table"),
        (LOCAL, "--odd-letters=drop", "a model that is no table; expected a table"),
        (LOCAL, "--bin-width=128", "no --bins; expected --bins"),
        (LOCAL, "--record=two", "letters; expected a FASTA file as --sequence"),
        (LOCAL, "--map-flank=3", "--library local; expected --library global"),
        (LOCAL, "--no-background-effect", "--library local; expected --library global"),
        (LOCAL, "--context-start=3", "no --context; expected --context"),
        ([*LOCAL, "--cut-height=2"], "--n-clusters=5", "--cut-height; expected one of them"),
        ([*LOCAL, "--n-sites=2"], "--site-cut-height=1", "--n-sites; expected one of them"),
        ([*LOCAL, "--n-sites=2"], "--site-min-length=4", "--n-sites 2; expected"),
        ([*LOCAL, "--no-experiments"], "--no-missed-sites", "--no-experiments; expected"),
        (GLOBAL, "--pattern-stop=9", "--pattern TGACTCA; expected no --pattern"),
        ([*GLOBAL, *LOCAL], "--sequence-length=90", "--sequence; expected no --sequence"),
        (LOCAL, "--wait=9", "without --scheduler"),
    ],
)  # fmt: skip
def test_an_option_of_a_run_that_does_nothing(network, tmp_path, capsys, others, option, message):
    said = refusal(capsys, "run", network, *others, option, "--out", tmp_path / "out")
    assert f"seam: {option.split('=')[0]}: got" in said
    assert message in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("family", FAMILIES.names())
def test_the_command_of_every_family_is_taken(network, capsys, family):
    """It comes as far as the model, which is another one here."""
    options = [each.options() for each in FAMILIES.get(family).questions]
    for given in options:
        words = shlex.split(given.replace("'?'", "0").replace("--import crested.tl.zoo", ""))
        assert main(["check", network, *words]) in (0, 2)
        assert "does nothing" not in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--column=0", "--reduction=sum", "--layout=N4L", "--head=1"])
def test_a_table_takes_no_option_of_networks(tmp_path, capsys, option):
    (tmp_path / "t.csv").write_text("Sequence,y\nACGT,1\nACGA,2\n")
    model = f"--model={tmp_path / 't.csv'}"
    said = refusal(capsys, "run", model, *TABLE, option, "--out", tmp_path / "out")
    assert "does nothing with a table of measurements" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("recipes --title=T", "--title: got T, which does nothing without --save"),
        ("recipes --show=local_sites --save=S", "--save: got S, which does nothing with --show"),
        ("report S --motifs=M --organism=fly", "--organism: got fly, which does nothing with"),
        ("export S --list --out=F", "--out: got F, which does nothing with --list"),
        ("reprogram S --out=D --mechanism=3 --nearest=4", "--nearest: got 4, which does nothing"),
        ("design S --out=D --mechanism=3 --barcode-distance=4", "without --barcode-length"),
        ("design S --out=D --mechanism=3 --source=library --effort=9", "--source library"),
        ("variants S --vcf=V --out=D --mutation-rate=0.2", "does nothing with SESSION"),
        ("variants S --vcf=V --out=D --record=R", "--record: got R, which does nothing with"),
        ("variants S --vcf=V --out=D --motifs=M --taxa=insects", "nothing with --motifs"),
        ("batch --collect=D --genome=G", "--genome: got G, which does nothing with --collect"),
        ("batch --collect=D --method=ism", "does nothing with --collect"),
        ("batch L --out=D --scheduler=tcp://a:1 --workers=2", "nothing with --scheduler"),
        ("batch L --out=D --config=C --workers=2", "2, which does nothing with scheduler in C"),
        ("batch L --out=D --config=E --wait=2", "2.0, which does nothing without --scheduler"),
        ("run --out=D --config=C --wait=2", "2.0, which does nothing without --scheduler"),
        ("check --model=a.keras --ism-score=log2fc", "does nothing with --method saliency"),
        ("export S --list --rows=all", "--rows: got all, which does nothing with --list"),
        ("demo eve_hk --seed=3", "--seed: got 3, which does nothing with eve_hk"),
    ],
)
def test_an_option_of_a_command_that_does_nothing(
    tmp_path, capsys, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "V").write_text("chrom,pos,ref,alt\n")
    (tmp_path / "C").write_text('[batch]\nscheduler = "tcp://a:1"\n')
    (tmp_path / "E").write_text('[batch]\nscheduler = ""\n')
    assert message in refusal(capsys, *arguments.split())


def test_a_run_on_a_session_takes_no_other_model_nor_sequence(network, tmp_path, capsys):
    fast = ["--method=ism", "--embedding=pca", "--n-clusters=5", "--n-sequences=200", "--quiet"]
    alone = ["--stages=mutagenizer,attributer,compiler,clusterer,meta_explainer"]
    main(["run", network, *LOCAL, *fast, *alone, "--out", str(tmp_path / "s")])
    again = ["run", "--session", tmp_path / "s", "--out", tmp_path / "t", "--stages=identifier"]
    for option in (network, *LOCAL, "--name=N", "--locus=chr1:1-9"):
        assert "does nothing with --stages identifier" in refusal(capsys, *again, option)


def test_what_a_stage_uses_follows_methods_and_what_hangs_on_them():
    assert "intgrad_steps" not in in_use(AttributerParameters(method="saliency"))
    assert "intgrad_steps" in in_use(AttributerParameters(method="intgrad"))
    assert "graph_neighbors" in in_use(ClustererParameters(clustering="leiden"))
    assert "graph_neighbors" in in_use(ClustererParameters(embedding="phate"))
    assert "graph_neighbors" not in in_use(ClustererParameters(embedding="pca"))


def test_the_tables_name_options_that_there_are():
    commands = next(each for each in build_parser()._actions if each.dest == "command").choices
    of = {name: {each.dest for each in command._actions} for name, command in commands.items()}
    for rule in idle._RULES:
        assert set(rule.options) <= of["run"]
    for command, options, relation, other in idle._PAIRS:
        assert {*options, other} <= of[command]
        assert relation in (idle.WITH, idle.WITHOUT)
    assert set(PARTS) - {"oracle"} == set(idle.STAGE_NAMES)
