"""Models that are odd in one thing each: run right, or refused in one message with the way on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seam_core.attributer.ism import WholeMutants, mutant_predictor
from seam_core.cli import main
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import FunctionOracle, check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.strands import BothStrands
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

LENGTH = 40


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 5)
        self.out = nn.Linear(6, 3)

    def forward(self, x):
        return self.out(torch.tanh(self.conv(x)).mean(-1))


class LooksUp(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(4, 6)
        self.out = nn.Linear(6, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.table(x.long())).mean(1))


class MakesOneHot(Plain):  # runs with flattened letters too, and means nothing then
    def forward(self, x):
        return super().forward(nn.functional.one_hot(x.long(), 4).float().movedim(-1, 1))


class TasksFirst(Plain):
    def forward(self, x):
        return super().forward(x).T


class Ends(Plain):
    def forward(self, x):
        raise SystemExit(3)


class Writes(Plain):
    def forward(self, x):
        x.mul_(2)
        return super().forward(x)


class Wide(Plain):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 301)


class OfEnds(nn.Module):  # of the last axis
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(4, 1)

    def forward(self, x):
        return torch.tanh(self.line(x)).mean((1, 2))


def made(kind, layout="channels_first", **options):
    torch.manual_seed(5)
    return TorchOracle(kind(), adapter=Adapter(layout=layout), **options)


@pytest.fixture(scope="module")
def inputs():
    return one_hot(random_letters(4, LENGTH))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (LooksUp, "looks letters up by their index; expected --layout tokens$"),
        (lambda: torch.jit.script(LooksUp()), "expected --layout tokens$"),
        (MakesOneHot, "it runs with --layout tokens$"),
        (TasksFirst, r"of shape \(3, 4\) for 4 sequences"),
        (Ends, "raised SystemExit: 3"),
        (Wide, "it runs with 1024 letters: --length"),
        (OfEnds, "it runs with --layout channels_last$"),
    ],
)
def test_a_module_that_takes_something_else_is_told_so(inputs, kind, said):
    with pytest.raises((InputError, OracleError), match=said):
        made(kind).predict(inputs)


def test_tokens_are_what_the_module_makes_of_letters(inputs):
    oracle = made(LooksUp, layout="tokens")
    with torch.no_grad():
        own = oracle.module(torch.tensor(inputs).argmax(-1))[:, 0].numpy()
    np.testing.assert_allclose(oracle.predict(inputs), own, rtol=1e-6)


def test_a_module_that_writes_into_its_input_has_its_gradient(inputs):
    oracle = made(Writes)
    tensor = torch.tensor(inputs).requires_grad_(True)
    Plain.forward(oracle.module, tensor.movedim(1, 2) * 2)[:, 0].sum().backward()
    np.testing.assert_allclose(oracle.gradient(inputs)[1], tensor.grad.numpy(), atol=1e-6)


def test_code_that_ends_the_program_is_one_message(tmp_path, capsys):
    (tmp_path / "train.py").write_text("import sys\nsys.exit('usage: train.py DATA')\n")
    assert main(["check", "--model", f"{tmp_path}/train.py:Net", "--length", "9"]) == 2
    assert "SystemExit: usage: train.py DATA" in capsys.readouterr().err

    def ends(x):
        raise SystemExit

    with pytest.raises(OracleError, match="raised SystemExit"):
        FunctionOracle(ends).predict(np.zeros((2, 9, 4), np.float32))


class Saturated(Plain):
    def forward(self, x):
        return torch.sigmoid(super().forward(x) + 80)[:, :1]


@pytest.mark.parametrize(
    ("reduction", "said", "unsaid"),
    [("none", "--reduction logit", "last digit"), ("logit", "last digit", "--reduction logit")],
)
def test_what_is_advised_is_not_what_is_asked_already(reduction, said, unsaid):
    check = check_oracle(made(Saturated, reduction=reduction), length=LENGTH)
    words = " ".join(check.lines())
    assert said in words
    assert unsaid not in words


def test_mutants_of_both_strands_are_those_of_whole_sequences():
    one = made(Plain, column=1)
    one.length = LENGTH
    both = BothStrands(one, "ACGT")
    letters = random_letters(3, LENGTH)
    channels = np.eye(4, dtype=np.float32)
    rows, positions = np.array([0, 2, 1, 2]), np.array([0, 17, LENGTH - 1, 20])
    put = (letters[rows, positions] + np.array([1, 2, 3, 1])) % 4
    predictors = [mutant_predictor(both, LENGTH, channels), WholeMutants(both, LENGTH, channels)]
    assert predictors[0].is_shortcut
    answers = []
    for each in predictors:
        own = each.start(letters, np.ones(3, bool))
        answers.append([own, each.mutants(rows, positions, put, lambda share: None)])
    np.testing.assert_allclose(answers[0][0], answers[1][0], atol=1e-6)
    np.testing.assert_allclose(answers[0][1], answers[1][1], atol=1e-6)
    assert np.ptp(answers[1][1] - answers[1][0][rows]) > 1e-4
