"""`seam check`."""

import pytest

from seam_core.cli import main

MODEL = "tests.core.test_oracles_library:"


def test_a_model_that_answers(capsys):
    arguments = ["--length", "20", "--n-sequences", "5000"]
    assert main(["check", "--model", MODEL + "two_columns", "--column", "1", *arguments]) == 0
    text = capsys.readouterr().out
    assert "input: 20 positions x 4 letters" in text
    assert "head 0 (output): shape (2,)" in text
    assert "for 5,000" in text


def test_a_sequence_gives_the_length(capsys):
    assert main(["check", "--model", MODEL + "count_first_letter", "--sequence", "AACCA"]) == 0
    text = capsys.readouterr().out
    assert "input: 5 positions" in text
    assert "predictions: 3, " in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", MODEL + "two_columns", "--column", "2", "--length", "9"], "column"),
        (["--model", MODEL + "profile", "--length", "9"], "reduction: got none"),
        (["--model", MODEL + "profile"], "length: got nothing"),
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


def divides_by_zero(one_hot):
    return 1 / 0
