"""Models that go wrong in odd ways: one message of the command each, and no traceback."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

from seam_core.cli import main


def count(x):
    return x[:, :, 0].sum(axis=1)


def lacks_memory(x):
    if len(x) > 2:
        raise MemoryError("Unable to allocate 93 GiB")
    return count(x)


def steers_the_terminal(x):
    raise ValueError("\x1b[31mred \u202e turned")


class Panic(BaseException):
    """As packages in Rust raise it."""


def panics(x):
    raise Panic("unreachable code")


def ends_the_program(x):
    sys.exit(3)


def is_stopped(x):
    raise KeyboardInterrupt


def answers_nothing(x):
    return None


def goes_wrong_later(x):
    return np.where(np.arange(len(x)) > 20, np.nan, count(x))


def fails_in_a_thread(x):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    return count(x)


@pytest.mark.parametrize(
    ("model", "code", "message"),
    [
        ("lacks_memory", 2, "not enough memory for "),
        ("steers_the_terminal", 2, r"ValueError: \x1b[31mred \u202e turned"),
        ("panics", 1, "something unforeseen: Panic: unreachable code"),
        ("ends_the_program", 2, "SystemExit: 3"),
        ("is_stopped", 130, "stopped; nothing is left half written"),
        ("answers_nothing", 2, "prediction: got object of shape ()"),
        ("goes_wrong_later", 2, "prediction: got nan "),
        ("fails_in_a_thread", 0, "a thread raised ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_in_a_model_is_one_line(model, code, message, tmp_path, capsys):
    asked = ["--model", f"{__file__}:{model}", "--sequence", "ACGTTGCATT" * 3, "--method", "ism"]
    maps = ["--stages", "mutagenizer,attributer", "--n-sequences", "60", "--quiet"]
    for command in (["check", *asked], ["run", *asked, *maps, "--out", str(tmp_path / "out")]):
        if (command[0], model) == ("check", "goes_wrong_later"):
            continue  # two sequences are asked about
        assert main(command) == code
        said = capsys.readouterr().err.strip()
        assert message in said
        assert said.count("\n") == 0
