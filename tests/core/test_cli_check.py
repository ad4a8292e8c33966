"""`seam check`."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.attributer.declared import Calls
from seam_core.cli import main
from seam_core.cli.check import _said as said_of
from seam_core.cli.configuration import config_from
from seam_core.cli.main import build_parser
from seam_core.experiments.expected import of_all
from seam_core.families import proposed
from seam_core.frameworks import load_oracle
from seam_core.oracles import FunctionOracle
from seam_core.parameters import AttributerParameters, ExperimenterParameters
from seam_core.pipeline import RunConfig
from seam_core.pipeline.estimate import seconds_per_map, tell_experiments
from seam_core.records import Library
from seam_core.registry import ATTRIBUTIONS, FAMILIES
from seam_core.sequences import encode, strings_to_indices

MODEL = "tests.core.test_oracles_library:"


def row(text, what):
    """What a row of the table says."""
    (said,) = re.findall(rf"^{re.escape(what)}: +(.+)$", text, re.M)
    return said


def test_a_model_that_answers(capsys):
    arguments = ["--length", "20", "--n-sequences", "5000"]
    assert main(["check", "--model", MODEL + "two_columns", "--column", "1", *arguments]) == 0
    text = capsys.readouterr().out
    assert row(text, "input") == "20 positions x 4 letters"
    assert row(text, "head 0 (output)") == "shape (2,)"
    assert row(text, "training mode").startswith("no")
    assert "for 5,000" in row(text, "ism")


def test_the_time_of_experiments_is_told_before_they_run(tmp_path, capsys):
    """From the seconds of a prediction, by the check and by a run."""
    asked = ["check", "--model", MODEL + "two_columns", "--column", "1", "--length", "20"]
    assert main(asked) == 0
    text = capsys.readouterr().out
    n = float(row(text, "experiments").split()[1].replace(",", ""))
    window, parameters = range(20), ExperimenterParameters()
    assert n == pytest.approx(of_all(4, window, parameters), rel=0.06)
    took = float(row(text, "predict").split()[0]) / 1e3
    said = row(text, "experiments").split(", ")[-1]
    assert said.endswith("s if asked call by call")
    assert float(said.split()[0]) == pytest.approx(n * took, rel=0.06)
    (tmp_path / "without.toml").write_text("[experimenter]\nexperiments = false\n")
    assert main([*asked, "--config", str(tmp_path / "without.toml")]) == 0
    assert "experiments" not in capsys.readouterr().out
    told = []
    progress = SimpleNamespace(update=None, tell=told.append)
    oracle, library = FunctionOracle(lambda x: x.sum((1, 2))), Library(np.zeros((2, 20), np.int8))
    tell_experiments(oracle, library, 4, window, parameters, progress)
    assert told[0].startswith(f"experiments: about {n:,.0f} predictions for 4 sites, ")


class Indifferent:
    """Its gradient is no number; mutagenesis does not ask for it."""

    def predict(self, x):
        return x[:, :, 0].sum(axis=1)

    def gradient(self, x):
        return self.predict(x), np.full_like(x, np.nan)


indifferent = Indifferent()


def test_no_gradient_is_asked_for_where_the_method_takes_none(capsys):
    asked = ["check", f"{__name__}:indifferent", "--length", "9"]
    assert main(asked) == 2
    assert "gradient: got NaN" in capsys.readouterr().err
    assert main([*asked, "--method", "ism"]) == 0
    said = capsys.readouterr().out
    assert "gradient" not in said
    assert row(said, "ism")  # and the length that was given is that of the maps
    assert main([*asked, "--method", "saliency"]) == 2


def test_the_model_may_stand_alone(capsys):
    model = f"{__name__}:divides_by_zero"
    for words in (["check", model, "--length", "9"], ["check", "--length", "9", model]):
        assert main(words) == 2
        assert "divides_by_zero raised ZeroDivisionError" in capsys.readouterr().err
    for words in (["check", "--model", model, "b.h5"], ["check", model, "--lenght", "9"]):
        with pytest.raises(SystemExit):
            main(words)
        assert "unrecognized arguments" in capsys.readouterr().err


def letters_first(x):
    """Of (n, 4, L)."""
    return x.reshape(len(x), 4, 9)[:, 0, :3].sum(axis=1) if x.shape[1:] == (4, 9) else 1 / 0


def test_a_model_that_runs_in_one_layout_is_checked_in_it(capsys):
    asked = ["check", f"{__name__}:letters_first", "--length", "9"]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert row(said, "asked with").startswith("--layout channels_first (proposed here")
    assert said.count("\ninput:") == said.count("\npredict:") == 1
    assert main([*asked, "--layout", "channels_first"]) == 0
    assert "asked with" not in capsys.readouterr().out
    assert main([*asked, "--layout", "N4L1"]) == 2  # what was said stays


def test_the_second_asking_has_what_the_first_left_of_the_time(monkeypatch, capsys):
    """By a clock that only the model moves, by a minute where it fails and a second elsewhere."""
    clock = [0.0]
    ticking = SimpleNamespace(perf_counter=lambda: clock[0])
    for name in ("check", "patience", "resident"):
        monkeypatch.setattr(f"seam_core.oracles.{name}.time", ticking)

    def slow_letters_first(x):
        clock[0] += 60.0 if x.shape[1:] != (4, 9) else 1.0
        return letters_first(x)

    monkeypatch.setitem(globals(), "slow_letters_first", slow_letters_first)
    asked = ["check", f"{__name__}:slow_letters_first", "--length", "9"]
    assert main(asked) == 0
    assert "training mode, the other strand" in row(capsys.readouterr().out, "not asked")
    assert main([*asked, "--layout", "channels_first"]) == 0
    assert "not asked" not in capsys.readouterr().out


def profile_of_letters_first(x):
    return x[:, :2] if x.shape[1:] == (4, 9) else 1 / 0


def nothing_of_letters_first(x):
    return x[:, 0, 0] * np.nan if x.shape[1:] == (4, 9) else 1 / 0


@pytest.mark.parametrize("of", [profile_of_letters_first, nothing_of_letters_first])
def test_what_fails_as_it_is_proposed_says_how_it_was_asked(of, capsys):
    assert main(["check", f"{__name__}:{of.__name__}", "--length", "9"]) == 2
    said = capsys.readouterr()
    assert row(said.out, "asked with").startswith("--layout channels_first (proposed here")
    message = "reduction: got none" if of is profile_of_letters_first else "finite numbers"
    assert re.search(rf"seam: asked with --layout channels_first: .*{message}", said.err)


def test_what_is_proposed_is_what_was_not_said():
    def options(family, *said, wrong="wrong"):
        question = proposed(family and FAMILIES.get(family), [wrong], said)
        return question and question.options()

    assert options("bpnet-lite") == "--layout channels_first --head 1"
    assert options("bpnet-lite", "head") == "--layout channels_first"
    assert options("bpnet-lite", "layout", "head") is None
    enformer = options("enformer", "column")  # which its first question leaves to the user
    assert "--head human --reduction sum --bins 446:450" in enformer
    assert "--head" not in options("enformer", "column", "bins")
    assert "import" not in options("crested-long")  # which runs code
    assert options("saluki") is None  # a file of the user's
    assert options(None, wrong="it runs with --layout flat or --layout flat_first") is None
    asked = ["check", "--model", "model.pt", "--head", "0"]
    given = build_parser().parse_args(asked)
    assert said_of(given, config_from(given).oracle) >= {"head"}  # though it is the usual one


def test_a_sequence_gives_the_length(capsys):
    assert main(["check", "--model", MODEL + "count_first_letter", "--sequence", "AACCA"]) == 0
    text = capsys.readouterr().out
    assert row(text, "input").startswith("5 positions")
    assert row(text, "predictions").startswith("3, ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", MODEL + "two_columns", "--column", "2", "--length", "9"], "column"),
        (
            ["--model", MODEL + "two_columns", "--column", "foo", "--length", "9"],
            "column: got 'foo'",
        ),
        (["--model", MODEL + "profile", "--length", "9"], "reduction: got none"),
        (["--model", MODEL + "profile"], "length: got nothing"),
        (["--model", MODEL + "count_first_letter", "--length", "-5"], "length: got -5"),
        (["--model", MODEL + "count_first_letter", "--length", "0"], "length: got 0"),
        (["--model", MODEL + "count_first_letter", "--length", "9" * 9], "a value from 1 to"),
        (["--model", MODEL + "nothing"], "no 'nothing'"),
        ([], "model: got nothing"),
    ],
)
def test_a_model_that_does_not_is_one_line(capsys, arguments, message):
    assert main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_a_model_that_fails_says_so_once(capsys):
    assert main(["check", "--model", f"{__name__}:divides_by_zero", "--length", "9"]) == 2
    said = capsys.readouterr()
    assert "ZeroDivisionError" not in said.out
    assert said.err.count("ZeroDivisionError") == 1
    assert said.err.count("\n") == 1


def test_the_time_of_the_maps_is_estimated_by_making_some(capsys):
    arguments = ["--model", MODEL + "count_first_letter", "--sequence", "AACCA" * 4]
    assert main(["check", *arguments, "--method", "ism", "--n-sequences", "5000"]) == 0
    said = row(capsys.readouterr().out, "ism")
    assert re.fullmatch(r"\S+ ms a map, about .+ for 5,000; \S+ [MG]B, 6553 at once", said)
    assert main(["check", *arguments, "--method", "saliency"]) == 2
    assert "gradient" in capsys.readouterr().err


def test_the_estimate_is_the_time_that_the_model_takes(monkeypatch):
    """A model that takes 10 ms a sequence, by a clock that only it moves."""
    clock = [0.0]

    def slow(one_hot):
        clock[0] += 0.01 * len(one_hot)
        return one_hot[:, :, 0].sum(axis=1)

    ticking = SimpleNamespace(perf_counter=lambda: clock[0])
    monkeypatch.setattr("seam_core.pipeline.estimate.time", ticking)
    monkeypatch.setattr("seam_core.pipeline.estimate.PATIENCE_S", 1e3)
    config = RunConfig(attributer=AttributerParameters(method="ism"))
    reference = np.zeros(30, dtype=np.int8)
    found = seconds_per_map(config, FunctionOracle(slow, length=30), reference)
    # 90 mutants and the sequence itself, less the few that two sequences have in common
    assert 0.8 < found <= 0.91


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("saliency", Calls(gradients=1)),
        ("intgrad", Calls(gradients=21)),
        ("smoothgrad", Calls(gradients=20)),
        ("ism", Calls(predictions=19)),
    ],
)
def test_a_method_asks_no_more_than_it_says(method, said):
    asked = {"predictions": 0, "gradients": 0}

    def predict(x):
        asked["predictions"] += len(x)
        return x[:, :, 0].sum(axis=1)

    def gradient(x):
        asked["gradients"] += len(x)
        return x[:, :, 0].sum(axis=1), np.repeat([[[1.0, 0, 0, 0]]], 6, 1).repeat(len(x), 0)

    oracle = FunctionOracle(predict, length=6, gradient=gradient)
    parameters = AttributerParameters(method=method)
    assert ATTRIBUTIONS.get(method).calls(parameters, 6, 4) == said
    library = Library(np.random.default_rng(0).integers(0, 4, (50, 6)).astype(np.int8))
    Attributer(oracle, parameters).run(library)
    for kind, each in vars(said).items():
        if each:  # besides the checks of its answers, once a model
            assert 0.8 * 50 * each <= asked[kind] <= 50 * each + 8


def test_the_time_by_method_is_told(capsys):
    assert main(["check", "--model", MODEL + "count_first_letter", "--length", "20"]) == 0
    text = capsys.readouterr().out
    said = r"61 predictions, \S+ m?s a map, .+ for 10,000; \S+ [MG]B, 6553 at once"
    assert re.fullmatch(said, row(text, "ism"))
    assert row(text, "deepshap") == "needs a gradient"


def sorts():
    torch = pytest.importorskip("torch")

    class Sorts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = torch.nn.Conv1d(4, 3, 5)

        def forward(self, x):
            return torch.topk(self.convolution(x), 3, dim=-1).values.mean((1, 2))

    return Sorts()


def test_a_method_that_refuses_the_model_says_so_in_the_check(capsys):
    model = ["--model", f"{__file__}:sorts", "--layout", "channels_first"]
    assert main(["check", *model, "--length", "20"]) == 0
    text = capsys.readouterr().out
    assert row(text, "saliency").startswith("1 gradient, ")
    line = row(text, "deepshap").removeprefix("refused: method: got ")
    assert "operation topk" in line
    assert main(["check", *model, "--length", "20", "--method", "deepshap"]) == 2
    assert line in capsys.readouterr().err


def test_a_published_model_is_looked_up_by_its_name(capsys):
    assert main(["check", "--model", "deepstarr", "--length", "249"]) in (0, 2)
    assert "no such file" not in capsys.readouterr().err


def divides_by_zero(one_hot):
    return 1 / 0


def test_columns_of_a_table_that_is_the_model_are_named_as_on_import(tmp_path, capsys):
    rows = "oligo,log2fc,other\nACGTACGT,1.5,3\nACGTACGA,2.5,4\n"
    (tmp_path / "m.csv").write_text(rows)
    given = ["check", "--model", str(tmp_path / "m.csv")]
    assert main(given) == 2
    assert "--column Sequence=oligo --column Activity=log2fc" in capsys.readouterr().err
    named = [*given, "--column", "Sequence=oligo", "--column", "Activity=log2fc"]
    oracle = load_oracle(config_from(build_parser().parse_args(named)).oracle)
    np.testing.assert_array_equal(oracle.predict(encode(strings_to_indices(["ACGTACGA"]))), [2.5])
    with pytest.raises(SystemExit, match="2"):
        main([*given, "--column", "Oligo=oligo"])
    assert "expected Sequence=NAME or Activity=NAME" in capsys.readouterr().err


def test_a_measured_table_is_asked_what_it_holds(tmp_path, capsys):
    (tmp_path / "m.csv").write_text("Sequence,Activity\nAC,1\nAG,2\nCC,3\n")
    given = ["check", "--model", str(tmp_path / "m.csv")]
    assert main(given) == 0
    assert row(capsys.readouterr().out, "predictions") == "1, 3"
    assert main([*given, "--sequence", "AG"]) == 0
    assert main([*given, "--sequence", "TT"]) == 2
    assert "lacks 1 of the sequences asked for: TT" in capsys.readouterr().err
